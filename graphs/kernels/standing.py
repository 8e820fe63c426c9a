"""How many accounts alike had as many counterparties just before.

For a question about an account at a time ``t``, look at ``[t - span, t)``: how many counted counterparties did each
account have there, and how many payments? Accounts are alike if they share a group and a band of payments; where too
few share them, the next, wider grouping counts, and at last everyone who made or got a payment in that time.

One pass over the payments answers all questions: as time goes on, payments enter the span and leave it, and an account
moves between the cells of a table of (group, band, counterparties). Linear in payments, and exact: an answer depends on
payments in its own ``[t - span, t)`` only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Standing:
    """Answers, one per question.

    Parameters
    ----------
    alike : ndarray of int64
        Accounts that the account was compared with.
    as_many : ndarray of int64
        Those of them that had at least as many counterparties.
    """

    alike: Ints
    as_many: Ints


def standing(
    graph: TemporalGraph,
    centre: Numbers,
    counted: Flags,
    peers: Flags,
    groups: Numbers,
    steps: Ints,
    *,
    node: Numbers,
    at: Ints,
    parties: Numbers,
    span: int,
    least: int,
) -> Standing:
    """Answer questions about accounts.

    Parameters
    ----------
    centre : ndarray of int32, shape (edges,)
        The side whose counterparties are counted: payer or payee of each payment.
    counted : ndarray of bool, shape (edges,)
        Which payments bring a counterparty. Payments to oneself never do, and are nobody's activity.
    peers : ndarray of bool, shape (nodes,)
        Who may be compared with.
    groups : ndarray of int32, shape (levels, nodes)
        The group of each account, finest grouping first. One wider is added: all, whatever their band.
    steps : ndarray of int64
        From so many payments in a span on, the next band begins.
    node, at, parties : ndarrays of one length
        The questions: about which account, before what time (microseconds), and how many counterparties.
    span : int
        Microseconds.
    least : int
        Fewest accounts to compare with, if a wider grouping has more.
    """
    order = np.argsort(at, kind="stable")
    limits, column = np.unique(parties, return_inverse=True)
    # A count of counterparties as the number of limits it reaches: few columns, and nothing is rounded.
    reached = np.searchsorted(limits, np.arange(int(limits.max(initial=0)) + 1), side="right").astype(np.int32)
    levels, nodes = groups.shape
    cells = (int(groups.max(initial=0)) + 1) * (steps.size + 1)
    pair = _pairs(graph.pairs.start, graph.pairs.edge, graph.pairs.neighbour)
    alike, as_many = np.zeros(at.size, np.int64), np.zeros(at.size, np.int64)
    # All arrays are made here: inside the kernel they would take longer to compile than all the rest.
    _sweep(
        graph.payer,
        graph.payee,
        graph.at,
        centre,
        counted & (graph.payer != graph.payee),
        pair,
        peers,
        np.ascontiguousarray(groups, np.int32),
        steps,
        reached,
        node[order].astype(np.int32),
        at[order],
        (column[order] + 1).astype(np.int32),
        int(np.searchsorted(graph.at, at.min(initial=0) - span)),
        span,
        least,
        np.zeros((levels + 1, cells, limits.size + 1), np.int32),
        np.tile(np.array([0, 0, -1, 0], np.int32), (nodes, 1)),
        np.zeros(pair.size, np.int32),
        alike,
        as_many,
    )
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return Standing(alike[place], as_many[place])


@compiled
def _pairs(start: Ints, edge: Numbers, neighbour: Numbers) -> Numbers:
    """Give each payment the number of its pair of payer and payee."""
    number = np.empty(edge.size, np.int32)
    pair = -1
    for row in range(start.size - 1):
        for place in range(start[row], start[row + 1]):
            if place == start[row] or neighbour[place] != neighbour[place - 1]:
                pair += 1
            number[edge[place]] = pair
    return number


@compiled
def _sweep(
    payer: Numbers,
    payee: Numbers,
    at: Ints,
    centre: Numbers,
    counted: Flags,
    pair: Numbers,
    peers: Flags,
    groups: Numbers,
    steps: Ints,
    reached: Numbers,
    asked: Numbers,
    asked_at: Ints,
    asked_column: Numbers,
    leaving: int,
    span: int,
    least: int,
    table: Numbers,
    now: Numbers,
    seen: Numbers,
    alike: Ints,
    as_many: Ints,
) -> None:
    """Answer all questions, which ascend in time, from the first payment in a span on.

    How things stand is kept in `now`: payments, counterparties, band (-1 for none) and column of each node, which are
    asked for together and so stand side by side. `seen` has the payments of each pair, `table` the accounts of each
    level, cell and column; `alike` and `as_many` take the answers.
    """
    levels = groups.shape[0]
    bands = steps.size + 1
    columns = table.shape[2]
    entering = leaving
    for question in range(asked.size):
        while True:
            if entering < at.size and at[entering] < asked_at[question]:
                edge, sign = entering, 1
                entering += 1
            elif leaving < entering and at[leaving] < asked_at[question] - span:
                edge, sign = leaving, -1
                leaving += 1
            else:
                break
            if payer[edge] == payee[edge]:
                continue
            if counted[edge]:
                seen[pair[edge]] += sign
                if seen[pair[edge]] == (1 if sign > 0 else 0):
                    now[centre[edge], 1] += sign
            for side in range(2):
                one = payer[edge] if side == 0 else payee[edge]
                now[one, 0] += sign
                if not peers[one]:
                    continue
                new_band = -1
                if now[one, 0] > 0:
                    new_band = 0
                    while new_band < bands - 1 and now[one, 0] >= steps[new_band]:
                        new_band += 1
                place = now[one, 1] if now[one, 1] < reached.size else reached.size - 1
                new_column = reached[place]
                if new_band == now[one, 2] and new_column == now[one, 3]:
                    continue
                for level in range(levels + 1):
                    group = groups[level, one] * bands if level < levels else 0
                    inner = 1 if level < levels else 0
                    if now[one, 2] >= 0:
                        table[level, group + inner * now[one, 2], now[one, 3]] -= 1
                    if new_band >= 0:
                        table[level, group + inner * new_band, new_column] += 1
                now[one, 2] = new_band
                now[one, 3] = new_column
        one = asked[question]
        # Bands are kept for peers only; a hub that collects is placed by its payments all the same.
        own_band = -1
        if now[one, 0] > 0:
            own_band = 0
            while own_band < bands - 1 and now[one, 0] >= steps[own_band]:
                own_band += 1
        for level in range(levels + 1):
            if level < levels and own_band < 0:
                continue
            cell = groups[level, one] * bands + own_band if level < levels else 0
            total = 0
            many = 0
            for number in range(columns):
                total += table[level, cell, number]
                if number >= asked_column[question]:
                    many += table[level, cell, number]
            if now[one, 2] >= 0:
                total -= 1
                if now[one, 3] >= asked_column[question]:
                    many -= 1
            if total >= least or level == levels:
                alike[question] = total
                as_many[question] = many
                break
