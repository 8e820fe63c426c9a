"""Groups that share identifiers, beside a plain networkx search over all pairs."""

from datetime import date, timedelta
from itertools import combinations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from flows.payments import CUSTOMERS, LINKS
from graphs.sharing import ENOUGH, WEIGHTS, sharing

DAY = date(2026, 1, 1)


def random_links(rng):
    """Give links and customers: open and closed periods, repeated rows, kinds that do not count, households."""
    kinds = [*WEIGHTS, "employer"]
    rows = []
    for _ in range(int(rng.integers(0, 30))):
        since = DAY + timedelta(days=int(rng.integers(0, 10)))
        row = {
            "customer_id": f"c{rng.integers(0, 9)}",
            "kind": kinds[rng.integers(0, len(kinds))],
            "value_hash": f"v{rng.integers(0, 3)}",
            "valid_from": None if rng.random() < 0.4 else since,
            "valid_to": None if rng.random() < 0.4 else since + timedelta(days=int(rng.integers(0, 6))),
        }
        rows += [row] * int(rng.integers(1, 3))
    people = [{"customer_id": f"c{n}", "household_id": "h" if rng.random() < 0.2 else None} for n in range(7)]
    customers = pa.Table.from_pylist(people, schema=CUSTOMERS) if rng.random() < 0.7 else None
    return pa.Table.from_pylist(rows, schema=LINKS), customers


def plain(links, customers, most_customers):
    """Give groups, with what each shares, and the crowded identifiers, asking every pair of customers."""
    household = {}
    if customers is not None:
        household = {row["customer_id"]: row["household_id"] for row in customers.to_pylist()}

    def label(customer):
        return f"household {household[customer]}" if household.get(customer) else f"customer {customer}"

    held = {}
    for row in links.to_pylist():
        if row["kind"] in WEIGHTS:
            since, until = row["valid_from"] or date.min, row["valid_to"] or date.max
            owners = held.setdefault((row["kind"], row["value_hash"]), {})
            old = owners.get(row["customer_id"], (since, until))
            owners[row["customer_id"]] = (min(old[0], since), max(old[1], until))
    crowded = {(*ident, len(owners)) for ident, owners in held.items() if len(owners) > most_customers}
    kept = {ident: owners for ident, owners in held.items() if len(owners) <= most_customers}
    together = {}
    for (kind, _), owners in kept.items():
        for one, other in combinations(owners, 2):
            (since, until), (start, end) = owners[one], owners[other]
            if label(one) != label(other) and max(since, start) <= min(until, end):
                together.setdefault(frozenset((label(one), label(other))), set()).add(kind)
    graph = nx.Graph(tuple(pair) for pair, kinds in together.items() if sum(WEIGHTS[k] for k in kinds) >= ENOUGH)
    groups = set()
    for part in nx.connected_components(graph):
        shared = [kind for (kind, _), owners in kept.items() if len({label(owner) for owner in owners} & set(part)) > 1]
        groups.add((frozenset(part), tuple(sorted(shared))))
    return groups, crowded


@pytest.mark.parametrize("chunk", range(5))
def test_groups_are_those_of_the_definition(chunk):
    grouped = 0
    for seed in range(chunk * 400, chunk * 400 + 400):
        rng = np.random.default_rng(seed)
        links, customers = random_links(rng)
        most = int(rng.integers(2, 6))
        found = sharing(links, customers, most_customers=most)

        members = {}
        for name, number in zip(found.labels.to_pylist(), found.group.tolist(), strict=True):
            members.setdefault(number, set()).add(name)
        groups = {(frozenset(members[number]), found.shared[number]) for number in members}
        expected, crowded = plain(links, customers, most)
        assert groups == expected, seed
        assert {tuple(row.values()) for row in found.crowded.to_pylist()} == crowded
        grouped += bool(expected)
    assert grouped > 100, "the random links must hold groups to mean anything"


def test_who_holds_a_crowded_identifier_is_named_to_be_counted():
    rows = [{"customer_id": f"c{n}", "kind": "address", "value_hash": "hall"} for n in range(3)]
    found = sharing(pa.Table.from_pylist(rows, schema=LINKS), None, most_customers=2)
    assert found.crowd == {"customer c0", "customer c1", "customer c2"}
    assert found.crowded.to_pylist() == [{"kind": "address", "value_hash": "hall", "customers": 3}]


def test_an_identifier_of_a_hundred_thousand_customers_makes_no_pairs():
    count = 100_000
    links = pa.table(
        {
            "customer_id": [f"c{n}" for n in range(count)],
            "kind": ["device"] * count,
            "value_hash": ["kiosk"] * count,
            "valid_from": pa.nulls(count, pa.date32()),
            "valid_to": pa.nulls(count, pa.date32()),
        }
    )
    found = sharing(links, None, most_customers=25)
    assert not len(found.labels)
    assert found.crowded["customers"].to_pylist() == [count]
