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

PARTIES, PLACE, FIELDS = 1, 2, 3
"""Fields of a node in the sweep, behind its payments; where the places of its groups begin follows."""

NOWHERE, NEVER = -1, -2

UNCOUNTED = 2**31 - 1
"""Stands for the payment before one that brings no counterparty: it is never gone."""

AHEAD = 64
"""Payments whose nodes are read at once before they are needed: memory gives many as fast as one. Ours, measured."""


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
    columns = limits.size + 1
    # Where the columns of a band begin, by payments.
    shelf = np.searchsorted(steps, np.arange(int(steps.max(initial=1)) + 1), side="right").astype(np.int32) * columns
    shelf[0] = NOWHERE
    levels, nodes = groups.shape
    sheet = (steps.size + 1) * columns
    width = (int(groups.max(initial=0)) + 1) * sheet
    now = np.zeros((nodes, FIELDS + levels), np.int32)
    now[:, PLACE] = np.where(peers, NOWHERE, NEVER)
    now[:, FIELDS:] = (groups * sheet + np.arange(levels)[:, np.newaxis] * width).T
    earlier = _earlier(graph.pairs.start, graph.pairs.edge, graph.pairs.neighbour, counted)
    alike, as_many = np.zeros(at.size, np.int64), np.zeros(at.size, np.int64)
    # All arrays are made here: inside the kernel they would take longer to compile than all the rest.
    _sweep(
        graph.payer,
        graph.payee,
        graph.at,
        centre,
        earlier,
        earlier == UNCOUNTED,
        shelf,
        reached,
        node[order].astype(np.int32),
        at[order],
        (column[order] + 1).astype(np.int32),
        int(np.searchsorted(graph.at, at.min(initial=0) - span)),
        span,
        least,
        columns,
        now.ravel(),
        np.zeros(levels * width, np.int32),
        alike,
        as_many,
        levels,
    )
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return Standing(alike[place], as_many[place])


@compiled
def _earlier(start: Ints, edge: Numbers, neighbour: Numbers, counted: Flags) -> Numbers:
    """Give each payment the counted one before it between the same two, -1 if none; `UNCOUNTED` where it is not."""
    earlier = np.empty(edge.size, np.int32)
    for row in range(start.size - 1):
        other = -1
        last = -1
        for place in range(start[row], start[row + 1]):
            here = edge[place]
            if neighbour[place] != other:
                other = neighbour[place]
                last = -1
            earlier[here] = UNCOUNTED
            if counted[here] and other != row:
                earlier[here] = last
                last = here
    return earlier


@compiled
def _sweep(
    payer: Numbers,
    payee: Numbers,
    at: Ints,
    centre: Numbers,
    earlier: Numbers,
    again: Flags,
    shelf: Numbers,
    reached: Numbers,
    asked: Numbers,
    asked_at: Ints,
    asked_column: Numbers,
    leaving: int,
    span: int,
    least: int,
    columns: int,
    now: Numbers,
    table: Numbers,
    alike: Ints,
    as_many: Ints,
    levels: int,
) -> int:
    """Answer all questions, which ascend in time, from the first payment in a span on.

    How things stand with a node is kept in a row of `now`, since it is asked for together: payments, counterparties,
    place (`NOWHERE` without payments, `NEVER` for those who are nobody's peers), and where the places of its group
    begin in `table` at each level, which has the accounts of each. A payment brings a counterparty unless the one
    `earlier` is still there, and takes it away unless it came `again`. `alike` and `as_many` take the answers. What is
    given is the sum of what was read ahead, for a compiler leaves out what nobody asks for.
    """
    size = FIELDS + levels
    entering = leaving
    touched = 0
    for question in range(asked.size):
        while True:
            if entering < at.size and at[entering] < asked_at[question]:
                edge, sign = entering, 1
                entering += 1
                if earlier[edge] < leaving:
                    now[size * centre[edge] + PARTIES] += 1
                elif earlier[edge] != UNCOUNTED:
                    again[earlier[edge]] = True
            elif leaving < entering and at[leaving] < asked_at[question] - span:
                edge, sign = leaving, -1
                leaving += 1
                if not again[edge]:
                    now[size * centre[edge] + PARTIES] -= 1
            else:
                break
            if edge % AHEAD == 0:
                for near in range(edge, min(edge + AHEAD, at.size)):
                    touched += now[size * payer[near]] + now[size * payee[near]]
            if payer[edge] == payee[edge]:
                continue
            for side in range(2):
                row = size * (payer[edge] if side == 0 else payee[edge])
                payments = now[row] + sign
                now[row] = payments
                old = now[row + PLACE]
                if old == NEVER:
                    continue
                new = shelf[min(payments, shelf.size - 1)]
                if new >= 0:
                    new += reached[min(now[row + PARTIES], reached.size - 1)]
                if new == old:
                    continue
                now[row + PLACE] = new
                for level in range(levels):
                    first = now[row + FIELDS + level]
                    if old >= 0:
                        table[first + old] -= 1
                    if new >= 0:
                        table[first + new] += 1
        # Places are kept for peers only; a hub that collects is held against others by its payments all the same.
        row = size * asked[question]
        own = shelf[min(now[row], shelf.size - 1)]
        for level in range(levels + 1):
            if level < levels:
                if own < 0:
                    continue
                first = now[row + FIELDS + level] + own
                last = first + columns
            else:  # all of the widest level, whatever their band
                first = table.size // levels * (levels - 1)
                last = table.size
            total = 0
            many = 0
            number = 0
            for place in range(first, last):
                total += table[place]
                if number >= asked_column[question]:
                    many += table[place]
                number += 1
                if number == columns:
                    number = 0
            if now[row + PLACE] >= 0:
                total -= 1
                if now[row + PLACE] - own >= asked_column[question]:
                    many -= 1
            if total >= least or level == levels:
                alike[question] = total
                as_many[question] = many
                break
    return touched
