"""`moneytrail ingest`: several files after one option, what became of them in words, exit codes of the contract."""

import json

import pytest
from click.testing import CliRunner

from flows.errors import InputError, SettingsError
from flows.ledger import Ledger
from moneytrail.commands.ingest import ingest

HEADER = "payment_id,payer,payee,amount,currency,booked_on,channel\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text(HEADER + "p1,a,b,10.00,EUR,2026-01-01,sct\np2,b,c,700,JPY,2026-01-01,sct\n")
    (tmp_path / "b.csv").write_text(
        HEADER + "p1,a,b,10,EUR,2026-01-01,sct\np3,a,b,1,EUR,2026-01-01,sct\np4,a,b,-1,EUR,2026-01-01,sct\n"
    )
    (tmp_path / "accounts.csv").write_text("account_id,kind\na,current\n")
    return lambda *words: CliRunner().invoke(ingest, ["--ledger", "ledger", *words])


@pytest.mark.parametrize(
    "words",
    [
        ("--payments", "a.csv", "b.csv", "--quiet"),
        ("--quiet", "--payments", "a.csv", "--payments", "b.csv"),
        ("--payments=a.csv", "b.csv", "--quiet"),
        ("--payments=a.csv", "--quiet", "--payments", "b.csv"),
    ],
)
def test_several_files_may_follow_one_option_or_repeat_it(run, words):
    assert run(*words).exit_code == 0
    assert Ledger.open("ledger").sources()["file_name"].to_pylist() == ["a.csv", "b.csv"]


def test_it_ends_by_saying_what_became_of_rows_and_money(run):
    result = run("--payments", "a.csv", "b.csv", "--accounts", "accounts.csv", "--quiet")
    assert result.exit_code == 0
    said = result.stdout
    assert "a.csv (payments, contract): 2 rows in = 2 kept + 0 duplicate + 0 rejected" in said
    assert "b.csv (payments, contract): 3 rows in = 1 kept + 1 duplicate + 1 rejected" in said
    assert "1 x amount_not_positive" in said
    assert "EUR 20.00 = 11.00 + 10.00 + -1.00" in said
    assert "JPY 700 = 700 + 0 + 0" in said
    assert "The ledger is now at version 1 (was 0)." in said
    assert "1 of 5 rows of payments was rejected" in said


def test_run_again_it_says_that_nothing_is_new(run):
    run("--payments", "a.csv", "--quiet")
    said = run("--payments", "a.csv", "--quiet").stdout
    assert "a.csv (payments): already ingested, passed over" in said
    assert "Nothing new; the ledger stays at version 1." in said


def test_as_json_it_answers_a_program(run):
    answer = json.loads(run("--payments", "a.csv", "--json").stdout)
    assert (answer["ledger_version_before"], answer["ledger_version"]) == (0, 1)
    assert answer["files"][0]["rows_kept"] == 2
    assert answer["money_minor"]["JPY"] == {"came": 700, "kept": 700, "duplicates": 0, "rejected": 0}


def test_progress_goes_to_standard_error_and_can_be_silenced(run):
    assert "reading a.csv" in run("--payments", "a.csv").stderr
    assert run("--payments", "b.csv", "--quiet").stderr == ""


def test_nothing_to_take_in_is_a_matter_of_usage(run):
    assert run().exit_code == 2
    assert run("--payments", "a.csv", "--format", "contract", "--mapping", "m.toml").exit_code == 2


def test_a_missing_file_is_bad_input_and_a_missing_mapping_a_wrong_setting(run):
    assert isinstance(run("--payments", "nowhere.csv").exception, InputError)
    assert isinstance(run("--payments", "a.csv", "--mapping", "nowhere.toml").exception, SettingsError)


def test_a_mapping_reads_any_csv(run, tmp_path):
    (tmp_path / "bank.csv").write_text("ref;when;from;to;sum\nx1;31.01.2026;a;b;1.234,56\n")
    (tmp_path / "mapping.toml").write_text(
        '[file]\ndelimiter = ";"\n[numbers]\ndecimal = ","\ngrouping = "."\n[dates]\nbooked_on = "%d.%m.%Y"\n'
        '[columns]\npayment_id = "ref"\nbooked_on = "when"\npayer = "from"\npayee = "to"\namount = "sum"\n'
        '[constants]\ncurrency = "EUR"\n[sign]\nrule = "as_arrow"\n'
    )
    result = run("--payments", "bank.csv", "--mapping", "mapping.toml", "--quiet")
    assert result.exception is None
    assert Ledger.open("ledger").payments()["amount_minor"].to_pylist() == [123456]
