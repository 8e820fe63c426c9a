"""Temporal cycles beside a plain walk over networkx."""

from collections import Counter
from datetime import timedelta

import networkx as nx
import numpy as np
import pytest

from graphs.kernels import cycles as kernel
from graphs.kernels.blocks import THREADS
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import ids, random_window

HOUR = timedelta(hours=1)


def plain_cycles(window, within, least_hops, most_hops, keeps_least, keeps_most, least_amount, across, keeps_each):
    """Walk every path of later payments that returns to its start."""
    graph = nx.MultiDiGraph()
    columns = ("payment_id", "payer", "payee", "at", "amount_minor", "currency")
    for name, payer, payee, at, amount, unit in zip(*(window.payments[c].to_pylist() for c in columns), strict=True):
        graph.add_edge(payer, payee, key=name, at=at, amount=amount, unit=unit)
    found = Counter()

    def fits(first, before, step):
        if step["unit"] != before["unit"] and not across:
            return False
        if keeps_least or keeps_each:
            if step["unit"] == before["unit"] and not (
                before["amount"] * keeps_each <= step["amount"] <= before["amount"] * keeps_most
            ):
                return False
            if step["unit"] == first["unit"] and step["amount"] < first["amount"] * keeps_least:
                return False
        return True

    def walk(start, nodes, names, first, before):
        for _, target, name, step in graph.out_edges(nodes[-1], keys=True, data=True):
            if step["at"] <= before["at"] or step["at"] - first["at"] > within or not fits(first, before, step):
                continue
            if target == start:
                if len(nodes) >= least_hops:
                    found[*names, name] += 1
            elif target not in nodes and len(nodes) < most_hops:
                walk(start, [*nodes, target], [*names, name], first, step)

    for payer, payee, name, first in graph.edges(keys=True, data=True):
        if payer != payee and first["amount"] >= least_amount:
            walk(payer, [payer, payee], [name], first, first)
    return found


def asked_of(seed):
    rng = np.random.default_rng(seed)
    least_hops = int(rng.integers(2, 4))
    return {
        "within": int(rng.integers(3, 30)) * HOUR,
        "least_hops": least_hops,
        "most_hops": int(rng.integers(least_hops, 7)),
        "keeps_least": float(rng.choice([0, 0.5, 0.8])),
        "keeps_most": float(rng.choice([1.0, 1.25])),
        "least_amount": int(rng.choice([0, 6000])),
        "across": bool(rng.integers(0, 2)),
        "keeps_each": float(rng.choice([0, 0.75])),
    }


def searched(window, asked, *, slab=5 * HOUR, most_cycles=10**6, most_steps=10**9, crowd=10**9, gait=kernel.GAIT):
    graph = temporal_graph(window)
    tick = timedelta(microseconds=1)
    return kernel.cycles(
        graph,
        np.ones(graph.nodes, np.bool_),
        after=graph.until(timedelta(0)),
        until=graph.until(asked["within"]),
        first=0,
        last=graph.edges,
        slab=slab // tick,
        most_cycles=most_cycles,
        most_steps=most_steps,
        crowd=crowd,
        gait=gait,
        **{
            **asked,
            "within": asked["within"] // tick,
            "least_amount": np.full(len(graph.currencies), asked["least_amount"], np.int64),
        },
    )


@pytest.mark.parametrize("chunk", range(10))
def test_it_finds_what_a_plain_walk_finds(chunk):
    several = 0
    for seed in range(chunk * 200, chunk * 200 + 200):
        window, asked = random_window(seed, most=45), asked_of(seed)
        expected = plain_cycles(window, **asked)
        answer = searched(window, asked)
        found = Counter(ids(window, row[row >= 0]) for row in answer.edges)
        assert found == expected, f"seed {seed}, asked {asked}"
        assert answer.capped == 0
        several += len(expected) > 1
    assert several > 40, "the random windows are too poor to test anything"


@pytest.mark.parametrize("chunk", range(5))
def test_the_gait_changes_the_cost_and_not_the_answer(chunk):
    for seed in range(chunk * 100, chunk * 100 + 100):
        rng = np.random.default_rng(seed)
        window, asked = random_window(seed, most=90, currencies=1), asked_of(seed)
        asked["most_hops"] = min(5, asked["most_hops"])
        plain = searched(window, asked, gait=kernel.Gait(levels=0, long=10**9))
        gait = kernel.Gait(
            levels=int(rng.integers(1, 6)),
            ball=int(rng.choice([5, 10**6])),
            meet=0,
            ratio=int(rng.integers(0, 3)),
            long=0,
        )
        slab = int(rng.integers(1, 20)) * HOUR
        assert searched(window, asked, gait=gait, slab=slab).edges.tolist() == plain.edges.tolist(), f"seed {seed}"


BUSY = {
    "within": 20 * HOUR,
    "least_hops": 2,
    "most_hops": 4,
    "keeps_least": 0.0,
    "keeps_most": 1.0,
    "least_amount": 0,
    "across": False,
    "keeps_each": 0.0,
}


def test_a_bound_is_kept_and_counted_for_each_first_payment():
    window = random_window(11, most=400, hours=60, currencies=1)
    every = searched(window, BUSY)
    of_first = Counter(every.edges[:, 0].tolist())

    few = searched(window, BUSY, most_cycles=1)

    assert few.capped == sum(count > 1 for count in of_first.values()) > 3
    assert Counter(few.edges[:, 0].tolist()) == dict.fromkeys(of_first, 1)
    assert set(map(tuple, few.edges.tolist())) <= set(map(tuple, every.edges.tolist()))
    assert searched(window, BUSY, most_steps=3).capped >= len(of_first)


def test_in_a_flood_a_first_payment_is_left_to_those_of_its_payer_that_follow_and_counted():
    window = random_window(11, most=400, hours=60, currencies=1)
    graph = temporal_graph(window)
    few = searched(window, BUSY, most_cycles=2)
    until = graph.until(BUSY["within"])

    def crowded(edge):
        later = np.flatnonzero(graph.payer == graph.payer[edge])
        return np.count_nonzero((later > edge) & (later < until[edge])) >= 3

    of_first = Counter(searched(window, BUSY).edges[:, 0].tolist())
    dropped = {edge for edge, count in of_first.items() if count > 2 and crowded(edge)}
    left = searched(window, BUSY, most_cycles=2, crowd=3)

    assert left.edges.tolist() == [row for row in few.edges.tolist() if row[0] not in dropped]
    assert 0 < len(left.edges) < len(few.edges)
    assert (left.capped, left.crowded) == (few.capped, len(dropped))


@pytest.mark.parametrize("keeps_least", [0.0, 0.5])
def test_one_thread_and_two_give_the_same_bytes_even_where_a_bound_is_met(keeps_least, monkeypatch):
    answers = []
    for threads, smallest in ((1, 4096), (2, 3), (2, 50)):
        monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", smallest)
        token = THREADS.set(threads)
        window = random_window(11, most=400, hours=60, currencies=1)
        answers.append(searched(window, {**BUSY, "keeps_least": keeps_least}, most_cycles=7, most_steps=400))
        THREADS.reset(token)
    assert answers[0].capped > 0
    assert len(answers[0].edges) > 10
    assert len({(answer.edges.tobytes(), answer.capped) for answer in answers}) == 1
