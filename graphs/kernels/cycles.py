"""Temporal cycles: money that comes back to where it set out, each hop strictly later than the one before.

Every cycle is found once, from its first payment, by a depth-first walk along the payer's later payments. Four things
keep the walk short. A payment whose payee pays nothing before the last payment back is not walked from. With amounts
compared, neither is one from which no later payment of fitting size comes back to its payer, and the last of those
closes the time; long rows are entered by amount instead of time (`TemporalGraph.amounts`). Without amounts, the
accounts from which the payer can still be reached carry their latest departure (`_ball`), and a long row is met with
them instead of walked. The last hop is looked up (`TemporalGraph.pairs`).

What one first payment may cost is bounded, in cycles and in payments looked at; first payments that met a bound are
counted. In a flood, where very many payments among few accounts all lead back, each would still give as many cycles as
the bound allows: there the cycles of a first payment are dropped if `crowd` more payments of its payer follow within
the span, and counted. Bounds look at payments from the first one on, so cuts and threads change nothing.
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

WALK, LOOK_UP, MEET, BY_AMOUNT = 0, 1, 2, 3
"""Ways through a row: by time, only its payments to the start, only those to labelled accounts, by amount bucket."""


CELLS = 256
"""Time cells whose first and last edge are remembered while a block is walked."""


class Gait(NamedTuple):
    """How the walk chooses its way through a row; changes the cost, never the answer. Ours; see benchmarks/speed.

    Parameters
    ----------
    levels : int
        Hops back from the start that are labelled where amounts are not compared.
    ball : int
        Payments looked at to label one more level; beyond it the walk does without.
    meet, ratio : int
        A row is met with the labelled accounts if it has more payments than `meet` and than `ratio` times those.
    long : int
        A row with more payments is entered by amount.
    """

    levels: int = 4
    ball: int = 20_000
    meet: int = 32
    ratio: int = 12
    long: int = 256


GAIT = Gait()

NO_CROWD = 2**31
"""More payments than there are: nothing is dropped."""


class Cycles(NamedTuple):
    """Temporal cycles.

    Parameters
    ----------
    edges : ndarray of int32, shape (cycles, most_hops)
        Edges of each in order of time, filled up with -1; rows in ascending order.
    capped : int
        First payments that met a bound, so that there may be more.
    crowded : int
        Those of them whose cycles were dropped, since later payments of the same payer stand for them.
    """

    edges: NDArray[np.int32]
    capped: int
    crowded: int


def cycles(
    graph: TemporalGraph,
    allowed: Flags,
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
    across: bool,
    within: int,
    slab: int,
    most_cycles: int,
    most_steps: int,
    keeps_each: float = 0.0,
    crowd: int = NO_CROWD,
    gait: Gait = GAIT,
) -> Cycles:
    """Find the cycles whose first payment is one of the edges ``first .. last``.

    Parameters
    ----------
    allowed : ndarray of bool, shape (nodes,)
        Accounts a cycle may pass.
    after, until : ndarray of int32, shape (edges,)
        `TemporalGraph.until` of no time and of `within`.
    keeps_least : float
        Share of the first amount that every payment carries at least; 0 for any.
    keeps_most : float
        Share of the amount before that a payment carries at most.
    least_amount : ndarray of int64, shape (units,)
        Minor units that the first payment carries at least, by currency.
    across : bool
        Whether a hop may change the currency; amounts are then not compared over it.
    within, slab : int
        Microseconds from the first to the last payment at most, and of the time cells that share labels; the latter is
        used where amounts are not compared.
    most_cycles, most_steps : int
        Bounds for each first payment: cycles kept, payments looked at.
    keeps_each : float
        Share of the amount before that every payment carries at least, at most 1; 0 for any. With both at 0 amounts
        are not compared at all.
    crowd : int
        A first payment with `most_cycles` cycles is dropped if so many payments of its payer follow within the span.
    gait : Gait
        How the walk is done.
    """
    out, into, pairs = graph.out, graph.into, graph.pairs
    compared = keeps_least > 0 or keeps_each > 0
    levels = 0 if compared else min(gait.levels, most_hops - 1)
    # An index that is not used is not made.
    bands = graph.amounts if compared and not across else pairs
    bucket = graph.bucket if compared and not across else np.empty(0, np.int32)
    none = np.empty(0, np.int64)
    in_amount, out_amount = (graph.in_amount, graph.out_amount) if compared else (none, none)
    several = len(graph.currencies) > 1

    def work(label: Numbers, low: int, high: int) -> tuple[Numbers, int, int]:
        edges, count, capped, crowded = _search(
            low,
            high,
            label,
            levels,
            allowed,
            graph.payer,
            out.start,
            out.edge,
            out.neighbour,
            out_amount,
            graph.onward,
            into.start,
            into.edge,
            into.neighbour,
            in_amount,
            pairs.edge,
            pairs.neighbour,
            bands.edge,
            bands.neighbour,
            bucket,
            graph.at,
            graph.amount,
            graph.unit,
            several,
            after,
            until,
            first,
            last,
            least_hops,
            most_hops,
            round(keeps_least * MILLION),
            round(keeps_most * MILLION),
            round(keeps_each * MILLION),
            compared,
            least_amount,
            across,
            within,
            slab,
            most_cycles,
            most_steps,
            crowd,
            gait.ball,
            gait.meet,
            gait.ratio,
            gait.long,
        )
        return edges[:count].reshape(-1, most_hops).copy(), capped, crowded

    found = in_blocks(work, even(graph.edges), lambda: np.zeros((graph.nodes if levels else 1, levels + 1), np.int32))
    if not found:
        return Cycles(np.empty((0, most_hops), np.int32), 0, 0)
    edges = np.concatenate([each[0] for each in found])
    capped, crowded = sum(each[1] for each in found), sum(each[2] for each in found)
    return Cycles(edges[np.lexsort(edges.T[::-1])], capped, crowded)


@inner
def _from(edge: NDArray[Any], low: int, high: int, least: int) -> int:
    """Give the first place in ``low .. high`` of an ascending row with a number of at least `least`."""
    while low < high:
        middle = (low + high) >> 1
        if edge[middle] < least:
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
def _ball(
    start: int,
    cell_first: int,
    cell_until: int,
    label: Numbers,
    levels: int,
    allowed: Flags,
    in_start: Ints,
    in_edge: Numbers,
    in_payer: Numbers,
    after: Numbers,
    budget: int,
    known: Numbers,
    size: Ints,
) -> tuple[Numbers, int, int]:
    """Label the accounts from which `start` is reached in at most h hops with one more than their latest first edge.

    Only edges ``cell_first .. cell_until`` count. Writes the labelled accounts to `known` in order of discovery, and
    how many of them each level knew to `size`. Gives `known`, longer if need be, how many accounts it holds, and how
    many levels were made within the budget.
    """
    count = 0
    for place in range(
        _from(in_edge, in_start[start], in_start[start + 1], cell_first),
        _from(in_edge, in_start[start], in_start[start + 1], cell_until),
    ):
        node = in_payer[place]
        if node == start or not allowed[node]:
            continue
        if label[node, 1] == 0:
            if count == known.size:
                known = _longer(known, count + 1)
            known[count] = node
            count += 1
        # Rows ascend in time, so the last one written is the latest.
        for level in range(1, levels + 1):
            label[node, level] = in_edge[place] + 1
    size[1] = count
    made = 1
    while made < levels:
        cost = 0
        for number in range(count):
            node = known[number]
            if label[node, made] > (label[node, made - 1] if made > 1 else 0):
                cost += _from(in_edge, in_start[node], in_start[node + 1], label[node, made]) - _from(
                    in_edge, in_start[node], in_start[node + 1], cell_first
                )
                if cost > budget:
                    break
        if cost > budget:
            break
        # Labels of the level before are read while this one is written: the loop must not see its own.
        before = count
        for number in range(before):
            node = known[number]
            depart = label[node, made]
            if depart <= (label[node, made - 1] if made > 1 else 0):
                continue
            for place in range(
                _from(in_edge, in_start[node], in_start[node + 1], cell_first),
                _from(in_edge, in_start[node], in_start[node + 1], depart),
            ):
                edge = in_edge[place]
                if after[edge] >= depart:  # not strictly before the departure (labels are one more than their edge)
                    break
                origin = in_payer[place]
                if origin in (start, node) or not allowed[origin] or label[origin, made + 1] > edge:
                    continue
                if label[origin, levels] == 0:
                    if count == known.size:
                        known = _longer(known, count + 1)
                    known[count] = origin
                    count += 1
                for level in range(made + 1, levels + 1):
                    label[origin, level] = edge + 1
        made += 1
        size[made] = count
    return known, count, made


@inner
def _meeting(
    edge: Numbers, payee: Numbers, row: int, row_end: int, target: int, begin: int, end: int
) -> tuple[int, int]:
    """Give the places of the edges ``begin .. end`` to one payee in a row in order of payee and time."""
    low = _from(payee, row, row_end, target)
    high = _from(payee, low, row_end, target + 1)
    low = _from(edge, low, high, begin)
    return low, _from(edge, low, high, end)


@inner
def _of_bucket(bucket: Numbers, edge: Numbers, row: int, row_end: int, wanted: int) -> tuple[int, int]:
    """Give the places of one amount bucket in a row in order of bucket and time."""
    places = [row, row]
    for side in range(2):
        low, high = places[0], row_end
        while low < high:
            middle = (low + high) >> 1
            if bucket[edge[middle]] < wanted + side:
                low = middle + 1
            else:
                high = middle
        places[side] = low
    return places[0], places[1]


@inner
def _forget(label: Numbers, known: Numbers, count: int, levels: int) -> None:
    """Take the labels off again."""
    for number in range(count):
        for level in range(levels + 1):
            label[known[number], level] = 0


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
    label: Numbers,
    levels: int,
    allowed: Flags,
    payer: Numbers,
    out_start: Ints,
    out_edge: Numbers,
    out_payee: Numbers,
    out_amount: Ints,
    onward: Numbers,
    in_start: Ints,
    in_edge: Numbers,
    in_payer: Numbers,
    in_amount: Ints,
    pair_edge: Numbers,
    pair_payee: Numbers,
    band_edge: Numbers,
    band_payee: Numbers,
    bucket: Numbers,
    at: Ints,
    amount: Ints,
    unit: NDArray[np.int16],
    several: bool,
    after: Numbers,
    until: Numbers,
    first: int,
    last: int,
    least_hops: int,
    most_hops: int,
    least_ppm: int,
    most_ppm: int,
    each_ppm: int,
    compared: bool,
    least_amount: Ints,
    across: bool,
    within: int,
    slab: int,
    most_cycles: int,
    most_steps: int,
    crowd: int,
    most_ball: int,
    meet: int,
    ratio: int,
    long: int,
) -> tuple[Numbers, int, int, int]:
    """Walk from the first payments at places ``low .. high`` of the rows by payer."""
    found = np.empty(16 * most_hops, np.int32)
    count = 0
    capped = 0
    crowded = 0
    node_at = np.empty(most_hops + 1, np.int32)
    edge_at = np.empty(most_hops + 2, np.int32)
    way = np.empty(most_hops + 1, np.int8)  # how the row at this depth is gone through; see below
    here = np.empty(most_hops + 1, np.int64)
    stop = np.empty(most_hops + 1, np.int64)
    turn = np.empty(most_hops + 1, np.int64)
    turns = np.empty(most_hops + 1, np.int64)
    # The most and the least that a payment out of the account at this depth may carry of the one before.
    top = np.empty(most_hops + 1, np.int64)
    bottom = np.zeros(most_hops + 1, np.int64)
    known = np.empty(64, np.int32)
    labelled = 0
    size = np.zeros(levels + 1, np.int64)
    made = 0
    # The first edge of each cell and the first after its span, kept by the last digits of its number.
    cell_at = np.full(CELLS, -1, np.int64)
    cell_first = np.empty(CELLS, np.int64)
    cell_until = np.empty(CELLS, np.int64)
    ball_of = -1
    ball_cell = np.int64(0)
    start = payer[out_edge[low]]
    row_end: Any = np.int64(0)
    closings = row_end  # of the payments to the start, the first one too late to close
    begin: Any = row_end  # as wide as places are: what it is given to compiles once
    limit: Any = row_end
    # What each payment looks up elsewhere in memory, fetched at once: one by one each would be waited for.
    limits = np.empty(high - low, np.int32)
    begins = np.empty(high - low, np.int32)
    onwards = np.empty(high - low, np.int32)
    for root in range(low, high):
        limits[root - low] = until[out_edge[root]]
        begins[root - low] = after[out_edge[root]]
        onwards[root - low] = onward[out_edge[root]]
    for root in range(low, high):
        edge = out_edge[root]
        if root == low or root == out_start[start + 1]:
            start = payer[edge]
            closings = in_start[start]
        second = out_payee[root]
        if edge < first or edge >= last or second == start or not allowed[start] or not allowed[second]:
            continue
        # Rows ascend in time, so the last payment to the start is the first look, and the next root goes on from here.
        row_end = in_start[start + 1]
        if closings == row_end and (closings == in_start[start] or in_edge[closings - 1] <= edge):
            continue
        limit = np.int64(limits[root - low])
        while closings < row_end and in_edge[closings] < limit:
            closings += 1
        place = closings - 1
        if place < in_start[start] or in_edge[place] <= edge:
            continue
        begin = np.int64(begins[root - low])
        if in_edge[place] < begin:
            continue
        sent = out_amount[root] if compared else amount[edge]
        if sent < least_amount[unit[edge] if several else 0]:
            continue
        # Most payees pay nothing on in time: nothing else is looked at then.
        row_end = out_start[second + 1]
        next_out = np.int64(onwards[root - low])
        if next_out == row_end or out_edge[next_out] > in_edge[place]:
            continue
        floor = -_share(-sent, least_ppm)
        ceiling = sent
        if each_ppm and not across:
            # No payment of the longest way round carries less than this.
            lowest = sent
            for _ in range(most_hops - 1):
                lowest = -_share(-lowest, each_ppm)
            floor = max(floor, lowest)
        if across:
            ceiling = np.int64(2**63 - 1)  # over a change of currency and back, any amount may come
        for _ in range(0 if across or most_ppm <= 1_000_000 else most_hops - 1):
            ceiling = max(ceiling, _share(ceiling, most_ppm))
        # The latest payment that can close the cycle bounds all others.
        steps = 0
        end = -1
        while place >= in_start[start] and in_edge[place] >= begin:
            closing = in_edge[place]
            steps += 1
            if steps > most_steps:
                break
            if not compared:
                fits = True
            elif not several or unit[closing] == unit[edge]:
                fits = floor <= in_amount[place] <= ceiling
            else:
                fits = across
            if fits:
                origin = in_payer[place]
                if allowed[origin] and origin != start and (origin != second or least_hops <= 2):
                    end = closing + 1
                    break
            place -= 1
        if steps > most_steps:
            capped += 1
            continue
        if end < 0 or out_edge[next_out] >= end:
            continue
        if levels:
            cell = at[edge] // slab
            if ball_of != start or ball_cell != cell:
                slot = cell % CELLS
                if cell_at[slot] != cell:
                    cell_at[slot] = cell
                    cell_first[slot] = _from(at, 0, at.size, cell * slab)
                    cell_until[slot] = _from(at, 0, at.size, (cell + 1) * slab + within)
                _forget(label, known, labelled, levels)
                known, labelled, made = _ball(
                    start,
                    cell_first[slot],
                    cell_until[slot],
                    label,
                    levels,
                    allowed,
                    in_start,
                    in_edge,
                    in_payer,
                    after,
                    most_ball,
                    known,
                    size,
                )
                ball_of = start
                ball_cell = cell
            if most_hops - 1 <= made and label[second, most_hops - 1] <= begin:
                continue
        node_at[1] = second
        edge_at[1] = edge
        depth = 1
        fresh = True
        cut = False
        of_root = 0
        while depth >= 1:
            node = node_at[depth]
            before = edge_at[depth]
            left = most_hops - depth
            if fresh:
                fresh = False
                row, row_end = out_start[node], out_start[node + 1]
                begin = np.int64(after[before])
                if compared:
                    top[depth] = _share(amount[before], most_ppm)
                    bottom[depth] = -_share(-amount[before], each_ppm)
                if left == 1:
                    way[depth] = LOOK_UP
                    turn[depth], turns[depth] = _meeting(pair_edge, pair_payee, row, row_end, start, begin, end)
                else:
                    way[depth] = WALK
                    here[depth] = onward[before]
                    stop[depth] = _from(out_edge, here[depth], row_end, end)
                    length = stop[depth] - here[depth]
                    if levels and left - 1 <= made and length > meet and length > ratio * (size[left - 1] + 1):
                        way[depth] = MEET
                        here[depth] = -1
                        stop[depth] = size[left - 1]
                        turn[depth], turns[depth] = _meeting(pair_edge, pair_payee, row, row_end, start, begin, end)
                    elif compared and not across and length > long:
                        # One bucket to either side: rounding may put an amount there; amounts are compared below.
                        way[depth] = BY_AMOUNT
                        base = unit[edge] * BUCKETS
                        lowest = max(floor, bottom[depth], 1)
                        here[depth] = base + max(0, int(np.log(lowest) / np.log(RATIO)) - 1) - 1
                        stop[depth] = base + min(BUCKETS - 1, int(np.log(max(top[depth], 1)) / np.log(RATIO)) + 1)
                        turn[depth], turns[depth] = 0, 0
            steps += 1
            if steps > most_steps:
                cut = True
                break
            # The next payment out of this row.
            if way[depth] == WALK:
                place = here[depth]
                if compared and not several:
                    lowest = max(floor, bottom[depth])
                    while place < stop[depth] and (out_amount[place] < lowest or out_amount[place] > top[depth]):
                        place += 1
                        steps += 1
                    if steps > most_steps:
                        cut = True
                        break
                if place >= stop[depth]:
                    depth -= 1
                    continue
                here[depth] = place + 1
                step = out_edge[place]
                target = out_payee[place]
            elif turn[depth] < turns[depth]:
                place = turn[depth]
                turn[depth] = place + 1
                if way[depth] == BY_AMOUNT:
                    step = band_edge[place]
                    target = band_payee[place]
                else:
                    step = pair_edge[place]
                    target = pair_payee[place]
            elif way[depth] == LOOK_UP or here[depth] + 1 >= stop[depth] + (way[depth] == BY_AMOUNT):
                depth -= 1
                continue
            else:
                here[depth] += 1
                row, row_end = out_start[node], out_start[node + 1]
                begin = np.int64(after[before])
                if way[depth] == BY_AMOUNT:
                    low_, high_ = _of_bucket(bucket, band_edge, row, row_end, here[depth])
                    turn[depth] = _from(band_edge, low_, high_, begin)
                    turns[depth] = _from(band_edge, turn[depth], high_, end)
                else:
                    target = known[here[depth]]
                    if label[target, left - 1] > begin:
                        turn[depth], turns[depth] = _meeting(pair_edge, pair_payee, row, row_end, target, begin, end)
                continue
            if target == node:
                continue
            if compared:
                if several and unit[step] != unit[before]:
                    if not across:
                        continue
                elif amount[step] > top[depth] or amount[step] < bottom[depth]:
                    continue
                if (not several or unit[step] == unit[edge]) and amount[step] < floor:
                    continue
            elif several and unit[step] != unit[before] and not across:
                continue
            if target == start:
                if depth + 1 < least_hops:
                    continue
                if of_root == most_cycles:
                    cut = True
                    break
                of_root += 1
                if count + most_hops > found.size:
                    found = _longer(found, count + most_hops)
                edge_at[depth + 1] = step
                for hop in range(1, most_hops + 1):
                    found[count] = edge_at[hop] if hop <= depth + 1 else -1
                    count += 1
                continue
            if left < 2 or not allowed[target]:
                continue
            if levels and left - 1 <= made and label[target, left - 1] <= after[step]:
                continue
            fits = True
            for hop in range(1, depth + 1):
                if node_at[hop] == target:
                    fits = False
                    break
            if fits:
                depth += 1
                node_at[depth] = target
                edge_at[depth] = step
                fresh = True
        capped += cut
        if cut and of_root == most_cycles:
            # Rows ascend in time, so one look tells whether so many follow within the span.
            row_end = out_start[start + 1]
            if root + crowd < row_end and out_edge[root + crowd] < until[edge]:
                count -= of_root * most_hops
                crowded += 1
    _forget(label, known, labelled, levels)
    return found, count, capped, crowded
