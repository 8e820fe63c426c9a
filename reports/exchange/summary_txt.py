"""The body of an e-mail: that there is something to read and how much, and nothing of anybody."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from detectors.notes import KINDS
from flows.language import figures, say
from flows.plural import told
from reports.facts import ScanFacts
from reports.report import banner
from reports.settings_diff import differences
from reports.weighing import TIERS

MOST_ALERTS = 10
"""Alerts named by number; whoever wants more opens the report."""


class SummaryTxt:
    """Write `summary.txt`: counts, alert numbers and patterns; no account, no name, no amount, no free text."""

    file_name: ClassVar[str] = "summary.txt"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        # Sentences of notes may name an owner or an account, so only their kinds are counted here.
        planted = any(note.kind == "planted" for note in facts.notes)
        paragraphs = [banner(planted), *_alerts(facts), *_night(facts), *_left_out(facts)]
        return ("\n".join(line for text in paragraphs for line in _wrapped(text)) + "\n").encode()


def _alerts(facts: ScanFacts) -> Iterator[str]:
    tiers = Counter(alert.tier for alert in facts.alerts)
    yield ""
    yield told(
        "{count} alert; payments booked up to {day}.",
        "{count} alerts; payments booked up to {day}.",
        len(facts.alerts),
        day=facts.as_of.isoformat(),
    )
    yield from (f"  {tier}: {figures(f'{tiers[tier]:,}')}" for tier in TIERS if tiers[tier])
    for alert in facts.to_read[:MOST_ALERTS]:
        change = facts.night.change_of.get(alert.alert_id) if facts.night else None
        state = f", {say(change.state)}" if change else ""
        yield f"  {alert.alert_id}  {alert.tier}{state}: {alert.typology}"
    more = len(facts.to_read) - MOST_ALERTS
    if more > 0:
        yield "  " + say("and {count} more above the line", count=figures(f"{more:,}"))


def _night(facts: ScanFacts) -> Iterator[str]:
    if facts.night is None:
        return
    counts = facts.night.counts
    yield ""
    yield say("Since last night:") + " " + (", ".join(f"{number} {say(state)}" for state, number in counts.items()))
    before = facts.night.settings_before
    changed = 0 if before is None else len(differences(before, facts.run.get("settings", {})))
    if changed:
        yield told("{count} setting was changed.", "{count} settings were changed.", changed)


def _left_out(facts: ScanFacts) -> Iterator[str]:
    kinds = Counter(note.kind for note in facts.notes)
    if facts.failures:
        yield ""
        yield told(
            "{count} question was not answered: its detector failed.",
            "{count} questions were not answered: their detectors failed.",
            len(facts.failures),
        )
    rejected = sum(facts.rejects.values())
    if rejected:
        yield told("{count} row was rejected.", "{count} rows were rejected.", rejected)
    noted = [f"{say(name)}: {kinds[kind]}" for kind, name in KINDS.items() if kinds[kind]]
    if noted:
        yield ""
        yield say("Left out, by kind (the report says what):") + " " + "; ".join(noted)


def _wrapped(text: str) -> list[str]:
    # Mail programs break lines at about 72 characters.
    return textwrap.wrap(text, 72, subsequent_indent="  " if text.startswith("  ") else "") or [""]
