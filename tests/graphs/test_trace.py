"""Tracing: no minor unit is lost, every rule is what its name says, forward and backward mirror each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.errors import BalanceError, InputError
from flows.window import Window, whole
from graphs.trace import RULES, TraceLimits, trace, trace_account
from graphs.trace_fifo import fifo
from graphs.trace_record import Record, Trail
from graphs.trace_rules import replay
from graphs.trace_steps import ORDERS, steps
from tests.graphs.random_ledgers import random_ledger, some_payments, unit_by_unit

SEEDS = st.integers(0, 10**6)
EVERYTHING = {"fees": True, "exchanges": True, "date_only": True}


def window_of(text: str, **more) -> Window:
    return whole(payments_from_arrows(text), **more)


def record_of(window: Window, start, rule: str, direction="forward", order="booked") -> Record:
    trail = Trail(window, steps(window, order), direction)
    ids = window.payments["payment_id"].to_pylist()
    rows = {ids.index(name): amount for name, amount in start.items()}
    record = fifo(trail, rows) if rule == "lookup" else replay(trail, rows, rule)
    record.check(sum(rows.values()), rule)
    return record


def ends_by_payment(window: Window, record: Record) -> dict[tuple[str, str], int]:
    """Give endpoints as the unit-by-unit oracle does: by node and, outside the bank, by payment."""
    ids = window.payments["payment_id"].to_pylist()
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (node, kind, what), parts in record.through.items():
        for row, part in parts.items():
            if kind == "overdraft_repaid":
                found["overdraft:" + node, ""] += part
            elif "still in" in what:
                found["balance:" + node, ""] += part
            elif "reached another" in what:
                found["again", ids[row]] += part
            else:
                found[node, ids[row]] += part
    return {key: amount for key, amount in found.items() if amount}


@settings(deadline=None, derandomize=True, max_examples=200)
@given(SEEDS)
def test_under_every_rule_and_order_the_endpoints_sum_to_the_start(seed):
    window = random_ledger(seed, hubs=("a4",), **EVERYTHING)
    start = some_payments(window, seed)
    for direction in ("forward", "backward"):
        for rule in RULES:
            for order in ORDERS:
                record = record_of(window, start, rule, direction, order)
                assert sum(record.ends.values()) == sum(start.values())
                assert all(amount > 0 for amount in record.ends.values())
                for key, amount in record.ends.items():
                    assert sum(record.through[key].values()) == amount


@settings(deadline=None, derandomize=True, max_examples=300)
@given(SEEDS, st.sampled_from(["lookup", "fifo", "lifo", "libr", "taint_first"]))
def test_rules_follow_the_same_money_as_a_token_for_every_minor_unit(seed, rule):
    window = random_ledger(seed)
    start = some_payments(window, seed)
    plain = unit_by_unit(window, start, "fifo" if rule == "lookup" else rule)
    assert ends_by_payment(window, record_of(window, start, rule)) == plain


@settings(deadline=None, derandomize=True, max_examples=200)
@given(SEEDS, st.sampled_from(["forward", "backward"]), st.sampled_from(ORDERS))
def test_looking_first_in_first_out_up_equals_replaying_it(seed, direction, order):
    window = random_ledger(seed, fees=True, date_only=True)
    start = some_payments(window, seed)
    looked_up, replayed = (record_of(window, start, rule, direction, order) for rule in ("lookup", "fifo"))
    assert dict(looked_up.ends) == dict(replayed.ends)
    assert dict(looked_up.carried) == {row: amount for row, amount in replayed.carried.items() if amount}


@settings(deadline=None, derandomize=True, max_examples=150)
@given(SEEDS, st.sampled_from(["lookup", "lifo"]))
def test_forward_and_backward_are_exact_mirrors(seed, rule):
    window = random_ledger(seed, fees=True)
    rows = window.payments.to_pylist()
    sources = [row for row in rows if ":" in row["payer"] and ":" not in row["payee"]]
    exits = [row for row in rows if ":" in row["payee"] and ":" not in row["payer"]]
    ids = [row["payment_id"] for row in rows]
    for source in sources:
        forward = record_of(window, {source["payment_id"]: source["amount_minor"]}, rule)
        to = {ids[row]: amount for row, amount in forward.carried.items()}
        for way_out in exits:
            backward = record_of(window, {way_out["payment_id"]: way_out["amount_minor"]}, rule, "backward")
            came = {ids[row]: amount for row, amount in backward.carried.items()}
            assert to.get(way_out["payment_id"], 0) == came.get(source["payment_id"], 0)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS)
def test_pro_rata_forward_and_backward_mirror_each_other_up_to_rounding(seed):
    window = random_ledger(seed, largest=10**9, most=25)
    rows = window.payments.to_pylist()
    ids = [row["payment_id"] for row in rows]
    for source in [row for row in rows if ":" in row["payer"] and ":" not in row["payee"]][:3]:
        forward = record_of(window, {source["payment_id"]: source["amount_minor"]}, "prorata")
        to = {ids[row]: amount for row, amount in forward.carried.items()}
        for way_out in [row for row in rows if ":" in row["payee"] and ":" not in row["payer"]][:3]:
            start = {way_out["payment_id"]: way_out["amount_minor"]}
            backward = record_of(window, start, "prorata", "backward")
            came = {ids[row]: amount for row, amount in backward.carried.items()}
            assert abs(to.get(way_out["payment_id"], 0) - came.get(source["payment_id"], 0)) <= len(rows)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(SEEDS, st.sampled_from(["lookup", "lifo"]), st.sampled_from(["forward", "backward"]))
def test_in_ordered_rules_traces_add_up(seed, rule, direction):
    window = random_ledger(seed, fees=True)
    start = some_payments(window, seed, of="in" if direction == "forward" else "out")
    together = record_of(window, start, rule, direction)
    apart: dict[object, int] = defaultdict(int)
    for name, amount in start.items():
        for key, part in record_of(window, {name: amount}, rule, direction).ends.items():
            apart[key] += part
    assert dict(together.ends) == dict(apart)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(SEEDS)
def test_the_order_of_rows_in_the_file_changes_nothing(seed):
    window = random_ledger(seed, **EVERYTHING)
    shuffled = whole(window.payments.take(pa.array(reversed(range(window.payments.num_rows)))))
    start = some_payments(window, seed)
    one, other = trace(window, start), trace(shuffled, start)
    assert one.endpoints == other.endpoints
    assert one.payments.equals(other.payments)
    assert (one.bounds, one.reached, one.assumptions) == (other.bounds, other.reached, other.assumptions)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(SEEDS, st.sampled_from(["forward", "backward"]))
def test_every_rule_stays_within_what_poison_reaches(seed, direction):
    window = random_ledger(seed, **EVERYTHING)
    found = trace(window, some_payments(window, seed), direction=direction)
    rules = found.payments["rule"].to_pylist()
    by_rule = defaultdict(set)
    for rule, name in zip(rules, found.payments["payment_id"].to_pylist(), strict=True):
        by_rule[rule].add(name)
    assert all(by_rule[rule] <= by_rule["poison"] for rule in RULES)
    assert found.reached_payments == len(by_rule["poison"])


def test_a_trace_that_loses_a_unit_is_refused():
    window = window_of("day 0  ext:x -> anna  10 EUR")
    record = record_of(window, {"p1": 1000}, "lookup")
    with pytest.raises(BalanceError):
        record.check(1001, "fifo")


HALLETT = """
day 0 09:00  ext:own -> anna     100 EUR
day 1 09:00  ext:client -> anna  455 EUR
day 2 09:00  anna -> mer:shop    530 EUR
day 3 09:00  ext:own -> anna     333 EUR
"""


def test_the_lowest_balance_since_is_all_that_can_be_followed():
    # The figures of Roscoe v Winder: the balance fell to 25; money of his own later does not revive the rest.
    ends = trace(window_of(HALLETT), ["p2"]).amounts("libr")
    assert ends == {("mer:shop", "card"): 43000, ("anna", "balance"): 2500}


def test_pro_rata_rounds_to_the_nearest_unit_and_conserves():
    window = window_of("""
        day 0 09:00  ext:x -> anna  0.01 EUR
        day 0 10:00  ext:y -> anna  0.02 EUR
        day 1 09:00  anna -> ext:z  0.01 EUR
        day 1 10:00  anna -> ext:w  0.02 EUR
    """)
    assert trace(window, ["p1"]).amounts("prorata") == {("ext:w", "external"): 1}
    assert trace(window, ["p2"]).amounts("prorata") == {("ext:z", "external"): 1, ("ext:w", "external"): 1}


def test_an_overdraft_takes_what_comes_in_first():
    window = window_of("""
        day 0 09:00  anna -> mer:shop  80 EUR  payer_balance_after_minor=-5000
        day 1 09:00  ext:x -> anna    120 EUR  payee_balance_after_minor=7000
    """)
    found = trace(window, ["p2"])
    for rule in RULES:
        assert found.amounts(rule) == {("anna", "balance"): 7000, ("anna", "overdraft_repaid"): 5000}
    back = trace(window, ["p1"], direction="backward")
    assert back.amounts("fifo") == {("anna", "balance"): 3000, ("anna", "external"): 5000}


def test_a_fee_on_the_way_falls_on_the_end_of_a_payment_or_is_shared():
    window = window_of("""
        day 0 09:00  ext:x -> anna  50 EUR
        day 0 10:00  ext:y -> anna  50 EUR
        day 1 09:00  anna -> ben   100 EUR  received_minor=9000 received_currency=EUR
    """)
    found = trace(window, ["p1"])
    fee = ("(kept on the way)", "fee")
    expected = {"fifo": 0, "lifo": 1000, "prorata": 500, "libr": 0, "taint_first": 1000}
    assert {rule: found.amounts(rule).get(fee, 0) for rule in RULES} == expected
    assert {rule: found.amounts(rule)["ben", "balance"] for rule in RULES} == {
        rule: 5000 - amount for rule, amount in expected.items()
    }


def test_amounts_keep_the_currency_of_the_start_beyond_an_exchange():
    window = window_of("""
        day 0 09:00  ext:x -> anna  100 EUR
        day 1 09:00  anna -> ben    100 EUR  received_minor=11500 received_currency=USD
        day 2 09:00  ben -> ext:z    46 USD
    """)
    found = trace(window, ["p1"])
    for rule in RULES:
        expected = {("ext:z", "external"): 4000, ("ben", "balance"): 6000}
        if rule in ("lifo", "fifo", "prorata", "libr", "taint_first"):
            assert found.amounts(rule) == expected
    assert any("exchange" in said for said in found.assumptions)


def test_a_hub_ends_a_trail():
    window = window_of(
        "day 0  ext:x -> anna  5 EUR\nday 1  anna -> power  5 EUR\nday 2  power -> ext:z  5 EUR", hubs=["power"]
    )
    assert trace(window, ["p1"]).amounts("fifo") == {("power", "hub"): 500}


@pytest.mark.parametrize(
    ("payee", "channel", "kind"),
    [
        ("cash:atm", "atm_wd", "cash"),
        ("mer:shop", "card_pos", "card"),
        ("ext:x", "sct", "external"),
        ("ext:x", "prepaid_load", "card"),
        ("gov:tax", "sct", "external"),
        ("vasp:v", "crypto", "crypto"),
        ("msb:m", "msb", "msb"),
        ("fee:bank", "fee", "fee"),
    ],
)
def test_endpoints_bear_the_class_of_their_node_or_channel(payee, channel, kind):
    window = window_of(f"day 0  ext:s -> anna  5 EUR\nday 1  anna -> {payee}  5 EUR {channel}")
    (end,) = trace(window, ["p1"]).endpoints["fifo"]
    assert (end.node, end.end_class, end.payments) == (payee, kind, ("p2",))


def test_a_balance_names_the_payments_that_brought_it():
    window = window_of("day 0  ext:s -> anna  5 EUR\nday 1  anna -> ben  3 EUR\nday 2  anna -> ben  2 EUR")
    (end,) = trace(window, ["p1"]).endpoints["fifo"]
    assert (end.node, end.payments) == ("ben", ("p2", "p3"))


SAME_DAY = """
day 0  ext:own -> anna   40 EUR
day 5  anna -> mer:shop  40 EUR  payment_id=a
day 5  ext:x -> anna     60 EUR  payment_id=b
day 5  anna -> ext:z     30 EUR  payment_id=c
"""


def test_where_times_leave_the_order_open_the_range_is_told():
    found = trace(window_of(SAME_DAY), ["b"])
    ends = {end.node: (end.least_minor, end.amount_minor, end.most_minor) for end in found.endpoints["lifo"]}
    # Credits first: the newest money, all of it traced, pays both; credits last: it pays neither.
    assert ends["mer:shop"] == (0, 0, 4000)
    assert ends["ext:z"][0] == 0
    assert ends["anna"][2] == 6000
    assert any("order" in said for said in found.assumptions)


def test_where_times_tell_the_order_there_is_no_range():
    found = trace(window_of(HALLETT), ["p2"])
    assert all(end.least_minor == end.most_minor for ends in found.endpoints.values() for end in ends)


def test_payments_that_wait_for_each_other_in_a_circle_end_as_unordered_and_are_named():
    window = window_of("""
        day 0  ext:x -> anna  10 EUR
        day 5  anna -> ben    10 EUR
        day 5  ben -> anna    10 EUR
        day 6  anna -> ext:z  10 EUR
    """)
    laid = steps(window, "credits-first")
    assert laid.looped.tolist() == [False, True, True, False]
    record = record_of(window, {"p1": 1000}, "lookup", order="credits-first")
    (key,) = record.ends
    assert key[:2] == ("ben", "unordered")
    assert sorted(record.through[key]) == [1]
    assert not steps(window).looped.any()
    assert any("cannot be put in an order" in said for said in trace(window, ["p1"]).assumptions)


def test_what_is_too_small_to_follow_is_kept_as_dust():
    window = window_of(
        "day 0 09:00  ext:s -> anna  5 EUR\nday 1 09:00  anna -> ben  1 EUR\nday 1 10:00  anna -> eve  4 EUR"
    )
    found = trace(window, ["p1"], limits=TraceLimits(smallest_minor=200))
    for rule in RULES:
        assert sum(found.amounts(rule).values()) == 500
        assert found.amounts(rule)["(too small to follow)", "dust"] == 100


def test_a_payment_reached_from_another_that_the_trail_begins_with_counts_once():
    window = window_of("day 0  ext:s -> anna  5 EUR\nday 1  anna -> ben  5 EUR\nday 2  ben -> ext:z  5 EUR")
    found = trace(window, ["p1", "p2"])
    for rule in RULES:
        assert found.amounts(rule) == {("ben", "balance"): 500, ("ext:z", "external"): 500}
    assert "counts once" not in " ".join(found.assumptions)


def test_an_account_is_followed_from_a_day_on_and_what_comes_back_ends_there():
    window = window_of("""
        day 0  ext:s -> anna  9 EUR
        day 1  anna -> ben    2 EUR
        day 3  anna -> ben    5 EUR
        day 4  ben -> anna    4 EUR
        day 5  anna -> ext:z  3 EUR
    """)
    since = int(datetime(2026, 1, 3, tzinfo=UTC).timestamp()) * 1_000_000
    (found,) = trace_account(window, "anna", since)
    assert [seed.payment_id for seed in found.seeds] == ["p3", "p5"]
    assert found.amounts("taint_first") == {
        ("anna", "balance"): 400,
        ("ben", "balance"): 100,
        ("ext:z", "external"): 300,
    }
    (back,) = trace_account(window, "anna", since, direction="backward")
    assert [seed.payment_id for seed in back.seeds] == ["p4"]
    assert back.amounts("fifo") == {("anna", "balance"): 400}


def test_an_account_in_two_currencies_gives_two_traces():
    window = window_of("day 0  anna -> ext:x  5 EUR\nday 0  anna -> ext:x  5 USD\nday 0  anna -> ext:y  5 SEK")
    assert [found.currency for found in trace_account(window, "anna", 0)] == ["EUR", "SEK", "USD"]


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (["p9"], "not among the booked payments"),
        ({"p1": 501}, "not within its payment"),
        ({"p1": 0}, "not within its payment"),
        ([], "nothing to follow"),
        (["p1", "p2"], "differ in currency"),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(start, says):
    window = window_of("day 0  ext:s -> anna  5 EUR\nday 0  ext:s -> anna  5 USD")
    with pytest.raises(InputError, match=says):
        trace(window, start)


def test_reversed_payments_moved_nothing():
    window = window_of(
        "day 0  ext:s -> anna  5 EUR\nday 1  anna -> ben  5 EUR\nday 2  ben -> anna  5 EUR  reversal_of=p2"
    )
    assert trace(window, ["p1"]).amounts("fifo") == {("anna", "balance"): 500}
    with pytest.raises(InputError):
        trace(window, ["p2"])


def test_amounts_too_large_for_one_axis_are_refused_and_not_shown():
    window = window_of("day 0  ext:s -> anna  5 EUR")
    huge = window.payments.set_column(3, window.payments.schema.field("amount_minor"), pa.array([2**61], pa.int64()))
    with pytest.raises(InputError) as told:
        trace(replace(window, payments=huge, _memo={}), ["p1"])
    assert str(2**61) not in str(told.value)
