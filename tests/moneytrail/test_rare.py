"""Scores by what was learnt of an earlier period."""

from __future__ import annotations

import re

import numpy as np
import pytest

from detectors.drift import MOVED
from flows.arrows import payments_from_arrows
from flows.errors import StoreError
from flows.ledger import Ledger
from flows.window import whole
from moneytrail.rare import keep, rare, references
from moneytrail.scan import look
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
    fitted, kept = rare(window, Settings(), {}), rare(window, by(tmp_path), references(by(tmp_path)))
    assert kept.scores.keys() == fitted.scores.keys() == {"ensemble"}
    assert kept.scores["ensemble"].tobytes() == fitted.scores["ensemble"].tobytes()
    assert kept.findings == fitted.findings


def test_drift_is_nothing_against_the_period_itself_and_told_once_life_is_another(tmp_path):
    window = whole(payments_from_arrows("\n".join(LINES)))
    keep(window, Settings(), tmp_path)
    kept = references(by(tmp_path))
    still = rare(window, by(tmp_path), kept)
    assert set(still.drift) == {"ensemble"}
    assert not any(still.drift["ensemble"].values())
    at_night = whole(payments_from_arrows("\n".join(re.sub(r"\d\d:00", "02:00", line) for line in LINES)))
    moved = rare(at_night, by(tmp_path), kept)
    assert moved.drift["ensemble"]["night"] > MOVED
    assert any("elsewhere than in the reference" in note.one for note in moved.notes)
    assert not any("elsewhere than in the reference" in note.one for note in still.notes)


def test_a_reference_that_is_not_there_is_refused_before_anything_is_looked_at(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        look(Ledger.create(tmp_path / "ledger"), as_of=None, settings=by(tmp_path), carrier=None)
