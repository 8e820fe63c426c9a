"""Companies at machines, beside a plain search that asks every three of every session."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from graphs.sessions import companies, sessions

DAY = 40


def random_withdrawals(rng):
    """Give withdrawals at few machines: ties in time, repeated holders, crowds, runs that are too long."""
    rows = []
    crew = rng.permutation(7)[: int(rng.integers(3, 6))]
    for _ in range(int(rng.integers(1, 12))):
        begin, machine = int(rng.integers(0, 8 * DAY)), int(rng.integers(0, 2))
        present = crew if rng.random() < 0.7 else rng.permutation(7)[: int(rng.integers(1, 6))]
        came = [int(holder) for holder in present if rng.random() < 0.85]
        rows += [(begin + int(rng.integers(0, 6)), machine, holder) for holder in came]
    rows.sort()
    at, machine, holder = (
        (np.array(column, np.int64) for column in zip(*rows, strict=True)) if rows else [np.empty(0, np.int64)] * 3
    )
    return machine, holder, at, at // DAY


def plain_sessions(machine, holder, at, gap, length, most):
    """Give the sessions as sorted lists of positions: connected withdrawals of a machine, in a networkx graph."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(at)))
    graph.add_edges_from(
        (i, j) for i, j in combinations(range(len(at)), 2) if machine[i] == machine[j] and at[j] - at[i] <= gap
    )
    runs = (sorted(part) for part in nx.connected_components(graph))
    return sorted(
        run for run in runs if at[run[-1]] - at[run[0]] <= length and 3 <= len({*holder[run].tolist()}) <= most
    )


def plain_companies(runs, holder, at, day, least_days, within):
    """Give (holders, withdrawals, days) of each company told, as the definition says it."""
    who = [frozenset(holder[run].tolist()) for run in runs]
    begin = [int(at[run[0]]) for run in runs]
    date = [int(day[run[0]]) for run in runs]
    group, weight = {}, {}
    for s in range(len(runs)):
        span = [r for r in range(len(runs)) if begin[s] <= begin[r] < begin[s] + within]
        group[s], weight[s] = set(), 0
        for trio in combinations(sorted(who[s]), 3):
            met = [r for r in span if who[r] >= {*trio}]
            if len({date[r] for r in met}) >= least_days:
                group[s] |= {*trio}
                weight[s] += len(met)
    found = set()
    for s in range(len(runs)):
        rivals = [r for r in range(len(runs)) if r != s and abs(begin[r] - begin[s]) < within]
        rivals = [r for r in rivals if len(group[r] & group[s]) >= 2]
        if group[s] and not any(weight[r] > weight[s] or (weight[r] == weight[s] and r < s) for r in rivals):
            told = [r for r in range(len(runs)) if begin[s] <= begin[r] < begin[s] + within]
            told = [r for r in told if len(who[r] & group[s]) >= 3]
            found.add((frozenset(group[s]), tuple(tuple(runs[r]) for r in told), len({date[r] for r in told})))
    return found


@pytest.mark.parametrize("chunk", range(5))
def test_companies_are_those_of_the_definition(chunk):
    told = 0
    for seed in range(chunk * 400, chunk * 400 + 400):
        rng = np.random.default_rng(seed)
        machine, holder, at, day = random_withdrawals(rng)
        gap, length, most = int(rng.integers(1, 4)), int(rng.integers(2, 8)), int(rng.integers(3, 7))
        least_days, within = int(rng.integers(1, 4)), int(rng.integers(1, 6 * DAY))

        found = sessions(machine, holder, at, day, gap=gap, length=length, most=most)
        runs = plain_sessions(machine, holder, at, gap, length, most)
        assert [found.rows(run).tolist() for run in np.flatnonzero(found.fits)] == runs, seed

        answer = [
            (each.holders, tuple(tuple(found.rows(run).tolist()) for run in each.runs), each.days)
            for each in companies(found, holder, least_days=least_days, within=within)
        ]
        expected = plain_companies(runs, holder, at, day, least_days, within)
        assert len(answer) == len(set(answer))
        assert set(answer) == expected, seed
        told += len(expected)
    assert told > 100, "the random withdrawals must hold companies to mean anything"
