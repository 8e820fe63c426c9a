"""Shapes that a payment closes are counted as walking them one by one counts them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from detectors.edge_shapes import MOST_TIES, SHAPES, shapes
from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.temporal import temporal_graph


def graph_of(pairs):
    return temporal_graph(whole(payments_from_arrows("".join(f"day 0 {a} -> {b} 10 EUR\n" for a, b in pairs))))


def walked(pairs, u, v):
    """Count by walking: every way is a choice of payments other than the one that is asked about."""
    ties, nodes = set(pairs), sorted({node for pair in pairs for node in pair})
    other = ties - {(u, v)}
    return {
        "square": sum((u, b) in other and (a, b) in other and (a, v) in other for a, b in product(nodes, nodes)),
        "two ways in": sum(
            (a, u) in other and (a, b) in other and (b, v) in other for a, b in product(nodes, nodes) if b != u
        ),
        "two ways out": sum(
            (v, b) in other and (u, a) in other and (a, b) in other for a, b in product(nodes, nodes) if a != v
        ),
        "between": sum((u, a) in other and (a, v) in other for a in nodes),
        "same payee": sum((u, a) in other and (v, a) in other for a in nodes),
        "same payer": sum((a, u) in other and (a, v) in other for a in nodes),
        "back in 2": sum((v, a) in other and (a, u) in other for a in nodes),
        "back in 3": sum((v, a) in other and (a, b) in other and (b, u) in other for a, b in product(nodes, nodes)),
    }


@pytest.mark.parametrize("seed", range(5))
def test_shapes_are_those_that_can_be_walked(seed):
    draw = np.random.default_rng(seed)
    pairs = sorted({(f"n{a}", f"n{b}") for a, b in draw.integers(0, 9, (30, 2)).tolist() if a != b})
    graph = graph_of(pairs)
    names = graph.names.to_pylist()
    made = shapes(graph, np.ones(graph.edges), np.zeros(graph.edges, np.int64))
    for edge in range(graph.edges):
        u, v = names[graph.payer[edge]], names[graph.payee[edge]]
        assert {name: int(made[name][edge]) for name in SHAPES} == walked(pairs, u, v), (u, v)


def test_who_is_paid_by_strangers_all_day_closes_nothing():
    crowd = [(f"p{one}", shop) for one in range(MOST_TIES + 1) for shop in ("x", "y")]
    graph = graph_of(crowd)
    made = shapes(graph, np.ones(graph.edges), np.zeros(graph.edges, np.int64))
    assert not made["square"].any()
    few = graph_of(crowd[:6])
    assert shapes(few, np.ones(few.edges), np.zeros(few.edges, np.int64))["square"].tolist() == [2] * 6
