"""Scatter-gather beside a plain join of payments."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import product

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from flows.window import whole
from graphs.kernels.blocks import THREADS
from graphs.kernels.scatter_gather import LONG, peaks
from graphs.temporal import temporal_graph
from tests.graphs.kernels.random_payments import ids, random_window

HOUR = timedelta(hours=1)

ANY_AMOUNT = (0.0, 1e6)
SHARES = [*product([0.5, 0.8], [1.0, 1.25]), ANY_AMOUNT]


def plain_peaks(window, within, spread, least, keeps_least, keeps_most):
    """Join every payment with every later one, then look at every time of every source and sink."""
    graph = nx.MultiDiGraph()
    columns = ("payment_id", "payer", "payee", "at", "amount_minor", "currency")
    for name, payer, payee, at, amount, unit in zip(*(window.payments[c].to_pylist() for c in columns), strict=True):
        graph.add_edge(payer, payee, key=name, name=name, at=at, amount=amount, unit=unit)
    links = defaultdict(list)
    for source, middle, e in graph.edges(data=True):
        for sink in graph:
            if len({source, middle, sink}) < 3:
                continue
            later = [
                f
                for _, target, f in graph.out_edges(middle, data=True)
                if target == sink
                and e["at"] < f["at"] <= e["at"] + within
                and f["unit"] == e["unit"]
                and e["amount"] * keeps_least <= f["amount"] <= e["amount"] * keeps_most
            ]
            if later:
                f = min(later, key=lambda payment: (payment["at"], payment["name"]))
                links[source, sink].append((e["at"], e["name"], f["name"], middle))
    found = Counter()
    for every in links.values():
        spans = {at: [link for link in every if at <= link[0] < at + spread] for at, *_ in every}
        height = {at: len({link[3] for link in span}) for at, span in spans.items()}
        for at, span in spans.items():
            earlier = any(at - spread < other < at and height[other] >= height[at] for other in height)
            later = any(at < other < at + spread and height[other] > height[at] for other in height)
            if height[at] >= least and not earlier and not later:
                found[tuple(sorted(link[1:3] for link in span))] += 1
    return found


def asked_of(seed):
    rng = np.random.default_rng(seed)
    return {
        "within": int(rng.integers(1, 30)) * HOUR,
        "spread": int(rng.integers(1, 30)) * HOUR,
        "least": int(rng.integers(1, 4)),
        **dict(zip(("keeps_least", "keeps_most"), SHARES[int(rng.integers(len(SHARES)))], strict=True)),
    }


def searched(window, asked, *, most_steps=10**9, long=LONG):
    graph = temporal_graph(window)
    return peaks(
        graph,
        np.ones(graph.nodes, np.bool_),
        after=graph.until(timedelta(0)),
        until=graph.until(asked["within"]),
        spread=asked["spread"] // timedelta(microseconds=1),
        first=0,
        last=graph.edges,
        most_steps=most_steps,
        long=long,
        **{name: asked[name] for name in ("least", "keeps_least", "keeps_most")},
    )


def evidence(window, answer):
    found = Counter()
    for start, stop in zip(answer.start, answer.stop, strict=True):
        pairs = product([slice(start, stop)], [answer.scattered, answer.gathered])
        found[tuple(sorted(zip(*(ids(window, edges[span]) for span, edges in pairs), strict=True)))] += 1
    return found


@pytest.mark.parametrize("chunk", range(10))
def test_it_finds_what_a_plain_join_finds(chunk):
    several = 0
    for seed in range(chunk * 100, chunk * 100 + 100):
        window, asked = random_window(seed, most=60), asked_of(seed)
        expected = plain_peaks(window, **asked)
        answer = searched(window, asked)
        assert evidence(window, answer) == expected, f"seed {seed}, asked {asked}"
        assert answer.capped == 0
        by_amount = searched(window, asked, long=seed % 7)
        assert evidence(window, by_amount) == expected, f"seed {seed}, entered by amount"
        several += len(expected) > 1
    assert several > 20, "the random windows are too poor to test anything"


def test_a_bound_is_kept_and_counted_for_each_payment_to_a_middle():
    window = random_window(0, most=400, hours=60, currencies=1)
    asked = {"within": 20 * HOUR, "spread": 20 * HOUR, "least": 2, "keeps_least": 0.5, "keeps_most": 1.25}
    assert searched(window, asked).capped == 0
    assert searched(window, asked, most_steps=2).capped > 10


def test_whatever_the_amounts_a_bound_is_kept_and_counted_as_where_each_is_looked_at():
    met = 0
    for seed in range(40):
        window = random_window(seed, most=200, hours=60, currencies=1)
        least, most = ANY_AMOUNT
        asked = {"within": 20 * HOUR, "spread": 20 * HOUR, "least": 2, "keeps_least": least, "keeps_most": most}
        # A second currency, between two others, has every payment looked at.
        row = window.payments.slice(0, 1).to_pylist()[0]
        other = row | {"payment_id": "z", "payer": "y1", "payee": "y2", "currency": "XTS"}
        beside = whole(pa.concat_tables([window.payments, pa.Table.from_pylist([other], window.payments.schema)]))
        for most_steps in (1, 3, 8, 10**9):
            answer = searched(window, asked, most_steps=most_steps)
            one_by_one = searched(beside, asked, most_steps=most_steps)
            assert answer.capped == one_by_one.capped
            assert evidence(window, answer) == evidence(beside, one_by_one)
            met += answer.capped > 0 and len(answer.start) > 1
    assert met > 20, "the random windows are too poor to test anything"


def test_one_thread_and_two_give_the_same_bytes_even_where_a_bound_is_met(monkeypatch):
    answers = []
    for threads, smallest in ((1, 4096), (2, 3), (2, 50)):
        monkeypatch.setattr("graphs.kernels.blocks.SMALLEST", smallest)
        token = THREADS.set(threads)
        window = random_window(0, most=400, hours=60, currencies=1)
        asked = {"within": 20 * HOUR, "spread": 20 * HOUR, "least": 2, "keeps_least": 0.5, "keeps_most": 1.25}
        answers.append(searched(window, asked, most_steps=12))
        THREADS.reset(token)
    assert answers[0].capped > 0
    assert len(answers[0].start) > 3
    assert len({tuple(np.asarray(part).tobytes() for part in answer) for answer in answers}) == 1
