"""Cutting: pieces fit, own everything once, and open to the same windows from memory and from a ledger."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.cutting import LARGER, WHOLE, OfLedger, OfWindow, pieces, together
from flows.ledger import Ledger
from flows.window import Reach, bucket_of, no_payments, times, whole

DAY = timedelta(days=1)
NAMES = "abcdefgh"


def book(days):
    """One payment for each day given, between accounts that the order decides."""
    lines = [
        f"day {day} {number % 24:02d}:00 {NAMES[number % 8]} -> {NAMES[(number * 5 + 1) % 8]}x 1 EUR"
        for number, day in enumerate(days)
    ]
    return payments_from_arrows("\n".join(lines))


reaches = st.builds(
    Reach,
    cut=st.just("time"),
    back=st.integers(0, 80).map(lambda hours: timedelta(hours=hours)),
    ahead=st.integers(0, 80).map(lambda hours: timedelta(hours=hours)),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-5, 40), max_size=30), reaches, st.integers(1, 12))
def test_slices_own_each_payment_once_and_hold_its_reach(days, reach, at_most):
    window = whole(book(days))
    source = OfWindow(window)
    owned = []
    every = times(window.payments).tolist()
    for piece in pieces(source, reach, at_most):
        opened = source.open(piece)
        held = times(opened.payments).tolist()
        own = [at for at in held if opened.owns("", at)]
        owned += own
        micro = timedelta(microseconds=1)
        for at in own:
            assert [other for other in every if at - reach.back // micro <= other < at + reach.ahead // micro + 1] == [
                other for other in held if at - reach.back // micro <= other < at + reach.ahead // micro + 1
            ]
    assert owned == every


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), reaches, st.integers(1, 12))
def test_a_slice_of_more_than_a_day_holds_no_more_than_it_may(days, reach, at_most):
    source = OfWindow(whole(book(days)))
    for piece in pieces(source, reach, at_most):
        if piece != WHOLE and piece.until - piece.since > DAY // timedelta(microseconds=1):
            assert source.open(piece).payments.num_rows <= at_most


# The bank's own accounts, some elsewhere, and a shop, which nobody is behind.
SORTS = ("a", "b", "c", "d", "e", "ext:f", "ext:g", "mer:h")
MEANT = {"own": SORTS[:5], "persons": SORTS[:7], "all": SORTS}


def sorted_book(ends):
    """One payment a day between accounts of these numbers."""
    lines = [f"day {day} {SORTS[payer]} -> {SORTS[payee]} 1 EUR" for day, (payer, payee) in enumerate(ends)]
    return payments_from_arrows("\n".join(lines))


between = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=30)


@settings(deadline=None, derandomize=True)
@given(between, st.sampled_from(sorted(MEANT)), st.integers(1, 12))
def test_buckets_own_each_account_that_is_meant_once_and_hold_all_its_payments(ends, whose, at_most):
    window = whole(sorted_book(ends))
    source = OfWindow(window)
    planned = pieces(source, Reach(cut="account", whose=whose), at_most)
    if planned == (WHOLE,):
        return
    rows = window.payments.to_pylist()
    for piece in planned:
        opened = source.open(piece)
        mine = [name for name in MEANT[whose] if bucket_of(name, piece.buckets) == piece.bucket]
        assert opened.payments.to_pylist() == [row for row in rows if row["payer"] in mine or row["payee"] in mine]
    for name in SORTS:
        assert sum(source.open(piece).owns(name, 0) for piece in planned) == (name in MEANT[whose])


def test_payments_laid_out_once_serve_whoever_asks_of_whomever(tmp_path):
    draw = random.Random(3)
    payments = sorted_book([(draw.randrange(8), draw.randrange(8)) for _ in range(300)])
    ledger = Ledger.create(tmp_path / "ledger")
    ledger = ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})
    window, source = whole(payments), OfLedger(ledger)
    planned = {whose: pieces(source, Reach(cut="account", whose=whose), 90) for whose in MEANT}
    assert len({piece.buckets * piece.parts for cut in planned.values() for piece in cut}) == 1
    assert len(planned["own"]) < len(planned["all"])
    for whose, cut in planned.items():
        for piece in cut:
            assert source.open(piece).payments.equals(OfWindow(window).open(piece).payments), (whose, piece)


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=60), st.lists(reaches, min_size=1, max_size=4), st.integers(1, 20)
)
def test_windows_that_questions_share_look_as_far_as_each_of_them_and_hold_less_in_all(days, asked, at_most):
    source = OfWindow(whole(book(days)))
    own = {str(number): reach for number, reach in enumerate(asked)} | {"past": Reach(cut="account")}
    shared = together(source, own, at_most)
    assert shared["past"] == own["past"]
    assert all(shared[id_].back >= own[id_].back and shared[id_].ahead >= own[id_].ahead for id_ in own)

    def held(reaches):
        return [
            source.open(piece).payments.num_rows
            for reach in set(reaches.values())
            for piece in pieces(source, reach, at_most)
        ]

    assert sum(held(shared)) <= sum(held(own))
    assert max(held(shared)) <= max(at_most, LARGER * max(held(own)), LARGER**2 * max(held(own)))


def test_questions_of_long_reaches_share_windows_and_several_of_a_short_reach_keep_theirs():
    source = OfWindow(whole(book(list(range(300)) * 2)))
    asked = {"a": Reach(back=90 * DAY, ahead=60 * DAY), "b": Reach(back=60 * DAY, ahead=90 * DAY)}
    asked |= dict.fromkeys("cde", Reach(ahead=DAY))
    shared = together(source, asked, 30)
    assert shared == asked | dict.fromkeys("ab", Reach(back=90 * DAY, ahead=90 * DAY))


def test_a_piece_is_opened_with_the_columns_that_are_asked_for(tmp_path):
    payments = book(range(40))
    ledger = Ledger.create(tmp_path / "ledger")
    source = OfLedger(ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={}))
    planned = [WHOLE, *pieces(source, Reach(), 10), *pieces(source, Reach(cut="account"), 10)]
    for piece in planned:
        every, some = source.open(piece), source.open(piece, {"payee", "amount_minor"})
        assert some.payments.equals(every.payments.select(["payee", "amount_minor"]))


def test_what_fits_is_not_cut():
    source = OfWindow(whole(book([0, 1, 2])))
    assert pieces(source, Reach(), 3) == (WHOLE,)
    assert pieces(OfWindow(whole(no_payments())), Reach(), 3) == (WHOLE,)
    assert str(WHOLE) == "all payments"


@pytest.mark.parametrize("reach", [Reach(ahead=2 * DAY), Reach(back=DAY, ahead=DAY), Reach(cut="account")], ids=str)
def test_a_piece_of_a_ledger_is_that_of_its_window(tmp_path, reach):
    chance = random.Random(7)
    payments = book([chance.randrange(60) for _ in range(120)])
    ledger = Ledger.create(tmp_path / "ledger")
    ledger = ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})
    on_disk, in_memory = OfLedger(ledger, hubs=["ax"]), OfWindow(whole(payments, hubs=["ax"]))
    planned = pieces(on_disk, reach, 40)
    assert planned == pieces(in_memory, reach, 40)
    assert len(planned) > 2
    for piece in planned:
        ours, theirs = on_disk.open(piece), in_memory.open(piece)
        assert ours.payments.equals(theirs.payments)
        assert (ours.hubs, ours.as_of) == ({"ax"}, max(ledger.days()))
        assert ours.owns("ax", piece.since) == theirs.owns("ax", piece.since)


def test_a_piece_says_in_words_what_it_is():
    source = OfWindow(whole(book([0, 1, 2, 3])))
    assert [str(piece) for piece in pieces(source, Reach(), 2)] == [
        "2026-01-01 to 2026-01-02",
        "2026-01-03 to 2026-01-04",
    ]
    assert str(pieces(source, Reach(cut="account"), 3)[0]) == "accounts 1 of 3"
