"""Marks of payments: the scores of the whole ledger for the few that are asked about, held against habits only."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from detectors import edge_past
from detectors.edge_past import past_in
from detectors.edges import ASPECTS, MEMORY, chances_of, edge_scores
from detectors.unusual_payments import unusual_in
from flows import duck
from flows.arrows import payments_from_arrows
from flows.window import whole
from tests.detectors.test_edges import bank

HABIT = "".join(f"day {month} 12:00 anna -> shop 40 EUR sct\n" for month in range(30))
OTHERS = "".join(f"day {month} 13:00 bela -> shop 45 EUR sct\n" for month in range(30))


def chances(payments, asked):
    with duck.connection() as opened:
        opened.register("counted", payments)
        return chances_of(past_in(opened, asked))


def marks(payments, *wanted):
    with duck.connection() as opened:
        opened.register("counted", payments)
        return unusual_in(opened, payments, wanted)


@pytest.mark.parametrize(("at_once", "paired"), [(7, 10_000_000), (65_536, 30)])
def test_a_few_payments_have_the_scores_they_have_among_all_however_the_ledger_is_read(monkeypatch, at_once, paired):
    monkeypatch.setattr(edge_past, "_PAIRED_AT_ONCE", paired)
    payments = bank(200, 6)
    shuffled = payments.take(pa.array(np.random.default_rng(1).permutation(200)))
    read = duck.batches
    monkeypatch.setattr(edge_past.duck, "batches", lambda opened, query, values: read(opened, query, values, at_once))
    rows = [3, 50, 51, 52, 120, 199]
    few = chances(shuffled, payments.take(rows))
    every = edge_scores(whole(payments))
    for aspect in ASPECTS:
        np.testing.assert_array_equal(few[aspect], every[aspect].to_numpy(zero_copy_only=False)[rows])


def test_nothing_of_what_comes_later_or_of_others_asked_about_moves_a_mark():
    payments = payments_from_arrows(HABIT + OTHERS + "day 31 02:00 anna -> ext:x 4000 EUR crypto\n")
    later = payments_from_arrows(HABIT + OTHERS + "day 31 02:00 anna -> ext:x 4000 EUR crypto\n" + "".join(
        f"day {day} 02:00 anna -> ext:x 4000 EUR crypto\n" for day in range(32, 60)
    ))  # fmt: skip
    assert marks(payments, "p61") == {"p61": marks(later, "p61", "p70", "p1")["p61"]}


def test_each_thing_that_is_unusual_is_told_with_the_numbers_it_rests_on():
    payments = payments_from_arrows(HABIT + OTHERS + "day 31 02:00 anna -> ext:x 480 EUR crypto\n")
    told = {oddity.aspect: oddity for oddity in marks(payments, "p61")["p61"].oddities}
    assert {"amount_out", "hour", "channel"} <= told.keys()
    assert round(told["amount_out"].times) == 12
    assert (told["hour"].band, told["hour"].alike, told["hour"].before) == (0, 0, 30)
    assert (told["channel"].alike, told["channel"].before) == (0, 30)
    # The payee was never paid before: it has no habits.
    assert not {"amount_in", "new_payer"} & told.keys()


def test_the_usual_and_the_newcomer_have_no_mark():
    few = "".join(f"day {day} 12:00 carl -> shop 40 EUR sct\n" for day in range(MEMORY - 1))
    payments = payments_from_arrows(HABIT + OTHERS + few + "day 31 12:00 anna -> shop 44 EUR sct\n"
                                    "day 31 13:00 carl -> ext:x 9000 EUR crypto\n")  # fmt: skip
    usual, newcomer = payments["payment_id"].to_pylist()[-2:]
    assert usual not in marks(payments, usual)
    assert newcomer not in marks(payments, newcomer)


def test_nothing_asked_is_nothing_told():
    payments = payments_from_arrows(HABIT)
    assert marks(payments) == {}
    assert marks(payments.slice(0, 0)) == {}
