"""Fans: many counterparties of one account inside a sliding span of time.

For one account, take its payments in one direction and let ``c(t)`` be the number of different counterparties in
``[t, t + within)``, for every time ``t`` at which there is a payment (payments at the same time are one anchor). A
*peak* is a ``t`` with ``c(t) >= least``, no earlier anchor in ``(t - within, t)`` with a count as high, and no later
anchor in ``(t, t + within)`` with a higher one. Peaks of one account are at least ``within`` apart, so their payments
never overlap, and a peak depends on payments in ``(t - within, t + 2 * within)`` only: cutting by time with that
reach is exact.

Every step is linear in the payments of an account, whatever its degree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even_rows, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import grouped

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

COLUMNS = 6
"""Of a peak."""


@dataclass(frozen=True, eq=False)
class Fans:
    """The peaks of all accounts.

    Parameters
    ----------
    centre : ndarray of int32, shape (peaks,)
        The account each peak is about, ascending; its peaks in order of time.
    parties : ndarray of int32, shape (peaks,)
        How many different counterparties it has in its span.
    fresh : ndarray of int32, shape (peaks,)
        How many of them had no payment with the account in the ``past`` before the span.
    before : ndarray of int32, shape (peaks,)
        How many different counterparties the account had in that ``past``.
    first, last : ndarray of int64, shape (peaks,)
        The payments of each peak are ``edge[first:last]``.
    edge : ndarray of int32
        Edge numbers of the counted payments, by account and time.
    """

    centre: NDArray[np.int32]
    parties: NDArray[np.int32]
    fresh: NDArray[np.int32]
    before: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    edge: NDArray[np.int32]

    def payments(self, peak: int) -> NDArray[np.int32]:
        """Give the edges of one peak in time order."""
        return self.edge[self.first[peak] : self.last[peak]]


def fans(
    centre: NDArray[np.int32],
    party: NDArray[np.int32],
    at: NDArray[np.int64],
    counted: NDArray[np.bool_],
    *,
    nodes: int,
    least: int,
    within: int,
    past: int,
) -> Fans:
    """Find the peaks of every account.

    Parameters
    ----------
    centre, party : ndarray of int32, shape (edges,)
        The account looked at and its counterparty: payee and payer for a fan-in, the other way round for a fan-out.
    at : ndarray of int64, shape (edges,)
        Microseconds, ascending.
    counted : ndarray of bool, shape (edges,)
        Which payments take part. Payments to oneself never do.
    nodes : int
        Number of accounts.
    least : int
        Fewest counterparties of a peak, at least 1.
    within, past : int
        Microseconds: length of the span, and how far before it a counterparty counts as known.

    Returns
    -------
    Fans
        Empty arrays where nothing peaks.

    Notes
    -----
    Linear; the past is read once per peak, and peaks are at least `within`
    apart, so that costs at most ``past / within + 1`` passes. Memory: 24 bytes per counted payment, and 12 per account
    and thread.
    """
    taken = np.flatnonzero(counted & (centre != party))
    start, order = grouped(centre[taken], nodes)
    edge = taken[order].astype(np.int32)
    of_row, at_row = np.ascontiguousarray(party[edge]), np.ascontiguousarray(at[edge])

    def work(space: tuple[Numbers, Ints], low: int, high: int) -> Ints:
        rows, peaks = _search(low, high, *space, start, of_row, at_row, least, within, past)
        return rows[: COLUMNS * peaks].reshape(-1, COLUMNS)

    found = in_blocks(work, even_rows(start), lambda: (np.zeros(nodes, np.int32), np.zeros(nodes, np.int64)))
    rows = np.concatenate(found) if found else np.empty((0, COLUMNS), np.int64)
    node, parties, fresh, before = (rows[:, column].astype(np.int32) for column in range(4))
    return Fans(node, parties, fresh, before, rows[:, 4].copy(), rows[:, 5].copy(), edge)


@compiled
def _search(
    first_node: int,
    last_node: int,
    seen: Numbers,
    stamp: Ints,
    start: Ints,
    party: Numbers,
    at: Ints,
    least: int,
    within: int,
    past: int,
) -> tuple[Ints, int]:
    """Search some accounts; gives the columns of `Fans` peak after peak, as long as they may become, and the peaks.

    `seen` and `stamp` are scratch space by account: the former all zero, the latter at most marks of earlier peaks.
    """
    longest = 0
    room = 0
    for node in range(first_node, last_node):
        length = start[node + 1] - start[node]
        longest = max(longest, length)
        room += length // least  # a peak needs `least` payments of its own
    rows = np.empty(COLUMNS * room, np.int64)
    anchor = np.empty(longest, np.int64)
    end = np.empty(longest, np.int64)
    count = np.empty(longest, np.int64)
    peak = np.empty(longest, np.bool_)
    queue = np.empty(longest, np.int64)
    found = 0
    for node in range(first_node, last_node):
        low, high = start[node], start[node + 1]
        if high - low < least:
            continue
        anchors, most = _counts(low, high, party, at, within, seen, anchor, end, count)
        if most < least:
            continue
        _mark(anchors, anchor, count, at, within, least, peak, queue)
        for k in range(anchors):
            if peak[k]:
                before, known = _known(low, anchor[k], end[k], party, at, past, stamp)
                row = COLUMNS * found
                rows[row] = node
                rows[row + 1] = count[k]
                rows[row + 2] = count[k] - known
                rows[row + 3] = before
                rows[row + 4] = anchor[k]
                rows[row + 5] = end[k]
                found += 1
    return rows, found


@inner
def _counts(
    low: int,
    high: int,
    party: Numbers,
    at: Ints,
    within: int,
    seen: Numbers,
    anchor: Ints,
    end: Ints,
    count: Ints,
) -> tuple[int, int]:
    """Fill first payment, end and number of counterparties of each anchor of one account; leaves `seen` all zero.

    Gives the number of anchors and the highest number of counterparties.
    """
    anchors = 0
    distinct = 0
    most = 0
    j = low
    i = low
    while i < high:
        until = at[i] + within
        while j < high and at[j] < until:
            if seen[party[j]] == 0:
                distinct += 1
            seen[party[j]] += 1
            j += 1
        anchor[anchors] = i
        end[anchors] = j
        count[anchors] = distinct
        most = max(most, distinct)
        anchors += 1
        same = at[i]
        while i < high and at[i] == same:
            seen[party[i]] -= 1
            if seen[party[i]] == 0:
                distinct -= 1
            i += 1
    return anchors, most


@inner
def _mark(anchors: int, anchor: Ints, count: Ints, at: Ints, within: int, least: int, peak: Flags, queue: Ints) -> None:
    """Mark the peaks; a queue of falling counts gives the highest count of a sliding span in linear time."""
    head = 0
    tail = 0
    for k in range(anchors):
        while head < tail and at[anchor[queue[head]]] <= at[anchor[k]] - within:
            head += 1
        peak[k] = count[k] >= least and (head == tail or count[queue[head]] < count[k])
        while head < tail and count[queue[tail - 1]] <= count[k]:
            tail -= 1
        queue[tail] = k
        tail += 1
    head = 0
    tail = 0
    for k in range(anchors - 1, -1, -1):
        while head < tail and at[anchor[queue[head]]] >= at[anchor[k]] + within:
            head += 1
        if head < tail and count[queue[head]] > count[k]:
            peak[k] = False
        while head < tail and count[queue[tail - 1]] <= count[k]:
            tail -= 1
        queue[tail] = k
        tail += 1


@inner
def _known(low: int, first: int, last: int, party: Numbers, at: Ints, past: int, stamp: Ints) -> tuple[int, int]:
    """Count the counterparties of the past before a span, and those of them that come again in it."""
    since = at[first] - past
    # A stamp is the peak's first payment, twice: positions differ between peaks, so nothing need be wiped.
    mark = 2 * first + 1
    before = 0
    k = first - 1
    while k >= low and at[k] >= since:
        if stamp[party[k]] != mark:
            stamp[party[k]] = mark
            before += 1
        k -= 1
    known = 0
    for k in range(first, last):
        if stamp[party[k]] == mark:
            stamp[party[k]] = mark + 1
            known += 1
    return before, known
