"""COPOD scores its reference as PyOD's, and others against the reference alone."""

from __future__ import annotations

import numpy as np
from pyod.models.copod import COPOD

from detectors.models.copod import Copod


def test_it_scores_its_reference_as_pyod_does():
    draw = np.random.default_rng(5)
    rows = np.column_stack([draw.normal(size=300), draw.exponential(size=300), draw.integers(0, 4, 300) * -1.0])
    np.testing.assert_allclose(Copod().learn(rows, 0).score(rows), COPOD().fit(rows).decision_scores_, rtol=1e-9)


def test_a_value_beyond_the_reference_is_as_rare_as_its_outermost():
    rows = np.linspace(0, 1, 50)[:, np.newaxis]
    score = Copod().learn(rows, 0).score(np.array([[1.0], [7.0]]))
    assert score[0] == score[1]
