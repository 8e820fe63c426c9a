"""What the data have and what they lack: what a reader may conclude from what is not on the page."""

from __future__ import annotations

from typing import Final

from flows.language import figures, say
from flows.plural import told
from flows.quality import QuietDay
from reports.blocks import Block, Bullets, Cell, Column, Table, Tile, Tiles
from reports.facts import ScanFacts
from reports.wording import day

MOST_DAYS: Final = 12
"""Quiet days that are listed, the latest first."""
WEEK: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Quality:
    """Rows read and rejected, fields that are empty, currencies, days on which a file may be missing."""

    rank = 35
    title = "Data quality"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Tell what the data have and lack."""
        made: list[Block] = []
        if facts.scanned.files:
            made.append(_rows(facts))
        if facts.quality.gaps:
            made.append(_gaps(facts))
        if facts.quality.currencies:
            made.append(_currencies(facts))
        if facts.quality.quiet:
            made.append(_quiet(facts.quality.quiet))
        return tuple(made)


def _rows(facts: ScanFacts) -> Tiles:
    files = facts.scanned.files
    counts = {
        say("Rows read"): sum(file.rows for file in files),
        say("Kept"): sum(file.kept for file in files),
        say("Came twice"): sum(file.duplicates for file in files),
        say("Rejected"): sum(file.rejected for file in files),
    }
    notes = {say("Rows read"): told("from {count} file", "from {count} files", len(files))}
    if facts.rejects:
        most = max(facts.rejects, key=lambda why: (facts.rejects[why], why))
        notes[say("Rejected")] = say("most of them: {why}", why=say(most))
    return Tiles(tuple(Tile(name, figures(f"{count:,}"), notes.get(name, "")) for name, count in counts.items()))


def _gaps(facts: ScanFacts) -> Table:
    columns = (
        Column(say("What payments may lack")),
        Column(say("Payments it is asked of"), "number"),
        Column(say("Without it"), "number"),
        Column(say("Share"), "number"),
    )
    rows = tuple(
        (
            Cell(say(gap.field)),
            Cell(figures(f"{gap.payments:,}"), gap.payments),
            Cell(figures(f"{gap.empty:,}"), gap.empty),
            Cell(_share(gap.empty, gap.payments), gap.empty / gap.payments),
        )
        for gap in facts.quality.gaps
    )
    note = say(
        "What needs a field cannot be seen in payments without it. A row without a payer or a payee is rejected, and "
        "counted above."
    )
    return Table(say("Fields that are empty"), columns, rows, note)


def _share(part: int, whole: int) -> str:
    share = 100 * part / whole
    return say("under {count} %", count="1") if 0 < share < 1 else say("{count} %", count=f"{share:.0f}")


def _currencies(facts: ScanFacts) -> Bullets:
    said = ", ".join(f"{code} ({figures(f'{count:,}')})" for code, count in facts.quality.currencies)
    return Bullets((said,), say("Currencies, and payments in each"))


def _quiet(quiet: tuple[QuietDay, ...]) -> Bullets:
    items = [
        told(
            "{weekday}, {day}: {count} payment, usually {usual}.",
            "{weekday}, {day}: {count} payments, usually {usual}.",
            one.payments,
            weekday=say(WEEK[one.day.weekday()]),
            day=day(one.day),
            usual=figures(f"{one.usual:,}"),
        )
        for one in quiet[:MOST_DAYS]
    ]
    if len(quiet) > MOST_DAYS:
        items.append(told("And {count} day before.", "And {count} days before.", len(quiet) - MOST_DAYS))
    return Bullets(
        tuple(items), say("Days with far fewer payments than their day of the week: a holiday, or a missing file")
    )
