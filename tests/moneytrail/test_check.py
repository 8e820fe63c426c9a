"""`moneytrail check`."""

from __future__ import annotations

import json
import random
import re
import tomllib

import pytest
from click.testing import CliRunner

from flows.errors import InputError, SettingsError
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
    assert re.search(r"without payments.sent_at, not computable: .*SEX-01", result.output)


def test_it_says_the_same_to_machines(payments):
    found = json.loads(run(payments, "--json", "--quiet").stdout)
    assert found["files"][0]["rows"] == 2
    assert found["tiers"] == ["D1", "D7"]
    assert found["not_computable"]["SEX-01"] == ["payments.sent_at"]
    assert "SEX-02" in found["computable"]
    assert found["errors"] == []


def test_a_list_of_the_settings_counts_as_data(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(HEADER[:-1] + ",mcc\np1,anna,mer:1,1.50,EUR,2026-01-01,7011\n", encoding="utf-8")
    settings = tmp_path / "bank.toml"
    settings.write_text('[lists]\nshort-lets = ["mer:2"]\n', encoding="utf-8")
    without, with_list = (
        json.loads(run(path, "--json", "--quiet", *more).stdout) for more in ((), ("--settings", settings))
    )
    assert without["degraded"]["SEX-03"] == ["list.short-lets"]
    assert "SEX-03" in with_list["computable"]


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
    assert result.exit_code == 0
    assert f"read {mapping} and mend it" in result.output
    assert result.output.endswith(f"moneytrail ingest --ledger DIR --payments {unknown} --mapping {mapping}\n")
    text = mapping.read_text(encoding="utf-8")
    assert tomllib.loads(text)["sign"]["rule"] == "negative_is_debit"
    mapping.write_text(text.replace('currency = ""', 'currency = "EUR"'), encoding="utf-8")
    result = run(unknown, "--quiet", "--mapping", mapping)
    assert "1 = 1 kept" in result.output


def test_the_mapping_is_printed_if_no_file_is_named(unknown):
    result = run(unknown, "--quiet")
    assert 'rule = "negative_is_debit"' in result.output
    assert result.exception.exit_code == 3
    assert f"`moneytrail check {unknown} --propose mapping.toml`" in result.exception.try_


def test_a_mapping_mended_by_hand_is_not_overwritten(unknown, tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("mended", encoding="utf-8")
    result = run(unknown, "--quiet", "--propose", mapping)
    assert isinstance(result.exception, SettingsError)
    assert mapping.read_text(encoding="utf-8") == "mended"


def test_a_second_unknown_file_needs_a_mapping_of_its_own(unknown, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("Date;Sum;From;To\n2026-01-05;1.50;a;b\n", encoding="utf-8")
    result = run(unknown, other, "--quiet", "--propose", tmp_path / "mapping.toml")
    assert "statement.csv" in (tmp_path / "mapping.toml").read_text(encoding="utf-8")
    assert result.exception.where == "other.csv"


def test_to_machines_it_says_what_was_proposed(unknown, tmp_path):
    result = run(unknown, "--json", "--quiet", "--propose", tmp_path / "mapping.toml")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["proposed"], found["errors"]) == (0, ["statement.csv"], [])


@pytest.mark.parametrize("size", [300, 3000, 20000])
@pytest.mark.parametrize("seed", range(6))
def test_random_bytes_are_bad_input_and_no_mapping_is_written(tmp_path, seed, size):
    path = tmp_path / "x.bin"
    path.write_bytes(random.Random(seed).randbytes(size))
    result = run(path, "--quiet", "--propose", tmp_path / "mapping.toml")
    assert isinstance(result.exception, InputError), result.output
    assert not (tmp_path / "mapping.toml").exists()


def test_a_few_random_bytes_may_look_like_text_but_stop_nothing(tmp_path):
    for seed in range(60):
        path = tmp_path / f"{seed}.bin"
        path.write_bytes(random.Random(seed).randbytes(1 + seed))
    result = run(*tmp_path.glob("*.bin"), "--quiet")
    assert isinstance(result.exception, InputError)


def test_a_bad_file_does_not_hide_the_good_ones(payments, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    result = run(empty, payments, tmp_path / "gone.csv", "--quiet")
    assert "payments.csv: contract, payments" in result.output
    assert isinstance(result.exception, InputError)
    assert result.exception.what == "the file is empty"
    assert "there is no such file" in result.output
