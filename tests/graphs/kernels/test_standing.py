"""How accounts alike stood just before, against counting one account after the other."""

import numpy as np
import pytest

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.kernels.standing import standing
from graphs.temporal import temporal_graph

NAMES = "abcdefgh"


def window_of(rng):
    """Give a small random multigraph: ties in time, parallel edges, payments to oneself, one busy account."""
    lines = []
    for _ in range(int(rng.integers(1, 40))):
        payer, payee = rng.choice(list(NAMES), 2)
        payee = "a" if rng.random() < 0.3 else payee
        minute = int(rng.integers(0, 40))
        lines.append(f"day 0 00:{minute:02} {payer} -> {payee} 1 EUR")
    return whole(payments_from_arrows("\n".join(lines)))


def plain_standing(graph, inward, counted, peers, groups, steps, question, span, least):
    """Count as the definition says, for one question."""
    node, at, limit = question
    inside = np.flatnonzero((graph.at >= at - span) & (graph.at < at) & (graph.payer != graph.payee))
    parties, payments = {}, {}
    for edge in inside.tolist():
        payer, payee = int(graph.payer[edge]), int(graph.payee[edge])
        for one in (payer, payee):
            payments[one] = payments.get(one, 0) + 1
            parties.setdefault(one, set())
        if counted[edge]:
            parties[payee if inward else payer].add(payer if inward else payee)
    bands = {one: sum(count >= step for step in steps) for one, count in payments.items()}
    others = [one for one in payments if peers[one] and one != node]
    for group in groups:
        alike = [one for one in others if node in bands and bands[one] == bands[node] and group[one] == group[node]]
        if node in bands and len(alike) >= least:
            break
    else:
        alike = others
    return len(alike), sum(len(parties[one]) >= limit for one in alike)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_count_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    compared = 0
    for _ in range(60):
        graph = temporal_graph(window_of(rng))
        inward = bool(rng.integers(0, 2))
        counted, peers = rng.random(graph.edges) < 0.8, rng.random(graph.nodes) < 0.8
        groups = np.stack([rng.integers(0, 3, graph.nodes), np.zeros(graph.nodes, np.int64)]).astype(np.int32)
        steps = np.array([2, 4, 9], np.int64)
        asked = int(rng.integers(1, 8))
        node = rng.integers(0, graph.nodes, asked).astype(np.int32)
        at = graph.at[rng.integers(0, graph.edges, asked)] + rng.integers(0, 2, asked)
        parties = rng.integers(1, 5, asked).astype(np.int32)
        span, least = int(rng.integers(1, 30)) * 60_000_000, int(rng.integers(1, 5))

        found = standing(
            graph,
            graph.payee if inward else graph.payer,
            counted,
            peers,
            groups,
            steps,
            node=node,
            at=at,
            parties=parties,
            span=span,
            least=least,
        )

        for number, question in enumerate(zip(node.tolist(), at.tolist(), parties.tolist(), strict=True)):
            expected = plain_standing(graph, inward, counted, peers, groups, steps, question, span, least)
            assert (found.alike[number], found.as_many[number]) == expected
            compared += expected[1] > 0
    assert compared > 20, "the search must be tested on what it finds"
