"""Bicliques, beside a plain search over every pair of payees of a networkx graph."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from graphs.bicliques import Sides, bicliques, by_chance, modest


def random_links(rng):
    payers, payees = int(rng.integers(1, 9)), int(rng.integers(1, 8))
    links = [(a, b) for a in range(payers) for b in range(payees) if rng.random() < 0.5]
    links = [links[k] for k in rng.permutation(len(links))]
    return np.array([a for a, _ in links], np.int64), np.array([b for _, b in links], np.int64)


def plain_bicliques(payer, payee, least_payers, least_payees):
    """Give the bicliques of every two payees, then keep the best of those that overlap."""
    links = list(zip(payer.tolist(), payee.tolist(), strict=True))
    graph = nx.Graph([(("from", a), ("to", b)) for a, b in links])
    found = set()
    for one, other in combinations([node for node in graph if node[0] == "to"], 2):
        payers = set(graph[one]) & set(graph[other])
        if len(payers) >= least_payers:
            payees = set.intersection(*(set(graph[each]) for each in payers))
            if len(payees) >= least_payees:
                found.add((frozenset(a for _, a in payers), frozenset(b for _, b in payees)))
    kept = []
    while found:
        first = min(
            found,
            key=lambda each: (
                -len(each[0]) * len(each[1]),
                sorted(links.index((a, b)) for a in each[0] for b in each[1]),
            ),
        )
        kept.append(first)
        found = {each for each in found if not (each[0] & first[0] and each[1] & first[1])}
    return kept


@pytest.mark.parametrize("chunk", range(4))
def test_bicliques_are_those_of_the_definition(chunk):
    several = 0
    for seed in range(chunk * 500, chunk * 500 + 500):
        rng = np.random.default_rng(seed)
        payer, payee = random_links(rng)
        least_payers, least_payees = int(rng.integers(1, 4)), int(rng.integers(2, 4))
        found = bicliques(payer, payee, least_payers=least_payers, least_payees=least_payees)
        sides = [(frozenset(each.payers), frozenset(each.payees)) for each in found]
        assert sides == plain_bicliques(payer, payee, least_payers, least_payees), seed
        several += len(found) > 1
    assert several > 40, "the random links are too poor to test anything"


def test_links_of_very_busy_payers_and_payees_are_not_modest():
    payer, payee = np.array([0, 0, 0, 1, 2, 3]), np.array([0, 1, 2, 0, 0, 1])
    assert modest(payer, payee, most_payees=2, most_payers=2).tolist() == [False, False, False, False, False, True]


def test_the_share_of_shuffles_is_that_of_the_draw():
    """Two payees with one payer each, drawn from ten who pay once: one draw in ten agrees."""
    payer, payee = np.arange(10), np.arange(10)
    share = by_chance(payer, payee, Sides((0,), (0, 1)), shuffles=20_000, seed=7)
    assert share == pytest.approx(0.1, abs=0.01)


def test_a_shared_crowd_is_chance_and_a_shared_few_are_not():
    """Every one of 12 payers pays both popular payees; three others share two that nobody else pays."""
    crowd = [(a, b) for a in range(12) for b in (0, 1)]
    few = [(a, b) for a in (20, 21, 22) for b in (5, 6)]
    payer, payee = (np.array(side) for side in zip(*crowd, *few, strict=True))
    common = by_chance(payer, payee, Sides((0, 1, 2), (0, 1)), shuffles=999, seed=1)
    rare = by_chance(payer, payee, Sides((20, 21, 22), (5, 6)), shuffles=999, seed=1)
    assert common > 0.5
    assert rare < 0.05
    assert rare == by_chance(payer, payee, Sides((20, 21, 22), (5, 6)), shuffles=999, seed=1)
