"""Scores by what was learnt of an earlier period."""

from __future__ import annotations

import numpy as np
import pytest

from flows.arrows import payments_from_arrows
from flows.errors import StoreError
from flows.window import whole
from moneytrail.rare import keep, rare
from moneytrail.settings import Settings, resolve

DRAW = np.random.default_rng(0)
LINES = [
    f"day {DRAW.integers(60)} {DRAW.integers(7, 24):02d}:00 p{DRAW.integers(60)} -> q{DRAW.integers(30)} "
    f"{DRAW.integers(5, 200)}.00 EUR sct"
    for _ in range(400)
]


def by(folder):
    return resolve({"scan": {"reference": folder.name}}, "test", folder.parent)


def test_a_kept_reference_scores_its_own_period_as_the_fit_did(tmp_path):
    window = whole(payments_from_arrows("\n".join(LINES)))
    keep(window, Settings(), tmp_path)
    fitted, kept = rare(window, Settings()), rare(window, by(tmp_path))
    assert kept.scores.keys() == fitted.scores.keys() == {"ensemble"}
    assert kept.scores["ensemble"].tobytes() == fitted.scores["ensemble"].tobytes()
    assert kept.findings == fitted.findings


def test_a_reference_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        rare(whole(payments_from_arrows("day 0 a -> b 1 EUR")), by(tmp_path))
