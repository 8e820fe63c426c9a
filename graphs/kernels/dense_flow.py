"""Dense flows: much money from many sources through few middles to few sinks, in the manner of FlowScope.

The payments of one currency and one stretch of time are laid out in layers: sources, one or more layers of middles,
sinks. An account has a place in every layer it may stand in, and a payment joins each layer to the next; payments of
one pair are added up. For a set S of places, a middle that receives ``a`` and pays ``b`` within S passes on
``f = min(a, b)`` and loses ``q - f``, with ``q = max(a, b)``; the density of S is the sum of ``f - penalty * (q - f)``
over its middles, divided by the number of its places.

The greedy peeling of FlowScope takes away the place that weighs least, again and again, and keeps the densest set on
the way; ties go to the account seen first and the earlier layer. Before and after, places are dropped until each
middle and each sink has as many payers as asked for and nobody's money comes from or goes nowhere: one heavy chain is
no dense flow. The next flow is sought without the middles of the densest set before, while its density is above zero.

Sources: Li et al., FlowScope: Spotting Money Laundering Based on Graphs, AAAI 2020 (multipartite flows, the density and
the greedy peeling); that places need several payers is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import grouped, pair_numbers

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Flow:
    """One dense flow.

    Parameters
    ----------
    layer : tuple of ndarray of int64
        Accounts of each layer, from sources to sinks, ascending.
    received, passed, most : int
        Sums over the middles, minor units: what came in, what was passed on, the larger of in and out.
    row : ndarray of int64
        Numbers of the payments that form it, ascending.
    """

    layer: tuple[Ints, ...]
    received: int
    passed: int
    most: int
    row: Ints


@dataclass(frozen=True, eq=False)
class Found:
    """The flows of one stretch, densest first as far as greed tells, and whether the search ended before its end."""

    flows: tuple[Flow, ...]
    capped: bool


def dense_flows(
    payer: Ints,
    payee: Ints,
    amount: Ints,
    middle: Flags,
    *,
    steps: int,
    payers_of_middle: int,
    payers_of_sink: int,
    penalty: int,
    rounds: int,
) -> Found:
    """Find the dense flows of one stretch of time and one currency.

    Parameters
    ----------
    payer, payee : ndarray of int64, shape (payments,)
        Accounts, numbered from 0; nobody pays itself.
    amount : ndarray of int64, shape (payments,)
        Minor units.
    middle : ndarray of bool, shape (accounts,)
        Which accounts may be middles.
    steps : int
        Payments from source to sink, at least 2.
    payers_of_middle, payers_of_sink : int
        Different payers that each middle of the first layer, and each sink, has in a flow.
    penalty : int
        How many times what a middle keeps or adds counts against what it passes on.
    rounds : int
        Flows to look for; also bounds the work.

    Notes
    -----
    O(rounds * steps * payments * log payments).
    """
    accounts = middle.size
    of_payment, one = pair_numbers(payer, payee, accounts)
    pair = np.column_stack((payer[one], payee[one]))
    weight = np.zeros(len(pair), np.int64)
    np.add.at(weight, of_payment, amount)
    total = sum(amount.tolist()) * (1 + penalty) * steps
    # Sums must stay in int64; amounts of this size are cut by their last bits.
    shift = max(0, total.bit_length() - 62)
    source, target, number = [], [], []
    layers = steps + 1
    for step in range(steps):
        fits = np.ones(len(pair), np.bool_)
        if step > 0:
            fits &= middle[pair[:, 0]]
        if step < steps - 1:
            fits &= middle[pair[:, 1]]
        # Numbered by account and then layer, which is the order ties go by.
        source.append(pair[fits, 0] * layers + step)
        target.append(pair[fits, 1] * layers + step + 1)
        number.append(np.flatnonzero(fits))
    tail = np.concatenate(source).astype(np.int32)
    head = np.concatenate(target).astype(np.int32)
    of_pair = np.concatenate(number)
    needs = np.ones((2, layers), np.int64)  # payers and payees, by layer
    needs[0, [0, 1, steps]] = 0, payers_of_middle, payers_of_sink
    needs[1, steps] = 0
    # What no flow can hold is given up once for all: a later search is among fewer places, never among others.
    alive = np.ones(accounts * layers, np.bool_)
    need_in, need_out = np.tile(needs, accounts)
    _core(alive, need_in, need_out, tail, head, *_rows(tail, head, alive.size))
    place = np.flatnonzero(alive)
    renumbered = np.cumsum(alive, dtype=np.int32) - np.int32(1)
    kept = alive[tail] & alive[head]
    tail, head, of_pair = renumbered[tail[kept]], renumbered[head[kept]], of_pair[kept]
    places = place.size
    account, layer = place // layers, place % layers
    inner = (layer > 0) & (layer < steps)
    # Rows of their own: numba compiles once more for an array with gaps.
    need_in, need_out = (np.ascontiguousarray(row[layer]) for row in needs)
    out_start, out_edge, in_start, in_edge = _rows(tail, head, places)
    scaled = weight[of_pair] >> shift
    open_ = np.ones(places, np.bool_)
    flows = []
    capped = False
    for turn in range(rounds + 1):
        alive = open_.copy()
        _core(alive, need_in, need_out, tail, head, out_start, out_edge, in_start, in_edge)
        if not alive.any():
            break
        if turn == rounds:
            capped = True
            break
        best = alive.copy()
        density = _peel(best, alive, inner, scaled, penalty, tail, head, out_start, out_edge, in_start, in_edge)
        if density <= 0:
            break
        open_[best & inner] = False
        _core(best, need_in, need_out, tail, head, out_start, out_edge, in_start, in_edge)
        taken = np.flatnonzero(best)
        if not taken.size:
            continue
        kept = best[tail] & best[head]
        into, out = np.zeros(places, np.int64), np.zeros(places, np.int64)
        np.add.at(into, head[kept], weight[of_pair[kept]])
        np.add.at(out, tail[kept], weight[of_pair[kept]])
        middles = taken[inner[taken]]
        flows.append(
            Flow(
                layer=tuple(account[taken[layer[taken] == step]] for step in range(layers)),
                received=sum(into[middles].tolist()),
                passed=sum(np.minimum(into, out)[middles].tolist()),
                most=sum(np.maximum(into, out)[middles].tolist()),
                row=np.flatnonzero(np.isin(of_payment, of_pair[kept])),
            )
        )
    return Found(tuple(flows), capped)


def _rows(tail: Numbers, head: Numbers, places: int) -> tuple[Ints, Numbers, Ints, Numbers]:
    """Give the edges by tail and by head, as compressed sparse rows."""
    return *grouped(tail, places), *grouped(head, places)


@compiled
def _core(
    alive: Flags,
    need_in: Ints,
    need_out: Ints,
    tail: Numbers,
    head: Numbers,
    out_start: Ints,
    out_edge: Numbers,
    in_start: Ints,
    in_edge: Numbers,
) -> None:
    """Drop places until every one left has the payers and payees it needs; changes `alive`."""
    places = alive.size
    into = np.zeros(places, np.int64)
    out = np.zeros(places, np.int64)
    for edge in range(tail.size):
        if alive[tail[edge]] and alive[head[edge]]:
            out[tail[edge]] += 1
            into[head[edge]] += 1
    todo = np.empty(places, np.int64)
    count = 0
    for place in range(places):
        if alive[place] and (into[place] < need_in[place] or out[place] < need_out[place]):
            alive[place] = False
            todo[count] = place
            count += 1
    while count > 0:
        count -= 1
        place = todo[count]
        for k in range(out_start[place], out_start[place + 1]):
            other = head[out_edge[k]]
            into[other] -= 1
            if alive[other] and into[other] < need_in[other]:
                alive[other] = False
                todo[count] = other
                count += 1
        for k in range(in_start[place], in_start[place + 1]):
            other = tail[in_edge[k]]
            out[other] -= 1
            if alive[other] and out[other] < need_out[other]:
                alive[other] = False
                todo[count] = other
                count += 1


@inner
def _worth(place: int, inner: Flags, into: Ints, out: Ints, penalty: int) -> int:
    """Give what a place weighs: for a middle what it adds to the sum of the density, for others what they move."""
    worth: int = (1 + penalty) * (into[place] + out[place])
    if inner[place]:
        worth = (1 + penalty) * min(into[place], out[place]) - penalty * max(into[place], out[place])
    return worth


@inner
def _before(worth: Ints, one: int, other: int) -> bool:
    """Say which of two places is taken away first: the lighter, of equals that with the lower number."""
    sooner: bool = worth[one] < worth[other] or (worth[one] == worth[other] and one < other)
    return sooner


@inner
def _settle(heap: Ints, where: Ints, size: int, worth: Ints, place: int) -> None:
    """Move a place of the heap to where its worth belongs, up or down."""
    k = where[place]
    while k > 0:
        up = (k - 1) >> 1
        if not _before(worth, place, heap[up]):
            break
        heap[k] = heap[up]
        where[heap[k]] = k
        k = up
    while 2 * k + 1 < size:
        down = 2 * k + 1
        if down + 1 < size and _before(worth, heap[down + 1], heap[down]):
            down += 1
        if not _before(worth, heap[down], place):
            break
        heap[k] = heap[down]
        where[heap[k]] = k
        k = down
    heap[k] = place
    where[place] = k


@compiled
def _peel(
    chosen: Flags,
    here: Flags,
    inner: Flags,
    amount: Ints,
    penalty: int,
    tail: Numbers,
    head: Numbers,
    out_start: Ints,
    out_edge: Numbers,
    in_start: Ints,
    in_edge: Numbers,
) -> float:
    """Take the lightest place away until none is left; leaves the densest set on the way and gives its density.

    `chosen` and `here` both begin as the places to peel; the former is left as that set, the latter empty.
    """
    places = here.size
    into = np.zeros(places, np.int64)
    out = np.zeros(places, np.int64)
    for edge in range(tail.size):
        if here[tail[edge]] and here[head[edge]]:
            out[tail[edge]] += amount[edge]
            into[head[edge]] += amount[edge]
    worth = np.empty(places, np.int64)
    heap = np.empty(places, np.int64)
    where = np.empty(places, np.int64)
    count = 0
    total = np.int64(0)
    for place in range(places):
        if here[place]:
            worth[place] = _worth(place, inner, into, out, penalty)
            if inner[place]:
                total += worth[place]
            where[place] = count
            count += 1
            _settle(heap, where, count, worth, place)
    removed = np.empty(count, np.int64)
    gone = 0
    best = float(total) / count
    best_gone = 0
    while gone < count:
        place = heap[0]
        if inner[place]:
            total -= worth[place]
        here[place] = False
        removed[gone] = place
        gone += 1
        left = count - gone
        if left == 0:
            break
        where[heap[left]] = 0
        _settle(heap, where, left, worth, heap[left])
        # Its payees and then its payers weigh less, or a middle among them more.
        for k in range(out_start[place], out_start[place + 1] + in_start[place + 1] - in_start[place]):
            if k < out_start[place + 1]:
                edge = out_edge[k]
                other: Any = np.int64(head[edge])  # as wide as the places: what it is given to compiles once
                moved = into
            else:
                edge = in_edge[in_start[place] + k - out_start[place + 1]]
                other = np.int64(tail[edge])
                moved = out
            if here[other]:
                moved[other] -= amount[edge]
                before = worth[other]
                worth[other] = _worth(other, inner, into, out, penalty)
                if inner[other]:
                    total += worth[other] - before
                _settle(heap, where, left, worth, other)
        if float(total) / left > best:
            best = float(total) / left
            best_gone = gone
    for k in range(best_gone):
        chosen[removed[k]] = False
    return best
