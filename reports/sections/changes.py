"""What changed since last night: the first thing a reader of the morning wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flows.language import figures, say
from flows.plural import told
from reports.blocks import Block, Bullets, Cell, Column, Fold, Paragraph, Table, Tile, Tiles
from reports.delta import ABSENT, State
from reports.facts import ScanFacts
from reports.night import Change
from reports.settings_diff import differences
from reports.wording import day

STATES: Final[dict[State, str]] = {
    "new": "came up tonight",
    "returned": "had gone and are back",
    "grown": "have more payments than last night",
    "shrunk": "have fewer payments than last night",
    "unchanged": "are as they were",
    "quiet": "are as they were, and long without a payment",
    "merged": "are one with another alert now",
    "gone": "are not told any more",
}
"""What each state says of alerts, under its number."""

CHANGED: Final[tuple[State, ...]] = ("new", "returned", "grown", "shrunk")
"""States of alerts that are listed one by one on page one."""

MOST_GONE: Final = 40
"""Alerts that are gone, listed one by one; the store has all."""


class Changes:
    """New, grown and gone alerts, late data, changed settings."""

    rank = 5
    title = "Since last night"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Say what changed; nothing where a ledger is scanned by itself."""
        night = facts.night
        if night is None:
            return ()
        if night.last is None:
            return (Paragraph(say("This is the first night: every alert is new.")), *_beside(facts))
        blocks: list[Block] = [Paragraph(say("Last night looked at payments up to {day}.", day=day(night.last)))]
        if night.counts:
            blocks.append(
                Tiles(
                    tuple(
                        Tile(say(state), figures(f"{count:,}"), say(STATES[state]))
                        for state, count in night.counts.items()
                    )
                )
            )
        blocks += _told(facts)
        gone = [change for change in night.changes if change.state in ABSENT]
        if gone:
            blocks.append(_gone(gone))
        return (*blocks, *_beside(facts))


def _told(facts: ScanFacts) -> Iterator[Block]:
    """List the alerts above the line that are new or not as they were: those to look at this morning."""
    assert facts.night is not None
    rows = []
    for alert in facts.to_read:
        change = facts.night.change_of.get(alert.alert_id)
        if change is not None and change.state in CHANGED:
            since = change.first_seen.isoformat() if change.first_seen else ""
            rows.append(
                tuple(map(Cell, (say(change.state), alert.tier, alert.title, change.why, since, alert.alert_id)))
            )
    if rows:
        columns = (
            Column(say("State")),
            Column(say("Tier")),
            Column(say("What")),
            Column(say("How it changed")),
            Column(say("First seen"), "time"),
            Column(say("Alert"), "id"),
        )
        yield Table(say("New or changed, above the line"), columns, tuple(rows), tools=len(rows) > 12)
    else:
        yield Paragraph(say("No alert above the line is new or has changed."))


def _gone(gone: list[Change]) -> Block:
    # The title of an alert that is gone names accounts that nothing of tonight masks: only its pattern is told.
    rows = tuple(
        tuple(map(Cell, (change.alert_id, change.tier, change.title.partition(":")[0], change.why)))
        for change in gone[:MOST_GONE]
    )
    columns = (Column(say("Alert"), "id"), Column(say("Tier")), Column(say("Pattern")), Column(say("Why it is gone")))
    title = told("{count} alert is not told any more", "{count} alerts are not told any more", len(gone))
    note = "" if len(gone) <= MOST_GONE else say("The first {most}; the store has all.", most=str(MOST_GONE))
    return Fold(title, (Table(title, columns, rows, note),))


def _beside(facts: ScanFacts) -> Iterator[Block]:
    """Say what else is not as it was: late payments, settings, suppressions."""
    night = facts.night
    assert night is not None
    if night.late:
        late = (
            told("{count} payment {what}.", "{count} payments {what}.", count, what=what)
            for what, count in night.late.items()
        )
        yield Bullets(tuple(late), say("Late or corrected payments"))
    if night.settings_before is not None:
        changed = differences(night.settings_before, facts.run.get("settings", {}))
        if changed:
            yield Bullets(changed, say("Settings that are not those of last night"))
    if night.hidden:
        hidden = (
            told(
                "{count} alert, for which {owner} answers.",
                "{count} alerts, for which {owner} answers.",
                count,
                owner=owner,
            )
            for owner, count in night.hidden.items()
        )
        yield Bullets(tuple(hidden), say("Suppressed, and not told"))
