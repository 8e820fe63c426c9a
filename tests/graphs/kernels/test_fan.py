"""Fans against a slow, plain search over networkx multigraphs."""

import networkx as nx
import numpy as np
import pytest

from graphs.kernels.blocks import THREADS
from graphs.kernels.fan import crowd, fans, rows_of


def graph_of(rng):
    """Give a small random multigraph: ties in time, parallel edges, payments to oneself, one busy account."""
    nodes, edges = int(rng.integers(1, 9)), int(rng.integers(0, 40))
    centre = rng.integers(0, nodes, edges).astype(np.int32)
    centre[rng.random(edges) < 0.4] = 0
    party = rng.integers(0, nodes, edges).astype(np.int32)
    at = np.sort(rng.integers(0, int(rng.integers(1, 60)), edges)).astype(np.int64)
    counted = rng.random(edges) < 0.9
    return nodes, centre, party, at, counted


def plain_fans(nodes, centre, party, at, counted, least, within, past):
    """Give the peaks as the definition says them, one question at a time."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(nodes))
    for edge in np.flatnonzero(counted & (centre != party)):
        graph.add_edge(int(party[edge]), int(centre[edge]), key=int(edge), at=int(at[edge]))
    found = set()
    for node in graph:
        rows = sorted((data["at"], key, payer) for payer, _, key, data in graph.in_edges(node, keys=True, data=True))

        def parties(since, until, rows=rows):
            return {payer for when, _, payer in rows if since <= when < until}

        anchors = {when: len(parties(when, when + within)) for when, _, _ in rows}
        for when, count in anchors.items():
            before = [other for then, other in anchors.items() if when - within < then < when]
            after = [other for then, other in anchors.items() if when < then < when + within]
            if count >= least and all(other < count for other in before) and all(other <= count for other in after):
                inside = tuple(key for then, key, _ in rows if when <= then < when + within)
                known = parties(when - past, when)
                fresh = len(parties(when, when + within) - known)
                found.add((node, count, fresh, len(known), inside))
    return found


def columns(result):
    return result.centre, result.parties, result.fresh, result.before


@pytest.mark.parametrize("seed", range(8))
def test_fans_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(400):
        nodes, centre, party, at, counted = graph_of(rng)
        least, within, past = int(rng.integers(1, 5)), int(rng.integers(1, 30)), int(rng.integers(0, 30))
        # Uncounted payments stand in the rows of a graph, and are left out of rows of one's own.
        rows = rows_of(centre, party, counted | (rng.random() < 0.5), nodes)
        result = fans(rows, at, counted, least=least, within=within, past=past)
        numbers = zip(*(column.tolist() for column in columns(result)), strict=True)
        found = [(*row, tuple(result.payments(k).tolist())) for k, row in enumerate(numbers)]
        expected = plain_fans(nodes, centre, party, at, counted, least, within, past)
        assert len(found) == len(set(found))
        assert set(found) == expected
        hits += len(expected)
    assert hits > 400, "the random graphs must hold enough fans to mean anything"


def test_fans_of_one_account_never_share_a_payment():
    rng = np.random.default_rng(11)
    at = np.sort(rng.integers(0, 10_000, 5_000)).astype(np.int64)
    party = rng.integers(1, 300, 5_000).astype(np.int32)
    every = np.ones(5_000, np.bool_)
    rows = rows_of(np.zeros(5_000, np.int32), party, every, 300)
    result = fans(rows, at, every, least=5, within=100, past=0)
    edges = np.concatenate([result.payments(k) for k in range(len(result.centre))])
    assert len(result.centre) > 10
    assert len(np.unique(edges)) == len(edges)


def test_one_thread_and_two_give_the_same_bytes(monkeypatch):
    rng = np.random.default_rng(5)
    at = np.sort(rng.integers(0, 2_000, 3_000)).astype(np.int64)
    centre, party = (rng.integers(0, 40, 3_000).astype(np.int32) for _ in range(2))
    every = np.ones(3_000, np.bool_)
    answers = []
    for threads, smallest in ((1, 4096), (2, 3), (2, 50)):
        monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", smallest)
        token = THREADS.set(threads)
        answers.append(fans(rows_of(centre, party, every, 40), at, every, least=4, within=90, past=500))
        THREADS.reset(token)
    assert len(answers[0].centre) > 100
    assert len({tuple(column.tobytes() for column in vars(answer).values()) for answer in answers}) == 1


@pytest.mark.parametrize("size", [0, 1, 2, 1_023, 5_000])
def test_no_span_holds_more_payments_than_the_bound_that_passes_over_them(size):
    rng = np.random.default_rng(size)
    at = np.sort(np.concatenate([rng.integers(0, 9_000, size // 2), rng.integers(4_000, 4_050, size - size // 2)]))
    for within in (1, 7, 300, 20_000):
        held = np.searchsorted(at, at + within) - np.arange(size)
        assert crowd(at, within) >= held.max(initial=0)
    assert size < 1_000 or crowd(at, 300) < 0.8 * size, "a bound that bounds nothing saves nothing"
