"""Bounds that no rule can leave: the least and the most of the money that can have reached an endpoint.

Every purse becomes a chain of states. What is held from one state to the next is at most the balance, what goes on in
a payment is at most its amount, and what the trail begins with has to arrive somewhere. Because the whole flow of
money on every arc is given by the ledger, *any* flow within these capacities is a possible trail of the traced money
(the rest is the complement); so the most an endpoint can have got is a maximum flow, and the least is what cannot be
led past it. Both are attained, in whole minor units.

Two things widen the bounds, never falsely narrow them. A purse whose opening balance the bank did not report may hold
any amount. Beyond an exchange of currency amounts can no longer be compared with those at the start, so nothing there
is bounded but by what comes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from flows.errors import BalanceError
from graphs.kernels import max_flow
from graphs.kernels.steps import CREDIT, DEBIT
from graphs.kernels.steps import reached as find_reached
from graphs.trace_record import DUST_NODE, FEE_NODE, EndClass, Trail

Place = tuple[str, EndClass]
"""An endpoint: node and class."""

WITHOUT_LIMIT = 2**61
"""Larger than any sum of seeds (`graphs.trace_steps.LARGEST`)."""

MOST_ARCS = 150_000
"""Steps and payments beyond which a trail is bounded by the sums of payments alone. Ours: some seconds of work."""


@dataclass(frozen=True)
class Reached:
    """Everything any of the money can have touched.

    Parameters
    ----------
    carried : ndarray of bool, shape (payments,)
        Payments, those of the start included.
    since : ndarray of int64, shape (purses,)
        First step of each purse with such money, in the direction of the trail; -1 if never.
    """

    carried: NDArray[np.bool_]
    since: NDArray[np.int64]


@dataclass(frozen=True)
class Bounds:
    """Least and most by endpoint and by class of endpoint.

    Parameters
    ----------
    of_place : mapping
        By node and class.
    of_class : mapping
        By class.
    exact : bool
        Whether they are those of a maximum flow; else they follow from the sums of payments alone, and are wider.
    """

    of_place: Mapping[Place, tuple[int, int]]
    of_class: Mapping[EndClass, tuple[int, int]]
    exact: bool


def reach(trail: Trail, seeds: Iterable[int]) -> Reached:
    """Find what any of the money can have touched, in one pass over the ledger (the rule "poison").

    Parameters
    ----------
    trail : Trail
        The ledger in the direction asked.
    seeds : iterable of int
        Rows of the payments the trail begins with.
    """
    steps = trail.steps
    seed = np.zeros(steps.paid.size, np.bool_)
    seed[list(seeds)] = True
    stops = steps.looped.copy()
    if trail.stops:
        numbers = [number for number, name in enumerate(steps.names.to_pylist()) if name in trail.stops]
        stops |= np.isin(steps.payee if trail.forward else steps.payer, numbers)
    carried, since = find_reached(
        steps.sequence,
        trail.forward,
        steps.purse,
        steps.step_of_leg,
        steps.first,
        steps.kind,
        steps.after,
        steps.moved,
        steps.known,
        seed,
        stops,
    )
    return Reached(carried, since)


def places(trail: Trail, reached: Reached) -> set[Place]:
    """Give every endpoint that any of the money can have reached."""
    found: set[Place] = set()
    for row in np.flatnonzero(reached.carried).tolist():
        end = trail.end(row)
        if end is not None:
            found.add(end[:2])
    for purse in np.flatnonzero(reached.since >= 0).tolist():
        found.add(trail.rest(purse)[:2])
    return found


def bounds(trail: Trail, seeds: Mapping[int, int], reached: Reached, *, of: Iterable[Place] | None = None) -> Bounds:
    """Bound what can have reached each endpoint.

    Parameters
    ----------
    trail, seeds
        As for `graphs.trace_fifo.fifo`.
    reached : Reached
        What `reach` gave for the same start.
    of : iterable of (str, str), optional
        Only these endpoints; each costs two more searches. All of them if not given.
    """
    net = _network(trail, seeds, reached)
    total = sum(seeds.values())
    if net is None:
        return _by_sums(trail, reached, total, of)
    return net.solve(total, of)


def _by_sums(trail: Trail, reached: Reached, total: int, of: Iterable[Place] | None) -> Bounds:
    """Bound by what payments brought, where the trail is too large for more."""
    wanted = set(places(trail, reached) if of is None else of)
    most: dict[Place, int] = dict.fromkeys(wanted, total)
    arrived: dict[Place, int] = defaultdict(int)
    for row in np.flatnonzero(reached.carried).tolist():
        end = trail.end(row)
        if end is not None and end[1] != "balance" and not trail.steps.exchanged[row]:
            arrived[end[:2]] += int(trail.steps.paid[row])
    if not trail.steps.exchanged[reached.carried].any():
        most.update({place: min(total, amount) for place, amount in arrived.items() if place in wanted})
    return Bounds({place: (0, amount) for place, amount in most.items()}, {}, exact=False)


@dataclass
class Network:
    """Arcs between numbered states; node 0 is where the money starts, node 1 where all of it ends."""

    tail: list[int] = field(default_factory=list)
    head: list[int] = field(default_factory=list)
    room: list[int] = field(default_factory=list)
    nodes: int = 2
    place: dict[Place, int] = field(default_factory=dict)
    kind: dict[EndClass, int] = field(default_factory=dict)

    def node(self) -> int:
        """Make a node."""
        self.nodes += 1
        return self.nodes - 1

    def arc(self, tail: int, head: int, room: int) -> int:
        """Make an arc and its opposite; give its number."""
        self.tail += (tail, head)
        self.head += (head, tail)
        self.room += (min(room, WITHOUT_LIMIT), 0)
        return len(self.tail) - 2

    def sink(self, place: Place) -> int:
        """Give the node of an endpoint, which leads on to its class and from there to the end."""
        if place not in self.place:
            kind = place[1]
            if kind not in self.kind:
                self.kind[kind] = self.node()
            self.place[place] = self.node()
        return self.place[place]

    def solve(self, total: int, of: Iterable[Place] | None) -> Bounds:
        """Find the bounds of endpoints and of their classes."""
        doors = {place: self.arc(node, self.kind[place[1]], WITHOUT_LIMIT) for place, node in self.place.items()}
        gates = {kind: self.arc(node, 1, WITHOUT_LIMIT) for kind, node in self.kind.items()}
        tail, head, room = (np.array(part, np.int64) for part in (self.tail, self.head, self.room))
        start, arcs = max_flow.rows_of_arcs(tail, self.nodes)
        arrived = max_flow.push(start, arcs, head, room, 0, 1)
        if arrived != total:
            raise BalanceError(
                "the bounds of a trace do not add up to what it began with",
                where="network of the trail",
                try_="do not use this trace; report it with the version of the ledger",
            )
        wanted = [place for place in (self.place if of is None else of) if place in doors]
        found = _between(start, arcs, head, room, [doors[place] for place in wanted])
        of_class = _between(start, arcs, head, room, list(gates.values()))
        return Bounds(dict(zip(wanted, found, strict=True)), dict(zip(gates, of_class, strict=True)), exact=True)


def _between(
    start: NDArray[np.int64],
    arcs: NDArray[np.int64],
    head: NDArray[np.int64],
    room: NDArray[np.int64],
    doors: list[int],
) -> list[tuple[int, int]]:
    """Give the least and the most that can pass each arc without making the whole flow smaller."""
    number = np.array(doors, np.int64)
    least, most = max_flow.detours(start, arcs, head, room, number, room[number ^ 1], 1)
    return list(zip(least.tolist(), most.tolist(), strict=True))


def _network(trail: Trail, seeds: Mapping[int, int], reached: Reached) -> Network | None:
    """Build the network of a trail; None if it would be too large."""
    steps = trail.steps
    free = _beyond_exchanges(trail, reached)
    net = Network()
    after_credit: dict[int, int] = {}
    chains = np.flatnonzero(reached.since >= 0)
    lengths = (
        (steps.first[chains + 1] - reached.since[chains])
        if trail.forward
        else (reached.since[chains] - steps.first[chains] + 1)
    )
    if int(lengths.sum()) + int(reached.carried.sum()) > MOST_ARCS:
        return None
    gives: list[tuple[int, int]] = []
    for purse in chains.tolist():
        gives += _chain(net, trail, reached, purse, bool(free[purse]), after_credit)
    for state, row in gives:
        limit = WITHOUT_LIMIT if free[steps.purse[2 * row + 1 - trail.taking]] else trail.sizes(row)[0]
        if row in seeds:
            net.arc(state, net.sink((trail.next_node(row), "balance")), limit)
        else:
            _payment(net, trail, row, state, limit, after_credit, free)
    for row, amount in seeds.items():
        if trail.forward:
            _payment(net, trail, row, 0, amount, after_credit, free)
        else:
            _arrival(net, trail, row, 0, amount, after_credit)
    return net


def _chain(
    net: Network, trail: Trail, reached: Reached, purse: int, free: bool, after_credit: dict[int, int]
) -> list[tuple[int, int]]:
    """Add the states of one purse; give the states from which payments leave."""
    steps = trail.steps
    forward = trail.forward
    limitless = free or not steps.known[purse]
    first, last = int(steps.first[purse]), int(steps.first[purse + 1])
    since = int(reached.since[purse])
    walk = range(since, last) if forward else range(since, first - 1, -1)
    takes, gives = (CREDIT, DEBIT) if forward else (DEBIT, CREDIT)
    leaving: list[tuple[int, int]] = []
    state = -1
    narrow = WITHOUT_LIMIT
    for step in walk:
        kind, moved, after = int(steps.kind[step]), int(steps.moved[step]), int(steps.after[step])
        brings = kind < DEBIT if forward else kind >= DEBIT
        low = after - moved if kind < DEBIT else after
        row = int(steps.leg[step]) >> 1
        if brings:
            narrow = min(narrow, low)
            if kind == takes and reached.carried[row] and trail.end(row) is None:
                onward = net.node()
                if state >= 0:
                    net.arc(state, onward, WITHOUT_LIMIT if limitless else narrow)
                after_credit[row] = state = onward
                narrow = WITHOUT_LIMIT
            continue
        if narrow < WITHOUT_LIMIT and state >= 0 and not limitless:
            onward = net.node()
            net.arc(state, onward, narrow)
            state = onward
        narrow = WITHOUT_LIMIT
        if kind == gives:
            if reached.carried[row]:
                leaving.append((state, row))
        else:
            key = trail.overdraft(purse) if steps.leg[step] >= 0 else trail.rest(purse)
            net.arc(state, net.sink(key[:2]), WITHOUT_LIMIT if free else moved)
        narrow = low
    if limitless:
        # What was never reported may have been larger, so all of it may still be there.
        net.arc(state, net.sink(trail.rest(purse)[:2]), WITHOUT_LIMIT)
    return leaving


def _payment(
    net: Network,
    trail: Trail,
    row: int,
    state: int,
    limit: int,
    after_credit: Mapping[int, int],
    free: NDArray[np.bool_],
) -> None:
    """Add a payment that carries at most so much: what arrives, and what is kept on the way."""
    given, arrives = trail.sizes(row)
    if arrives < given and trail.forward and not trail.steps.exchanged[row]:
        middle = net.node()
        net.arc(state, middle, limit)
        unbounded = limit == WITHOUT_LIMIT
        net.arc(middle, net.sink((FEE_NODE, "fee")), WITHOUT_LIMIT if unbounded else given - arrives)
        _arrival(net, trail, row, middle, WITHOUT_LIMIT if unbounded else arrives, after_credit)
    else:
        _arrival(net, trail, row, state, limit, after_credit)


def _arrival(net: Network, trail: Trail, row: int, state: int, limit: int, after_credit: Mapping[int, int]) -> None:
    end = trail.end(row)
    if end is not None:
        net.arc(state, net.sink(end[:2]), limit)
    elif row in after_credit:
        net.arc(state, after_credit[row], limit)
    else:
        # An exchange so small that nothing was received.
        net.arc(state, net.sink((DUST_NODE, "dust")), limit)


def _beyond_exchanges(trail: Trail, reached: Reached) -> NDArray[np.bool_]:
    """Say of each purse whether the money may have come to it through an exchange of currency."""
    steps = trail.steps
    free = np.zeros(steps.first.size - 1, np.bool_)
    exchanged = np.flatnonzero(reached.carried & steps.exchanged)
    if exchanged.size:
        purses = steps.purse[2 * exchanged + trail.taking]
        beyond = reach(trail, exchanged.tolist()).since >= 0
        free |= beyond & (reached.since >= 0)
        free[purses[purses >= 0]] = True
    return free
