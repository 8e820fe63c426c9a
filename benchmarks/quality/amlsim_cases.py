"""What becomes of planted cases in alerts: AMLSim (a port of it), 122,372 payments, 70 cases of six shapes.

Run: ``python benchmarks/quality/amlsim_cases.py [--data DIR] [--freeze]``. Once at default settings and once with
``slow.toml``, which declares long windows. Labels are used for counting only.

An alert is *about* a case if at least half of its payments belong to that case; it *holds* a case if at least half of
the case's payments are among its own, whatever else is; it *touches* a case if it has one payment of it. Precision is
the share of the first N alerts that are about, hold or touch some case; recall is the share of cases some alert among
the first N is about, holds or touches. A large alert touches a case by chance, so what alerts of the same sizes
would touch if their payments were drawn from all payments is printed beside it.

AMLSim knows whole days, draws every amount by itself and does not order the payments of a cycle. How many planted
cases could be told by order or amount at all is counted here as well (`shapes`), since no detector that asks for
these can find the others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from sklearn.metrics import average_precision_score

from benchmarks.quality.freezing import HERE, arguments, freeze, looked_at, made_with, needed, night, table, timed
from moneytrail.scan import Scan
from moneytrail.settings import Settings, load
from reports.alert import Alert

FILE = "amlsim/amlsim_port_12k.parquet"
SLOW = HERE / "slow.toml"
FIRST = (50, 100)
"""How many alerts are read: the precision of the first so many."""
KEPT = (0.8, 1.1)
"""What goes on is between so many times what came, where it counts as the same money: the limits of scatter-gather."""


@dataclass(frozen=True)
class Case:
    """A planted case."""

    id: str
    shape: str
    payments: frozenset[str]


def cases(rows: pd.DataFrame) -> list[Case]:
    """Give the planted cases of the set."""
    planted = rows[rows["is_illicit"] == 1]
    return [
        Case(f"{case:.0f}", shape, frozenset(of_case["txn_id"].astype(str)))
        for (case, shape), of_case in planted.groupby(["case_id", "typology"], sort=True)
    ]


# --- what an alert is right about -------------------------------------------------------------------------------------


def about(alert: Alert, case: Case) -> bool:
    """Say whether at least half of the alert's payments belong to the case."""
    return 2 * len(case.payments.intersection(alert.payments)) >= len(alert.payments)


def holds(alert: Alert, case: Case) -> bool:
    """Say whether the alert has at least half of the case's payments."""
    return 2 * len(case.payments.intersection(alert.payments)) >= len(case.payments)


def touches(alert: Alert, case: Case) -> bool:
    """Say whether the alert has any payment of the case."""
    return not case.payments.isdisjoint(alert.payments)


RIGHT = {"about": about, "holds": holds, "touches": touches}


def precision(alerts: Sequence[Alert], planted: Iterable[Case]) -> dict[str, int]:
    """Count the alerts that are about, hold or touch some case."""
    planted = list(planted)
    return {name: sum(any(right(alert, case) for case in planted) for alert in alerts) for name, right in RIGHT.items()}


def recall(alerts: Sequence[Alert], planted: Iterable[Case]) -> dict[str, int]:
    """Count the cases that some alert is about, holds or touches."""
    planted = list(planted)
    return {name: sum(any(right(alert, case) for alert in alerts) for case in planted) for name, right in RIGHT.items()}


def by_chance(alerts: Sequence[Alert], planted: int, payments: int) -> float:
    """Give how many of these alerts would touch a case if their payments were drawn from all payments."""
    missed = [np.exp(len(alert.payments) * np.log1p(-planted / payments)) for alert in alerts]
    return round(float(len(alerts) - np.sum(missed)), 1)


def of_scan(scan: Scan, planted: list[Case], rows: pd.DataFrame) -> dict[str, Any]:
    """Count one scan's alerts against the cases, and rank its accounts."""
    alerts = scan.facts.alerts
    illicit = sum(len(case.payments) for case in planted)
    cuts = {"all": alerts, **{f"first {count}": alerts[:count] for count in FIRST}}
    shapes = sorted({case.shape for case in planted})
    scores = scan.facts.account_scores
    ends = rows[rows["is_illicit"] == 1]
    members = {*ends["src"], *ends["dst"]}
    truth = [account in members for account in scores["account_id"].to_pylist()]
    return {
        "alerts": len(alerts),
        "payments_in_alerts": len({payment for alert in alerts for payment in alert.payments}),
        "findings": {
            detector: sum(finding.detector == detector for finding in scan.facts.findings)
            for detector in sorted({finding.detector for finding in scan.facts.findings})
        },
        "precision": {
            name: {
                "alerts": len(cut),
                **precision(cut, planted),
                "touches by chance": by_chance(cut, illicit, len(rows)),
            }
            for name, cut in cuts.items()
        },
        "recall": {
            name: {
                shape: {
                    "cases": sum(case.shape == shape for case in planted),
                    **recall(cut, [case for case in planted if case.shape == shape]),
                }
                for shape in shapes
            }
            for name, cut in cuts.items()
        },
        "rank_score_average_precision": round(float(average_precision_score(truth, scores["rank_score"])), 3),
        "base_rate": round(float(np.mean(truth)), 3),
    }


# --- what could be found at all ---------------------------------------------------------------------------------------


def shapes(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Say, per shape, how long its cases last and how many keep order in time and amounts."""
    told: dict[str, dict[str, Any]] = {}
    for shape, of_shape in rows[rows["is_illicit"] == 1].groupby("typology", sort=True):
        each = [case for _, case in of_shape.groupby("case_id", sort=True)]
        days = [(case["timestamp"].max() - case["timestamp"].min()).days for case in each]
        told[str(shape)] = {
            "cases": len(each),
            "payments": len(of_shape),
            "days, least": min(days),
            "days, median": float(np.median(days)),
            "days, most": max(days),
            "in order by day": sum(map(in_order, each)) if shape in ORDERED else None,
            "in order, same day or later": sum(in_order(case, same_day=True) for case in each)
            if shape in ORDERED
            else None,
            "amounts kept": sum(map(kept, each)) if shape in ORDERED else None,
        }
    return told


ORDERED = ("cycle", "random", "gather_scatter", "scatter_gather")
"""Shapes in which money moves on, so that order and amounts mean something."""


def in_order(case: pd.DataFrame, *, same_day: bool = False) -> bool:
    """Say whether every account that passes money on was paid first, on an earlier day; in a cycle, all but one."""
    late = 0
    for account in _middles(case):
        paid = case.loc[case["dst"] == account, "timestamp"].max()
        pays = case.loc[case["src"] == account, "timestamp"].min()
        late += pays < paid or (pays == paid and not same_day)
    return late <= _start(case)


def kept(case: pd.DataFrame) -> bool:
    """Say whether every account passes on about what it was paid; in a cycle, all but one."""
    odd = 0
    for account in _middles(case):
        came = case.loc[case["dst"] == account, "amount"].sum()
        odd += not KEPT[0] * came <= case.loc[case["src"] == account, "amount"].sum() <= KEPT[1] * came
    return odd <= _start(case)


def _middles(case: pd.DataFrame) -> list[str]:
    return sorted(set(case["src"]) & set(case["dst"]))


def _start(case: pd.DataFrame) -> int:
    """Give how many accounts may pay first: the one a cycle sets out from."""
    return int(len(_middles(case)) == len(set(case["src"]) | set(case["dst"])))


# --- the run ----------------------------------------------------------------------------------------------------------


def measure(path: Path, folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """Measure the set at default settings and with `slow.toml`."""
    rows = pq.read_table(path).to_pandas()
    planted = cases(rows)
    first = night(folder, {"payments": [path]})
    seconds = dict(first.seconds)
    with timed(seconds, "scan, slow.toml"):
        slow = looked_at(first.ledger, load(SLOW))
    return {
        "payments": len(rows),
        "cases": len(planted),
        "shapes": shapes(rows),
        "default": of_scan(first.scan, planted, rows),
        "slow.toml": of_scan(slow, planted, rows),
        "settings": {"default": Settings().hash, "slow.toml": load(SLOW).hash},
    }, seconds


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures as tables."""
    print(table([{"shape": shape, **told} for shape, told in figures["shapes"].items()], title="Planted cases"))
    for name in ("default", "slow.toml"):
        told = figures[name]
        print(f"\n{name}: {told['alerts']:,} alerts over {told['payments_in_alerts']:,} payments; {told['findings']}")
        print(f"rank_score, average precision over accounts: {told['rank_score_average_precision']}")
        print(table([{"alerts read": cut, **counts} for cut, counts in told["precision"].items()]))
        for cut, by_shape in told["recall"].items():
            print(table([{f"cases in {cut}": shape, **counts} for shape, counts in by_shape.items()], title=""))


def main() -> None:
    given = arguments(__doc__)
    path = given.data / FILE
    needed(path)
    with tempfile.TemporaryDirectory() as folder:
        figures, seconds = measure(path, Path(folder))
    show(figures)
    print(f"\nSeconds: {seconds}")
    if given.freeze:
        print(f"Frozen: {freeze('amlsim_cases', figures, made_with(path, SLOW), {'seconds': seconds}).name}")


if __name__ == "__main__":
    main()
