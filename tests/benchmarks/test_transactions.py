"""The benchmark of payments cuts time where it says, reads labels of the right rows, and measures as scikit-learn."""

from __future__ import annotations

import csv

import numpy as np
import pyarrow.compute as pc
import pytest
from sklearn.metrics import average_precision_score, f1_score

from benchmarks.quality import transactions
from benchmarks.quality.freezing import DATA
from benchmarks.quality.transactions import LABELS, Labelled, at_budget, f1, measure, of_file, told
from flows.window import whole
from graphs.between import DAY
from tests.detectors.test_edges import bank

AMLWORLD = [
    "Timestamp", "From Bank", "Account", "To Bank", "Account", "Amount Received", "Receiving Currency", "Amount Paid",
    "Payment Currency", "Payment Format", "Is Laundering",
]  # fmt: skip


@pytest.fixture
def labelled():
    payments = bank(300, 6)
    large = pc.greater(payments["amount_minor"], 80_000)
    return Labelled("made", whole(payments), np.asarray(large))


def test_no_batch_reaches_over_a_cut_and_every_payment_has_a_look(labelled):
    for days in (1, 5):
        looks = labelled.looks(days)
        assert set(labelled.cuts) < set(looks)
        assert max(np.diff(looks)) <= days * DAY
        assert looks[0] - labelled.at[0] <= days * DAY
        assert looks[-1] > labelled.at[-1]
    part = labelled.parts()
    assert sum(rows.sum() for rows in part.values()) == 300
    assert labelled.at[part["earlier"]].max() < labelled.at[part["middle"]].min()
    assert labelled.at[part["middle"]].max() < labelled.at[part["later"]].min()


def test_a_set_is_measured_from_features_to_intervals(labelled):
    figures = measure(labelled, 5)
    assert figures["batch, days"] == 5
    assert sum(figures["payments"].values()) == 300
    assert 0 <= figures["recall, 0.5 %"] <= 1


def test_figures_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    truth, score = rng.random(1000) < 0.1, rng.random(1000)
    assert told(truth, score, truth, score)["AP"].startswith(f"{average_precision_score(truth, score):.3f} (")
    assert f1(truth, score > 0.5) == pytest.approx(f1_score(truth, score > 0.5))
    first = np.argsort(-score)[:5]
    assert at_budget(truth, score) == (truth[first].mean(), truth[first].sum() / truth.sum())


def amlworld(path):
    """Write a hundred rows of the form of AMLworld, one of them to oneself."""
    rows = [
        [f"2022/09/{1 + number // 20:02d} 00:{number % 20:02d}", "010", f"8000{number % 7}", "012", f"9000{number % 5}",
         f"{100 + number}.00", "US Dollar", f"{100 + number}.00", "US Dollar", "Wire", str(int(number % 10 == 3))]
        for number in range(100)
    ]  # fmt: skip
    # A planted payment to oneself, which no ledger takes in.
    rows[23][3:5] = rows[23][1:3]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([AMLWORLD, *rows])
    return path


def test_labels_of_a_file_of_amlworld_go_to_their_rows(tmp_path):
    read = of_file(amlworld(tmp_path / "HI-Tiny_Trans.csv"))
    assert read.lost == 1
    amounts = np.array(read.window.payments["amount_minor"])[read.planted]
    assert sorted(amounts.tolist()) == [100 * (100 + number) for number in range(3, 100, 10) if number != 23]
    assert AMLWORLD[-1] == LABELS[0]


def test_one_command_gives_the_figures_of_a_file_beside_those_that_are_published(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(transactions, "SEEDS", (0,))
    file = amlworld(tmp_path / "HI-Small_Trans.csv")
    monkeypatch.setattr("sys.argv", ["transactions", "--file", str(file)])
    transactions.main()
    told = capsys.readouterr().out
    for wanted in ("F1", "AP", "precision, 0.5 %", "recall, 0.5 %", "GFP + XGBoost", "0.632"):
        assert wanted in told


def test_the_sample_of_saml_d_is_read_with_its_labels():
    sample = DATA / "saml_d" / "SAML-D_sample_1k.csv"
    if not sample.is_file():
        pytest.skip("the public sets are not here")
    read = of_file(sample)
    assert (read.planted.size + read.lost, int(read.planted.sum()) + read.lost) == (1000, 5)
