"""The shape of what surrounds an account, against what is usual for as many counterparties (OddBall, Akoglu 2010).

Over all accounts, ties within a surrounding grow as a power of its size, and money as a power of its ties. What an
account has over or under that law says whether its counterparties know each other, and whether few ties carry much.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_SIZES: Final = 3
"""Different sizes needed to draw a line through them."""


def egonets(one: Ints, other: Ints, amount: Floats, nodes: int) -> dict[str, Floats]:
    """Measure the surroundings of every account: itself, its counterparties, and the ties among these.

    Parameters
    ----------
    one, other : ndarray of int64, shape (ties,)
        The ends of each tie, whichever way it was paid.
    amount : ndarray of float64, shape (nodes,)
        Money that an account moved, in multiples of the usual payment.
    nodes : int
        Number of accounts.

    Returns
    -------
    dict of str to ndarray of float64, shape (nodes,)
        Columns of `graphs.feature_columns` by name, as multiples of what the law gives; NaN without ties.
    """
    # numba is imported by whoever measures, not by whoever lists detectors.
    from graphs.kernels import ties as kernels

    degree = np.bincount(one, minlength=nodes) + np.bincount(other, minlength=nodes)
    # From the end with fewer counterparties, so that an account of a million of them is never gone through.
    swap = (degree[one] > degree[other]) | ((degree[one] == degree[other]) & (one > other))
    low, high = np.where(swap, other, one), np.where(swap, one, other)
    order = np.lexsort((high, low))
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(low, minlength=nodes), out=start[1:])
    among = kernels.triangles(start, high[order], nodes)
    return {
        "ego_ties": _over_the_law(degree, degree + among),
        "ego_amount": _over_the_law(degree + among, amount),
    }


def _over_the_law(size: NDArray[np.int64], measured: NDArray[np.generic]) -> Floats:
    """Give each account's multiple of the power law drawn through the medians of all accounts of equal size."""
    value = np.asarray(measured, dtype=np.float64)
    some = (size > 0) & (value > 0)
    result = np.full(size.size, np.nan)
    if not some.any():
        return result
    sizes, which = np.unique(size[some], return_inverse=True)
    logarithm = np.log10(value[some])
    order = np.lexsort((logarithm, which))
    count = np.bincount(which)
    end = np.cumsum(count)
    ascending = logarithm[order]
    median = (ascending[end - 1 - count // 2] + ascending[end - 1 - (count - 1) // 2]) / 2
    x = np.log10(sizes)
    if sizes.size < LEAST_SIZES:
        law = median[which]
    else:
        # A straight line through the medians, each as heavy as the root of its accounts; the many accounts of one or
        # two counterparties would draw it alone.
        weight = np.sqrt(count)
        centre = float((weight * x).sum() / weight.sum())
        middle = float((weight * median).sum() / weight.sum())
        slope = float((weight * (x - centre) * (median - middle)).sum() / (weight * (x - centre) ** 2).sum())
        law = (middle + slope * (x - centre))[which]
    result[some] = 10 ** (logarithm - law)
    return result
