"""Where the boxes and arrows of a network picture go: left to right, the way money went.

A layered drawing in the manner of Sugiyama: circles are opened at their latest arrow, accounts are put in columns so
that money flows to the right, rows are ordered to cross few arrows, columns are straightened. It is made here, not in
the browser, so that screen, print and a reader without scripts see the same picture, and it is the same in every run.
Cytoscape.js with dagre was the other candidate: half a megabyte in every report for the same drawing without labels at
the quiet end of an arrow.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import networkx as nx

from reports.blocks import Arrow, Network, Node

# Pixels at scale one. Two lines of text fit a box, two lines of text fit beside an arrow between two columns.
BOX_WIDTH, BOX_HEIGHT = 164, 40
COLUMN, ROW = 364, 54
MARGIN = 30
ROOM = 144
TIP = 7
# About how wide a letter of a label is, and a letter of its second line against one of the first.
LETTER, SMALLER = 6.9, 0.88
SWEEPS = 8

# More columns than this go on in a band below, as text goes on in the next line: a chain of eight stays readable.
PER_BAND = 4
GAP = 60
LOOP = 40

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
        Where its label is anchored; the amount goes above that line and the time below.
    anchor : str
        ``"start"``, ``"middle"`` or ``"end"``.
    back : bool
        Whether it runs against the direction of the picture: it closes a circle.
    labelled : bool
        Whether there is room for the label; without it, the tables say it.
    """

    arrow: Arrow
    path: str
    tip: str
    x: float
    y: float
    anchor: str
    back: bool
    labelled: bool = True


@dataclass(frozen=True)
class Drawing:
    """A picture with its size."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


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
    y = _straightened(_ordered(slots, steps), steps)
    moved, edge, height = _bands(y, slots)
    place = {
        name: (MARGIN + (number % PER_BAND) * COLUMN, y[name] + moved[_band(number)]) for name, number in slots.items()
    }

    pays = Counter(arrow.payer for arrow in within)
    paid = Counter(arrow.payee for arrow in within)
    below = [arrow for arrow in back if arrow.payer == arrow.payee or place[arrow.payer][0] != place[arrow.payee][0]]
    taken: list[Rectangle] = [
        (x, y, x + BOX_WIDTH, y + BOX_HEIGHT) for x, y in (place[node.name] for node in network.nodes)
    ]
    lines = {}
    # The heaviest arrow chooses the place of its label first.
    for arrow in sorted(network.arrows, key=lambda arrow: (-arrow.share, network.arrows.index(arrow))):
        if arrow in ways:
            quiet = pays[arrow.payer] <= paid[arrow.payee]
            choices = [_line(arrow, [place[stop] for stop in ways[arrow]], end) for end in (quiet, not quiet)]
        elif arrow in below:
            choices = [_loop(arrow, place, height + LOOP * (below.index(arrow) + 1), back=True)]
        elif arrow in back:
            choices = [_bracket(arrow, place)]
        else:
            # On to the next band, as reading goes on in the next line.
            choices = [_loop(arrow, place, edge[_band(column[arrow.payee])] - GAP / 2, back=False)]
        lines[arrow] = _labelled(choices, taken)
    return Drawing(
        width=2 * MARGIN + min(max(column.values()), PER_BAND - 1) * COLUMN + BOX_WIDTH,
        height=height + MARGIN + LOOP * len(below),
        boxes=tuple(Box(node, *place[node.name]) for node in network.nodes),
        lines=tuple(lines[arrow] for arrow in network.arrows),
    )


def _labelled(choices: Sequence[Line], taken: list[Rectangle]) -> Line:
    """Take the first choice whose label lies on nothing; if all do, the first without its label."""
    for line in choices:
        width = LETTER * max(len(line.arrow.amount), len(line.arrow.when) * SMALLER)
        left = line.x - {"start": 0.0, "middle": width / 2, "end": width}[line.anchor]
        own = (left, line.y - 17, left + width, line.y + 16)
        if not any(own[0] < x2 and x1 < own[2] and own[1] < y2 and y1 < own[3] for x1, y1, x2, y2 in taken):
            taken.append(own)
            return line
    return replace(choices[0], labelled=False)


def _band(column: int) -> int:
    return column // PER_BAND


def _way(arrow: Arrow, column: Mapping[str, int]) -> tuple[Stop, ...]:
    between = range(column[arrow.payer] + 1, column[arrow.payee])
    return (arrow.payer, *((arrow.payer, arrow.payee, number) for number in between), arrow.payee)


def _column_of(stop: Stop, column: Mapping[str, int]) -> int:
    return column[stop] if isinstance(stop, str) else stop[2]


def _bands(y: Mapping[Stop, float], slots: Mapping[Stop, int]) -> tuple[dict[int, float], dict[int, float], float]:
    """Put the bands under each other: how far each is moved, its upper edge, and the lower edge of the last."""
    moved: dict[int, float] = {}
    edge: dict[int, float] = {}
    height = float(MARGIN)
    for band in range(_band(max(slots.values())) + 1):
        inside = [y[stop] for stop, number in slots.items() if _band(number) == band]
        start = height + (GAP if band else 0)
        moved[band], edge[band] = start - min(inside), start
        height = start + max(inside) - min(inside) + BOX_HEIGHT
    return moved, edge, height


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


def _line(arrow: Arrow, places: Sequence[tuple[float, float]], label_at_payer: bool) -> Line:
    points = [(x, y + BOX_HEIGHT / 2) for x, y in places]
    x1, y1 = points[0][0] + BOX_WIDTH, points[0][1]
    x2, y2 = points[-1][0] - TIP, points[-1][1]
    tip = f"M{x2 + TIP:.0f},{y2:.1f} l-10,-5 v10 z"
    if len(points) > 2:
        path = f"M{x1:.0f},{y1:.1f}"
        x, y = x1, y1
        for next_x, next_y in points[1:-1]:
            path += _curve(x, y, next_x, next_y) + f" H{next_x + BOX_WIDTH:.0f}"
            x, y = next_x + BOX_WIDTH, next_y
        middle_x, middle_y = points[len(points) // 2]
        return Line(arrow, path + _curve(x, y, x2, y2), tip, middle_x + BOX_WIDTH / 2, middle_y, "middle", False)
    # The label lies along the quiet end, where only this arrow runs; there the arrow is straight.
    if label_at_payer:
        path = f"M{x1:.0f},{y1:.1f} H{x1 + ROOM:.0f}" + _curve(x1 + ROOM, y1, x2, y2)
        return Line(arrow, path, tip, x1 + 8, y1, "start", False)
    path = f"M{x1:.0f},{y1:.1f}" + _curve(x1, y1, x2 - ROOM, y2) + f" H{x2:.0f}"
    return Line(arrow, path, tip, x2 - 12, y2, "end", False)


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f" C{middle:.0f},{y1:.1f} {middle:.0f},{y2:.1f} {x2:.0f},{y2:.1f}"


def _bracket(arrow: Arrow, place: Mapping[Stop, tuple[float, float]]) -> Line:
    """Lead an arrow that closes a circle within a column along the left of its boxes."""
    (x, y1), (_, y2) = (place[end] for end in (arrow.payer, arrow.payee))
    y1, y2, side = y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2, x - MARGIN * 0.7
    path = f"M{x:.0f},{y1:.1f} H{side:.0f} V{y2:.1f} H{x - TIP:.0f}"
    tip = f"M{x:.0f},{y2:.1f} l-10,-5 v10 z"
    return Line(arrow, path, tip, side + 6, (y1 + y2) / 2, "start", True)


def _loop(arrow: Arrow, place: Mapping[Stop, tuple[float, float]], low: float, *, back: bool) -> Line:
    """Lead an arrow round below the boxes: down, along at a height of its own, and to the payee."""
    x1, y1 = place[arrow.payer][0] + BOX_WIDTH * 0.62, place[arrow.payer][1] + BOX_HEIGHT
    x2, upper = place[arrow.payee][0] + BOX_WIDTH * 0.38, place[arrow.payee][1]
    # From below where the arrow closes a circle, from above where the picture goes on in the next band.
    sign = -1 if upper < low else 1
    y2 = upper + BOX_HEIGHT + TIP if upper < low else upper - TIP
    side = 12 if x2 > x1 else -12
    path = (
        f"M{x1:.0f},{y1:.1f} V{low - 12:.1f} Q{x1:.0f},{low:.1f} {x1 + side:.0f},{low:.1f} "
        f"H{x2 - side:.0f} Q{x2:.0f},{low:.1f} {x2:.0f},{low + 12 * sign:.1f} V{y2:.1f}"
    )
    tip = f"M{x2:.0f},{y2 + TIP * sign:.1f} l-5,{-10 * sign} h10 z"
    return Line(arrow, path, tip, (x1 + x2) / 2, low, "middle", back)
