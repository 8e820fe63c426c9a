"""Which questions were asked, and how many answers each gave."""

from __future__ import annotations

from collections import Counter

from detectors.about import LEGS
from flows.plural import told
from reports.blocks import Block, Cell, Column, Paragraph, Table
from reports.facts import ScanFacts


class Questions:
    """The detectors, each with the one question it asks."""

    rank = 40
    title = "Questions asked of the payments"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """List the detectors that were run."""
        if not facts.about_of:
            return (Paragraph("No question was asked: no detector was run."),)
        found = Counter(finding.detector for finding in facts.findings)
        rows = tuple(
            (
                Cell(about.title),
                Cell(about.question),
                Cell(LEGS[about.leg]),
                Cell("failed", -1) if detector in facts.failures else Cell(f"{found[detector]:,}", found[detector]),
                Cell(f"{detector}, version {about.version}, {about.status}"),
            )
            for detector, about in sorted(facts.about_of.items())
        )
        columns = (
            Column("Name"),
            Column("Question"),
            Column("Kind of evidence"),
            Column("Findings", "number"),
            Column("Detector"),
        )
        joined = sum(len(alert.findings) for alert in facts.alerts)
        note = told(
            "{count} of {all} findings is part of an alert.",
            "{count} of {all} findings are part of an alert.",
            joined,
            all=f"{len(facts.findings):,}",
        )
        return (Table("Questions", columns, rows, note),)
