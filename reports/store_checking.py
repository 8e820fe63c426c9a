"""Whether the store still holds what was written into it.

Every row is held against the audit log, and each that was changed, taken out or put in by hand is named. The log has
a hash of all that it does not hold itself. What was erased by rule is not missed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from reports import audit
from reports.audit import Entry
from reports.delta import ABSENT
from reports.store_recording import evidence_hash
from reports.store_run import canonical, digest
from reports.store_suppressing import suppressions
from reports.store_tables import (
    ALERTS,
    CHANGES,
    EVIDENCE,
    EXEMPTIONS,
    FINDINGS,
    JUDGEMENTS,
    NOTES,
    RUNS,
    VERSIONS,
)

Row = Mapping[Any, Any]

NOTHING: Final = sha256(canonical({}).encode()).hexdigest()
"""Of an alert of whose account nothing was measured; the log does not name it."""


def wrong(connection: sa.Connection, key: bytes | None) -> Iterator[str]:
    """Say everything that is not as it was written; nothing if all of it is.

    Parameters
    ----------
    key : bytes or None
        With which the head of the audit log was signed; None leaves a signature unchecked.
    """
    yield from audit.broken(connection, key)
    log: dict[str, list[Entry]] = defaultdict(list)
    for entry in audit.entries(connection):
        log[entry.action].append(entry)
    erased = {entry.subject for entry in log["erased"]}
    yield from _runs(connection, log["recorded"])
    versions = {(row["alert_id"], row["version"]): row for row in _rows(connection, VERSIONS)}
    yield from _versions(connection, log["recorded"], versions, erased)
    yield from _alerts(connection, log, versions, erased)
    yield from _said(connection, log, erased)
    yield from _suppressions(connection, log)


def _rows(connection: sa.Connection, table: sa.Table) -> Sequence[Row]:
    return connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings().all()


def _runs(connection: sa.Connection, recorded: Sequence[Entry]) -> Iterator[str]:
    """Hold runs, and what changed and was exempted in them, against the log."""
    runs = {row["run_id"]: row for row in _rows(connection, RUNS)}
    changes, exemptions = _by_run(connection, CHANGES), _by_run(connection, EXEMPTIONS)
    for entry in recorded:
        row, said = runs.pop(entry.subject, None), entry.detail
        if row is None:
            yield f"run {entry.subject} is missing"
            continue
        held = {
            "run": row["number"],
            "ledger_version": row["ledger_version"],
            "as_of": row["as_of"].isoformat(),
            "sheet": sha256(row["sheet"].encode()).hexdigest(),
            "outputs": sha256(row["outputs"].encode()).hexdigest(),
            "changes": digest(changes[row["number"]]),
            "exemptions": digest(exemptions[row["number"]]),
        }
        for name, value in held.items():
            if said[name] != value:
                yield f"run {entry.subject}: {name.replace('_', ' ')} is not what was recorded"
        if row["recorded_at"] != entry.at:
            yield f"run {entry.subject}: the time is not what was recorded"
    yield from (f"run {run_id} was never recorded" for run_id in runs)


def _by_run(connection: sa.Connection, table: sa.Table) -> dict[int, list[dict[str, Any]]]:
    by_run: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(connection, table):
        by_run[row["run"]].append(
            {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        )
    return by_run


def _versions(
    connection: sa.Connection,
    recorded: Sequence[Entry],
    versions: Mapping[tuple[str, int], Row],
    erased: set[str],
) -> Iterator[str]:
    """Hold versions of alerts, with the findings and evidence of each, against the log."""
    expected = {
        (alert_id, int(version)): hash_
        for entry in recorded
        for name, hash_ in entry.detail["versions"].items()
        for alert_id, version in [name.split()]
    }
    measured = {name: hash_ for entry in recorded for name, hash_ in entry.detail.get("measured", {}).items()}
    findings, evidence = _held(connection, FINDINGS), _held(connection, EVIDENCE)
    for (alert_id, version), hash_ in expected.items():
        place = f"alert {alert_id}, version {version}"
        row = versions.get((alert_id, version))
        if row is None:
            if alert_id not in erased:
                yield f"{place}: missing"
            continue
        content = json.loads(row["content"])
        rests_on = {one["finding_id"]: one for one in findings[alert_id] if _holds(one, version)}
        for id_ in sorted(set(content["findings"]) - rests_on.keys()):
            yield f"{place}: finding {id_} is missing"
        for id_, one in sorted(rests_on.items()):
            if sha256(one["content"].encode()).hexdigest() != one["content_hash"]:
                yield f"{place}: finding {id_} was changed"
        hashes = {id_: one["content_hash"] for id_, one in sorted(rests_on.items())}
        if hash_ != row["content_hash"] or hash_ != digest([content, hashes]):
            yield f"{place}: it is not what was recorded"
        if measured.get(f"{alert_id} {version}", NOTHING) != sha256(row["measured"].encode()).hexdigest():
            yield f"{place}: what was measured of its account is not what was recorded"
        shown = {one["payment_id"] for one in evidence[alert_id] if _holds(one, version)}
        if shown != set(content["payments"]):
            yield f"{place}: its evidence is not what was recorded"
    for alert_id, version in sorted(versions.keys() - expected.keys()):
        yield f"alert {alert_id}, version {version}: it was never recorded"


def _held(connection: sa.Connection, table: sa.Table) -> dict[str, list[Row]]:
    by_alert: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(connection, table):
        by_alert[row["alert_id"]].append(row)
    return by_alert


def _holds(row: Row, version: int) -> bool:
    return bool(row["first_version"] <= version and (row["last_version"] is None or version <= row["last_version"]))


def _alerts(
    connection: sa.Connection,
    log: Mapping[str, Sequence[Entry]],
    versions: Mapping[tuple[str, int], Row],
    erased: set[str],
) -> Iterator[str]:
    """Hold the alerts as they stand against their versions, their changes and what people did."""
    last_change = {row["alert_id"]: row for row in sorted(_rows(connection, CHANGES), key=lambda row: row["run"])}
    last_version: dict[str, int] = {}
    for alert_id, version in versions:
        last_version[alert_id] = max(version, last_version.get(alert_id, 0))
    people = {
        "assignee": {entry.subject: entry.detail["to"] for entry in log["assigned"]},
        "escalated_by": {entry.subject: entry.who for entry in log["escalated"]},
        "facts_on": {entry.subject: entry.detail["on"] for entry in log["facts"]},
    }
    alerts = {row["alert_id"]: row for row in _rows(connection, ALERTS)}
    yield from (f"alert {alert_id}: missing" for alert_id in sorted(last_change.keys() - alerts.keys()))
    for alert_id, row in alerts.items():
        if alert_id in erased:
            continue
        newest = versions.get((alert_id, last_version.get(alert_id, 0)))
        change = last_change.get(alert_id)
        if newest is None or change is None:
            yield f"alert {alert_id}: it was never recorded"
            continue
        content = json.loads(newest["content"])
        stands = {
            "version": newest["version"],
            "content_hash": newest["content_hash"],
            "evidence_hash": evidence_hash(content["tier"], content["payments"]),
            "subjects": canonical(sorted(content["subjects"])),
            "present": change["state"] not in ABSENT,
            **{name: content[name] for name in ("tier", "typology", "score")},
        }
        for name, value in stands.items():
            if row[name] != value:
                yield f"alert {alert_id}: {name.replace('_', ' ')} is not what was recorded"
        for name, said in people.items():
            held = row[name].isoformat() if isinstance(row[name], date) else row[name] or ""
            if held != said.get(alert_id, ""):
                yield f"alert {alert_id}: {name.replace('_', ' ')} is not what was logged"


def _said(connection: sa.Connection, log: Mapping[str, Sequence[Entry]], erased: set[str]) -> Iterator[str]:
    """Hold judgements and notes against the log."""
    for action, table in (("judged", JUDGEMENTS), ("noted", NOTES)):
        what = table.name.removesuffix("s")
        rows = {row["number"]: row for row in _rows(connection, table)}
        for entry in log[action]:
            row = rows.pop(entry.number, None)
            if row is None:
                # An alert that was erased and came back may have been judged again.
                if entry.subject not in erased:
                    yield f"{what} {entry.number} of alert {entry.subject} is missing"
                continue
            held = {"hash": digest(row["text"])} if action == "noted" else {}
            held |= {name: row[name] for name in entry.detail if name != "hash"}
            if (row["alert_id"], row["who"], row["at"], held) != (entry.subject, entry.who, entry.at, entry.detail):
                yield f"{what} {entry.number} of alert {entry.subject} is not what was logged"
        yield from (f"{what} {number} was never logged" for number in rows)


def _suppressions(connection: sa.Connection, log: Mapping[str, Sequence[Entry]]) -> Iterator[str]:
    """Hold suppressions against the log."""
    found = {one.number: one for one in suppressions(connection)}
    lifted = {int(entry.subject): (entry.who, entry.at) for entry in log["lifted"]}
    for entry in log["suppressed"]:
        one = found.pop(entry.number, None)
        if one is None:
            yield f"suppression {entry.number} is missing"
        elif one.hash != entry.detail["hash"] or (one.lifted_by, one.lifted_at) != lifted.get(one.number, ("", None)):
            yield f"suppression {entry.number} is not what was logged"
    yield from (f"suppression {number} was never logged" for number in found)
