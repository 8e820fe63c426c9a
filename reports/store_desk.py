"""The desk: what a person does to alerts, each step one transaction with its entry in the audit log.

An entry holds what was decided, by whom and when; what somebody wrote stands in the notes alone, and the log has its
hash.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from flows.errors import SettingsError
from reports import audit
from reports.judgement import Outcome, checked, person
from reports.store_opening import transaction
from reports.store_reading import StoredAlert, one_alert
from reports.store_run import digest
from reports.store_suppressing import Suppression, suppressions
from reports.store_tables import ALERTS, EVIDENCE, FINDINGS, JUDGEMENTS, NOTES, SUPPRESSED, SUPPRESSIONS, VERSIONS

LONGEST: Final = timedelta(days=366)
"""A suppression holds a year at most (ours): what is to hold longer is decided again by somebody who looks."""


class Desk:
    """What one person does at one time.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The database; use `reports.store.Store.desk`.
    key : bytes or None
        With which the head of the audit log is signed.
    who : str
        The person.
    at : int
        When, microseconds since 1970, UTC.
    dry_run : bool
        Keep nothing of it.

    Raises
    ------
    SettingsError
        If nobody is named.
    """

    def __init__(self, engine: sa.Engine, key: bytes | None, who: str, at: int, *, dry_run: bool = False) -> None:
        if not who.strip():
            raise SettingsError("nobody is named", where="who", try_="say who does it, with --who NAME")
        self._engine = engine
        self._key = key
        self._who = who.strip()
        self._at = at
        self._dry_run = dry_run

    @property
    def _today(self) -> date:
        return datetime.fromtimestamp(self._at / 1e6, UTC).date()

    def judge(
        self, alert_id: str, outcome: str, reason: str, *, note: str = "", facts_on: date | None = None
    ) -> StoredAlert:
        """Say whether the look was worth it, and why.

        An outcome other than unsure closes the alert; where two people must agree, the second closes it by giving the
        same outcome.

        Parameters
        ----------
        outcome, reason : str
            Keys of `reports.judgement.REASONS`.
        note : str
            What else is to be known.
        facts_on : datetime.date, optional
            The day facts were detected, from which clocks of law run.

        Raises
        ------
        SettingsError
            If outcome or reason is not on the list, or the same person would be the second.
        """
        known = checked(outcome, reason)
        with self._working() as connection:
            alert = one_alert(connection, alert_id)
            self._refuse_alone(alert, known)
            number = self._log(
                connection, "judged", alert_id, {"version": alert.version, "outcome": known, "reason": reason}
            )
            row = {"number": number, "alert_id": alert_id, "version": alert.version, "outcome": known, "reason": reason}
            connection.execute(JUDGEMENTS.insert(), {**row, "who": self._who, "at": self._at})
            self._note(connection, alert_id, note)
            self._facts(connection, alert_id, facts_on)
            return one_alert(connection, alert_id)

    def _refuse_alone(self, alert: StoredAlert, outcome: Outcome) -> None:
        """Let nobody be the second person after himself."""
        waiting = alert.judgements[-1] if alert.judgements else None
        if (
            alert.status == "to_confirm"
            and waiting is not None
            and waiting.outcome == outcome
            and person(waiting.who) == person(self._who)
        ):
            raise SettingsError(
                f"your judgement is kept, and this alert waits for a second person to say {outcome.replace('_', ' ')}",
                where=alert.alert_id,
                try_="nothing more from you: it is closed once somebody else gives the same outcome under their own "
                "name (--who); to think better of it, give another outcome",
            )

    def assign(self, alert_id: str, to: str) -> StoredAlert:
        """Give an alert to somebody; an empty name takes it from whoever has it."""
        return self._set(alert_id, "assigned", {"to": to}, {"assignee": to})

    def escalate(self, alert_id: str, *, note: str = "", facts_on: date | None = None) -> StoredAlert:
        """Bring an alert before somebody in charge: two people close it from now on, and nothing hides it."""
        return self._set(alert_id, "escalated", {}, {"escalated_by": self._who}, note=note, facts_on=facts_on)

    def unmasked(self, alert_id: str = "") -> None:
        """Write down that account numbers were shown in full: of an alert, or of a list."""
        with self._working() as connection:
            self._log(connection, "unmasked", alert_id, {})

    def note(self, alert_id: str, text: str) -> StoredAlert:
        """Write something down about an alert.

        Raises
        ------
        SettingsError
            If nothing is written.
        """
        if not text.strip():
            raise SettingsError("an empty note", where=alert_id, try_="write what is to be known")
        with self._working() as connection:
            one_alert(connection, alert_id)
            self._note(connection, alert_id, text)
            return one_alert(connection, alert_id)

    def suppress(
        self,
        *,
        reason: str,
        expires: date,
        owner: str = "",
        account_id: str = "",
        typology: str = "",
        alert_id: str = "",
    ) -> Suppression:
        """Decide not to be told of alerts for a time.

        Parameters
        ----------
        reason : str
            Why.
        expires : datetime.date
            The last day it holds.
        owner : str
            Who answers for it; whoever enters it unless told otherwise.
        account_id, typology, alert_id : str
            What it covers: alerts about this account alone, of this typology, this alert; all that are given hold.

        Raises
        ------
        SettingsError
            If it covers everything or nothing there is, has no reason, is past already or holds too long.
        """
        if not (account_id or typology or alert_id):
            raise SettingsError("a suppression of everything", where="scope", try_="name an account, typology or alert")
        if not reason.strip():
            raise SettingsError("a suppression without a reason", where="reason", try_="say why it may be hidden")
        if not self._today <= expires <= self._today + LONGEST:
            raise SettingsError(
                "a suppression that is past already or holds over a year",
                where="expires",
                try_=f"name a day up to {self._today + LONGEST}; renew it when somebody has looked again",
            )
        with self._working() as connection:
            if alert_id:
                one_alert(connection, alert_id)
            _refuse_unknown(connection, account_id, typology)
            decided = Suppression(
                number=0,
                account_id=account_id,
                typology=typology,
                alert_id=alert_id,
                owner=owner.strip() or self._who,
                reason=reason.strip(),
                expires=expires,
                who=self._who,
                at=self._at,
            )
            # Whom it covers, and why, stands in the table alone.
            made = replace(decided, number=self._log(connection, "suppressed", alert_id, {"hash": decided.hash}))
            connection.execute(SUPPRESSIONS.insert(), vars(made))
            return made

    def lift(self, number: int) -> Suppression:
        """End a suppression before its time.

        Raises
        ------
        SettingsError
            If there is none of that number, or it was lifted before.
        """
        with self._working() as connection:
            found = {one.number: one for one in suppressions(connection)}.get(number)
            if found is None or found.lifted_by:
                raise SettingsError(
                    "there is no such suppression in force",
                    where=f"suppression {number}",
                    try_="see `moneytrail alerts hidden`",
                )
            self._log(connection, "lifted", str(number), {})
            lifted = {"lifted_by": self._who, "lifted_at": self._at}
            connection.execute(SUPPRESSIONS.update().where(SUPPRESSIONS.c.number == number).values(lifted))
            return Suppression(**{**vars(found), **lifted})

    def erase(self, before: datetime) -> tuple[str, ...]:
        """Erase what is known of alerts that are gone and whose last payment lies before a moment.

        Content, evidence, findings, notes and judgements go; that there was an alert, and what became of it on which
        night, stays, with nobody named. The audit log says what was erased.

        Returns
        -------
        tuple of str
            Ids of the alerts.
        """
        moment = round(before.timestamp() * 1_000_000)
        with self._working() as connection:
            held = sa.select(VERSIONS.c.alert_id)
            asked = sa.select(ALERTS.c.alert_id).where(
                sa.not_(ALERTS.c.present), ALERTS.c.last_at < moment, ALERTS.c.alert_id.in_(held)
            )
            ids = tuple(connection.scalars(asked.order_by(ALERTS.c.alert_id)))
            for alert_id in ids:
                for table in (VERSIONS, EVIDENCE, FINDINGS, JUDGEMENTS, NOTES, SUPPRESSED):
                    connection.execute(table.delete().where(table.c.alert_id == alert_id))
                bare = {"subjects": "[]", "typology": "", "assignee": "", "escalated_by": "", "facts_on": None}
                connection.execute(ALERTS.update().where(ALERTS.c.alert_id == alert_id).values(bare))
                self._log(connection, "erased", alert_id, {})
            return ids

    def _working(self) -> Any:
        return transaction(self._engine, writes=True, keep=not self._dry_run)

    def _log(self, connection: sa.Connection, action: str, subject: str, detail: Mapping[str, Any]) -> int:
        return audit.append(
            connection, at=self._at, who=self._who, action=action, subject=subject, detail=detail, key=self._key
        )

    def _set(
        self,
        alert_id: str,
        action: str,
        detail: Mapping[str, Any],
        values: Mapping[str, Any],
        *,
        note: str = "",
        facts_on: date | None = None,
    ) -> StoredAlert:
        with self._working() as connection:
            one_alert(connection, alert_id)
            self._log(connection, action, alert_id, detail)
            connection.execute(ALERTS.update().where(ALERTS.c.alert_id == alert_id).values(values))
            self._note(connection, alert_id, note)
            self._facts(connection, alert_id, facts_on)
            return one_alert(connection, alert_id)

    def _note(self, connection: sa.Connection, alert_id: str, text: str) -> None:
        if text.strip():
            number = self._log(connection, "noted", alert_id, {"hash": digest(text)})
            row = {"number": number, "alert_id": alert_id, "who": self._who, "at": self._at, "text": text}
            connection.execute(NOTES.insert(), row)

    def _facts(self, connection: sa.Connection, alert_id: str, facts_on: date | None) -> None:
        if facts_on is None:
            return
        if facts_on > self._today:
            raise SettingsError("facts detected in the future", where="facts-on", try_="name the day they were seen")
        self._log(connection, "facts", alert_id, {"on": facts_on.isoformat()})
        connection.execute(ALERTS.update().where(ALERTS.c.alert_id == alert_id).values(facts_on=facts_on))


def _refuse_unknown(connection: sa.Connection, account_id: str, typology: str) -> None:
    """Refuse a scope that no alert was ever in: a mistyped one would hide nothing, and nobody would notice."""
    known = connection.execute(sa.select(ALERTS.c.typology, ALERTS.c.subjects)).all()
    typologies = sorted({row.typology for row in known} - {""})
    if typology and typology not in typologies:
        near = difflib.get_close_matches(typology, typologies, n=1)
        raise SettingsError(
            "no alert of the store is of this typology",
            where="typology",
            try_=f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(typologies),
        )
    if account_id and not any(account_id in json.loads(row.subjects) for row in known):
        raise SettingsError(
            "no alert of the store is about this account",
            where="account",
            try_="see how it is written: `moneytrail alerts show ID --unmask`",
        )
