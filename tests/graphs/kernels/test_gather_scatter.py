"""Gather-scatter against a slow search that pays out one minor unit at a time."""

import numpy as np
import pytest

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.kernels.blocks import THREADS
from graphs.kernels.gather_scatter import relays
from graphs.temporal import temporal_graph


def random_graph(rng):
    """Give payments with ties, parallel edges, payments to oneself and a busy account in the middle."""
    lines = []
    for _ in range(int(rng.integers(0, 45))):
        hour = int(rng.integers(0, 30))
        ends = [f"a{rng.integers(0, 6)}", f"a{rng.integers(0, 6)}"]
        if rng.random() < 0.7:
            ends[int(rng.integers(0, 2))] = "hub"
        currency = "EUR" if rng.random() < 0.8 else "SEK"
        lines.append(f"day {hour // 24} {hour % 24:02d}:00  {ends[0]} -> {ends[1]}  0.0{rng.integers(1, 6)} {currency}")
    return temporal_graph(whole(payments_from_arrows("\n".join(lines))))


def plain_relays(graph, centres, counted, *, least, held, within, share, overlap):
    found = set()
    for node in range(graph.nodes):
        for unit in range(len(graph.currencies)):
            edges = [e for e in range(graph.edges) if graph.unit[e] == unit and graph.payer[e] != graph.payee[e]]
            credits = [e for e in edges if graph.payee[e] == node]
            debits = [e for e in edges if graph.payer[e] == node]
            if not centres[node]:
                continue
            # Every minor unit waits by itself, oldest first.
            coins = [e for e in credits for _ in range(graph.amount[e])]
            took = {}
            for debit in debits:
                for _ in range(graph.amount[debit]):
                    fits = [k for k, e in enumerate(coins) if 0 <= graph.at[debit] - graph.at[e] <= held]
                    if fits:
                        pair = coins.pop(fits[0]), debit
                        took[pair] = took.get(pair, 0) + 1
            inside = [e for e in credits if counted[graph.payer[e]]]
            spans = {}
            for when in {int(graph.at[e]) for e in credits}:
                lots = [e for e in inside if when <= graph.at[e] < when + within]
                pairs = {p: n for p, n in took.items() if p[0] in lots and counted[graph.payee[p[1]]]}
                payers = {int(graph.payer[e]) for e in lots}
                payees = {int(graph.payee[debit]) for _, debit in pairs}
                inflow = sum(int(graph.amount[e]) for e in lots)
                good = (
                    len(payers) >= least
                    and len(payees) >= least
                    and sum(pairs.values()) / inflow >= share
                    and len(payers & payees) <= overlap * len(payers | payees)
                )
                evidence = frozenset(lots) | {debit for _, debit in pairs}
                spans[when] = (len(payers) + len(payees) if good else 0, len(payers), len(payees), evidence)
            for when, (score, payers, payees, evidence) in spans.items():
                before = [other[0] for then, other in spans.items() if when - within < then < when]
                after = [other[0] for then, other in spans.items() if when < then < when + within]
                if score and all(other < score for other in before) and all(other <= score for other in after):
                    found.add((node, unit, payers, payees, evidence))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_relays_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    hour = 3_600_000_000
    hits = 0
    for _ in range(250):
        graph = random_graph(rng)
        centres = rng.random(graph.nodes) < 0.9
        counted = rng.random(graph.nodes) < 0.9
        limits = {
            "least": int(rng.integers(1, 4)),
            "held": int(rng.integers(0, 12)) * hour,
            "within": int(rng.integers(1, 20)) * hour,
            "share": float(rng.choice([0.1, 0.5, 0.7])),
            "overlap": float(rng.choice([0.0, 0.3, 1.0])),
        }
        result = relays(graph, centres, counted, **limits)
        found = set()
        for k, key in enumerate(result.key.tolist()):
            edges = result.edge[result.start[k] : result.start[k + 1]].tolist()
            assert len(edges) == len(set(edges))
            node, unit = divmod(key, len(graph.currencies))
            found.add((node, unit, int(result.payers[k]), int(result.payees[k]), frozenset(edges)))
        assert len(found) == len(result.key)
        expected = plain_relays(graph, centres, counted, **limits)
        assert found == expected
        hits += len(expected)
    assert hits > 100, "the random graphs must hold enough relays to mean anything"


def test_one_thread_and_two_give_the_same_bytes(monkeypatch):
    rng = np.random.default_rng(3)
    lines = [
        f"day {hour // 24} {hour % 24:02d}:00  a{payer} -> a{payee}  {amount} EUR"
        for hour, payer, payee, amount in rng.integers((0, 0, 0, 1), (200, 12, 12, 9), (600, 4)).tolist()
    ]
    graph = temporal_graph(whole(payments_from_arrows("\n".join(lines))))
    every = np.ones(graph.nodes, np.bool_)
    hour = 3_600_000_000
    answers = []
    for threads, smallest in ((1, 4096), (2, 3), (2, 50)):
        monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", smallest)
        token = THREADS.set(threads)
        asked = {"least": 3, "held": 20 * hour, "within": 20 * hour, "share": 0.5, "overlap": 1.0}
        answers.append(relays(graph, every, every, **asked))
        THREADS.reset(token)
    assert len(answers[0].key) > 10
    assert len({tuple(column.tobytes() for column in answer) for answer in answers}) == 1
