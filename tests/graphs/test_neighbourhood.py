"""A neighbourhood is cut in days and hops, labels the hubs of the whole ledger, and says what it was cut from."""

from datetime import date

import networkx as nx
import pytest

from flows.arrows import payments_from_arrows
from flows.errors import InputError
from flows.ledger import Ledger
from flows.window import whole
from graphs.hubs import HubRule, labelled
from graphs.neighbourhood import neighbourhood
from graphs.views import PaymentGraph

STORY = """
day 0 09:00   ext:old -> anna   5 EUR
day 10 09:00  ext:x -> anna   300 EUR
day 10 10:00  anna -> ben     200 EUR
day 10 10:00  anna -> ben     200 EUR
day 11 00:00  ben -> cara     390 EUR
day 12 23:59  cara -> dan     380 EUR
"""


def keys(graph):
    return sorted(graph.edges(keys=True))


@pytest.fixture
def ledger(tmp_path):
    payments = payments_from_arrows(STORY)
    with Ledger.for_writing(tmp_path / "ledger") as opened:
        return opened.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["a"], side={})


def test_a_ledger_gives_a_networkx_multigraph_keyed_by_payment(ledger):
    graph = neighbourhood(ledger, "anna", hops=2, days=60)
    assert isinstance(graph, nx.MultiDiGraph)
    assert [key for *_, key in keys(graph)] == ["p3", "p4", "p5", "p1", "p2"]
    assert graph.graph["account"] == "anna"
    assert graph.graph["ledger_version"] == ledger.version
    assert {name: graph.nodes[name]["hops"] for name in graph} == {
        "anna": 0,
        "ben": 1,
        "cara": 2,
        "ext:x": 1,
        "ext:old": 1,
    }


def test_days_are_counted_back_from_the_last_booking_date_which_is_one_of_them():
    graph = neighbourhood(whole(payments_from_arrows(STORY)), "ben", hops=9, days=2)
    assert [key for *_, key in keys(graph)] == ["p5", "p6"]
    assert (graph.graph["since"], graph.graph["as_of"]) == (date(2026, 1, 12), date(2026, 1, 13))


def test_a_view_as_of_a_day_knows_nothing_later_and_is_the_same_from_ledger_and_window(ledger):
    of_window = neighbourhood(whole(payments_from_arrows(STORY)), "anna", hops=9, days=3, as_of=date(2026, 1, 11))
    assert [key for *_, key in keys(of_window)] == ["p3", "p4", "p2"]
    assert keys(neighbourhood(ledger, "anna", hops=9, days=3, as_of=date(2026, 1, 11))) == keys(of_window)


def test_hubs_are_those_of_the_whole_window_also_where_few_payments_are_seen():
    many = "\n".join(f"day 0 09:00  c{number} -> mer:shop  5 EUR" for number in range(30))
    window = labelled(whole(payments_from_arrows(f"{many}\nday 90  anna -> mer:shop  5 EUR")), HubRule())
    graph = neighbourhood(window, "anna", hops=2, days=5)
    assert graph.nodes["mer:shop"]["hub"]
    assert set(graph) == {"anna", "mer:shop"}


def test_subgraphs_and_copies_are_of_the_class_that_draws_itself():
    graph = neighbourhood(whole(payments_from_arrows(STORY)), "anna")
    for other in (graph.copy(), graph.subgraph(["anna", "ben"]), graph.reverse()):
        assert isinstance(other, PaymentGraph)


@pytest.mark.parametrize("asked", [{"hops": -1}, {"days": 0}, {"days": 1}])
def test_what_cannot_be_answered_is_refused_without_naming_the_account(asked):
    with pytest.raises(InputError) as raised:
        neighbourhood(whole(payments_from_arrows(STORY)), "anna", **asked)
    assert "anna" not in str(raised.value)
