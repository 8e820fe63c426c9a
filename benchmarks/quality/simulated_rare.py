"""Which cases of invented banks stand out only by being rare among peers: what the ensemble adds to the typologies.

Run after ``simulated --keep FOLDER``: ``python -m benchmarks.quality.simulated_rare --keep FOLDER [--freeze]``. The
banks, and which of their cases typologies found, are those of `simulated.py`; nothing of the ensemble was chosen on
them. Accounts are scored as a scan scores them. *Told* are those that become findings, one in a thousand of the
accounts; the *40 rarest* are what a night of nothing else would read. A case is *added* if no typology found it and one
of its accounts is among these. *By lot* is what as many accounts drawn by lot would have added, on average.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.freezing import freeze, made_with, markdown, timed
from benchmarks.quality.simulated import PLAN, SEEDS, Planted, planted
from flows.ledger import Ledger
from flows.population import Population
from moneytrail.rare import COLUMNS, rare
from moneytrail.settings import Settings

DRAWS = 1_000


def measure(folder: Path) -> dict[str, Any]:
    """Measure one bank."""
    kept = json.loads((folder / "measured.json").read_text(encoding="utf-8"))["figures"]["cases"]
    found = {case["case"] for case in kept if case["place"]}
    ledger, settings = Ledger.open(folder / "ledger"), Settings()
    population = Population(ledger, as_of=None, since=None, at_most=settings.scan.payments_a_window)
    scored = rare(population.whole(COLUMNS), settings, {})
    rarest = np.argsort(-scored.scores["ensemble"], kind="stable")[: settings.scan.capacity]
    stories = planted(folder)
    cases = [story for story in stories if not story.innocent]
    missed = [case for case in cases if case.name not in found]
    innocent = [story for story in stories if story.innocent]
    result: dict[str, Any] = {
        "accounts": len(scored.accounts),
        "cases": len(cases),
        "found by typologies": len(cases) - len(missed),
    }
    draw = np.random.default_rng(0)
    for name, who in {
        "told": {finding.centre for finding in scored.findings},
        "40 rarest": {scored.accounts[row] for row in rarest.tolist()},
    }.items():
        lots = [set(draw.choice(scored.accounts, len(who), replace=False).tolist()) for _ in range(DRAWS)]
        result |= {
            name: len(who),
            f"{name}, of a case": sum(any(one in case.roles for case in cases) for one in sorted(who)),
            f"{name}, of an innocent story": sum(any(one in story.roles for story in innocent) for one in sorted(who)),
            f"{name}, added": sorted(
                f"{case.code} {case.variant}" for case in missed if not who.isdisjoint(case.roles)
            ),
            f"{name}, by lot": round(float(np.mean([_touched(missed, lot) for lot in lots])), 1),
        }
    return result


def _touched(cases: list[Planted], accounts: set[str]) -> int:
    return sum(not accounts.isdisjoint(case.roles) for case in cases)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="folder that simulated.py kept its banks in")
    parser.add_argument("--freeze", action="store_true", help="write the result to frozen/ beside this file")
    given = parser.parse_args()
    seconds: dict[str, float] = {}
    figures = {}
    for seed in SEEDS:
        with timed(seconds, str(seed)):
            figures[str(seed)] = measure(given.keep / str(seed))
    counted = [
        {"bank": seed, **{what: len(one) if isinstance(one, list) else one for what, one in told.items()}}
        for seed, told in figures.items()
    ]
    print(markdown(counted))
    if given.freeze:
        print(f"Frozen: {freeze('simulated_rare', figures, made_with(PLAN), {'seconds': seconds}).name}")


if __name__ == "__main__":
    main()
