"""Suppressions: alerts that somebody in charge does not want to be told of, for a time.

A suppression has a scope, an owner, a reason and a last day, and can be lifted before. It hides and does not forget:
an alert that it covers lives on in the store, and which alerts it hid, and from which run on, is reported. An alert
that was escalated is never hidden.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from reports.store_run import digest
from reports.store_tables import ALERTS, RUNS, SUPPRESSED, SUPPRESSIONS


@dataclass(frozen=True)
class Suppression:
    """One decision not to be told.

    Parameters
    ----------
    number : int
        Of its entry in the audit log.
    account_id, typology, alert_id : str
        What it covers; an empty one covers all, and one at least is not empty. An account covers alerts that are about
        it alone.
    owner : str
        Who answers for it.
    reason : str
        Why.
    expires : datetime.date
        The last day it holds, by the day that is looked at.
    who : str
        Who entered it.
    at : int
        When, microseconds since 1970, UTC.
    lifted_by : str
        Who ended it before its time; empty where nobody did.
    lifted_at : int or None
        When.
    """

    number: int
    account_id: str
    typology: str
    alert_id: str
    owner: str
    reason: str
    expires: date
    who: str
    at: int
    lifted_by: str = ""
    lifted_at: int | None = None

    @property
    def hash(self) -> str:
        """Hash of what was decided; the audit log has it, and not whom it is about."""
        scope = [self.account_id, self.typology, self.alert_id]
        return digest([*scope, self.owner, self.reason, self.expires.isoformat(), self.who, self.at])

    def covers(self, alert_id: str, typology: str, subjects: Collection[str], escalated_by: str) -> bool:
        """Say whether it hides an alert."""
        return (
            not escalated_by
            and self.alert_id in ("", alert_id)
            and self.typology in ("", typology)
            and (not self.account_id or set(subjects) == {self.account_id})
        )

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force on a day that is looked at."""
        return not self.lifted_by and self.expires >= day

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**vars(self), "expires": self.expires.isoformat()}


@dataclass(frozen=True)
class Hiding:
    """What one suppression has hidden so far.

    Parameters
    ----------
    suppression : Suppression
        Which.
    alerts : mapping of str to tuple of str
        First and last run in which it hid an alert, by the alert's id.
    """

    suppression: Suppression
    alerts: Mapping[str, tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        hid = [{"alert_id": id_, "first_run": first, "last_run": last} for id_, (first, last) in self.alerts.items()]
        return {**self.suppression.as_json(), "hid": hid}


def suppressions(connection: sa.Connection) -> list[Suppression]:
    """Give every suppression there ever was, oldest first."""
    rows = connection.execute(sa.select(SUPPRESSIONS).order_by(SUPPRESSIONS.c.number))
    return [Suppression(**row._mapping) for row in rows]


def in_force(connection: sa.Connection, day: date) -> list[Suppression]:
    """Give the suppressions that hold on a day."""
    return [one for one in suppressions(connection) if one.holds_on(day)]


def note_hidden(connection: sa.Connection, number: int, day: date) -> None:
    """Write down which alerts of a run its suppressions hid."""
    hiding = in_force(connection, day)
    if not hiding:
        return
    names = (ALERTS.c.alert_id, ALERTS.c.typology, ALERTS.c.subjects, ALERTS.c.escalated_by)
    alerts = [
        (alert_id, typology, json.loads(subjects), escalated_by)
        for alert_id, typology, subjects, escalated_by in connection.execute(sa.select(*names).where(ALERTS.c.present))
    ]
    known = {
        (row.suppression, row.alert_id)
        for row in connection.execute(sa.select(SUPPRESSED.c.suppression, SUPPRESSED.c.alert_id))
    }
    for one in hiding:
        for alert_id in sorted(alert[0] for alert in alerts if one.covers(*alert)):
            if (one.number, alert_id) in known:
                connection.execute(
                    SUPPRESSED.update()
                    .where(SUPPRESSED.c.suppression == one.number, SUPPRESSED.c.alert_id == alert_id)
                    .values(last_run=number)
                )
            else:
                row = {"suppression": one.number, "alert_id": alert_id, "first_run": number, "last_run": number}
                connection.execute(SUPPRESSED.insert(), row)


def hidden(connection: sa.Connection) -> tuple[Hiding, ...]:
    """Give what each suppression has hidden."""
    names = {row.number: row.run_id for row in connection.execute(sa.select(RUNS.c.number, RUNS.c.run_id))}
    by_number: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in connection.execute(sa.select(SUPPRESSED).order_by(SUPPRESSED.c.alert_id)):
        by_number[row.suppression][row.alert_id] = (names[row.first_run], names[row.last_run])
    return tuple(Hiding(one, by_number[one.number]) for one in suppressions(connection))
