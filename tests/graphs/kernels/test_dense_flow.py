"""Dense flows, beside the same peeling done slowly on a networkx graph."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest

from graphs.kernels.dense_flow import dense_flows


def random_flow(rng):
    """Give payments: parallel ones, a hub, sometimes a planted flow, few different amounts so that ties occur."""
    accounts, count = int(rng.integers(4, 10)), int(rng.integers(2, 40))
    payer = rng.integers(0, accounts, count)
    payer[rng.random(count) < 0.2] = 0
    payee = (payer + rng.integers(1, accounts, count)) % accounts
    amount = rng.choice([50, 100, 100, 200, 300], count).astype(np.int64)
    return payer, payee, amount, rng.random(accounts) < 0.8


def laid_out(payer, payee, amount, middle, steps):
    """Give the layered graph: places are (account, layer)."""
    graph = nx.DiGraph()
    weight = Counter()
    for one, other, money in zip(payer.tolist(), payee.tolist(), amount.tolist(), strict=True):
        weight[one, other] += money
    for (one, other), money in weight.items():
        for step in range(steps):
            if (step == 0 or middle[one]) and (step == steps - 1 or middle[other]):
                graph.add_edge((one, step), (other, step + 1), money=money)
    return graph


def core(graph, steps, payers_of_middle, payers_of_sink):
    graph = graph.copy()
    while True:
        lacking = [
            (account, layer)
            for account, layer in graph
            if (layer < steps and graph.out_degree((account, layer)) < 1)
            or (layer > 0 and graph.in_degree((account, layer)) < 1)
            or (layer == 1 and graph.in_degree((account, layer)) < payers_of_middle)
            or (layer == steps and graph.in_degree((account, layer)) < payers_of_sink)
        ]
        if not lacking:
            return graph
        graph.remove_nodes_from(lacking)


def worth(graph, place, steps, penalty):
    into, out = graph.in_degree(place, weight="money"), graph.out_degree(place, weight="money")
    if 0 < place[1] < steps:
        return (1 + penalty) * min(into, out) - penalty * max(into, out)
    return (1 + penalty) * (into + out)


def density(graph, steps, penalty):
    middles = [place for place in graph if 0 < place[1] < steps]
    return sum(worth(graph, place, steps, penalty) for place in middles) / len(graph)


def peel(graph, steps, penalty):
    left, best = graph.copy(), graph.copy()
    highest = density(graph, steps, penalty)
    while len(left) > 1:
        left.remove_node(min(left, key=lambda place: (worth(left, place, steps, penalty), place)))
        if density(left, steps, penalty) > highest:
            highest, best = density(left, steps, penalty), left.copy()
    return best


def plain_flows(payer, payee, amount, middle, *, steps, payers_of_middle, payers_of_sink, penalty, rounds):
    graph = laid_out(payer, payee, amount, middle, steps)
    found = []
    for _ in range(rounds):
        graph = core(graph, steps, payers_of_middle, payers_of_sink)
        if not len(graph):
            return found, False
        densest = peel(graph, steps, penalty)
        if density(densest, steps, penalty) <= 0:
            return found, False
        graph.remove_nodes_from([place for place in densest if 0 < place[1] < steps])
        best = core(densest, steps, payers_of_middle, payers_of_sink)
        if not len(best):
            continue
        pairs = {(one[0], other[0]) for one, other in best.edges}
        rows = tuple(row for row, pair in enumerate(zip(payer.tolist(), payee.tolist(), strict=True)) if pair in pairs)
        middles = [place for place in best if 0 < place[1] < steps]
        sides = [(best.in_degree(place, "money"), best.out_degree(place, "money")) for place in middles]
        layers = tuple(tuple(sorted(a for a, layer in best if layer == step)) for step in range(steps + 1))
        sums = sum(a for a, _ in sides), sum(map(min, sides)), sum(map(max, sides))
        found.append((layers, *sums, rows))
    return found, len(core(graph, steps, payers_of_middle, payers_of_sink)) > 0


def as_tuple(numbers):
    return tuple(numbers.tolist())


@pytest.mark.parametrize("chunk", range(5))
def test_flows_are_those_of_the_plain_peeling(chunk):
    hits = capped = 0
    for seed in range(chunk * 400, chunk * 400 + 400):
        rng = np.random.default_rng(seed)
        payments = random_flow(rng)
        asked = {
            "steps": int(rng.integers(2, 4)),
            "payers_of_middle": int(rng.integers(1, 4)),
            "payers_of_sink": int(rng.integers(1, 3)),
            "penalty": int(rng.integers(0, 5)),
            "rounds": int(rng.integers(1, 4)),
        }
        answer = dense_flows(*payments, **asked)
        found = [
            (tuple(map(as_tuple, flow.layer)), flow.received, flow.passed, flow.most, as_tuple(flow.row))
            for flow in answer.flows
        ]
        assert (found, answer.capped) == plain_flows(*payments, **asked), seed
        hits += len(found)
        capped += answer.capped
    assert hits > 100, "the random payments must hold flows to mean anything"
    assert capped > 5


def test_a_balanced_flow_is_found_in_any_background():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        # Twelve sources (0 to 11) pay three middles (12 to 14), who pay one sink (15); then a crowd pays as it likes.
        payer = np.array([*range(12), 12, 13, 14])
        payee = np.array([*(12 + source % 3 for source in range(12)), 15, 15, 15])
        amount = np.array([*([1000] * 12), 4000, 4000, 4000])
        crowd = rng.integers(16, 60, (300, 2))
        crowd = crowd[crowd[:, 0] != crowd[:, 1]]
        limits = {"payers_of_middle": 3, "payers_of_sink": 2, "penalty": 4, "rounds": 3}
        answer = dense_flows(
            np.append(payer, crowd[:, 0]),
            np.append(payee, crowd[:, 1]),
            np.append(amount, rng.integers(1, 300, len(crowd))),
            np.ones(60, np.bool_),
            steps=2,
            **limits,
        )
        assert answer.flows[0].row.tolist() == list(range(15)), seed


def test_amounts_near_the_limit_of_integers_do_not_overflow():
    payer = np.array([0, 1, 2, 3, 3])
    payee = np.array([3, 3, 3, 4, 5])
    amount = np.array([2**60, 2**60, 2**60, 2**61, 2**60])
    limits = {"payers_of_middle": 3, "payers_of_sink": 1, "penalty": 4, "rounds": 2}
    [flow] = dense_flows(payer, payee, amount, np.ones(6, np.bool_), steps=2, **limits).flows
    assert flow.row.tolist() == [0, 1, 2, 3, 4]
    assert flow.passed == 3 * 2**60
