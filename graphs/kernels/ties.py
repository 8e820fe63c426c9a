"""Compiled searches among ties that do not last: which of them come together, closer in time than chance has it.

A tie is given by its first payment. Ties are grouped by account in compressed sparse rows, each row in time order.
What is asked of an account with more than `most` ties in the span is not asked: nothing comes together there by itself.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled, inner

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY: Final = 86_400_000_000


@inner
def chance(rate: float, gap: int) -> float:
    """Give the chance that an account of this pace begins another tie as near in time, a day's precision allowed for.

    One coincidence never says more than a millionth; ours.
    """
    return max(1.0 - math.exp(-rate * (2.0 * abs(gap) + DAY)), 1e-6)


@compiled
def lent(start: Ints, leg: Ints, at: Ints, rate: Floats, value: Floats, within: int, most: int) -> Floats:
    """Give, per end of a tie, what the other ties of the account there lend it.

    Each lends its value times the surprise (powers of ten) that it lies so near in time.

    Parameters
    ----------
    start, leg : ndarray
        Ends of ties by account. End ``e`` is the payer's end of tie ``e``, end ``at.size + e`` the payee's.
    rate : ndarray of float64
        Ties an account begins in a microsecond.
    """
    given = np.zeros(2 * at.size)
    for node in range(start.size - 1):
        for place in range(start[node], start[node + 1]):
            here = leg[place] % at.size
            first = max(start[node], place - most)
            last = min(start[node + 1], place + most + 1)
            for other in range(first, last):
                there = leg[other] % at.size
                gap = at[there] - at[here]
                if other != place and -within <= gap <= within:
                    given[leg[place]] += value[there] * -math.log10(chance(rate[node], gap))
    return given


@inner
def since(start: Ints, row: NDArray[Any], at: Ints, node: int, when: int) -> int:
    """Give the first place in the row of a node that is not before a time."""
    low: int = start[node]
    high: int = start[node + 1]
    while low < high:
        middle = (low + high) // 2
        if at[row[middle]] < when:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def squares(
    out_start: Ints,
    out: NDArray[Any],
    into_start: Ints,
    into: NDArray[Any],
    payer: Ints,
    payee: Ints,
    at: Ints,
    rate_out: Floats,
    rate_into: Floats,
    within: int,
    most: int,
) -> Floats:
    """Give, per tie, the surprise of the least likely square through it: two payers that both pay the same two payees.

    All four ties lie within the span of the first. The chance of a square is the product of the chances of its four
    gaps, times the pairs of ties that could have closed one at any time: whoever looks often finds something.

    Returns
    -------
    ndarray of float64
        Powers of ten; 0 where there is no square, or none that chance does not explain.
    """
    found = np.zeros(at.size)
    closing = np.full(out_start.size - 1, -1, np.int64)
    could = np.zeros(out_start.size - 1)
    for tie in range(at.size):
        could[payee[tie]] += out_start[payer[tie] + 1] - out_start[payer[tie]]
    for node in range(out_start.size - 1):
        for place in range(out_start[node], out_start[node + 1]):
            closing[payee[out[place]]] = out[place]
        for place in range(out_start[node], out_start[node + 1]):
            tie = out[place]
            when = at[tie]
            end = payee[tie]
            low = since(into_start, into, at, end, when - within)
            high = since(into_start, into, at, end, when + within + 1)
            if high - low > most:
                continue
            best = 1.0
            for second in range(low, high):
                beside = into[second]
                other = payer[beside]
                if other == node:
                    continue
                begin = since(out_start, out, at, other, when - within)
                stop = since(out_start, out, at, other, when + within + 1)
                if stop - begin > most:
                    continue
                for third in range(begin, stop):
                    across = out[third]
                    if payee[across] == end:
                        continue
                    last = closing[payee[across]]
                    if last < 0 or abs(at[last] - when) > within:
                        continue
                    likely = chance(rate_into[end], at[beside] - when) * chance(
                        rate_out[other], at[across] - at[beside]
                    )
                    likely *= chance(rate_into[payee[across]], at[last] - at[across])
                    likely *= chance(rate_out[node], when - at[last])
                    best = min(best, likely)
            if best < 1.0:
                tried = could[end] - (out_start[node + 1] - out_start[node])
                found[tie] = max(-math.log10(best * tried), 0.0)
        for place in range(out_start[node], out_start[node + 1]):
            closing[payee[out[place]]] = -1
    return found


@compiled
def two_ways(
    out_start: Ints,
    out: NDArray[Any],
    payee: Ints,
    at: Ints,
    rate_out: Floats,
    rate_into: Floats,
    within: int,
    most: int,
) -> Floats:
    """Give, per tie, the surprise of the least likely pair of ways through it: one account reaches another by two.

    A way is two ties in order of time. Both ways begin, and both end, within the span, and each goes on within it. As
    in `squares`, the chance of the gaps is taken times the ways that could have met at any time.

    Returns
    -------
    ndarray of float64
        Powers of ten; 0 where there are no two ways, or none that chance does not explain.
    """
    found = np.zeros(at.size)
    head = np.full(out_start.size - 1, -1, np.int64)
    first = np.empty(most * most, np.int64)
    second = np.empty(most * most, np.int64)
    before = np.empty(most * most, np.int64)
    for node in range(out_start.size - 1):
        ways = 0
        could = 0.0
        full = False
        for place in range(out_start[node], out_start[node + 1]):
            tie = out[place]
            middle = payee[tie]
            could += out_start[middle + 1] - out_start[middle]
            low = since(out_start, out, at, middle, at[tie] + 1)
            high = since(out_start, out, at, middle, at[tie] + within + 1)
            if high - low > most:
                continue
            if ways + high - low > most * most:
                full = True
                break
            for later in range(low, high):
                goes = out[later]
                if payee[goes] == node:
                    continue
                first[ways] = tie
                second[ways] = goes
                before[ways] = head[payee[goes]]
                head[payee[goes]] = ways
                ways += 1
        if not full:
            for way in range(ways):
                other = before[way]
                looked = 0
                while other >= 0 and looked < most:
                    looked += 1
                    begins = at[first[way]] - at[first[other]]
                    ends = at[second[way]] - at[second[other]]
                    if abs(begins) <= within and abs(ends) <= within and first[way] != first[other]:
                        likely = chance(rate_out[node], begins) * chance(rate_into[payee[second[way]]], ends)
                        likely *= chance(rate_out[payee[first[way]]], at[second[way]] - at[first[way]])
                        likely *= chance(rate_out[payee[first[other]]], at[second[other]] - at[first[other]])
                        fork = out_start[payee[first[way]] + 1] - out_start[payee[first[way]]]
                        powers = max(-math.log10(likely * could * fork), 0.0)
                        found[first[way]] = max(found[first[way]], powers)
                        found[second[way]] = max(found[second[way]], powers)
                        found[first[other]] = max(found[first[other]], powers)
                        found[second[other]] = max(found[second[other]], powers)
                    other = before[other]
        for way in range(ways):
            head[payee[second[way]]] = -1
    return found


@compiled
def triangles(start: Ints, neighbour: Ints, nodes: int) -> Ints:
    """Count the ties among the counterparties of each account.

    Parameters
    ----------
    start, neighbour : ndarray
        Each tie once, in the row of the end with fewer counterparties (of equal ones, the lower number), ascending.
    """
    count = np.zeros(nodes, np.int64)
    mark = np.full(nodes, -1, np.int64)
    for node in range(nodes):
        for place in range(start[node], start[node + 1]):
            mark[neighbour[place]] = node
        for place in range(start[node], start[node + 1]):
            near = neighbour[place]
            for further in range(start[near], start[near + 1]):
                if mark[neighbour[further]] == node:
                    count[node] += 1
                    count[near] += 1
                    count[neighbour[further]] += 1
    return count
