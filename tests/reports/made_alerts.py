"""Alerts made of little, for tests of what becomes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from detectors.about import LEGS
from detectors.finding import Finding, Reason
from reports.alert import AccountInAlert, Alert
from reports.store_run import Run


def made(
    alert_id,
    payments,
    *,
    tier="review",
    typology="Gathering",
    subjects=("acc-1",),
    score=0.5,
    related=(),
    why="because",
):
    """Make an alert whose payments are one letter each, all on the first of March."""
    return Alert(
        alert_id=alert_id,
        tier=tier,
        typology=typology,
        score=score,
        title="who, what, when",
        why=why,
        accounts=tuple(AccountInAlert(account, "collects") for account in subjects),
        payments=tuple(payments),
        indicators=(),
        legs=dict.fromkeys(LEGS),
        mitigations=(),
        innocent=(),
        not_computable=(),
        would_clear=(),
        sources=(),
        first_at=at(1),
        last_at=at(1),
        route="look",
        findings=tuple(found(payments).finding_id for _ in payments[:1]),
        related=related,
        subjects=tuple(subjects),
    )


def found(payments):
    """Make the finding that an alert of these payments rests on."""
    return Finding(
        "fan-in",
        1,
        "acc-1",
        ("acc-1",),
        tuple(payments),
        0,
        1,
        0.5,
        (Reason("{measured} came in.", 3, None, "payments"),),
    )


def at(day):
    """Give the microsecond at which a day of the calendar of these tests begins."""
    return int(datetime(2026, 3, day, tzinfo=UTC).timestamp()) * 1_000_000


def night(day, **changed):
    """Make the run of a day."""
    given = {"ledger_version": day, "settings_hash": "s", "as_of": date(2026, 3, day), "program": "p", **changed}
    return Run(**given)


def evening(day):
    """Give the time at which the night of a day is recorded."""
    return datetime(2026, 3, day, 23, tzinfo=UTC)


def record(store, day, *alerts, counted=None, **changed):
    """Record a night of alerts."""
    findings = [found(alert.payments) for alert in alerts if alert.payments]
    return store.record(night(day, **changed), alerts, at=evening(day), findings=findings, counted=counted)
