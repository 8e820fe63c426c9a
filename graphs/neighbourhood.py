"""The neighbourhood of an account, straight from a ledger: where an investigation begins.

`graphs.views.ego` does the walking; this says over which days, with the hubs of the whole ledger, so that one line in a
notebook gives a case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from flows.errors import InputError
from flows.given import day_given
from flows.ledger import Ledger
from flows.window import Window, times
from graphs.hubs import labelled
from graphs.views import Direction, PaymentGraph, ego


def neighbourhood(
    within: Ledger | Window,
    account: str,
    hops: int = 2,
    days: int = 60,
    *,
    as_of: date | None = None,
    direction: Direction = "both",
    through_hubs: bool = False,
) -> PaymentGraph:
    """Give everybody within so many hops of an account, and all payments among them in the last so many days.

    Parameters
    ----------
    within : Ledger or Window
        Where to look. The hubs of a ledger are found anew in every call, and the whole of it is read for that; whoever
        asks often makes the window once, with ``graphs.hubs.labelled(ledger.window())``.
    account : str
        The account in the middle.
    hops : int, at least 0
        How far to go.
    days : int, at least 1
        How many days to look at, the last of them `as_of`.
    as_of : datetime.date, optional
        Look at nothing booked after this date; the last booking date if not given.
    direction, through_hubs
        As for `graphs.views.ego`.

    Returns
    -------
    PaymentGraph
        A `networkx.MultiDiGraph` as `graphs.views.ego` gives it, edge key = payment id, that draws itself in a
        notebook. The graph bears ``account``, ``hops``, ``since`` and ``as_of``, and of a ledger its
        ``ledger_version``.

    Raises
    ------
    InputError
        If the account has no payment in those days.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0   zoe -> anna  90 EUR
    ...     day 80  anna -> ben  40 EUR
    ...     day 81  ben -> cash:atm  40 EUR
    ... ''')
    ... )
    >>> sorted(neighbourhood(window, "anna", hops=2, days=60).edges(keys=True))
    [('anna', 'ben', 'p2'), ('ben', 'cash:atm', 'p3')]
    """
    day_given(as_of, "as_of")
    for name, value, least in (("hops", hops, 0), ("days", days, 1)):
        if value < least:
            raise InputError(f"{name} is {value}", where=name, try_=f"give {least} or more")
    window = labelled(within.window(as_of=as_of)) if isinstance(within, Ledger) else _known_by(within, as_of)
    last = window.as_of or max(window.payments["booked_on"].to_pylist(), default=date.min)
    since = last - timedelta(days=days - 1)
    begins = datetime.combine(since, time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    row = int(np.searchsorted(times(window.payments), begins // timedelta(microseconds=1), "left"))
    seen = replace(window, payments=window.payments.slice(row), _memo={})
    graph = ego(seen, account, hops, direction=direction, through_hubs=through_hubs)
    graph.graph.update(hops=hops, since=since, as_of=last)
    if isinstance(within, Ledger):
        graph.graph["ledger_version"] = within.version
    return graph


def _known_by(window: Window, as_of: date | None) -> Window:
    """Leave out what was booked after a day."""
    if as_of is None:
        return window
    booked = window.payments["booked_on"].to_numpy() <= np.datetime64(as_of)
    return replace(window, payments=window.payments.filter(booked), as_of=as_of, _memo={})
