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
    out, into = graph.out, graph.into

    def work(space: tuple[Ints, Ints, Ints, Ints], low: int, high: int) -> tuple[Ints, Numbers]:
        numbers, found, edges, filled = _search(
            low,
            high,
            *space,
            into.start,
            into.edge,
            into.neighbour,
            out.start,
            out.edge,
            out.neighbour,
            graph.at,
            graph.amount,
            graph.unit,
            centres,
            counted,
            least,
            held,
            within,
            share,
            overlap,
        )
        return numbers[:found].reshape(-1, COLUMNS).copy(), edges[:filled].astype(np.int32)

    def scratch() -> tuple[Ints, Ints, Ints, Ints]:
        by_account, by_unit = np.zeros(graph.nodes, np.int64), np.zeros(units, np.int64)
        return by_account, by_account.copy(), by_unit, by_unit.copy()

    found = in_blocks(work, even_rows(into.start + out.start), scratch)
    numbers = np.concatenate([each[0] for each in found] or [np.empty((0, COLUMNS), np.int64)])
    edge = np.concatenate([each[1] for each in found] or [np.empty(0, np.int32)])
    key, payers, payees, size, passed, inflow = (column.copy() for column in numbers.T)
    start = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(size, out=start[1:])
    return Relays(key, payers, payees, passed / np.maximum(inflow, 1), start, edge)


@compiled
def _search(
    first_node: int,
    last_node: int,
    as_payer: Ints,
    as_payee: Ints,
    credits_in: Ints,
    debits_in: Ints,
    in_start: Ints,
    in_edge: Numbers,
    in_payer: Numbers,
    out_start: Ints,
    out_edge: Numbers,
    out_payee: Numbers,
    at: Ints,
    amount: Ints,
    unit: NDArray[np.int16],
    centres: Flags,
    counted: Flags,
    least: int,
    held: int,
    within: int,
    share: float,
    overlap: float,
) -> tuple[Ints, int, Ints, int]:
    """Search some accounts: the numbers of each relay one after another, its edges, and how many of both.

    `as_payer` and `as_payee` are scratch space by account, `credits_in` and `debits_in` by currency, all zero.
    """
    longest_in = 0
    longest_out = 0
    for node in range(first_node, last_node):
        longest_in = max(longest_in, in_start[node + 1] - in_start[node])
        longest_out = max(longest_out, out_start[node + 1] - out_start[node])
    # Credits and debits of one account in one currency: edge, counterparty, time, amount.
    credit = np.empty(longest_in, np.int32)
    credit_from = np.empty(longest_in, np.int32)
    credit_at = np.empty(longest_in, np.int64)
    came = np.empty(longest_in, np.int64)
    debit = np.empty(longest_out, np.int32)
    debit_to = np.empty(longest_out, np.int32)
    debit_at = np.empty(longest_out, np.int64)
    went = np.empty(longest_out, np.int64)
    numbers = np.empty(16 * COLUMNS, np.int64)
    edges = np.empty(64, np.int64)
    found = 0
    filled = 0
    units = credits_in.size
    for node in range(first_node, last_node):
        if not centres[node] or in_start[node + 1] - in_start[node] < least:
            continue
        if out_start[node + 1] - out_start[node] < least:
            continue
        for place in range(in_start[node], in_start[node + 1]):
            if in_payer[place] != node:
                credits_in[unit[in_edge[place]]] += 1
        for place in range(out_start[node], out_start[node + 1]):
            if out_payee[place] != node:
                debits_in[unit[out_edge[place]]] += 1
        for money in range(units):
            enough = credits_in[money] >= least and debits_in[money] >= least
            credits_in[money] = 0
            debits_in[money] = 0
            if not enough:
                continue
            lots = _of_unit(
                money, node, in_start, in_edge, in_payer, unit, at, amount, credit, credit_from, credit_at, came
            )
            # Few accounts have so many credits within a span at all.
            lot = least - 1
            while lot < lots and credit_at[lot] - credit_at[lot - least + 1] >= within:
                lot += 1
            if lot >= lots:
                continue
            debits = _of_unit(
                money, node, out_start, out_edge, out_payee, unit, at, amount, debit, debit_to, debit_at, went
            )
            first, taker, taken = _matched(lots, debits, credit_at, came, debit_at, went, held)
            # Sums of many large amounts must stay in int64; dropping low bits of all alike leaves the shares.
            total = 0.0
            for lot in range(lots):
                total += came[lot]
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
                until = credit_at[i] + within
                while j < lots and credit_at[j] < until:
                    who = credit_from[j]
                    if counted[who]:
                        inflow += came[j] >> shift
                        if as_payer[who] == 0:
                            payers += 1
                            both += as_payee[who] > 0
                        as_payer[who] += 1
                        for match in range(first[j], first[j + 1]):
                            to = debit_to[taker[match]]
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
                same = credit_at[i]
                while i < lots and credit_at[i] == same:
                    who = credit_from[i]
                    if counted[who]:
                        inflow -= came[i] >> shift
                        as_payer[who] -= 1
                        if as_payer[who] == 0:
                            payers -= 1
                            both -= as_payee[who] > 0
                        for match in range(first[i], first[i + 1]):
                            to = debit_to[taker[match]]
                            if counted[to]:
                                passed -= taken[match] >> shift
                                as_payee[to] -= 1
                                if as_payee[to] == 0:
                                    payees -= 1
                                    both -= as_payer[to] > 0
                    i += 1
            peak = _peaks(anchors, anchor, score, credit_at, within)
            for k in range(anchors):
                if not peak[k]:
                    continue
                before = filled
                need = filled + (end[k] - anchor[k]) + (first[end[k]] - first[anchor[k]])
                if need > edges.size:
                    edges = _longer(edges, need)
                for lot in range(anchor[k], end[k]):
                    if counted[credit_from[lot]]:
                        edges[filled] = credit[lot]
                        filled += 1
                latest = np.int64(-1)  # takers ascend with their lots, so a debit that took twice comes twice in a row
                for lot in range(anchor[k], end[k]):
                    if not counted[credit_from[lot]]:
                        continue
                    for match in range(first[lot], first[lot + 1]):
                        if taker[match] != latest and counted[debit_to[taker[match]]]:
                            latest = taker[match]
                            edges[filled] = debit[latest]
                            filled += 1
                if found + COLUMNS > numbers.size:
                    numbers = _longer(numbers, found + COLUMNS)
                numbers[found] = node * units + money
                numbers[found + 1] = payers_of[k]
                numbers[found + 2] = payees_of[k]
                numbers[found + 3] = filled - before
                numbers[found + 4] = passed_of[k]
                numbers[found + 5] = inflow_of[k]
                found += COLUMNS
    return numbers, found, edges, filled


@inner
def _of_unit(
    money: int,
    node: int,
    start: Ints,
    edge: Numbers,
    neighbour: Numbers,
    unit: NDArray[np.int16],
    at: Ints,
    amount: Ints,
    edges: Numbers,
    other: Numbers,
    when: Ints,
    moved: Ints,
) -> int:
    """Copy the payments of one account in one currency, those to itself left out, and give how many there are."""
    length = 0
    for place in range(start[node], start[node + 1]):
        here = edge[place]
        if neighbour[place] != node and unit[here] == money:
            edges[length] = here
            other[length] = neighbour[place]
            when[length] = at[here]
            moved[length] = amount[here]
            length += 1
    return length


@inner
def _longer(array: Ints, least: int) -> Ints:
    """Copy an array into one of at least twice the length."""
    more = np.empty(max(2 * array.size, least), array.dtype)
    for place in range(array.size):  # a slice would do the same and take a second longer to compile
        more[place] = array[place]
    return more


@inner
def _matched(
    lots: int,
    debits: int,
    credit_at: Ints,
    came: Ints,
    debit_at: Ints,
    went: Ints,
    held: int,
) -> tuple[Ints, Ints, Ints]:
    """Match one row first in, first out: where each lot's matches begin, which debit took, and how much."""
    first = np.zeros(lots + 1, np.int64)
    taker = np.empty(lots + debits, np.int64)
    taken = np.empty(lots + debits, np.int64)
    matches = 0
    lot = 0
    left = came[0]
    for place in range(debits):
        when = debit_at[place]
        owed = went[place]
        while owed > 0 and lot < lots and credit_at[lot] <= when:
            if when - credit_at[lot] <= held and left > 0:
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
                    left = came[lot]
    for later in range(lot + 1, lots + 1):
        first[later] = matches
    return first, taker, taken


@inner
def _peaks(anchors: int, anchor: Ints, score: Ints, credit_at: Ints, within: int) -> Flags:
    """Mark the anchors to keep; a queue of falling scores gives the highest of a sliding span in linear time."""
    peak = np.empty(anchors, np.bool_)
    queue = np.empty(anchors, np.int64)
    head = tail = 0
    for k in range(anchors):
        when = credit_at[anchor[k]]
        while head < tail and credit_at[anchor[queue[head]]] <= when - within:
            head += 1
        peak[k] = score[k] > 0 and (head == tail or score[queue[head]] < score[k])
        while head < tail and score[queue[tail - 1]] <= score[k]:
            tail -= 1
        queue[tail] = k
        tail += 1
    head = tail = 0
    for k in range(anchors - 1, -1, -1):
        when = credit_at[anchor[k]]
        while head < tail and credit_at[anchor[queue[head]]] >= when + within:
            head += 1
        if head < tail and score[queue[head]] > score[k]:
            peak[k] = False
        while head < tail and score[queue[tail - 1]] <= score[k]:
            tail -= 1
        queue[tail] = k
        tail += 1
    return peak
