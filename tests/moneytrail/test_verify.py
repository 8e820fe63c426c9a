"""`moneytrail verify` finds and names what somebody changed, and makes past runs again bit for bit."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from flows.errors import SettingsError
from moneytrail.cli import moneytrail
from moneytrail.rerunning import settings_of
from moneytrail.settings import Settings, resolve
from reports.store import Store
from tests.moneytrail.nights import Bank, bank, by_day


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory):
    """Give a bank after two nights."""
    made = Bank(tmp_path_factory.mktemp("verify") / "bank")
    days = by_day(bank())
    first = [row for day, rows in days.items() if day <= date(2026, 1, 10) for row in rows]
    second = [row for day, rows in days.items() if day > date(2026, 1, 10) for row in rows]
    for name, rows in (("first", first), ("second", second)):
        made.send(name, rows)
        made.night()
    return made


@pytest.fixture
def nights(two_nights, tmp_path):
    return two_nights.copied(tmp_path / "bank")


def verify(*words):
    given = ["verify", *map(str, words), "--json", "--quiet"]
    result = CliRunner().invoke(moneytrail, given, catch_exceptions=False, standalone_mode=False)
    answer = json.loads(result.output)
    assert result.return_value == (1 if answer["wrong"] else None)
    return answer["wrong"]


def run_ids(nights):
    with Store.open(nights.store) as store:
        return [run.run_id for run in store.runs()]


def test_nothing_is_wrong_with_what_nobody_touched_and_every_night_is_made_again_bit_for_bit(nights):
    assert verify("--settings", nights.settings) == []
    # The nights are made again with other settings at hand than those of then: the run sheet has its own.
    nights.settings.write_text(nights.settings.read_text().replace("shuffles = 20", "shuffles = 30"))
    assert verify("all", "--settings", nights.settings) == []


def test_people_are_told_what_was_looked_at(nights):
    result = CliRunner().invoke(moneytrail, ["verify", "--settings", str(nights.settings)])
    assert result.exit_code == 0
    assert "2 runs" in result.output
    assert "folders of nights: 2" in result.output
    assert result.output.endswith("Nothing is wrong.\n")


def test_a_file_of_a_night_that_was_changed_is_named(nights):
    folder = sorted(path for path in nights.nights.iterdir() if path.name.startswith("2026"))[-1]
    table = pq.read_table(folder / "findings.parquet")
    pq.write_table(table.slice(0, table.num_rows - 1), folder / "findings.parquet")
    (folder / "report.html").unlink()
    sheet = json.loads((folder / "run.json").read_text())
    sheet["seeds"] = {"scan": 7}
    (folder / "run.json").write_text(json.dumps(sheet))
    assert verify("--settings", nights.settings) == [
        f"{folder.name}/findings.parquet: changed since it was written",
        f"{folder.name}/report.html: missing",
        f"{folder.name}/run.json: seeds is not what the store has",
    ]


def test_an_alert_that_was_changed_in_the_store_is_named_by_the_store_and_by_the_run_made_again(nights):
    engine = sa.create_engine(f"sqlite:///{nights.store}")
    with engine.begin() as connection:
        alert_id, version, run = connection.execute(
            sa.text("SELECT alert_id, version, runs.run_id FROM alert_versions JOIN runs ON runs.number = run")
        ).first()
        connection.execute(
            sa.text("UPDATE alert_versions SET content = replace(content, '\"why\":\"', '\"why\":\"!')"
                    " WHERE alert_id = :id AND version = :version"),
            {"id": alert_id, "version": version},
        )  # fmt: skip
    engine.dispose()
    wrong = verify(run, "--settings", nights.settings)
    assert f"alert {alert_id}, version {version}: it is not what was recorded" in wrong
    assert f"run {run}: alert {alert_id} came out otherwise" in wrong


def test_an_amount_changed_in_the_ledger_is_found_by_its_file_and_by_the_run_made_again(nights, monkeypatch):
    ring = next((nights.folder / "ledger" / "payments").glob("booked_on=2026-01-04/*.parquet"))
    table = pq.ParquetFile(ring).read()
    place = table.schema.get_field_index("amount_minor")
    pq.write_table(table.set_column(place, "amount_minor", pc.add(table["amount_minor"], 1000)), ring)
    [first, _] = run_ids(nights)
    wrong = verify(first, "--settings", nights.settings)
    assert any("ledger file payments/booked_on=2026-01-04" in line for line in wrong)
    assert any(line.startswith(f"run {first}: alert A-") for line in wrong)
    assert any(line.startswith(f"run {first}: findings.parquet") for line in wrong)


def test_what_cannot_be_looked_at_is_named_and_the_rest_is_looked_at(nights):
    for file in (nights.folder / "ledger" / "payments").glob("booked_on=2026-01-04/*.parquet"):
        file.write_bytes(file.read_bytes()[:-100])
    sheet = min(path for path in nights.nights.iterdir() if path.name.startswith("2026")) / "run.json"
    sheet.write_text("{")
    wrong = verify("all", "--settings", nights.settings)
    for begins in ("ledger file payments/booked_on=2026-01-04", "the folders of nights could not be looked at"):
        assert any(line.startswith(begins) for line in wrong), wrong
    for run in run_ids(nights):
        assert any(line.startswith(f"run {run} could not be looked at") for line in wrong), wrong


def test_the_folder_of_a_night_is_no_scan_and_the_name_of_its_run_is_given(nights):
    folder = next(folder for folder in sorted(nights.nights.iterdir()) if (folder / "run.json").is_file())
    arguments = ["verify", str(folder), "--settings", str(nights.settings), "--quiet"]
    refused = CliRunner().invoke(moneytrail, arguments, standalone_mode=False).exception
    assert isinstance(refused, SettingsError)
    assert refused.try_.split()[-1] in run_ids(nights)


def test_evidence_that_the_ledger_does_not_have_is_named_by_alert(nights):
    shutil.rmtree(nights.folder / "ledger")
    other = Bank(nights.folder)
    other.send("first", by_day(bank())[date(2026, 1, 20)])
    CliRunner().invoke(
        moneytrail,
        ["ingest", "--ledger", str(nights.folder / "ledger"), "--payments", str(nights.inbox / "payments/first.csv")],
    )
    wrong = verify("--settings", nights.settings)
    assert any("the ledger has no version" in line for line in wrong)


def test_a_scan_without_a_store_is_made_again_and_held_against_its_folder(scanned, ledger, tmp_path):
    out = shutil.copytree(scanned, tmp_path / "out")
    assert verify(out, "--ledger", ledger.path) == []
    rows = json.loads((out / "alerts.json").read_text())
    rows[0]["score"] = 0.0
    (out / "alerts.json").write_text(json.dumps(rows))
    (out / "account_scores.parquet").unlink()
    assert verify(out, "--ledger", ledger.path) == [
        "out: account_scores.parquet, which is missing, came out otherwise",
        "out: alerts.json came out otherwise",
    ]


def test_settings_come_back_from_a_run_sheet_as_far_as_it_holds_them():
    pattern = {"text": "a -> b within 2h -> c", "title": "Two steps", "innocent": ["a gift"], "clears": ["a letter"]}
    detectors = {"fan-in": {"within": "90 min"}, "chain": {"enabled": False}}
    changed = resolve({"scan": {"seed": 4}, "detectors": detectors, "patterns": {"two-steps": pattern}}, "test")
    sheet = {"settings": changed.as_dict(), "settings_hash": changed.hash, "versions": {"moneytrail": "0.0.9"}}
    assert settings_of(sheet).hash == changed.hash
    sheet["settings"]["detectors"]["fan-of-old"] = {"enabled": True}
    with pytest.raises(SettingsError, match="another version of the program"):
        settings_of(sheet)
    secret = resolve({"lists": {"adverts": ["mer:the-site"]}}, "test")
    sheet |= {"settings": secret.as_dict(), "settings_hash": secret.hash}
    assert settings_of(sheet, secret) is secret
    with pytest.raises(SettingsError, match="cannot be had from its sheet"):
        settings_of(sheet, Settings())


def test_a_run_of_bounded_memory_comes_back_from_its_sheet_and_one_by_a_reference_with_the_same_reference(tmp_path):
    bounded = resolve({"scan": {"memory": "4GB"}}, "test")
    sheet = {"settings": bounded.as_dict(), "settings_hash": bounded.hash, "versions": {"moneytrail": "0.0.9"}}
    assert settings_of(sheet).scan == bounded.scan

    (tmp_path / "kept" / "ensemble").mkdir(parents=True)
    sums = tmp_path / "kept" / "ensemble" / "SHA256SUMS"
    sums.write_text("1  reference.json")
    then, again = (resolve({"scan": {"reference": "kept"}}, "test", tmp_path) for _ in range(2))
    sheet |= {"settings": then.as_dict(), "settings_hash": then.hash}
    assert settings_of(sheet, again) is again
    sums.write_text("2  reference.json")
    with pytest.raises(SettingsError, match="cannot be had from its sheet"):
        settings_of(sheet, resolve({"scan": {"reference": "kept"}}, "test", tmp_path))
