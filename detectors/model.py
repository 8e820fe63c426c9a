"""What a model of the shelf `detectors.models` owes: it learns from rows, and what it learnt is arrays.

Arrays, because what was learnt is kept from one night to the next: they are read without running anybody's code
(`detectors.reference`), which pickles are not. So a model also scores by itself: PyOD fits it, and is not needed, nor
imported, to score with what was kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Arrays = Mapping[str, NDArray[Any]]
"""What a model learnt, by name; no array of objects."""


class Learnt(Protocol):
    """A fitted model."""

    def score(self, rows: Floats) -> Floats:
        """Give raw scores, high = rare; the score of a row is the same to the last bit whatever stands beside it."""

    def arrays(self) -> Arrays:
        """Give everything that `score` needs."""


class Model(Protocol):
    """Learns what is ordinary.

    Attributes
    ----------
    shared : bool
        Whether one is learnt of all peer groups together, each account in the scale of its own, and only its tail
        group by group. For a model that is dear to learn and is about shape: a group's own is no better where accounts
        are few (`docs/outliers.md`).
    """

    shared: ClassVar[bool]

    def ready(self) -> None:
        """Raise `SettingsError` where a package that learning wants is not installed."""

    def learn(self, rows: Floats, seed: int) -> Learnt:
        """Learn from scaled rows (`detectors.rarity.Group`), at least two of them, without missing values."""

    def restore(self, arrays: Arrays) -> Learnt:
        """Give back what was learnt."""
