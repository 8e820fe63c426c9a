"""Which models of PyOD find the accounts of planted cases: average precision and seconds of each, by itself.

Run: ``python -m benchmarks.quality.accounts_candidates [--freeze] [--deep]`` from the root of the checkout. Learnt from
and measured on the **first halves in time** of AMLSim and AMLGentex, on the columns that the ensemble is fitted on, all
accounts in one group, scaled as a group of peers is (`detectors.rarity.Group.scaled`). Each model is PyOD's own, with
its defaults but for what `MODELS` says; those that draw have three seeds. COPOD and ECOD score the rows they were
fitted on, so that here they are what they are against a frozen reference.

``--deep`` adds an autoencoder and Deep SVDD, which need torch: the extra ``deep``. Both found less than the forest on
both sets; the autoencoder can be chosen, and is not in the default (`docs/outliers.md`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.metrics import average_precision_score

from benchmarks.quality.amlsim_accounts import DATA, FILES
from benchmarks.quality.freezing import freeze, made_with, needed, table
from benchmarks.quality.transactions import public
from detectors.outliers.ensemble import Ensemble
from detectors.peers import EVERYONE, peer_groups
from detectors.rarity import fit_in_peers
from flows.plugins import Shelf
from flows.window import Window, whole
from graphs.features import account_features

SEEDS = (0, 1, 2)
SAMPLE = 2_000
"""Rows that the models by distance learn from: their cost grows with the square."""


def models(columns: int, *, deep: bool) -> dict[str, Callable[[int], Any]]:
    """Give what makes each model of so many columns from a seed; imported here, since PyOD takes seconds."""
    from pyod.models.copod import COPOD
    from pyod.models.ecod import ECOD
    from pyod.models.hbos import HBOS
    from pyod.models.iforest import IForest
    from pyod.models.knn import KNN
    from pyod.models.loda import LODA
    from pyod.models.lof import LOF
    from pyod.models.pca import PCA

    made: dict[str, Callable[[int], Any]] = {
        "isolation forest": lambda seed: IForest(n_estimators=100, max_samples=256, random_state=seed, n_jobs=1),
        "COPOD": lambda seed: COPOD(n_jobs=1),
        "ECOD": lambda seed: ECOD(n_jobs=1),
        "HBOS": lambda seed: HBOS(),
        "LODA": lambda seed: LODA(),
        "PCA": lambda seed: PCA(random_state=seed),
        "KNN, on 2,000": lambda seed: KNN(n_neighbors=20, n_jobs=1),
        "LOF, on 2,000": lambda seed: LOF(n_neighbors=20, n_jobs=1),
    }
    if deep:
        import torch
        from pyod.models.auto_encoder import AutoEncoder
        from pyod.models.deep_svdd import DeepSVDD

        # As the others: on one thread.
        torch.set_num_threads(1)
        made["autoencoder"] = lambda seed: AutoEncoder(random_state=seed, verbose=0, epoch_num=20)
        made["Deep SVDD"] = lambda seed: DeepSVDD(n_features=columns, random_state=seed, verbose=0, epochs=20)
    return made


def half(name: str, *, later: bool = False) -> tuple[Window, set[str]]:
    """Give the payments of the first half in time of a set, or of the later one, and who plays in its planted ones."""
    labelled = public(name)
    payments = labelled.window.payments
    first, last = pc.min(payments["booked_on"]).as_py(), pc.max(payments["booked_on"]).as_py()
    early = pc.less_equal(payments["booked_on"], first + timedelta(days=(last - first).days // 2))
    here = pc.invert(early) if later else early
    told = payments.filter(pc.and_(here, pa.array(labelled.planted)))
    planted = {*told["payer"].to_pylist(), *told["payee"].to_pylist()}
    return whole(payments.filter(here), hubs=labelled.window.hubs), planted


def halved(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Give scaled rows and truth of the first half in time of a set."""
    window, planted = half(name)
    features = account_features(window)
    everyone = peer_groups(features, least=len(features.accounts) + 1)
    copod = {"copod": Shelf("detectors.models").load("copod")()}
    group = fit_in_peers(features, everyone, Ensemble().themes, copod, seed=0, detector=name).groups[EVERYONE]
    truth = np.array([account in planted for account in features.accounts])
    # Where nobody differs (no hours, one channel), PCA divides by nothing.
    return group.scaled(features.values[:, group.used])[:, np.isfinite(group.spread)], truth


def measure(rows: np.ndarray, truth: np.ndarray, make: Callable[[int], Any], sample: int | None) -> dict[str, Any]:
    """Measure one model on one set."""
    found = []
    begun = time.process_time()
    for seed in SEEDS:
        # LODA and HBOS draw from numpy's own state.
        np.random.seed(seed)  # noqa: NPY002 - PyOD knows no other
        known = rows
        if sample is not None and sample < len(rows):
            known = rows[np.random.default_rng(seed).choice(len(rows), sample, replace=False)]
        score = make(seed).fit(known).decision_function(rows)
        found.append(round(float(average_precision_score(truth, score)), 3))
    return {"AP": found, "seconds": round((time.process_time() - begun) / len(SEEDS), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freeze", action="store_true", help="write the result to frozen/ beside this file")
    parser.add_argument("--deep", action="store_true", help="with the models that need torch")
    given = parser.parse_args()
    needed(*(DATA / file for file in FILES.values()))
    figures: dict[str, Any] = {}
    seconds: dict[str, Any] = {}
    for name in FILES:
        rows, truth = halved(name)
        figures[name] = {"accounts": len(rows), "base rate": round(float(truth.mean()), 3), "AP": {}}
        for model, make in models(rows.shape[1], deep=given.deep).items():
            told = measure(rows, truth, make, SAMPLE if "2,000" in model else None)
            figures[name]["AP"][model] = told["AP"]
            seconds[f"{name}, {model}"] = told["seconds"]
    print(table(_lines(figures, seconds)))
    if given.freeze:
        made_of = made_with(*(DATA / file for file in FILES.values()))
        print(f"Frozen: {freeze('accounts_candidates', figures, made_of, {'seconds': seconds}).name}")


def _lines(figures: Mapping[str, Any], seconds: Mapping[str, float]) -> list[dict[str, Any]]:
    names = list(next(iter(figures.values()))["AP"])
    return [
        {
            "model": model,
            **{name: " ".join(f"{one:.3f}" for one in figures[name]["AP"][model]) for name in figures},
            "seconds": str(sum(seconds[f"{name}, {model}"] for name in figures)),
        }
        for model in names
    ]


if __name__ == "__main__":
    main()
