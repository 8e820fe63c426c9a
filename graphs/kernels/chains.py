"""Chains: one sum relayed from account to account, each time soon after it arrived and a little smaller.

A payment f *relays* a payment e if the payee of e pays f strictly later and at most `delay` after e, in the same
currency and nearly the same amount, and not back to the payer of e. A chain is a path of relays over different
accounts. It starts with a payment that relays no other, but for payments of accounts that the chain passes later, and
goes on until no payment to a fresh account relays its last one, or until it has `most_hops`; so no chain is part of
another.

Every chain is found once, from its first payment, by a depth-first walk; long rows are entered by amount
(`TemporalGraph.amounts`). What one first payment may cost is bounded and counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import BUCKETS, RATIO
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

MILLION = 1_000_000

NOT_ASKED = -2
"""Of a first payment: what it relays was not looked for yet."""

LONG = 256
"""Payments in a row from which on it is entered by amount. Ours; weighed in benchmarks/speed."""


class Chains(NamedTuple):
    """Chains of relayed payments.

    Parameters
    ----------
    edges : ndarray of int32, shape (chains, most_hops)
        Edges of each in order of time, filled up with -1; rows in ascending order.
    capped : int
        First payments that met a bound, so that there may be more.
    longer : int
        Chains that would go on after `most_hops`.
    """

    edges: NDArray[np.int32]
    capped: int
    longer: int


def chains(
    graph: TemporalGraph,
    path: Flags,
    ends: Flags,
    *,
    after: Numbers,
    until: Numbers,
    first: int,
    last: int,
    least_hops: int,
    most_hops: int,
    keeps_least: float,
    keeps_most: float,
    least_amount: Ints,
    most_chains: int,
    most_steps: int,
    long: int = LONG,
) -> Chains:
    """Find the chains whose first payment is one of the edges ``first .. last``.

    Parameters
    ----------
    path, ends : ndarray of bool, shape (nodes,)
        Accounts a chain may pass, and accounts it may begin or end at.
    after, until : ndarray of int32, shape (edges,)
        `TemporalGraph.until` of no time and of the longest delay.
    keeps_least, keeps_most : float
        Share of a payment that the next one carries.
    least_amount : ndarray of int64, shape (units,)
        Minor units that the first payment carries at least, by currency.
    most_chains, most_steps : int
        Bounds for each first payment: chains kept, payments looked at.
    long : int
        Payments in a row from which on it is entered by amount; changes the cost only.
    """
    out, into, amounts = graph.out, graph.into, graph.amounts
    bucket = graph.bucket
    following = _following(graph.payer, graph.payee, after, out.start[:-1].astype(np.int32))

    def work(_: None, low: int, high: int) -> tuple[Numbers, int, int]:
        edges, count, capped, longer = _search(
            first + low,
            first + high,
            path,
            ends,
            graph.payer,
            graph.payee,
            out.start,
            out.edge,
            out.neighbour,
            into.start,
            into.edge,
            into.neighbour,
            amounts.edge,
            amounts.neighbour,
            bucket,
            following,
            graph.amount,
            graph.unit,
            after,
            until,
            least_hops,
            most_hops,
            round(keeps_least * MILLION),
            round(keeps_most * MILLION),
            least_amount,
            most_chains,
            most_steps,
            long,
        )
        return edges[:count].reshape(-1, most_hops).copy(), capped, longer

    found = in_blocks(work, even(last - first), lambda: None)
    if not found:
        return Chains(np.empty((0, most_hops), np.int32), 0, 0)
    edges = np.concatenate([each[0] for each in found])
    capped, longer = sum(each[1] for each in found), sum(each[2] for each in found)
    return Chains(edges[np.lexsort(edges.T[::-1])], capped, longer)


@inner
def _from(row: NDArray[Any], low: int, high: int, least: int) -> int:
    """Give the first place in ``low .. high`` of an ascending row with a number of at least `least`."""
    while low < high:
        middle = (low + high) >> 1
        if row[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _share(amount: int, ppm: int) -> int:
    """Give a share of an amount, rounded down, without leaving int64; ``-_share(-amount, ppm)`` is rounded up."""
    whole, rest = divmod(amount, 1_000_000)
    return whole * ppm + rest * ppm // 1_000_000


@inner
def _of_bucket(bucket: Numbers, edge: Numbers, low: int, high: int, wanted: int) -> int:
    """Give the first place in a row in order of amount bucket with at least this bucket."""
    while low < high:
        middle = (low + high) >> 1
        if bucket[edge[middle]] < wanted:
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
def _following(payer: Numbers, payee: Numbers, after: Numbers, place: Numbers) -> Numbers:
    """Give, per payment, the place in the rows by payer of the first payment that its payee makes later.

    `place` is where the row of each node begins; it is used up. Those of one moment follow none of each other.
    """
    following = np.empty(payer.size, np.int32)
    edge = 0
    while edge < payer.size:
        end = after[edge]
        for paid in range(edge, end):
            place[payer[paid]] += 1
        for paid in range(edge, end):
            following[paid] = place[payee[paid]]
        edge = end
    return following


@inner
def _origins(
    edge: int,
    start: int,
    second: int,
    path: Flags,
    ends: Flags,
    in_start: Ints,
    in_edge: Numbers,
    in_payer: Numbers,
    amount: Ints,
    unit: NDArray[np.int16],
    after: Numbers,
    until: Numbers,
    least_ppm: int,
    most_ppm: int,
    least_amount: Ints,
    most_steps: int,
    origins: Numbers,
) -> int:
    """Count the different payers of payments that this one relays, and list them; -1 not known within the bound.

    As many as `origins` holds are enough to know that no chain passes all of them.
    """
    if not path[start]:
        return 0
    different = 0
    place = _from(in_edge, in_start[start], in_start[start + 1], edge) - 1
    steps = 0
    while place >= in_start[start] and until[in_edge[place]] > edge and different < origins.size:
        earlier = in_edge[place]
        origin = in_payer[place]
        place -= 1
        steps += 1
        if steps > most_steps:
            return -1
        if after[earlier] > edge or origin == start or second == origin or not ends[origin]:
            continue
        if unit[earlier] != unit[edge] or amount[earlier] < least_amount[unit[edge]]:
            continue
        if -_share(-amount[earlier], least_ppm) <= amount[edge] <= _share(amount[earlier], most_ppm):
            known = False
            for other in range(different):
                known = known or origins[other] == origin
            if not known:
                origins[different] = origin
                different += 1
    return different


@compiled
def _search(
    low: int,
    high: int,
    path: Flags,
    ends: Flags,
    payer: Numbers,
    payee: Numbers,
    out_start: Ints,
    out_edge: Numbers,
    out_payee: Numbers,
    in_start: Ints,
    in_edge: Numbers,
    in_payer: Numbers,
    band_edge: Numbers,
    band_payee: Numbers,
    bucket: Numbers,
    following: Numbers,
    amount: Ints,
    unit: NDArray[np.int16],
    after: Numbers,
    until: Numbers,
    least_hops: int,
    most_hops: int,
    least_ppm: int,
    most_ppm: int,
    least_amount: Ints,
    most_chains: int,
    most_steps: int,
    long: int,
) -> tuple[Numbers, int, int, int]:
    """Walk from the first payments ``low .. high``, in order of time: what is known of each lies side by side."""
    found = np.empty(16 * most_hops, np.int32)
    count = 0
    capped = 0
    longer = 0
    origins = np.empty(most_hops, np.int32)  # one more than a chain passes after its second account
    node_at = np.empty(most_hops + 1, np.int32)
    edge_at = np.empty(most_hops + 1, np.int32)
    floor = np.empty(most_hops + 1, np.int64)
    ceiling = np.empty(most_hops + 1, np.int64)
    here = np.empty(most_hops + 1, np.int64)
    stop = np.empty(most_hops + 1, np.int64)
    bucket_at = np.empty(most_hops + 1, np.int64)  # next bucket; past the last one if the row is walked by time
    last_bucket = np.empty(most_hops + 1, np.int64)
    by_amount = np.empty(most_hops + 1, np.bool_)
    grew = np.empty(most_hops + 1, np.bool_)
    beyond = False
    for edge in range(low, high):
        start = payer[edge]
        second = payee[edge]
        if amount[edge] < least_amount[unit[edge]] or second == start or not ends[start] or not path[second]:
            continue
        steps = 0
        of_root = 0
        cut = False
        different = NOT_ASKED
        node_at[0] = start
        node_at[1] = second
        edge_at[1] = edge
        depth = 1
        fresh = True
        while depth >= 1:
            node = node_at[depth]
            relayed = edge_at[depth]
            if fresh:
                fresh = False
                grew[depth] = False
                floor[depth] = -_share(-amount[relayed], least_ppm)
                ceiling[depth] = _share(amount[relayed], most_ppm)
                by_amount[depth] = False
                bucket_at[depth] = 1
                last_bucket[depth] = 0
                beyond = False
                if not path[node]:
                    here[depth] = 0
                    stop[depth] = 0
                else:
                    row_end = out_start[node + 1]
                    here[depth] = following[relayed]
                    furthest = min(row_end, here[depth] + long + 1)
                    place = here[depth]
                    while place < furthest and out_edge[place] < until[relayed]:
                        place += 1
                    stop[depth] = place
                    if place - here[depth] > long:
                        # One bucket to either side: rounding may put an amount there; amounts are compared below.
                        by_amount[depth] = True
                        base = unit[relayed] * BUCKETS
                        bucket_at[depth] = base + max(0, int(np.log(max(floor[depth], 1)) / np.log(RATIO)) - 1)
                        last_bucket[depth] = base + min(
                            BUCKETS - 1, int(np.log(max(ceiling[depth], 1)) / np.log(RATIO)) + 1
                        )
                        here[depth] = 0
                        stop[depth] = 0
            steps += 1
            cut = steps > most_steps
            ended = here[depth] == stop[depth] and bucket_at[depth] > last_bucket[depth]
            if different == NOT_ASKED and (cut or (ended and not grew[depth] and depth >= least_hops)):
                different = _origins(
                    edge,
                    start,
                    second,
                    path,
                    ends,
                    in_start,
                    in_edge,
                    in_payer,
                    amount,
                    unit,
                    after,
                    until,
                    least_ppm,
                    most_ppm,
                    least_amount,
                    most_steps,
                    origins,
                )
                if different < 0 or different == most_hops:
                    cut = different < 0  # of too many origins none of its chains can be whole
                    break
            if cut:
                break
            if here[depth] == stop[depth]:
                if bucket_at[depth] <= last_bucket[depth]:
                    row_end = out_start[node + 1]
                    begin = _of_bucket(bucket, band_edge, out_start[node], row_end, bucket_at[depth])
                    end = _of_bucket(bucket, band_edge, begin, row_end, bucket_at[depth] + 1)
                    here[depth] = _from(band_edge, begin, end, after[relayed])
                    stop[depth] = _from(band_edge, here[depth], end, until[relayed])
                    bucket_at[depth] += 1
                    continue
                if not grew[depth] and depth >= least_hops:
                    # It is part of a longer one if an account it does not pass paid what its first payment relays.
                    whole = True
                    for other in range(different):
                        passed = False
                        for hop in range(2, depth + 1):
                            passed = passed or node_at[hop] == origins[other]
                        whole = whole and passed
                    if whole:
                        if of_root == most_chains:
                            cut = True
                            break
                        of_root += 1
                        longer += depth == most_hops and beyond
                        if count + most_hops > found.size:
                            found = _longer(found, count + most_hops)
                        for hop in range(1, most_hops + 1):
                            found[count] = edge_at[hop] if hop <= depth else -1
                            count += 1
                depth -= 1
                continue
            place = here[depth]
            here[depth] = place + 1
            if by_amount[depth]:
                step = band_edge[place]
                target = band_payee[place]
            else:
                step = out_edge[place]
                target = out_payee[place]
            if amount[step] < floor[depth] or amount[step] > ceiling[depth] or unit[step] != unit[relayed]:
                continue
            if not ends[target]:
                continue
            fits = True
            for hop in range(depth + 1):
                if node_at[hop] == target:
                    fits = False
                    break
            if fits and depth == most_hops:
                # It is shown up to here; that it goes on is enough to know.
                beyond = True
                here[depth] = stop[depth]
                bucket_at[depth] = last_bucket[depth] + 1
            elif fits:
                grew[depth] = True
                depth += 1
                node_at[depth] = target
                edge_at[depth] = step
                fresh = True
        capped += cut
    return found, count, capped, longer
