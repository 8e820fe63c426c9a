"""COPOD (as PyOD has it) against a frozen reference: rows with many values that few others reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import skew

from detectors.model import Arrays, Floats


@dataclass(frozen=True, eq=False)
class Distributions:
    """The distribution of each feature.

    Parameters
    ----------
    kept : Arrays
        ``ascending``, the values of the reference, column by column, and ``skewness`` of each.
    """

    kept: Arrays

    def score(self, rows: Floats) -> Floats:
        """Give the sum over the features of how rare a value is, in natural logarithms."""
        ascending, skewness = self.kept["ascending"], self.kept["skewness"]
        known = len(ascending)
        total = np.zeros(len(rows))
        for feature in range(rows.shape[1]):
            column = ascending[:, feature]
            # One at least: a value beyond the reference is as rare as its outermost.
            as_low = np.maximum(np.searchsorted(column, rows[:, feature], side="right"), 1)
            as_high = np.maximum(known - np.searchsorted(column, rows[:, feature], side="left"), 1)
            low, high = -np.log(as_low / known), -np.log(as_high / known)
            # The longer tail counts; of a feature that leans to neither side, both.
            lean = skewness[feature]
            longer = high if lean > 0 else low if lean < 0 else low + high
            total += np.maximum(longer, (low + high) / 2)
        return total

    def arrays(self) -> Arrays:
        """Give the distributions."""
        return self.kept


@dataclass(frozen=True, kw_only=True)
class Copod:
    """Score rows by the tail probability of each of their values.

    Notes
    -----
    Li et al. 2020. PyOD's `COPOD.decision_function` ranks the rows it is given together with those it was fitted on, so
    that a score depends on what is scored beside it; here the rows are ranked among the reference alone, and score the
    reference exactly as PyOD does. No seed, no parameter. It looks at one feature at a time: rare combinations of usual
    values are not seen. Costs features x log(reference) for each row, and keeps the reference's scaled values.
    """

    shared: ClassVar[bool] = False

    def ready(self) -> None:
        """Do nothing: what it wants is always there."""

    def learn(self, rows: Floats, seed: int) -> Distributions:
        """Sort the reference; nothing is drawn, so the seed is not used."""
        del seed
        return Distributions({"ascending": np.sort(rows, axis=0), "skewness": np.nan_to_num(skew(rows, axis=0))})

    def restore(self, arrays: Arrays) -> Distributions:
        """Give the distributions back."""
        return Distributions(arrays)
