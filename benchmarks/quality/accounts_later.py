"""The ensemble on the later halves in time of AMLSim and AMLGentex, with intervals, beside what people would use.

Run: ``python -m benchmarks.quality.accounts_later [--freeze]`` from the root of the checkout. Columns, models and peers
were chosen on the first halves; nothing was chosen on the later ones by themselves, though the whole sets, which
contain them, were looked at on the way (`docs/outliers.md`). Accounts are measured and fitted on the payments of the
later half alone, and those of its planted payments are to be found. Intervals are of 95 %, by resampling accounts;
accounts of one case are not drawn together, so that they are too narrow.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from benchmarks.quality.accounts_candidates import half
from benchmarks.quality.amlsim_accounts import DATA, FILES, SEEDS, plain_forest
from benchmarks.quality.freezing import freeze, made_with, needed, table, timed
from detectors.learning import compared
from detectors.outliers.ensemble import Ensemble
from detectors.peers import peer_groups
from graphs.features import account_features


def measure(name: str) -> dict[str, Any]:
    """Measure one set."""
    window, planted = half(name, later=True)
    features = account_features(window)
    peers = peer_groups(features, window.side)
    truth = np.array([account in planted for account in features.accounts])
    told: dict[str, Any] = {"accounts": len(truth), "base rate": round(float(truth.mean()), 3), "seeds": {}}
    for seed in SEEDS:
        ours = Ensemble(seed=seed).fit(features, peers).score(features)
        own, plain, more = compared(truth, ours, plain_forest(features, seed), seed=seed)
        told["seeds"][str(seed)] = {"ensemble": str(own), "plain isolation forest": str(plain), "more": str(more)}
    degree = features.column("payers") + features.column("payees")
    told["degree (counterparties)"] = str(compared(truth, degree, degree, seed=0)[0])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freeze", action="store_true", help="write the result to frozen/ beside this file")
    given = parser.parse_args()
    paths = [DATA / file for file in FILES.values()]
    needed(*paths)
    seconds: dict[str, float] = {}
    figures = {}
    for name in FILES:
        with timed(seconds, name):
            figures[name] = measure(name)
        degree = figures[name]["degree (counterparties)"]
        lines = [{"seed": seed, **own, "degree": degree} for seed, own in figures[name]["seeds"].items()]
        print(
            table(lines, title=f"{name}: {figures[name]['accounts']:,} accounts, {figures[name]['base rate']} planted")
        )
    if given.freeze:
        print(f"Frozen: {freeze('accounts_later', figures, made_with(*paths), {'seconds': seconds}).name}")


if __name__ == "__main__":
    main()
