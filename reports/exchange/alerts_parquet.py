"""Alerts as Parquet, for engines."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa

from reports.alert_rows import ALERTS, as_row
from reports.facts import ScanFacts
from reports.parquet import parquet_bytes


class AlertsParquet:
    """Write `alerts.parquet`: one row per alert, in reading order."""

    file_name: ClassVar[str] = "alerts.parquet"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        return parquet_bytes(pa.Table.from_pylist([as_row(alert) for alert in facts.alerts], schema=ALERTS))
