"""Regular runs, beside a plain reading of every series in a networkx multigraph."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from graphs.kernels.periodic import regular_runs
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import random_window

HOUR = 3_600_000_000


def plain_runs(graph, counted, least, least_gap, most_gap, slack):
    plain = nx.MultiDiGraph()
    for edge in np.flatnonzero(counted & (graph.payer != graph.payee)):
        kind = int(graph.unit[edge]), int(graph.amount[edge])
        plain.add_edge(int(graph.payer[edge]), int(graph.payee[edge]), key=int(edge), kind=kind)
    series = {}
    for payer, payee, edge, kind in plain.edges(keys=True, data="kind"):
        series.setdefault((payer, payee, kind), []).append(edge)
    found = set()
    for edges in map(sorted, series.values()):
        while edges:
            run = [edges[0]]
            for one, other in pairwise(edges):
                gaps = [int(graph.at[b] - graph.at[a]) for a, b in pairwise([*run, other])]
                if not least_gap <= gaps[-1] <= most_gap or abs(gaps[-1] - gaps[0]) > slack:
                    break
                assert run[-1] == one
                run.append(other)
            if len(run) >= least:
                found.add(tuple(run))
            rest = edges[len(run) :]
            again = rest and len(run) > 1 and least_gap <= graph.at[rest[0]] - graph.at[run[-1]] <= most_gap
            edges = [run[-1], *rest] if again else rest
    return found


@pytest.mark.parametrize("chunk", range(4))
def test_runs_are_those_of_the_definition(chunk):
    several = 0
    for seed in range(chunk * 500, chunk * 500 + 500):
        rng = np.random.default_rng(seed)
        graph = temporal_graph(random_window(seed, most=120, hours=40))
        counted = rng.random(graph.edges) < 0.95
        least_gap = int(rng.integers(0, 4)) * HOUR
        asked = (
            int(rng.integers(2, 4)),
            least_gap,
            least_gap + int(rng.integers(1, 12)) * HOUR,
            int(rng.integers(0, 4)) * HOUR,
        )
        answer = regular_runs(graph, counted, least=asked[0], least_gap=asked[1], most_gap=asked[2], slack=asked[3])
        found = [tuple(answer.edge[start:end].tolist()) for start, end in zip(answer.start, answer.end, strict=True)]
        assert len(found) == len(set(found))
        assert set(found) == plain_runs(graph, counted, *asked), seed
        several += len(found) > 2
    assert several > 50, "the random windows are too poor to test anything"
