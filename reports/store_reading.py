"""What the alert store answers: alerts as they stand, runs, and what changed in one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from flows.errors import SettingsError
from reports.delta import ABSENT, Change, Delta
from reports.judgement import Judgement, Status, status
from reports.store_recording import latest_run
from reports.store_suppressing import Suppression, in_force
from reports.store_tables import ALERTS, CHANGES, JUDGEMENTS, NOTES, RUNS, VERSIONS
from reports.weighing import TIERS


@dataclass(frozen=True)
class RecordedRun:
    """A night that the store holds.

    Parameters
    ----------
    number : int
        Counts the runs from 1.
    run_id : str
        Its name.
    ledger_version, settings_hash, program, as_of
        What it was made from, as in `reports.store_run.Run`.
    recorded_at : int
        When it was recorded, microseconds since 1970, UTC.
    sheet : mapping
        The run sheet.
    outputs : mapping of str to str
        SHA-256 of the files it wrote.
    """

    number: int
    run_id: str
    ledger_version: int
    settings_hash: str
    program: str
    as_of: date
    recorded_at: int
    sheet: Mapping[str, Any]
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class StoredAlert:
    """An alert as it stands, with what people made of it.

    Parameters
    ----------
    alert_id : str
        Its lasting id.
    state : str
        What became of it in the last run, `reports.delta.STATES`.
    tier, typology, score
        As in the alert.
    version : int
        How many times its content has changed, plus one.
    alerted_at : int
        When it was recorded first, microseconds since 1970, UTC.
    facts_on : datetime.date or None
        The day facts were detected, set by a person; clocks of law run from it, not from the alert.
    assignee, escalated_by : str
        Who works on it and who escalated it; empty where nobody.
    judgements : tuple of Judgement
        What people made of it, oldest first.
    status : {"open", "to_confirm", "closed"}
        Whether anybody has to look at it; one that grew after it was closed is open again.
    suppressed_by : tuple of int
        Numbers of the suppressions that hide it.
    content : mapping
        The alert as in `alerts.json`, with ``why`` and ``subjects``; its ids are the lasting ones.
    """

    alert_id: str
    state: str
    tier: str
    typology: str
    score: float
    version: int
    alerted_at: int
    facts_on: date | None
    assignee: str
    escalated_by: str
    judgements: tuple[Judgement, ...]
    status: Status
    suppressed_by: tuple[int, ...]
    content: Mapping[str, Any]

    @property
    def present(self) -> bool:
        """Whether the last run told it."""
        return self.state not in ABSENT

    @property
    def four_eyes(self) -> bool:
        """Whether two people must agree to close it."""
        return needs_two(self.tier, self.escalated_by)

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values, times as ISO 8601 text in UTC."""
        return {
            **{name: value for name, value in vars(self).items() if name not in ("judgements", "content")},
            "alerted_at": iso(self.alerted_at),
            "facts_on": None if self.facts_on is None else self.facts_on.isoformat(),
            "suppressed_by": list(self.suppressed_by),
            "judgements": [{**one.as_json(), "at": iso(one.at)} for one in self.judgements],
            "alert": dict(self.content),
        }


@dataclass(frozen=True)
class ToldVersion:
    """One version of an alert, as the night knew it that told it first.

    Parameters
    ----------
    at : int
        When that night was recorded, microseconds since 1970, UTC.
    content : mapping
        The alert as in `alerts.json`, with ``why`` and ``subjects``; its ids are those the scan gave.
    measured : mapping of str to float
        What that night measured of the account it is about (`reports.measured`).
    """

    at: int
    content: Mapping[str, Any]
    measured: Mapping[str, float]


@dataclass(frozen=True)
class Event:
    """Something that happened to an alert.

    Parameters
    ----------
    at : int
        When, microseconds since 1970, UTC: when the run was recorded, or when somebody did it.
    who : str
        The run's name, or a person.
    what : str
        A state of `reports.delta`, or an action of the audit log.
    detail : mapping
        What else is known of it.
    """

    at: int
    who: str
    what: str
    detail: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"at": iso(self.at), "who": self.who, "what": self.what, **self.detail}


@dataclass(frozen=True)
class WrittenNote:
    """What somebody wrote about an alert.

    Parameters
    ----------
    at : int
        When, microseconds since 1970, UTC.
    who : str
        Who wrote it.
    text : str
        What.
    """

    at: int
    who: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**vars(self), "at": iso(self.at)}


def notes_of(connection: sa.Connection, alert_id: str) -> tuple[WrittenNote, ...]:
    """Give what people wrote about an alert, oldest first."""
    asked = sa.select(NOTES.c.at, NOTES.c.who, NOTES.c.text).where(NOTES.c.alert_id == alert_id)
    return tuple(WrittenNote(*row) for row in connection.execute(asked.order_by(NOTES.c.number)))


def needs_two(tier: str, escalated_by: str) -> bool:
    """Say whether an alert is closed by two people."""
    return tier == "priority" or bool(escalated_by)


def iso(at: int) -> str:
    """Write a moment as text, to the second."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def one_alert(connection: sa.Connection, alert_id: str) -> StoredAlert:
    """Give one alert.

    Raises
    ------
    SettingsError
        If there is none of that id.
    """
    for alert in some_alerts(connection, ALERTS.c.alert_id == alert_id):
        return alert
    raise SettingsError(
        "there is no such alert in the store", where=alert_id, try_="see `moneytrail alerts list --gone` for its id"
    )


def some_alerts(connection: sa.Connection, which: sa.ColumnElement[bool] | None) -> tuple[StoredAlert, ...]:
    """Give the alerts of a condition, all without one, in reading order."""
    of_now = sa.and_(ALERTS.c.alert_id == VERSIONS.c.alert_id, ALERTS.c.version == VERSIONS.c.version)
    asked = sa.select(ALERTS, VERSIONS.c.content, VERSIONS.c.scan_id).join(VERSIONS, of_now)
    rows = connection.execute(asked if which is None else asked.where(which)).all()
    judged: dict[str, list[Judgement]] = defaultdict(list)
    for row in connection.execute(sa.select(JUDGEMENTS).order_by(JUDGEMENTS.c.number)):
        judged[row.alert_id].append(Judgement(**row._mapping))
    named = sa.select(VERSIONS.c.scan_id, VERSIONS.c.alert_id).join(ALERTS, of_now).where(ALERTS.c.present)
    names = {row.scan_id: row.alert_id for row in connection.execute(named)}
    run = latest_run(connection)
    hiding = [] if run is None else in_force(connection, run["as_of"])
    stored = [_stored(row._mapping, judged[row.alert_id], names, hiding) for row in rows]
    order: list[str] = list(TIERS)
    learnt = {} if run is None else _learnt(run, names)

    def place(one: StoredAlert) -> tuple[int, float, float, str]:
        return (order.index(one.tier), -learnt.get(one.alert_id, 0.0), -one.score, one.alert_id)

    return tuple(sorted(stored, key=place))


def _learnt(run: Mapping[Any, Any], names: Mapping[str, str]) -> dict[str, float]:
    """Give the learnt scores by which a run ordered its alerts, by lasting id; none where it followed no ranker."""
    ranker = json.loads(run["sheet"]).get("ranker") or {"alerts": {}}
    return {names[id_]: one["score"] for id_, one in ranker["alerts"].items() if id_ in names}


def _versions_as_of(number: int, *columns: sa.Column[Any]) -> sa.Select[Any]:
    """Ask for columns of each alert's version as of a run."""
    last = sa.select(VERSIONS.c.alert_id, sa.func.max(VERSIONS.c.version).label("version"))
    newest = last.where(VERSIONS.c.run <= number).group_by(VERSIONS.c.alert_id).subquery()
    return sa.select(VERSIONS.c.scan_id, VERSIONS.c.alert_id, *columns).join(
        newest, sa.and_(newest.c.alert_id == VERSIONS.c.alert_id, newest.c.version == VERSIONS.c.version)
    )


def told_in(connection: sa.Connection, number: int) -> dict[str, dict[str, Any]]:
    """Give the content of every alert that was told in a run, by the id that its scan gave it."""
    named = delta_of(connection, number).names
    asked = _versions_as_of(number, VERSIONS.c.content)
    return {
        row.scan_id: json.loads(row.content)
        for row in connection.execute(asked)
        if named.get(row.scan_id) == row.alert_id
    }


def told_as(connection: sa.Connection, versions: Mapping[str, int]) -> dict[str, ToldVersion]:
    """Give alerts as they stood at one of their versions."""
    asked = sa.select(VERSIONS, RUNS.c.recorded_at).join(RUNS, VERSIONS.c.run == RUNS.c.number)
    return {
        row.alert_id: ToldVersion(row.recorded_at, json.loads(row.content), json.loads(row.measured))
        for row in connection.execute(asked)
        if versions.get(row.alert_id) == row.version
    }


def _stored(
    row: Mapping[Any, Any], judgements: list[Judgement], names: Mapping[str, str], hiding: Iterable[Suppression]
) -> StoredAlert:
    content = json.loads(row["content"])
    content["alert_id"] = row["alert_id"]
    content["related"] = sorted(names.get(id_, id_) for id_ in content["related"])
    since = [one for one in judgements if one.version >= row["grown_version"]]
    covered = (row["alert_id"], row["typology"], content["subjects"], row["escalated_by"])
    kept = ("alert_id", "state", "tier", "typology", "score", "version", "alerted_at", "facts_on", "assignee")
    return StoredAlert(
        **{name: row[name] for name in kept},
        escalated_by=row["escalated_by"],
        judgements=tuple(judgements),
        status=status(since, four_eyes=needs_two(row["tier"], row["escalated_by"])),
        suppressed_by=tuple(one.number for one in hiding if one.covers(*covered)),
        content=content,
    )


def recorded(row: Mapping[Any, Any]) -> RecordedRun:
    """Give a run as its row says it was recorded."""
    values = {name: row[name] for name in RecordedRun.__dataclass_fields__}
    return RecordedRun(**{**values, "sheet": json.loads(row["sheet"]), "outputs": json.loads(row["outputs"])})


def run_named(connection: sa.Connection, run_id: str) -> Mapping[Any, Any]:
    """Give the row of a run.

    Raises
    ------
    SettingsError
        If no run has that name.
    """
    row = connection.execute(sa.select(RUNS).where(RUNS.c.run_id == run_id)).one_or_none()
    if row is None:
        raise SettingsError(
            "no run of that name was recorded",
            where=run_id,
            try_="give R-... as `moneytrail alerts history` prints it, or as `run_id` in run.json of the night",
        )
    return row._mapping


def delta_of(connection: sa.Connection, number: int) -> Delta:
    """Put together what changed in a run, from what is written about it and what is not."""
    runs = connection.execute(sa.select(RUNS).where(RUNS.c.number.in_((number - 1, number))).order_by(RUNS.c.number))
    *before, run = runs.all()
    last = (
        sa.select(CHANGES.c.alert_id, sa.func.max(CHANGES.c.run).label("run"))
        .where(CHANGES.c.run <= number)
        .group_by(CHANGES.c.alert_id)
        .subquery()
    )
    asked = sa.select(CHANGES).join(last, sa.and_(last.c.alert_id == CHANGES.c.alert_id, last.c.run == CHANGES.c.run))
    changes = []
    for row in connection.execute(asked.order_by(CHANGES.c.alert_id)):
        if row.run == number:
            changes.append(change_of(row._mapping))
        elif row.state not in ABSENT:
            changes.append(
                Change(row.alert_id, "quiet" if row.state == "quiet" else "unchanged", row.tier, tier_before=row.tier)
            )
    present = {change.alert_id for change in changes if change.state not in ABSENT}
    names = {
        row.scan_id: row.alert_id for row in connection.execute(_versions_as_of(number)) if row.alert_id in present
    }
    return Delta(
        run_id=run.run_id,
        previous=before[0].run_id if before else "",
        changes=tuple(changes),
        names=names,
        settings_changed=bool(before) and before[0].settings_hash != run.settings_hash,
        program_changed=bool(before) and before[0].program != run.program,
    )


def change_of(row: Mapping[Any, Any]) -> Change:
    """Give a change as its row has it."""
    return Change(**{name: row[name] for name in Change.__dataclass_fields__})
