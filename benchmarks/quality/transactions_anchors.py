"""IBM's graph features (snapml) with the same trees, on the very payments, parts and batches of transactions.py.

Run in an environment with ``anchors-requirements.txt``: ``python transactions_anchors.py FOLDER``. All of snapml's
patterns and vertex statistics over 14 days; without its own graph features the trees read the amount alone, so nothing
else is taken from them. Trees, seeds and the line of F1 are those of `detectors.learning`, written out here, since this
environment has no moneytrail.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from snapml import GraphFeaturePreprocessor

SPAN = 14 * 86_400
SEEDS = (0, 1, 2)
TREES = {
    "objective": "binary", "learning_rate": 0.04, "num_leaves": 7, "min_data_in_leaf": 20, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
RESAMPLES = 500


def features(rows: pd.DataFrame, batch: str) -> Any:
    """Give snapml's features, batch by batch as they come."""
    maker = GraphFeaturePreprocessor()
    patterns = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")
    maker.set_params(
        {
            "num_threads": 1, "time_window": SPAN, "vertex_stats": True, "vertex_stats_tw": SPAN,
            "vertex_stats_cols": [3, 4], "vertex_stats_feats": [0, 1, 2, 3, 4, 8, 9, 10], "lc-cycle_len": 6,
            **dict.fromkeys(patterns, True), **{f"{pattern}_tw": SPAN for pattern in patterns},
        }
    )  # fmt: skip
    table = np.column_stack([np.arange(len(rows)), rows[["payer", "payee", "seconds", "amount"]].to_numpy()])
    table = np.ascontiguousarray(table, np.float64)
    table[:, 3] -= table[0, 3]
    made = [maker.transform(table[(rows[batch] == number).to_numpy()]) for number in sorted(rows[batch].unique())]
    # Id, ends and time are no features.
    return np.concatenate(made)[:, 4:]


def steps(truth: Any, score: Any) -> tuple[Any, Any, Any]:
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=np.inf))
    return order, last, np.cumsum(truth[order])[last]


def average_precision(truth: Any, score: Any) -> float:
    _, last, right = steps(truth, score)
    return float(np.sum(np.diff(right, prepend=0) * right / (last + 1)) / max(int(right[-1]), 1))


def best_line(truth: Any, score: Any) -> float:
    order, last, right = steps(truth, score)
    return float(score[order][last[int(np.argmax(2 * right / (last + 1 + int(truth.sum()))))]])


def f1(truth: Any, flagged: Any) -> float:
    return float(2 * (truth & flagged).sum() / max(int(truth.sum() + flagged.sum()), 1))


def interval(of: Any, truth: Any, score: Any) -> str:
    rng = np.random.default_rng(0)
    found, others = np.flatnonzero(truth), np.flatnonzero(~truth)
    drawn = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([rng.choice(found, found.size), rng.choice(others, others.size)])
        drawn.append(of(truth[rows], score[rows]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{of(truth, score):.3f} ({low:.3f} to {high:.3f})"


def measure(rows: pd.DataFrame, batch: str) -> dict[str, Any]:
    values, truth, part = features(rows, batch), rows["planted"].to_numpy(), rows["part"].to_numpy()
    score = np.zeros(len(rows))
    each = []
    for seed in SEEDS:
        learnt = lightgbm.Dataset(values[part == 0], truth[part == 0].astype(float))
        one = lightgbm.train({**TREES, "seed": seed}, learnt, num_boost_round=500).predict(values, num_threads=1)
        each.append(round(average_precision(truth[part == 2], one[part == 2]), 3))
        score += one / len(SEEDS)
    line = best_line(truth[part == 1], score[part == 1])
    return {
        "batch, days": int(batch.split()[1]),
        "AP": interval(average_precision, truth[part == 2], score[part == 2]),
        "F1": interval(lambda one, other: f1(one, other >= line), truth[part == 2], score[part == 2]),
        "each seed": each,
        "features": values.shape[1],
    }


def main() -> None:
    folder = Path(sys.argv[1])
    figures: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.parquet")):
        rows = pd.read_parquet(path)
        figures[path.stem] = [measure(rows, name) for name in rows.columns if name.startswith("batch ")]
        print(path.stem, figures[path.stem], flush=True)
    (folder / "anchors.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
