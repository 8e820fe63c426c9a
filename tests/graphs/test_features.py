"""The feature table against slow, plain pandas and networkx, and what it must not depend on."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from datetime import date, timedelta

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.features import account_features

DAY = timedelta(days=1)


def town(seed, payments=120, accounts=9, days=60, dated=False):
    """Random payments in arrow notation between a few accounts and outside nodes, ties in time included."""
    draw = np.random.default_rng(seed)
    nodes = [f"a{number}" for number in range(accounts)] + ["ext:x", "ext:y", "cash:atm", "mer:m"]
    lines = []
    for _ in range(payments):
        payer, payee = draw.choice(len(nodes), 2, replace=bool(draw.random() < 0.05))
        hour = "" if dated else f"{draw.integers(24):02d}:{draw.choice([0, 30]):02d}"
        currency = draw.choice(["EUR", "EUR", "EUR", "USD"])
        ways = draw.choice(["sct", "atm_wd", "card_pos"])
        offset = draw.choice([0, 60, -300])
        countries = draw.choice(["", " payer_country=FR payee_country=FR", " payer_country=FR payee_country=BE"])
        lines.append(
            f"day {draw.integers(days)} {hour} {nodes[payer]} -> {nodes[payee]} {draw.integers(1, 40) * 2.5:.2f} "
            f"{currency} {ways}{countries} utc_offset_min={offset}"
        )
    return payments_from_arrows("\n".join(lines))


def own(name):
    return ":" not in name


def oracle(payments, as_of):
    """Measure one account at a time, from the definitions."""
    rows = payments.to_pandas()
    rows = rows[(rows.payer != rows.payee) & (rows.booked_on <= as_of)]
    end = pd.Timestamp(as_of + DAY, tz="UTC")
    pairs = defaultdict(list)
    for row in rows.itertuples():
        pairs[frozenset((row.payer, row.payee))].append(row.at)

    def tied(name):
        return own(name) or name.startswith("ext:")

    fleeting = {
        pair for pair, at in pairs.items() if max(at) - min(at) <= 14 * DAY and all(tied(name) for name in pair)
    }
    both_ways = nx.DiGraph(list(zip(rows.payer, rows.payee, strict=True)))
    result = {}
    for name in sorted({name for name in {*rows.payer, *rows.payee} if own(name)}):
        legs = rows[(rows.payer == name) | (rows.payee == name)].sort_values(["at", "payment_id"])
        into, out = legs[legs.payee == name], legs[legs.payer == name]
        count = Counter(legs.currency)
        main = min(count, key=lambda money: (-count[money], money))
        main_in, main_out = into[into.currency == main], out[out.currency == main]
        at = list(legs["at"])
        gaps = [(after - before) // timedelta(seconds=1) for before, after in itertools.pairwise(at)]
        ties = [pair for pair in pairs if name in pair]
        quick = legs[[frozenset((row.payer, row.payee)) in fleeting for row in legs.itertuples()]]
        month = [pair for pair in ties if min(pairs[pair]) >= end - 30 * DAY]
        waits = [min(out["at"][out["at"] > when]) - when for when in into["at"] if (out["at"] > when).any()]
        local = [row.at + timedelta(minutes=int(row.utc_offset_min)) for row in legs.itertuples()]
        known = legs[legs.payer_country.notna() & legs.payee_country.notna()]
        amounts = [*main_in.amount_minor, *main_out.amount_minor]
        came, went = main_in.amount_minor.sum(), main_out.amount_minor.sum()
        result[name] = {
            "in_count": len(into),
            "out_count": len(out),
            "payers": into.payer.nunique(),
            "payees": out.payee.nunique(),
            "surplus": (came - went) / (came + went),
            "other_currency": (legs.currency != main).mean(),
            **{f"passed_on_{days}d": fifo(main_in, main_out, days * DAY) for days in (1, 3, 14)},
            "next_out_hours": np.median([wait / timedelta(hours=1) for wait in waits]) if waits else math.nan,
            "night": np.mean([when.hour >= 22 or when.hour < 6 for when in local]),
            "weekend": np.mean([when.weekday() >= 5 for when in local]),
            "round_amounts": np.mean([not str(amount)[2:].strip("0") for amount in legs.amount_minor]),
            "largest_to_median": max(amounts) / np.median(amounts),
            "payer_bits": bits(into.payer),
            "payee_bits": bits(out.payee),
            "channel_bits": bits(legs.channel),
            "burstiness": burstiness(gaps),
            "busiest_week": max(sum(when - one <= 7 * DAY for when in at if when >= one) for one in at) / len(at),
            "active_days": len({when.date() for when in at}),
            "longest_silence": max(gaps) // 86_400 if gaps else math.nan,
            "idle_days": (end - timedelta(microseconds=1) - at[-1]) // DAY,
            "new_counterparties": len(month) / len(ties) if at[0] < end - 30 * DAY else math.nan,
            "fleeting_share": len(quick) / len(legs),
            "payers_burst": burst(quick[quick.payee == name], "payer"),
            "payees_burst": burst(quick[quick.payer == name], "payee"),
            "mutual": sum(
                both_ways.has_edge(*pair) and both_ways.has_edge(*reversed(list(pair))) for pair in map(list, ties)
            )
            / len(ties),
            "cash": np.mean(
                ["cash:atm" in (row.payer, row.payee) or row.channel == "atm_wd" for row in legs.itertuples()]
            ),
            "cross_border": (known.payer_country != known.payee_country).mean() if len(known) else math.nan,
        }
    return result


def fifo(into, out, within):
    if into.empty or out.empty:
        return math.nan if into.empty else 0.0
    left = [[when, amount] for when, amount in zip(into["at"], into.amount_minor, strict=True)]
    matched = 0
    for when, spend in zip(out["at"], out.amount_minor, strict=True):
        for held in left:
            if held[0] < when <= held[0] + within:
                taken = min(spend, held[1])
                held[1], spend, matched = held[1] - taken, spend - taken, matched + taken
    return matched / into.amount_minor.sum()


def bits(words):
    if not len(words):
        return math.nan
    shares = words.value_counts(normalize=True)
    return -sum(share * math.log2(share) for share in shares)


def burstiness(gaps):
    if len(gaps) < 2 or not sum(gaps):
        return math.nan
    return (np.std(gaps) - np.mean(gaps)) / (np.std(gaps) + np.mean(gaps))


def burst(payments, side):
    first = sorted(payments.groupby(side)["at"].min())
    return max((sum(timedelta(0) <= when - one <= 14 * DAY for when in first) for one in first), default=0)


@pytest.mark.parametrize("seed", range(6))
def test_the_table_equals_plain_pandas_and_networkx(seed):
    payments = town(seed)
    as_of = date(2026, 2, 20)
    table = account_features(whole(payments), as_of)
    slow = oracle(payments, as_of)
    assert table.accounts == tuple(slow)
    for name in next(iter(slow.values())):
        np.testing.assert_allclose(
            table.column(name), [float(slow[account][name]) for account in table.accounts], rtol=1e-9, err_msg=name
        )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(5, 55))
def test_the_future_deleted_changes_no_bit(seed, cut):
    payments = town(seed, payments=60)
    as_of = date(2026, 1, 1) + cut * DAY
    past = payments.filter(pa.compute.less_equal(payments["booked_on"], as_of))
    known, blind = account_features(whole(payments), as_of), account_features(whole(past), as_of)
    assert known.accounts == blind.accounts
    assert known.values.tobytes() == blind.values.tobytes()
    assert (known.scale, known.currencies, known.days) == (blind.scale, blind.currencies, blind.days)


def test_a_payment_sent_after_the_day_it_is_booked_on_waits_for_its_time():
    payments = payments_from_arrows("day 0 a -> b 1 EUR\nday 9 09:00 a -> c 5 EUR")
    early = payments.set_column(
        payments.schema.get_field_index("booked_on"), payments.schema.field("booked_on"), [[date(2026, 1, 1)] * 2]
    )
    assert account_features(whole(early), date(2026, 1, 1)).accounts == ("a", "b")


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_and_the_names_of_accounts_change_no_bit(seed):
    payments = town(seed, payments=60)
    table = account_features(whole(payments))
    shuffled = payments.take(pa.array(np.random.default_rng(seed).permutation(payments.num_rows)))
    assert account_features(whole(shuffled)).values.tobytes() == table.values.tobytes()

    # Turned round, so that the order of names is another.
    def rename(column):
        return pa.array([f"z{9 - int(name[1])}" if own(name) else name for name in column.to_pylist()])

    renamed = payments
    for side in ("payer", "payee"):
        place = renamed.schema.get_field_index(side)
        renamed = renamed.set_column(place, renamed.schema.field(side), rename(renamed[side]))
    other = account_features(whole(renamed))
    back = [other.row_of[f"z{9 - int(name[1])}"] for name in table.accounts]
    assert other.values[back].tobytes() == table.values.tobytes()


def test_nodes_outside_the_bank_are_counted_with_but_are_no_rows():
    table = account_features(whole(payments_from_arrows("day 0 ext:x -> a 1 EUR\nday 1 a -> cash:atm 1 EUR")))
    assert table.accounts == ("a",)
    assert (table.column("payers")[0], table.column("payees")[0]) == (1, 1)


def test_an_empty_window_gives_an_empty_table():
    table = account_features(whole(payments_from_arrows("")), date(2026, 1, 1))
    assert table.values.shape == (0, len(table.columns))


def test_night_and_weekend_are_missing_where_only_dates_are_known():
    table = account_features(whole(town(1, dated=True)))
    assert np.isnan(table.column("night")).all()
    assert np.isnan(table.column("weekend")).all()


def test_money_is_measured_in_the_scale_of_the_reference():
    window = whole(payments_from_arrows("day 0 a -> b 30 EUR\nday 1 a -> b 10 EUR\nday 2 a -> c 20 EUR"))
    own_scale, given_scale = account_features(window), account_features(window, scale={"EUR": 100})
    assert own_scale.scale == {"EUR": 2000}
    assert own_scale.column("out_amount")[own_scale.row_of["a"]] == 3
    assert given_scale.column("out_amount")[given_scale.row_of["a"]] == 60


def test_a_burst_of_new_payers_surprises_and_a_steady_stream_does_not():
    burst = "\n".join(f"day {200 + number} p{number} -> pot 10 EUR" for number in range(8))
    steady = "\n".join(f"day {2 * number} q{number} -> shop 10 EUR" for number in range(110))
    table = account_features(whole(payments_from_arrows(burst + "\n" + steady + "\nday 0 pot -> bar 1 EUR")))
    row = table.row_of
    assert table.column("payers_burst")[row["pot"]] == table.column("payers_burst")[row["shop"]] == 8
    assert table.column("payers_surprise")[row["pot"]] > 5 > 1 > table.column("payers_surprise")[row["shop"]]
    assert table.column("joined_payers")[row["p3"]] == table.column("payers_surprise")[row["pot"]]


def test_a_chain_of_nearly_equal_amounts_is_followed_in_time_only():
    forward = "day 0 a -> b 100 EUR\nday 2 b -> c 95 EUR\nday 4 c -> d 90 EUR\nday 5 d -> e 20 EUR"
    backward = "day 4 a -> b 100 EUR\nday 2 b -> c 95 EUR\nday 0 c -> d 90 EUR"
    table = account_features(whole(payments_from_arrows(forward)))
    assert table.column("chain").tolist() == [3, 3, 3, 3, 1]
    assert table.column("relays").tolist() == [0, 1, 1, 0, 0]
    assert account_features(whole(payments_from_arrows(backward))).column("chain").tolist() == [1, 1, 1, 1]


def test_every_column_says_what_it_is():
    columns = account_features(whole(town(0))).columns
    assert len({column.name for column in columns}) == len(columns)
    for column in columns:
        assert column.why.endswith(".")
        assert column.says.count("{measured}") == 1


def fresh(*lines):
    return account_features(whole(payments_from_arrows("\n".join(lines))))


HABITS = [f"day {day} a{one} -> shop{one} 20 EUR" for one in range(6) for day in range(0, 120, 6)]


def test_payments_out_of_habit_at_one_account_surprise_together_and_far_apart_less():
    near = fresh(*HABITS, *(f"day {60 + one} a{one} -> pot 10 EUR" for one in range(6)))
    far = fresh(*HABITS, *(f"day {20 * one} a{one} -> pot 10 EUR" for one in range(6)))
    assert near.column("strayed")[near.row_of["a3"]] == far.column("strayed")[far.row_of["a3"]] == 1
    assert near.column("strayed_together")[near.row_of["pot"]] > far.column("strayed_together")[far.row_of["pot"]]
    assert far.column("strayed_together")[far.row_of["pot"]] == 1
    assert near.column("close_ties")[near.row_of["shop1"]] == 0


def test_a_square_of_short_ties_surprises_and_three_sides_of_one_do_not():
    sides = ["day 60 a1 -> b1 9 EUR", "day 61 a1 -> b2 9 EUR", "day 61 a2 -> b1 9 EUR", "day 62 a2 -> b2 9 EUR"]
    whole_one, open_one = fresh(*HABITS, *sides), fresh(*HABITS, *sides[:3])
    assert {name for name in whole_one.accounts if whole_one.column("square")[whole_one.row_of[name]] > 1} == {
        "a1",
        "a2",
        "b1",
        "b2",
    }
    assert not open_one.column("square").any()


def test_money_that_parts_and_meets_again_is_seen_in_the_order_of_time_only():
    forward = ["day 60 a1 -> x 9 EUR", "day 60 a1 -> y 9 EUR", "day 63 x -> z 9 EUR", "day 64 y -> z 9 EUR"]
    backward = ["day 63 a1 -> x 9 EUR", "day 64 a1 -> y 9 EUR", "day 60 x -> z 9 EUR", "day 60 y -> z 9 EUR"]
    there, back = fresh(*HABITS, *forward), fresh(*HABITS, *backward)
    assert {name for name in there.accounts if there.column("two_ways")[there.row_of[name]] > 1} == {
        "a1",
        "x",
        "y",
        "z",
    }
    assert not back.column("two_ways").any()


def test_counterparties_who_deal_with_each_other_thicken_what_surrounds_an_account():
    star = [
        f"day {day} hub{which} -> s{which}_{one} 9 EUR" for which in range(4) for one in range(8) for day in (1, 50)
    ]
    ring = [f"day {one} s0_{one} -> s0_{(one + 1) % 8} 9 EUR" for one in range(8)]
    table = fresh(*star, *ring)
    assert table.column("ego_ties")[table.row_of["hub0"]] > 1.5 * table.column("ego_ties")[table.row_of["hub1"]]


def test_a_month_unlike_those_before_is_a_change():
    steady = [f"day {day} a -> b 10 EUR" for day in range(0, 140, 7)]
    table = fresh(*steady, *(f"day {139} c{one} -> a 50 EUR" for one in range(20)))
    assert table.column("count_change")[table.row_of["a"]] > 3
    assert table.column("amount_change")[table.row_of["a"]] > 5
    assert 0.5 < table.column("count_change")[table.row_of["b"]] < 2
    assert np.isnan(table.column("count_change")[table.row_of["c1"]])


def test_amounts_that_grow_of_themselves_follow_benford_and_chosen_ones_do_not():
    grown = [f"day {one % 90} a -> b {max(10 ** (2 + one % 97 / 97), 1):.2f} EUR" for one in range(194)]
    chosen = [f"day {one % 90} c -> d {500 + one % 50}.00 EUR" for one in range(194)]
    table = fresh(*grown, *chosen)
    assert table.column("benford")[table.row_of["a"]] < 0.05 < 0.8 < table.column("benford")[table.row_of["d"]]
