"""Alerts as CSV, one row each, for the case system a bank already has."""

from __future__ import annotations

from typing import ClassVar

from reports.alert_table import ALERT_COLUMNS, alert_rows
from reports.cells import csv_bytes
from reports.facts import ScanFacts
from reports.masking import for_people


class AlertsCsv:
    """Write `alerts.csv`: one row per alert, in reading order; no cell is run as a formula."""

    file_name: ClassVar[str] = "alerts.csv"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        return csv_bytes(ALERT_COLUMNS, alert_rows(for_people(facts)))
