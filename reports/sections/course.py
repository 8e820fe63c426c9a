"""How it went over time, for whoever answers for the whole: alerts, what use they were, how long they wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flows.language import figures, say
from reports.blocks import Block, Bullets, Paragraph, Plot, Series
from reports.facts import ScanFacts
from reports.night import NightFigures

FEWEST_NIGHTS: Final = 2
"""A course has a beginning and an end."""

NIGHTS_OF_A_HABIT: Final = 7
"""Nights after which a figure outside of all of them is worth a word; ours: a week has its weekend in it."""

FIGURES: Final = {"payments": "Payments looked at", "new": "New alerts", "told": "Alerts told above the line"}
"""What is held against the nights before."""


class Course:
    """Figures of the last nights as plots."""

    rank = 45
    title = "Over time"

    def blocks(self, facts: ScanFacts) -> tuple[Block, ...]:
        """Draw the last nights; nothing where a ledger is scanned by itself."""
        if facts.night is None:
            return ()
        course = facts.night.course
        if len(course) < FEWEST_NIGHTS:
            return (Paragraph(say("A course over time needs two nights."), "quiet"),)
        days = tuple(night.day for night in course)
        unlike = (*_unlike(course), *facts.night.drift)
        return (
            *((Bullets(unlike, say("Unlike the nights before")),) if unlike else ()),
            Plot(
                say("Alerts"),
                days,
                (
                    Series(say("told above the line"), tuple(float(night.told) for night in course)),
                    Series(say("new"), tuple(float(night.new) for night in course)),
                ),
                say("Alerts a night."),
            ),
            Plot(
                say("Useful share"),
                days,
                (Series(say("useful among those judged, per cent"), tuple(map(_useful, course))),),
                say("Of the alerts judged since the night before; no point where nobody judged any."),
            ),
            Plot(
                say("Waiting"),
                days,
                (
                    Series(say("open alerts"), tuple(float(night.open_alerts) for night in course)),
                    Series(say("age of the oldest, days"), tuple(float(night.oldest_days) for night in course)),
                ),
                say("Alerts nobody has closed."),
            ),
            Plot(
                say("Payments"),
                days,
                (Series(say("payments looked at"), tuple(float(night.payments) for night in course)),),
                say("A night far below the others may lack a file."),
            ),
        )


def _unlike(course: tuple[NightFigures, ...]) -> Iterator[str]:
    """Say what of tonight lies outside of everything the nights before saw: data, settings or the world changed."""
    *before, tonight = course
    if len(before) < NIGHTS_OF_A_HABIT:
        return
    for name, what in FIGURES.items():
        seen = [getattr(night, name) for night in before]
        value = getattr(tonight, name)
        if not min(seen) <= value <= max(seen):
            yield say(
                "{what}: {value} tonight, between {least} and {most} in the {nights} nights before.",
                what=say(what),
                value=figures(f"{value:,}"),
                least=figures(f"{min(seen):,}"),
                most=figures(f"{max(seen):,}"),
                nights=str(len(before)),
            )


def _useful(night: NightFigures) -> float | None:
    return 100.0 * night.useful / night.judged if night.judged else None
