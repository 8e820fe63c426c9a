"""Alerts inside their tier in the order that a learnt ranker gives them, and the numbers it reads of an alert.

A tier says what is to be done with an alert, and no learning moves one into another; nor does it hide one. It says
which of those that are handled alike are read first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.drift import drift
from detectors.learning import SCORE, Ranker
from reports.alert import Alert, Learnt
from reports.alert_rows import as_row
from reports.measured import PREFIX
from reports.weighing import TIERS

Floats = NDArray[np.float64]

MOST_WEIGHTS: Final = 3
"""Columns named that moved an alert; ours: more than an analyst reads."""
LEAST_WATCHED: Final = 200
"""Alerts from which drift is looked at; ours: with fewer, chance alone moves the index as far."""


def numbers(content: Mapping[str, Any], measured: Mapping[str, float]) -> dict[str, float]:
    """Give what a ranker reads of an alert: a row of `alerts.json`, and what is measured of its account."""
    legs = {f"leg {leg}": np.nan if weight is None else float(weight) for leg, weight in content["legs"].items()}
    return {
        "score": float(content["score"]),
        "accounts": float(len(content["accounts"])),
        "payments": float(len(content["payments"])),
        "findings": float(len(content["findings"])),
        "mitigations": float(len(content["mitigations"])),
        **{f"tier {tier}": float(content["tier"] == tier) for tier in TIERS},
        **legs,
        **{indicator["id"]: float(indicator["score"]) for indicator in content["indicators"]},
        **measured,
    }


def columns_of(rows: Iterable[Mapping[str, float]]) -> tuple[str, ...]:
    """Name every number of some alerts, in one order."""
    return tuple(sorted({name for row in rows for name in row}))


def table(rows: Sequence[Mapping[str, float]], columns: Sequence[str]) -> Floats:
    """Lay alerts out, one row each: an indicator that is not there counts nothing, what is not measured is unknown."""
    absent = [np.nan if name.startswith(PREFIX) else 0.0 for name in columns]
    laid_out = [[row.get(name, none) for name, none in zip(columns, absent, strict=True)] for row in rows]
    return np.array(laid_out).reshape(len(rows), len(columns))


def tier_of(tier: str) -> float:
    """Say how early a tier is read, higher first."""
    order: list[str] = list(TIERS)
    return float(len(order) - order.index(tier))


@dataclass(frozen=True)
class Ranked:
    """Alerts in their new order, and why.

    Parameters
    ----------
    alerts : tuple of Alert
        The same alerts, each with what was learnt of it.
    told : mapping
        For the run sheet: which ranker, what its card says of it, and of each alert its learnt score and what moved it.
    drift : dict of str to float
        How far the ranker's columns and its score have moved from what it learnt on; nothing where alerts are few.
    """

    alerts: tuple[Alert, ...]
    told: Mapping[str, Any]
    drift: Mapping[str, float]


def ranked(alerts: Sequence[Alert], ranker: Ranker) -> Ranked:
    """Put alerts into the order of a ranker, tier by tier; equal ones stay as they were."""
    columns = ranker.card.columns
    values = table([numbers(as_row(alert), alert.measured) for alert in alerts], columns)
    score = ranker.score(values) if alerts else np.zeros(0)
    weights = ranker.weights(values)[:, :-1] if alerts else np.zeros((0, len(columns)))
    place = sorted(range(len(alerts)), key=lambda row: (-tier_of(alerts[row].tier), -score[row], row))
    learnt = []
    for row in range(len(alerts)):
        most = np.argsort(-np.abs(weights[row]), kind="stable")[:MOST_WEIGHTS].tolist()
        moved = tuple((columns[one], round(float(weights[row, one]), 3)) for one in most)
        learnt.append(Learnt(round(float(score[row]), 4), moved))
    strayed = {}
    if len(alerts) >= LEAST_WATCHED:
        strayed = drift(ranker.card.then, [*columns, SCORE], np.column_stack([values, score]))
    told = {
        "sha256": ranker.card.sha256,
        "card": {
            "judged": sum(ranker.card.rows.values()),
            "average_precision": ranker.card.average_precision.figure,
            "before": ranker.card.before.figure,
        },
        "alerts": {
            alert.alert_id: {"score": one.score, "moved": dict(one.moved)}
            for alert, one in zip(alerts, learnt, strict=True)
        },
    }
    return Ranked(tuple(replace(alerts[row], learnt=learnt[row]) for row in place), told, strayed)
