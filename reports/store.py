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
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from detectors.finding import Finding
from flows import duck
from flows.errors import SettingsError
from flows.ledger import Ledger
from flows.payments import LABELS
from reports import audit
from reports.alert import Alert
from reports.audit import Entry
from reports.delta import Delta
from reports.store_checking import wrong
from reports.store_desk import Desk
from reports.store_opening import bring_up_to_date, engine_for, place, transaction
from reports.store_reading import (
    Event,
    RecordedRun,
    StoredAlert,
    ToldVersion,
    WrittenNote,
    change_of,
    delta_of,
    notes_of,
    one_alert,
    recorded,
    run_named,
    some_alerts,
    told_as,
    told_in,
)
from reports.store_recording import Counted, Recording, latest_run, told_of, write_run
from reports.store_run import Run
from reports.store_suppressing import Hiding, hidden, note_hidden
from reports.store_tables import ALERTS, CHANGES, JUDGEMENTS, RUNS, VERSIONS


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
        try:
            bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
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
                return delta_of(connection, before["number"])
            row = write_run(connection, run, before, moment)
            recording = Recording(connection, row, before, run.sheet.get("exempted", ()), counted)
            detail = recording.write(told)
            note_hidden(connection, row["number"], run.as_of)
            audit.append(
                connection, at=moment, who=who, action="recorded", subject=row["run_id"], detail=detail, key=self._key
            )
            return delta_of(connection, row["number"])

    def runs(self, at_most: int | None = None) -> tuple[RecordedRun, ...]:
        """Give the recorded runs, oldest first: every one, or only so many of the latest."""
        with transaction(self._engine, writes=False) as connection:
            rows = connection.execute(sa.select(RUNS).order_by(RUNS.c.number.desc()).limit(at_most))
            return tuple(recorded(row._mapping) for row in rows)[::-1]

    def known(self, run_ids: Iterable[str]) -> set[str]:
        """Give those of these names under which a run was recorded."""
        with transaction(self._engine, writes=False) as connection:
            return set(connection.scalars(sa.select(RUNS.c.run_id).where(RUNS.c.run_id.in_(sorted(run_ids)))))

    def run(self, run_id: str) -> RecordedRun:
        """Give one run by its name.

        Raises
        ------
        SettingsError
            If no run has that name.
        """
        with transaction(self._engine, writes=False) as connection:
            return recorded(run_named(connection, run_id))

    def told(self, run_id: str) -> dict[str, dict[str, Any]]:
        """Give what a past run told, each alert's content by the id that its scan gave it.

        Raises
        ------
        SettingsError
            If no run has that name.
        """
        with transaction(self._engine, writes=False) as connection:
            return told_in(connection, run_named(connection, run_id)["number"])

    def told_as(self, versions: Mapping[str, int]) -> dict[str, ToldVersion]:
        """Give alerts as they stood at one version each, not as they stand now.

        Parameters
        ----------
        versions : mapping of str to int
            By lasting id; what is not in it is not given.

        Returns
        -------
        dict of str to ToldVersion
            By lasting id.
        """
        with transaction(self._engine, writes=False) as connection:
            return told_as(connection, versions)

    def delta(self, run_id: str | None = None) -> Delta | None:
        """Say again what changed in a run, the last one if none is named; None if nothing was recorded yet.

        Raises
        ------
        SettingsError
            If no run has that name.
        """
        with transaction(self._engine, writes=False) as connection:
            row = latest_run(connection) if run_id is None else run_named(connection, run_id)
            return None if row is None else delta_of(connection, row["number"])

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

    def alerts(self, *, gone: bool = False, among: Iterable[str] = ()) -> tuple[StoredAlert, ...]:
        """Give the alerts that the last run told, in reading order: by tier, then as it learnt, or by score.

        Parameters
        ----------
        gone : bool
            Give those that are gone or merged as well.
        among : iterable of str
            Give these as well, gone or not.
        """
        which = sa.or_(ALERTS.c.present, ALERTS.c.alert_id.in_(sorted(among)))
        with transaction(self._engine, writes=False) as connection:
            return some_alerts(connection, None if gone else which)

    def gone_about(self) -> dict[str, list[str]]:
        """Give the ids of the alerts that are gone or merged, by each account they were about."""
        about: dict[str, list[str]] = defaultdict(list)
        asked = sa.select(ALERTS.c.alert_id, ALERTS.c.subjects).where(sa.not_(ALERTS.c.present))
        with transaction(self._engine, writes=False) as connection:
            for alert_id, subjects in connection.execute(asked.order_by(ALERTS.c.alert_id)):
                for account in json.loads(subjects):
                    about[account].append(alert_id)
        return dict(about)

    def outcomes_since(self, at: int) -> list[str]:
        """Give the outcomes of the judgements given since a moment, microseconds since 1970."""
        asked = sa.select(JUDGEMENTS.c.outcome).where(JUDGEMENTS.c.at >= at).order_by(JUDGEMENTS.c.number)
        with transaction(self._engine, writes=False) as connection:
            return list(connection.scalars(asked))

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
                change, run = change_of(row._mapping), runs[row.run]
                detail = {"as_of": run.as_of.isoformat(), **change.as_json()}
                what = detail.pop("state")
                if change.alert_id != alert_id:
                    what = "absorbed" if change.into == alert_id else "split"
                nights.append(Event(run.recorded_at, run.run_id, what, detail))
            done = [Event(one.at, one.who, one.action, one.detail) for one in audit.entries(connection, alert_id)]
            return tuple(sorted([*nights, *done], key=lambda event: event.at))

    def desk(self, who: str, at: datetime, *, dry_run: bool = False) -> Desk:
        """Give a person a desk, at which alerts are judged, assigned, noted, escalated and suppressed.

        Parameters
        ----------
        who : str
            The person; four eyes are told apart by it.
        at : datetime.datetime
            The time, with its zone.
        dry_run : bool
            Say what would happen, and keep nothing of it.
        """
        return Desk(self._engine, self._key, who, micros(at), dry_run=dry_run)

    def hidden(self) -> tuple[Hiding, ...]:
        """Say what each suppression there ever was has hidden, oldest first."""
        with transaction(self._engine, writes=False) as connection:
            return hidden(connection)

    def notes(self, alert_id: str) -> tuple[WrittenNote, ...]:
        """Give what people wrote about an alert, oldest first."""
        with transaction(self._engine, writes=False) as connection:
            return notes_of(connection, alert_id)

    def wrong(self) -> tuple[str, ...]:
        """Name every row that is not as it was written, and every break in the audit log; empty if there is none."""
        with transaction(self._engine, writes=False) as connection:
            return tuple(wrong(connection, self._key))

    def log(self) -> tuple[Entry, ...]:
        """Give the audit log, oldest first."""
        with transaction(self._engine, writes=False) as connection:
            return tuple(audit.entries(connection))

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
            for alert in some_alerts(connection, ALERTS.c.alert_id.in_(sa.select(JUDGEMENTS.c.alert_id))):
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
        wanted = pa.table({"name": pa.array(list(payment_ids), pa.string())})
        # Asked of the files, not read from them: a ledger of ten years has more ids than memory.
        with TemporaryDirectory(prefix="moneytrail-") as spill, ledger.asking(as_of, spill=Path(spill)) as opened:
            opened.register("wanted", wanted)
            there = duck.table(
                opened, "SELECT payment_id FROM counted WHERE payment_id IN (SELECT name FROM wanted) ORDER BY 1"
            )
        return set(there["payment_id"].to_pylist())

    return counted


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
