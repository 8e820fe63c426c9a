"""Where the boxes and arrows of a network picture go: left to right, the way money went.

A layered drawing in the manner of Sugiyama: circles are opened at their latest arrow, accounts are put in columns so
that money flows to the right, rows are ordered to cross few arrows, columns are straightened. It is made here, not in
the browser, so that screen, print and a reader without scripts see the same picture, and it is the same in every run.
Cytoscape.js with dagre was the other candidate: half a megabyte in every report for the same drawing without labels at
the quiet end of an arrow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from reports.blocks import Arrow, Network, Node

# Pixels at scale one. Two lines of text fit a box, two lines of text fit beside an arrow between two columns.
BOX_WIDTH, BOX_HEIGHT = 164, 40
COLUMN, ROW = 364, 54
MARGIN = 12
SWEEPS = 8


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
    """

    arrow: Arrow
    path: str
    tip: str
    x: float
    y: float
    anchor: str
    back: bool


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
    forward, back = _opened(network.arrows)
    column = _columns([node.name for node in network.nodes], forward)
    order = _ordered(column, forward)
    y = _straightened(order, forward, column)
    depth = max((value for value in y.values()), default=0.0) + BOX_HEIGHT
    place = {node.name: (MARGIN + column[node.name] * COLUMN, MARGIN + y[node.name]) for node in network.nodes}
    pays: dict[str, int] = defaultdict(int)
    paid: dict[str, int] = defaultdict(int)
    for arrow in forward:
        pays[arrow.payer] += 1
        paid[arrow.payee] += 1
    loops = {arrow: number for number, arrow in enumerate(back)}
    lines = []
    for arrow in network.arrows:
        if arrow in loops:
            lines.append(_loop(arrow, place, MARGIN + depth + 26 + 34 * loops[arrow]))
        else:
            lines.append(_line(arrow, place, pays[arrow.payer], paid[arrow.payee]))
    columns = max(column.values(), default=0)
    return Drawing(
        width=2 * MARGIN + columns * COLUMN + BOX_WIDTH,
        height=2 * MARGIN + depth + (34 * len(back) + 8 if back else 0),
        boxes=tuple(Box(node, *place[node.name]) for node in network.nodes),
        lines=tuple(lines),
    )


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


def _ordered(column: Mapping[str, int], forward: Sequence[Arrow]) -> dict[int, list[str]]:
    """Order each column so that neighbours lie at similar heights (barycentre sweeps); ties keep the order of time."""
    order: dict[int, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for arrow in forward:
        for name in (arrow.payer, arrow.payee):
            if name not in seen:
                seen.add(name)
                order[column[name]].append(name)
    for name in column:
        if name not in seen:
            order[column[name]].append(name)
    before, after = _neighbours(forward)
    best, fewest = {number: list(names) for number, names in order.items()}, _crossings(order, forward)
    for sweep in range(SWEEPS):
        numbers = sorted(order) if sweep % 2 == 0 else sorted(order, reverse=True)
        near = before if sweep % 2 == 0 else after
        for number in numbers:
            height = {name: place / max(len(names), 1) for names in order.values() for place, name in enumerate(names)}
            weights = {
                name: sum(height[other] for other in near[name]) / len(near[name]) if near[name] else height[name]
                for name in order[number]
            }
            order[number] = sorted(order[number], key=weights.__getitem__)
        crossings = _crossings(order, forward)
        if crossings < fewest:
            best, fewest = {number: list(names) for number, names in order.items()}, crossings
    return best


def _neighbours(forward: Sequence[Arrow]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for arrow in forward:
        before[arrow.payee].append(arrow.payer)
        after[arrow.payer].append(arrow.payee)
    return before, after


def _crossings(order: Mapping[int, Sequence[str]], forward: Sequence[Arrow]) -> int:
    place = {name: (number, index) for number, names in order.items() for index, name in enumerate(names)}
    ends = [(place[arrow.payer], place[arrow.payee]) for arrow in forward]
    return sum(
        one[0][0] == other[0][0] and (one[0][1] - other[0][1]) * (one[1][1] - other[1][1]) < 0
        for index, one in enumerate(ends)
        for other in ends[:index]
    )


def _straightened(
    order: Mapping[int, Sequence[str]], forward: Sequence[Arrow], column: Mapping[str, int]
) -> dict[str, float]:
    """Give heights: the tallest column evenly, the others near the mean of their neighbours without overlap."""
    y = {name: float(index * ROW) for names in order.values() for index, name in enumerate(names)}
    before, after = _neighbours(forward)
    for _ in range(SWEEPS):
        for number in sorted(order, key=lambda number: (-len(order[number]), number)):
            names = order[number]
            wanted = []
            for name in names:
                near = before[name] + after[name]
                wanted.append(sum(y[other] for other in near) / len(near) if near else y[name])
            placed: list[float] = []
            for want in wanted:
                placed.append(max(want, placed[-1] + ROW) if placed else want)
            # Pushing down moved the column as a whole; give half of it back.
            shift = sum(wanted) / len(wanted) - sum(placed) / len(placed)
            for name, value in zip(names, placed, strict=True):
                y[name] = value + shift
    top = min(y.values(), default=0.0)
    return {name: value - top for name, value in y.items()}


def _line(arrow: Arrow, place: Mapping[str, tuple[float, float]], pays: int, paid: int) -> Line:
    x1, y1 = place[arrow.payer][0] + BOX_WIDTH, place[arrow.payer][1] + BOX_HEIGHT / 2
    x2, y2 = place[arrow.payee][0] - 7, place[arrow.payee][1] + BOX_HEIGHT / 2
    # The label lies along the quiet end, where only this arrow runs; there the arrow is straight.
    room = 144.0
    bend = (x2 - x1 - room) / 2
    tip = f"M{x2 + 7:.0f},{y2:.1f} l-10,-5 v10 z"
    if pays <= paid:
        turn = x1 + room
        path = f"M{x1:.0f},{y1:.1f} H{turn:.0f} C{turn + bend:.0f},{y1:.1f} {x2 - bend:.0f},{y2:.1f} {x2:.0f},{y2:.1f}"
        return Line(arrow, path, tip, x1 + 8, y1, "start", False)
    turn = x2 - room
    path = f"M{x1:.0f},{y1:.1f} C{x1 + bend:.0f},{y1:.1f} {turn - bend:.0f},{y2:.1f} {turn:.0f},{y2:.1f} H{x2:.0f}"
    return Line(arrow, path, tip, x2 - 12, y2, "end", False)


def _loop(arrow: Arrow, place: Mapping[str, tuple[float, float]], low: float) -> Line:
    """Lead an arrow that closes a circle round below the picture."""
    x1, y1 = place[arrow.payer][0] + BOX_WIDTH * 0.62, place[arrow.payer][1] + BOX_HEIGHT
    x2, y2 = place[arrow.payee][0] + BOX_WIDTH * 0.38, place[arrow.payee][1] + BOX_HEIGHT + 7
    path = (
        f"M{x1:.0f},{y1:.1f} V{low - 12:.1f} Q{x1:.0f},{low:.1f} {x1 + (12 if x2 > x1 else -12):.0f},{low:.1f} "
        f"H{x2 + (-12 if x2 > x1 else 12):.0f} Q{x2:.0f},{low:.1f} {x2:.0f},{low - 12:.1f} V{y2:.1f}"
    )
    tip = f"M{x2:.0f},{y2 - 7:.1f} l-5,10 h10 z"
    return Line(arrow, path, tip, (x1 + x2) / 2, low, "middle", True)
