"""The facts about a file."""

from __future__ import annotations

import csv
import os
from datetime import date
from unittest.mock import patch

import pyarrow as pa
import pytest

from flows import inspection
from flows.errors import BalanceError, InputError
from flows.inspection import Sums, inspect, money_in, neutral, write_rejects

HEADER = "payment_id,payer,payee,amount,currency,booked_on,sent_at,city,shade\n"


@pytest.fixture
def payments(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(
        HEADER
        + "p1,anna,kiosk,1.50,EUR,2026-01-01,2026-01-01T09:00:00Z,Lyon,red\n"
        + "p2,ext:x,anna,2.50,EUR,2026-01-02,,,\n"
        + "p2,ext:x,anna,2.50,EUR,2026-01-02,,,\n"
        + "p1,anna,kiosk,9.99,EUR,2026-01-02,,,\n"
        + "p3,anna,kiosk,x,EUR,2026-01-02,,,\n"
        + "p4,anna,anna,40,JPY,2026-01-02,,,\n"
        + "p5,anna,bert,40,JPY,2026-01-06,,,\n"
        + "p6,anna,bert\n",
        encoding="utf-8",
    )
    return path


def test_rows_and_money_are_counted_by_what_became_of_them(payments):
    facts = inspect(payments)
    assert (facts.format, facts.table) == ("contract", "payments")
    assert (facts.rows, facts.kept, facts.duplicates, facts.rejected) == (8, 3, 1, 4)
    assert facts.money == {"EUR": Sums(1649, 400, 250, 999), "JPY": Sums(80, 40, 0, 40)}
    assert facts.amounts_unread == 2


def test_reasons_come_with_their_first_lines(payments):
    found = {(reason.code, reason.column): (reason.count, reason.first_lines) for reason in inspect(payments).reasons}
    assert found == {
        ("id_conflict", "payment_id"): (1, [5]),
        ("amount_not_decimal", "amount"): (1, [6]),
        ("same_account", "payee"): (1, [7]),
        ("split", ""): (1, [9]),
    }


def test_days_gaps_accounts_and_what_is_missing_are_said(payments):
    facts = inspect(payments)
    assert (facts.first_day, facts.last_day, facts.days) == (date(2026, 1, 1), date(2026, 1, 6), 3)
    assert facts.gaps == [(date(2026, 1, 3), date(2026, 1, 5))]
    assert (facts.own_accounts, facts.outside_nodes) == (3, 1)
    assert facts.missing["city"] == pytest.approx(2 / 3)
    assert facts.missing["payer_balance_after"] == 1
    assert facts.unused == ["shade"]
    assert facts.tiers == ["D1", "D2", "D3", "D7"]


def test_ids_are_compared_across_batches_as_within_one(payments):
    together = inspect(payments)

    def one_by_one(path):
        from flows.readers.contract import Contract
        from flows.reading import RawBatch

        for batch in Contract().read(path):
            for at in range(batch.rows.num_rows):
                yield RawBatch(batch.table, batch.rows.slice(at, 1))
            yield RawBatch(batch.table, batch.rows.slice(0, 0), batch.rejects)

    class OneByOne:
        def recognises(self, sample):
            return 1.0

        def table(self, sample):
            return "payments"

        read = staticmethod(one_by_one)

    rejected = []
    apart = inspect(payments, mapping=OneByOne(), rejects=lambda rows: rejected.extend(rows["reason"].to_pylist()))
    assert (apart.kept, apart.duplicates, apart.rejected) == (together.kept, together.duplicates, together.rejected)
    assert apart.money == together.money
    assert sorted(rejected) == ["amount_not_decimal", "id_conflict", "same_account", "split"]


def test_a_header_alone_is_no_error(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(HEADER, encoding="utf-8")
    facts = inspect(path)
    assert (facts.rows, facts.first_day, facts.money, facts.missing) == (0, None, {}, {})


def test_facts_become_json_with_exact_sums(payments):
    found = inspect(payments).as_json()
    assert found["money"]["EUR"] == {"came": "16.49", "kept": "4.00", "duplicates": "2.50", "rejected": "9.99"}
    assert found["first_day"] == "2026-01-01"
    assert found["gaps"] == [["2026-01-03", "2026-01-05"]]
    assert found["reasons"][0]["meaning"]


def test_a_file_that_changes_while_it_is_read_is_refused(payments):
    before = inspection.content_hash

    def changing(path):
        digest = before(path)
        os.utime(path, (1, 1))
        return digest

    with patch("flows.inspection.content_hash", changing), pytest.raises(InputError, match="changed while it was read"):
        inspect(payments)


def test_money_that_does_not_add_up_is_not_believed(payments):
    with patch("flows.inspection.money_in", return_value={"EUR": 1}), pytest.raises(BalanceError, match="EUR"):
        inspect(payments)


def test_a_file_nobody_knows_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("colour,shape\nred,round\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no reader knows this format\n"):
        inspect(path)
    path.write_text("payment_id,payer,payee\np1,a,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="for the contract it lacks amount, currency, booked_on"):
        inspect(path)


def test_money_in_leaves_out_what_no_payment_can_hold():
    rows = pa.table({"amount": ["1.5", "46116860184273879.04", "x", "0.001", None, "-2"], "currency": ["EUR"] * 6})
    assert money_in(rows) == {"EUR": -50}


def test_rejects_are_written_so_that_a_spreadsheet_runs_nothing(payments, tmp_path):
    path = tmp_path / "rejects.csv"
    with write_rejects(path) as write:
        inspect(payments, rejects=write)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["reason"]) for row in rows] == [
        ("5", "id_conflict"),
        ("6", "amount_not_decimal"),
        ("7", "same_account"),
        ("9", "split"),
    ]
    assert neutral("=1+1") == "'=1+1"
    assert neutral("@x") == "'@x"
    assert neutral(-5) == -5
    with pytest.raises(InputError, match="cannot be written"), write_rejects(tmp_path / "no" / "rejects.csv"):
        pass
