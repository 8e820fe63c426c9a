"""Findings as Parquet: every answer of every detector, also those of no alert."""

from __future__ import annotations

from typing import Any, ClassVar

import pyarrow as pa

from detectors.finding import Finding
from flows.payments import UTC
from reports.facts import ScanFacts
from reports.parquet import parquet_bytes

FINDINGS = pa.schema(
    [
        ("finding_id", pa.string()),
        ("detector", pa.string()),
        ("version", pa.int32()),
        ("accounts", pa.list_(pa.string())),
        ("payments", pa.list_(pa.string())),
        ("first_at", UTC),
        ("last_at", UTC),
        ("strength", pa.float64()),
        ("surprise", pa.float64()),
        (
            "reasons",
            pa.list_(
                pa.struct(
                    [
                        ("sentence", pa.string()),
                        ("measured", pa.float64()),
                        ("limit", pa.float64()),
                        ("unit", pa.string()),
                    ]
                )
            ),
        ),
    ]
)
"""Columns of `findings.parquet`."""


class FindingsParquet:
    """Write `findings.parquet`: one row per finding, in the one order of findings."""

    file_name: ClassVar[str] = "findings.parquet"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        ordered = sorted(facts.findings, key=lambda finding: (finding.order, finding.finding_id))
        return parquet_bytes(pa.Table.from_pylist([_row(finding) for finding in ordered], schema=FINDINGS))


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "finding_id": finding.finding_id,
        "detector": finding.detector,
        "version": finding.version,
        "accounts": finding.accounts,
        "payments": finding.payments,
        "first_at": finding.first_at,
        "last_at": finding.last_at,
        "strength": finding.strength,
        "surprise": finding.surprise,
        "reasons": [
            {
                "sentence": reason.sentence,
                "measured": float(reason.measured),
                "limit": None if reason.limit is None else float(reason.limit),
                "unit": reason.unit,
            }
            for reason in finding.reasons
        ],
    }
