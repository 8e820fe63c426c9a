"""Alerts as a workbook: all of them in one sheet, and beside it what those above the line rest on."""

from __future__ import annotations

from typing import ClassVar

from reports.alert_table import (
    ACCOUNT_COLUMNS,
    ALERT_COLUMNS,
    PAYMENT_COLUMNS,
    REASON_COLUMNS,
    account_rows,
    alert_rows,
    payment_rows,
    reason_rows,
)
from reports.facts import ScanFacts
from reports.masking import for_people
from reports.report import BANNER, PROMISE
from reports.workbook import MOST_ROWS, Sheets, Value, workbook


class AlertsXlsx:
    """Write `alerts.xlsx`: alerts, and of those above the line accounts, reasons and payments."""

    file_name: ClassVar[str] = "alerts.xlsx"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        facts = for_people(facts)
        told = facts.to_read
        payments = payment_rows(facts, told)
        about: list[list[Value]] = [
            ["Restricted", BANNER],
            ["What this is not", PROMISE],
            ["Payments booked up to", facts.as_of.isoformat()],
            ["Alerts", len(facts.alerts)],
            ["Alerts above the line, with accounts, reasons and payments", len(told)],
            ["Account numbers", "masked" if facts.masked else "in full"],
        ]
        if len(payments) > MOST_ROWS:
            about.append(
                ["Payments left out, which a sheet cannot hold; alerts.json names all", len(payments) - MOST_ROWS]
            )
        sheets: Sheets = {
            "about": (("what", "value"), about),
            "alerts": (ALERT_COLUMNS, alert_rows(facts)),
            "accounts": (ACCOUNT_COLUMNS, account_rows(told)),
            "reasons": (REASON_COLUMNS, reason_rows(told)),
            "payments": (PAYMENT_COLUMNS, payments[:MOST_ROWS]),
        }
        return workbook("Alerts", sheets)
