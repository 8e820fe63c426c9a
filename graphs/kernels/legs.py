"""Compiled sums over the payments of each account.

All of them take payments sorted by time, grouped by account in compressed sparse rows (`graphs.temporal.Rows`), and
keep integers as integers, so that the order of equal rows cannot change a bit of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled

Ints = NDArray[np.int64]


@compiled
def summed(key: NDArray[Any], value: Ints, nodes: int) -> Ints:
    """Add integers by node (`numpy.bincount` would add them as floats)."""
    total = np.zeros(nodes, np.int64)
    for row in range(key.size):
        total[key[row]] += value[row]
    return total


@compiled
def busiest(start: Ints, edge: NDArray[Any], at: Ints, width: int) -> Ints:
    """Give, per node, the most payments within any stretch of `width` microseconds."""
    nodes = start.size - 1
    most = np.zeros(nodes, np.int64)
    for node in range(nodes):
        low = start[node]
        for high in range(start[node], start[node + 1]):
            while at[edge[high]] - at[edge[low]] > width:
                low += 1
            most[node] = max(most[node], high - low + 1)
    return most


@compiled
def company(start: Ints, edge: NDArray[Any], at: Ints, width: int, edges: int) -> Ints:
    """Give, per payment, how many payments of its node lie within `width` microseconds of it on either side.

    The payment itself counts; payments that are in no row get zero.
    """
    beside = np.zeros(edges, np.int64)
    for node in range(start.size - 1):
        low = start[node]
        high = start[node]
        for place in range(start[node], start[node + 1]):
            here = at[edge[place]]
            while here - at[edge[low]] > width:
                low += 1
            while high < start[node + 1] and at[edge[high]] - here <= width:
                high += 1
            beside[edge[place]] = high - low
    return beside


@compiled
def passed_on(
    into_start: Ints,
    into_edge: NDArray[Any],
    out_start: Ints,
    out_edge: NDArray[Any],
    at: Ints,
    amount: Ints,
    within: int,
) -> tuple[Ints, NDArray[np.float64]]:
    """Match money in with strictly later money out, first in first out, within a span of time.

    Money in that was not passed on within the span expires and is no longer matched: the primitive ``pt`` of the
    indicator catalogue, section 1.

    Returns
    -------
    matched : ndarray of int64
        Minor units matched, per node.
    held : ndarray of float64
        Hours the matched money was held, weighted by amount and not yet divided by `matched`.
    """
    nodes = into_start.size - 1
    matched = np.zeros(nodes, np.int64)
    held = np.zeros(nodes, np.float64)
    for node in range(nodes):
        head = into_start[node]
        end = into_start[node + 1]
        left = amount[into_edge[head]] if head < end else 0
        for place in range(out_start[node], out_start[node + 1]):
            spend = amount[out_edge[place]]
            when = at[out_edge[place]]
            while spend > 0 and head < end and at[into_edge[head]] < when:
                if when - at[into_edge[head]] <= within and left > 0:
                    taken = min(left, spend)
                    matched[node] += taken
                    held[node] += taken * ((when - at[into_edge[head]]) / 3.6e9)
                    spend -= taken
                    left -= taken
                else:
                    left = 0
                if left == 0:
                    head += 1
                    left = amount[into_edge[head]] if head < end else 0
    return matched, held


@compiled
def waited(into_start: Ints, into_edge: NDArray[Any], out_start: Ints, out_edge: NDArray[Any], at: Ints) -> Ints:
    """Give, per payment, the microseconds until its payee's next strictly later payment out; -1 if there is none."""
    wait = np.full(at.size, -1, np.int64)
    for node in range(into_start.size - 1):
        after = out_start[node]
        for place in range(into_start[node], into_start[node + 1]):
            edge = into_edge[place]
            while after < out_start[node + 1] and at[out_edge[after]] <= at[edge]:
                after += 1
            if after < out_start[node + 1]:
                wait[edge] = at[out_edge[after]] - at[edge]
    return wait


@compiled
def relayed(
    out_start: Ints,
    out_edge: NDArray[Any],
    payee: Ints,
    at: Ints,
    amount: Ints,
    unit: NDArray[Any],
    which: NDArray[np.bool_],
    within: int,
    keep: float,
    most: int,
) -> tuple[NDArray[np.bool_], Ints]:
    """Follow payments that go on, from account to account, in nearly the same amount.

    A payment goes on in a payment out of its payee in the same currency, strictly later, within the span, and between
    ``1 - keep`` times and once its amount. At most `most` payments out are looked at for one payment in, which bounds
    the work on an account of a million payments.

    Parameters
    ----------
    out_start, out_edge : ndarray
        The payments looked at, by payer.
    which : ndarray of bool
        The payments looked at, as flags.

    Returns
    -------
    goes_on : ndarray of bool
        Per payment, whether one goes on from it.
    chain : ndarray of int64
        Per payment, the payments of the longest chain through it; 1 where it stands alone, 0 where not looked at.
    """
    goes_on = np.zeros(at.size, np.bool_)
    before = np.zeros(at.size, np.int64)
    after = np.zeros(at.size, np.int64)
    for forward in (True, False):
        for step in range(at.size):
            edge = step if forward else at.size - 1 - step
            if not which[edge]:
                continue
            node = payee[edge]
            low = out_start[node]
            high = out_start[node + 1]
            while low < high:  # the first payment out that is strictly later
                middle = (low + high) // 2
                if at[out_edge[middle]] <= at[edge]:
                    low = middle + 1
                else:
                    high = middle
            for place in range(low, min(low + most, out_start[node + 1])):
                later = out_edge[place]
                if at[later] - at[edge] > within:
                    break
                if unit[later] == unit[edge] and (1 - keep) * amount[edge] <= amount[later] <= amount[edge]:
                    goes_on[edge] = True
                    if forward:
                        before[later] = max(before[later], before[edge] + 1)
                    else:
                        after[edge] = max(after[edge], after[later] + 1)
    for edge in range(at.size):  # sums and choices of whole arrays take seconds longer to compile
        before[edge] = before[edge] + after[edge] + 1 if which[edge] else 0
    return goes_on, before


@compiled
def stretches(row: Ints, at: Ints, end: int, step: int, looks: int) -> tuple[Ints, Ints]:
    """Lay stretches over legs: stretch ``k`` ends ``k`` steps before `end` and is `looks` steps long.

    Parameters
    ----------
    row : ndarray of int64, shape (legs,)
        Payment of each leg.
    at : ndarray of int64
        Time of each payment; legs at or after `end` are left out.

    Returns
    -------
    leg, stretch : ndarray of int64
        Every pair of a leg and a stretch it lies in, leg by leg, the stretch that ends first before the others.
    """
    count = 0
    for leg in range(row.size):
        age = end - 1 - at[row[leg]]
        if age >= 0:
            count += min(looks, age // step + 1)
    of_leg = np.empty(count, np.int64)
    stretch = np.empty(count, np.int64)
    place = 0
    for leg in range(row.size):
        age = end - 1 - at[row[leg]]
        if age >= 0:
            last = age // step
            for look in range(min(looks, last + 1)):
                of_leg[place] = leg
                stretch[place] = last - look
                place += 1
    return of_leg, stretch
