"""An alert as a row of the outside contract."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from detectors.about import LEGS
from flows.language import say
from flows.payments import UTC
from reports.alert import Alert
from reports.report import BANNER
from reports.wording import moment, spoken_role

_TEXTS = pa.list_(pa.string())
_SAID = pa.struct([("id", pa.string()), ("sentence", pa.string())])

ALERTS = pa.schema(
    [
        ("alert_id", pa.string()),
        ("tier", pa.string()),
        ("typology", pa.string()),
        ("score", pa.float64()),
        ("title", pa.string()),
        ("accounts", pa.list_(pa.struct([("account_id", pa.string()), ("likely_role", pa.string())]))),
        ("payments", _TEXTS),
        (
            "indicators",
            pa.list_(
                pa.struct(
                    [
                        ("id", pa.string()),
                        ("score", pa.float64()),
                        ("support", pa.int64()),
                        ("sentence", pa.string()),
                        ("payments", _TEXTS),
                    ]
                )
            ),
        ),
        ("legs", pa.struct([(leg, pa.float64()) for leg in LEGS])),
        ("mitigations", pa.list_(_SAID)),
        ("innocent", _TEXTS),
        ("not_computable", _TEXTS),
        ("would_clear", _TEXTS),
        ("sources", _TEXTS),
        ("first_at", UTC),
        ("last_at", UTC),
        ("route", pa.string()),
        ("caution", pa.string()),
        ("findings", _TEXTS),
        ("related", _TEXTS),
        ("line", pa.string()),
        ("restricted", pa.string()),
    ]
)
"""Columns of `alerts.parquet`; `alerts.json` has the same names."""


def as_row(alert: Alert, line: str | None = None) -> dict[str, Any]:
    """Give an alert as plain values, one per column of `ALERTS`.

    Parameters
    ----------
    alert : Alert
        The alert.
    line : str or None
        Where it stands in its night, `reports.line.PLACES`; None where it is told by itself.
    """
    return {
        "alert_id": alert.alert_id,
        "tier": alert.tier,
        "typology": alert.typology,
        "score": alert.score,
        "title": alert.title,
        "accounts": [
            {"account_id": account.account_id, "likely_role": spoken_role(account.likely_role)}
            for account in alert.accounts
        ],
        "payments": list(alert.payments),
        "indicators": [
            {
                "id": indicator.id,
                "score": indicator.score,
                "support": indicator.support,
                "sentence": indicator.sentence,
                "payments": list(indicator.payments),
            }
            for indicator in alert.indicators
        ],
        "legs": {leg: alert.legs[leg] for leg in LEGS},
        "mitigations": [{"id": found.id, "sentence": found.sentence} for found in alert.mitigations],
        "innocent": list(alert.innocent),
        "not_computable": list(alert.not_computable),
        "would_clear": list(alert.would_clear),
        "sources": list(alert.sources),
        "first_at": alert.first_at,
        "last_at": alert.last_at,
        "route": alert.route,
        "caution": alert.caution,
        "findings": list(alert.findings),
        "related": list(alert.related),
        "line": line,
        # Case systems take alerts out of the list one by one, so each says it.
        "restricted": say(BANNER),
    }


def as_json(alert: Alert, line: str | None = None) -> dict[str, Any]:
    """Give an alert as values that JSON knows: times as ISO 8601 text in UTC."""
    row = as_row(alert, line)
    return {**row, "first_at": _iso(alert.first_at), "last_at": _iso(alert.last_at)}


def _iso(at: int) -> str:
    return moment(at).isoformat().replace("+00:00", "Z")
