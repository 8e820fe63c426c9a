"""`moneytrail simulate` writes a bank that `moneytrail ingest` takes whole, and overwrites nothing."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from flows.errors import SettingsError
from flows.ingest import ingest
from flows.ledger import Ledger
from moneytrail.commands.simulate import simulate

ASKED = ["--customers", "400", "--days", "6", "--seed", "3", "--quiet"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    plan = folder / "plan.toml"
    plan.write_text('[[case]]\nkind = "round-trip"\nstart_day = 0\ndays = 60\n', encoding="utf-8")
    result = CliRunner().invoke(simulate, ["--out", str(folder / "out"), "--cases", str(plan), *ASKED])
    assert result.exit_code == 0, result.output
    assert "1 stories" in result.output
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
