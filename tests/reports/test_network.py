"""What a network picture holds: the largest along the money, counted, exact, and the same in every run."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.neighbourhood import neighbourhood
from graphs.views import payment_graph
from reports import network as module
from reports.blocks import Movement, Node
from reports.network import graph_network, graph_table, graph_timeline, moving, packed

STORY = """
day 0 09:00  ext:x -> anna   300 EUR
day 1 09:00  anna -> ben     200 EUR
day 1 10:00  anna -> ben      90 EUR
day 2        ben -> cash:atm 280 EUR
day 3 09:00  far -> away     999 EUR
"""


def graph(text=STORY, **more):
    return payment_graph(whole(payments_from_arrows(text), **more))


def movement(number, payer, payee, minor, currency="EUR"):
    return Movement(f"p{number}", payer, payee, minor, currency, number)


def nodes(*names):
    return {name: Node(name, name, "passes on", "account") for name in names}


def test_accounts_come_along_the_largest_amounts_from_the_middle():
    steps = [movement(1, "m", "small", 1), movement(2, "m", "big", 50), movement(3, "big", "huge", 900)]
    picture = moving(steps, nodes("m", "small", "big", "huge"), middle="m", shown=2)
    assert [node.name for node in picture.nodes] == ["m", "big", "huge", "small"]
    assert (picture.shown, picture.accounts_in_all) == (2, 4)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.integers(1, 9)), min_size=1))
def test_what_is_seen_at_first_hangs_together_and_order_of_rows_changes_nothing(pairs):
    steps = [movement(number, *pair) for number, pair in enumerate(pairs)]
    start = steps[0].payer
    of = nodes(*{name for step in steps for name in (step.payer, step.payee)})
    picture = moving(steps, of, middle=start, shown=3)
    shuffled = random.Random(1).sample(steps, len(steps))
    assert moving(shuffled, of, middle=start, shown=3) == picture
    order = [node.name for node in picture.nodes]
    near = {frozenset((step.payer, step.payee)) for step in steps}
    reachable = {start}
    for _ in order:
        reachable |= {name for name in order for other in reachable if frozenset((name, other)) in near}
    for place, name in enumerate(order[1:], 1):
        if name in reachable:
            assert any(frozenset((name, before)) in near for before in order[:place])


def test_payments_beyond_the_cap_are_left_out_by_amount_and_counted(monkeypatch):
    monkeypatch.setattr(module, "MOST_MOVEMENTS", 2)
    picture = graph_network(graph()).moving
    assert [step.payment_id for step in picture.movements] == ["p1", "p5"]
    assert picture.payments_in_all == 5


def test_accounts_beyond_the_cap_are_left_out_with_their_payments(monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    picture = graph_network(neighbourhood(whole(payments_from_arrows(STORY)), "anna"), shown=2).moving
    assert [node.name for node in picture.nodes] == ["anna", "ext:x", "ben"]
    assert {step.payee for step in picture.movements} == {"anna", "ben"}
    assert picture.accounts_in_all == 4


def test_the_still_picture_says_how_many_arrows_it_leaves_out(monkeypatch):
    monkeypatch.setattr(module, "MOST_ARROWS", 2)
    drawn = graph_network(graph())
    assert [(arrow.payer, arrow.payee) for arrow in drawn.arrows] == [("ext:x", "anna"), ("far", "away")]
    assert drawn.note.endswith("Still picture: 2 of 4 arrows, by amount.")


def test_several_payments_are_one_arrow_with_their_sum_and_number():
    arrow = next(arrow for arrow in graph_network(graph()).arrows if arrow.payee == "ben")
    assert (arrow.amount, arrow.payments) == ("290.00 EUR (2×)", 2)


def test_roles_are_what_a_node_bears_else_what_its_money_does():
    known = neighbourhood(whole(payments_from_arrows(STORY), hubs=["ext:x"]), "anna").copy()
    known.nodes["ben"]["role"] = "passes straight on"
    known.nodes["cash:atm"]["finding"] = "Amounts under a reporting threshold"
    said = {node.name: (node.role, node.look) for node in graph_network(known).nodes}
    assert said == {
        "anna": ("takes in and passes on", "lead"),
        "ben": ("passes straight on", "account"),
        "cash:atm": ("Amounts under a reporting threshold", "place"),
        "ext:x": ("serves the public", "hub"),
    }


def test_the_account_it_is_about_is_not_in_the_title_which_goes_along_without_names():
    drawn = graph_network(neighbourhood(whole(payments_from_arrows(STORY)), "anna"))
    assert "anna" not in drawn.title
    assert drawn.note.startswith("Around anna.")


def test_packed_facts_are_short_exact_and_visible():
    steps = [movement(1, "a\u202e", "b", 2**53 + 1), movement(2, "b", "a\u202e", 7, "JPY")]
    facts = packed(moving(steps, nodes("a\u202e", "b"), middle="b"))
    assert facts["nodes"] == [["b", "passes on", "account"], ["a⟨U+202E⟩", "passes on", "account"]]
    assert facts["payments"] == [[1, 0, "9007199254740993", 0, 1, 1, "p1"], [0, 1, 7, 1, 2, 1, "p2"]]
    assert facts["currencies"] == [["EUR", 2], ["JPY", 0]]
    assert facts["middle"] == 0


def test_time_line_and_table_tell_the_same_payments_and_dates_without_an_hour():
    around = neighbourhood(whole(payments_from_arrows(STORY)), "anna")
    line, table = graph_timeline(around), graph_table(around)
    assert [event.lane for event in line.events] == ["in", "out", "out", "within"]
    assert [row[0].text for row in table.rows] == [
        "2026-01-01 09:00",
        "2026-01-02 09:00",
        "2026-01-02 10:00",
        "2026-01-03",
    ]


def test_what_a_table_leaves_out_is_counted(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    assert [row[-1].text for row in graph_table(graph()).rows] == ["p1", "p5"]
    assert graph_table(graph()).note == "Showing 2 of 5 payments, by amount."
