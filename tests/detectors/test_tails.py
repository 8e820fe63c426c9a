"""Tail probabilities: monotone, calibrated, and beyond the reference still telling apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detectors.tails import tail

SCORES = arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e3, 1e3))


@given(reference=SCORES, asked=SCORES)
def test_a_higher_score_is_never_less_rare(reference, asked):
    asked = np.sort(asked)
    chance = tail(reference).probability(asked)
    assert (np.diff(chance) <= 1e-12).all()
    assert ((chance > 0) | (asked > reference.max())).all()
    assert (chance <= 1).all()


@given(reference=SCORES, asked=SCORES)
def test_an_answer_depends_on_its_own_score_only(reference, asked):
    rare = tail(reference)
    together = rare.probability(asked)
    assert [rare.probability(asked[row : row + 1])[0] for row in range(asked.size)] == together.tolist()


def test_far_scores_are_told_apart_beyond_the_highest_of_the_reference():
    chance = tail(np.random.default_rng(0).exponential(size=500)).probability(np.array([8.0, 10.0, 12.0]))
    assert 0 < chance[2] < chance[1] < chance[0] < 1 / 501


@given(reference=SCORES, asked=SCORES)
def test_surprise_is_the_same_in_powers_of_ten(reference, asked):
    rare = tail(reference)
    chance = rare.probability(asked)
    shown = chance > 1e-300
    assert rare.surprise(asked)[shown] == pytest.approx(-np.log10(chance[shown]), abs=1e-9)


def test_surprise_is_finite_and_still_grows_where_the_probability_is_too_small_to_be_written():
    rare = tail(np.random.default_rng(0).exponential(size=500))
    far = np.array([1e4, 2e4])
    assert not rare.probability(far).any()
    near, farther = rare.surprise(far).tolist()
    assert 300 < near < farther < np.inf


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.002])
def test_fresh_scores_of_the_same_law_fall_below_a_probability_as_often_as_it_says(share):
    draw = np.random.default_rng(1)
    rare = tail(draw.exponential(size=5_000))
    fresh = (rare.probability(draw.exponential(size=50_000)) <= share).mean()
    # Four standard errors of a share seen on the reference.
    assert abs(fresh - share) < 4 * np.sqrt(share * (1 - share) / 5_000)


def test_a_reference_of_equals_calls_nothing_rare():
    assert tail(np.zeros(80)).probability(np.array([0.0])) > 0.9
