"""A compiled walk down the trees of a forest, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def steps_down(
    rows: NDArray[np.float32],
    root: NDArray[Any],
    feature: NDArray[Any],
    threshold: Floats,
    left: NDArray[Any],
    right: NDArray[Any],
    steps: Floats,
) -> Floats:
    """Give, per row, the sum of what the leaves it falls into hold, in the order of the trees.

    Parameters
    ----------
    rows : ndarray of float32, shape (rows, features)
        What is asked.
    root : ndarray of int64, shape (trees,)
        Where each tree begins.
    feature, threshold, left, right, steps : ndarray, shape (nodes,)
        What a node asks (-1 in a leaf), up to which value a row goes left, where to, and what a leaf holds.

    Returns
    -------
    ndarray of float64, shape (rows,)
        The sums; what a row gets depends on no other row.
    """
    told = np.empty(rows.shape[0])
    for row in range(rows.shape[0]):
        total = 0.0
        for tree in range(root.size):
            node = root[tree]
            asked = feature[node]
            while asked >= 0:
                node = left[node] if rows[row, asked] <= threshold[node] else right[node]
                asked = feature[node]
            total += steps[node]
        told[row] = total
    return told
