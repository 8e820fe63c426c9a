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

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled, inner
from graphs.kernels.rows import grouped

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
    both, of_payment = np.unique(payer.astype(np.int64) * accounts + payee, return_inverse=True)
    pair = np.column_stack((both // accounts, both % accounts))
    weight = np.zeros(len(pair), np.int64)
    np.add.at(weight, of_payment, amount)
    total = sum(amount.tolist()) * (1 + penalty) * steps
    # Sums must stay in int64; amounts of this size are cut by their last bits.
    shift = max(0, total.bit_length() - 62)
    source, target, number = [], [], []
    for step in range(steps):
        fits = np.ones(len(pair), np.bool_)
        if step > 0:
            fits &= middle[pair[:, 0]]
        if step < steps - 1:
            fits &= middle[pair[:, 1]]
        source.append(pair[fits, 0] + step * accounts)
        target.append(pair[fits, 1] + (step + 1) * accounts)
        number.append(np.flatnonzero(fits))
    tail = np.concatenate(source).astype(np.int32)
    head = np.concatenate(target).astype(np.int32)
    of_pair = np.concatenate(number)
    places = (steps + 1) * accounts
    out_start, out_edge = grouped(tail, places)
    in_start, in_edge = grouped(head, places)
    layer = np.repeat(np.arange(steps + 1), accounts)
    inner = (layer > 0) & (layer < steps)
    need_in = np.where(layer == 0, 0, 1)
    need_in[layer == 1] = payers_of_middle
    need_in[layer == steps] = payers_of_sink
    need_out = np.where(layer == steps, 0, 1)
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
        density = _peel(
            best, alive, inner, scaled, penalty, tail, head, out_start, out_edge, in_start, in_edge, accounts
        )
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
                layer=tuple(taken[layer[taken] == step] - step * accounts for step in range(steps + 1)),
                received=sum(into[middles].tolist()),
                passed=sum(np.minimum(into, out)[middles].tolist()),
                most=sum(np.maximum(into, out)[middles].tolist()),
                row=np.flatnonzero(np.isin(of_payment, of_pair[kept])),
            )
        )
    return Found(tuple(flows), capped)


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
def _push(key: Ints, what: Ints, size: int, worth: int, place: int, rank: Ints) -> int:
    """Put a place on a heap ordered by worth and then rank; gives the new size."""
    k = size
    while k > 0:
        up = (k - 1) // 2
        if key[up] < worth or (key[up] == worth and rank[what[up]] <= rank[place]):
            break
        key[k] = key[up]
        what[k] = what[up]
        k = up
    key[k] = worth
    what[k] = place
    return size + 1


@inner
def _pop(key: Ints, what: Ints, size: int, rank: Ints) -> int:
    """Take the first place off the heap; gives the new size."""
    size -= 1
    worth = key[size]
    place = what[size]
    k = 0
    while 2 * k + 1 < size:
        down = 2 * k + 1
        other = down + 1
        if other < size and (
            key[other] < key[down] or (key[other] == key[down] and rank[what[other]] < rank[what[down]])
        ):
            down = other
        if worth < key[down] or (worth == key[down] and rank[place] <= rank[what[down]]):
            break
        key[k] = key[down]
        what[k] = what[down]
        k = down
    key[k] = worth
    what[k] = place
    return size


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
    accounts: int,
) -> float:
    """Take the lightest place away until none is left; leaves the densest set on the way and gives its density.

    `chosen` and `here` both begin as the places to peel; the former is left as that set, the latter empty.
    """
    places = here.size
    into = np.zeros(places, np.int64)
    out = np.zeros(places, np.int64)
    inside = 0
    for edge in range(tail.size):
        if here[tail[edge]] and here[head[edge]]:
            out[tail[edge]] += amount[edge]
            into[head[edge]] += amount[edge]
            inside += 1
    # Ties by account and then layer: places are numbered by layer and then account.
    rank = np.empty(places, np.int64)
    layers = places // accounts
    for place in range(places):
        rank[place] = (place % accounts) * layers + place // accounts
    count = 0
    total = np.int64(0)
    for place in range(places):
        if here[place]:
            count += 1
            if inner[place]:
                total += _worth(place, inner, into, out, penalty)
    key = np.empty(count + inside, np.int64)
    what = np.empty(count + inside, np.int64)
    size = 0
    for place in range(places):
        if here[place]:
            size = _push(key, what, size, _worth(place, inner, into, out, penalty), place, rank)
    removed = np.empty(count, np.int64)
    gone = 0
    best = float(total) / count
    best_gone = 0
    while size > 0:
        place = what[0]
        worth = key[0]
        size = _pop(key, what, size, rank)
        # An entry that is no longer true is left in the heap; the true one lies there too.
        if not here[place] or worth != _worth(place, inner, into, out, penalty):
            continue
        if inner[place]:
            total -= worth
        here[place] = False
        removed[gone] = place
        gone += 1
        for k in range(out_start[place], out_start[place + 1]):
            edge = out_edge[k]
            other = head[edge]
            if here[other]:
                if inner[other]:
                    total -= _worth(other, inner, into, out, penalty)
                into[other] -= amount[edge]
                if inner[other]:
                    total += _worth(other, inner, into, out, penalty)
                size = _push(key, what, size, _worth(other, inner, into, out, penalty), other, rank)
        for k in range(in_start[place], in_start[place + 1]):
            edge = in_edge[k]
            other = tail[edge]
            if here[other]:
                if inner[other]:
                    total -= _worth(other, inner, into, out, penalty)
                out[other] -= amount[edge]
                if inner[other]:
                    total += _worth(other, inner, into, out, penalty)
                size = _push(key, what, size, _worth(other, inner, into, out, penalty), other, rank)
        left = count - gone
        if left > 0 and float(total) / left > best:
            best = float(total) / left
            best_gone = gone
    for k in range(best_gone):
        chosen[removed[k]] = False
    return best
