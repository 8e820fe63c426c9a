"""Runs of equal payments at regular gaps.

A series is the payments of one payer to one payee in one currency and of exactly one amount. Read from its beginning,
a run goes on while each gap lies between `least_gap` and `most_gap` and differs from the run's first gap by at most
`slack`. Where it ends, the next run begins with its last payment if the gap that ended it could itself begin a run,
else with the payment after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Runs:
    """Regular runs.

    Parameters
    ----------
    start, end : ndarray of int64, shape (runs,)
        The payments of each are ``edge[start:end]``; neighbours may share one payment.
    edge : ndarray of int64
        Edge numbers, series after series, each in time order.
    """

    start: Ints
    end: Ints
    edge: Ints


def regular_runs(
    graph: TemporalGraph, counted: NDArray[np.bool_], *, least: int, least_gap: int, most_gap: int, slack: int
) -> Runs:
    """Find the runs of at least so many payments.

    Parameters
    ----------
    counted : ndarray of bool, shape (edges,)
        Which payments take part. Payments to oneself never do.
    least : int
        Payments in a run, at least 2.
    least_gap, most_gap, slack : int
        Microseconds.

    Notes
    -----
    O(payments log payments).
    """
    edge = np.flatnonzero(counted & (graph.payer != graph.payee))
    order = np.lexsort((edge, graph.amount[edge], graph.unit[edge], graph.payer[edge], graph.payee[edge]))
    edge = edge[order]
    new = np.ones(edge.size, np.bool_)
    for column in (graph.payee, graph.payer, graph.unit, graph.amount):
        values = column[edge]
        new[1:] &= values[1:] == values[:-1]
    new[1:] = ~new[1:]
    start, end, found = _runs(new, graph.at[edge], least, least_gap, most_gap, slack)
    return Runs(start[:found].copy(), end[:found].copy(), edge)


@compiled
def _runs(
    new: NDArray[np.bool_], at: Ints, least: int, least_gap: int, most_gap: int, slack: int
) -> tuple[Ints, Ints, int]:
    """Read all series from left to right; gives where the runs begin and end, and how many there are."""
    start = np.empty(at.size, np.int64)
    end = np.empty(at.size, np.int64)
    found = 0
    first = 0
    while first < at.size:
        last = first
        rhythm = np.int64(0)
        while last + 1 < at.size and not new[last + 1]:
            gap = at[last + 1] - at[last]
            if not least_gap <= gap <= most_gap:
                break
            if last == first:
                rhythm = gap
            elif abs(gap - rhythm) > slack:
                break
            last += 1
        if last - first + 1 >= least:
            start[found] = first
            end[found] = last + 1
            found += 1
        ended = last + 1 >= at.size or new[last + 1]
        again = last > first and not ended and least_gap <= at[last + 1] - at[last] <= most_gap
        first = last if again else last + 1
    return start, end, found
