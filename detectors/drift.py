"""How far what is seen now has moved from what was learnt on: the population stability index, column by column.

``PSI = sum((now - then) * ln(now / then))`` over the tenths that a column fell into when it was learnt on. By custom of
credit scoring, below 0.1 nothing moved, from 0.25 on a model should not be trusted without a new look at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from flows.errors import SettingsError

TENTHS: Final = 10
LEAST_SHARE: Final = 1e-4
"""An empty bin counts as one in ten thousand, so that the index stays finite; the custom."""
MOVED: Final = 0.25
"""From here on a column is said to have moved."""


@dataclass(frozen=True)
class Bins:
    """The bins of one column and how it was spread over them; what is missing has a bin of its own, the last.

    Parameters
    ----------
    edges : tuple of float
        Between the bins, ascending; a value on an edge belongs above it.
    shares : tuple of float
        Share of the reference in each bin, one more than edges, and of what was missing.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]


def bins(column: NDArray[Any]) -> Bins:
    """Cut a column of the reference into tenths; equal values are never cut apart.

    Examples
    --------
    >>> bins(np.array([1.0, 1.0, 2.0, np.nan]))
    Bins(edges=(1.0, 2.0), shares=(0.0, 0.5, 0.25, 0.25))
    """
    known = column[~np.isnan(column)].astype(np.float64)
    edges = np.unique(np.quantile(known, np.arange(TENTHS) / TENTHS, method="higher")) if known.size else np.empty(0)
    return Bins(tuple(edges.tolist()), tuple(_shares(column, edges).tolist()))


def reference(names: Sequence[str], values: NDArray[Any]) -> dict[str, Bins]:
    """Give the bins of every column of a table that was learnt on."""
    return {name: bins(values[:, place]) for place, name in enumerate(names)}


def drift(then: Mapping[str, Bins], names: Sequence[str], values: NDArray[Any]) -> dict[str, float]:
    """Give the population stability index of every column of the reference.

    Raises
    ------
    SettingsError
        If a column of the reference is not there, or there is no row.
    """
    place = {name: number for number, name in enumerate(names)}
    missing = sorted(then.keys() - place.keys())
    if missing or not len(values):
        raise SettingsError(
            f"nothing to compare {missing[0] if missing else 'the reference'} with",
            where="detectors.drift",
            try_="give every column of the reference, and at least one row",
        )
    return {name: round(_psi(one, values[:, place[name]]), 6) for name, one in then.items()}


def _psi(then: Bins, column: NDArray[Any]) -> float:
    now = np.maximum(_shares(column, np.array(then.edges)), LEAST_SHARE)
    before = np.maximum(np.array(then.shares), LEAST_SHARE)
    return float(np.sum((now - before) * np.log(now / before)))


def _shares(column: NDArray[Any], edges: NDArray[Any]) -> NDArray[np.float64]:
    missing = np.isnan(column)
    number = np.where(missing, len(edges) + 1, np.searchsorted(edges, column, side="right"))
    return np.bincount(number, minlength=len(edges) + 2) / max(len(column), 1)
