"""`moneytrail simulate` writes a bank that `moneytrail ingest` takes whole, and overwrites nothing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from flows.errors import SettingsError, StoreError
from flows.ingest import ingest
from flows.ledger import Ledger
from moneytrail.commands.simulate import simulate

ASKED = ["--customers", "450", "--days", "6", "--seed", "3", "--quiet"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    plan = folder / "plan.toml"
    plan.write_text('[[case]]\nkind = "round-trip"\nstart_day = 0\ndays = 60\n', encoding="utf-8")
    result = CliRunner().invoke(simulate, ["--out", str(folder / "out"), "--cases", str(plan), *ASKED])
    assert result.exit_code == 0, result.output
    assert "belong to 1 story" in result.output
    return folder / "out"


def test_its_tables_are_taken_in_without_a_reject(written, tmp_path):
    ledger = Ledger.create(tmp_path / "ledger")
    files = {name: [written / f"{name}.csv"] for name in ("accounts", "customers", "links", "labels")}
    taken = ingest(ledger, {"payments": [written / "payments.parquet"], **files})
    assert len(taken.files) == 5
    assert all(file.rejected == 0 and file.rows > 0 for file in taken.files)


def test_a_folder_with_something_in_it_is_left_alone(written):
    with pytest.raises(SettingsError, match="not empty"):
        CliRunner().invoke(simulate, ["--out", str(written), *ASKED], catch_exceptions=False)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        CliRunner().invoke(simulate, ["--out", str(tmp_path / "file" / "bank"), *ASKED], catch_exceptions=False)


def test_planting_takes_a_plan_and_neither_people_nor_days(written, tmp_path):
    asked = ["--out", str(tmp_path / "copy"), "--plant-into", str(tmp_path / "ledger")]
    with pytest.raises(SettingsError, match="planting takes a plan"):
        CliRunner().invoke(simulate, [*asked, *ASKED], catch_exceptions=False)


def test_a_bank_has_a_size(tmp_path):
    with pytest.raises(SettingsError, match="how large"):
        CliRunner().invoke(simulate, ["--out", str(tmp_path / "bank"), "--seed", "3"], catch_exceptions=False)


def test_what_was_planted_is_said(written, tmp_path):
    ledger = tmp_path / "ledger"
    ingest(ledger, {"payments": [written / "payments.parquet"], "accounts": [written / "accounts.csv"]})
    plan = tmp_path / "plan.toml"
    plan.write_text('[[innocent]]\nkind = "cash-living-worker"\ncount = 3\n', encoding="utf-8")
    asked = [
        "--out",
        str(tmp_path / "copy"),
        "--plant-into",
        str(ledger),
        "--cases",
        str(plan),
        "--seed",
        "3",
        "--quiet",
    ]
    result = CliRunner().invoke(simulate, asked, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "for tests only" in result.output
    assert Ledger.open(tmp_path / "copy" / "ledger").planted == Ledger.open(tmp_path / "copy" / "ledger").count() - (
        Ledger.open(ledger).count()
    )
