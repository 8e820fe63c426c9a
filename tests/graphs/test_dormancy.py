"""Awakenings, beside a plain walk through every account's payments in a networkx multigraph."""

from datetime import timedelta
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from graphs.dormancy import awakenings
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import random_window


def plain_awakenings(graph, counted, own, asleep, within):
    plain = nx.MultiDiGraph()
    plain.add_nodes_from(range(graph.nodes))
    for edge in np.flatnonzero(counted & (graph.payer != graph.payee)):
        plain.add_edge(int(graph.payer[edge]), int(graph.payee[edge]), key=int(edge))
    found = set()
    for node in plain:
        keys = [key for *_, key in plain.in_edges(node, keys=True)] + [
            key for *_, key in plain.out_edges(node, keys=True)
        ]
        legs = sorted(keys)
        for last, first in pairwise(legs):
            if own[node] and graph.at[first] - graph.at[last] >= asleep:
                before = tuple(leg for leg in legs if leg <= last)
                burst = tuple(leg for leg in legs if leg >= first and graph.at[leg] < graph.at[first] + within)
                found.add((node, before, burst))
    return found


@pytest.mark.parametrize("chunk", range(4))
def test_awakenings_are_those_of_the_definition(chunk):
    several = 0
    for seed in range(chunk * 400, chunk * 400 + 400):
        rng = np.random.default_rng(seed)
        graph = temporal_graph(random_window(seed, most=40, hours=90))
        counted, own = rng.random(graph.edges) < 0.9, rng.random(graph.nodes) < 0.8
        asleep, within = timedelta(hours=int(rng.integers(1, 30))), timedelta(hours=int(rng.integers(1, 20)))
        answer = awakenings(graph, counted, own, asleep=asleep, within=within)
        spans = zip(answer.node, answer.begin, answer.wake, answer.end, strict=True)
        found = [
            (int(node), tuple(answer.leg[begin:wake].tolist()), tuple(answer.leg[wake:end].tolist()))
            for node, begin, wake, end in spans
        ]
        micro = timedelta(microseconds=1)
        assert len(found) == len(set(found))
        assert set(found) == plain_awakenings(graph, counted, own, asleep // micro, within // micro), seed
        several += len(found) > 2
    assert several > 100, "the random windows are too poor to test anything"
