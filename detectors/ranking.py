"""One place for every account: what motifs found and what is rare among peers, in one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.finding import Finding
from flows.errors import PluginError, SettingsError

Floats = NDArray[np.float64]

HALF: Final = 3.0
"""Powers of ten at which rarity weighs one half: one in a thousand, where an account becomes a finding."""
LEAST: Final = 1e-15
"""Smallest tail probability that 1 - p can still tell from 0."""
FINDING: Final = 0.25
"""Weight of what a motif detector found beside what is rare among peers; ours. While the motifs are on trial, equal
weights halved the average precision of the rank on AMLSim (`benchmarks/quality/amlsim_accounts.py`)."""


def rarity(chance: Floats) -> Floats:
    """Turn tail probabilities into strengths: 0 at 1, a half at one in a thousand, towards 1 below.

    Examples
    --------
    >>> rarity(np.array([1.0, 0.1, 0.001])).round(2)
    array([0.  , 0.25, 0.5 ])
    """
    powers = -np.log10(np.clip(chance, LEAST, 1.0))
    return np.asarray(powers / (powers + HALF) + 0.0)


def rank(
    findings: Iterable[Finding],
    outlier_scores: Mapping[str, Floats],
    accounts: Sequence[str],
    *,
    weights: Mapping[str, float] | None = None,
    typologies: Mapping[str, Mapping[str, float]] | None = None,
    asked_of: Iterable[str] = (),
) -> pa.Table:
    """Rank accounts by everything that was found.

    Each detector says how rare the account is, as a strength from 0 to 1 (`rarity`): an outlier detector by its tail
    probability among peers, a motif detector by the share of all accounts that have as strong a finding. In a
    finding its centre has the whole strength and the other accounts share it, since one of forty payers is less told of
    than the account they pay; a detector that finds every second account says little of each. The strengths, times
    their weights, join as a noisy-or, ``1 - (1 - a)(1 - b)...``: a finding more, or a stronger one, never lowers an
    account, and several weak ones add up. Detectors that see the same payments are counted as if they were
    independent; the rank orders accounts, it is not a probability.

    Parameters
    ----------
    findings : iterable of Finding
        Of any detectors. Findings of a detector that is in `outlier_scores` are passed over: its scores say it already.
    outlier_scores : mapping of str to ndarray of float64
        By id of an outlier detector, its 0..1 score (one less the tail probability) of each account.
    accounts : sequence of str
        The accounts to rank. Findings about others (outside nodes) are passed over.
    weights : mapping of str to float
        Weight from 0 to 1 by id of a detector; 1 for outlier detectors and `FINDING` for others that are not named.
    typologies : mapping of str to mapping of str to float
        By id of a typology that was weighed, the score of each account it holds for. Its gate is what makes it rare, so
        the score counts as it is.
    asked_of : iterable of str
        Ids of the motif detectors that were run, so that one that found nothing has its column too.

    Returns
    -------
    pyarrow.Table
        Rows of `account_scores.parquet`: ``account_id`` (sorted), one column from 0 to 1 per detector that was asked
        (its id with underscores): the score of an outlier detector or a typology, the account's largest share in a
        finding of a motif detector; and ``rank_score``.

    Raises
    ------
    PluginError
        If scores are not one per account, or not shares from 0 to 1.
    SettingsError
        If a weight is not a share from 0 to 1.

    Examples
    --------
    >>> rank([], {"isolation-forest": np.array([0.5, 0.999])}, ["anna", "bela"]).to_pydict()["rank_score"]
    [0.0911..., 0.5...]
    """
    weights = weights or {}
    for detector, weight in weights.items():
        if not 0 <= weight <= 1:
            raise SettingsError("a weight outside 0 to 1", where=f"{detector} = {weight}", try_="choose from 0 to 1")
    shares_of = {
        detector: shares for detector, shares in _shares(findings, accounts).items() if detector not in outlier_scores
    }
    strength = {
        detector: weights.get(detector, FINDING) * rarity(_as_strong(shares)) for detector, shares in shares_of.items()
    }
    for detector, score in outlier_scores.items():
        if len(score) != len(accounts) or not ((score >= 0) & (score <= 1)).all():
            raise PluginError("not one share per account", where=detector, try_="give FittedOutlierDetector.score")
        strength[detector] = weights.get(detector, 1.0) * rarity(1 - score)
    holds = {typology: _of_accounts(scores, accounts) for typology, scores in (typologies or {}).items()}
    for typology, score in holds.items():
        strength[typology] = weights.get(typology, 1.0) * score
    # In one order of detectors, so that the product is the same to the last bit however they were found.
    unfound = np.ones(len(accounts))
    for detector in sorted(strength):
        unfound = unfound * (1 - strength[detector])
    every = {**{asked: np.zeros(len(accounts)) for asked in asked_of}, **shares_of, **outlier_scores, **holds}
    columns = {detector.replace("-", "_").lower(): every[detector] for detector in sorted(every)}
    table = pa.table({"account_id": pa.array(accounts, pa.string()), **columns, "rank_score": 1 - unfound})
    return table.sort_by("account_id")


def _of_accounts(scores: Mapping[str, float], accounts: Sequence[str]) -> Floats:
    return np.array([scores.get(account, 0.0) for account in accounts])


def _shares(findings: Iterable[Finding], accounts: Sequence[str]) -> dict[str, Floats]:
    """Give, by detector, the strongest share each account has in a finding."""
    row_of = {account: row for row, account in enumerate(accounts)}
    strongest: dict[str, Floats] = {}
    for finding in findings:
        shares = strongest.setdefault(finding.detector, np.zeros(len(accounts)))
        others = max(len(finding.accounts) - 1, 1)
        for account in finding.accounts:
            share = finding.weight / (1 if account == finding.centre else others)
            if account in row_of:
                shares[row_of[account]] = max(shares[row_of[account]], share)
    return strongest


def _as_strong(shares: Floats) -> Floats:
    """Give, per account, the part of all accounts (counted with one more) that have at least this share."""
    ascending = np.sort(shares)
    as_strong = (shares.size - np.searchsorted(ascending, shares, side="left")) / (shares.size + 1)
    return np.where(shares > 0, as_strong, 1.0)
