"""One place for every account: what motifs found and what is rare among peers, in one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.finding import Finding
from flows.errors import PluginError

Floats = NDArray[np.float64]

HALF: Final = 3.0
"""Powers of ten at which rarity weighs one half: one in a thousand, where an account becomes a finding."""
LEAST: Final = 1e-15
"""Smallest tail probability that 1 - p can still tell from 0."""


def rarity(chance: Floats) -> Floats:
    """Turn tail probabilities into strengths: 0 at 1, a half at one in a thousand, towards 1 below.

    Examples
    --------
    >>> rarity(np.array([1.0, 0.1, 0.001])).round(2)
    array([0.  , 0.25, 0.5 ])
    """
    powers = -np.log10(np.clip(chance, LEAST, 1.0))
    return np.asarray(powers / (powers + HALF) + 0.0)


def rank(findings: Iterable[Finding], outlier_scores: Mapping[str, Floats], accounts: Sequence[str]) -> pa.Table:
    """Rank accounts by everything that was found.

    Each detector gives an account a strength: a motif detector its strongest finding with the account in it, an outlier
    detector the `rarity` of its tail probability. They join as a noisy-or, ``1 - (1 - a)(1 - b)...``: more or
    stronger findings never lower the rank, none alone can fill it, and several weak ones add up. Detectors that
    find the same payments are counted as if they were independent; the rank orders, it is not a probability.

    Parameters
    ----------
    findings : iterable of Finding
        Of any detectors. Findings of a detector that is in `outlier_scores` are passed over: its scores say it already.
    outlier_scores : mapping of str to ndarray of float64
        By id of an outlier detector, its 0..1 score (one less the tail probability) of each account.
    accounts : sequence of str
        The accounts to rank. Findings about others (outside nodes) are passed over.

    Returns
    -------
    pyarrow.Table
        Rows of `account_scores.parquet`: ``account_id`` (sorted), one column per outlier detector (its id with
        underscores), ``rank_score``.

    Raises
    ------
    PluginError
        If scores are not one per account, or not shares from 0 to 1.

    Examples
    --------
    >>> rank([], {"isolation-forest": np.array([0.5, 0.999])}, ["anna", "bela"]).to_pydict()["rank_score"]
    [0.0911..., 0.5]
    """
    row_of = {account: row for row, account in enumerate(accounts)}
    strongest: dict[str, Floats] = {}
    for finding in findings:
        if finding.detector in outlier_scores:
            continue
        strength = strongest.setdefault(finding.detector, np.zeros(len(accounts)))
        for account in finding.accounts:
            if account in row_of:
                strength[row_of[account]] = max(strength[row_of[account]], finding.strength)
    for detector, score in outlier_scores.items():
        if len(score) != len(accounts) or not ((score >= 0) & (score <= 1)).all():
            raise PluginError("not one share per account", where=detector, try_="give FittedOutlierDetector.score")
        strongest[detector] = rarity(1 - score)
    # In one order of detectors, so that the product is the same to the last bit however they were found.
    unfound = np.ones(len(accounts))
    for detector in sorted(strongest):
        unfound = unfound * (1 - strongest[detector])
    columns = {detector.replace("-", "_"): outlier_scores[detector] for detector in sorted(outlier_scores)}
    table = pa.table({"account_id": pa.array(accounts, pa.string()), **columns, "rank_score": 1 - unfound})
    return table.sort_by("account_id")
