"""Chains beside a plain walk over networkx."""

from collections import Counter
from datetime import timedelta

import networkx as nx
import numpy as np
import pytest

from graphs.kernels.blocks import THREADS
from graphs.kernels.chains import LONG, chains
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import ids, random_window

HOUR = timedelta(hours=1)


def flags(graph, shut):
    return np.array([name not in shut for name in graph.names.to_pylist()], np.bool_)


def plain_chains(window, path, ends, delay, least_hops, most_hops, keeps_least, keeps_most, least_amount):
    """Walk every relay from every payment; a chain before which another payment could stand is part of a longer one."""
    graph = nx.MultiDiGraph()
    columns = ("payment_id", "payer", "payee", "at", "amount_minor", "currency")
    for name, payer, payee, at, amount, unit in zip(*(window.payments[c].to_pylist() for c in columns), strict=True):
        if payer != payee and payer in ends and payee in ends:
            graph.add_edge(payer, payee, key=name, at=at, amount=amount, unit=unit)
    found, longer = Counter(), Counter()

    def relays(e, f):
        near = e["amount"] * keeps_least <= f["amount"] <= e["amount"] * keeps_most
        return e["unit"] == f["unit"] and e["at"] < f["at"] <= e["at"] + delay and near

    def walk(nodes, names, before, origins):
        further = [
            (target, name, step)
            for _, target, name, step in graph.out_edges(nodes[-1], keys=True, data=True)
            if nodes[-1] in path and target not in nodes and relays(before, step)
        ]
        if len(names) == most_hops or not further:
            whole = len(names) >= least_hops and origins <= set(nodes)
            found[tuple(names)] += whole
            longer[tuple(names)] += whole and bool(further)
            return
        for target, name, step in further:
            walk([*nodes, target], [*names, name], step, origins)

    for payer, payee, name, first in graph.edges(keys=True, data=True):
        origins = {
            origin
            for origin, _, e in graph.in_edges(payer, data=True)
            if payer in path and relays(e, first) and e["amount"] >= least_amount
        }
        if payee in path and first["amount"] >= least_amount:
            walk([payer, payee], [name], first, origins)
    return +found, longer.total()


def asked_of(seed):
    rng = np.random.default_rng(seed)
    least_hops = int(rng.integers(2, 4))
    return {
        "delay": int(rng.integers(1, 20)) * HOUR,
        "least_hops": least_hops,
        "most_hops": int(rng.integers(least_hops, 7)),
        "keeps_least": float(rng.choice([0.5, 0.8])),
        "keeps_most": float(rng.choice([1.0, 1.25])),
        "least_amount": int(rng.choice([0, 6000])),
    }


def searched(window, asked, *, path=None, ends=None, most_chains=10**6, most_steps=10**9, long=LONG):
    graph = temporal_graph(window)
    names = set(graph.names.to_pylist())
    return chains(
        graph,
        flags(graph, names - path if path else ()),
        flags(graph, names - ends if ends else ()),
        after=graph.until(timedelta(0)),
        until=graph.until(asked["delay"]),
        first=0,
        last=graph.edges,
        most_chains=most_chains,
        most_steps=most_steps,
        long=long,
        **{name: value for name, value in asked.items() if name not in ("delay", "least_amount")},
        least_amount=np.full(len(graph.currencies), asked["least_amount"], np.int64),
    )


@pytest.mark.parametrize("chunk", range(10))
def test_it_finds_what_a_plain_walk_finds(chunk):
    several = 0
    for seed in range(chunk * 150, chunk * 150 + 150):
        window, asked = random_window(seed, most=50), asked_of(seed)
        every = {f"a{number}" for number in range(9)}
        ends = every - {"a2"} if seed % 3 == 0 else every
        path = ends - {"a3"} if seed % 2 == 0 else ends
        expected, longer = plain_chains(window, path, ends, **asked)
        for long in (LONG, seed % 5):
            answer = searched(window, asked, path=path, ends=ends, long=long)
            found = Counter(ids(window, row[row >= 0]) for row in answer.edges)
            assert found == expected, f"seed {seed}, asked {asked}, long {long}"
            assert (answer.capped, answer.longer) == (0, longer)
        several += len(expected) > 1
    assert several > 20, "the random windows are too poor to test anything"


BUSY = {
    "delay": 9 * HOUR,
    "least_hops": 2,
    "most_hops": 4,
    "keeps_least": 0.5,
    "keeps_most": 1.0,
    "least_amount": 0,
}


def test_a_bound_is_kept_and_counted_for_each_first_payment():
    window = random_window(0, most=400, hours=60, currencies=1)
    every = searched(window, BUSY)
    of_first = Counter(every.edges[:, 0].tolist())

    few = searched(window, BUSY, most_chains=1)

    assert few.capped == sum(count > 1 for count in of_first.values()) > 3
    assert Counter(few.edges[:, 0].tolist()) == dict.fromkeys(of_first, 1)
    assert set(map(tuple, few.edges.tolist())) <= set(map(tuple, every.edges.tolist()))


def test_one_thread_and_two_give_the_same_bytes_even_where_a_bound_is_met(monkeypatch):
    answers = []
    for threads, smallest in ((1, 4096), (2, 3), (2, 50)):
        monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", smallest)
        token = THREADS.set(threads)
        window = random_window(0, most=400, hours=60, currencies=1)
        answers.append(searched(window, BUSY, most_chains=3, most_steps=100))
        THREADS.reset(token)
    assert answers[0].capped > 0
    assert len(answers[0].edges) > 10
    assert len({(answer.edges.tobytes(), answer.capped) for answer in answers}) == 1
