"""What a detector owes.

A detector of motifs or indicators is a frozen dataclass: `about`, its parameters (`detectors.about.parameter`), `reach`
and `find`. `find` is pure: window in, findings out; no clock, disk, global or neighbour window. It need not ask what
the window owns: the engine keeps the owned findings only.

An outlier detector is fitted first, on the accounts of a reference period, because what is rare depends on the others;
what it fitted then scores any account by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.about import About
from detectors.finding import Finding
from flows.window import Reach, Window


class Detector(Protocol):
    """Asks one question of a window."""

    about: ClassVar[About]

    @property
    def reach(self) -> Reach:
        """How far from a finding's first payment it looks."""

    def find(self, window: Window) -> Iterator[Finding]:
        """Answer for everything in the window."""


class OutlierDetector(Protocol):
    """Says which accounts are rare among their peers."""

    about: ClassVar[About]

    def fit(self, features: NDArray[np.float64], names: tuple[str, ...]) -> FittedOutlierDetector:
        """Learn what is ordinary from a table of accounts (rows) by features (columns)."""


class FittedOutlierDetector(Protocol):
    """What an outlier detector learnt."""

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give one raw score per row, high = rare; a row's score does not depend on the other rows."""

    def moved_by(self, row: NDArray[np.float64]) -> list[tuple[str, float]]:
        """Name the features that moved a row's score, strongest first, with how much each moved it."""


Parameters = dict[str, Any]
"""Parameter values by name, as the settings give them."""
