"""One ranking of all accounts, so that also those below every alert have a place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.about import About
from detectors.finding import Finding
from flows.errors import PluginError
from reports.weighing import reliability

# Ours: who is at the centre of a pattern is looked at before who has a role in it, and long before one of many payers,
# even where two detectors see the same payments.
PART_OF_CENTRE, PART_OF_ROLE, PART_OF_OTHERS = 1.0, 0.8, 0.3


def account_scores(
    accounts: Sequence[str],
    findings: Iterable[Finding],
    about_of: Mapping[str, About],
    outlier_scores: pa.Table | None = None,
    *,
    hubs: Collection[str] = (),
) -> pa.Table:
    """Score every account.

    Parameters
    ----------
    accounts : sequence of str
        The accounts to rank; findings on others are passed over.
    findings : iterable of Finding
        In any order.
    about_of : mapping of str to About
        Every detector that was run, by id.
    outlier_scores : pyarrow.Table or None
        ``account_id`` and one column from 0 to 1 per outlier detector, named by its id, high = rare. An account that
        is not in it, or null, has no score there, which is not the same as zero.
    hubs : collection of str
        Accounts that serve the public; taking part in a finding gives them nothing.

    Returns
    -------
    pyarrow.Table
        ``account_id``, one float64 column per detector (id with underscores), and ``rank_score`` from 0 to 1; the
        highest rank first, equal ranks by account.

    Raises
    ------
    PluginError
        If a column of `outlier_scores` belongs to no detector that was run.
    """
    names = sorted(set(accounts))
    number = {name: index for index, name in enumerate(names)}
    columns: dict[str, NDArray[np.float64]] = {}
    outliers = [] if outlier_scores is None else [name for name in outlier_scores.column_names if name != "account_id"]
    for detector in sorted(about_of):
        columns[detector] = np.full(len(names), np.nan) if detector in outliers else np.zeros(len(names))
    for detector in outliers:
        if detector not in about_of:
            raise PluginError(
                f"scores of {detector!r}, which was not run", where="outlier scores", try_="name columns by detector id"
            )
        _fill(columns[detector], number, outlier_scores, detector)
    for finding in findings:
        _take_part(columns[finding.detector], number, finding, hubs)

    doubt = np.ones(len(names))
    for detector, column in columns.items():
        doubt *= 1 - reliability(detector, about_of[detector], outliers) * np.nan_to_num(column)
    rank = np.round(1 - doubt, 6)
    order = np.lexsort((np.arange(len(names)), -rank))
    table = {"account_id": pa.array([names[index] for index in order], pa.string())}
    for detector, column in columns.items():
        table[detector.replace("-", "_")] = pa.array(np.round(column[order], 6), from_pandas=True)
    return pa.table({**table, "rank_score": pa.array(rank[order])})


def _fill(column: NDArray[np.float64], number: Mapping[str, int], scores: pa.Table, detector: str) -> None:
    for account, score in zip(scores["account_id"].to_pylist(), scores[detector].to_pylist(), strict=True):
        if account in number and score is not None:
            column[number[account]] = score


def _take_part(column: NDArray[np.float64], number: Mapping[str, int], finding: Finding, hubs: Collection[str]) -> None:
    with_role = {account for account, _ in finding.roles}
    for account in finding.accounts:
        if account not in number or account in hubs:
            continue
        part = PART_OF_ROLE if account in with_role else PART_OF_OTHERS
        share = finding.strength * (PART_OF_CENTRE if account == finding.centre else part)
        index = number[account]
        column[index] = np.fmax(column[index], share)
