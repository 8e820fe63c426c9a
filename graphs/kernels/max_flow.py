"""Maximum flow in exact integers (Dinic, 1970): levels by breadth first, blocking flows by an iterative depth first.

scipy's needs int32 capacities, which end at some 21 million euro in cents.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled

Ints = NDArray[np.int64]


@compiled
def rows_of_arcs(tail: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Group arc numbers by the node they leave."""
    start = np.zeros(nodes + 1, np.int64)
    for arc in range(tail.size):
        start[tail[arc] + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    place = np.empty(nodes, np.int64)
    for node in range(nodes):  # a slice would do the same and take longer to compile, here and below
        place[node] = start[node]
    arcs = np.empty(tail.size, np.int64)
    for arc in range(tail.size):
        arcs[place[tail[arc]]] = arc
        place[tail[arc]] += 1
    return start, arcs


@compiled
def push(start: Ints, arcs: Ints, head: Ints, room: Ints, source: int, sink: int) -> int:
    """Push as much as goes from a source to a sink, and give how much that was.

    Parameters
    ----------
    start, arcs : ndarray
        Arcs by the node they leave (`rows_of_arcs`).
    head : ndarray of int64, shape (arcs,)
        Where each arc leads. Arc ``a ^ 1`` is arc ``a`` backwards.
    room : ndarray of int64, shape (arcs,)
        What each arc can still take; changed in place.
    """
    nodes = start.size - 1
    level = np.empty(nodes, np.int64)
    queue = np.empty(nodes, np.int64)
    place = np.empty(nodes, np.int64)
    path = np.empty(nodes + 1, np.int64)
    total = np.int64(0)
    while True:
        for node in range(nodes):
            level[node] = -1
            place[node] = start[node]
        level[source] = 0
        queue[0] = source
        first, last = 0, 1
        while first < last and level[sink] < 0:
            node = queue[first]
            first += 1
            for number in range(start[node], start[node + 1]):
                arc = arcs[number]
                if room[arc] > 0 and level[head[arc]] < 0:
                    level[head[arc]] = level[node] + 1
                    queue[last] = head[arc]
                    last += 1
        if level[sink] < 0:
            return int(total)
        node = source
        depth = 0
        while True:
            if node == sink:
                least = room[path[0]]
                for number in range(1, depth):
                    least = min(least, room[path[number]])
                total += least
                back = depth
                for number in range(depth - 1, -1, -1):
                    arc = path[number]
                    room[arc] -= least
                    room[arc ^ 1] += least
                    if room[arc] == 0:
                        back = number
                # Go on from the first arc that is full now.
                depth = back
                node = head[path[back] ^ 1]
                continue
            found = False
            while place[node] < start[node + 1]:
                arc = arcs[place[node]]
                if room[arc] > 0 and level[head[arc]] == level[node] + 1:
                    found = True
                    break
                place[node] += 1
            if found:
                path[depth] = arcs[place[node]]
                node = head[path[depth]]
                depth += 1
            elif depth == 0:
                break
            else:
                level[node] = -1
                depth -= 1
                node = head[path[depth] ^ 1]
                place[node] += 1


@compiled
def detours(start: Ints, arcs: Ints, head: Ints, room: Ints, doors: Ints, flows: Ints, sink: int) -> tuple[Ints, Ints]:
    """Give the least and the most that can pass each of some arcs into the sink, with the whole flow kept as large.

    Parameters
    ----------
    room : ndarray of int64
        Room left by a maximum flow; not changed.
    doors : ndarray of int64
        Arcs into the sink.
    flows : ndarray of int64, shape (doors,)
        What passes each in that flow.
    """
    least = np.empty(doors.size, np.int64)
    most = np.empty(doors.size, np.int64)
    left = np.empty(room.size, np.int64)
    for number in range(doors.size):
        door = doors[number]
        node = head[door ^ 1]
        for towards_sink in range(2):
            for arc in range(room.size):
                left[arc] = room[arc]
            left[door] = 0
            left[door ^ 1] = 0
            if towards_sink:
                least[number] = flows[number] - push(start, arcs, head, left, node, sink)
            else:
                most[number] = flows[number] + push(start, arcs, head, left, sink, node)
    return least, most
