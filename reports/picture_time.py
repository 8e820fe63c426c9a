"""Where the followed money was, drawn: a band per account, as thick as what it held of the money, time to the right.

A Sankey diagram whose nodes are stretched over time: it shows how long money lay and when it moved on, not only how
much. All bands together are as thick at every moment, so the eye can check that nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.money import spoken
from reports.axis import Tick, ticks
from reports.blocks import Passing, Stay, Whereabouts

# Pixels at scale one. A name and what became of the money fit to the left, an amount to the right.
WIDTH, LEFT, RIGHT, TOP, AXIS = 1180, 206, 128, 12, 28
THICK = 150
"""Pixels of all the money together."""
LEAST, GAP = 30, 22
"""Least height of a lane, and between lanes."""
SLANT, BY_THICKNESS, BY_HEIGHT = 12, 0.3, 0.05
"""Half the way to the right that money takes to pass: at least, and more the thicker it is and the further it falls."""
LABEL_WIDTH, LABEL_HEIGHT, MOST_LABELS = 96, 14, 14


@dataclass(frozen=True)
class Band:
    """A stay with its place."""

    stay: Stay
    y: float
    path: str
    left: str
    look: str


@dataclass(frozen=True)
class Ribbon:
    """A passing with its outline, and where its amount is written, if it is."""

    passing: Passing
    path: str
    amount: str
    label: tuple[float, float] | None
    giver: str
    taker: str


@dataclass(frozen=True)
class Course:
    """The whole picture with its size."""

    width: int
    height: int
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    ribbons: tuple[Ribbon, ...]


@dataclass(frozen=True)
class _Scale:
    """From moments and money to pixels."""

    since: int
    per_second: float
    per_minor: float

    def x(self, at: int) -> float:
        return LEFT + (at - self.since) * self.per_second

    def thick(self, amount_minor: int) -> float:
        return self.per_minor * max(0, amount_minor)


def draw(block: Whereabouts) -> Course:
    """Place bands and ribbons; the same block gives the same picture."""
    moments = [at for stay in block.stays for at, _ in stay.held]
    first, last = min(moments, default=0), max(moments, default=0)
    margin = max((last - first) // 30, 1800)
    since, until = first - margin, last + margin
    total = sum(stay.held[0][1] for stay in block.stays)
    scale = _Scale(since, (WIDTH - LEFT - RIGHT) / (until - since), THICK / (total or 1))
    tops: list[float] = []
    below = float(TOP)
    for stay in block.stays:
        tops.append(below)
        below += max(LEAST, scale.thick(max(amount for _, amount in stay.held))) + GAP
    givers = {passing.giver for passing in block.passings}
    bands = tuple(
        Band(
            stay=stay,
            y=top,
            path=_outline(stay, top, scale),
            left=spoken(stay.held[-1][1], block.currency) if stay.held[-1][1] > 0 else "",
            look=_look(stay, place in givers),
        )
        for place, (stay, top) in enumerate(zip(block.stays, tops, strict=True))
    )
    marks = ticks(since, until, scale.per_second, LEFT)
    return Course(WIDTH, round(below) + AXIS, marks, bands, _ribbons(block, tops, scale))


def _look(stay: Stay, gives: bool) -> str:
    if stay.held[0][1] > 0:
        return "begins"
    if gives:
        return "passes"
    return "stays" if stay.stays else "ends"


def _outline(stay: Stay, top: float, scale: _Scale) -> str:
    """Outline a band: straight above, stepping below; nothing where nothing was held."""
    begins, amount = stay.held[0]
    edges = [(LEFT if amount > 0 else scale.x(begins), amount)]
    edges += [(scale.x(at), amount) for at, amount in stay.held[1:]]
    edges.append((float(WIDTH - RIGHT), 0))
    path: list[str] = []
    for x, held in edges:
        low = f"V{top + scale.thick(held):.1f}" if held > 0 else f"V{top:.1f} z"
        if path and not path[-1].endswith("z"):
            path.append(f"H{x:.1f} {low}")
        elif held > 0:
            path.append(f"M{x:.1f},{top:.1f} {low}")
    return " ".join(path)


def _ribbons(block: Whereabouts, tops: list[float], scale: _Scale) -> tuple[Ribbon, ...]:
    """Lead each passing from the lower edge of its giver's band to that of its taker's; name the largest."""
    taken: list[tuple[float, float]] = []
    made: dict[int, Ribbon] = {}
    order = sorted(range(len(block.passings)), key=lambda place: (-block.passings[place].amount_minor, place))
    for place in order:
        passing = block.passings[place]
        thick = max(1.0, scale.thick(passing.amount_minor))
        y1 = tops[passing.giver] + scale.thick(passing.giver_keeps)
        y2 = tops[passing.taker] + scale.thick(passing.taker_had)
        slant = SLANT + BY_THICKNESS * thick + BY_HEIGHT * abs(y2 - y1)
        x = scale.x(passing.at)
        left, right = max(float(LEFT), x - slant), min(float(WIDTH - RIGHT), x + slant)
        spot = (right + 2, y2 + thick / 2 + 4)
        free = all(abs(spot[0] - left) > LABEL_WIDTH or abs(spot[1] - low) > LABEL_HEIGHT for left, low in taken)
        named = free and len(taken) < MOST_LABELS and spot[0] + LABEL_WIDTH < WIDTH - RIGHT
        if named:
            taken.append(spot)
        made[place] = Ribbon(
            passing=passing,
            path=f"M{left:.1f},{y1:.1f} C{x:.1f},{y1:.1f} {x:.1f},{y2:.1f} {right:.1f},{y2:.1f} v{thick:.1f} "
            f"C{x:.1f},{y2 + thick:.1f} {x:.1f},{y1 + thick:.1f} {left:.1f},{y1 + thick:.1f} z",
            amount=spoken(passing.amount_minor, block.currency),
            label=spot if named else None,
            giver=block.stays[passing.giver].name,
            taker=block.stays[passing.taker].name,
        )
    return tuple(made[place] for place in range(len(block.passings)))
