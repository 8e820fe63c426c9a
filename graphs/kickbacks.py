"""Wages, and what of them goes on to one account soon after.

A payment goes *back* from a wage if the person who was paid makes it strictly after the wage and at most a span later,
in the same currency. Of several wages of one employer the latest is meant; wages of different employers are each
asked. What goes from one wage to one account is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

DAY = 86_400_000_000

AT_ONCE = 1 << 18
"""Payments that are joined with their wages at once: what that takes in between stays small and near. Ours."""


@dataclass(frozen=True, eq=False)
class Kickbacks:
    """What went from each wage to each account.

    Parameters
    ----------
    wage : ndarray of int32, shape (kickbacks,)
        Edge of the wage, ascending.
    collector : ndarray of int32, shape (kickbacks,)
        Node that was paid; ascending where the wage is the same.
    amount : ndarray of int64, shape (kickbacks,)
        Minor units, in the wage's currency.
    start : ndarray of int64, shape (kickbacks + 1,)
        The payments of each are ``edge[start[k]:start[k + 1]]``.
    edge : ndarray of int32
        Edges of the payments, ascending within each.
    left_out : ndarray of int32
        Edges of the payments that were not asked because their payer had too many wages in the span before.
    """

    wage: Numbers
    collector: Numbers
    amount: Ints
    start: Ints
    edge: Numbers
    left_out: Numbers


def batches(graph: TemporalGraph, counted: Flags, least: int) -> Flags:
    """Say for each payment whether its payer pays at least so many accounts on that day (UTC).

    Parameters
    ----------
    counted : ndarray of bool, shape (edges,)
        Which payments take part.
    least : int
        Different payees of a batch.
    """
    taken = np.flatnonzero(counted & (graph.payer != graph.payee))
    if not taken.size:
        return np.zeros(graph.edges, np.bool_)
    # Payments ascend in time, so days are numbered without being sorted.
    day = np.concatenate(([0], np.cumsum(np.diff(graph.at[taken] // DAY) != 0)))
    # One number for payer, day and payee: sorting rows of three takes ten times as long.
    key = (graph.payer[taken].astype(np.int64) * (day[-1] + 1) + day) * graph.nodes + graph.payee[taken]
    order = np.argsort(key, kind="stable")
    new_payee = np.diff(key[order], prepend=-1) != 0
    batch = np.cumsum(np.diff(key[order] // graph.nodes, prepend=-1) != 0) - 1
    size = np.bincount(batch[new_payee])
    flags = np.zeros(graph.edges, np.bool_)
    flags[taken[order]] = size[batch] >= least
    return flags


def kickbacks(graph: TemporalGraph, wage: Flags, onward: Flags, *, within: timedelta, most: int) -> Kickbacks:
    """Find what goes back from each wage.

    Parameters
    ----------
    wage, onward : ndarray of bool, shape (edges,)
        Which payments are wages, and which may go back. Payments to oneself are neither.
    within : timedelta
        How long after the wage.
    most : int
        A payment whose payer had more wages than this in the span before is left out: nobody's wage account, and what
        keeps the work linear.

    Notes
    -----
    At most `most` rows per payment.
    """
    # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.rows import grouped

    apart = graph.payer != graph.payee
    wages = graph.into.edge[(wage & apart)[graph.into.edge]]
    following = _following(graph, wages)
    # Wages by payee and time as one ascending number: two lookups give those of a stretch of edges.
    place = graph.payee[wages].astype(np.int64) * (graph.edges + 1) + wages
    # By payer and time: lookups that ascend stay where the last one was.
    backs = graph.out.edge[(onward & apart)[graph.out.edge]]
    since = np.searchsorted(graph.at, graph.at - within // timedelta(microseconds=1), "left").astype(np.int32)
    until = np.searchsorted(graph.at, graph.at, "left").astype(np.int32)
    gone_back, wage_of, left_out = [backs[:0]], [wages[:0]], [backs[:0]]
    for place_of in range(0, backs.size, AT_ONCE):
        some = backs[place_of : place_of + AT_ONCE]
        row = graph.payer[some].astype(np.int64) * (graph.edges + 1)
        low = np.searchsorted(place, row + since[some], "left")
        high = np.searchsorted(place, row + until[some], "left")
        crowded = high - low > most
        left_out.append(some[crowded])
        low, high, some = low[~crowded], high[~crowded], some[~crowded]
        count = high - low
        back = np.repeat(some, count)
        number = np.arange(back.size) - np.repeat(np.cumsum(count) - count - low, count)
        # The latest wage of each employer: the one after it is not among these.
        counts = (following[number] >= np.repeat(high, count)) & (graph.unit[wages[number]] == graph.unit[back])
        gone_back.append(back[counts])
        wage_of.append(wages[number[counts]])
    del following, place, backs, since, until  # as large as what follows
    back, paid = np.concatenate(gone_back), np.concatenate(wage_of)
    del gone_back, wage_of
    # By wage, collector and time: those of one wage ascend in time, since one account pays them.
    by = grouped(graph.payee[back], graph.nodes)[1]
    by = by[grouped(paid[by], graph.edges)[1]]
    back, paid = back[by], paid[by]
    collector = graph.payee[back]
    new = np.ones(back.size, np.bool_)
    new[1:] = (np.diff(paid) != 0) | (np.diff(collector) != 0)
    begin = np.flatnonzero(new)
    amount = np.add.reduceat(graph.amount[back], begin) if begin.size else np.empty(0, np.int64)
    start = np.append(begin, back.size).astype(np.int64)
    return Kickbacks(
        paid[begin],
        collector[begin],
        amount,
        start,
        back,
        np.sort(np.concatenate(left_out)),
    )


def _following(graph: TemporalGraph, wages: Numbers) -> Ints:
    """Give, per wage, the place of the next one of the same worker, employer and currency; past the end for none."""
    from graphs.kernels.rows import grouped, pair_numbers

    units = len(graph.currencies)
    job = pair_numbers(graph.payer[wages], graph.payee[wages], graph.nodes)[0] * units + graph.unit[wages]
    order = grouped(job.astype(np.int32), units * (wages.size + 1))[1]
    again = np.flatnonzero(np.diff(job[order]) == 0)
    following = np.full(wages.size, wages.size, np.int64)
    following[order[again]] = order[again + 1]
    return following
