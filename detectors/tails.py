"""How rare a raw score is: its tail probability among the raw scores of a frozen reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LAST: Final = 10
"""Scores the tail beyond the reference is drawn from; ours: fewer make the slope a guess, more bend it."""


@dataclass(frozen=True, eq=False)
class Tail:
    """The share of a reference that scores at least as high.

    Parameters
    ----------
    knots : ndarray of float64
        The different raw scores of the reference, ascending.
    beyond : ndarray of float64
        Per knot, the share of the reference (counted with one more) at or above it.
    start : float
        Where the drawn tail begins: the tenth highest score.
    slope : float
        Mean of the excesses of the higher ones over `start`; zero if they are all equal.
    """

    knots: Floats
    beyond: Floats
    start: float
    slope: float

    def probability(self, raw: Floats) -> Floats:
        """Give the chance that an account of the reference scores as high or higher.

        Between the scores of the reference it is interpolated. Above the tenth highest it falls exponentially, as
        excesses over a high threshold do in the limit (Pickands 1975, shape zero); for scores with an upper bound, as
        those of isolation forests, that errs on the careful side. So the probability falls strictly where there is
        a slope, and nobody has to guess how many accounts are unusual.

        Parameters
        ----------
        raw : ndarray of float64
            Raw scores, high = rare.
        """
        return np.asarray(np.exp(self._logarithm(raw)))

    def surprise(self, raw: Floats) -> Floats:
        """Give the probability in powers of ten, turned round: 3 at one in a thousand. Finite however far out."""
        return np.asarray(-self._logarithm(raw) / np.log(10))

    def _logarithm(self, raw: Floats) -> Floats:
        inside = np.interp(raw, self.knots, np.log(self.beyond))
        if self.slope == 0:
            return np.asarray(inside)
        at_start = np.log(np.interp(self.start, self.knots, self.beyond))
        drawn = at_start - np.maximum(raw - self.start, 0) / self.slope
        return np.where(raw > self.start, drawn, inside)


def tail(reference: Floats) -> Tail:
    """Learn the tail of the raw scores of a reference; the order of the scores does not matter.

    Examples
    --------
    >>> rare = tail(np.arange(999.0))
    >>> rare.probability(np.array([499.0, 989.0, 1500.0])).round(4)
    array([0.5 , 0.01, 0.  ])
    """
    ascending = np.sort(reference)
    knots, first = np.unique(ascending, return_index=True)
    beyond = (ascending.size - first) / (ascending.size + 1)
    highest = ascending[-min(LAST, ascending.size) :]
    return Tail(knots, beyond, float(highest[0]), float(np.sum(highest - highest[0]) / max(highest.size - 1, 1)))
