"""The autoencoder scores as PyOD's, from arrays and without torch, and says what to install where it cannot learn."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from detectors.models.autoencoder import AT_ONCE, Autoencoder, Network
from flows.errors import SettingsError

# float32 in torch, float64 here: what was seen differs by some 1e-6 of a score.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(3).normal(size=(300, 5))


def untrained(features=5):
    """Write the layers of a small network down, as a reference keeps them."""
    draw = np.random.default_rng(8)
    sizes = (features, 7, 3, 7, features)
    layers = {
        f"{what}_{number}": draw.normal(size=shape)
        for number, (before, after) in enumerate(pairwise(sizes))
        for what, shape in (("weight", (before, after)), ("bias", (after,)))
    }
    return {"middle": draw.normal(size=features), "width": 1 + draw.random(features), **layers}


def test_a_network_is_gone_through_layer_by_layer_and_scores_the_distance(rows):
    kept = untrained()
    given = (rows - kept["middle"]) / kept["width"]
    told = given
    for layer in range(4):
        told = (np.maximum(told, 0) if layer else told) @ kept[f"weight_{layer}"] + kept[f"bias_{layer}"]
    np.testing.assert_allclose(Network(kept).score(rows), np.linalg.norm(given - told, axis=1), rtol=1e-12)


def test_a_kept_network_scores_a_row_the_same_to_the_bit_whatever_stands_beside_it():
    network = Autoencoder().restore(untrained())
    many = np.random.default_rng(4).normal(size=(AT_ONCE + 3, 5))
    score = network.score(many)
    for row in (0, 7, AT_ONCE - 1, AT_ONCE, AT_ONCE + 2):
        assert network.score(many[[row]])[0] == score[row]
    assert network.score(many[::-1]).tobytes() == score[::-1].tobytes()
    assert network.score(many[:0]).size == 0


def test_without_torch_learning_says_what_to_install(rows, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SettingsError, match="needs torch") as refused:
        Autoencoder().learn(rows, 0)
    assert "moneytrail[deep]" in str(refused.value)


def test_scoring_with_what_was_kept_loads_no_torch():
    asked = (
        "import sys, numpy; from detectors.models.autoencoder import Autoencoder; "
        "kept = {'middle': numpy.zeros(1), 'width': numpy.ones(1), 'weight_0': numpy.ones((1, 1)), "
        "'bias_0': numpy.ones(1)}; "
        "assert Autoencoder().restore(kept).score(numpy.zeros((2, 1))).tolist() == [1.0, 1.0]; "
        "sys.exit('torch' in sys.modules or 'pyod' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_it_scores_as_pyod_does(rows):
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'moneytrail[deep]'")
    from pyod.models.auto_encoder import AutoEncoder

    theirs = AutoEncoder(random_state=11, epoch_num=2, batch_size=32, device=torch.device("cpu"), verbose=0).fit(rows)
    fresh = np.random.default_rng(5).normal(size=(200, 5)) * 3
    ours = Autoencoder(epochs=2).learn(rows, 11).score(fresh)
    np.testing.assert_allclose(ours, theirs.decision_function(fresh), rtol=TOLERANCE)


def test_a_feature_that_was_the_same_for_all_it_learnt_from_counts_nothing(rows):
    pytest.importorskip("torch", reason="torch is not installed: pip install 'moneytrail[deep]'")
    alike, other = rows.copy(), rows.copy()
    alike[:, 2], other[:, 2] = 0.0, 1.0
    learnt = Autoencoder(epochs=1).learn(alike, 0)
    assert learnt.score(other).tobytes() == learnt.score(alike).tobytes()


def test_few_rows_are_learnt_and_of_many_some_the_same_ones_for_a_seed(rows):
    torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'moneytrail[deep]'")
    state = torch.random.get_rng_state()
    assert np.isfinite(Autoencoder(epochs=1).learn(rows[:2], 0).score(rows)).all()
    few = Autoencoder(epochs=1, most=64)
    one, again, other = (few.learn(rows, seed).score(rows).tobytes() for seed in (0, 0, 1))
    assert one == again != other
    assert torch.equal(torch.random.get_rng_state(), state)
