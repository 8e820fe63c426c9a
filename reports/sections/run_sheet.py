"""The run sheet: what is needed to run this scan again and get the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flows.language import figures, say
from reports.blocks import Block, Cell, Column, Fold, Table
from reports.facts import ScanFacts

MOST_LISTED: Final = 100
"""Files, and entries of one list of the run sheet, that are told, the latest; ours: after years there are thousands of
files, and a report that is read in the morning does not grow with each. run.json has all."""


class RunSheet:
    """Files, versions, settings, counts and seconds."""

    rank = 60
    title = "Run sheet"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """List the files and everything of `run.json`."""
        blocks: list[Block] = []
        if facts.scanned.files:
            blocks.append(_files(facts))
        if facts.run:
            rows = tuple((Cell(key), Cell(value)) for key, value in _flat(facts.run))
            note = say("Of lists with more than {most} entries, the last; run.json has all.", most=str(MOST_LISTED))
            blocks.append(
                Fold(
                    say("What is in run.json"),
                    (Table(say("Run"), (Column(say("Entry"), "id"), Column(say("Value"))), rows, note),),
                )
            )
        return tuple(blocks)


def _files(facts: ScanFacts) -> Table:
    columns = (
        Column(say("File"), "id"),
        Column(say("Rows"), "number"),
        Column(say("Kept"), "number"),
        Column(say("Duplicates"), "number"),
        Column(say("Rejected"), "number"),
        Column(say("SHA-256"), "id"),
    )
    rows = tuple(
        (
            Cell(file.name),
            *(Cell(f"{count:,}", count) for count in (file.rows, file.kept, file.duplicates, file.rejected)),
            Cell(file.sha256),
        )
        for file in facts.scanned.files[-MOST_LISTED:]
    )
    note = say("Rows = kept + duplicates + rejected.")
    if len(facts.scanned.files) > MOST_LISTED:
        cut = say(
            "The last {most} of {all} files; run.json has all.",
            most=str(MOST_LISTED),
            all=figures(f"{len(facts.scanned.files):,}"),
        )
        note = f"{cut} {note}"
    return Table(say("Files read"), columns, rows, note)


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, (list, tuple)):
        first = max(0, len(value) - MOST_LISTED)
        for place, inner in enumerate(value[first:], first):
            yield from _flat(inner, f"{key}[{place}]")
    else:
        yield key, "" if value is None else str(value)
