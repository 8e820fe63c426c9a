"""Fans: many counterparties of one account inside a sliding span of time.

For one account, take its payments in one direction and let ``c(t)`` be the number of different counterparties in
``[t, t + within)``, for every time ``t`` at which there is a payment (payments at the same time are one anchor). A
*peak* is a ``t`` with ``c(t) >= least``, no earlier anchor in ``(t - within, t)`` with a count as high, and no later
anchor in ``(t, t + within)`` with a higher one. Peaks of one account are at least ``within`` apart, so their payments
never overlap, and a peak depends on payments in ``(t - within, t + 2 * within)`` only: cutting by time with that
reach is exact.

Every step is linear in the payments of an account, whatever its degree. Few accounts have `least` payments within a
span at all; the others are passed over by looking at times alone, and so are stretches without so many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even_rows, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import grouped
from graphs.temporal import Rows

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

COLUMNS = 5
"""Of a peak: centre, parties, fresh, before, and how many payments."""


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
    start : ndarray of int64, shape (peaks + 1,)
        Where the payments of each peak begin in `edge`.
    edge : ndarray of int32
        Edge numbers of the counted payments of each peak, in order of time.
    """

    centre: Numbers
    parties: Numbers
    fresh: Numbers
    before: Numbers
    start: Ints
    edge: Numbers

    def payments(self, peak: int) -> Numbers:
        """Give the edges of one peak in time order."""
        return self.edge[self.start[peak] : self.start[peak + 1]]


def rows_of(centre: Numbers, party: Numbers, counted: Flags, nodes: int) -> Rows:
    """Index payments by two numbers of one's own, where these are not payee and payer, for `fans`.

    Parameters
    ----------
    centre, party : ndarray of int32, shape (edges,)
        What is looked at, and its counterparty; both below `nodes`.
    counted : ndarray of bool, shape (edges,)
        Which payments take part.
    nodes : int
        How many numbers there are.
    """
    taken = np.flatnonzero(counted)
    start, order = grouped(centre[taken], nodes)
    edge = taken[order].astype(np.int32)
    return Rows(start, edge, party[edge])


def fans(rows: Rows, at: Ints, counted: Flags, *, least: int, within: int, past: int) -> Fans:
    """Find the peaks of every account.

    Parameters
    ----------
    rows : Rows
        Payments by the account looked at: ``graph.into`` for a fan-in, ``graph.out`` for a fan-out, or `rows_of` any
        two numbers.
    at : ndarray of int64, shape (edges,)
        Microseconds, ascending.
    counted : ndarray of bool, shape (edges,)
        Which payments take part. Payments to oneself never do.
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
    Linear; the past is read once per peak, and peaks are at least `within` apart, so that costs at most
    ``past / within + 1`` passes. Memory: 12 bytes per account and thread, and 4 per
    payment of a peak.
    """
    nodes = rows.start.size - 1
    most = crowd(at, within)

    def work(space: tuple[Numbers, Ints], low: int, high: int) -> tuple[Ints, Numbers]:
        numbers, peaks, edges, kept = _search(
            low, high, *space, rows.start, rows.edge, rows.neighbour, at, counted, most, least, within, past
        )
        return numbers[: COLUMNS * peaks].reshape(-1, COLUMNS).copy(), edges[:kept].copy()

    found = in_blocks(work, even_rows(rows.start), lambda: (np.full(nodes, -1, np.int32), np.zeros(nodes, np.int64)))
    numbers = np.concatenate([each[0] for each in found] or [np.empty((0, COLUMNS), np.int64)])
    edge = np.concatenate([each[1] for each in found] or [np.empty(0, np.int32)])
    node, parties, fresh, before = (numbers[:, column].astype(np.int32) for column in range(4))
    start = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers[:, 4], out=start[1:])
    return Fans(node, parties, fresh, before, start, edge)


def crowd(at: Ints, within: int) -> int:
    """Give a number of payments, by all accounts, that no span has: payments so far apart need not be asked when."""
    step = max(1, at.size // 1024)
    begins = np.arange(0, at.size, step)
    ends = np.searchsorted(at, at[begins] + within)
    # A span that begins between two of these ends before the one that begins with the second.
    return int(np.max(np.append(ends[1:], at.size) - begins, initial=0))


@compiled
def _search(
    first_node: int,
    last_node: int,
    latest: Numbers,
    stamp: Ints,
    start: Ints,
    edge: Numbers,
    neighbour: Numbers,
    at: Ints,
    counted: Flags,
    most: int,
    least: int,
    within: int,
    past: int,
) -> tuple[Ints, int, Numbers, int]:
    """Search some accounts: the numbers of each peak one after another, the peaks, their payments, and how many.

    `latest` and `stamp` are scratch space by account, with at most marks of other accounts' rows in them.
    """
    longest = 0
    total = 0
    for node in range(first_node, last_node):
        length = start[node + 1] - start[node]
        longest = max(longest, length)
        total += length
    numbers = np.empty(COLUMNS * (total // least), np.int64)  # peaks do not overlap, and take `least` payments each
    edges = np.empty(total, np.int32)
    party = np.empty(longest, np.int32)
    step = np.empty(longest, np.int32)
    when = np.empty(longest, np.int64)
    again = np.empty(longest + 1, np.bool_)
    anchor = np.empty(longest, np.int64)
    end = np.empty(longest, np.int64)
    count = np.empty(longest, np.int64)
    peak = np.empty(longest, np.bool_)
    queue = np.empty(longest, np.int64)
    found = 0
    kept = 0
    for node in range(first_node, last_node):
        low = start[node]
        place = low + least - 1
        while place < start[node + 1]:
            first = edge[place - least + 1]
            if edge[place] - first < most and at[edge[place]] - at[first] < within:
                break
            place += 1
        if place >= start[node + 1]:
            continue
        length = 0
        for place in range(low, start[node + 1]):
            if counted[edge[place]] and neighbour[place] != node:
                party[length] = neighbour[place]
                step[length] = edge[place]
                when[length] = at[edge[place]]
                length += 1
        anchors = _counts(low, length, party, when, within, least, latest, again, anchor, end, count)
        if anchors == 0:
            continue
        _mark(anchors, anchor, count, when, within, peak, queue)
        for k in range(anchors):
            if peak[k]:
                before, known = _known(low, anchor[k], end[k], party, when, past, stamp)
                numbers[found] = node
                numbers[found + 1] = count[k]
                numbers[found + 2] = count[k] - known
                numbers[found + 3] = before
                numbers[found + 4] = end[k] - anchor[k]
                found += COLUMNS
                for place in range(anchor[k], end[k]):
                    edges[kept] = step[place]
                    kept += 1
    return numbers, found // COLUMNS, edges, kept


@inner
def _counts(
    low: int,
    length: int,
    party: Numbers,
    when: Ints,
    within: int,
    least: int,
    latest: Numbers,
    again: Flags,
    anchor: Ints,
    end: Ints,
    count: Ints,
) -> int:
    """Fill first payment, end and number of counterparties of each anchor of one account with at least `least`.

    `latest` takes where each counterparty came last, as a place in all rows: what other rows left there lies outside
    this one, so nothing need be wiped. A payment whose counterparty comes again in the span takes nobody away as it
    leaves. What could go either way is added and not branched on: a processor would guess wrong half the time.
    """
    anchors = 0
    distinct = 0
    i = 0
    j = 0
    while i + least <= length:
        until = when[i] + within
        if when[i + least - 1] >= until:
            if j <= i:
                j = i + 1
            else:
                distinct -= 0 if again[i] else 1
            i += 1
            continue
        while j < length and when[j] < until:
            here = low + j
            last = latest[party[j]]
            inside = low + i <= last < here
            again[last - low if inside else length] = True
            distinct += 0 if inside else 1
            latest[party[j]] = here
            again[j] = False
            j += 1
        if distinct >= least:
            anchor[anchors] = i
            end[anchors] = j
            count[anchors] = distinct
            anchors += 1
        same = when[i]
        while i < length and when[i] == same:
            distinct -= 0 if again[i] else 1
            i += 1
    return anchors


@inner
def _mark(anchors: int, anchor: Ints, count: Ints, when: Ints, within: int, peak: Flags, queue: Ints) -> None:
    """Mark the peaks; a queue of falling counts gives the highest count of a sliding span in linear time."""
    head = 0
    tail = 0
    for k in range(anchors):
        while head < tail and when[anchor[queue[head]]] <= when[anchor[k]] - within:
            head += 1
        peak[k] = head == tail or count[queue[head]] < count[k]
        while head < tail and count[queue[tail - 1]] <= count[k]:
            tail -= 1
        queue[tail] = k
        tail += 1
    head = 0
    tail = 0
    for k in range(anchors - 1, -1, -1):
        while head < tail and when[anchor[queue[head]]] >= when[anchor[k]] + within:
            head += 1
        if head < tail and count[queue[head]] > count[k]:
            peak[k] = False
        while head < tail and count[queue[tail - 1]] <= count[k]:
            tail -= 1
        queue[tail] = k
        tail += 1


@inner
def _known(low: int, first: int, last: int, party: Numbers, when: Ints, past: int, stamp: Ints) -> tuple[int, int]:
    """Count the counterparties of the past before a span, and those of them that come again in it."""
    since = when[first] - past
    # A stamp is the peak's first payment, twice: places differ between peaks, so nothing need be wiped.
    mark = 2 * (low + first) + 1
    before = 0
    k = first - 1
    while k >= 0 and when[k] >= since:
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
