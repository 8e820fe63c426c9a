"""The forest scores as PyOD's, from arrays and without PyOD."""

from __future__ import annotations

import numpy as np
from pyod.models.iforest import IForest

from detectors.models.isolation_forest import IsolationForest


def test_it_scores_as_pyod_does():
    draw = np.random.default_rng(3)
    rows, fresh = draw.normal(size=(400, 5)), draw.normal(size=(900, 5)) * 2
    ours = IsolationForest(trees=20).learn(rows, 11).score(fresh)
    theirs = IForest(n_estimators=20, max_samples=256, random_state=11, n_jobs=1).fit(rows).decision_function(fresh)
    # PyOD subtracts an offset.
    assert np.ptp(ours - theirs) < 1e-12


def test_of_many_rows_the_trees_draw_from_some_the_same_ones_for_a_seed():
    rows = np.random.default_rng(4).normal(size=(500, 2))
    one, again, other = (IsolationForest(trees=3, most=300).learn(rows, seed).score(rows) for seed in (0, 0, 1))
    assert one.tobytes() == again.tobytes() != other.tobytes()
