"""How far a number lies from those of its peers: the primitive ``rz`` of the catalogue, for all groups at once."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graphs.legs import Floats, Ints

TO_DEVIATION: Final = 1.4826
"""What makes a median absolute deviation comparable with a standard deviation."""


def medians(value: NDArray[Any], key: Ints) -> Floats:
    """Give each entry the median of the entries with the same key.

    Parameters
    ----------
    value : ndarray
        Numbers without NaN.
    key : ndarray of int64
        Not negative.
    """
    order = np.lexsort((value, key))
    ordered = np.asarray(value, dtype=np.float64)[order]
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    start = np.cumsum(count) - count
    middle = (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2 if count.size else ordered
    return np.asarray(middle[place])


def robust_z(value: NDArray[Any], peers: Ints, *, least: int, floor: float) -> Floats:
    """Give the distance of each number from the median of its peers in robust deviations.

    Parameters
    ----------
    value : ndarray
        What is compared.
    peers : ndarray of int64
        Number of the group that each is compared with, itself included; -1 where there is none.
    least : int
        Fewest peers to compare with.
    floor : float
        Smallest deviation that counts, so that a group in which nearly all are alike makes nobody stand out for a
        trifle.

    Returns
    -------
    ndarray of float64
        NaN where there are too few peers.

    Examples
    --------
    >>> robust_z(np.array([1, 2, 3, 9]), np.array([0, 0, 0, 0]), least=3, floor=1.0).round(1).tolist()
    [-0.6, -0.2, 0.2, 2.6]
    """
    result = np.full(len(value), np.nan)
    known = np.flatnonzero(peers >= 0)
    some, key = np.asarray(value, dtype=np.float64)[known], peers[known]
    middle = medians(some, key)
    spread = TO_DEVIATION * medians(np.abs(some - middle), key)
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    result[known] = np.where(count[place] >= least, (some - middle) / (spread + floor), np.nan)
    return result
