"""What recurs by itself: wages, benefits, pensions, rent, bills, savings plans, family pots, loans, subscriptions."""

from __future__ import annotations

from typing import Any

import numpy as np

from sample_data.chance import stream
from sample_data.clock import HOUR_NAMES, Clock, hours_drawn
from sample_data.postings import BATCH, Journal, postings

WEEKLY, PLAIN, SETTLING = range(3)
"""By weekday (0 to 6); by day of the month whatever day that is; by day of the month, or the working day after it."""


class Standing:
    """A table of standing arrangements, asked each day for what is due.

    Parameters
    ----------
    clock : Clock
        The calendar.
    seed : int
        Decides hours and small differences of amounts.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock, self._seed = clock, seed
        self._added: list[dict[str, np.ndarray]] = []
        self._table: dict[str, np.ndarray] = {}
        self._starts = np.zeros(0, dtype=np.int64)

    def add(
        self,
        count: int,
        rule: int,
        day: np.ndarray | int,
        *,
        hours: str,
        differs: float = 0.0,
        months: int = 1,
        share: float = 1.0,
        first: np.ndarray | int = -1,
        last: np.ndarray | int = 1 << 30,
        **columns: Any,
    ) -> None:
        """Add arrangements.

        Parameters
        ----------
        count : int
            How many rows.
        rule : int
            `WEEKLY`, `PLAIN` or `SETTLING`.
        day : int or array
            The weekday, or the day of the month from 1 to 28.
        hours : str
            Rhythm of the day, a name of `clock.HOURS`.
        differs : float
            Spread of the amount from time to time, as a share.
        months : int
            Every so many months.
        share : float
            Share of the times at which it happens at all.
        first, last : int or array
            Days between which it runs.
        **columns
            Columns of `postings`.
        """
        if not count:
            return
        rows = postings(count, quality=BATCH if hours == "batch" else 0, **columns)
        rows["key"] = np.broadcast_to(rule * 32 + np.asarray(day, dtype=np.int64), (count,)).astype(np.int16)
        settings = {"hours": HOUR_NAMES.index(hours), "differs": differs, "months": months, "share": share}
        for name, value in settings.items():
            rows[name] = np.full(count, value, dtype=np.float32 if isinstance(value, float) else np.int8)
        rows["first"] = np.broadcast_to(np.asarray(first, dtype=np.int64), (count,))
        rows["last"] = np.broadcast_to(np.asarray(last, dtype=np.int64), (count,))
        self._added.append(rows)

    def freeze(self) -> None:
        """Sort the table by when rows are due; nothing is added after."""
        if not self._added:
            return
        table = {name: np.concatenate([rows[name] for rows in self._added]) for name in self._added[0]}
        order = np.argsort(table["key"], kind="stable")
        self._table = {name: column[order] for name, column in table.items() if name != "at"}
        self._starts = np.searchsorted(self._table["key"], np.arange(97))
        self._added = []

    def post_due(self, journal: Journal, day: int) -> None:
        """Post what is due on a day."""
        if not self._table:
            return
        on = self._clock.date_of(day)
        keys = [WEEKLY * 32 + on.weekday(), PLAIN * 32 + on.day, *(SETTLING * 32 + one for one in self._clock.due(day))]
        rows = np.concatenate([np.arange(self._starts[key], self._starts[key + 1]) for key in keys])
        if not len(rows):
            return
        rng = stream(self._seed, "standing", day)
        table = self._table
        month = on.year * 12 + on.month
        runs = (
            (table["first"][rows] <= day) & (day < table["last"][rows]) & (rng.random(len(rows)) < table["share"][rows])
        )
        # Rows of the quarter are spread over its months by who pays.
        runs &= (month + table["payer"][rows]) % table["months"][rows] == 0
        rows = rows[runs]
        laid = {name: table[name][rows] for name in postings(0) if name != "at"}
        factor = 1 + rng.normal(0, 1, len(rows)) * table["differs"][rows]
        differs = table["differs"][rows] > 0
        laid["amount"] = np.where(differs, (laid["amount"] * np.maximum(factor, 0.3)).astype(np.int64), laid["amount"])
        laid["at"] = self._clock.moment(day, hours_drawn(rng, table["hours"][rows].astype(np.int64), len(rows)))
        journal.post_laid(laid)
