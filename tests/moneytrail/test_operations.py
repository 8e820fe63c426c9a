"""What a run leaves for machines: logs, figures and lineage, none of which names anybody; and who starts runs."""

from __future__ import annotations

import configparser
import json
import logging
import os
import re
import runpy
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from flows.errors import InputError, LockedError, StoreError
from moneytrail.operations import Watched, events, metrics, watched
from moneytrail.settings import OperationsSettings
from tests.moneytrail.nights import DAY_ZERO, Bank, Row

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"

# Marked so that they are found wherever they get to: an account, an account elsewhere, a name and an amount.
CANARIES = ("CANARYACCT", "CANARYEXT", "Canary Name", "7654321")
WATCHED = """
[operations]
metrics = "metrics/moneytrail.prom"
lineage = "lineage"
"""

RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventTime": {"type": "string", "format": "date-time"},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"type": "string", "format": "uri"},
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": {"$ref": "#/$defs/facets"}},
        },
        "job": {
            "type": "object",
            "required": ["namespace", "name"],
            "properties": {"namespace": {"type": "string"}, "name": {"type": "string"}},
        },
        "inputs": {"type": "array", "items": {"$ref": "#/$defs/dataset"}},
        "outputs": {"type": "array", "items": {"$ref": "#/$defs/dataset"}},
    },
    "$defs": {
        "dataset": {
            "type": "object",
            "required": ["namespace", "name"],
            "properties": {
                "namespace": {"type": "string"},
                "name": {"type": "string"},
                "inputFacets": {"$ref": "#/$defs/facets"},
            },
        },
        "facets": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["_producer", "_schemaURL"],
                "properties": {
                    "_producer": {"type": "string", "format": "uri"},
                    "_schemaURL": {"type": "string", "format": "uri"},
                },
            },
        },
    },
}
"""What the specification of OpenLineage (2-0-2, `RunEvent`) requires of an event."""


def command(*words, cwd):
    program = [sys.executable, "-m", "moneytrail", *map(str, words)]
    path = {"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", "")}
    return subprocess.run(program, cwd=cwd, env=path, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory):
    """Give the folder of a bank of marked customers after a night that went well and a few commands that did not."""
    folder = tmp_path_factory.mktemp("canary")
    made = Bank(folder / "bank", more=WATCHED)
    at = DAY_ZERO + timedelta(days=3, hours=9)
    ring = [f"CANARYACCT{number}" for number in range(5)]
    rows = [
        Row(f"p{number}", payer, ring[(number + 1) % 5], 765432100 - number, at + timedelta(hours=number), "instant")
        for number, payer in enumerate(ring)
    ]
    rows.append(Row("p9", "ext:CANARYEXT1", ring[0], 765432100, at, "p2p"))
    sent = made.send("first", rows)
    broken = folder / "broken.csv"
    broken.write_text(sent.read_text().replace("EUR", "Canary Name").replace(",instant", ",CANARYACCT99"))
    log = ("--log-format", "json", "--log-file", folder / "log.jsonl")
    why = ("--reason", "Canary Name", "--until", f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}")
    done = [
        command(*log, "night", "--settings", made.settings, "--quiet", cwd=folder),
        command(*log, "ingest", "--ledger", folder / "other", "--payments", broken, "--quiet", cwd=folder),
        command(*log, "trace", "--ledger", made.folder / "ledger", "--payment", "CANARYACCT5", cwd=folder),
        command("--log-format", "json", "scan", "--ledger", made.folder / "ledger", "--out", made.settings, cwd=folder),
        command(*log, "alerts", "list", "--settings", made.settings, cwd=folder),
        command(*log, "alerts", "suppress", "--account", "CANARYACCT77", *why, "--settings", made.settings, cwd=folder),
    ]
    return made, folder, done


def test_the_commands_did_what_they_were_given_for(after_a_night):
    _, _, (night, ingest, trace, scan, listed, suppressed) = after_a_night
    assert [one.returncode for one in (night, listed)] == [0, 0], night.stderr
    assert [one.returncode != 0 for one in (ingest, trace, scan, suppressed)] == [True] * 4


def test_no_canary_is_in_any_log_figure_or_lineage(after_a_night):
    made, folder, done = after_a_night
    written = [folder / "log.jsonl", *made.folder.glob("metrics/*"), *made.folder.glob("lineage/*")]
    assert len(written) == 3
    # What was asked for by name may be said back to whoever asked; logs never.
    said = [path.read_text(encoding="utf-8") for path in written] + [done[3].stderr, done[4].stdout, done[5].stderr]
    assert not [canary for canary in CANARIES for text in said if canary in text]
    assert "CANARYACCT" in (made.folder / "inbox" / "payments" / "first.csv").read_text()


def test_every_line_of_a_log_is_an_event_with_its_time(after_a_night):
    _, folder, done = after_a_night
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(datetime.fromisoformat(line["time"]) and line["level"] and line["event"] for line in lines)
    began = [line["command"] for line in lines if line["event"] == "command began"]
    ended = [line["exit_code"] for line in lines if line["event"] == "command ended"]
    assert began == ["night", "ingest", "trace", "alerts", "alerts"]
    assert ended == [one.returncode for one in (*done[:3], *done[4:])]
    steps = {line["step"] for line in lines if line["event"] == "step ended"}
    assert "writing the report" in steps


def test_a_log_on_standard_error_is_nothing_but_events_until_the_answer(after_a_night):
    scan = after_a_night[2][3]
    events_, _, answer = scan.stderr.partition("StoreError:")
    assert [json.loads(line)["event"] for line in events_.splitlines()][-1] == "command ended"
    assert answer


def test_figures_are_those_of_the_night_and_may_be_read_by_a_collector(after_a_night):
    made, _, _ = after_a_night
    path = made.folder / "metrics" / "moneytrail.prom"
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o444 == 0o444
    sample = re.compile(r'moneytrail_[a-z_]+\{job="night"(,[a-z]+="[^"\\\n]*")*\} [-+0-9.e]+')
    for line in text.splitlines():
        assert line.startswith(("# HELP moneytrail_", "# TYPE moneytrail_")) or sample.fullmatch(line), line
    assert 'moneytrail_last_run_success{job="night"} 1.0' in text
    assert 'moneytrail_rows_kept{job="night"} 6.0' in text
    assert [path.name for path in path.parent.iterdir()] == ["moneytrail.prom"]


def test_lineage_says_start_and_end_as_the_specification_asks(after_a_night):
    made, _, _ = after_a_night
    [path] = made.folder.glob("lineage/*.jsonl")
    start, end = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    checker = jsonschema.Draft202012Validator(RUN_EVENT, format_checker=jsonschema.FormatChecker())
    for event in (start, end):
        checker.validate(event)
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    [read] = end["inputs"]
    assert (read["name"], read["inputFacets"]["dataQualityMetrics"]["rowCount"]) == ("first.csv", 6)


def test_a_run_that_fails_says_so_and_the_error_goes_on(tmp_path):
    with pytest.raises(InputError), watched("scan", OperationsSettings("m.prom", "l"), tmp_path):
        raise InputError("no payments")
    assert 'moneytrail_last_run_success{job="scan"} 0.0' in (tmp_path / "m.prom").read_text()
    assert 'moneytrail_last_run_exit_code{job="scan"} 3.0' in (tmp_path / "m.prom").read_text()
    [path] = (tmp_path / "l").iterdir()
    assert json.loads(path.read_text().splitlines()[1])["eventType"] == "FAIL"


def test_a_run_that_was_turned_away_leaves_the_figures_of_the_last_one(tmp_path):
    to = OperationsSettings(metrics="moneytrail.prom", lineage="lineage")
    with watched("night", to, tmp_path):
        pass
    before = sorted((path, path.read_bytes()) for path in tmp_path.rglob("*.*"))
    with pytest.raises(LockedError), watched("night", to, tmp_path):
        raise LockedError("another run is writing here")
    assert sorted((path, path.read_bytes()) for path in tmp_path.rglob("*.*")) == before


def test_figures_that_cannot_be_written_are_an_error_that_says_the_results_are_there(tmp_path):
    (tmp_path / "m").write_text("in the way")
    with (
        pytest.raises(StoreError, match="results of the run are written"),
        watched("scan", OperationsSettings(metrics="m/x.prom"), tmp_path),
    ):
        pass


def test_nothing_is_written_where_nobody_asked(tmp_path):
    with watched("scan", OperationsSettings(), tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
    assert not logging.getLogger("moneytrail").handlers


def test_the_same_run_has_the_same_name_in_lineage():
    at = DAY_ZERO
    first, again = (list(events("scan", Watched(), at, at, failed=False)) for _ in range(2))
    assert first == again
    assert metrics("scan", Watched(), at, at, failed=False) == metrics("scan", Watched(), at, at, failed=False)


def test_cron_and_systemd_run_the_night_with_its_settings():
    [cron] = [line for line in (EXAMPLES / "crontab").read_text().splitlines() if line and line[0].isdigit()]
    service = configparser.ConfigParser(strict=False)
    service.read(EXAMPLES / "moneytrail-night.service")
    timer = configparser.ConfigParser()
    timer.read(EXAMPLES / "moneytrail-night.timer")
    for line in (cron.split(maxsplit=5)[5], service["Service"]["ExecStart"]):
        words = shlex.split(line)
        assert words[words.index("night") + 1] == "--settings", line
    assert "4" in service["Service"]["SuccessExitStatus"].split()
    assert timer["Timer"]["Persistent"] == "true"


@pytest.fixture
def night_for_nothing(tmp_path, monkeypatch):
    """Put a program named moneytrail first on the path, which leaves with the code of the environment."""
    program = tmp_path / "moneytrail"
    program.write_text('#!/bin/sh\necho "$@" >> "$MONEYTRAIL_SAID"\nexit "${MONEYTRAIL_CODE:-0}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("MONEYTRAIL_SAID", str(tmp_path / "said"))
    monkeypatch.setenv("MONEYTRAIL_SETTINGS", "bank.toml")
    return tmp_path / "said"


@pytest.mark.parametrize(("code", "well"), [(0, True), (4, True), (5, True), (3, False)])
def test_a_dagster_job_runs_the_night(night_for_nothing, monkeypatch, code, well):
    pytest.importorskip("dagster", reason="dagster is not installed: its example is not run here")
    monkeypatch.setenv("MONEYTRAIL_CODE", str(code))
    made = runpy.run_path(str(EXAMPLES / "dagster_job.py"))
    assert made["moneytrail_night"].execute_in_process(raise_on_error=False).success is well
    assert "night --settings bank.toml" in night_for_nothing.read_text()


@pytest.mark.parametrize(("code", "well"), [(0, True), (4, True), (3, False)])
def test_an_airflow_task_runs_the_night(night_for_nothing, monkeypatch, code, well):
    pytest.importorskip("airflow.sdk", reason="Airflow is not installed: its example is not run here")
    monkeypatch.setenv("MONEYTRAIL_CODE", str(code))
    task = runpy.run_path(str(EXAMPLES / "airflow_dag.py"))["night"]
    if well:
        task.function()
    else:
        with pytest.raises(Exception, match="code 3"):
            task.function()
    assert "night --settings bank.toml" in night_for_nothing.read_text()
