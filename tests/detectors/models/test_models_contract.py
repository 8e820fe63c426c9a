"""What every model owes, run over the shelf."""

from __future__ import annotations

import numpy as np
import pytest

from flows.plugins import Shelf

SHELF = Shelf("detectors.models")


@pytest.fixture(scope="module", params=SHELF.ids())
def model(request):
    if request.param == "autoencoder":
        pytest.importorskip("torch", reason="torch is not installed: pip install 'moneytrail[deep]'")
    return SHELF.load(request.param)()


@pytest.fixture(scope="module")
def rows():
    """Five hundred ordinary rows, one that is far out, ties and a column of zeros and few others."""
    draw = np.random.default_rng(0)
    made = draw.normal(size=(500, 6)).round(1)
    made[:, 5] = np.where(draw.random(500) < 0.9, 0, draw.exponential(size=500))
    return np.vstack([made, np.full((1, 6), 9.0)])


@pytest.fixture(scope="module")
def learnt(model, rows):
    return model.learn(rows, 7)


def test_the_row_far_out_scores_highest(learnt, rows):
    assert learnt.score(rows).argmax() == 500


def test_a_row_scores_the_same_to_the_bit_whatever_stands_beside_it(learnt, rows):
    score = learnt.score(rows)
    mixed = np.random.default_rng(1).permutation(len(rows))
    assert learnt.score(rows[mixed]).tobytes() == score[mixed].tobytes()
    for row in mixed[:25].tolist():
        assert learnt.score(rows[[row]])[0] == score[row]
    assert learnt.score(rows[:0]).size == 0


def test_equal_seeds_learn_equal_things(model, learnt, rows):
    again = model.learn(rows, 7).arrays()
    assert again.keys() == learnt.arrays().keys()
    assert all(again[name].tobytes() == value.tobytes() for name, value in learnt.arrays().items())


def test_what_was_learnt_is_arrays_of_numbers_and_scores_the_same_when_restored(model, learnt, rows):
    arrays = learnt.arrays()
    assert all(value.dtype.kind in "if" for value in arrays.values())
    assert model.restore(arrays).score(rows).tobytes() == learnt.score(rows).tobytes()
