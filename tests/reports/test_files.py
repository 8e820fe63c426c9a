from __future__ import annotations

import io
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.files import files
from reports.report import page

ALERT_FIELDS = {
    *("alert_id", "tier", "typology", "score", "title", "accounts", "payments", "indicators", "legs", "mitigations"),
    *("not_computable", "would_clear", "sources", "first_at", "last_at", "route"),
}
"""The outside contract, `Output of a scan`."""


def written(facts):
    return files(facts, page(facts))


@pytest.fixture(scope="module")
def made(night):
    scores = pa.table({"account_id": ["ACC-40117", "ACC-9000"], "fan_in": [0.8, 0.3], "rank_score": [0.7, 0.2]})
    return written(replace(night, account_scores=scores))


def test_the_files_are_those_of_the_contract(made):
    assert list(made) == [
        *("account_scores.parquet", "alerts.csv", "alerts.json", "alerts.parquet", "alerts.xlsx"),
        *("findings.parquet", "report.html", "summary.txt"),
    ]


def test_the_same_facts_give_the_same_bytes(made, night):
    again = written(replace(night, findings=night.findings[::-1]))
    assert all(
        again[name] == made[name] for name in ("alerts.json", "alerts.parquet", "findings.parquet", "report.html")
    )


def test_alerts_have_the_fields_of_the_contract_in_both_formats(made):
    rows = json.loads(made["alerts.json"])
    table = pq.read_table(io.BytesIO(made["alerts.parquet"]))
    assert rows[0].keys() >= ALERT_FIELDS
    assert rows[0].keys() == set(table.column_names)
    assert rows[0]["accounts"][0].keys() == {"account_id", "likely_role"}
    assert rows[0]["indicators"][0].keys() == {"id", "score", "support", "sentence", "payments"}
    assert list(rows[0]["legs"]) == ["REV", "OPS", "CTL", "MOV", "CTX"]
    assert rows[0]["first_at"] == "2026-03-02T19:40:00Z"


def test_json_and_parquet_say_the_same(made):
    rows = json.loads(made["alerts.json"])
    table = pq.read_table(io.BytesIO(made["alerts.parquet"])).to_pylist()
    for row, other in zip(rows, table, strict=True):
        times = {"first_at", "last_at"}
        assert {key: value for key, value in row.items() if key not in times} == {
            key: value for key, value in other.items() if key not in times
        }
        assert other["first_at"].isoformat() == row["first_at"].replace("Z", "+00:00")


def test_findings_keep_their_reasons(made, night):
    rows = pq.read_table(io.BytesIO(made["findings.parquet"])).to_pylist()
    assert {row["finding_id"] for row in rows} == {finding.finding_id for finding in night.findings}
    assert rows[0].keys() >= {
        *("finding_id", "detector", "accounts", "payments", "first_at", "last_at", "strength", "reasons"),
    }
    assert all(row["reasons"][0]["sentence"] for row in rows)


def test_account_scores_hold_one_row_per_account(made):
    table = pq.read_table(io.BytesIO(made["account_scores.parquet"]))
    assert table.column_names[0] == "account_id"
    assert table.column_names[-1] == "rank_score"


def test_a_scan_without_findings_still_writes_every_file(night):
    empty = written(replace(night, alerts=(), findings=(), payments=night.payments.slice(0, 0)))
    assert json.loads(empty["alerts.json"]) == []
    assert pq.read_table(io.BytesIO(empty["findings.parquet"])).num_rows == 0
    assert pq.read_table(io.BytesIO(empty["account_scores.parquet"])).num_rows == 0
