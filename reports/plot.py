"""A plot of a few numbers over days or values, as places in an SVG; the page draws it, and a table says the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reports.blocks import Plot

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 56, 30, 12, 26
MOST_LABELS = 8
LOOKS = 7
"""Colours and dashes that tell lines apart; a bench that tries more settings begins again."""


@dataclass(frozen=True)
class Line:
    """One series: pieces of a line, broken where there is no number, and its points with what each says."""

    name: str
    look: int
    pieces: tuple[str, ...]
    points: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Drawn:
    """A plot as numbers of an SVG."""

    width: int
    height: int
    lines: tuple[Line, ...]
    levels: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]


def draw(plot: Plot) -> Drawn:
    """Lay out a plot; its axis begins at zero, so that heights can be compared."""
    highest = max((value for series in plot.series for value in series.values if value is not None), default=0.0)
    top = _round_up(highest)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(plot.days) - 1)

    def across(place: int) -> float:
        return LEFT + place * step

    def down(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    lines = []
    for look, series in enumerate(plot.series):
        points = [
            (across(place), down(value), f"{plot.steps[place]}: {value:,.0f} {series.name}")
            for place, value in enumerate(series.values)
            if value is not None
        ]
        pieces: list[list[str]] = [[]]
        for place, value in enumerate(series.values):
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append(f"{across(place):.1f},{down(value):.1f}")
        lines.append(
            Line(series.name, look % LOOKS, tuple(" ".join(piece) for piece in pieces if len(piece) > 1), tuple(points))
        )
    # Counted from the last day, which is the one that is asked about.
    last, every = len(plot.days) - 1, math.ceil(len(plot.days) / MOST_LABELS)
    return Drawn(
        WIDTH,
        HEIGHT,
        tuple(lines),
        tuple((down(level), f"{level:,.0f}") for level in (0.0, top / 2, top)),
        tuple(
            # A day without its year.
            (across(place), day if isinstance(day, str) else day.isoformat()[5:])
            for place, day in enumerate(plot.days)
            if (last - place) % every == 0
        ),
    )


def _round_up(highest: float) -> float:
    """Give an even top of an axis, whose half is a whole number too."""
    if highest <= 2:
        return 2.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(top for top in (power, 2 * power, 4 * power, 6 * power, 8 * power, 10 * power) if top >= highest)
