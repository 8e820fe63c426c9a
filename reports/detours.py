"""Ways round the boxes of a picture, for arrows that close a circle or go on in the next band.

Such an arrow leaves on the right of its box into the channel between two columns, has a lane of its own there, a height
of its own in the corridor below a band, and a lane of its own in the channel before its payee. No box stands in a
channel or a corridor, so no arrow runs behind a box of somebody else or seems to leave from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.blocks import Arrow

# Pixels: how far the first lane of a channel is from its boxes, how far lanes are apart, and what all of them may take.
# Before a payee there is room for the head of the arrow; two channels' halves stay apart.
FIRST_OUT, FIRST_IN = 10, 20
LANE, WIDEST = 9, 70

# Where on the side of a box its detours touch it, as parts of its height; the middle belongs to the plain arrows.
UPPER, LOWER = (0.34, 0.1), (0.66, 0.9)


class Course:
    """A path of straight pieces and curves, and points along it."""

    def __init__(self, x: float, y: float) -> None:
        self._pieces = [f"M{x:.1f},{y:.1f}"]
        self._x, self._y = x, y
        self.spots: list[tuple[float, float]] = []

    @property
    def path(self) -> str:
        """The course as SVG says it."""
        return "".join(self._pieces)

    def across(self, x: float) -> Course:
        """Go on to the left or right."""
        self.spots += [(self._x + part * (x - self._x), self._y) for part in (0.5, 0.3, 0.7)]
        self._pieces.append(f" H{x:.1f}")
        self._x = x
        return self

    def down(self, y: float) -> Course:
        """Go on up or down."""
        self.spots += [(self._x, self._y + part * (y - self._y)) for part in (0.5, 0.3, 0.7)]
        self._pieces.append(f" V{y:.1f}")
        self._y = y
        return self

    def bend(self, x: float, y: float) -> Course:
        """Go on in a curve that begins and ends level."""
        middle = (self._x + x) / 2
        self.spots += [
            (self._x + part * (x - self._x), self._y + part * part * (3 - 2 * part) * (y - self._y))
            for part in (0.5, 0.3, 0.7)
        ]
        self._pieces.append(f" C{middle:.1f},{self._y:.1f} {middle:.1f},{y:.1f} {x:.1f},{y:.1f}")
        self._x, self._y = x, y
        return self


@dataclass(frozen=True)
class Detours:
    """The lanes of all detours.

    Parameters
    ----------
    out, into : dict of Arrow to float
        How far right of its payer's box, or left of its payee's, the lane of an arrow runs.
    level : dict of Arrow to int
        Which of the heights of its corridor an arrow has, from 0.
    leaves, arrives : dict of Arrow to float
        Where it touches the boxes, as a part of their height.
    left, right : float
        How much room the lanes take beside the first and the last column.
    """

    out: dict[Arrow, float] = field(default_factory=dict)
    into: dict[Arrow, float] = field(default_factory=dict)
    level: dict[Arrow, int] = field(default_factory=dict)
    leaves: dict[Arrow, float] = field(default_factory=dict)
    arrives: dict[Arrow, float] = field(default_factory=dict)
    left: float = 0.0
    right: float = 0.0


def lanes(
    corridor: Mapping[Arrow, int | None], slot: Mapping[str, int], y: Mapping[str, float], floor: Mapping[int, float]
) -> Detours:
    """Give every detour lanes of its own.

    Parameters
    ----------
    corridor : mapping of Arrow to int or None
        The band below which an arrow runs across; None for one that stays before its column.
    slot : mapping of str to int
        Which column of its band a node is in.
    y : mapping of str to float
        Upper edge of its box.
    floor : mapping of int to float
        Lower edge of each band.
    """
    across = [arrow for arrow, below in corridor.items() if below is not None]

    def away(arrow: Arrow, end: str) -> float:
        below = corridor[arrow]
        return abs(y[end] - (y[arrow.payer] if below is None else floor[below]))

    # Who is nearer to the corridor takes the inner lane: then nobody's way to an outer lane crosses it.
    out = _by(across, lambda arrow: slot[arrow.payer], lambda arrow: away(arrow, arrow.payer))
    into = _by(list(corridor), lambda arrow: slot[arrow.payee], lambda arrow: away(arrow, arrow.payee))
    made = Detours(left=_room(into.get(0, ())), right=_room(out.get(max(slot.values()), ())))
    for own in out.values():
        made.out.update(_spread(own, FIRST_OUT))
    for own in into.values():
        made.into.update(_spread(own, FIRST_IN))
    levels = _by(across, lambda arrow: corridor[arrow], lambda arrow: (slot[arrow.payer], made.out[arrow]))
    for own in levels.values():
        made.level.update({arrow: number for number, arrow in enumerate(own)})

    left = [arrow for own in out.values() for arrow in own]
    left += [arrow for arrow in made.into if corridor[arrow] is None]
    made.leaves.update(_touch(left, lambda arrow: (arrow.payer, True)))
    made.arrives.update(_touch(list(made.into), lambda arrow: (arrow.payee, _from_below(arrow, corridor, y, floor))))
    return made


def _from_below(
    arrow: Arrow, corridor: Mapping[Arrow, int | None], y: Mapping[str, float], floor: Mapping[int, float]
) -> bool:
    below = corridor[arrow]
    return y[arrow.payee] < (y[arrow.payer] if below is None else floor[below])


def _by(
    arrows: Sequence[Arrow], what: Callable[[Arrow], int | None], order: Callable[[Arrow], Any]
) -> dict[int, list[Arrow]]:
    parted: dict[int, list[Arrow]] = defaultdict(list)
    for arrow in sorted(arrows, key=lambda arrow: (order(arrow), arrow.payer, arrow.payee)):
        parted[what(arrow) or 0].append(arrow)
    return parted


def _step(count: int) -> float:
    return min(LANE, WIDEST / max(count - 1, 1))


def _spread(own: Sequence[Arrow], first: float) -> dict[Arrow, float]:
    return {arrow: first + number * _step(len(own)) for number, arrow in enumerate(own)}


def _room(own: Sequence[Arrow]) -> float:
    return FIRST_IN + _step(len(own)) * len(own) if own else 0.0


def _touch(arrows: Sequence[Arrow], side: Callable[[Arrow], tuple[str, bool]]) -> dict[Arrow, float]:
    """Spread arrows over the upper or lower part of a side of a box, the inner lane at the outer edge."""
    parted: dict[tuple[str, bool], list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        parted[side(arrow)].append(arrow)
    touch = {}
    for (_, below), own in parted.items():
        inner, outer = LOWER if below else UPPER
        for number, arrow in enumerate(own):
            touch[arrow] = outer + (inner - outer) * number / len(own)
    return touch
