"""Where the dots of a time line go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flows.language import say
from reports.blocks import Event, Timeline

WIDTH, LANE, AXIS, LEFT, RIGHT = 1080, 54, 28, 92, 26
LEAST_RADIUS, MOST_RADIUS = 3.0, 13.0
NAME_WIDTH, MOST_NAMED = 96, 10

LANES = {"in": "came in", "within": "within", "out": "went out"}
"""Lanes from top to bottom, in words."""

_HOUR, _DAY = 3600, 86_400
_STEPS = (
    _HOUR,
    3 * _HOUR,
    6 * _HOUR,
    12 * _HOUR,
    _DAY,
    2 * _DAY,
    7 * _DAY,
    14 * _DAY,
    28 * _DAY,
    91 * _DAY,
    364 * _DAY,
)
MOST_TICKS = 9


@dataclass(frozen=True)
class Dot:
    """A payment with its place and size, and whether its amount is written beside it."""

    event: Event
    x: float
    y: float
    radius: float
    named: bool


@dataclass(frozen=True)
class Tick:
    """A mark of the axis."""

    x: float
    label: str
    strong: bool


@dataclass(frozen=True)
class Axis:
    """A time line with its size."""

    width: int
    height: int
    lanes: tuple[tuple[str, float], ...]
    ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]


def lay_out(timeline: Timeline) -> Axis:
    """Place the payments of a time line; lanes without a payment are left out."""
    present = [lane for lane in LANES if any(event.lane == lane for event in timeline.events)]
    middle = {lane: LANE * place + LANE * 0.62 for place, lane in enumerate(present)}
    first = min((event.at for event in timeline.events), default=0)
    last = max((event.at for event in timeline.events), default=0)
    # A single moment gets a day around it, so that it does not stand at the very edge.
    margin = max((last - first) // 40, 1800) if last > first else _DAY // 2
    since, until = first - margin, last + margin
    scale = (WIDTH - LEFT - RIGHT) / (until - since)
    dots = []
    named: list[tuple[str, float]] = []
    # The large ones first, so that small ones stay visible on top.
    for event in sorted(timeline.events, key=lambda event: (-event.share, event.at, event.label)):
        x = LEFT + (event.at - since) * scale
        free = all(lane != event.lane or abs(x - other) > NAME_WIDTH for lane, other in named)
        name = free and len(named) < MOST_NAMED
        if name:
            named.append((event.lane, x))
        radius = LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * event.share**0.5
        dots.append(Dot(event, x, middle[event.lane], radius, name))
    return Axis(
        WIDTH,
        LANE * len(present) + AXIS,
        tuple((say(LANES[lane]), middle[lane]) for lane in present),
        ticks(since, until, scale, LEFT),
        tuple(dots),
    )


def ticks(since: int, until: int, scale: float, left: float) -> tuple[Tick, ...]:
    """Place the marks of an axis of time.

    Parameters
    ----------
    since, until : int
        Seconds since 1970.
    scale : float
        Pixels per second.
    left : float
        Where the axis begins.
    """
    step = next((step for step in _STEPS if (until - since) / step <= MOST_TICKS), _STEPS[-1] * 4)
    start = -(-since // step) * step
    made = []
    for at in range(start, until + 1, step):
        moment = datetime.fromtimestamp(at, UTC)
        midnight = at % _DAY == 0
        label = f"{moment.day} {moment:%b}" if midnight else f"{moment:%H:%M}"
        if midnight and (until - since) > 300 * _DAY:
            label = f"{moment:%b %Y}"
        made.append(Tick(left + (at - since) * scale, label, midnight))
    return tuple(made)
