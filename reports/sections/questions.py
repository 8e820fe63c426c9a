"""Which questions were asked, and how many answers each gave."""

from __future__ import annotations

from collections import Counter

from detectors.about import LEGS
from flows.language import say
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
            return (Paragraph(say("No question was asked: no detector was run.")),)
        found = Counter(finding.detector for finding in facts.findings)
        rows = tuple(
            (
                Cell(say(about.title)),
                Cell(say(about.question)),
                Cell(say(LEGS[about.leg])),
                Cell(say("failed"), -1)
                if detector in facts.failures
                else Cell(f"{found[detector]:,}", found[detector]),
                Cell(f"{detector}, {say('version {number}', number=str(about.version))}, {say(about.status)}"),
            )
            for detector, about in sorted(facts.about_of.items())
        )
        columns = (
            Column(say("Name")),
            Column(say("Question")),
            Column(say("Kind of evidence")),
            Column(say("Findings"), "number"),
            Column(say("Detector")),
        )
        joined = sum(len(alert.findings) for alert in facts.alerts)
        note = told(
            "{count} of {all} findings is part of an alert.",
            "{count} of {all} findings are part of an alert.",
            joined,
            all=f"{len(facts.findings):,}",
        )
        return (Table(say("Questions"), columns, rows, note),)
