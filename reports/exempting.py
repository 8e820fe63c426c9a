"""Exemptions: alerts that somebody in charge decided, for a time and with a reason, not to be told.

A shelter's account, a programme that gives survivors accounts of their own: the list is kept by whoever is in charge of
safeguarding, each entry has an owner and ends. What it hides is counted, and named by alert, in the run sheet and on
page one; who is on it, and why, is said nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from detectors.notes import Note
from reports.alert import Alert


@dataclass(frozen=True)
class Exemption:
    """One account, or one customer with all accounts, of whom no alert is told.

    Parameters
    ----------
    id : str
        The account or the customer.
    owner : str
        Who decided it and answers for it: a role, or a name.
    reason : str
        Why.
    expires : datetime.date
        The last day it holds.
    """

    id: str
    owner: str
    reason: str
    expires: date


@dataclass(frozen=True)
class Hidden:
    """An alert that is not told.

    Parameters
    ----------
    alert : Alert
        Which.
    by : tuple of Exemption
        The exemptions of its subjects.
    """

    alert: Alert
    by: tuple[Exemption, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as the run sheet lists it: nobody on the list is named."""
        return {
            "alert_id": self.alert.alert_id,
            "tier": self.alert.tier,
            "owners": sorted({one.owner for one in self.by}),
            "until": min(one.expires for one in self.by).isoformat(),
        }


@dataclass(frozen=True)
class Exempted:
    """What exemptions left of the alerts, what they hid, and what is to be said of it."""

    alerts: tuple[Alert, ...]
    hidden: tuple[Hidden, ...]
    notes: tuple[Note, ...]


def exempted(alerts: Iterable[Alert], exemptions: Sequence[Exemption], holder: Mapping[str, str], on: date) -> Exempted:
    """Hide the alerts all of whose subjects are exempt.

    Parameters
    ----------
    alerts : iterable of Alert
        In reading order.
    exemptions : sequence of Exemption
        The institution's list; one that has expired hides nothing.
    holder : mapping of str to str
        Customer of each account, where known (`flows.window.held_by`).
    on : datetime.date
        The day looked at.
    """
    in_force = {one.id: one for one in exemptions if one.expires >= on}
    kept, hidden = [], []
    for alert in alerts:
        by = [in_force.get(account) or in_force.get(holder.get(account, "")) for account in alert.subjects]
        given = tuple(one for one in by if one is not None)
        if alert.subjects and len(given) == len(alert.subjects):
            hidden.append(Hidden(alert, given))
        else:
            kept.append(alert)
    gone = {one.alert.alert_id for one in hidden}
    told = [_without(alert, gone) for alert in kept]
    return Exempted(tuple(told), tuple(hidden), (*_hidden_notes(hidden), *_expired_notes(exemptions, on)))


def _without(alert: Alert, gone: Collection[str]) -> Alert:
    related = tuple(id_ for id_ in alert.related if id_ not in gone)
    return alert if related == alert.related else replace(alert, related=related)


def _hidden_notes(hidden: Iterable[Hidden]) -> list[Note]:
    """Say what was hidden, by who decided it."""
    by_owner: dict[str, list[str]] = defaultdict(list)
    for one in hidden:
        by_owner[", ".join(sorted({exemption.owner for exemption in one.by}))].append(one.alert.alert_id)
    return [
        Note(
            "excluded",
            "{count} alert is hidden by exemptions of {owner}: {ids}",
            "{count} alerts are hidden by exemptions of {owner}: {ids}",
            len(ids),
            values=(("owner", owner), ("ids", ", ".join(ids))),
        )
        for owner, ids in sorted(by_owner.items())
    ]


def _expired_notes(exemptions: Iterable[Exemption], on: date) -> list[Note]:
    count = sum(one.expires < on for one in exemptions)
    if not count:
        return []
    return [
        Note(
            "skipped",
            "{count} exemption has expired and hides nothing; renew it or take it off the list",
            "{count} exemptions have expired and hide nothing; renew them or take them off the list",
            count,
        )
    ]
