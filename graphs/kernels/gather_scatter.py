"""Money of many that goes on to many: fan-in then fan-out of one account, with the value matched first in, first out.

An account's credits of one currency queue as lots; a debit takes from the oldest lot that is not older than `held`;
where a credit and a debit bear the same time, the credit is first. For the time ``t`` of a credit take the counted
credits in ``[t, t + within)`` and the counted debits that took from them, and ask for

- `least` or more payers and `least` or more payees,
- at least `share` of the credits' sum passed on in these debits,
- at most `overlap` of all these counterparties on both sides.

Of such spans that overlap the one with the most counterparties is kept (payers and payees added up): it has more than
any that begins in the `within` before it, and not fewer than any that begins within it. Credits and debits that are
not counted (a salary in, a shop paid) take part in the queue, since they move the same money, and in nothing else.
Linear in an account's payments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even_rows, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import grouped
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

COLUMNS = 6
"""Of a relay: key, payers, payees, edges, and the sums passed on and received."""


class Relays(NamedTuple):
    """Spans in which an account passed the money of many on to many.

    Parameters
    ----------
    key : ndarray of int64, shape (relays,)
        ``node * units + unit``, ascending.
    payers, payees : ndarray of int64
        How many different ones.
    share : ndarray of float64
        Part of the credits' sum that was passed on.
    start : ndarray of int64, shape (relays + 1,)
        Where the payments of each begin in `edge`.
    edge : ndarray of int32
        Counted credits of the span, then the counted debits that took from them.
    """

    key: Ints
    payers: Ints
    payees: Ints
    share: NDArray[np.float64]
    start: Ints
    edge: Numbers


def relays(
    graph: TemporalGraph,
    centres: Flags,
    counted: Flags,
    *,
    least: int,
    held: int,
    within: int,
    share: float,
    overlap: float,
) -> Relays:
    """Find the spans of every account.

    Parameters
    ----------
    centres, counted : ndarray of bool, shape (nodes,)
        Accounts to look at, and accounts that count as payers and payees.
    least : int
        Payers, and payees, at least 1.
    held, within : int
        Microseconds: how long money may rest, and the length of a span.
    share, overlap : float
        From 0 to 1.
    """
    units = max(1, len(graph.currencies))
    moved = graph.payer != graph.payee
    credit_start, credit = _rows(graph.payee, graph, moved & centres[graph.payee], units)
    debit_start, debit = _rows(graph.payer, graph, moved & centres[graph.payer], units)

    def work(space: tuple[Ints, Ints], low: int, high: int) -> tuple[Ints, Numbers]:
        numbers, found, edges, filled = _search(
            low,
            high,
            *space,
            credit_start,
            credit,
            debit_start,
            debit,
            graph.payer,
            graph.payee,
            graph.at,
            graph.amount,
            counted,
            least,
            held,
            within,
            share,
            overlap,
        )
        return numbers[:found].reshape(-1, COLUMNS).copy(), edges[:filled].astype(np.int32)

    blocks = even_rows(credit_start + debit_start)
    found = in_blocks(work, blocks, lambda: (np.zeros(graph.nodes, np.int64), np.zeros(graph.nodes, np.int64)))
    numbers = np.concatenate([each[0] for each in found] or [np.empty((0, COLUMNS), np.int64)])
    edge = np.concatenate([each[1] for each in found] or [np.empty(0, np.int32)])
    key, payers, payees, size, passed, inflow = (column.copy() for column in numbers.T)
    start = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(size, out=start[1:])
    return Relays(key, payers, payees, passed / np.maximum(inflow, 1), start, edge)


def _rows(account: Numbers, graph: TemporalGraph, wanted: Flags, units: int) -> tuple[Ints, Numbers]:
    """Give the wanted edges by account and currency, each row in time order."""
    edges = np.flatnonzero(wanted).astype(np.int32)
    key = account[edges].astype(np.int64) * units + graph.unit[edges]
    start, order = grouped(key.astype(np.int32), graph.nodes * units)
    return start, edges[order]


@compiled
def _search(
    first_key: int,
    last_key: int,
    as_payer: Ints,
    as_payee: Ints,
    credit_start: Ints,
    credit: Numbers,
    debit_start: Ints,
    debit: Numbers,
    payer: Numbers,
    payee: Numbers,
    at: Ints,
    amount: Ints,
    counted: Flags,
    least: int,
    held: int,
    within: int,
    share: float,
    overlap: float,
) -> tuple[Ints, int, Ints, int]:
    """Search some rows: the numbers of each relay one after another, its edges, and how many of both.

    `as_payer` and `as_payee` are scratch space by account, all zero.
    """
    numbers = np.empty(16 * COLUMNS, np.int64)
    edges = np.empty(64, np.int64)
    found = 0
    filled = 0
    for key in range(first_key, last_key):
        low, high = credit_start[key], credit_start[key + 1]
        out_low, out_high = debit_start[key], debit_start[key + 1]
        if high - low < least or out_high - out_low < least:
            continue
        lots = high - low
        first, taker, taken = _matched(low, high, out_low, out_high, credit, debit, at, amount, held)
        # Sums of many large amounts must stay in int64; dropping low bits of all alike leaves the shares.
        total = 0.0
        for lot in range(lots):
            total += amount[credit[low + lot]]
        shift = 0
        while total > 2.0**61:
            total /= 2.0
            shift += 1
        anchor = np.empty(lots, np.int64)
        end = np.empty(lots, np.int64)
        score = np.zeros(lots, np.int64)
        payers_of = np.empty(lots, np.int64)
        payees_of = np.empty(lots, np.int64)
        passed_of = np.empty(lots, np.int64)
        inflow_of = np.empty(lots, np.int64)
        anchors = 0
        payers = payees = both = 0
        inflow = passed = np.int64(0)
        i = j = 0
        while i < lots:
            until = at[credit[low + i]] + within
            while j < lots and at[credit[low + j]] < until:
                who = payer[credit[low + j]]
                if counted[who]:
                    inflow += amount[credit[low + j]] >> shift
                    if as_payer[who] == 0:
                        payers += 1
                        both += as_payee[who] > 0
                    as_payer[who] += 1
                    for match in range(first[j], first[j + 1]):
                        to = payee[debit[taker[match]]]
                        if counted[to]:
                            passed += taken[match] >> shift
                            if as_payee[to] == 0:
                                payees += 1
                                both += as_payer[to] > 0
                            as_payee[to] += 1
                j += 1
            anchor[anchors] = i
            end[anchors] = j
            payers_of[anchors] = payers
            payees_of[anchors] = payees
            passed_of[anchors] = passed
            inflow_of[anchors] = inflow
            if (
                payers >= least
                and payees >= least
                and passed / (inflow if inflow > 0 else 1) >= share
                and both <= overlap * (payers + payees - both)
            ):
                score[anchors] = payers + payees
            anchors += 1
            same = at[credit[low + i]]
            while i < lots and at[credit[low + i]] == same:
                who = payer[credit[low + i]]
                if counted[who]:
                    inflow -= amount[credit[low + i]] >> shift
                    as_payer[who] -= 1
                    if as_payer[who] == 0:
                        payers -= 1
                        both -= as_payee[who] > 0
                    for match in range(first[i], first[i + 1]):
                        to = payee[debit[taker[match]]]
                        if counted[to]:
                            passed -= taken[match] >> shift
                            as_payee[to] -= 1
                            if as_payee[to] == 0:
                                payees -= 1
                                both -= as_payer[to] > 0
                i += 1
        peak = _peaks(anchors, anchor, score, low, credit, at, within)
        for k in range(anchors):
            if not peak[k]:
                continue
            before = filled
            need = filled + (end[k] - anchor[k]) + (first[end[k]] - first[anchor[k]])
            if need > edges.size:
                edges = _longer(edges, need)
            for lot in range(anchor[k], end[k]):
                if counted[payer[credit[low + lot]]]:
                    edges[filled] = credit[low + lot]
                    filled += 1
            latest = np.int64(-1)  # takers ascend with their lots, so a debit that took twice comes twice in a row
            for lot in range(anchor[k], end[k]):
                if not counted[payer[credit[low + lot]]]:
                    continue
                for match in range(first[lot], first[lot + 1]):
                    if taker[match] != latest and counted[payee[debit[taker[match]]]]:
                        latest = taker[match]
                        edges[filled] = debit[latest]
                        filled += 1
            if found + COLUMNS > numbers.size:
                numbers = _longer(numbers, found + COLUMNS)
            numbers[found] = key
            numbers[found + 1] = payers_of[k]
            numbers[found + 2] = payees_of[k]
            numbers[found + 3] = filled - before
            numbers[found + 4] = passed_of[k]
            numbers[found + 5] = inflow_of[k]
            found += COLUMNS
    return numbers, found, edges, filled


@inner
def _longer(array: Ints, least: int) -> Ints:
    """Copy an array into one of at least twice the length."""
    more = np.empty(max(2 * array.size, least), array.dtype)
    for place in range(array.size):  # a slice would do the same and take a second longer to compile
        more[place] = array[place]
    return more


@inner
def _matched(
    low: int,
    high: int,
    out_low: int,
    out_high: int,
    credit: Numbers,
    debit: Numbers,
    at: Ints,
    amount: Ints,
    held: int,
) -> tuple[Ints, Ints, Ints]:
    """Match one row first in, first out: where each lot's matches begin, which debit took, and how much."""
    lots = high - low
    first = np.zeros(lots + 1, np.int64)
    taker = np.empty(lots + out_high - out_low, np.int64)
    taken = np.empty(lots + out_high - out_low, np.int64)
    matches = 0
    lot = 0
    left = amount[credit[low]]
    for place in range(out_low, out_high):
        when = at[debit[place]]
        owed = amount[debit[place]]
        while owed > 0 and lot < lots and at[credit[low + lot]] <= when:
            if when - at[credit[low + lot]] <= held and left > 0:
                part = min(owed, left)
                taker[matches] = place
                taken[matches] = part
                matches += 1
                owed -= part
                left -= part
            else:
                left = np.int64(0)
            if left == 0:
                lot += 1
                first[lot] = matches
                if lot < lots:
                    left = amount[credit[low + lot]]
    for later in range(lot + 1, lots + 1):
        first[later] = matches
    return first, taker, taken


@inner
def _peaks(anchors: int, anchor: Ints, score: Ints, low: int, credit: Numbers, at: Ints, within: int) -> Flags:
    """Mark the anchors to keep; a queue of falling scores gives the highest of a sliding span in linear time."""
    peak = np.empty(anchors, np.bool_)
    queue = np.empty(anchors, np.int64)
    head = tail = 0
    for k in range(anchors):
        when = at[credit[low + anchor[k]]]
        while head < tail and at[credit[low + anchor[queue[head]]]] <= when - within:
            head += 1
        peak[k] = score[k] > 0 and (head == tail or score[queue[head]] < score[k])
        while head < tail and score[queue[tail - 1]] <= score[k]:
            tail -= 1
        queue[tail] = k
        tail += 1
    head = tail = 0
    for k in range(anchors - 1, -1, -1):
        when = at[credit[low + anchor[k]]]
        while head < tail and at[credit[low + anchor[queue[head]]]] >= when + within:
            head += 1
        if head < tail and score[queue[head]] > score[k]:
            peak[k] = False
        while head < tail and score[queue[tail - 1]] <= score[k]:
            tail -= 1
        queue[tail] = k
        tail += 1
    return peak
