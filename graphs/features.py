"""One row of numbers per account: what its payments look like as of a day.

The numbers are facts about money, each with its unit and the reason it is looked at (`graphs.feature_columns`). Nothing
after the as-of date counts, and nothing about the holder is an input; who is compared with whom is said by
`detectors.peers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.window import Window
from graphs.feature_columns import COLUMNS, Column
from graphs.measures import Measures
from graphs.temporal import temporal_graph

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Features:
    """A table of accounts by features.

    Parameters
    ----------
    accounts : tuple of str, length (accounts,)
        The bank's own accounts that paid or were paid, sorted. Nodes with an outside prefix are no rows.
    columns : tuple of Column, length (features,)
        What each column is.
    values : ndarray of float64, shape (accounts, features)
        NaN where a feature cannot be computed for an account; read only.
    as_of : datetime.date
        The last booking date that counts.
    currencies : tuple of str, length (accounts,)
        The currency most payments of the account are in (the first of the alphabet where that is a tie). Features in
        money look only at payments in it: there is no rate table, and amounts of several currencies do not add up.
    scale : dict of str to int
        Minor units that count as 1 in columns of unit ``"amount"``, per currency: the median payment in it. Give
        the scale of a reference period to the tables that are to be compared with it.
    """

    accounts: tuple[str, ...]
    columns: tuple[Column, ...]
    values: Floats
    as_of: date
    currencies: tuple[str, ...]
    scale: Mapping[str, int]
    days: int

    def __post_init__(self) -> None:
        self.values.setflags(write=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Floats:
        """Give one column by name."""
        return self.values[:, self.names.index(name)]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row number by account."""
        return {account: row for row, account in enumerate(self.accounts)}

    def of(self, rows: NDArray[Any]) -> Features:
        """Give the table with only these rows, in this order."""
        return replace(
            self,
            accounts=tuple(self.accounts[row] for row in rows),
            values=self.values[rows],
            currencies=tuple(self.currencies[row] for row in rows),
        )


def account_features(
    window: Window, as_of: date | None = None, *, back: timedelta | None = None, scale: Mapping[str, int] | None = None
) -> Features:
    """Measure all accounts at once.

    Parameters
    ----------
    window : Window
        Payments sorted by time and id, as every window has them.
    as_of : datetime.date, optional
        The last booking date that counts; the window's own unless given, else its last booking date.
    back : timedelta, optional
        How long before the end of that day payments count; all of them unless given.
    scale : mapping of str to int, optional
        The `Features.scale` of a table to compare with. A currency that is not in it gets its own median.

    Returns
    -------
    Features
        One row per own account with a payment to or from another account.

    Notes
    -----
    Sorts the payments a few times: O(n log n) in time, about 40 numbers per payment in memory. Sums are taken over
    integers, and floats are made last, so the order of the rows of the window cannot change a bit.
    Payments from an account to itself are not counted. "Strictly later" decides what money can have been passed on, so
    where only dates are known, money passed on the same day is not seen. Night and weekend are measured only where
    the bank gave the time of the event. The scale is causal too: a median of the payments that count.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> table = account_features(
    ...     whole(
    ...         payments_from_arrows('''
    ...     day 0 09:00  ext:anna -> shop  40.00 EUR sct
    ...     day 0 10:00  ext:bela -> shop  60.00 EUR sct
    ...     day 1 09:00  shop -> cash:atm  90.00 EUR atm_wd''')
    ...     )
    ... )
    >>> table.accounts, table.column("payers"), table.column("passed_on_1d")
    (('shop',), array([2.]), array([0.9]))
    """
    last_day = as_of or window.as_of or _last_day(window.payments)
    piece = counting(window, last_day, back)
    measures = Measures(temporal_graph(piece), piece.payments, last_day, scale or {})
    names = measures.graph.names.to_pylist()
    rows = sorted((names[node], node) for node in np.flatnonzero(measures.own & (measures.legs > 0)).tolist())
    nodes = np.array([node for _, node in rows], dtype=np.int64)
    measured = measures.by_name()
    units = measures.main_unit[nodes].tolist()
    return Features(
        accounts=tuple(name for name, _ in rows),
        columns=COLUMNS,
        values=np.column_stack([measured[column.name][nodes] for column in COLUMNS]),
        as_of=last_day,
        currencies=tuple(measures.graph.currencies[unit] for unit in units),
        scale=measures.scale,
        days=measures.days,
    )


def counting(window: Window, last_day: date, back: timedelta | None = None) -> Window:
    """Keep the payments that count on a day: none later, and none longer ago than `back`."""
    payments = window.payments
    end = datetime.combine(last_day + timedelta(days=1), time(), UTC)
    counts = pc.and_(pc.less_equal(payments["booked_on"], last_day), pc.less(payments["at"], pa.scalar(end)))
    if back is not None:
        counts = pc.and_(counts, pc.greater_equal(payments["at"], pa.scalar(end - back)))
    # Most runs look at everything: the window's own graph is then used, which other views share.
    if pc.all(counts).as_py() is not False:
        return window
    return replace(window, payments=payments.filter(counts), _memo={})


def _last_day(payments: pa.Table) -> date:
    return pc.max(payments["booked_on"]).as_py() or date(1970, 1, 1)
