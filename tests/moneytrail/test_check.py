"""`moneytrail check`."""

from __future__ import annotations

import json
import tomllib

import pytest
from click.testing import CliRunner

from flows.errors import InputError
from moneytrail.commands.check import check

HEADER = "payment_id,payer,payee,amount,currency,booked_on\n"


@pytest.fixture
def payments(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "p1,anna,kiosk,1.50,EUR,2026-01-01\np2,anna,kiosk,-1,EUR,2026-01-02\n", encoding="utf-8")
    return path


@pytest.fixture
def unknown(tmp_path):
    path = tmp_path / "statement.csv"
    path.write_text("Datum;Betrag;IBAN;Gegenkonto\n05.01.2026;-1,50;DE1;FR1\n", encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(check, [str(argument) for argument in arguments])


def test_it_says_in_words_what_is_in_a_file(payments):
    result = run(payments, "--quiet")
    assert result.exit_code == 0
    assert "2 = 1 kept + 0 duplicate + 1 rejected" in result.output
    assert "1 amount_not_positive in amount: the amount is zero or negative" in result.output
    assert "0.50 EUR = 1.50 EUR kept + 0.00 EUR duplicate + -1.00 EUR rejected" in result.output
    assert "Of 70 published indicators" in result.output
    assert "time of day (D2), not computable: SEX-01" in result.output


def test_it_says_the_same_to_machines(payments):
    found = json.loads(run(payments, "--json", "--quiet").stdout)
    assert found["files"][0]["rows"] == 2
    assert found["tiers"] == ["D1", "D7"]
    assert found["not_computable"]["SEX-01"] == ["D2"]
    assert found["errors"] == []


def test_rejected_rows_go_to_a_file(payments, tmp_path):
    run(payments, "--quiet", "--rejects", tmp_path / "rejects.csv")
    lines = (tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,line,column,reason,row,amount_minor,currency"
    assert lines[1].startswith("payments.csv,3,amount,amount_not_positive,")


def test_a_folder_stands_for_its_files(payments):
    assert "payments.csv: contract, payments" in run(payments.parent, "--quiet").output


def test_a_mapping_is_proposed_for_an_unknown_file_and_can_be_used(unknown, tmp_path):
    mapping = tmp_path / "mapping.toml"
    result = run(unknown, "--quiet", "--propose", mapping)
    assert isinstance(result.exception, InputError)
    text = mapping.read_text(encoding="utf-8")
    assert tomllib.loads(text)["sign"]["rule"] == "negative_is_debit"
    mapping.write_text(text.replace('currency = ""', 'currency = "EUR"'), encoding="utf-8")
    result = run(unknown, "--quiet", "--mapping", mapping)
    assert "1 = 1 kept" in result.output


def test_the_mapping_is_printed_if_no_file_is_named(unknown):
    result = run(unknown, "--quiet")
    assert 'rule = "negative_is_debit"' in result.output
    assert result.exception.exit_code == 3


def test_a_bad_file_does_not_hide_the_good_ones(payments, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    result = run(empty, payments, tmp_path / "gone.csv", "--quiet")
    assert "payments.csv: contract, payments" in result.output
    assert isinstance(result.exception, InputError)
    assert result.exception.what == "the file is empty"
    assert "there is no such file" in result.output
