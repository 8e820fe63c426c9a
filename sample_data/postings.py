"""What people mean to pay, as columns, and the journal that keeps it until its day comes."""

from __future__ import annotations

from typing import Any

import numpy as np

from flows.payments import CHANNELS
from sample_data.clock import DAY

CHANNEL = {name: number for number, name in enumerate(CHANNELS)}
PURPOSES = (None, "SALA", "PENS", "SSBE", "RENT", "TAXS", "VATX", "SAVG", "LOAN", "GOVT", "SUPP", "CHAR")
PURPOSE = {name: number for number, name in enumerate(PURPOSES)}
EVENT, BATCH, DATE_ONLY = range(3)

# Column, type and what it is when nothing is said.
COLUMNS: dict[str, tuple[type, int]] = {
    "at": (np.int64, 0),  # UTC seconds
    "payer": (np.int32, 0),
    "payee": (np.int32, 0),
    "amount": (np.int64, 0),  # cents of the bank's currency
    "channel": (np.int8, 0),
    "place": (np.int32, -1),  # row of Places
    "purpose": (np.int8, 0),
    "words": (np.int16, 0),  # row of the journal's phrases
    "number": (np.int32, -1),  # follows the words, as an invoice's does
    "quality": (np.int8, EVENT),
    # Who is at the machine, holds the telephone, or whom the wage or benefit is for; the holder unless said.
    "person": (np.int32, -1),
    "story": (np.int32, -1),
    "leg": (np.int8, 0),
    # With `keep` the amount is at most what leaves so much on the account, in whole steps, and not below `least`.
    "keep": (np.int64, -1),
    "step": (np.int32, 1),
    "least": (np.int64, 1),
    "reverses": (np.int64, -1),  # serial number of the payment that is undone
    "zone": (np.int8, 0),
}


def postings(count: int, **columns: Any) -> dict[str, np.ndarray]:
    """Lay columns out to full length; a single value counts for all rows, a column left out has its usual value.

    Examples
    --------
    >>> postings(2, payer=3, amount=[500, 700])["payer"].tolist()
    [3, 3]
    """
    laid: dict[str, np.ndarray] = {}
    for name, (kind, usual) in COLUMNS.items():
        given = columns.pop(name, usual)
        laid[name] = np.array(np.broadcast_to(np.asarray(given).astype(kind, copy=False), (count,)))
    if columns:
        raise TypeError(f"no columns of a payment: {sorted(columns)}")
    return laid


class Journal:
    """Payments that are meant and not yet due.

    Whoever plans ahead posts here; each day the ledger takes out what lies before its end. What is kept is bounded by
    how far people plan ahead, a month at most, and not by how long the bank runs.
    """

    def __init__(self) -> None:
        self._waiting: list[dict[str, np.ndarray]] = []
        self._settled_until = -(1 << 62)
        self.phrases: list[str | None] = [None]
        self._phrase_rows: dict[str, int] = {}

    def words(self, phrase: str | None) -> int:
        """Give the row of a phrase, kept once."""
        if phrase is None:
            return 0
        if phrase not in self._phrase_rows:
            self._phrase_rows[phrase] = len(self.phrases)
            self.phrases.append(phrase)
        return self._phrase_rows[phrase]

    def post(self, count: int, **columns: Any) -> None:
        """Write payments down; payments of nothing, and of an account to itself, are left out."""
        if count:
            self.post_laid(postings(count, **columns))

    def post_laid(self, laid: dict[str, np.ndarray]) -> None:
        """Write down payments whose columns are complete."""
        wanted = (laid["amount"] > 0) & (laid["payer"] != laid["payee"]) & (laid["payer"] >= 0) & (laid["payee"] >= 0)
        if not wanted.any():
            return
        if not wanted.all():
            laid = {name: column[wanted] for name, column in laid.items()}
        # What comes too late for its day, as an early hour far to the east does, waits for that hour tomorrow.
        missed = self._settled_until - laid["at"]
        laid["at"] = np.where(missed > 0, laid["at"] + -(-missed // DAY) * DAY, laid["at"])
        self._waiting.append(laid)

    def taken(self, before: int) -> dict[str, np.ndarray]:
        """Take out what is due before a moment, in order of time and, within a second, of writing."""
        self._settled_until = before
        due, later = [], []
        for laid in self._waiting:
            mask = laid["at"] < before
            if mask.all():
                due.append(laid)
                continue
            if mask.any():
                due.append({name: column[mask] for name, column in laid.items()})
            later.append({name: column[~mask] for name, column in laid.items()})
        # Few large batches rather than many small ones; sorted so that far days are not touched every day.
        self._waiting = _by_week(later) if len(later) > 64 else later
        if not due:
            return postings(0)
        joined = {name: np.concatenate([laid[name] for laid in due]) for name in COLUMNS}
        order = np.argsort(joined["at"], kind="stable")
        return {name: column[order] for name, column in joined.items()}


def _by_week(batches: list[dict[str, np.ndarray]]) -> list[dict[str, np.ndarray]]:
    """Join batches and lay them in one for each week, keeping the order of writing within each."""
    joined = {name: np.concatenate([laid[name] for laid in batches]) for name in COLUMNS}
    week = joined["at"] // (7 * DAY)
    return [{name: column[week == one] for name, column in joined.items()} for one in np.unique(week)]
