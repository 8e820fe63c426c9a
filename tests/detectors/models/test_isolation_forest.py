"""The forest scores as PyOD's, from arrays and without PyOD."""

from __future__ import annotations

import numpy as np
from pyod.models.iforest import IForest

from detectors.models.isolation_forest import AT_ONCE, IsolationForest


def test_it_scores_as_pyod_does():
    draw = np.random.default_rng(3)
    rows, fresh = draw.normal(size=(400, 5)), draw.normal(size=(900, 5)) * 2
    ours = IsolationForest(trees=20).learn(rows, 11).score(fresh)
    theirs = IForest(n_estimators=20, max_samples=256, random_state=11, n_jobs=1).fit(rows).decision_function(fresh)
    # PyOD subtracts an offset.
    assert np.ptp(ours - theirs) < 1e-12


def test_more_rows_than_are_scored_at_once_score_the_same():
    rows = np.random.default_rng(4).normal(size=(AT_ONCE + 5, 2))
    forest = IsolationForest(trees=3, sample=16).learn(rows[:100], 0)
    assert forest.score(rows)[-5:].tobytes() == forest.score(rows[-5:]).tobytes()
