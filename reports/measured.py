"""What is measured of the account that an alert is about, as a learnt ranker reads it (`reports.ranked`).

An alert has many accounts and a ranker one row of numbers for each alert. The row is that of one account, as it is,
and not the largest of each column over all: a row put together from several accounts describes none of them, and it
grows with the number of accounts, which the ranker reads anyway. It is the first account of the pattern that is the
bank's own, the one the alert is about in nearly all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from flows.plugins import Shelf
from graphs.feature_columns import COLUMNS
from graphs.features import Features
from reports.alert import Alert

PREFIX: Final = "account "
"""Of what is measured of an account, among the numbers of an alert."""
RANK: Final = "rank_score"
FEATURES: Final = tuple(column.name for column in COLUMNS if not column.restricted)
"""What payments tell of an account and may be fitted. Its part in motifs is in the alert already, as indicators."""


def names() -> tuple[str, ...]:
    """List every number that an account may have: features, the score of each outlier detector, and its rank."""
    return tuple(PREFIX + name for name in (*FEATURES, *Shelf("detectors.outliers").ids(), RANK))


def with_measures(
    alerts: Sequence[Alert], features: Features, scores: Mapping[str, NDArray[Any]], ranks: pa.Table
) -> tuple[Alert, ...]:
    """Put beside each alert what is measured of the account it is about; of one that is not the bank's own, nothing.

    Parameters
    ----------
    alerts : sequence of Alert
        In any order, which stays.
    features : Features
        What was measured of all accounts, as of the day of the scan.
    scores : mapping of str to ndarray
        By outlier detector, the score of each account of `features`.
    ranks : pyarrow.Table
        Rows of `detectors.ranking.rank`.
    """
    place = [features.names.index(name) for name in FEATURES]
    rank_of = dict(zip(ranks["account_id"].to_pylist(), ranks[RANK].to_pylist(), strict=True))

    def measured(alert: Alert) -> dict[str, float]:
        account = next((one.account_id for one in alert.in_pattern if one.account_id in features.row_of), None)
        if account is None:
            return {}
        row = features.row_of[account]
        every = dict(zip(FEATURES, features.values[row, place].tolist(), strict=True))
        every |= {id_: float(score[row]) for id_, score in scores.items()}
        every[RANK] = rank_of[account]
        # What cannot be computed is not there: the store keeps JSON, which knows no NaN.
        return {PREFIX + name: value for name, value in every.items() if np.isfinite(value)}

    return tuple(replace(alert, measured=measured(alert)) for alert in alerts)
