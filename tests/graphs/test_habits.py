"""Habits, held against the same figures counted one payment after the other."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import duck
from flows.arrows import payments_from_arrows
from graphs import habits
from graphs.between import DAY
from graphs.habits import MONTH, MOST_MONTHS, Stretch, habits_in

NAMES = ("anna", "ben", "ext:x", "cash:atm")
CHANNELS = ("sct", "p2p", "atm_wd")


def measured(payments, *stretches):
    with duck.connection() as opened:
        opened.register("counted", payments)
        return habits_in(opened, stretches)


def moments(payments):
    return [int(at.timestamp()) * 1_000_000 for at in payments["at"].to_pylist()]


@st.composite
def lives(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 200),
                st.integers(0, 23),
                st.permutations(NAMES),
                st.integers(1, 500),
                st.sampled_from(["EUR", "EUR", "USD"]),
                st.sampled_from(CHANNELS),
            ),
            min_size=2,
            max_size=40,
        )
    )
    lines = [
        f"day {day} {hour:02d}:00  {payer} -> {payee}  {amount}.00 {currency} {channel}"
        for day, hour, (payer, payee, *_), amount, currency, channel in rows
    ]
    return payments_from_arrows("\n".join(lines)), draw(st.integers(20, 180)), draw(st.integers(0, 60))


@settings(max_examples=40, deadline=None)
@given(lives())
def test_habits_are_what_counting_by_hand_gives(life):
    payments, begins, lasts = life
    start = moments(payments_from_arrows("day 0  a -> b  1 EUR"))[0]
    stretch = Stretch("anna", start + begins * DAY, start + (begins + lasts) * DAY)
    own = [
        (at, row)
        for at, row in zip(moments(payments), payments.to_pylist(), strict=True)
        if "anna" in (row["payer"], row["payee"]) and at <= stretch.ends
    ]
    before = [(at, row) for at, row in own if at < stretch.begins]
    during = [(at, row) for at, row in own if at >= stretch.begins]
    found = measured(payments, stretch)
    assert bool(found) == bool(during)
    if not during:
        return
    habit = found[stretch]
    counts = Counter(row["currency"] for _, row in own)
    assert habit.currency == min(counts, key=lambda money: (-counts[money], money))

    def others(rows, side):
        other = "payer" if side == "payee" else "payee"
        return {row[other] for _, row in rows if row[side] == "anna"}

    def total(rows, side):
        return sum(row["amount_minor"] for _, row in rows if row[side] == "anna" and row["currency"] == habit.currency)

    assert (habit.before is None) == (not before)
    for course, rows in ((habit.before, before), (habit.during, during)):
        if course is None:
            continue
        assert course.payments == len(rows)
        assert (course.in_minor, course.out_minor) == (total(rows, "payee"), total(rows, "payer"))
        assert (course.payers, course.payees) == (len(others(rows, "payee")), len(others(rows, "payer")))
        night = [row for at, row in rows if (at - start) // 3_600_000_000 % 24 not in range(6, 22)]
        assert (course.hours_known, course.at_night) == (len(rows), len(night))
        cash = [row for _, row in rows if row["channel"] == "atm_wd" or "cash:atm" in (row["payer"], row["payee"])]
        assert course.in_cash == len(cash)
    known = others(before, "payee") | others(before, "payer")
    assert habit.newcomers == len((others(during, "payee") | others(during, "payer")) - known)
    whole = min(MOST_MONTHS, (stretch.begins - before[0][0]) // MONTH) if before else 0
    assert len(habit.months) == whole
    for place, month in enumerate(habit.months):
        ends = stretch.begins - place * MONTH
        rows = [(at, row) for at, row in before if ends - MONTH <= at < ends]
        assert (month.payments, month.in_minor, month.out_minor) == (
            len(rows),
            total(rows, "payee"),
            total(rows, "payer"),
        )


def test_a_local_night_far_from_greenwich_is_a_night():
    payments = payments_from_arrows("day 0 12:00  ext:x -> anna  5.00 EUR p2p utc_offset_min=660")
    [at] = moments(payments)
    [habit] = measured(payments, Stretch("anna", at, at)).values()
    assert (habit.during.at_night, habit.during.hours_known) == (1, 1)


def test_nothing_is_asked_for_nobody():
    assert measured(payments_from_arrows("day 0  a -> b  1 EUR")) == {}


@pytest.mark.parametrize("at_once", [1, 5, 9])
def test_habits_do_not_depend_on_how_many_are_measured_at_once(monkeypatch, at_once):
    payments = payments_from_arrows(
        "".join(
            f"day {day} anna -> ben {day + 1} EUR sct\nday {day} ben -> ext:x {day + 2} EUR p2p\n" for day in range(5)
        )
    )
    at = moments(payments)
    asked = [Stretch(name, at[first], at[-1]) for name in ("anna", "ben", "ext:x", "nobody") for first in (2, 5, 8)]
    together = measured(payments, *asked)
    assert {stretch.account for stretch in together} == {"anna", "ben", "ext:x"}
    monkeypatch.setattr(habits, "_AT_ONCE", at_once)
    assert list(measured(payments, *asked).items()) == list(together.items())
