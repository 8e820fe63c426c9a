"""Views: every payment is there, apart, with its money; neighbourhoods stop where they should."""

from datetime import UTC, datetime
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.errors import InputError
from flows.window import no_payments, whole
from graphs.views import account_graph, ego, payment_graph, shared

TABLES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 3), st.sampled_from(["EUR", "SEK"])),
    max_size=25,
)


def window_of(text, **more):
    return whole(payments_from_arrows(text), **more)


def window_of_rows(rows):
    return window_of("\n".join(f"day 0 09:00  {a} -> {b}  {amount} {currency}" for a, b, amount, currency in rows))


@settings(deadline=None, derandomize=True)
@given(TABLES)
def test_no_payment_is_merged_away_however_alike_two_are(rows):
    window = window_of_rows(rows)
    graph = payment_graph(window)
    table = window.payments.to_pylist()
    assert {(payer, payee, key) for payer, payee, key in graph.edges(keys=True)} == {
        (row["payer"], row["payee"], row["payment_id"]) for row in table
    }
    assert graph.number_of_edges() == len(rows)
    assert sum(amount for *_, amount in graph.edges(data="amount_minor")) == sum(row["amount_minor"] for row in table)


@settings(deadline=None, derandomize=True)
@given(TABLES)
def test_totals_between_accounts_count_every_payment_and_every_cent(rows):
    graph = account_graph(window_of_rows(rows))
    assert sum(count for *_, count in graph.edges(data="payments")) == len(rows)
    for currency in ("EUR", "SEK"):
        total = sum(amounts.get(currency, 0) for *_, amounts in graph.edges(data="amount_minor"))
        assert total == sum(100 * amount for *_, amount, unit in rows if unit == currency)


def test_an_edge_bears_what_is_known_of_the_payment_and_nothing_else():
    window = window_of("day 0 09:00  anna -> cash:atm7  60 EUR atm_wd  city=Lyon", hubs=["cash:atm7"])
    graph = payment_graph(window)
    edge = graph.edges["anna", "cash:atm7", "p1"]
    assert edge["at"] == datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert (edge["amount_minor"], edge["currency"], edge["channel"], edge["city"]) == (6000, "EUR", "atm_wd", "Lyon")
    assert "mcc" not in edge
    assert graph.nodes["cash:atm7"] == {"node_class": "cash", "hub": True}


def test_a_view_is_made_once_and_cannot_be_spoilt():
    window = window_of("day 0  a -> b  1 EUR")
    for view in (payment_graph, account_graph):
        assert view(window) is view(window)
        with pytest.raises(nx.NetworkXError):
            view(window).add_edge("x", "y")


def test_first_and_last_payment_between_two_accounts_are_told():
    edge = account_graph(window_of("day 0  a -> b  1 EUR\nday 4  a -> b  1 EUR")).edges["a", "b"]
    assert edge["last_at"] - edge["first_at"] == 4 * 86_400_000_000


CHAIN = """
day 0  a -> b  1 EUR
day 1  b -> c  1 EUR
day 1  b -> c  1 EUR
day 2  c -> d  1 EUR
day 3  z -> a  1 EUR
day 3  x -> y  1 EUR
"""


@pytest.mark.parametrize(
    ("hops", "direction", "inside"),
    [
        (0, "both", {"a"}),
        (1, "both", {"a", "b", "z"}),
        (2, "both", {"a", "b", "c", "z"}),
        (2, "out", {"a", "b", "c"}),
        (3, "in", {"a", "z"}),
    ],
)
def test_a_neighbourhood_holds_who_is_near_enough(hops, direction, inside):
    graph = ego(window_of(CHAIN), "a", hops, direction=direction)
    assert set(graph) == inside
    assert set(graph.edges(keys=True)) == {
        edge for edge in payment_graph(window_of(CHAIN)).edges(keys=True) if {edge[0], edge[1]} <= inside
    }


@settings(deadline=None, derandomize=True)
@given(TABLES, st.integers(0, 3))
def test_neighbourhoods_are_those_of_networkx(rows, hops):
    window = window_of_rows([("a", "b", 1, "EUR"), *rows])
    plain = nx.ego_graph(payment_graph(window), "a", radius=hops, undirected=True)
    found = ego(window, "a", hops)
    assert set(found.edges(keys=True)) == set(plain.edges(keys=True))
    assert dict(found.nodes(data="hops")) == nx.single_source_shortest_path_length(
        payment_graph(window).to_undirected(as_view=True), "a", cutoff=hops
    )


def test_a_neighbourhood_shows_a_hub_but_does_not_walk_through_it():
    text = "day 0  a -> power  1 EUR\nday 0  b -> power  1 EUR"
    assert set(ego(window_of(text, hubs=["power"]), "a", 2)) == {"a", "power"}
    assert set(ego(window_of(text, hubs=["power"]), "a", 2, through_hubs=True)) == {"a", "b", "power"}
    assert set(ego(window_of(text, hubs=["power"]), "power", 1)) == {"a", "b", "power"}


def test_an_account_without_payments_has_no_neighbourhood_and_is_not_named():
    with pytest.raises(InputError) as told:
        ego(window_of(CHAIN), "acc-4711")
    assert "4711" not in str(told.value)


@settings(deadline=None, derandomize=True)
@given(TABLES, st.integers(1, 3))
def test_payers_are_joined_by_the_payees_they_share(rows, least):
    paid = {}
    for payer, payee, *_ in rows:
        paid.setdefault(payer, set()).add(payee)
    expected = {
        pair: tuple(sorted(paid[pair[0]] & paid[pair[1]]))
        for pair in combinations(sorted(paid), 2)
        if len(paid[pair[0]] & paid[pair[1]]) >= least
    }
    graph = shared(window_of_rows(rows), least=least)
    assert {tuple(sorted(pair)): graph.edges[pair]["shared"] for pair in graph.edges} == expected


def test_what_too_many_share_is_no_bond_and_is_counted():
    window = window_of(
        "\n".join(f"day 0  c{n} -> shop  1 EUR" for n in range(5)) + "\nday 0 c0 -> power 1 EUR", hubs=["power"]
    )
    graph = shared(window, least=1, most_members=4)
    assert not graph.edges
    assert graph.graph["passed_over"] == 2


def test_customers_are_joined_by_a_device_and_a_missing_one_joins_nobody():
    window = window_of("""
        day 0  a -> x  1 EUR  device_id=d1
        day 0  b -> y  1 EUR  device_id=d1
        day 0  c -> y  1 EUR
        day 0  d -> y  1 EUR
    """)
    assert set(shared(window, "payer", "device_id", least=1).edges) == {("a", "b")}


def test_an_empty_window_gives_empty_graphs():
    window = whole(no_payments())
    assert not payment_graph(window)
    assert not account_graph(window)
    assert not shared(window)
