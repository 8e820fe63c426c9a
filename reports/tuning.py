"""What other settings would have done to past nights: counts with intervals, and the alerts that differ, with why.

Everything is said of alerts of which the outcome is known, from people's judgements or from labels. Where none is
known, nothing is: the share of useful ones then has no figure, not a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any, Final, Literal

import pyarrow as pa

from flows.language import say
from reports.alert import Alert
from reports.facts import ScanFacts
from reports.line import Place

USEFUL: Final = ("useful", "planted")
"""Outcomes of a judgement or a label that say that the look was worth it."""
NOT_USEFUL: Final = ("not_useful", "cleared")
NORMAL: Final = 1.959964
"""Of the 95 % interval."""
SAME: Final = 0.5
"""Two alerts of different settings are the same if they share this part of the payments of the smaller."""


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (Wilson), which is honest also for few and for none.

    Parameters
    ----------
    found, of : int
        How many of how many.
    """

    found: int
    of: int

    @property
    def figure(self) -> float | None:
        """The share; None of nothing."""
        return self.found / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share lies, 95 %.

        Examples
        --------
        >>> [round(end, 3) for end in Share(0, 10).interval], [round(end, 3) for end in Share(8, 10).interval]
        ([0.0, 0.278], [0.49, 0.943])
        """
        if not self.of:
            return 0.0, 1.0
        share, square = self.found / self.of, NORMAL**2
        middle = share + square / (2 * self.of)
        reach = NORMAL * sqrt(share * (1 - share) / self.of + square / (4 * self.of**2))
        below, above = (middle - reach) / (1 + square / self.of), (middle + reach) / (1 + square / self.of)
        # Rounding must not leave an end beside the share itself.
        return max(0.0, min(below, share)), min(1.0, max(above, share))

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {"found": self.found, "of": self.of, "share": self.figure, "interval": list(self.interval)}


@dataclass(frozen=True)
class Outcomes:
    """What is known of alerts and accounts.

    Parameters
    ----------
    of_alert : mapping of str to bool
        Whether a judged alert was useful, by its id.
    of_account : mapping of str to bool
        Whether an account is one of a useful outcome.
    complete : bool
        Whether every case is known, so that an alert about none of them was not useful.
    """

    of_alert: Mapping[str, bool]
    of_account: Mapping[str, bool]
    complete: bool = False

    def of(self, alert: Alert) -> bool | None:
        """Say whether an alert was useful; None where nobody knows."""
        return self.named(alert.alert_id, alert.subjects)

    def named(self, alert_id: str, subjects: Iterable[str]) -> bool | None:
        """Say the same of an alert of which only the id and the accounts that it is about are at hand."""
        if alert_id in self.of_alert:
            return self.of_alert[alert_id]
        told = [self.of_account[account] for account in subjects if account in self.of_account]
        if told:
            return any(told)
        return False if self.complete else None


def outcomes(tables: Iterable[pa.Table], *, complete: bool = False) -> Outcomes:
    """Read outcomes from labels or judgements, rows of `flows.payments.LABELS`; a useful one outweighs others."""
    of_alert: dict[str, bool] = {}
    of_account: dict[str, bool] = {}
    for table in tables:
        for row in table.select(["subject", "case_id", "outcome"]).to_pylist():
            if row["outcome"] not in (*USEFUL, *NOT_USEFUL):
                continue
            useful = row["outcome"] in USEFUL
            of_account[row["subject"]] = useful or of_account.get(row["subject"], False)
            if row["case_id"] is not None:
                of_alert[row["case_id"]] = useful or of_alert.get(row["case_id"], False)
    return Outcomes(of_alert, of_account, complete)


@dataclass(frozen=True)
class Replayed:
    """A past night under some settings."""

    day: date
    facts: ScanFacts


@dataclass(frozen=True)
class Figures:
    """What some settings would have given over all nights; an alert counts once, as it stood when it stood highest.

    Parameters
    ----------
    name : str
        The settings.
    by_night : tuple of (date, int, int)
        Alerts, and alerts that people could have looked at, night by night.
    alerts, told : int
        Different ones over all nights.
    useful_above, useful_just_below, useful_sampled : Share
        Useful ones among those of which the outcome is known: above the line, just below it, drawn by lot from below.
    """

    name: str
    by_night: tuple[tuple[date, int, int], ...]
    alerts: int
    told: int
    useful_above: Share
    useful_just_below: Share
    useful_sampled: Share

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "settings": self.name,
            "nights": [{"day": str(day), "alerts": alerts, "told": told} for day, alerts, told in self.by_night],
            "alerts": self.alerts,
            "told": self.told,
            "useful_above": self.useful_above.as_json(),
            "useful_just_below": self.useful_just_below.as_json(),
            "useful_sampled": self.useful_sampled.as_json(),
        }


HIGHEST: Final[tuple[Place, ...]] = ("help", "told", "novelty", "just_below", "sampled", "below")
ABOVE: Final[frozenset[Place]] = frozenset({"help", "told", "novelty"})


def figures(name: str, nights: Sequence[Replayed], known: Outcomes) -> Figures:
    """Count what some settings gave."""
    stood: dict[str, Place] = {}
    last: dict[str, Alert] = {}
    for night in nights:
        for alert in night.facts.alerts:
            place = night.facts.line.place_of[alert.alert_id]
            before = stood.get(alert.alert_id, place)
            stood[alert.alert_id] = min(before, place, key=HIGHEST.index)
            last[alert.alert_id] = alert
    useful = {id_: known.of(alert) for id_, alert in last.items()}

    def share(places: Iterable[Place]) -> Share:
        told = [useful[id_] for id_, place in stood.items() if place in places and useful[id_] is not None]
        return Share(sum(map(bool, told)), len(told))

    return Figures(
        name,
        tuple((night.day, len(night.facts.alerts), len(night.facts.to_read)) for night in nights),
        len(stood),
        sum(place in ABOVE for place in stood.values()),
        share(ABOVE),
        share(("just_below",)),
        share(("sampled",)),
    )


Change = Literal["only before", "only after", "falls below the line", "rises above the line"]


@dataclass(frozen=True)
class Difference:
    """An alert that two settings treat differently in one night.

    Parameters
    ----------
    day : date
        The night.
    alert_id, title : str
        The alert, as the settings under which it exists call it.
    change : Change
        What becomes of it.
    useful : bool or None
        What is known of it.
    why : str
        What differs in the evidence or the order.
    """

    day: date
    alert_id: str
    title: str
    change: Change
    useful: bool | None
    why: str

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**vars(self), "day": str(self.day)}


def compared(
    before: Sequence[Replayed], after: Sequence[Replayed], known: Outcomes, *, least_score: float
) -> tuple[Difference, ...]:
    """Name the alerts that two settings treat differently, night by night, in reading order.

    Parameters
    ----------
    before, after : sequence of Replayed
        The same nights under the settings in force and under others.
    known : Outcomes
        What is known of them.
    least_score : float
        Under the other settings, what an alert must weigh.
    """
    made: list[Difference] = []
    for old, new in zip(before, after, strict=True):
        same = matched(old.facts.alerts, new.facts.alerts)
        by_id = {alert.alert_id: alert for alert in new.facts.alerts}
        for alert in old.facts.alerts:
            other = by_id.get(same.get(alert.alert_id, ""))
            if other is None:
                why = _lost(alert, old.facts, new.facts, least_score)
                made.append(_difference(old.day, alert, "only before", known, why))
            elif old.facts.line.told(alert) != new.facts.line.told(other):
                change: Change = "falls below the line" if old.facts.line.told(alert) else "rises above the line"
                made.append(_difference(old.day, alert, change, known, _moved(alert, other, old.facts, new.facts)))
        kept = set(same.values())
        for alert in new.facts.alerts:
            if alert.alert_id not in kept:
                why = _lost(alert, new.facts, old.facts, 0.0)
                made.append(_difference(new.day, alert, "only after", known, why))
    return tuple(made)


def matched(before: Sequence[Alert], after: Sequence[Alert]) -> dict[str, str]:
    """Give which alert of other settings is which: of the same id, else of the most payments in common."""
    there = {alert.alert_id for alert in after}
    same = {alert.alert_id: alert.alert_id for alert in before if alert.alert_id in there}
    taken = set(same)
    of_payment: dict[str, list[Alert]] = {}
    for alert in after:
        if alert.alert_id not in taken:
            for payment in alert.payments:
                of_payment.setdefault(payment, []).append(alert)
    for alert in before:
        if alert.alert_id in same:
            continue
        shared: dict[str, int] = {}
        size: dict[str, int] = {}
        for payment in alert.payments:
            for other in of_payment.get(payment, ()):
                shared[other.alert_id] = shared.get(other.alert_id, 0) + 1
                size[other.alert_id] = len(other.payments)
        enough = [
            id_
            for id_, count in shared.items()
            if id_ not in taken and count >= SAME * min(size[id_], len(alert.payments))
        ]
        if enough:
            same[alert.alert_id] = min(enough, key=lambda id_: (-shared[id_], id_))
            taken.add(same[alert.alert_id])
    return same


def _difference(day: date, alert: Alert, change: Change, known: Outcomes, why: str) -> Difference:
    return Difference(day, alert.alert_id, alert.title, change, known.of(alert), why)


def _lost(alert: Alert, here: ScanFacts, there: ScanFacts, least_score: float) -> str:
    """Say why an alert of some settings is none under others."""
    found = {(finding.detector, account) for finding in there.findings for account in finding.accounts}
    own = here.findings_of(alert)
    gone = sorted(
        {one.detector for one in own if not any((one.detector, account) in found for account in one.accounts)}
    )
    if gone:
        return say("there nothing is found by {detectors}", detectors=", ".join(gone))
    payments = set(alert.payments)
    inside = [one.alert_id for one in there.alerts if payments.intersection(one.payments)]
    if inside:
        return say("there its payments belong to {alerts}", alerts=", ".join(inside[:3]))
    if alert.score < least_score:
        return say(
            "it weighs {score}, and there {least} is needed", score=f"{alert.score:.2f}", least=f"{least_score:.2f}"
        )
    return say("the same is found there, and weighs too little for an alert")


def _moved(alert: Alert, other: Alert, here: ScanFacts, there: ScanFacts) -> str:
    """Say why an alert crosses the line."""
    if alert.tier != other.tier:
        return say("tier {before} becomes {after}", before=alert.tier, after=other.tier)
    if round(alert.score, 3) != round(other.score, 3):
        return say("score {before} becomes {after}", before=f"{alert.score:.3f}", after=f"{other.score:.3f}")
    before, after = _place(here, alert), _place(there, other)
    if here.capacity != there.capacity:
        return say(
            "it stands at place {after} (before: {before}), and people can look at {many}",
            before=str(before),
            after=str(after),
            many=str(there.capacity),
        )
    return say("place {before} becomes {after}: others stand before it", before=str(before), after=str(after))


def _place(facts: ScanFacts, alert: Alert) -> int:
    return [one.alert_id for one in facts.alerts].index(alert.alert_id) + 1
