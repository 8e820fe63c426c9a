"""Alerts as JSON, for people's own scripts and case systems."""

from __future__ import annotations

import json
from typing import ClassVar

from reports.alert_rows import as_json
from reports.facts import ScanFacts


class AlertsJson:
    """Write `alerts.json`: a list of alerts in reading order, times in ISO 8601 UTC."""

    file_name: ClassVar[str] = "alerts.json"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        rows = [as_json(alert, facts.line.place_of[alert.alert_id]) for alert in facts.alerts]
        return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()
