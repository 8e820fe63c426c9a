"""Random patterns, random payments, and a plain search that tries every payment for every hop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from detectors.pattern import Pattern
from detectors.pattern_grammar import ANY, KINDS, PUBLIC, Account, Hop, Range
from flows.money import exponent
from flows.payments import CHANNELS, PAYMENTS, node_class
from flows.window import Window, whole
from graphs.classes import PERSONS

NAMES = ("a", "b", "c", "d", "e")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
USED = ("sct", "instant", "atm_wd")
ACCOUNTS = ("acc-0", "acc-1", "acc-2", "ext:x", "acc-3", "cash:m", "gov:tax")


def a_range(*values):
    """Draw bounds among these, closed on both sides or on one."""
    numbers = st.sampled_from([Decimal(value) for value in values])
    both = st.tuples(numbers, numbers).map(sorted).map(lambda ends: Range(*ends))
    return st.one_of(both, numbers.map(lambda least: Range(least, None)), numbers.map(lambda most: Range(None, most)))


def maybe(strategy):
    return st.one_of(st.none(), st.none(), strategy)


SPANS = st.sampled_from([timedelta(seconds=90), timedelta(hours=2), timedelta(hours=6), timedelta(hours=12)])


@st.composite
def patterns(draw):
    """Draw a pattern of one to four payments among up to five accounts."""
    used, hops = ["a", "b"], []
    span = draw(maybe(st.sampled_from([timedelta(hours=5), timedelta(hours=15), timedelta(days=2)])))
    for number in range(draw(st.integers(1, 4))):
        ends = ["a", "b"]
        if number:
            known = draw(st.sampled_from(used))
            other = draw(st.sampled_from([name for name in (*used, NAMES[len(used)]) if name != known]))
            ends = [known, other] if draw(st.booleans()) else [other, known]
            used += [name for name in ends if name not in used]
        amount = draw(maybe(a_range("50", "80", "99.5", "100", "150")))
        later = SPANS if span is None else maybe(SPANS)
        hops.append(
            Hop(
                *ends,
                within=draw(later) if number else None,
                keeps=draw(maybe(a_range("0.5", "0.8", "0.909091", "1", "1.25"))) if number else None,
                amount=amount,
                currency=draw(st.sampled_from([None, None, "EUR", "JPY"])) if amount else None,
                channels=in_order(draw(maybe(st.sets(st.sampled_from(USED)))), CHANNELS),
            )
        )
    kinds = st.sets(st.sampled_from(["account", "ext", "cash", "gov", PUBLIC, ANY]), min_size=1)
    roles = st.sampled_from(["", "", "collector", "pays out", "in"])
    accounts = [Account(name, in_order(draw(maybe(kinds)), KINDS), draw(roles)) for name in used]
    return Pattern(tuple(accounts), tuple(hops), span)


def in_order(chosen, known):
    return tuple(name for name in known if name in (chosen or ()))


def random_payments(seed: int, most: int = 30) -> Window:
    """Make a window of a few payments with ties, parallel ones, self-payments, two currencies, and hubs."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, most))
    busy = rng.random(count) < 0.3
    payer = np.where(busy, 0, rng.integers(0, len(ACCOUNTS), count))
    payee = np.where(rng.random(count) < 0.2, 1, rng.integers(0, len(ACCOUNTS), count))
    at = [NOON + timedelta(hours=int(hour)) for hour in np.sort(rng.integers(0, 20, count))]
    given = {
        "payment_id": [f"p{number:03d}" for number in range(count)],
        "payer": [ACCOUNTS[number] for number in payer],
        "payee": [ACCOUNTS[number] for number in payee],
        "amount_minor": rng.choice([50, 80, 90, 99, 100, 100, 110, 200], count) * 100 + rng.integers(0, 2, count),
        "currency": np.where(rng.random(count) < 0.85, "EUR", "JPY"),
        "booked_on": [moment.date() for moment in at],
        "at": at,
        "channel": rng.choice(USED, count),
        "source_line": range(count),
        **dict.fromkeys(("ts_quality", "source_file"), ["event"] * count),
        "status": ["booked"] * count,
    }
    columns = [
        pa.array(given[field.name], field.type) if field.name in given else pa.nulls(count, field.type)
        for field in PAYMENTS
    ]
    hubs = [name for name in ACCOUNTS if rng.random() < 0.1]
    return whole(pa.Table.from_arrays(columns, schema=PAYMENTS), hubs=hubs)


def plain_search(pattern: Pattern, window: Window) -> list[tuple[str, ...]]:
    """Try every payment for every hop; give the payment ids of every match, in order."""
    world = nx.MultiDiGraph()
    for row in window.payments.to_pylist():
        world.add_edge(row["payer"], row["payee"], key=row["payment_id"], **row)
    every = sorted(world.edges(data=True), key=lambda one: (one[2]["at"], one[2]["payment_id"]))
    found = []

    def walk(bound, steps):
        if len(steps) == len(pattern.hops):
            found.append(tuple(step["payment_id"] for step in steps))
            return
        hop = pattern.hops[len(steps)]
        for payer, payee, step in every:
            taken = {**bound, hop.payer: payer, hop.payee: payee}
            same = all(bound.get(name, taken[name]) == taken[name] for name in (hop.payer, hop.payee))
            apart = payer != payee and len(set(taken.values())) == len(taken)
            if same and apart and fits(pattern, hop, taken, step, steps, window.hubs):
                walk(taken, [*steps, step])

    walk({}, [])
    return found


def fits(pattern, hop, taken, step, steps, hubs):
    for account in pattern.accounts:
        if account.name in taken and not may_stand(taken[account.name], account.kinds or PERSONS, hubs):
            return False
    if hop.channels and step["channel"] not in hop.channels:
        return False
    if hop.amount is not None:
        if hop.currency not in (None, step["currency"]):
            return False
        if not inside(Fraction(step["amount_minor"], 10 ** exponent(step["currency"])), hop.amount):
            return False
    if not steps:
        return True
    before = steps[-1]
    if step["at"] <= before["at"]:
        return False
    if hop.within is not None and step["at"] - before["at"] > hop.within:
        return False
    if pattern.span is not None and step["at"] - steps[0]["at"] > pattern.span:
        return False
    same = step["currency"] == before["currency"]
    return hop.keeps is None or (same and inside(Fraction(step["amount_minor"], before["amount_minor"]), hop.keeps))


def inside(number, bounds):
    return (bounds.least is None or number >= bounds.least) and (bounds.most is None or number <= bounds.most)


def may_stand(name, kinds, hubs):
    if name in hubs:
        return PUBLIC in kinds
    return ANY in kinds or node_class(name) in kinds
