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
        rows = [as_row(alert, facts.line.place_of[alert.alert_id]) for alert in facts.alerts]
        return parquet_bytes(pa.Table.from_pylist(rows, schema=ALERTS))
