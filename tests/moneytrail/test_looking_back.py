"""A scan looks back so many days, and says how much lies before."""

from __future__ import annotations

from datetime import date

from flows.arrows import payments_from_arrows
from flows.ledger import Ledger
from moneytrail.looking_back import beginning
from moneytrail.scan import run_scan
from moneytrail.settings import resolve


def test_the_beginning_stays_where_it_is_within_a_month():
    beginnings = {beginning(date(2026, 3, day), 90) for day in range(1, 30)}
    assert beginnings == {date(2025, 12, 1)}
    assert beginning(date(2026, 3, 1), 0) is None


def test_what_lies_too_far_back_is_not_looked_at_and_counted(tmp_path):
    payments = payments_from_arrows("""
        day 0  anna -> ben  10.00 EUR
        day 35  anna -> ben  11.00 EUR
        day 40  anna -> ben  12.00 EUR
    """)
    empty = Ledger.create(tmp_path / "ledger")
    ledger = empty.commit(payments.to_reader(), rows=3, source_hashes=["three"], side={})
    facts = run_scan(ledger, tmp_path / "out", settings=resolve({"scan": {"look_back_days": 5}}, "test")).facts
    assert (facts.scanned.payments, facts.scanned.first_day) == (2, date(2026, 2, 5))
    assert [note.count for note in facts.notes if "look_back_days" in note.one] == [1]
    assert facts.run["ledger"]["since"] == "2026-02-01"
