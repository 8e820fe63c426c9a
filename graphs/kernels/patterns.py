"""Declared patterns: payments in a stated order over named accounts, each found by one walk forward in time.

A pattern is a sequence of payments (*hops*). Each names the account that pays and the one that is paid by numbers that
count accounts in the order in which they first appear: the same number is the same account, different numbers are
different accounts. Every hop is strictly later than the one before it, and every hop but the first shares an account
with an earlier one, so that its candidates are one row of the graph: the payments of a payer, those to a payee, or
those between the two.

Every match is found once, from its first payment, by a depth-first walk; rows are entered by time through bisection.
What one first payment may cost is bounded and counted. Nothing is rounded: shares are millionths and are compared as
integers (`_share`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

OF_PAYER, OF_PAYEE, OF_BOTH = 0, 1, 2
"""Which row holds the candidates of a hop: its payer is known, its payee is, or both are."""

NO_SHARE = -1
"""In place of a share: amounts are not compared."""


class Steps(NamedTuple):
    """What a pattern asks of each of its hops, as arrays.

    Parameters
    ----------
    payer, payee : ndarray of int32, shape (hops,)
        Number of the account that pays and of the one that is paid, in order of first appearance.
    accepts : ndarray of int16, shape (accounts,)
        Kinds of node that may stand at each account, a bit each.
    channels : ndarray of bool, shape (hops, channels)
        Channels by which a hop may be paid.
    least, most : ndarray of int64, shape (hops, units)
        Minor units a hop carries, by currency; least above most where the currency will not do.
    keeps_least, keeps_most : ndarray of int64, shape (hops,)
        Millionths of the hop before it that a hop carries, in the same currency; `NO_SHARE` in the first array where
        amounts are not compared, in the second where there is no upper bound.
    within : ndarray of int64, shape (hops,)
        Microseconds after the hop before, at most.
    span : int
        Microseconds from the first hop to the last, at most.
    """

    payer: Numbers
    payee: Numbers
    accepts: NDArray[np.int16]
    channels: Flags
    least: Ints
    most: Ints
    keeps_least: Ints
    keeps_most: Ints
    within: Ints
    span: int


class Matches(NamedTuple):
    """Payments that follow a pattern.

    Parameters
    ----------
    edges : ndarray of int32, shape (matches, hops)
        Edges of each in order of time; rows in ascending order.
    capped : int
        First payments that met a bound, so that there may be more.
    """

    edges: Numbers
    capped: int


def matches(
    graph: TemporalGraph,
    steps: Steps,
    *,
    kind: NDArray[np.int16],
    channel: NDArray[np.int8],
    first: int,
    last: int,
    most_found: int,
    most_steps: int,
) -> Matches:
    """Find the matches whose first payment is one of the edges ``first .. last``.

    Parameters
    ----------
    graph : TemporalGraph
        Payments to search.
    steps : Steps
        The pattern.
    kind : ndarray of int16, shape (nodes,)
        Kind of each node, one bit.
    channel : ndarray of int8, shape (edges,)
        Channel of each payment, a column of `Steps.channels`.
    most_found, most_steps : int
        Bounds for each first payment: matches kept, payments looked at.

    Notes
    -----
    At most ``(last - first) * most_steps`` payments are looked at, each hop after two bisections of its row.
    """
    hops = steps.payer.size
    # Accounts are numbered as they appear, so those known before a hop are a prefix.
    known = np.maximum.accumulate(np.concatenate(([-1], np.maximum(steps.payer, steps.payee)))) + 1
    knows_payer, knows_payee = steps.payer < known[:-1], steps.payee < known[:-1]
    row = np.where(knows_payer & knows_payee, OF_BOTH, np.where(knows_payer, OF_PAYER, OF_PAYEE))
    out, into, pairs = graph.out, graph.into, graph.pairs

    def work(_: None, low: int, high: int) -> tuple[Numbers, int]:
        edges, count, capped = _search(
            first + low,
            first + high,
            steps.payer,
            steps.payee,
            known.astype(np.int32),
            row.astype(np.int8),
            steps.accepts,
            steps.channels,
            steps.least,
            steps.most,
            steps.keeps_least,
            steps.keeps_most,
            steps.within,
            steps.span,
            kind,
            channel,
            graph.payer,
            graph.payee,
            graph.at,
            graph.amount,
            graph.unit,
            out.start,
            out.edge,
            into.start,
            into.edge,
            pairs.edge,
            pairs.neighbour,
            most_found,
            most_steps,
        )
        return edges[:count].reshape(-1, hops).copy(), capped

    found = in_blocks(work, even(last - first), lambda: None)
    if not found:
        return Matches(np.empty((0, hops), np.int32), 0)
    return Matches(np.concatenate([each[0] for each in found]), sum(each[1] for each in found))


@inner
def _share(amount: int, ppm: int, up: bool) -> int:
    """Give a share of an amount, rounded up or down; past int64, more than any amount is."""
    whole, rest = divmod(amount, 1_000_000)
    # Amounts stay below 2**62 (`flows.money.MAX_MINOR`), so a share cut off here is above every one of them.
    if ppm > 0 and whole > (2**62 - 1) // ppm:
        return 2**62
    return whole * ppm + (rest * ppm + (999_999 if up else 0)) // 1_000_000


@inner
def _later(row: Numbers, at: Ints, low: int, high: int, moment: int) -> int:
    """Give the first place in ``low .. high`` of a row in time order whose payment is later than a moment."""
    while low < high:
        middle = (low + high) >> 1
        if at[row[middle]] <= moment:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _from(row: Numbers, low: int, high: int, least: int) -> int:
    """Give the first place in ``low .. high`` of an ascending row with a number of at least `least`."""
    while low < high:
        middle = (low + high) >> 1
        if row[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _longer(array: Numbers, least: int) -> Numbers:
    """Copy an array into one of at least twice the length."""
    more = np.empty(max(2 * array.size, least), array.dtype)
    for place in range(array.size):  # a slice would do the same and take a second longer to compile
        more[place] = array[place]
    return more


@compiled
def _search(
    low: int,
    high: int,
    payer_of: Numbers,
    payee_of: Numbers,
    known: Numbers,
    row: NDArray[np.int8],
    accepts: NDArray[np.int16],
    channels: Flags,
    least: Ints,
    most: Ints,
    keeps_least: Ints,
    keeps_most: Ints,
    within: Ints,
    span: int,
    kind: NDArray[np.int16],
    channel: NDArray[np.int8],
    payer: Numbers,
    payee: Numbers,
    at: Ints,
    amount: Ints,
    unit: NDArray[np.int16],
    out_start: Ints,
    out_edge: Numbers,
    in_start: Ints,
    in_edge: Numbers,
    pair_edge: Numbers,
    pair_payee: Numbers,
    most_found: int,
    most_steps: int,
) -> tuple[Numbers, int, int]:
    """Walk from the first payments ``low .. high``."""
    hops = payer_of.size
    found = np.empty(16 * hops, np.int32)
    count = 0
    capped = 0
    node_at = np.empty(accepts.size, np.int32)
    edge_at = np.empty(hops, np.int32)
    here = np.empty(hops, np.int64)
    stop = np.empty(hops, np.int64)
    floor = np.empty(hops, np.int64)
    ceiling = np.empty(hops, np.int64)
    for edge in range(low, high):
        start = payer[edge]
        second = payee[edge]
        if start == second or not kind[start] & accepts[0] or not kind[second] & accepts[1]:
            continue
        if not channels[0, channel[edge]]:
            continue
        if amount[edge] < least[0, unit[edge]] or amount[edge] > most[0, unit[edge]]:
            continue
        node_at[0] = start
        node_at[1] = second
        edge_at[0] = edge
        steps = 0
        of_root = 0
        cut = False
        depth = 1
        fresh = True
        while depth >= 1:
            before = edge_at[depth - 1]
            if depth == hops:
                if of_root == most_found:
                    cut = True
                    break
                of_root += 1
                if count + hops > found.size:
                    found = _longer(found, count + hops)
                for hop in range(hops):
                    found[count] = edge_at[hop]
                    count += 1
                depth -= 1
                fresh = False
                continue
            if fresh:
                fresh = False
                limit = min(at[before] + within[depth], at[edge] + span)
                if row[depth] == OF_PAYER:
                    node = node_at[payer_of[depth]]
                    here[depth] = _later(out_edge, at, out_start[node], out_start[node + 1], at[before])
                    stop[depth] = _later(out_edge, at, here[depth], out_start[node + 1], limit)
                elif row[depth] == OF_PAYEE:
                    node = node_at[payee_of[depth]]
                    here[depth] = _later(in_edge, at, in_start[node], in_start[node + 1], at[before])
                    stop[depth] = _later(in_edge, at, here[depth], in_start[node + 1], limit)
                else:
                    node = node_at[payer_of[depth]]
                    other = node_at[payee_of[depth]]
                    begin = _from(pair_payee, out_start[node], out_start[node + 1], other)
                    end = _from(pair_payee, begin, out_start[node + 1], other + 1)
                    here[depth] = _later(pair_edge, at, begin, end, at[before])
                    stop[depth] = _later(pair_edge, at, here[depth], end, limit)
                floor[depth] = -(2**62)
                ceiling[depth] = 2**62
                if keeps_least[depth] != NO_SHARE:
                    floor[depth] = _share(amount[before], keeps_least[depth], True)
                    if keeps_most[depth] != NO_SHARE:
                        ceiling[depth] = _share(amount[before], keeps_most[depth], False)
            place = here[depth]
            if place >= stop[depth]:
                depth -= 1
                continue
            here[depth] = place + 1
            steps += 1
            if steps > most_steps:
                cut = True
                break
            if row[depth] == OF_PAYER:
                step = out_edge[place]
                new = payee[step]
            elif row[depth] == OF_PAYEE:
                step = in_edge[place]
                new = payer[step]
            else:
                step = pair_edge[place]
                new = -1
            money = amount[step]
            if money < least[depth, unit[step]] or money > most[depth, unit[step]]:
                continue
            if keeps_least[depth] != NO_SHARE and (
                unit[step] != unit[before] or money < floor[depth] or money > ceiling[depth]
            ):
                continue
            if not channels[depth, channel[step]]:
                continue
            if new >= 0:
                if not kind[new] & accepts[known[depth]]:
                    continue
                fits = True
                for number in range(known[depth]):
                    if node_at[number] == new:
                        fits = False
                        break
                if not fits:
                    continue
                node_at[known[depth]] = new
            edge_at[depth] = step
            depth += 1
            fresh = True
        capped += cut
    return found, count, capped
