"""A scan writes what the contract says, the same bytes every time, and says what it left out."""

from __future__ import annotations

import json
from datetime import date

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flows.arrows import payments_from_arrows
from flows.errors import InputError, PluginError, StoreError
from flows.ledger import Ledger
from moneytrail.commands.scan import scan
from moneytrail.scan import run_scan
from moneytrail.settings import resolve
from reports.report import BANNER

FILES = {
    "alerts.json", "alerts.parquet", "alerts.csv", "alerts.xlsx", "findings.parquet", "account_scores.parquet",
    "report.html", "run.json", "summary.txt",
}  # fmt: skip

ALERT_FIELDS = {
    "alert_id", "tier", "typology", "score", "title", "accounts", "payments", "indicators", "legs", "mitigations",
    "not_computable", "would_clear", "sources", "first_at", "last_at", "route",
}  # fmt: skip


def test_the_files_of_the_contract_are_there_and_no_others(scanned):
    assert {path.name for path in scanned.iterdir()} == FILES


def test_alerts_have_every_field_of_the_contract_in_both_forms(scanned):
    alerts = json.loads((scanned / "alerts.json").read_text())
    table = pq.read_table(scanned / "alerts.parquet")
    assert alerts
    assert set(alerts[0]) >= ALERT_FIELDS
    assert set(table.column_names) >= ALERT_FIELDS
    assert [alert["alert_id"] for alert in alerts] == table["alert_id"].to_pylist()
    assert {alert["tier"] for alert in alerts} <= {"priority", "review", "enquire", "support"}


def test_the_ring_and_the_funnel_are_alerted_and_shoppers_are_not(scanned):
    alerts = json.loads((scanned / "alerts.json").read_text())
    alerted = {one["account_id"] for alert in alerts for one in alert["accounts"]}
    assert {"r1", "r2", "r3", "r4", "r5", "funnel"} <= alerted
    assert not {f"c{i}" for i in range(17)} & alerted


def test_findings_name_payments_that_exist(scanned, ledger):
    findings = pq.read_table(scanned / "findings.parquet")
    known = set(ledger.payments()["payment_id"].to_pylist())
    assert set(findings.column_names) >= {
        "finding_id", "detector", "accounts", "payments", "first_at", "last_at", "strength", "reasons"
    }  # fmt: skip
    assert all(set(row) <= known and row for row in findings["payments"].to_pylist())


def test_every_account_of_the_bank_has_a_place_in_the_ranking(scanned):
    scores = pq.read_table(scanned / "account_scores.parquet")
    own = {f"c{i}" for i in range(17)} | {"funnel", "r1", "r2", "r3", "r4", "r5"}
    assert set(scores["account_id"].to_pylist()) == own
    assert all(0 <= score <= 1 for score in scores["rank_score"].to_pylist())


def test_the_run_sheet_says_what_it_was_made_with_and_what_it_cost(scanned, ledger):
    sheet = json.loads((scanned / "run.json").read_text())
    assert sheet["ledger"]["version"] == ledger.version
    assert sheet["settings"]["scan"]["capacity"] == 40
    assert sheet["versions"]["networkx"]
    assert sheet["measured"]["peak_mb"] > 0
    assert sheet["steps"][0]["step"] == "reading the ledger"
    reading = sheet["steps"][0]
    assert reading["rows_in"] == reading["rows_out"] == ledger.count()
    assert any("links table" in note["sentence"] for note in sheet["left_out"])


def test_the_run_sheet_lists_each_peer_group_that_was_too_small_and_what_it_was_compared_with(scanned):
    steps = json.loads((scanned / "run.json").read_text())["steps"]
    [scored] = [step for step in steps if step["step"] == "scoring accounts"]
    assert sum(merge["accounts"] for merge in scored["merged_groups"]) == scored["accounts"] < 50
    assert {merge["into"] for merge in scored["merged_groups"]} == {"all accounts"}
    assert all(merge["group"].endswith("payments a month") for merge in scored["merged_groups"])


def test_the_same_ledger_gives_the_same_bytes(scanned, ledger, tmp_path):
    run_scan(ledger, tmp_path)
    for name in FILES - {"run.json"}:
        assert (tmp_path / name).read_bytes() == (scanned / name).read_bytes(), name
    sheets = [json.loads((folder / "run.json").read_text()) for folder in (tmp_path, scanned)]
    for sheet in sheets:
        del sheet["measured"]
    assert sheets[0] == sheets[1]


def test_what_dates_without_a_time_leave_unseen_is_said_with_its_share(tmp_path):
    lines = ["day 0 09:00  a -> b  900.00 EUR sct", "day 1  b -> c  880.00 EUR sct", "day 1  c -> d  870.00 EUR sct"]
    payments = payments_from_arrows("\n".join(lines))
    empty = Ledger.create(tmp_path / "ledger")
    ledger = empty.commit(payments.to_reader(), rows=3, source_hashes=["arrows"], side={})
    facts = run_scan(ledger, tmp_path / "out").facts
    [said] = [note for note in facts.notes if "without a time of day" in note.sentence]
    assert (said.kind, said.count) == ("missing", 2)
    assert "66.7 % of all" in said.sentence
    assert all(id_ in said.sentence for id_ in ("chain", "round-trip", "scatter-gather", "pass-through"))
    assert "fan-in" not in said.sentence


def test_where_every_time_is_known_nothing_is_said_of_dates(scanned):
    sheet = json.loads((scanned / "run.json").read_text())
    assert not any("without a time of day" in note["sentence"] for note in sheet["left_out"])


def test_small_windows_find_what_one_window_finds(scanned, ledger, tmp_path):
    small = run_scan(ledger, tmp_path, settings=resolve({"scan": {"payments_a_window": 100}}, "test"))
    [windows] = [step["windows"] for step in small.sheet.steps if step["step"] == "searching"]
    assert windows > 3
    ids = [pq.read_table(folder / "findings.parquet")["finding_id"].to_pylist() for folder in (tmp_path, scanned)]
    assert ids[0] == ids[1]


def test_as_of_looks_at_nothing_later(ledger, tmp_path):
    facts = run_scan(ledger, tmp_path, as_of=date(2026, 1, 5)).facts
    assert facts.scanned.last_day <= date(2026, 1, 5)
    assert "funnel" not in {account for finding in facts.findings for account in finding.accounts}


def test_an_empty_ledger_is_said_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match="no booked payments"):
        run_scan(Ledger.create(tmp_path / "ledger"), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_before_the_search(ledger, tmp_path):
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(StoreError):
        run_scan(ledger, tmp_path / "out")


def test_an_unknown_engine_is_refused_with_the_known_ones(ledger, tmp_path):
    with pytest.raises(PluginError, match="one of: local"):
        run_scan(ledger, tmp_path, engine="abacus")


def test_a_detector_that_fails_leaves_its_question_on_page_one_and_exit_code_4(ledger, tmp_path, monkeypatch):
    from detectors.motifs.round_trip import RoundTrip

    def broken(self, window):
        raise ZeroDivisionError

    monkeypatch.setattr(RoundTrip, "find", broken)
    result = CliRunner().invoke(
        scan, ["--ledger", str(ledger.path), "--out", str(tmp_path), "--quiet"], standalone_mode=False
    )
    assert result.return_value == 4
    assert json.loads((tmp_path / "run.json").read_text())["failed"].keys() == {"round-trip"}
    assert "was not answered" in (tmp_path / "report.html").read_text()


def test_a_disabled_detector_is_listed_as_skipped(ledger, tmp_path):
    facts = run_scan(ledger, tmp_path, settings=resolve({"detectors": {"round-trip": {"enabled": False}}}, "t")).facts
    assert not [finding for finding in facts.findings if finding.detector == "round-trip"]
    assert any(note.kind == "skipped" and "round-trip" in note.sentence for note in facts.notes)


def test_alerts_below_the_capacity_are_listed_not_told(ledger, tmp_path):
    facts = run_scan(ledger, tmp_path, settings=resolve({"scan": {"capacity": 1}}, "t")).facts
    assert len(facts.to_read) == 1
    page = (tmp_path / "report.html").read_text()
    assert "below the line of 1 that can be looked at" in page
    assert all(alert.alert_id in page for alert in facts.alerts)
    assert len(json.loads((tmp_path / "alerts.json").read_text())) == len(facts.alerts)


def test_surprise_can_be_switched_off(ledger, tmp_path):
    facts = run_scan(ledger, tmp_path, settings=resolve({"scan": {"shuffles": 0}}, "t")).facts
    assert all(finding.surprise is None for finding in facts.findings)


def test_every_file_of_a_scan_bears_the_banner(scanned):
    # A workbook is packed; its own test opens it.
    for name in FILES - {"alerts.xlsx"}:
        assert BANNER in " ".join((scanned / name).read_text(encoding="utf-8", errors="replace").split()), name


def test_an_exempt_account_is_not_told_and_the_run_sheet_counts_what_was_hidden(ledger, scanned, tmp_path):
    def alerts(folder):
        return {one["alert_id"]: one for one in json.loads((folder / "alerts.json").read_text())}

    exempt = {"id": "funnel", "owner": "safeguarding lead", "reason": "a shelter's", "expires": date(2030, 1, 1)}
    run_scan(ledger, tmp_path, settings=resolve({"exemptions": [exempt]}, "test"))
    hidden = alerts(scanned).keys() - alerts(tmp_path).keys()
    sheet = json.loads((tmp_path / "run.json").read_text())
    assert {alerts(scanned)[id_]["accounts"][0]["account_id"] for id_ in hidden} == {"funnel"}
    assert {one["alert_id"] for one in sheet["exempted"]} == hidden
    assert any(all(id_ in note["sentence"] for id_ in hidden) for note in sheet["left_out"])
    assert not any(word in (tmp_path / name).read_bytes() for word in (b"shelter",) for name in FILES)
