"""What the page on the simulator says of distributions is what a reader would count by hand."""

from __future__ import annotations

import pytest

from benchmarks.quality.ordinary_life import BEGIN, END, PAGE, measured, tables
from flows.ingest import ingest
from flows.ledger import Ledger

ROWS = """payment_id,payer,payee,amount,currency,booked_on,sent_at,channel
P1,A1,ext:1,10.00,EUR,2026-01-05,2026-01-05T01:00:00Z,card_pos
P2,A1,ext:2,20.50,EUR,2026-01-05,2026-01-05T22:30:00Z,card_pos
P3,A2,A1,30.00,EUR,2026-01-09,2026-01-09T10:00:00Z,sct
P4,A2,ext:2,7.00,EUR,2026-01-10,,fee
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("life")
    (folder / "payments.csv").write_text(ROWS, encoding="utf-8")
    ingest(folder / "ledger", {"payments": [folder / "payments.csv"]})
    return measured(Ledger.open(folder / "ledger"))


def test_fees_are_nobody_s_habit_and_both_ends_count(found):
    assert found["payments"] == 4
    assert found["accounts"] == 2
    # A1 has three, A2 one.
    assert found["Payments of an account in 30 days"][-1] == pytest.approx(3 * 30 / 90)
    assert found["Counterparties of an account in 90 days, where they are named"][-1] == 3


def test_days_between_payments_are_those_of_one_account(found):
    assert found["Days between an account's payments"][-1] == 4


def test_amounts_are_told_beside_the_median(found):
    assert found["Amount, in multiples of the median"][3] == 1
    assert (found["whole"], found["round"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_hours_and_weekdays_fall_into_their_parts(found):
    assert found["hours of cards"] == {0: 0.5, 7: 0.5}
    assert found["weekdays"] == {1: pytest.approx(2 / 3), 5: pytest.approx(1 / 3)}


def test_the_page_has_a_row_for_each_set(found):
    made = tables({"one": found, "other": found})
    assert made.count("| one |") == made.count("| other |") == 6
    page = PAGE.read_text(encoding="utf-8")
    assert page.index(BEGIN) < page.index("Berka (real)", page.index(BEGIN)) < page.index(END)
