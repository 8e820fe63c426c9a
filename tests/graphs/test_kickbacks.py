"""What goes back from wages, beside plain loops over a networkx multigraph."""

from datetime import timedelta

import networkx as nx
import numpy as np
import pytest

from graphs.kickbacks import DAY, batches, kickbacks
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import random_window


def plain_graph(graph):
    plain = nx.MultiDiGraph()
    plain.add_nodes_from(range(graph.nodes))
    for edge in range(graph.edges):
        ends = int(graph.payer[edge]), int(graph.payee[edge])
        plain.add_edge(*ends, key=edge, at=int(graph.at[edge]), unit=int(graph.unit[edge]))
    return plain


def plain_kickbacks(graph, wage, onward, within, most):
    """Ask every payment of every worker which wage it follows."""
    plain = plain_graph(graph)
    found, left_out = {}, set()
    for worker in plain:
        wages = [
            (data["at"], edge, employer, data["unit"])
            for employer, _, edge, data in plain.in_edges(worker, keys=True, data=True)
            if wage[edge] and employer != worker
        ]
        for _, collector, back, data in plain.out_edges(worker, keys=True, data=True):
            if not onward[back] or collector == worker:
                continue
            before = [each for each in wages if each[0] < data["at"] <= each[0] + within]
            if len(before) > most:
                left_out.add(back)
                continue
            for employer in {each[2] for each in before}:
                own = [each[:2] for each in before if each[2] == employer and each[3] == data["unit"]]
                if own:
                    found.setdefault((max(own)[1], collector), []).append(back)
    return {key: tuple(sorted(backs)) for key, backs in found.items()}, left_out


def plain_batches(graph, counted, least):
    """Count the payees of every payer on every day."""
    payees = {}
    for edge in np.flatnonzero(counted):
        if graph.payer[edge] != graph.payee[edge]:
            key = graph.payer[edge], graph.at[edge] // DAY
            payees.setdefault(key, set()).add(int(graph.payee[edge]))
    return [
        bool(counted[edge])
        and graph.payer[edge] != graph.payee[edge]
        and len(payees[graph.payer[edge], graph.at[edge] // DAY]) >= least
        for edge in range(graph.edges)
    ]


@pytest.mark.parametrize("chunk", range(5))
def test_what_goes_back_is_what_the_definition_says(chunk):
    several = 0
    for seed in range(chunk * 400, chunk * 400 + 400):
        rng = np.random.default_rng(seed)
        graph = temporal_graph(random_window(seed, most=60, hours=60))
        wage, onward = rng.random(graph.edges) < 0.4, rng.random(graph.edges) < 0.8
        hours, most = int(rng.integers(0, 20)), int(rng.integers(1, 6))

        answer = kickbacks(graph, wage, onward, within=timedelta(hours=hours), most=most)

        found = {}
        for number, key in enumerate(zip(answer.wage.tolist(), answer.collector.tolist(), strict=True)):
            assert key not in found
            found[key] = tuple(answer.edge[answer.start[number] : answer.start[number + 1]].tolist())
            assert answer.amount[number] == graph.amount[list(found[key])].sum()
        expected = plain_kickbacks(graph, wage, onward, hours * 3_600_000_000, most)
        assert (found, set(answer.left_out.tolist())) == expected, seed
        several += len(found) > 2
    assert several > 100, "the random windows are too poor to test anything"


def test_batches_are_those_of_the_definition():
    both = set()
    for seed in range(300):
        rng = np.random.default_rng(seed)
        graph = temporal_graph(random_window(seed, most=60, hours=70))
        counted, least = rng.random(graph.edges) < 0.8, int(rng.integers(2, 5))
        found = batches(graph, counted, least).tolist()
        assert found == plain_batches(graph, counted, least), seed
        both.update(found)
    assert both == {True, False}
