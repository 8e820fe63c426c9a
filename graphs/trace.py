"""Follow the money: where it went from some payments, or where it came from, under every rule side by side.

Money in an account has no serial numbers. Which payment out was made with which payment in is a *convention*, and
courts differ; so a trace states six of them next to each other, and beside them the bounds that no convention can leave
(`graphs.trace_bounds`). Which one holds is for a lawyer to say; nothing here picks one.

======== ==================================================================================================
forward  where did the money of these payments go: endpoints are cash, cards, accounts elsewhere, balances...
backward where did it come from: the same ledger read from its end, so the same rules and classes
======== ==================================================================================================

Every endpoint names its payments, and under each rule the endpoints sum to the start, to the minor unit; a run in which
they do not raises `BalanceError`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, TypeVar, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.errors import InputError
from flows.given import ids_given
from flows.payments import UTC
from flows.showing import Shown
from flows.window import Window, times
from graphs.trace_assumptions import CONVENTIONS, OpenOrder, assumed, of_bounds
from graphs.trace_bounds import Place, Reached, bounds, places, reach
from graphs.trace_fifo import fifo
from graphs.trace_record import Direction, EndClass, Record, Trail, names_of
from graphs.trace_rules import replay
from graphs.trace_steps import ORDERS, steps

Rule = Literal["fifo", "lifo", "prorata", "libr", "taint_first"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""Rules that attribute amounts. "Poison", the sixth, only says what any of the money can have touched."""

ATTRIBUTED = pa.schema(
    [
        pa.field("rule", pa.string(), nullable=False),
        pa.field("payment_id", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64()),  # traced part, in the currency of the start; null under poison
        pa.field("currency", pa.string(), nullable=False),
        pa.field("payer", pa.string(), nullable=False),
        pa.field("payee", pa.string(), nullable=False),
        pa.field("at", UTC, nullable=False),
        pa.field("payment_amount_minor", pa.int64(), nullable=False),
        pa.field("payment_currency", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
    ]
)
"""One row per rule and payment that carried some of the money; a sum over hops counts the same money again."""


@dataclass(frozen=True)
class Seed:
    """A payment the trail begins with."""

    payment_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Endpoint:
    """Where some of the money ended up, or came from, under one rule.

    Parameters
    ----------
    node : str
        Account or outside node.
    end_class : str
        One of `graphs.trace_record.END_CLASSES`.
    what : str
        What happened there, in words.
    amount_minor : int
        In the currency of the start.
    payments : tuple of str
        The payments that brought it there, in order of time; from there, going backward.
    least_minor, most_minor : int
        Range over the orders that the times of the payments leave open; both the amount where they leave none.
    """

    node: str
    end_class: EndClass
    what: str
    amount_minor: int
    payments: tuple[str, ...]
    least_minor: int
    most_minor: int


@dataclass(frozen=True)
class Bound:
    """The least and the most an endpoint, or a whole class of them, can have got under any rule."""

    node: str
    end_class: EndClass
    lo_minor: int
    hi_minor: int


@dataclass(frozen=True, eq=False)
class Trace(Shown):
    """A trace under all rules asked for.

    Parameters
    ----------
    direction : {"forward", "backward"}
        Which way.
    currency : str
        Of all amounts; that of the payments the trail begins with.
    seeds : tuple of Seed
        What it begins with.
    endpoints : mapping of str to tuple of Endpoint
        By rule, the largest first.
    payments : pyarrow.Table
        Rows of `ATTRIBUTED`, by rule and time.
    reached : tuple of str
        Nodes that any of the money can have touched, sorted; empty if poison was not asked for.
    reached_payments : int
        How many payments that are; 0 if neither poison nor bounds were asked for.
    bounds : tuple of Bound
        By endpoint, the largest first; those that may be zero and are named by no rule are left out.
    class_bounds : tuple of Bound
        By class, `Bound.node` being empty.
    assumptions : tuple of str
        Everything that was taken for granted, in plain sentences.
    """

    shown_as: ClassVar[str] = "trace"

    direction: Direction
    currency: str
    seeds: tuple[Seed, ...]
    endpoints: Mapping[str, tuple[Endpoint, ...]]
    payments: pa.Table
    reached: tuple[str, ...] = ()
    reached_payments: int = 0
    bounds: tuple[Bound, ...] = ()
    class_bounds: tuple[Bound, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def total_minor(self) -> int:
        """What the trail begins with; under every rule the endpoints sum to it."""
        return sum(seed.amount_minor for seed in self.seeds)

    def amounts(self, rule: str) -> dict[Place, int]:
        """Give the amount of each endpoint under a rule."""
        return {(end.node, end.end_class): end.amount_minor for end in self.endpoints[rule]}


@dataclass(frozen=True, kw_only=True)
class TraceLimits:
    """What a trace leaves out, in the open.

    Parameters
    ----------
    smallest_minor : int, minor units
        A payment that would carry less of the money is not followed; what it carries is the endpoint ``dust``. 0
        follows everything.
    most_bounds : int, endpoints
        For how many endpoints bounds are searched, the largest first; 0 for none, which leaves out the pass over the
        ledger that they need. Ours: more than a person reads.
    """

    smallest_minor: int = 0
    most_bounds: int = 100


def trace(
    window: Window,
    start: Mapping[str, int] | Iterable[str],
    *,
    direction: Direction = "forward",
    rules: Iterable[str] = (*RULES, "poison"),
    stops: Iterable[str] = (),
    limits: TraceLimits = TraceLimits(),
) -> Trace:
    """Follow the money of some payments.

    Parameters
    ----------
    window : Window
        The ledger; best the whole of it, since balances are made from it. Trails end at ``window.hubs``.
    start : mapping of str to int, or iterable of str
        Payment ids, with how many minor units of each are followed (the front of the payment) or all of it.
    direction : {"forward", "backward"}
        Where it went, or where it came from.
    rules : iterable of str
        Of `CONVENTIONS`.
    stops : iterable of str
        Accounts at which the trail ends when it comes back to them.
    limits : TraceLimits
        What is left out.

    Returns
    -------
    Trace
        Under every rule the endpoints sum to the start.

    Raises
    ------
    InputError
        If a payment is not in the window, the amounts are not those of the payments, or they differ in currency.
    BalanceError
        If money was lost on the way; this is checked in every run.

    Notes
    -----
    The first trace of a window lays out its purses, linear in its payments. After that FIFO costs microseconds per
    piece of money; the other rules the payments of the purses they reach; poison one pass over the ledger.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 09:00  ext:x -> anna   100 EUR
    ...     day 1 09:00  ext:y -> anna   300 EUR
    ...     day 2 09:00  anna -> cash:atm  200 EUR
    ... ''')
    ... )
    >>> found = trace(window, ["p1"])
    >>> {rule: found.amounts(rule)["cash:atm", "cash"] for rule in ("fifo", "prorata", "taint_first")}
    {'fifo': 10000, 'prorata': 5000, 'taint_first': 10000}
    >>> [(bound.node, bound.lo_minor, bound.hi_minor) for bound in found.bounds]
    [('anna', 0, 10000), ('cash:atm', 0, 10000)]
    """
    ids_given(start, "start")
    ids_given(rules, "rules")
    if direction not in get_args(Direction):
        raise InputError(f"no such direction: {direction!r}", where="direction", try_="forward, or backward")
    asked = tuple(rules)
    unknown = [rule for rule in asked if rule not in CONVENTIONS]
    if unknown:
        raise InputError(f"no such rule: {unknown[0]!r}", where="rules", try_="one of: " + ", ".join(CONVENTIONS))
    rows = _rows(window, start)
    currency = _one_currency(window, rows)
    trail = Trail(window, steps(window), direction, frozenset(stops))
    conserving: list[str] = [rule for rule in RULES if rule in asked]
    records = {rule: _record(trail, rows, rule, limits) for rule in conserving}
    poison = "poison" in asked
    reached = reach(trail, rows) if poison or limits.most_bounds else None
    touched = {row for record in records.values() for row in record.carried} | rows.keys()
    others, order = _other_orders(trail, touched)
    endpoints = {
        rule: _endpoints(window, record, [_record(other, rows, rule, limits) for other in others])
        for rule, record in records.items()
    }
    by_place, by_class, said = _bounded((trail, *others), rows, reached, endpoints, limits)
    return Trace(
        direction=direction,
        currency=currency,
        seeds=_seeds(window, rows),
        endpoints=endpoints,
        payments=_attributed(window, records, reached if poison else None, currency),
        reached=_nodes(trail, reached) if poison and reached else (),
        reached_payments=0 if reached is None else int(reached.carried.sum()),
        bounds=by_place,
        class_bounds=by_class,
        assumptions=(*assumed(trail, touched, asked, order, limits.smallest_minor), *said),
    )


def trace_account(
    window: Window,
    account: str,
    since: int,
    *,
    direction: Direction = "forward",
    rules: Iterable[str] = (*RULES, "poison"),
    limits: TraceLimits = TraceLimits(),
) -> tuple[Trace, ...]:
    """Follow all money that left an account since a moment; going backward, all that reached it.

    Money that comes back to the account ends there: what it then pays out is already among what the trail begins with,
    and would count twice.

    Parameters
    ----------
    account : str
        An account of the bank, or any other node.
    since : int
        Microseconds since 1970.
    window, direction, rules, limits
        As for `trace`. The account itself is followed even if it is a hub.

    Returns
    -------
    tuple of Trace
        One per currency, by code.

    Raises
    ------
    InputError
        If the account has no such payment.
    """
    payments = window.payments
    side, other = ("payer", "payee") if direction == "forward" else ("payee", "payer")
    chosen = pc.and_(pc.equal(payments[side], account), pc.not_equal(payments[other], account))
    late = pa.array(times(payments) >= since)
    found = payments.filter(pc.and_(chosen, late))
    if not found.num_rows:
        out, into = ("out", "in") if direction == "forward" else ("in", "out")
        if pc.any(chosen).as_py():
            raise InputError(
                f"the account has no payment {out} since that day", where="account", try_="look from an earlier day"
            )
        if pc.any(pc.equal(payments[other], account)).as_py():
            raise InputError(
                f"the account has payments {into}, but none {out}", where="account", try_="look in the other direction"
            )
        raise InputError(
            "no booked payment names this account",
            where="account",
            try_="write the id as the payments have it, with its prefix (ext:, cash: ...) if it is elsewhere",
        )
    if account in window.hubs:
        window = replace(window, hubs=window.hubs - {account}, _memo={})
    return tuple(
        trace(
            window,
            found.filter(pc.equal(found["currency"], currency))["payment_id"].to_pylist(),
            direction=direction,
            rules=rules,
            stops=[account],
            limits=limits,
        )
        for currency in sorted(pc.unique(found["currency"]).to_pylist())
    )


def _rows(window: Window, start: Mapping[str, int] | Iterable[str]) -> dict[int, int]:
    """Give the rows of the payments a trail begins with, and how much of each."""
    amounts = dict(start) if isinstance(start, Mapping) else dict.fromkeys(start, 0)
    ids = window.payments["payment_id"]
    # A small set looked for in a large one, not the other way round: no index of all ids is built.
    found = pc.indices_nonzero(pc.is_in(ids, value_set=pa.array(list(amounts), pa.string())))
    row_of = dict(zip(ids.take(found).to_pylist(), found.to_pylist(), strict=True))
    rows: dict[int, int] = {}
    for number, (name, amount) in enumerate(amounts.items(), 1):
        row = row_of.get(name)
        if row is None:
            raise InputError(
                "a payment to begin with is not among the booked payments",
                where=f"payment {number} of {len(amounts)}",
                try_="check the id; a payment that was reversed, or is not booked yet, moved no money",
            )
        whole = window.payments["amount_minor"][row].as_py()
        if not isinstance(start, Mapping):
            amount = whole
        if not 0 < amount <= whole:
            raise InputError(
                "the amount to follow is not within its payment",
                where=f"payment {number} of {len(amounts)}",
                try_="give between one minor unit and the whole payment",
            )
        rows[row] = amount
    if not rows:
        raise InputError("nothing to follow", where="start", try_="name at least one payment")
    return dict(sorted(rows.items()))


def _one_currency(window: Window, rows: Iterable[int]) -> str:
    found = pc.unique(window.payments["currency"].take(pa.array(list(rows), pa.int64()))).to_pylist()
    if len(found) > 1:
        raise InputError(
            "the payments to begin with differ in currency",
            where="currencies " + ", ".join(sorted(found)),
            try_="trace the payments of each currency on their own",
        )
    return str(found[0])


def _seeds(window: Window, rows: Mapping[int, int]) -> tuple[Seed, ...]:
    taken = window.payments.take(pa.array(list(rows), pa.int64()))
    ids, currencies = taken["payment_id"].to_pylist(), taken["currency"].to_pylist()
    return tuple(Seed(*seed) for seed in zip(ids, rows.values(), currencies, strict=True))


def _record(trail: Trail, rows: Mapping[int, int], rule: str, limits: TraceLimits) -> Record:
    """Trace by one rule, and check that no minor unit is lost."""
    if rule == "fifo":
        record = fifo(trail, rows, limits.smallest_minor)
    else:
        record = replay(trail, rows, rule, limits.smallest_minor)
    record.check(sum(rows.values()), rule)
    return record


def _other_orders(trail: Trail, touched: Iterable[int]) -> tuple[tuple[Trail, ...], OpenOrder]:
    """Give the ledger in the two extreme orders, if times leave the order open in a purse the trail touched."""
    unclear = int(trail.steps.unclear[trail.steps.purses_of(touched)].sum())
    if not unclear:
        return (), OpenOrder(0, 0)
    others = tuple(replace(trail, steps=steps(trail.window, order)) for order in ORDERS[1:])
    return others, OpenOrder(unclear, max(int(other.steps.looped.sum()) for other in others))


def _endpoints(window: Window, record: Record, others: Iterable[Record]) -> tuple[Endpoint, ...]:
    amounts, words, rows = _by_place(record)
    least, most = dict(amounts), dict(amounts)
    for other in others:
        found, said, by = _by_place(other)
        for place in found.keys() | least.keys():
            least[place] = min(least.get(place, 0), found.get(place, 0))
            most[place] = max(most.get(place, 0), found.get(place, 0))
            if place not in words:
                words[place], rows[place] = said[place], by[place]
    ends = [
        Endpoint(
            node=place[0],
            end_class=place[1],
            what="; ".join(sorted(words[place])),
            amount_minor=amounts.get(place, 0),
            payments=names_of(window.payments, rows[place]),
            least_minor=least[place],
            most_minor=most[place],
        )
        for place in most
        if most[place]
    ]
    return tuple(sorted(ends, key=lambda end: (-end.amount_minor, -end.most_minor, end.end_class, end.node)))


def _by_place(record: Record) -> tuple[dict[Place, int], dict[Place, set[str]], dict[Place, set[int]]]:
    amounts: dict[Place, int] = defaultdict(int)
    words: dict[Place, set[str]] = defaultdict(set)
    rows: dict[Place, set[int]] = defaultdict(set)
    for key, worth in record.ends.items():
        amounts[key[:2]] += worth
        words[key[:2]].add(key[2])
        rows[key[:2]] |= {row for row, part in record.through[key].items() if part}
    return amounts, words, rows


def _attributed(window: Window, records: Mapping[str, Record], poison: Reached | None, currency: str) -> pa.Table:
    rules: list[str] = []
    rows: list[int] = []
    worth: list[int | None] = []
    for rule, record in records.items():
        carried = sorted((row, amount) for row, amount in record.carried.items() if amount)
        rules += [rule] * len(carried)
        rows += [row for row, _ in carried]
        worth += [amount for _, amount in carried]
    if poison is not None:
        touched = np.flatnonzero(poison.carried).tolist()
        rules += ["poison"] * len(touched)
        rows += touched
        worth += [None] * len(touched)
    taken = window.payments.take(pa.array(rows, pa.int64()))
    columns = {
        "rule": pa.array(rules, pa.string()),
        "amount_minor": pa.array(worth, pa.int64()),
        "currency": pa.array([currency] * len(rows), pa.string()),
        "payment_amount_minor": taken["amount_minor"],
        "payment_currency": taken["currency"],
    }
    return pa.table(
        [columns.get(name, taken[name] if name in taken.column_names else None) for name in ATTRIBUTED.names],
        schema=ATTRIBUTED,
    )


def _nodes(trail: Trail, reached: Reached) -> tuple[str, ...]:
    """Name everything that any of the money can have touched."""
    ends = trail.steps.payee if trail.forward else trail.steps.payer
    numbers = np.unique(ends[reached.carried])
    return tuple(sorted(trail.steps.names.take(pa.array(numbers)).to_pylist()))


def _bounded(
    trails: Sequence[Trail],
    rows: Mapping[int, int],
    first: Reached | None,
    endpoints: Mapping[str, tuple[Endpoint, ...]],
    limits: TraceLimits,
) -> tuple[tuple[Bound, ...], tuple[Bound, ...], tuple[str, ...]]:
    """Bound the endpoints that some rule names, the largest first, and the classes, over all orders."""
    if first is None or not limits.most_bounds:
        return (), (), ("No bounds were asked for.",)
    reached = [first, *(reach(trail, rows) for trail in trails[1:])]
    largest: dict[Place, int] = defaultdict(int)
    for ends in endpoints.values():
        for end in ends:
            place = (end.node, end.end_class)
            largest[place] = max(largest[place], end.most_minor)
    if not endpoints:
        largest.update(dict.fromkeys(places(trails[0], reached[0]), 0))
    ranked = sorted(largest, key=lambda place: (-largest[place], place))
    chosen = ranked[: limits.most_bounds]
    found = [bounds(trail, rows, touched, of=chosen) for trail, touched in zip(trails, reached, strict=True)]
    by_place = _over([each.of_place for each in found])
    by_class = _over([each.of_class for each in found])
    named = [Bound(*place, *pair) for place, pair in by_place.items()]
    named.sort(key=lambda bound: (-bound.hi_minor, -bound.lo_minor, bound.end_class, bound.node))
    classes = tuple(Bound("", kind, *pair) for kind, pair in sorted(by_class.items()))
    said = of_bounds(trails[0], reached[0], exact=all(each.exact for each in found), given=len(named), of=len(ranked))
    return tuple(named), classes, said


Key = TypeVar("Key")


def _over(each: Sequence[Mapping[Key, tuple[int, int]]]) -> dict[Key, tuple[int, int]]:
    """Give the least and the most over several orders; what an order does not reach got nothing in it."""
    keys = {key for pairs in each for key in pairs}
    found = {
        key: (min(pairs.get(key, (0, 0))[0] for pairs in each), max(pairs.get(key, (0, 0))[1] for pairs in each))
        for key in keys
    }
    return {key: pair for key, pair in found.items() if pair[1]}
