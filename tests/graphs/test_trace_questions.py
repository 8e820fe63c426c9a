"""Questions to a trace: what is left, how fast it went, where it had to pass, where trails meet, who stands alike."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.errors import InputError
from flows.window import whole
from graphs.trace import RULES, trace, trace_account
from graphs.trace_questions import narrowest_cut, recoverable, same_position, shared_trail, time_to_exit
from tests.graphs.random_ledgers import random_ledger, some_payments

LAYERS = """
day 0 09:00  ext:x -> anna   100 EUR
day 1 09:00  anna -> ben      50 EUR
day 1 10:00  anna -> eve      30 EUR
day 2 09:00  ben -> mule      50 EUR
day 2 10:00  eve -> mule      30 EUR
day 3 09:00  mule -> cash:atm 60 EUR
day 4 09:00  mule -> ext:y    10 EUR
"""


def window_of(text: str, **more):
    return whole(payments_from_arrows(text), **more)


def test_what_is_still_in_accounts_is_named_with_its_bounds_and_payments():
    left = recoverable(trace(window_of(LAYERS), ["p1"]), "fifo")
    assert [(one.node, one.amount_minor, one.payments) for one in left] == [
        ("anna", 2000, ("p1",)),
        ("mule", 1000, ("p5",)),
    ]
    assert all(one.lo_minor <= one.amount_minor <= one.hi_minor for one in left)


def test_what_came_back_to_the_start_is_not_called_recoverable():
    window = window_of("day 0  anna -> ben  5 EUR\nday 1  ben -> anna  5 EUR")
    (found,) = trace_account(window, "anna", 0)
    assert found.amounts("fifo") == {("anna", "balance"): 500}
    assert recoverable(found, "fifo") == ()


def test_time_to_exit_counts_from_the_start_and_by_amount():
    exits = time_to_exit(trace(window_of(LAYERS), ["p1"]), "fifo")
    assert (exits.amount_minor, exits.first_hours, exits.half_hours, exits.last_hours) == (7000, 72.0, 72.0, 96.0)


def test_money_that_never_left_has_no_time_to_exit():
    assert time_to_exit(trace(window_of("day 0  ext:x -> anna  5 EUR"), ["p1"]), "fifo") is None


def test_the_narrowest_cut_is_the_account_everything_went_through():
    found = trace(window_of(LAYERS), ["p1"])
    most, all_of_it = (narrowest_cut(found, "fifo", share=share) for share in (0.75, 1))
    assert (most.names, most.passed_minor, most.total_minor) == (("mule",), 6000, 10000)
    # What stayed with mule had come by way of eve.
    assert (all_of_it.names, all_of_it.passed_minor) == (("eve", "mule"), 8000)


def test_the_narrowest_cut_of_payments_is_the_fewest():
    cut = narrowest_cut(trace(window_of(LAYERS), ["p1"]), "fifo", of="payments", share=0.75)
    assert cut.names == ("p6",)


def test_what_goes_straight_out_has_no_cut():
    cut = narrowest_cut(trace(window_of("day 0  ext:x -> anna  5 EUR\nday 1  anna -> ext:y  5 EUR"), ["p1"]), "fifo")
    assert cut.names == ()
    assert cut.passed_minor == 0


def test_an_account_that_took_most_of_several_payments_of_the_start_is_a_cut():
    window = window_of("""
    day 0 09:00  anna -> ben     90 EUR
    day 0 10:00  anna -> mer:s   10 EUR
    day 1 09:00  ben -> ext:x    50 EUR
    day 1 10:00  ben -> eve      40 EUR
    day 2 09:00  eve -> cash:c   40 EUR
    """)
    (found,) = trace_account(window, "anna", 0)
    cut = narrowest_cut(found, "fifo")
    assert (cut.names, cut.passed_minor, cut.total_minor) == (("ben",), 9000, 10000)
    # Of one payment, it is no news that it went through its payee.
    cut = narrowest_cut(trace(window, ["p1"]), "fifo")
    assert (cut.names, cut.passed_minor, cut.total_minor) == (("eve",), 4000, 9000)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(RULES), st.sampled_from(["accounts", "payments"]))
def test_without_the_cut_no_money_passes(seed, rule, of):
    window = random_ledger(seed)
    start = some_payments(window, seed, of="in")
    assume(start)
    found = trace(window, start)
    cut = narrowest_cut(found, rule, of=of, share=1)
    seeds = {one.payment_id for one in found.seeds}
    rows = [row for row in found.payments.to_pylist() if row["rule"] == rule]
    starts = {row["payee"] for row in rows if row["payment_id"] in seeds}
    blocked = set(cut.names)
    reached, last = starts - blocked, set()
    grown = True
    while grown:
        grown = False
        for row in rows:
            if row["payer"] in reached and row["payment_id"] not in blocked and row["payment_id"] not in last:
                last.add(row["payment_id"])
                if row["payee"] not in blocked and row["payee"] not in reached:
                    reached.add(row["payee"])
                grown = True
    by_name = {row["payment_id"]: row for row in rows}
    for end in found.endpoints[rule]:
        # An endpoint of nothing stands for other orders of the payments only.
        for name in set(end.payments) & last - seeds if end.amount_minor else ():
            # What can still end somewhere went there straight from the start.
            assert of == "accounts"
            assert {by_name[name]["payer"]} == starts


def test_trails_meet_where_several_accounts_money_comes_together():
    meetings = shared_trail(window_of(LAYERS), ["ben", "eve"])
    assert [meeting.node for meeting in meetings] == ["cash:atm", "mule"]
    assert meetings[1].amounts == {"ben": {"EUR": 5000}, "eve": {"EUR": 3000}}
    assert meetings[1].payments == ("p4", "p5")
    upstream = shared_trail(window_of(LAYERS), ["ben", "eve"], direction="backward")
    assert [meeting.node for meeting in upstream] == ["anna", "ext:x"]


def test_hubs_and_shops_are_no_meeting_places_and_silent_accounts_are_passed_over():
    text = "day 0  a -> power  1 EUR\nday 0  b -> power  1 EUR\nday 1  a -> mer:s  1 EUR\nday 1  b -> mer:s  1 EUR"
    assert shared_trail(window_of(text, hubs=["power"]), ["a", "b", "nobody"]) == ()


ALIKE = """
day 0  c1 -> anna  1 EUR
day 0  c2 -> anna  1 EUR
day 0  c1 -> ben   1 EUR
day 0  c2 -> ben   1 EUR
day 1  anna -> top 2 EUR
day 1  ben -> top  2 EUR
day 1  ben -> mer:shop  1 EUR
day 1  c1 -> kim   1 EUR
"""


def test_who_has_the_same_payers_and_payees_stands_in_the_same_position():
    (alike,) = same_position(window_of(ALIKE), "anna")
    assert (alike.account, alike.shared_payers, alike.shared_payees) == ("ben", ("c1", "c2"), ("top",))
    assert alike.similarity == pytest.approx(3 / 12**0.5)
    assert same_position(window_of(ALIKE, hubs=["c1", "c2"]), "anna") == ()


def test_a_position_nobody_holds_is_an_error_that_names_nobody():
    with pytest.raises(InputError) as told:
        same_position(window_of(ALIKE), "acc-4711")
    assert "4711" not in str(told.value)
