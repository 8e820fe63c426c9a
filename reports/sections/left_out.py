"""What was rejected, cut, skipped, set aside or failed: nothing is silent."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import pyarrow as pa

from detectors.notes import KINDS
from flows.language import figures, say
from flows.plural import told
from reports.blocks import Block, Bullets, Cell, Column, Fold, Paragraph, Table
from reports.facts import ScanFacts

HUB_COLUMNS: Final = {
    "account": "Account",
    "rule": "Rule",
    "counterparties": "Counterparties",
    "payments": "Payments",
    "days": "Days",
    "returning_share": "Returning share",
    "reason": "Reason",
}
"""The columns of `graphs.hubs.HUBS`, as a reader sees them."""


class LeftOut:
    """Page one also says what the reader does not see."""

    rank = 20
    title = "What was left out"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """List everything rejected, capped, skipped, excluded, failed or missing, with counts."""
        said = _said(facts)
        made: list[Block] = [Bullets(tuple(said[kind]), say(name)) for kind, name in KINDS.items() if said[kind]] or [
            Paragraph(say("Nothing: every row was read, every question was answered, no limit was reached."))
        ]
        if facts.rejects:
            made.append(Fold(say("Rejected rows by reason"), (_rejects(facts),)))
        if facts.hubs is not None and facts.hubs.num_rows:
            made.append(Fold(say("Accounts set aside as hubs"), (_hubs(facts.hubs),)))
        return tuple(made)


def _said(facts: ScanFacts) -> dict[str, list[str]]:
    said: dict[str, list[str]] = defaultdict(list)
    rejected = sum(facts.rejects.values())
    if rejected:
        said["rejected"].append(
            told(
                "{count} row could not be read as a payment; rejects/ of the ledger has it with its reason.",
                "{count} rows could not be read as payments; rejects/ of the ledger has each with its reason.",
                rejected,
            )
        )
    duplicates = sum(file.duplicates for file in facts.scanned.files)
    if duplicates:
        said["rejected"].append(
            told(
                "{count} row came twice and was counted once.",
                "{count} rows came twice and were counted once.",
                duplicates,
            )
        )
    for detector, reason in sorted(facts.failures.items()):
        title = facts.about_of[detector].title if detector in facts.about_of else detector
        said["failed"].append(
            say("The question “{title}” ({id}) was not answered: ", title=say(title), id=detector) + reason
        )
    if facts.hubs is not None and facts.hubs.num_rows:
        said["excluded"].append(
            told(
                "{count} account that serves the public is a label, not a path: money is not followed through it.",
                "{count} accounts that serve the public are labels, not paths: money is not followed through them.",
                facts.hubs.num_rows,
            )
        )
    for note in sorted(facts.notes):
        said[note.kind].append(note.sentence)
    return said


def _rejects(facts: ScanFacts) -> Table:
    rows = sorted(facts.rejects.items(), key=lambda item: (-item[1], item[0]))
    columns = (Column(say("Reason")), Column(say("Rows"), "number"))
    return Table(
        say("Rejected rows"),
        columns,
        tuple((Cell(say(why)), Cell(figures(f"{count:,}"), count)) for why, count in rows),
    )


def _hubs(table: pa.Table) -> Table:
    columns = tuple(
        Column(say(HUB_COLUMNS[name]), "id" if name == "account" else "text") for name in table.column_names
    )
    rows = tuple(
        tuple(_cell(say(value) if name == "rule" else value) for name, value in row.items())
        for row in table.to_pylist()
    )
    return Table(say("Hubs"), columns, rows, tools=len(rows) > 12)


def _cell(value: object) -> Cell:
    if isinstance(value, float):
        return Cell(figures(f"{value:,.2f}"), value)
    if isinstance(value, int):
        return Cell(figures(f"{value:,}"), value)
    return Cell("" if value is None else str(value))
