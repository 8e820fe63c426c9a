"""Counts and sums over what an account did before a moment, exact to the last bit.

A moment is the number of an edge: ``graph.at`` ascends, so *strictly earlier than t* is every edge below
``np.searchsorted(graph.at, t)``. Sums are whole numbers, so what comes later cannot change the rounding of what was
before: the same payment has the same history whether the ledger ends that day or a year on.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FINE: Final = 1024
"""Steps of one in which fractions are summed: a thousandth, and room for squares of four thousand million rows."""


class History:
    """The edges of each key in order of time.

    Parameters
    ----------
    key : ndarray of int64, shape (edges,)
        What each edge belongs to, e.g. its payer; edges ascend in time.
    """

    def __init__(self, key: NDArray[Any]) -> None:
        self._step = key.size + 1
        self._order = np.argsort(key, kind="stable")
        self._place = key[self._order].astype(np.int64) * self._step + self._order

    def between(self, key: NDArray[Any], since: NDArray[Any] | int, until: NDArray[Any]) -> Span:
        """Give the stretch of edges ``since <= edge < until`` of a key, one for each row asked."""
        begin = key.astype(np.int64) * self._step
        first = np.searchsorted(self._place, begin + since)
        last = np.searchsorted(self._place, begin + until)
        return Span(self._order, first, np.maximum(first, last))


class Span:
    """Stretches of a history, one for each row asked; made by `History.between`."""

    def __init__(self, order: Ints, first: Ints, last: Ints) -> None:
        self._order, self._first, self._last = order, first, last

    @property
    def count(self) -> Ints:
        """How many edges each stretch has."""
        return self._last - self._first

    @property
    def newest(self) -> Ints:
        """The last edge of each stretch; -1 where it has none."""
        if not self._order.size:
            return np.full(self._last.size, -1)
        return np.where(self.count > 0, self._order[np.maximum(self._last - 1, 0)], -1)

    def total(self, value: NDArray[Any]) -> Ints:
        """Sum whole numbers, one for each edge, over each stretch."""
        running = np.zeros(self._order.size + 1, np.int64)
        np.cumsum(value[self._order], out=running[1:])
        summed: Ints = running[self._last] - running[self._first]
        return summed


def fine(value: Floats) -> Ints:
    """Give fractions as whole numbers of steps of 1 / `FINE`."""
    return np.rint(value * FINE).astype(np.int64)
