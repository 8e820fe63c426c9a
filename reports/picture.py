"""Where the boxes and arrows of a network picture go: left to right, the way money went.

A layered drawing in the manner of Sugiyama: circles are opened at their latest arrow, accounts are put in columns so
that money flows to the right, rows are ordered to cross few arrows, columns are straightened. It is made here, not in
the browser, so that screen, print and a reader without scripts see the same picture, and it is the same in every run.
No arrow runs behind the box of another account, and none is without its amount: a label that finds no room becomes a
number, and the legend below the picture says the rest.

Cytoscape.js with dagre was the other candidate: half a megabyte in every report for the same drawing without labels at
the quiet end of an arrow.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from reports.blocks import Arrow, Network, Node
from reports.detours import Course, Detours, lanes

# Pixels at scale one. Three lines of text fit a box, two lines of text fit beside an arrow between two columns.
BOX_WIDTH, BOX_HEIGHT = 164, 52
COLUMN, ROW = 364, 66
MARGIN = 30
ROOM = 144
TIP = 7
# About how wide a letter of a label is, and a letter of its second line against one of the first.
LETTER, SMALLER = 6.9, 0.88
SWEEPS = 8

# More columns than this go on in a band below, as text goes on in the next line: a chain of eight stays readable.
PER_BAND = 4
GAP = 32
LEVEL = 38
MOST_LETTERS = 34
"""Letters of an amount beside an arrow; the middle of a longer one is cut out, its title has it in full."""

Stop = str | tuple[str, str, int]
"""A node, or the row an arrow takes in a column it only passes."""

Rectangle = tuple[float, float, float, float]
"""Left, upper, right and lower edge."""


@dataclass(frozen=True)
class Box:
    """A node with its place: the upper left corner."""

    node: Node
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """An arrow with its path and the place of its label.

    Parameters
    ----------
    arrow : Arrow
        What it stands for.
    path : str
        An SVG path from the payer's box to the payee's.
    tip : str
        The head of the arrow, a path to be filled.
    x, y : float
        Where its label is anchored; the amount goes above that line and the time below. A number lies on it.
    anchor : str
        ``"start"``, ``"middle"`` or ``"end"``.
    back : bool
        Whether it runs against the direction of the picture: it closes a circle.
    number : int or None
        What stands for the label where it has no room; the legend says the rest.
    """

    arrow: Arrow
    path: str
    tip: str
    x: float
    y: float
    anchor: str
    back: bool
    number: int | None = None


@dataclass(frozen=True)
class Choice:
    """A way an arrow could take, and where its label would be."""

    course: Course
    tip: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Drawing:
    """A picture with its size."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    @property
    def legend(self) -> tuple[Line, ...]:
        """The arrows that only bear a number, in its order."""
        return tuple(
            sorted((line for line in self.lines if line.number is not None), key=lambda line: line.number or 0)
        )


def draw(network: Network) -> Drawing:
    """Place the boxes and arrows of a network.

    Parameters
    ----------
    network : Network
        Some dozens of arrows at most; whoever makes it folds and cuts.

    Returns
    -------
    Drawing
        In order of the network's nodes and arrows; the same for the same network.
    """
    if not network.nodes:
        return Drawing(0, 0, (), ())
    forward, back = _opened(network.arrows)
    column = _columns([node.name for node in network.nodes], forward)
    within = [arrow for arrow in forward if _band(column[arrow.payer]) == _band(column[arrow.payee])]
    ways = {arrow: _way(arrow, column) for arrow in within}
    steps = [step for way in ways.values() for step in itertools.pairwise(way)]
    # An arrow over several columns takes a row of its own in those between, so that it passes no box.
    slots = column | {stop: _column_of(stop, column) for way in ways.values() for stop in way}
    y = _drawn_together(_straightened(_ordered(slots, steps), steps), slots)
    corridor = {
        arrow: _corridor(arrow, column) for arrow in network.arrows if arrow not in ways and arrow.payer != arrow.payee
    }
    moved, floor, height = _bands(y, slots, Counter(below for below in corridor.values() if below is not None))
    slot = {name: number % PER_BAND for name, number in column.items()}
    upper = {name: y[name] + moved[_band(number)] for name, number in column.items()}
    detours = lanes(corridor, slot, upper, floor)
    left = max(MARGIN, detours.left)
    place = {
        stop: (left + number % PER_BAND * COLUMN, y[stop] + moved[_band(number)]) for stop, number in slots.items()
    }
    width = left + max(slot.values()) * COLUMN + BOX_WIDTH + max(MARGIN, detours.right)

    pays = Counter(arrow.payer for arrow in within)
    paid = Counter(arrow.payee for arrow in within)
    taken: list[Rectangle] = [
        (x, y, x + BOX_WIDTH, y + BOX_HEIGHT) for x, y in (place[node.name] for node in network.nodes)
    ]
    lines: dict[Arrow, Line] = {}
    # The heaviest arrow chooses the place of its label first.
    for arrow in sorted(network.arrows, key=lambda arrow: (-arrow.share, network.arrows.index(arrow))):
        if arrow in ways:
            quiet = pays[arrow.payer] <= paid[arrow.payee]
            choices = [_straight([place[stop] for stop in ways[arrow]], end) for end in (quiet, not quiet)]
        elif arrow.payer == arrow.payee:
            choices = [_loop(*place[arrow.payer])]
        else:
            below = corridor[arrow]
            level = None if below is None else floor[below] + GAP + LEVEL * detours.level[arrow]
            choices = [_detour(arrow, place, detours, level)]
        numbered = sum(line.number is not None for line in lines.values())
        lines[arrow] = _labelled(arrow, choices, taken, width, back=arrow in back, next_number=numbered + 1)
    return Drawing(
        width=width,
        height=height + MARGIN,
        boxes=tuple(Box(node, *place[node.name]) for node in network.nodes),
        lines=tuple(lines[arrow] for arrow in network.arrows),
    )


def _labelled(
    arrow: Arrow, choices: Sequence[Choice], taken: list[Rectangle], width: float, *, back: bool, next_number: int
) -> Line:
    """Take the first choice whose label lies on nothing; if all do, the first with a number where it hides least."""
    letters = max(min(len(arrow.amount), MOST_LETTERS), len(arrow.when) * SMALLER)
    for choice in choices:
        left = choice.x - LETTER * letters * {"start": 0.0, "middle": 0.5, "end": 1.0}[choice.anchor]
        own = (left, choice.y - 17, left + LETTER * letters, choice.y + 16)
        if left >= 0 and own[2] <= width and not any(_shared(own, other) for other in taken):
            taken.append(own)
            return Line(arrow, choice.course.path, choice.tip, choice.x, choice.y, choice.anchor, back)
    first = choices[0]
    around = [(x - 12, y - 9, x + 12, y + 9) for x, y in first.course.spots]
    own = min(around, key=lambda spot: sum(_shared(spot, other) for other in taken))
    taken.append(own)
    x, y = (own[0] + own[2]) / 2, (own[1] + own[3]) / 2
    return Line(arrow, first.course.path, first.tip, x, y, "middle", back, next_number)


def _shared(one: Rectangle, other: Rectangle) -> float:
    """Give the area two rectangles share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _band(column: int) -> int:
    return column // PER_BAND


def _way(arrow: Arrow, column: Mapping[str, int]) -> tuple[Stop, ...]:
    between = range(column[arrow.payer] + 1, column[arrow.payee])
    return (arrow.payer, *((arrow.payer, arrow.payee, number) for number in between), arrow.payee)


def _column_of(stop: Stop, column: Mapping[str, int]) -> int:
    return column[stop] if isinstance(stop, str) else stop[2]


def _corridor(arrow: Arrow, column: Mapping[str, int]) -> int | None:
    """Give the band below which an arrow runs that no row leads: above its payee if money goes on, else below."""
    payer, payee = column[arrow.payer], column[arrow.payee]
    if payer == payee:
        return None
    return _band(payee) - 1 if _band(payer) < _band(payee) else _band(payee)


def _bands(
    y: Mapping[Stop, float], slots: Mapping[Stop, int], levels: Mapping[int, int]
) -> tuple[dict[int, float], dict[int, float], float]:
    """Put the bands under each other: how far each is moved, its lower edge, and the lower edge of everything."""
    moved: dict[int, float] = {}
    floor: dict[int, float] = {}
    height = float(MARGIN)
    for band in range(_band(max(slots.values())) + 1):
        inside = [y[stop] for stop, number in slots.items() if _band(number) == band]
        start = height + (GAP if band else 0)
        moved[band] = start - min(inside)
        floor[band] = start + max(inside) - min(inside) + BOX_HEIGHT
        height = floor[band] + (GAP + LEVEL * (levels[band] - 1) if levels.get(band) else 0)
    return moved, floor, height


def _opened(arrows: Sequence[Arrow]) -> tuple[list[Arrow], list[Arrow]]:
    """Part the arrows into those that run to the right and those that close a circle: the latest of each circle."""
    graph = nx.DiGraph()
    forward, back = [], []
    for arrow in sorted(arrows, key=lambda arrow: (arrow.first_at, arrow.payer, arrow.payee)):
        closes = arrow.payer == arrow.payee or (
            arrow.payee in graph and arrow.payer in graph and nx.has_path(graph, arrow.payee, arrow.payer)
        )
        if closes:
            back.append(arrow)
        else:
            graph.add_edge(arrow.payer, arrow.payee)
            forward.append(arrow)
    return forward, back


def _columns(names: Sequence[str], forward: Sequence[Arrow]) -> dict[str, int]:
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from((arrow.payer, arrow.payee) for arrow in forward)
    column: dict[str, int] = {}
    for name in nx.lexicographical_topological_sort(graph):
        column[name] = max((column[payer] + 1 for payer in graph.predecessors(name)), default=0)
    # Whoever only pays stands right before the first account it pays, not at the far left.
    for name in names:
        if not graph.in_degree(name) and graph.out_degree(name):
            column[name] = min(column[payee] for payee in graph.successors(name)) - 1
    return column


def _ordered(slots: Mapping[Stop, int], steps: Sequence[tuple[Stop, Stop]]) -> dict[int, list[Stop]]:
    """Order each column so that neighbours lie at similar heights (barycentre sweeps); ties keep the order of time."""
    order: dict[int, list[Stop]] = defaultdict(list)
    for stop in dict.fromkeys([stop for step in steps for stop in step] + list(slots)):
        order[slots[stop]].append(stop)
    before, after = _neighbours(steps)
    best, fewest = {number: list(stops) for number, stops in order.items()}, _crossings(order, steps)
    for sweep in range(SWEEPS):
        near = before if sweep % 2 == 0 else after
        for number in sorted(order, reverse=sweep % 2 == 1):
            height = {stop: place / len(stops) for stops in order.values() for place, stop in enumerate(stops)}
            weights = {
                stop: sum(height[other] for other in near[stop]) / len(near[stop]) if near[stop] else height[stop]
                for stop in order[number]
            }
            order[number] = sorted(order[number], key=weights.__getitem__)
        crossings = _crossings(order, steps)
        if crossings < fewest:
            best, fewest = {number: list(stops) for number, stops in order.items()}, crossings
    return best


def _neighbours(steps: Sequence[tuple[Stop, Stop]]) -> tuple[dict[Stop, list[Stop]], dict[Stop, list[Stop]]]:
    before: dict[Stop, list[Stop]] = defaultdict(list)
    after: dict[Stop, list[Stop]] = defaultdict(list)
    for one, other in steps:
        before[other].append(one)
        after[one].append(other)
    return before, after


def _crossings(order: Mapping[int, Sequence[Stop]], steps: Sequence[tuple[Stop, Stop]]) -> int:
    place = {stop: (number, index) for number, stops in order.items() for index, stop in enumerate(stops)}
    ends = [(place[one], place[other]) for one, other in steps]
    return sum(
        one[0][0] == other[0][0] and (one[0][1] - other[0][1]) * (one[1][1] - other[1][1]) < 0
        for index, one in enumerate(ends)
        for other in ends[:index]
    )


def _straightened(order: Mapping[int, Sequence[Stop]], steps: Sequence[tuple[Stop, Stop]]) -> dict[Stop, float]:
    """Give heights: every stop near the mean of its neighbours, in its order, without overlap."""
    y = {stop: float(index * ROW) for stops in order.values() for index, stop in enumerate(stops)}
    before, after = _neighbours(steps)
    for _ in range(SWEEPS):
        for number in sorted(order, key=lambda number: (-len(order[number]), number)):
            wanted = []
            for stop in order[number]:
                near = before[stop] + after[stop]
                wanted.append(sum(y[other] for other in near) / len(near) if near else y[stop])
            placed: list[float] = []
            for want in wanted:
                placed.append(max(want, placed[-1] + ROW) if placed else want)
            # Pushing down moved the column as a whole; give that back.
            shift = sum(wanted) / len(wanted) - sum(placed) / len(placed)
            for stop, value in zip(order[number], placed, strict=True):
                y[stop] = value + shift
    return y


def _drawn_together(y: Mapping[Stop, float], slots: Mapping[Stop, int]) -> dict[Stop, float]:
    """Close the empty stripes that straightening leaves between groups that hardly pay each other, band by band."""
    made: dict[Stop, float] = {}
    for band in {_band(number) for number in slots.values()}:
        inside = sorted((stop for stop, number in slots.items() if _band(number) == band), key=y.__getitem__)
        given = 0.0
        for number, stop in enumerate(inside):
            given += max(0.0, y[stop] - y[inside[number - 1]] - ROW) if number else 0.0
            made[stop] = y[stop] - given
    return made


def _straight(places: Sequence[tuple[float, float]], label_at_payer: bool) -> Choice:
    points = [(x, y + BOX_HEIGHT / 2) for x, y in places]
    x1, y1 = points[0][0] + BOX_WIDTH, points[0][1]
    x2, y2 = points[-1][0] - TIP, points[-1][1]
    course = Course(x1, y1)
    if len(points) > 2:
        for x, y in points[1:-1]:
            course.bend(x, y).across(x + BOX_WIDTH)
        x, y = points[len(points) // 2]
        return Choice(course.bend(x2, y2), _head(x2, y2), x + BOX_WIDTH / 2, y, "middle")
    # The label lies along the quiet end, where only this arrow runs; there the arrow is straight.
    if label_at_payer:
        return Choice(course.across(x1 + ROOM).bend(x2, y2), _head(x2, y2), x1 + 8, y1, "start")
    return Choice(course.bend(x2 - ROOM, y2).across(x2), _head(x2, y2), x2 - 12, y2, "end")


def _detour(arrow: Arrow, place: Mapping[Stop, tuple[float, float]], detours: Detours, level: float | None) -> Choice:
    """Lead an arrow round the boxes in its own lanes; without a level it stays before its column."""
    (x1, y1), (x2, y2) = place[arrow.payer], place[arrow.payee]
    y1 += BOX_HEIGHT * detours.leaves[arrow]
    y2 += BOX_HEIGHT * detours.arrives[arrow]
    into = x2 - detours.into[arrow]
    if level is None:
        course = Course(x1, y1).across(into).down(y2)
        label = (into - 6, (y1 + y2) / 2, "end")
    else:
        out = x1 + BOX_WIDTH + detours.out[arrow]
        course = Course(x1 + BOX_WIDTH, y1).across(out).down(level).across(into).down(y2)
        # Its number, if it must have one, lies best where it runs across, alone at its height.
        course.spots = course.spots[6:9] + course.spots
        label = ((out + into) / 2, level, "middle")
    return Choice(course.across(x2 - TIP), _head(x2 - TIP, y2), *label)


def _loop(x: float, y: float) -> Choice:
    """Lead a payment to oneself round the lower right corner of its box, between two rows."""
    right, low, middle = x + BOX_WIDTH, y + BOX_HEIGHT, (ROW - BOX_HEIGHT) / 2
    course = Course(right, low - 10).across(right + 12).down(low + middle).across(right - 24).down(low)
    return Choice(course, f"M{right - 24:.1f},{low:.1f} l-4,{middle:.1f} h8 z", right + 18, low - 10, "start")


def _head(x: float, y: float) -> str:
    return f"M{x + TIP:.1f},{y:.1f} l-10,-5 v10 z"
