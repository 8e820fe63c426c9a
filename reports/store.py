"""The alert store: what was told on which night, what became of it, and what people made of it.

One database holds it, an SQLite file or PostgreSQL (`reports.store_tables`). A night is recorded in one transaction:
killed at any instant, the store holds the night before or this one. The name of a run is made from what it was made
from, so a run that is recorded again changes nothing and gives the same answer.

Clocks are handed in, never read here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from detectors.finding import Finding
from flows.errors import SettingsError
from flows.ledger import Ledger
from flows.payments import LABELS
from reports import audit
from reports.alert import Alert
from reports.delta import ABSENT, Change, Delta
from reports.judgement import Judgement, Status, status
from reports.store_opening import bring_up_to_date, engine_for, place, transaction
from reports.store_recording import Counted, Recording, latest_run, told_of, write_run
from reports.store_run import Run
from reports.store_suppressing import Suppression, in_force, note_hidden
from reports.store_tables import ALERTS, CHANGES, JUDGEMENTS, RUNS, VERSIONS
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


class Store:
    """The store, open.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The database, up to date; use `open`.
    key : bytes or None
        With which the head of the audit log is signed.

    Examples
    --------
    A night finds an alert; on the next night it has an earlier payment as well, and is still the same alert.

    >>> import tempfile
    >>> from detectors.about import LEGS
    >>> def night(store, day, alert_id, *payments):
    ...     alert = Alert(
    ...         alert_id,
    ...         "review",
    ...         "Gathering",
    ...         0.5,
    ...         "title",
    ...         "why",
    ...         (),
    ...         payments,
    ...         (),
    ...         dict.fromkeys(LEGS),
    ...         (),
    ...         (),
    ...         (),
    ...         (),
    ...         (),
    ...         0,
    ...         0,
    ...         "look",
    ...         (),
    ...         subjects=("acc-1",),
    ...     )
    ...     run = Run(day, "settings", date(2026, 3, day), "program")
    ...     return store.record(run, [alert], at=datetime(2026, 3, day, 23, tzinfo=UTC))
    >>> with Store.open(f"{tempfile.mkdtemp()}/alerts.db") as store:
    ...     first, second = night(store, 1, "A-1", "p1", "p2"), night(store, 2, "A-0", "p0", "p1", "p2")
    ...     again = night(store, 2, "A-0", "p0", "p1", "p2")
    >>> [(change.alert_id, change.state, change.added) for change in second.changes], again == second
    ([('A-1', 'grown', 1)], True)
    >>> dict(second.names)
    {'A-0': 'A-1'}
    """

    def __init__(self, engine: sa.Engine, key: bytes | None = None) -> None:
        self._engine = engine
        self._key = key

    @classmethod
    def open(cls, where: str | Path, key: bytes | None = None) -> Store:
        """Open a store, make it where there is none, and bring an older one up to date.

        Parameters
        ----------
        where : str or pathlib.Path
            A file, ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/DATABASE``.
        key : bytes, optional
            Signs the head of the audit log.

        Raises
        ------
        SettingsError
            If it is of no such form.
        StoreError
            If it cannot be opened, is something else, or was made by a newer version.
        """
        engine = engine_for(str(where))
        bring_up_to_date(engine)
        return cls(engine, key)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return place(self._engine)

    def record(
        self,
        run: Run,
        alerts: Iterable[Alert],
        *,
        at: datetime,
        findings: Iterable[Finding] = (),
        counted: Counted | None = None,
        who: str = "moneytrail",
    ) -> Delta:
        """Record a run in one transaction and say what changed since the one before.

        A run of the same name as the last changes nothing and gives the same answer. What exemptions hid is taken
        from the run sheet.

        Parameters
        ----------
        run : Run
            What was looked at and how, `Run.of` makes it from a run sheet.
        alerts : iterable of Alert
            All alerts of the scan, under the ids that it gave them, in any order.
        at : datetime.datetime
            The time, with its zone.
        findings : iterable of Finding
            All findings of the scan; those of alerts are kept.
        counted : Counted, optional
            Which payments still count, `counted_in`; asked once, of payments that alerts lost. Without it no loss is
            laid to corrected data.
        who : str
            Who ran it.

        Returns
        -------
        Delta
            What became of each alert, and the lasting ids.

        Raises
        ------
        StoreError
            If the store has seen a later day or a later ledger, or cannot be written.
        """
        told = told_of(alerts, findings)
        moment = micros(at)
        with transaction(self._engine, writes=True) as connection:
            before = latest_run(connection)
            if before is not None and before["key"] == run.key:
                return _delta(connection, before["number"])
            row = write_run(connection, run, before, moment)
            recording = Recording(connection, row, before, run.sheet.get("exempted", ()), counted)
            detail = recording.write(told)
            note_hidden(connection, row["number"], run.as_of)
            audit.append(
                connection, at=moment, who=who, action="recorded", subject=row["run_id"], detail=detail, key=self._key
            )
            return _delta(connection, row["number"])

    def runs(self) -> tuple[RecordedRun, ...]:
        """Give every recorded run, oldest first."""
        with transaction(self._engine, writes=False) as connection:
            rows = connection.execute(sa.select(RUNS).order_by(RUNS.c.number))
            return tuple(_recorded(row._mapping) for row in rows)

    def delta(self, run_id: str | None = None) -> Delta | None:
        """Say again what changed in a run, the last one if none is named; None if nothing was recorded yet.

        Raises
        ------
        SettingsError
            If no run has that name.
        """
        with transaction(self._engine, writes=False) as connection:
            row = latest_run(connection) if run_id is None else _run_named(connection, run_id)
            return None if row is None else _delta(connection, row["number"])

    def present(self) -> tuple[dict[str, Any], ...]:
        """Give what the last run told, as content alone.

        Ids are those the scan gave, which depend on no history, so that a store of many nights can be compared with
        one that was made afresh: equal data, settings and program, equal answer.

        Returns
        -------
        tuple of dict
            Each alert as in `alerts.json`, with ``why`` and ``subjects``; by id.
        """
        with transaction(self._engine, writes=False) as connection:
            rows = connection.execute(
                sa.select(VERSIONS.c.content)
                .join(
                    ALERTS,
                    sa.and_(ALERTS.c.alert_id == VERSIONS.c.alert_id, ALERTS.c.version == VERSIONS.c.version),
                )
                .where(ALERTS.c.present)
                .order_by(VERSIONS.c.scan_id)
            )
            return tuple(json.loads(row.content) for row in rows)

    def alerts(self, *, gone: bool = False) -> tuple[StoredAlert, ...]:
        """Give the alerts that the last run told, in reading order.

        Parameters
        ----------
        gone : bool
            Give those that are gone or merged as well.
        """
        with transaction(self._engine, writes=False) as connection:
            return _alerts(connection, None if gone else ALERTS.c.present)

    def alert(self, alert_id: str) -> StoredAlert:
        """Give one alert, also one that is gone.

        Raises
        ------
        SettingsError
            If there is none of that id.
        """
        with transaction(self._engine, writes=False) as connection:
            return one_alert(connection, alert_id)

    def history(self, alert_id: str) -> tuple[Event, ...]:
        """Give everything that happened to an alert: nights, merges and splits, and what people did.

        Raises
        ------
        SettingsError
            If there is none of that id.
        """
        with transaction(self._engine, writes=False) as connection:
            one_alert(connection, alert_id)
            runs = {row.number: row for row in connection.execute(sa.select(RUNS))}
            mine = sa.or_(CHANGES.c.alert_id == alert_id, CHANGES.c.into == alert_id, CHANGES.c.split_from == alert_id)
            nights = []
            for row in connection.execute(sa.select(CHANGES).where(mine).order_by(CHANGES.c.run, CHANGES.c.alert_id)):
                change, run = _change(row._mapping), runs[row.run]
                detail = {"as_of": run.as_of.isoformat(), **change.as_json()}
                what = detail.pop("state")
                if change.alert_id != alert_id:
                    what = "absorbed" if change.into == alert_id else "split"
                nights.append(Event(run.recorded_at, run.run_id, what, detail))
            done = [Event(one.at, one.who, one.action, one.detail) for one in audit.entries(connection, alert_id)]
            return tuple(sorted([*nights, *done], key=lambda event: event.at))

    def judgements(self) -> pa.Table:
        """Give what people made of alerts, for learning.

        Returns
        -------
        pyarrow.Table
            Columns of `flows.payments.LABELS`: one row for each account that a judged alert is about, with the
            typology, the alert's id as case, the likely role, the last outcome and its day.
        """
        rows = []
        with transaction(self._engine, writes=False) as connection:
            for alert in _alerts(connection, ALERTS.c.alert_id.in_(sa.select(JUDGEMENTS.c.alert_id))):
                last = alert.judgements[-1]
                role = {one["account_id"]: one["likely_role"] for one in alert.content["accounts"]}
                rows += [
                    {
                        "subject": account,
                        "typology": alert.typology,
                        "case_id": alert.alert_id,
                        "role": role.get(account),
                        "outcome": last.outcome,
                        "labelled_on": datetime.fromtimestamp(last.at / 1e6, UTC).date(),
                    }
                    for account in alert.content["subjects"]
                ]
        rows.sort(key=lambda row: (row["subject"], row["case_id"]))
        return pa.Table.from_pylist(rows, schema=LABELS)


def counted_in(ledger: Ledger, as_of: date | None = None) -> Counted:
    """Ask a ledger which payments count: booked by a day, and not reversed since."""

    def counted(payment_ids: Iterable[str]) -> set[str]:
        ids = ledger.counted(as_of=as_of, columns=("payment_id",))["payment_id"]
        return set(ids.filter(pc.is_in(ids, value_set=pa.array(list(payment_ids), pa.string()))).to_pylist())

    return counted


def needs_two(tier: str, escalated_by: str) -> bool:
    """Say whether an alert is closed by two people."""
    return tier == "priority" or bool(escalated_by)


def micros(at: datetime) -> int:
    """Give a moment as the store keeps it.

    Raises
    ------
    SettingsError
        If it has no zone: nobody can say when that was.
    """
    if at.tzinfo is None:
        raise SettingsError("a time without its zone", where="at", try_="give a time in UTC")
    return round(at.timestamp() * 1_000_000)


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
    for alert in _alerts(connection, ALERTS.c.alert_id == alert_id):
        return alert
    raise SettingsError(
        "there is no such alert in the store", where=alert_id, try_="see `moneytrail alerts list --gone` for its id"
    )


def _alerts(connection: sa.Connection, which: sa.ColumnElement[bool] | None) -> tuple[StoredAlert, ...]:
    asked = sa.select(ALERTS, VERSIONS.c.content, VERSIONS.c.scan_id).join(
        VERSIONS, sa.and_(ALERTS.c.alert_id == VERSIONS.c.alert_id, ALERTS.c.version == VERSIONS.c.version)
    )
    rows = connection.execute(asked if which is None else asked.where(which)).all()
    judged: dict[str, list[Judgement]] = defaultdict(list)
    for row in connection.execute(sa.select(JUDGEMENTS).order_by(JUDGEMENTS.c.number)):
        judged[row.alert_id].append(Judgement(**row._mapping))
    names = {row.scan_id: row.alert_id for row in connection.execute(_names())}
    run = latest_run(connection)
    hiding = [] if run is None else in_force(connection, run["as_of"])
    stored = [_stored(row._mapping, judged[row.alert_id], names, hiding) for row in rows]
    order: list[str] = list(TIERS)
    return tuple(sorted(stored, key=lambda one: (order.index(one.tier), -one.score, one.alert_id)))


def _names(number: int | None = None) -> sa.Select[Any]:
    """Ask for the lasting id of each alert by the one its scan gave it, in its last version, or as of a run."""
    last = sa.select(VERSIONS.c.alert_id, sa.func.max(VERSIONS.c.version).label("version"))
    if number is not None:
        last = last.where(VERSIONS.c.run <= number)
    newest = last.group_by(VERSIONS.c.alert_id).subquery()
    return sa.select(VERSIONS.c.scan_id, VERSIONS.c.alert_id).join(
        newest, sa.and_(newest.c.alert_id == VERSIONS.c.alert_id, newest.c.version == VERSIONS.c.version)
    )


def _stored(
    row: Mapping[Any, Any], judgements: list[Judgement], names: Mapping[str, str], hiding: Iterable[Suppression]
) -> StoredAlert:
    content = json.loads(row["content"])
    content["alert_id"] = row["alert_id"]
    content["related"] = sorted(names.get(id_, id_) for id_ in content["related"])
    since = [one for one in judgements if one.version >= row["grown_version"]]
    kept = ("alert_id", "state", "tier", "typology", "score", "version", "alerted_at", "facts_on", "assignee")
    return StoredAlert(
        **{name: row[name] for name in kept},
        escalated_by=row["escalated_by"],
        judgements=tuple(judgements),
        status=status(since, four_eyes=needs_two(row["tier"], row["escalated_by"])),
        suppressed_by=tuple(one.number for one in hiding if one.covers(row)),
        content=content,
    )


def _recorded(row: Mapping[Any, Any]) -> RecordedRun:
    values = {name: row[name] for name in RecordedRun.__dataclass_fields__}
    return RecordedRun(**{**values, "sheet": json.loads(row["sheet"]), "outputs": json.loads(row["outputs"])})


def _run_named(connection: sa.Connection, run_id: str) -> Mapping[Any, Any]:
    row = connection.execute(sa.select(RUNS).where(RUNS.c.run_id == run_id)).one_or_none()
    if row is None:
        raise SettingsError("no run of that name was recorded", where=run_id, try_="see `moneytrail verify` for names")
    return row._mapping


def _delta(connection: sa.Connection, number: int) -> Delta:
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
            changes.append(_change(row._mapping))
        elif row.state not in ABSENT:
            changes.append(
                Change(row.alert_id, "quiet" if row.state == "quiet" else "unchanged", row.tier, tier_before=row.tier)
            )
    present = {change.alert_id for change in changes if change.state not in ABSENT}
    names = {row.scan_id: row.alert_id for row in connection.execute(_names(number)) if row.alert_id in present}
    return Delta(
        run_id=run.run_id,
        previous=before[0].run_id if before else "",
        changes=tuple(changes),
        names=names,
        settings_changed=bool(before) and before[0].settings_hash != run.settings_hash,
        program_changed=bool(before) and before[0].program != run.program,
    )


def _change(row: Mapping[Any, Any]) -> Change:
    return Change(**{name: row[name] for name in Change.__dataclass_fields__})
