"""Scatter-gather: one account pays several middles, each of which passes the money on to the same other account.

A *link* is a payment e from source to middle and the earliest payment f from that middle to a sink that is strictly
later than e, at most `within` after it, in its currency, and of nearly its amount. For a source and a sink, let
``k(t)`` be the number of middles with a link whose e lies in ``[t, t + spread)``, for every time t of such an e. A
*peak* is a t with ``k(t) >= least``, no earlier time in ``(t - spread, t)`` with as many, and no later one in
``(t, t + spread)`` with more. Peaks of a source and sink share no e; a peak depends on payments in
``(t - spread, t + 2 * spread + within)`` only.

Middles are counted first and links kept only where a source and a sink have enough of them, so a hub costs time and
not memory; long rows are entered by amount (`TemporalGraph.amounts`); what one e may cost is bounded and counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.blocks import even_rows, in_blocks
from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import BUCKETS, RATIO, pair_numbers
from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

MILLION = 1_000_000

LONG = 256
"""Payments in a row from which on it is entered by amount. Ours; weighed in benchmarks/speed."""


class Peaks(NamedTuple):
    """Peaks of scatter-gather.

    Parameters
    ----------
    middles : ndarray of int64, shape (peaks,)
        How many middles each has; peaks in order of source, sink and time.
    start, stop : ndarray of int64, shape (peaks,)
        The links of each are ``scattered[start:stop]`` and ``gathered[start:stop]``.
    scattered, gathered : ndarray of int32
        Edges e and f of the links, in order of e.
    capped : int
        Payments to middles that met the bound, so that there may be more.
    """

    middles: Ints
    start: Ints
    stop: Ints
    scattered: Numbers
    gathered: Numbers
    capped: int


def peaks(
    graph: TemporalGraph,
    allowed: Flags,
    *,
    after: Numbers,
    until: Numbers,
    spread: int,
    first: int,
    last: int,
    least: int,
    keeps_least: float,
    keeps_most: float,
    most_steps: int,
    long: int = LONG,
) -> Peaks:
    """Find the peaks of all sources and sinks.

    Parameters
    ----------
    allowed : ndarray of bool, shape (nodes,)
        Accounts that may be source, middle or sink.
    after, until : ndarray of int32, shape (edges,)
        `TemporalGraph.until` of no time and of the longest time between a link's payments.
    spread : int
        Microseconds.
    first, last : int
        Only edges ``first .. last`` are counted in `Peaks.capped`.
    least : int
        Middles in a peak.
    keeps_least, keeps_most : float
        Share of a payment to a middle that the payment out of it carries.
    most_steps : int
        Payments looked at for one payment to a middle.
    long : int
        Payments in a row from which on it is entered by amount; changes the cost only.
    """
    pairs, out, amounts, bucket = graph.pairs, graph.out, graph.amounts, graph.bucket
    if keeps_least == 0:
        long = graph.edges  # hardly an amount is shut out: rows are walked
    several = len(graph.currencies) > 1
    largest = int(graph.amount.max(initial=0))

    def work(space: tuple[Ints, Numbers], low: int, high: int) -> tuple[Numbers, int]:
        links, count, capped = _search(
            low,
            high,
            *space,
            allowed,
            pairs.start,
            pairs.edge,
            pairs.neighbour,
            out.edge,
            out.neighbour,
            graph.out_amount,
            graph.onward,
            amounts.edge,
            amounts.neighbour,
            bucket,
            graph.amount,
            graph.unit,
            several,
            after,
            until,
            first,
            last,
            least,
            round(keeps_least * MILLION),
            round(keeps_most * MILLION),
            largest,
            most_steps,
            long,
        )
        return links[:count].reshape(-1, 4).copy(), capped

    def scratch() -> tuple[Ints, Numbers]:
        return np.full(graph.nodes, -1, np.int64), np.full(graph.nodes, -1, np.int32)

    found = in_blocks(work, even_rows(pairs.start), scratch)
    # One row a link: source, sink, e, f. In order of source, sink and e.
    source, sink, scattered, gathered = np.concatenate([each[0] for each in found]).T
    order = np.argsort(pair_numbers(source, sink, graph.nodes)[0] << 32 | scattered)
    scattered, gathered = scattered[order], gathered[order]
    middles, start, stop, count = _peaks(
        scattered, gathered, graph.payer, graph.payee, graph.at, graph.nodes, spread, least
    )
    capped = sum(each[1] for each in found)
    return Peaks(middles[:count], start[:count], stop[:count], scattered, gathered, capped)


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
def _search(
    low: int,
    high: int,
    counted: Ints,
    kept_at: Numbers,
    allowed: Flags,
    start: Ints,
    pair_edge: Numbers,
    pair_payee: Numbers,
    out_edge: Numbers,
    out_payee: Numbers,
    out_amount: Ints,
    onward: Numbers,
    band_edge: Numbers,
    band_payee: Numbers,
    bucket: Numbers,
    amount: Ints,
    unit: NDArray[np.int16],
    several: bool,
    after: Numbers,
    until: Numbers,
    first: int,
    last: int,
    least: int,
    least_ppm: int,
    most_ppm: int,
    largest: int,
    most_steps: int,
    long: int,
) -> tuple[Numbers, int, int]:
    """Search the sources ``low .. high``.

    `counted` and `kept_at` are scratch space by node. `counted` holds the place of the middle that met a sink last,
    shifted by 32, and how many of the same source did: a place before the source's row is another source's, so nothing
    is taken back, and a payment to a sink costs one look and one write. `kept_at` holds where its link of one e is.
    """
    links = np.empty(64, np.int32)
    kept = 0
    capped = 0
    for source in range(low, high):
        row, row_stop = start[source], start[source + 1]
        visit, met_until = row, row
        if not allowed[source] or row_stop - row < least:
            continue
        enough = False
        of_source = kept
        # First the middles of each sink are counted, then the links of the sinks with enough of them are kept.
        for keeping in range(2):
            if keeping and not enough:
                break
            last_middle = np.int32(-1)
            for place in range(row, row_stop):
                edge = pair_edge[place]
                middle = pair_payee[place]
                if middle == source or not allowed[middle]:
                    continue
                if middle != last_middle:
                    # Payments to one middle are neighbours here: together they are one visit.
                    last_middle, visit = middle, place
                    met_until = start[middle]
                row_end = start[middle + 1]
                begin: Any = np.int64(onward[edge])
                end = _from(out_edge, begin, row_end, until[edge])
                if begin == end:
                    continue
                floor = -_share(-amount[edge], least_ppm)
                ceiling = _share(amount[edge], most_ppm)
                by_amount = end - begin > long
                lowest, highest = 0, 0
                if by_amount:
                    # One bucket to either side: rounding may put an amount there; amounts are compared below.
                    base = unit[edge] * BUCKETS
                    lowest = base + max(0, int(np.log(max(floor, 1)) / np.log(RATIO)) - 1)
                    highest = base + min(BUCKETS - 1, int(np.log(max(ceiling, 1)) / np.log(RATIO)) + 1)
                    begin, end = 0, 0
                rows, payees = (band_edge, band_payee) if by_amount else (out_edge, out_payee)
                room = most_steps
                at_band = start[middle]
                any_amount = not (by_amount or several) and floor <= 0 and ceiling >= largest
                if any_amount and keeping == 0:
                    # Whoever the middle paid within the time of the payment before has met it: only later ones are new.
                    looked_until = min(end, begin + room)
                    capped += looked_until < end and first <= edge < last
                    for at_passed in range(max(begin, met_until), looked_until):
                        sink = out_payee[at_passed]
                        met = counted[sink]
                        if met >> 32 == visit or not allowed[sink] or sink == source or middle == sink:
                            continue
                        met_by = (met & 0xFFFFFFFF) * (row <= met >> 32 < row_stop)
                        counted[sink] = visit << 32 | met_by + 1
                        enough |= met_by + 1 >= least
                    met_until = looked_until
                    continue
                begin_links = kept
                while True:
                    if begin == end:
                        if not by_amount or lowest > highest:
                            break
                        at_band = _of_bucket(bucket, band_edge, at_band, row_end, lowest)
                        band_end = _of_bucket(bucket, band_edge, at_band, row_end, lowest + 1)
                        begin = _from(band_edge, at_band, band_end, after[edge])
                        end = _from(band_edge, begin, band_end, until[edge])
                        at_band = band_end
                        lowest += 1
                        continue
                    for at_passed in range(begin, min(end, begin + room)):
                        if not (by_amount or any_amount) and (
                            out_amount[at_passed] < floor or out_amount[at_passed] > ceiling
                        ):
                            continue
                        # What needs no look at the payment itself comes first: that is far off in memory.
                        sink = payees[at_passed]
                        met_at = counted[sink] >> 32
                        met_by = (counted[sink] & 0xFFFFFFFF) * (row <= met_at < row_stop)
                        if (met_at == visit) if keeping == 0 else (met_by < least):
                            continue
                        passed = rows[at_passed]
                        if by_amount and (amount[passed] < floor or amount[passed] > ceiling):
                            continue
                        if several and unit[passed] != unit[edge]:
                            continue
                        if sink == source or middle == sink or not allowed[sink]:
                            continue
                        if keeping == 0:
                            counted[sink] = visit << 32 | met_by + 1
                            enough |= met_by + 1 >= least
                        elif kept_at[sink] >= begin_links:
                            # Of several payments to one sink, the earliest is the link.
                            at_link = kept_at[sink]
                            links[at_link + 3] = min(links[at_link + 3], passed)
                        else:
                            if kept + 4 > links.size:
                                links = _longer(links, kept + 4)
                            links[kept] = source
                            links[kept + 1] = sink
                            links[kept + 2] = edge
                            links[kept + 3] = passed
                            kept_at[sink] = kept
                            kept += 4
                    room -= end - begin
                    if room < 0:
                        capped += keeping == 0 and first <= edge < last
                        break
                    begin = end
        for link in range(of_source, kept, 4):
            kept_at[links[link + 1]] = -1
    return links, kept, capped


@compiled
def _peaks(
    scattered: Numbers, gathered: Numbers, payer: Numbers, payee: Numbers, at: Ints, nodes: int, spread: int, least: int
) -> tuple[Ints, Ints, Ints, int]:
    """Find the peaks of links in order of source, sink and e."""
    size = scattered.size
    middles = np.empty(size, np.int64)
    start = np.empty(size, np.int64)
    stop = np.empty(size, np.int64)
    found = 0
    of_middle = np.zeros(nodes, np.int32)
    # The anchors of one source and sink: first link, link after the span, middles.
    anchor = np.empty(size, np.int64)
    beyond = np.empty(size, np.int64)
    height = np.empty(size, np.int64)
    rises = np.empty(size, np.int64)  # a stack
    higher_at = np.empty(size, np.int64)
    low = 0
    while low < size:
        source, sink = payer[scattered[low]], payee[gathered[low]]
        high = low
        while high < size and payer[scattered[high]] == source and payee[gathered[high]] == sink:
            high += 1
        anchors = 0
        different = 0
        end = low
        begin = low
        while begin < high:
            now = at[scattered[begin]]
            while end < high and at[scattered[end]] < now + spread:
                middle = payee[scattered[end]]
                different += of_middle[middle] == 0
                of_middle[middle] += 1
                end += 1
            anchor[anchors] = begin
            beyond[anchors] = end
            height[anchors] = different
            anchors += 1
            while begin < high and at[scattered[begin]] == now:
                middle = payee[scattered[begin]]
                of_middle[middle] -= 1
                different -= of_middle[middle] == 0
                begin += 1
        # From behind: the nearest later anchor that is higher.
        depth = 0
        for number in range(anchors - 1, -1, -1):
            while depth and height[rises[depth - 1]] <= height[number]:
                depth -= 1
            higher_at[number] = at[scattered[anchor[rises[depth - 1]]]] if depth else np.int64(2**62)
            rises[depth] = number
            depth += 1
        # From the front: the nearest earlier one that is as high.
        depth = 0
        for number in range(anchors):
            while depth and height[rises[depth - 1]] < height[number]:
                depth -= 1
            now = at[scattered[anchor[number]]]
            before = at[scattered[anchor[rises[depth - 1]]]] if depth else -np.int64(2**62)
            if height[number] >= least and before <= now - spread and higher_at[number] >= now + spread:
                middles[found] = height[number]
                start[found] = anchor[number]
                stop[found] = beyond[number]
                found += 1
            rises[depth] = number
            depth += 1
        low = high
    return middles, start, stop, found
