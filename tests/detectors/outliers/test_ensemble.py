"""The ensemble's own settings; what every outlier detector owes is in `test_outliers_contract.py`."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from detectors.outliers.ensemble import Ensemble
from detectors.peers import peer_groups
from flows.errors import PluginError
from graphs.features import account_features


@pytest.fixture(scope="module")
def features(window):
    return account_features(window)


def test_another_seed_learns_something_else(features):
    peers = peer_groups(features, least=10_000)
    few = [Ensemble(seed=seed).fit(features, peers).score(features).tobytes() for seed in (0, 0, 1)]
    assert few[0] == few[1] != few[2]


def test_only_columns_of_the_chosen_themes_are_fitted(features):
    fitted = Ensemble(themes=("volume",)).fit(features, peer_groups(features, least=10_000))
    used = {fitted.columns[place].theme for group in fitted.groups.values() for place in group.used.tolist()}
    assert used == {"volume"}


def test_a_theme_nobody_knows_is_refused_with_the_known_ones(features):
    with pytest.raises(PluginError, match="nothing to fit on") as refused:
        Ensemble(themes=("stars",)).fit(features, peer_groups(features))
    assert "together" in str(refused.value)


def test_nobody_to_learn_from_is_refused(features):
    with pytest.raises(PluginError, match="no account to learn from"):
        Ensemble().fit(features.of([]), peer_groups(features))


def test_the_reasons_of_the_collector_are_what_it_did(features):
    fitted = Ensemble().fit(features, peer_groups(features))
    sentences = [reason.sentence for reason in fitted.reasons(features, "pot")]
    assert any("41 accounts" in sentence or "by chance once in" in sentence for sentence in sentences), sentences


def test_it_travels_between_processes():
    ensemble = Ensemble(seed=50)
    assert pickle.loads(pickle.dumps(ensemble)) == ensemble


def test_pyod_is_not_loaded_before_somebody_fits():
    asked = "import sys, detectors.outliers.ensemble, detectors.ranking; sys.exit('pyod' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_a_model_nobody_knows_is_refused_with_the_nearest_one(features):
    with pytest.raises(PluginError, match="isolation-forrest") as refused:
        Ensemble(models=("isolation-forrest",)).fit(features, peer_groups(features))
    assert "isolation-forest" in str(refused.value)


def test_no_model_at_all_is_refused(features):
    with pytest.raises(PluginError, match="no model"):
        Ensemble(models=()).fit(features, peer_groups(features))
