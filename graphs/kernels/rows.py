"""Compressed sparse rows, clocks and copies: what every other kernel stands on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled


@compiled
def grouped(key: NDArray[np.int32], keys: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Sort numbers ``0 .. key.size`` by their key, keeping the order of equals (a counting sort).

    Returns
    -------
    start : ndarray of int64, shape (keys + 1,)
        Where the row of each key begins.
    order : ndarray of int32, shape (key.size,)
        The numbers, row after row.
    """
    start = np.zeros(keys + 1, np.int64)
    for number in range(key.size):
        start[key[number] + 1] += 1
    for row in range(keys):
        start[row + 1] += start[row]
    place = np.empty(keys, np.int64)
    for row in range(keys):  # a slice would do the same and take longer to compile
        place[row] = start[row]
    order = np.empty(key.size, np.int32)
    for number in range(key.size):
        row = key[number]
        order[place[row]] = number
        place[row] += 1
    return start, order


@compiled
def until(at: NDArray[np.int64], span: int) -> NDArray[np.int32]:
    """Give, per payment, the number of the first payment more than `span` after it (`at` ascends)."""
    first = np.empty(at.size, np.int32)
    late = 0
    for number in range(at.size):
        limit = at[number] + span
        while late < at.size and at[late] <= limit:
            late += 1
        first[number] = late
    return first


@compiled
def onward(
    in_start: NDArray[np.int64],
    in_edge: NDArray[np.int32],
    out_start: NDArray[np.int64],
    out_edge: NDArray[np.int32],
    after: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Give, per payment, the place in the rows by payer of the first one strictly later that its payee makes."""
    first = np.empty(in_edge.size, np.int32)
    for node in range(in_start.size - 1):
        place = out_start[node]
        for paid in range(in_start[node], in_start[node + 1]):
            edge = in_edge[paid]
            while place < out_start[node + 1] and out_edge[place] < after[edge]:
                place += 1
            first[edge] = place
    return first


def pair_numbers(first: NDArray[Any], second: NDArray[Any], nodes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give pairs of nodes a number, by first and then second node, in linear time; ``np.unique`` would sort them.

    Returns
    -------
    number : ndarray of int64, shape (first.size,)
        Number of each pair.
    one : ndarray of int64
        For each number, where a pair of it stands; the first one.
    """
    order = grouped(second.astype(np.int32), nodes)[1]
    order = order[grouped(first[order].astype(np.int32), nodes)[1]]
    new = np.ones(order.size, np.bool_)
    new[1:] = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    number = np.empty(order.size, np.int64)
    number[order] = np.cumsum(new) - 1
    return number, order[new].astype(np.int64)


def first_seen(node: NDArray[Any], nodes: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Give the different nodes in order of first appearance, and for each entry which of them it is.

    Examples
    --------
    >>> names, which = first_seen(np.array([7, 3, 7, 5]), 9)
    >>> names.tolist(), which.tolist()
    ([7, 3, 5], [0, 1, 0, 2])
    """
    place = np.full(nodes, node.size, np.int64)
    place[node[::-1]] = np.arange(node.size - 1, -1, -1)  # of several entries the last written stays
    names = node[np.sort(place[place < node.size])]
    number = np.empty(nodes, np.int64)
    number[names] = np.arange(names.size)
    return names, number[node]


def buckets(amount: NDArray[np.int64]) -> NDArray[np.int32]:
    """Give the bucket of each amount: whole powers of `RATIO`, so that a band of amounts is a few buckets.

    Equal amounts are in equal buckets and larger amounts never in smaller ones, up to rounding: a search looks one
    bucket to either side and compares the amounts themselves.
    """
    numbers: NDArray[np.int32] = np.floor(np.log(np.maximum(amount, 1).astype(np.float64)) / np.log(RATIO)).astype(
        np.int32
    )
    return numbers


RATIO = 1.05
"""Of neighbouring amount buckets. Ours: narrower ones cost more lookups than they save, weighed in benchmarks/speed."""

BUCKETS = 1024
"""More than there are buckets below 2**63 minor units."""
