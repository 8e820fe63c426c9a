"""Erasing takes rows out for good, and leaves what somebody needs."""

from __future__ import annotations

from datetime import date

import pytest

from flows.arrows import payments_from_arrows
from flows.erasing import erase_payments
from flows.errors import LockedError, StoreError
from flows.ledger import Ledger
from flows.lock import writing

BEFORE = date(2026, 1, 4)


@pytest.fixture
def ledger(tmp_path):
    days = "\n".join(f"day {day} 10:00  o'hara{day} -> b  {day + 1}.00 EUR sct" for day in range(6))
    payments = payments_from_arrows(days)
    return Ledger.create(tmp_path / "ledger").commit(payments.to_reader(), rows=6, source_hashes=["arrows"], side={})


def ids(ledger):
    return ledger.newest().payments()["payment_id"].to_pylist()


def test_what_is_older_goes_and_what_is_needed_stays(ledger):
    erased = erase_payments(ledger.path, BEFORE, {"p2", "p6"})
    assert (erased.payments, erased.kept) == (2, 1)
    assert (erased.first, erased.last) == (date(2026, 1, 1), date(2026, 1, 3))
    assert ids(ledger) == ["p2", "p4", "p5", "p6"]
    assert ledger.newest().version == erased.version > ledger.version


def test_what_was_erased_cannot_be_read_at_any_version_nor_from_any_file(ledger):
    erase_payments(ledger.path, BEFORE, ())
    with pytest.raises(StoreError):
        Ledger.open(ledger.path).at_version(ledger.version).payments()
    assert len(list((ledger.path / "payments").rglob("*.parquet"))) == 3


def test_a_dry_run_counts_and_changes_nothing(ledger):
    erased = erase_payments(ledger.path, BEFORE, {"p2"}, dry_run=True)
    assert (erased.payments, erased.kept, erased.version) == (2, 1, ledger.version)
    assert len(ids(ledger)) == 6


def test_nothing_old_changes_nothing(ledger):
    erased = erase_payments(ledger.path, date(2020, 1, 1), ())
    assert (erased.payments, erased.first, erased.version) == (0, None, ledger.version)


def test_nobody_erases_under_a_writer(ledger):
    with writing(ledger.path), pytest.raises(LockedError):
        erase_payments(ledger.path, BEFORE, ())
    assert len(ids(ledger)) == 6
