"""Recording a night: the alerts of a run compared with those of the store, and what changed written down.

Everything here happens in the one transaction that `reports.store.Store.record` opens.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from detectors.finding import Finding
from flows.errors import StoreError
from reports.alert import Alert
from reports.alert_rows import as_json
from reports.delta import ABSENT, Because, State
from reports.delta_matching import Standing, match
from reports.store_run import Run, canonical, digest
from reports.store_tables import ALERTS, CHANGES, EVIDENCE, EXEMPTIONS, FINDINGS, RUNS, VERSIONS

Counted = Callable[[Collection[str]], Collection[str]]
"""Gives those of some payment ids that still count in the ledger that was looked at."""

QUIET_AFTER: Final = timedelta(days=30)
"""An alert is quiet when its last payment lies this far back (ours: what comes by the month would have come again)."""

AT_ONCE: Final = 500
"""Values bound in one question to the database; SQLite of any version takes as many."""

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Told:
    """An alert of today as the store keeps it."""

    scan_id: str
    alert: Alert
    content: dict[str, Any]
    findings: dict[str, Row]
    evidence_hash: str

    @property
    def content_hash(self) -> str:
        """Hash of the alert and of the findings it rests on."""
        return digest([self.content, {id_: row["content_hash"] for id_, row in sorted(self.findings.items())}])

    @property
    def measured(self) -> str:
        """What is measured of the account it is about. No part of its content: that is not new every night."""
        return canonical(dict(self.alert.measured))

    @property
    def standing(self) -> Standing:
        """What its identity is found by."""
        return Standing(
            self.scan_id,
            self.alert.tier == "support",
            self.alert.typology,
            frozenset(self.alert.subjects),
            frozenset(self.alert.payments),
        )


def content_of(alert: Alert) -> dict[str, Any]:
    """Give what the store keeps of an alert: the row of the contract, why, and whom it is about."""
    row = as_json(alert)
    del row["restricted"], row["line"]
    return {**row, "why": alert.why, "subjects": list(alert.subjects)}


def told_of(alerts: Iterable[Alert], findings: Iterable[Finding]) -> list[Told]:
    """Prepare the alerts of a run, in the order of the ids that the scan gave them."""
    alerts = list(alerts)
    named = {id_ for alert in alerts for id_ in alert.findings}
    by_id = {one.finding_id: _finding_row(one) for one in findings if one.finding_id in named}
    return [
        Told(
            alert.alert_id,
            alert,
            content_of(alert),
            {id_: by_id[id_] for id_ in alert.findings if id_ in by_id},
            evidence_hash(alert.tier, alert.payments),
        )
        for alert in sorted(alerts, key=lambda alert: alert.alert_id)
    ]


def _finding_row(finding: Finding) -> dict[str, Any]:
    content = {
        "version": finding.version,
        "centre": finding.centre,
        "accounts": list(finding.accounts),
        "payments": list(finding.payments),
        "strength": finding.strength,
        "surprise": finding.surprise,
        "reasons": [reason.sentence for reason in finding.reasons],
    }
    return {
        "finding_id": finding.finding_id,
        "detector": finding.detector,
        "content": canonical(content),
        "content_hash": digest(content),
    }


def evidence_hash(tier: str, payments: Iterable[str]) -> str:
    """Name the evidence of an alert: equal payments, equal name, but help and inquiry are never the same alert."""
    return sha256("\n".join([str(tier == "support"), *sorted(payments)]).encode()).hexdigest()


def latest_run(connection: sa.Connection) -> Row | None:
    """Give the run that was recorded last."""
    row = connection.execute(sa.select(RUNS).order_by(RUNS.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else row._mapping


def write_run(connection: sa.Connection, run: Run, before: Row | None, at: int) -> Row:
    """Give a run its number and write its row.

    Raises
    ------
    StoreError
        If the store has seen a later state of the ledger or a later day.
    """
    if before is not None and (run.ledger_version < before["ledger_version"] or run.as_of < before["as_of"]):
        raise StoreError(
            "a night cannot be recorded after a later one",
            where=f"ledger version {run.ledger_version}, as of {run.as_of}; the store has {before['ledger_version']}, "
            f"{before['as_of']}",
            try_="scan the newest ledger, or look at the past with `moneytrail scan --as-of`, which records nothing",
        )
    again = connection.scalar(sa.select(sa.func.count()).where(RUNS.c.key == run.key)) or 0
    row = {
        "number": 1 if before is None else before["number"] + 1,
        # The same again after another one in between: settings that were changed and changed back.
        "run_id": f"{run.key}-{again + 1}" if again else run.key,
        "key": run.key,
        "ledger_version": run.ledger_version,
        "settings_hash": run.settings_hash,
        "program": run.program,
        "as_of": run.as_of,
        "recorded_at": at,
        "sheet": canonical(run.sheet),
        "outputs": canonical(run.outputs),
    }
    connection.execute(RUNS.insert(), row)
    return row


class Recording:
    """The comparison of one run with the store, and the rows that come of it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In its transaction.
    run : Row
        Row of the run in the table of runs, with the hidden alerts of its sheet.
    before : Row or None
        Row of the run before.
    counted : Counted or None
        Which payments still count.
    """

    def __init__(
        self, connection: sa.Connection, run: Row, before: Row | None, exempted: Sequence[Row], counted: Counted | None
    ) -> None:
        self._connection = connection
        self._run = run
        self._before = before
        self._exempted = exempted
        self._counted = counted
        self._known = {row.alert_id: row._mapping for row in connection.execute(sa.select(ALERTS))}
        self._evidence: dict[str, frozenset[str]] = {}

    def write(self, told: Sequence[Told]) -> dict[str, Any]:
        """Write alerts, versions, evidence, findings and changes; give what the audit log is to say of it."""
        heirs, merged, split = self._who_is_who(told)
        self._load_evidence(self._losing(told, heirs))
        lost = self._no_longer_counted(told, heirs)
        changes: list[dict[str, Any]] = []
        versions: dict[str, str] = {}
        measured: dict[str, str] = {}
        for one in told:
            alert_id = heirs[one.scan_id]
            old = self._known.get(alert_id)
            change = self._change(alert_id, old, one, split.get(one.scan_id, ""), lost)
            version = self._write_alert(alert_id, old, one, change["state"])
            if version is not None:
                versions[f"{alert_id} {version}"] = one.content_hash
                if one.alert.measured:
                    measured[f"{alert_id} {version}"] = sha256(one.measured.encode()).hexdigest()
            carried = None if old is None or not old["present"] else _carried(old["state"])
            if change["state"] != carried or change["tier"] != change["tier_before"]:
                changes.append(change)
        told_now = set(heirs.values())
        for alert_id, old in sorted(self._known.items()):
            if old["present"] and alert_id not in told_now:
                changes.append(self._leaving(alert_id, old, heirs.get(merged.get(alert_id, ""), ""), lost))
        self._insert(CHANGES, changes)
        exemptions = self._write_exemptions()
        return {
            "run": self._run["number"],
            "ledger_version": self._run["ledger_version"],
            "as_of": self._run["as_of"].isoformat(),
            "sheet": sha256(self._run["sheet"].encode()).hexdigest(),
            "outputs": sha256(self._run["outputs"].encode()).hexdigest(),
            "alerts": len(told),
            "versions": versions,
            "measured": measured,
            "changes": digest(sorted(changes, key=lambda change: change["alert_id"])),
            "exemptions": digest(exemptions),
        }

    def _who_is_who(self, told: Sequence[Told]) -> tuple[dict[str, str], Mapping[str, str], dict[str, str]]:
        """Give the lasting id of each alert of today, and what was merged and split."""
        known: dict[str, list[str]] = {}
        for alert_id, row in self._known.items():
            if row["present"]:
                known.setdefault(row["evidence_hash"], []).append(alert_id)
        alike: dict[str, list[Told]] = {}
        for one in told:
            alike.setdefault(one.evidence_hash, []).append(one)
        # The very same payments come before all others in matching: most alerts of most nights are settled by this.
        heirs = {
            ones[0].scan_id: known[hash_][0]
            for hash_, ones in alike.items()
            if len(ones) == 1 and len(known.get(hash_, ())) == 1
        }
        rest = [one.standing for one in told if one.scan_id not in heirs]
        matched = match(self._earlier(rest, set(heirs.values())), rest)
        heirs.update(matched.heirs)
        taken = set(self._known)
        for one in told:
            if one.scan_id not in heirs:
                heirs[one.scan_id] = self._free(one.scan_id, taken)
                taken.add(heirs[one.scan_id])
        return heirs, matched.merged, dict(matched.split)

    def _earlier(self, rest: Sequence[Standing], settled: Collection[str]) -> list[Standing]:
        """Give the alerts of the nights before that may go on in the rest of today's."""
        about = {(one.help, one.typology, one.subjects) for one in rest if one.subjects}
        payments = set().union(*(one.payments for one in rest)) if rest else set()
        sharing: set[str] = set()
        for some in _in_pieces(sorted(payments)):
            asked = sa.select(EVIDENCE.c.alert_id).where(EVIDENCE.c.payment_id.in_(some)).distinct()
            sharing.update(self._connection.scalars(asked.where(EVIDENCE.c.last_version.is_(None))))
        maybe = {
            alert_id: row
            for alert_id, row in self._known.items()
            if alert_id not in settled
            and (row["present"] or alert_id in sharing or (row["help"], row["typology"], _subjects(row)) in about)
        }
        self._load_evidence(maybe)
        return [
            Standing(
                alert_id,
                row["help"],
                row["typology"],
                _subjects(row),
                self._evidence[alert_id],
                row["present"],
                row["first_run"],
            )
            for alert_id, row in maybe.items()
        ]

    def _load_evidence(self, alert_ids: Iterable[str]) -> None:
        wanted = sorted(set(alert_ids) - self._evidence.keys())
        found: dict[str, set[str]] = {alert_id: set() for alert_id in wanted}
        for some in _in_pieces(wanted):
            asked = sa.select(EVIDENCE.c.alert_id, EVIDENCE.c.payment_id).where(EVIDENCE.c.alert_id.in_(some))
            for alert_id, payment_id in self._connection.execute(asked.where(EVIDENCE.c.last_version.is_(None))):
                found[alert_id].add(payment_id)
        self._evidence.update({alert_id: frozenset(ids) for alert_id, ids in found.items()})

    def _free(self, scan_id: str, taken: Collection[str]) -> str:
        """Give an alert the id of the scan, or one made from it where an older alert has that."""
        alert_id, tried = scan_id, 0
        while alert_id in taken:
            tried += 1
            alert_id = "A-" + digest([scan_id, self._run["run_id"], tried])[:12]
        return alert_id

    def _losing(self, told: Sequence[Told], heirs: Mapping[str, str]) -> set[str]:
        """Give the alerts that are gone, or whose evidence is another."""
        same = {heirs[one.scan_id] for one in told if self._same_evidence(heirs[one.scan_id], one)}
        return {alert_id for alert_id, row in self._known.items() if alert_id not in same and row["present"]} | {
            heirs[one.scan_id] for one in told if heirs[one.scan_id] in self._known.keys() - same
        }

    def _same_evidence(self, alert_id: str, one: Told) -> bool:
        return alert_id in self._known and self._known[alert_id]["evidence_hash"] == one.evidence_hash

    def _no_longer_counted(self, told: Sequence[Told], heirs: Mapping[str, str]) -> frozenset[str]:
        """Ask once which payments that alerts lost do not count any more."""
        if self._counted is None:
            return frozenset()
        now = {heirs[one.scan_id]: frozenset(one.alert.payments) for one in told}
        missing = set().union(
            *(
                self._evidence[alert_id] - now.get(alert_id, frozenset())
                for alert_id, row in self._known.items()
                if row["present"] and alert_id in self._evidence
            )
        )
        return frozenset(missing - set(self._counted(sorted(missing)))) if missing else frozenset()

    def _change(
        self, alert_id: str, old: Row | None, one: Told, split_from: str, lost: frozenset[str]
    ) -> dict[str, Any]:
        now = frozenset(one.alert.payments)
        then = frozenset() if old is None else now if self._same_evidence(alert_id, one) else self._evidence[alert_id]
        added, missing = now - then, then - now
        state: State = "unchanged"
        if old is None:
            state = "new"
        elif not old["present"]:
            state = "returned"
        elif added:
            state = "grown"
        elif missing:
            state = "shrunk"
        elif one.alert.last_at < _end_of(self._run["as_of"] - QUIET_AFTER):
            state = "quiet"
        return {
            "run": self._run["number"],
            "alert_id": alert_id,
            "state": state,
            "because": self._because(missing, one.scan_id, lost) if missing and old and old["present"] else "",
            "tier": one.alert.tier,
            "tier_before": "" if old is None or not old["present"] else old["tier"],
            "added": len(added),
            "lost": len(missing),
            "into": "",
            "split_from": split_from,
        }

    def _leaving(self, alert_id: str, old: Row, into: str, lost: frozenset[str]) -> dict[str, Any]:
        """Say of an alert that is not told any more what became of it."""
        state: State = "merged" if into else "gone"
        scan_id = self._connection.scalars(
            sa.select(VERSIONS.c.scan_id).where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.version == old["version"])
        ).one()
        evidence = self._evidence[alert_id]
        self._connection.execute(
            ALERTS.update().where(ALERTS.c.alert_id == alert_id).values(present=False, state=state)
        )
        return {
            "run": self._run["number"],
            "alert_id": alert_id,
            "state": state,
            "because": "" if into else self._because(evidence, scan_id, lost),
            "tier": old["tier"],
            "tier_before": old["tier"],
            "added": 0,
            "lost": 0 if into else len(evidence),
            "into": into,
            "split_from": "",
        }

    def _because(self, missing: Collection[str], scan_id: str, lost: frozenset[str]) -> Because:
        """Give the first reason that holds for payments that are no evidence any more."""
        if scan_id in {one["alert_id"] for one in self._exempted}:
            return "exempted"
        if not lost.isdisjoint(missing):
            return "data corrected"
        if self._before is not None and self._before["settings_hash"] != self._run["settings_hash"]:
            return "settings changed"
        if self._before is not None and self._before["program"] != self._run["program"]:
            return "program changed"
        return "behaviour ended"

    def _write_alert(self, alert_id: str, old: Row | None, one: Told, state: State) -> int | None:
        """Write what is known of an alert now; give the number of its new version, if it needed one."""
        alert = one.alert
        known = {
            "help": alert.tier == "support",
            "present": True,
            "state": state,
            "tier": alert.tier,
            "typology": alert.typology,
            "score": alert.score,
            "subjects": canonical(sorted(alert.subjects)),
            "first_at": alert.first_at,
            "last_at": alert.last_at,
            "evidence_hash": one.evidence_hash,
            "content_hash": one.content_hash,
        }
        if old is None:
            version = 1
            people = {"facts_on": None, "assignee": "", "escalated_by": ""}
            first = {"version": 1, "grown_version": 1, "first_run": self._run["number"]}
            self._connection.execute(
                ALERTS.insert(),
                {"alert_id": alert_id, **known, **first, "alerted_at": self._run["recorded_at"], **people},
            )
        else:
            changed = old["content_hash"] != one.content_hash
            version = old["version"] + changed
            # Only what was added has to be looked at again; a night that lost evidence does not reopen anything.
            grew = not self._same_evidence(alert_id, one) and frozenset(alert.payments) - self._evidence[alert_id]
            known["version"] = version
            known["grown_version"] = version if grew else old["grown_version"]
            if any(old[name] != value for name, value in known.items()):
                self._connection.execute(ALERTS.update().where(ALERTS.c.alert_id == alert_id).values(known))
            if not changed:
                return None
        self._connection.execute(
            VERSIONS.insert(),
            {
                "alert_id": alert_id,
                "version": version,
                "run": self._run["number"],
                "scan_id": one.scan_id,
                "content_hash": one.content_hash,
                "content": canonical(one.content),
                "measured": one.measured,
            },
        )
        self._write_evidence(alert_id, version, one)
        self._write_findings(alert_id, version, one)
        return version

    def _write_evidence(self, alert_id: str, version: int, one: Told) -> None:
        if self._same_evidence(alert_id, one):
            return
        now, then = frozenset(one.alert.payments), self._evidence.get(alert_id, frozenset())
        self._end(EVIDENCE, EVIDENCE.c.payment_id, alert_id, then - now, version)
        self._insert(
            EVIDENCE,
            [{"alert_id": alert_id, "payment_id": id_, "first_version": version} for id_ in sorted(now - then)],
        )

    def _write_findings(self, alert_id: str, version: int, one: Told) -> None:
        asked = sa.select(FINDINGS.c.finding_id, FINDINGS.c.content_hash).where(
            FINDINGS.c.alert_id == alert_id, FINDINGS.c.last_version.is_(None)
        )
        then = {(row.finding_id, row.content_hash) for row in self._connection.execute(asked)}
        now = {(id_, row["content_hash"]) for id_, row in one.findings.items()}
        self._end(FINDINGS, FINDINGS.c.finding_id, alert_id, {id_ for id_, _ in then - now}, version)
        self._insert(
            FINDINGS,
            [{"alert_id": alert_id, "first_version": version, **one.findings[id_]} for id_, _ in sorted(now - then)],
        )

    def _end(self, table: sa.Table, column: sa.Column[str], alert_id: str, ids: Iterable[str], version: int) -> None:
        """Say of evidence or findings that they held up to the version before."""
        for some in _in_pieces(sorted(ids)):
            self._connection.execute(
                table.update()
                .where(table.c.alert_id == alert_id, column.in_(some), table.c.last_version.is_(None))
                .values(last_version=version - 1)
            )

    def _write_exemptions(self) -> list[dict[str, Any]]:
        rows = [
            {
                "run": self._run["number"],
                "scan_id": one["alert_id"],
                "tier": one["tier"],
                "owners": canonical(one["owners"]),
                "until": one["until"],
            }
            for one in sorted(self._exempted, key=lambda one: str(one["alert_id"]))
        ]
        self._insert(EXEMPTIONS, [{**row, "until": date.fromisoformat(row["until"])} for row in rows])
        return rows

    def _insert(self, table: sa.Table, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(table.insert(), list(rows))


def _carried(state: str) -> State | None:
    """Give the state that an alert has on the next night if nothing is written about it."""
    if state in ABSENT:
        return None
    return "quiet" if state == "quiet" else "unchanged"


def _subjects(row: Row) -> frozenset[str]:
    return frozenset(json.loads(row["subjects"]))


def _end_of(day: date) -> int:
    """Give the first microsecond after a day, UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
    return int(midnight.timestamp()) * 1_000_000


def _in_pieces(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
