"""Declared patterns beside a plain walk over networkx."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from flows.window import times
from graphs.kernels.blocks import THREADS
from graphs.kernels.patterns import NO_SHARE, Steps, _share, matches
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import ids, random_window

HOUR = 3_600_000_000
NEVER = 2**62
KINDS, CHANNELS = 3, 2

SHAPES = (
    [(0, 1)],
    [(0, 1), (1, 2)],
    [(0, 1), (1, 0)],
    [(0, 1), (0, 1)],
    [(0, 1), (2, 1)],
    [(0, 1), (0, 2)],
    [(0, 1), (2, 0)],
    [(0, 1), (1, 2), (2, 0)],
    [(0, 1), (2, 1), (1, 3)],
    [(0, 1), (0, 2), (1, 3), (2, 3)],
    [(0, 1), (1, 2), (0, 1), (1, 2)],
    [(0, 1), (1, 2), (2, 3), (3, 0)],
)


def asked_of(seed, units):
    """Draw a pattern: a shape, and bounds of every sort on some of its hops."""
    rng = np.random.default_rng(seed + 10**6)
    shape = np.array(SHAPES[seed % len(SHAPES)], np.int32)
    hops = len(shape)

    def some(values, otherwise, share=0.5):
        return np.where(rng.random(hops) < share, rng.choice(values, hops), otherwise).astype(np.int64)

    least = np.repeat(some([5000, 8000, 9000], -NEVER, 0.3)[:, None], units, axis=1)
    most = np.repeat(some([9000, 10000, 20000], NEVER, 0.3)[:, None], units, axis=1)
    if units > 1 and seed % 7 == 0:
        least[0, 1], most[0, 1] = NEVER, -NEVER
    keeps_least = some([100_000, 500_000, 800_000, 1_000_000], NO_SHARE, 0.35)
    keeps_most = np.where(keeps_least == NO_SHARE, NO_SHARE, some([1_000_000, 1_100_000, 1_111_112], NO_SHARE))
    accounts = int(shape.max()) + 1
    return Steps(
        payer=shape[:, 0].copy(),
        payee=shape[:, 1].copy(),
        accepts=np.where(rng.random(accounts) < 0.75, 7, rng.integers(1, 8, accounts)).astype(np.int16),
        channels=rng.random((hops, CHANNELS)) < 0.9,
        least=least,
        most=most,
        keeps_least=keeps_least,
        keeps_most=keeps_most,
        within=some([2 * HOUR, 6 * HOUR, 12 * HOUR], NEVER),
        span=int(rng.choice([6 * HOUR, 15 * HOUR, 40 * HOUR])),
    )


def plain_matches(window, graph, steps, kind, channel):
    """Try every payment for every hop, one after the other."""
    world = nx.MultiDiGraph()
    rows = zip(graph.payer, graph.payee, times(window.payments), graph.amount, graph.unit, channel, strict=True)
    for edge, (payer, payee, at, amount, unit, by) in enumerate(rows):
        world.add_edge(int(payer), int(payee), key=edge, at=int(at), amount=int(amount), unit=int(unit), by=by)
    every = sorted(world.edges(keys=True, data=True), key=lambda one: one[2])
    found = []

    def fits(hop, step, before, first):
        if not steps.channels[hop, step["by"]]:
            return False
        if not steps.least[hop, step["unit"]] <= step["amount"] <= steps.most[hop, step["unit"]]:
            return False
        if before is None:
            return True
        if not before["at"] < step["at"] <= min(before["at"] + steps.within[hop], first["at"] + steps.span):
            return False
        if steps.keeps_least[hop] == NO_SHARE:
            return True
        share = Fraction(step["amount"], before["amount"]) * 1_000_000
        above = steps.keeps_most[hop] != NO_SHARE and share > steps.keeps_most[hop]
        return before["unit"] == step["unit"] and share >= steps.keeps_least[hop] and not above

    def walk(hop, bound, edges, before, first):
        if hop == len(steps.payer):
            found.append(tuple(edges))
            return
        for payer, payee, edge, step in every:
            wanted = {int(steps.payer[hop]): payer, int(steps.payee[hop]): payee}
            joined = {**bound, **wanted}
            if any(bound.get(name, node) != node for name, node in wanted.items()):
                continue
            if len(set(joined.values())) < len(joined) or payer == payee:
                continue
            if not all(kind[node] & steps.accepts[name] for name, node in wanted.items()):
                continue
            if fits(hop, step, before, first):
                walk(hop + 1, joined, [*edges, edge], step, first or step)

    walk(0, {}, [], None, None)
    return found


def labels(seed, graph):
    rng = np.random.default_rng(seed)
    kind = np.left_shift(1, rng.integers(0, KINDS, graph.nodes)).astype(np.int16)
    return kind, rng.integers(0, CHANNELS, graph.edges).astype(np.int8)


def searched(graph, steps, kind, channel, *, most_found=10**6, most_steps=10**9, first=0, last=None):
    last = graph.edges if last is None else last
    bounds = {"most_found": most_found, "most_steps": most_steps}
    return matches(graph, steps, kind=kind, channel=channel, first=first, last=last, **bounds)


@pytest.mark.parametrize("chunk", range(10))
def test_it_finds_what_a_plain_walk_finds(chunk):
    several = 0
    for seed in range(chunk * 160, chunk * 160 + 160):
        window = random_window(seed, most=45, hours=24)
        graph = temporal_graph(window)
        steps = asked_of(seed, len(graph.currencies))
        kind, channel = labels(seed, graph)
        expected = plain_matches(window, graph, steps, kind, channel)

        answer = searched(graph, steps, kind, channel)

        assert list(map(tuple, answer.edges.tolist())) == expected, f"seed {seed}"
        assert answer.capped == 0
        several += len(expected) > 1
    assert several > 40, "the random windows are too poor to test anything"


def test_only_the_first_payments_that_are_asked_for_begin_a_match():
    window = random_window(8, most=200, hours=40)
    graph = temporal_graph(window)
    steps = asked_of(1, len(graph.currencies))
    kind, channel = labels(8, graph)
    every = searched(graph, steps, kind, channel).edges
    halves = [
        searched(graph, steps, kind, channel, first=first, last=last).edges
        for first, last in ((0, graph.edges // 2), (graph.edges // 2, graph.edges))
    ]
    assert all(len(half) for half in halves)
    assert np.concatenate(halves).tolist() == every.tolist()


def loose(payer, payee):
    """Ask for nothing but the shape, within a day."""
    hops, accounts = len(payer), max(*payer, *payee) + 1
    return Steps(
        payer=np.array(payer, np.int32),
        payee=np.array(payee, np.int32),
        accepts=np.full(accounts, 7, np.int16),
        channels=np.ones((hops, CHANNELS), np.bool_),
        least=np.full((hops, 1), -NEVER, np.int64),
        most=np.full((hops, 1), NEVER, np.int64),
        keeps_least=np.full(hops, NO_SHARE, np.int64),
        keeps_most=np.full(hops, NO_SHARE, np.int64),
        within=np.full(hops, NEVER, np.int64),
        span=24 * HOUR,
    )


def busy():
    window = random_window(0, most=400, hours=60, currencies=1)
    graph = temporal_graph(window)
    return window, graph, *labels(0, graph)


def test_a_bound_is_kept_and_counted_for_each_first_payment():
    window, graph, kind, channel = busy()
    steps = loose([0, 1], [1, 2])
    every = [ids(window, row) for row in searched(graph, steps, kind, channel).edges]
    of_first = {row[0]: [other for other in every if other[0] == row[0]] for row in every}

    few = searched(graph, steps, kind, channel, most_found=2)

    assert few.capped == sum(len(rows) > 2 for rows in of_first.values()) > 3
    assert [ids(window, row) for row in few.edges] == [row for rows in of_first.values() for row in rows[:2]]


def test_a_bound_on_steps_is_counted_where_something_was_left():
    _, graph, kind, channel = busy()
    steps = loose([0, 1, 2], [1, 2, 3])
    every = searched(graph, steps, kind, channel)
    few = searched(graph, steps, kind, channel, most_steps=20)
    assert every.capped == 0
    assert few.capped > 3
    assert set(map(tuple, few.edges.tolist())) < set(map(tuple, every.edges.tolist()))


def test_one_thread_and_two_give_the_same_bytes_even_where_a_bound_is_met(monkeypatch):
    answers = []
    for threads, smallest in ((1, 4096), (2, 3), (2, 50)):
        monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", smallest)
        token = THREADS.set(threads)
        _, graph, kind, channel = busy()
        answers.append(searched(graph, loose([0, 1, 2], [1, 2, 0]), kind, channel, most_found=3, most_steps=60))
        THREADS.reset(token)
    assert answers[0].capped > 0
    assert len(answers[0].edges) > 10
    assert len({(answer.edges.tobytes(), answer.capped) for answer in answers}) == 1


@pytest.mark.parametrize("amount", [0, 1, 99, 999_999, 1_000_001, 10**12 + 7, 2**62 - 1])
@pytest.mark.parametrize("ppm", [0, 1, 333_333, 900_000, 1_000_000, 1_999_999, 1_000_000_000])
def test_a_share_is_exact_or_above_every_amount(amount, ppm):
    exact = Fraction(amount * ppm, 1_000_000)
    for up, rounded in ((True, -(-exact // 1)), (False, exact // 1)):
        share = _share(amount, ppm, up)
        assert share == rounded or (share == 2**62 and rounded >= 2**62)
