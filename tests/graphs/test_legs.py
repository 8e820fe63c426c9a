"""Legs in groups and stretches of time, against plain loops."""

from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import PluginError
from graphs import legs as module
from graphs.kernels.legs import passed_on
from graphs.kernels.matching import matched
from graphs.legs import combined, legs_of

HOUR = 3_600_000_000
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 400)), min_size=1, max_size=40)


def made(rows):
    rows = sorted(rows, key=lambda row: row[2])
    subject, other, hour = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return legs_of(subject, np.arange(len(rows)), other, subject), hour * HOUR


@settings(deadline=None)
@given(ROWS)
def test_sums_are_those_of_a_loop(rows):
    legs, _ = made(rows)
    number = np.arange(1, len(rows) + 1)
    for group, subject in enumerate(legs.subject.tolist()):
        own = [index for index, one in enumerate(sorted(rows, key=lambda row: row[2])) if one[0] == subject]
        others = [legs.other[index] for index in own]
        assert legs.count()[group] == len(own)
        assert legs.distinct(legs.other)[group] == len(set(others))
        assert legs.total(number)[group] == sum(number[own])
        assert legs.median(legs.other)[group] == np.median(others)
        sums = defaultdict(int)
        for index in own:
            sums[legs.other[index]] += number[index]
        top, most = legs.top(legs.other, number)
        assert most[group] == max(sums.values()) == sums[top[group]]


@settings(deadline=None)
@given(ROWS, st.integers(1, 6), st.integers(8, 200))
def test_every_stretch_holds_what_lies_in_it(rows, looks, hours):
    legs, at = made(rows)
    end = int(at.max()) + 1
    step = -(-hours * HOUR // looks)
    over = legs.over(timedelta(hours=hours), end, at, looks)

    found = {
        (int(over.subject[group]), int(over.stretch[group])): over.row[over.group == group].tolist()
        for group in range(over.groups)
    }
    expected = defaultdict(list)
    for row, subject in enumerate(legs.own.tolist()):
        for stretch in range(int(end // step) + 1):
            until = end - stretch * step
            if until - looks * step <= at[row] < until:
                expected[subject, stretch].append(row)
    assert found == dict(expected)

    same = legs.keep(np.ones(len(rows), np.bool_)).over(timedelta(hours=hours), end, at, looks, like=over)
    assert np.array_equal(same.count(), over.count())


@settings(deadline=None)
@given(ROWS, st.integers(1, 4), st.integers(8, 200), st.integers(0, 3))
def test_counting_and_sorting_give_the_same(rows, looks, hours, gone):
    def everything():
        legs, at = made(rows)
        over = legs.over(timedelta(hours=hours), int(at.max()) + 1, at, looks)
        # Some groups of the first are not in the second, and the other way round.
        some, rest = legs.keep(legs.other <= gone), legs.keep(legs.other >= gone)
        some = legs_of(some.own, some.row, some.other, some.own).over(timedelta(hours=hours), 400 * HOUR, at, looks)
        like = rest.over(timedelta(hours=hours), 400 * HOUR, at, looks, like=some)
        number = np.arange(len(rows)) % 5 - 1
        parts = [over, like]
        for one in parts:
            yield from (one.subject, one.stretch, one.group, one.row, one.other, one.own)
            yield from (one.distinct(one.other), *one.first_of(number[one.row]), *one.top(one.other, number[one.row]))

    counted = list(everything())
    with patch.multiple(module, COUNTED=0, SPARSEST=0):
        sorted_ = list(everything())
    for one, other in zip(counted, sorted_, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(deadline=None)  # the first call compiles
@given(ROWS, ROWS, st.integers(1, 100))
def test_matching_leg_by_leg_sums_to_matching_by_account(into, out, hours):
    rows = sorted([(*row, True) for row in into] + [(*row, False) for row in out], key=lambda row: row[2])
    at = np.array([row[2] for row in rows], np.int64) * HOUR
    amount = np.array([10 + 7 * row[1] for row in rows], np.int64)
    start, edge = {}, {}
    for side in (True, False):
        edges = [index for index, row in enumerate(rows) if row[3] is side]
        order = sorted(edges, key=lambda index: (rows[index][0], index))
        count = np.bincount([rows[index][0] for index in order], minlength=4)
        start[side], edge[side] = np.concatenate([[0], np.cumsum(count)]), np.array(order, np.int64)

    passed, passing = matched(start[True], edge[True], start[False], edge[False], at, amount, hours * HOUR)
    total, _ = passed_on(start[True], edge[True], start[False], edge[False], at, amount, hours * HOUR)

    assert passed.sum() == passing.sum() == total.sum()
    assert (passed <= amount[edge[True]]).all()
    assert (passing <= amount[edge[False]]).all()
    for node in range(4):
        assert passed[start[True][node] : start[True][node + 1]].sum() == total[node]


def test_a_number_that_would_count_for_the_next_group_is_refused_and_a_combination_is_numbered():
    legs, _ = made([(0, 1, 0), (0, 2, 1), (1, 1, 2)])
    day = np.array([20_454, 20_454, 20_455])
    with pytest.raises(PluginError, match="31 bits"):
        legs.distinct(day * 105_000 + legs.other)
    assert legs.distinct(combined(day, legs.other)).tolist() == [2, 1]
