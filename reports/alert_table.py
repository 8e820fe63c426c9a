"""Alerts as flat tables, one row each, for the case system a bank already has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flows.money import major
from reports.alert import Alert
from reports.facts import ScanFacts
from reports.report import BANNER
from reports.unusual import said
from reports.wording import moment, spoken_role

Value = str | int | bool | None

ALERT_COLUMNS: Final = (
    *("alert_id", "since_last_night", "tier", "place", "above_the_line", "score", "typology", "title", "why"),
    *(
        "first_at",
        "last_at",
        "subjects",
        "accounts",
        "payments",
        "speaks_for_an_ordinary_story",
        "could_not_be_looked_at",
    ),
    *("would_clear", "route", "caution", "judged", "related", "payment_ids", "restricted"),
)
"""Columns of `alerts.csv` and of the first sheet of `alerts.xlsx`."""

ACCOUNT_COLUMNS: Final = ("alert_id", "account", "likely_role")
REASON_COLUMNS: Final = ("alert_id", "detector", "score", "payments", "sentence")
PAYMENT_COLUMNS: Final = (
    *("alert_id", "payment_id", "at", "booked_on", "payer", "payee", "amount", "currency", "amount_minor", "channel"),
    *("city", "country", "unusual_score", "unusual"),
)


READ: Final = (
    "payment_id", "at", "booked_on", "payer", "payee", "amount_minor", "currency", "channel", "city", "country",
)  # fmt: skip
"""Columns of a payment that a sheet tells."""


def alert_rows(facts: ScanFacts) -> list[list[Value]]:
    """Give one row per alert, in reading order."""
    above = {alert.alert_id for alert in facts.to_read}
    return [_row(facts, alert, place, alert.alert_id in above) for place, alert in enumerate(facts.alerts, 1)]


def _row(facts: ScanFacts, alert: Alert, place: int, above: bool) -> list[Value]:
    change = facts.night.change_of.get(alert.alert_id) if facts.night else None
    said = facts.night.said.get(alert.alert_id, ()) if facts.night else ()
    return [
        alert.alert_id,
        change.state if change else None,
        alert.tier,
        place,
        above,
        f"{alert.score:.3f}",
        alert.typology,
        alert.title,
        alert.why,
        _iso(alert.first_at),
        _iso(alert.last_at),
        "; ".join(alert.subjects),
        len(alert.accounts),
        len(alert.payments),
        _joined([found.sentence for found in alert.mitigations]),
        _joined(alert.not_computable),
        _joined(alert.would_clear),
        alert.route,
        alert.caution,
        _joined([f"{one.day.isoformat()} {one.what}" for one in said]),
        "; ".join(alert.related),
        "; ".join(alert.payments),
        BANNER,
    ]


def _iso(at: int) -> str:
    return moment(at).isoformat().replace("+00:00", "Z")


def _joined(sentences: Sequence[str]) -> str:
    return " | ".join(sentences)


def account_rows(alerts: Sequence[Alert]) -> list[list[Value]]:
    """Give one row per account of each alert."""
    return [
        [alert.alert_id, account.account_id, spoken_role(account.likely_role)]
        for alert in alerts
        for account in alert.accounts
    ]


def reason_rows(alerts: Sequence[Alert]) -> list[list[Value]]:
    """Give one row per detector that speaks in an alert."""
    return [
        [alert.alert_id, one.id, f"{one.score:.3f}", one.support, one.sentence]
        for alert in alerts
        for one in alert.indicators
    ]


def payment_rows(facts: ScanFacts, alerts: Sequence[Alert]) -> list[list[Value]]:
    """Give one row per payment of each alert, with the bank's own references."""
    return [
        [
            alert.alert_id,
            row["payment_id"],
            row["at"].isoformat(),
            row["booked_on"].isoformat(),
            row["payer"],
            row["payee"],
            major(row["amount_minor"], row["currency"]),
            row["currency"],
            row["amount_minor"],
            row["channel"],
            row["city"],
            row["country"],
            *_unusual(facts, row),
        ]
        for alert in alerts
        for row in facts.evidence(alert, READ).to_pylist()
    ]


def _unusual(facts: ScanFacts, row: Mapping[str, Any]) -> tuple[Value, Value]:
    unusual = facts.unusual.get(row["payment_id"])
    if unusual is None:
        return None, None
    return f"{unusual.score:.3f}", said(unusual, row["channel"].replace("_", " "))
