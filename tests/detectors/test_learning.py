"""A ranker is adopted where it is shown to help, explained to the last digit, and refused if anybody changed it."""

from __future__ import annotations

import json
from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

from detectors.drift import MOVED, drift, reference
from detectors.learning import CARD, MODEL, SCORE, SUMS, average_precision, best_line, learn, load
from flows.errors import InputError, SettingsError, StoreError

COLUMNS = ("fan_in", "isolation_forest", "tenure")


def judged(rows: int = 600, seed: int = 0):
    """Make judgements in which two weak scores together tell what neither tells alone."""
    rng = np.random.default_rng(seed)
    values = rng.random((rows, 3))
    useful = values[:, 0] * values[:, 1] + 0.1 * rng.random(rows) > 0.45
    return values, useful, np.arange(rows, dtype=np.int64)


def taught(before_column: int = 0, **more):
    values, useful, at = judged()
    return learn("alerts", COLUMNS, values, useful, at, values[:, before_column], rounds=60, **more), values, useful


@pytest.fixture(scope="module")
def ranker():
    return taught()[0]


def test_it_is_adopted_where_the_later_part_shows_that_it_helps(ranker):
    card = ranker.card
    assert card.adopted
    assert card.gain.low > 0
    assert card.average_precision.low < card.average_precision.figure < card.average_precision.high
    assert card.rows == {"earlier": 360, "middle": 120, "later": 120}


def test_it_is_not_adopted_where_the_rank_before_it_is_as_good():
    values, useful, at = judged()
    assert not learn("alerts", COLUMNS, values, useful, at, useful.astype(float), rounds=60).card.adopted


def test_nothing_of_the_later_part_moves_the_trees():
    values, useful, at = judged()
    other = useful.copy()
    other[at >= 480] = ~other[at >= 480]
    one, two = (learn("alerts", COLUMNS, values, truth, at, values[:, 0], rounds=20) for truth in (useful, other))
    assert one.text == two.text
    assert one.card.line == two.card.line


def test_the_weights_of_a_row_sum_to_the_log_odds_of_its_score(ranker):
    values = judged(50, 9)[0]
    score = ranker.score(values)
    np.testing.assert_allclose(ranker.weights(values).sum(axis=1), np.log(score / (1 - score)), rtol=1e-6)


def expected(node: dict, row: np.ndarray, known: frozenset[int]) -> float:
    """Walk a tree: by the row where its column is known, else both ways, weighed by the rows that went there."""
    if "leaf_value" in node:
        return node["leaf_value"]
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expected(left if row[node["split_feature"]] <= node["threshold"] else right, row, known)
    rows = [child.get("internal_count", child.get("leaf_count")) for child in (left, right)]
    return sum(count * expected(child, row, known) for count, child in zip(rows, (left, right), strict=True)) / sum(
        rows
    )


def test_weights_are_shapley_values_counted_out_over_every_order(ranker):
    import lightgbm

    trees = lightgbm.Booster(model_str=ranker.text).dump_model()["tree_info"]
    row = judged(1, 4)[0][0]

    def worth(known: frozenset[int]) -> float:
        return sum(expected(tree["tree_structure"], row, known) for tree in trees)

    for column, weight in enumerate(ranker.weights(row[np.newaxis])[0, :-1]):
        gains = []
        for order in permutations(range(3)):
            known = frozenset(order[: order.index(column)])
            gains.append(worth(known | {column}) - worth(known))
        assert weight == pytest.approx(np.mean(gains), abs=1e-6)


def test_what_is_saved_comes_back_the_same_and_a_changed_file_is_refused(ranker, tmp_path):
    ranker.save(tmp_path)
    again = load(tmp_path)
    values = judged(20, 3)[0]
    np.testing.assert_array_equal(again.score(values), ranker.score(values))
    assert again.card == ranker.card
    (tmp_path / MODEL).write_text(ranker.text.replace("leaf_value=0", "leaf_value=1", 1), encoding="utf-8")
    with pytest.raises(StoreError, match="changed since it was saved"):
        load(tmp_path)
    ranker.save(tmp_path)
    card = (tmp_path / CARD).read_text(encoding="utf-8")
    for otherwise in (card.replace('"adopted": ', '"adopted": not ', 1), json.dumps({"what": "x"})):
        (tmp_path / CARD).write_text(otherwise, encoding="utf-8")
        with pytest.raises(StoreError, match="changed since it was saved"):
            load(tmp_path)
    (tmp_path / SUMS).unlink()
    with pytest.raises(StoreError, match="no ranker can be read"):
        load(tmp_path)


def test_the_same_judgements_give_the_same_trees(ranker):
    assert taught()[0].text == ranker.text
    assert taught(seed=1)[0].text != ranker.text


def test_the_card_says_what_it_is_worth_and_what_it_is_not(ranker):
    page = ranker.card.as_page()
    assert "**Adopted**" in page
    assert ranker.card.sha256 in page
    assert "no probability of anything about a" in page


def test_too_few_judgements_and_other_columns_are_refused(ranker):
    values, useful, at = judged(60)
    with pytest.raises(InputError, match="too few judgements"):
        learn("alerts", COLUMNS, values, useful, at, values[:, 0])
    with pytest.raises(InputError, match="too few judgements"):
        learn("alerts", COLUMNS, values[:0], useful[:0], at[:0], values[:0, 0])
    with pytest.raises(SettingsError, match="other columns"):
        ranker.score(values[:, :2])


def test_measures_are_those_of_scikit_learn():
    rng = np.random.default_rng(2)
    truth, score = rng.random(200) < 0.2, np.round(rng.random(200), 1)
    assert average_precision(truth, score) == pytest.approx(average_precision_score(truth, score))
    precision, recall, _ = precision_recall_curve(truth, score)
    best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    assert f1_score(truth, score >= best_line(truth, score)) == pytest.approx(best)


def test_what_did_not_move_has_no_drift_and_what_moved_has():
    rng = np.random.default_rng(1)
    then = rng.random((4000, 2))
    learnt = reference(("calm", "moved"), then)
    now = np.column_stack([rng.random(4000), rng.random(4000) * 0.5])
    said = drift(learnt, ("calm", "moved"), now)
    assert said["calm"] < 0.02
    assert said["moved"] > MOVED
    assert drift(learnt, ("calm", "moved"), then) == {"calm": 0.0, "moved": 0.0}


def test_drift_is_the_index_written_out_and_missing_values_count():
    then = np.array([[0.0], [1.0], [1.0], [1.0]])
    now = np.array([[0.0], [0.0], [1.0], [np.nan]])
    shares = np.array([[0.25, 0.5], [0.75, 0.25], [1e-4, 0.25]])
    wanted = sum((b - a) * np.log(b / a) for a, b in shares)
    assert drift(reference(("x",), then), ("x",), now)["x"] == pytest.approx(wanted, abs=1e-6)


def test_a_column_that_is_gone_is_named():
    learnt = reference((SCORE,), np.zeros((3, 1)))
    with pytest.raises(SettingsError, match="nothing to compare score of the ranker with"):
        drift(learnt, (), np.zeros((3, 0)))
