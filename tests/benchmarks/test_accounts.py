"""The benchmarks of accounts measure as scikit-learn, the same for the same seed, and count cases as they say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from benchmarks.quality import accounts_candidates
from benchmarks.quality.accounts_candidates import SEEDS, half, measure, models
from benchmarks.quality.simulated import Planted
from benchmarks.quality.simulated_rare import _touched
from benchmarks.quality.transactions import Labelled
from flows.arrows import payments_from_arrows
from flows.window import whole


class Total:
    """A model that learns nothing: the sum of a row."""

    def fit(self, rows):
        self.known = rows
        return self

    def decision_function(self, rows):
        return rows.sum(axis=1)


def test_a_model_is_measured_with_every_seed_and_learns_from_no_more_rows_than_it_may():
    draw = np.random.default_rng(0)
    rows, truth = draw.random((300, 3)), draw.random(300) < 0.1
    made = []

    def make(seed):
        made.append((seed, Total()))
        return made[-1][1]

    told = measure(rows, truth, make, 50)
    assert told["AP"] == [round(float(average_precision_score(truth, rows.sum(axis=1))), 3)] * len(SEEDS)
    assert [seed for seed, _ in made] == list(SEEDS)
    assert {len(one.known) for _, one in made} == {50}


@pytest.mark.parametrize("name", sorted(models(4, deep=False)))
def test_every_candidate_scores_a_row_far_out_above_nearly_all_others(name):
    rows = np.vstack([np.random.default_rng(1).normal(size=(300, 4)), np.full((1, 4), 9.0)])
    scored = models(4, deep=False)[name](0).fit(rows).decision_function(rows)
    assert (scored > scored[-1]).mean() < 0.05


def test_halves_part_payments_by_time_and_who_plays_in_the_planted_ones_with_them(monkeypatch):
    payments = payments_from_arrows("day 0 a -> b 1 EUR\nday 5 c -> d 1 EUR\nday 6 e -> f 1 EUR\nday 10 a -> c 1 EUR")
    labelled = Labelled("any", whole(payments), np.array([True, False, False, True]))
    monkeypatch.setattr(accounts_candidates, "public", lambda name: labelled)
    (early, first), (late, last) = half("any"), half("any", later=True)
    assert (early.payments.num_rows, first) == (2, {"a", "b"})
    assert (late.payments.num_rows, last) == (2, {"a", "c"})


def test_a_case_is_touched_by_any_of_its_accounts():
    cases = [
        Planted("one", "G-01", "plain", False, {"a": "payer", "b": "collector"}),
        Planted("two", "G-02", "plain", False),
    ]
    assert _touched(cases, {"b", "x"}) == 1
    assert _touched(cases, {"x"}) == 0
