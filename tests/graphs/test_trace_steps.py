"""Purses: what comes in equals what goes out, no balance is below zero, and every cause comes before its effect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.window import no_payments, whole
from graphs.kernels.steps import CLOSING, CREDIT, DEBIT, DRAWN, OPENING, REPAID
from graphs.trace_steps import ORDERS, steps
from tests.graphs.random_ledgers import random_ledger

SEEDS = st.integers(0, 10**6)


def laid_out(text: str, order="booked"):
    return steps(whole(payments_from_arrows(text)), order)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(SEEDS, st.sampled_from(ORDERS))
def test_in_every_purse_inflows_and_outflows_cover_the_same_stretch_of_the_axis(seed, order):
    laid = steps(random_ledger(seed, fees=True, exchanges=True, date_only=True), order)
    assert laid.inflows.edge[-1] == laid.outflows.edge[-1]
    assert (laid.after >= 0).all()
    signed = np.where(laid.kind < DEBIT, laid.moved, -laid.moved)
    for purse in range(laid.known.size):
        inside = slice(laid.first[purse], laid.first[purse + 1])
        assert np.cumsum(signed[inside]).tolist() == laid.after[inside].tolist()
        assert laid.after[inside][-1:].tolist() in ([], [0])


@settings(deadline=None, derandomize=True, max_examples=100)
@given(SEEDS, st.sampled_from(ORDERS))
def test_the_sequence_holds_every_leg_once_and_every_cause_before_its_effect(seed, order):
    laid = steps(random_ledger(seed, date_only=True), order)
    assert sorted(laid.sequence.tolist()) == list(range(laid.sequence.size))
    leaves, arrives = laid.when[0::2], laid.when[1::2]
    assert (leaves < arrives)[~laid.looped].all()
    for purse in range(laid.known.size):
        legs = laid.leg[laid.first[purse] : laid.first[purse + 1]]
        assert (np.diff(laid.when[legs[legs >= 0]]) >= 0).all()


@settings(deadline=None, derandomize=True, max_examples=100)
@given(SEEDS)
def test_without_reported_balances_nobody_is_overdrawn(seed):
    laid = steps(random_ledger(seed, balances=False))
    assert not np.isin(laid.kind, (DRAWN, REPAID)).any()
    assert not laid.known.any()


def test_an_opening_balance_follows_from_the_first_one_the_bank_reported():
    laid = laid_out("""
        day 0 09:00  anna -> ext:x  10 EUR
        day 1 09:00  ext:y -> anna  30 EUR  payee_balance_after_minor=6000
        day 2 09:00  anna -> ext:x   5 EUR  payer_balance_after_minor=5500
    """)
    assert laid.kind.tolist() == [OPENING, DEBIT, CREDIT, DEBIT, CLOSING]
    assert laid.moved.tolist() == [4000, 1000, 3000, 500, 5500]
    assert (laid.reported, laid.differing) == (2, 0)


def test_a_reported_balance_that_does_not_follow_is_counted():
    laid = laid_out("""
        day 0 09:00  ext:y -> anna  30 EUR  payee_balance_after_minor=3000
        day 1 09:00  anna -> ext:x   5 EUR  payer_balance_after_minor=2400
    """)
    assert (laid.reported, laid.differing) == (2, 1)


def test_an_overdraft_is_drawn_and_paid_back_by_what_comes_next():
    laid = laid_out("""
        day 0 09:00  ext:y -> anna  10 EUR  payee_balance_after_minor=1000
        day 1 09:00  anna -> ext:x  25 EUR
        day 2 09:00  ext:y -> anna   5 EUR
        day 3 09:00  ext:y -> anna  20 EUR
    """)
    steps_ = [CREDIT, DRAWN, DEBIT, CREDIT, REPAID, CREDIT, REPAID, CLOSING]
    assert laid.kind.tolist() == steps_
    assert laid.moved.tolist() == [1000, 1500, 2500, 500, 500, 2000, 1000, 1000]


def test_currencies_of_one_account_are_purses_apart_and_payments_to_oneself_move_nothing():
    laid = laid_out("day 0  ext:y -> anna  10 EUR\nday 1  ext:y -> anna  10 USD\nday 2  anna -> anna  4 EUR")
    assert laid.known.size == 2
    assert laid.purse.tolist()[-2:] == [-1, -1]


@pytest.mark.parametrize(
    ("second", "unclear"),
    [
        ("day 0 09:00  anna -> ext:x  5 EUR", True),
        ("day 0 09:01  anna -> ext:x  5 EUR", False),
        ("day 0        anna -> ext:x  5 EUR", True),
        ("day 1        anna -> ext:x  5 EUR", False),
        ("day 0 09:00  ext:z -> anna  5 EUR", False),
    ],
)
def test_order_is_unclear_where_a_credit_and_a_debit_may_have_come_either_way(second, unclear):
    laid = laid_out("day 0 09:00  ext:y -> anna  10 EUR\n" + second)
    assert laid.unclear.tolist() == [unclear]


def test_a_ledger_without_payments_has_no_purses():
    for order in ORDERS:
        laid = steps(whole(no_payments()), order)
        assert laid.known.size == laid.kind.size == laid.sequence.size == 0
