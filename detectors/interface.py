"""What a detector owes.

A detector of motifs or indicators is a frozen dataclass: `about`, its parameters (`detectors.about.parameter`), `reach`
and `find`. `find` is pure: window in, findings out; no clock, disk, global or neighbour window. It need not ask what
the window owns: the engine keeps the owned findings only.

An outlier detector is fitted first, on the accounts of a reference period, because what is rare depends on the others;
what it fitted then scores any account by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from detectors.about import About
from detectors.finding import Finding, Reason
from detectors.peers import Peers
from detectors.rarity import Move
from flows.window import Reach, Window
from graphs.features import Features


class Detector(Protocol):
    """Asks one question of a window."""

    about: ClassVar[About]

    @property
    def reach(self) -> Reach:
        """How far from a finding's first payment it looks."""

    def find(self, window: Window) -> Iterator[Finding]:
        """Answer for everything in the window."""


@runtime_checkable
class Weighing(Protocol):
    """A detector that can also tell how strong its findings are by themselves.

    For one whose findings are held against what other accounts do: shuffles of one account (`detectors.surprise`) have
    no peers to be held against. It costs less than `find` besides, since no evidence is made.
    """

    def strengths(self, window: Window) -> Iterator[tuple[str, int, float]]:
        """Give centre, time of the first payment and strength of each finding, other accounts left aside."""


SEARCHED: Final = frozenset({"payment_id", "at", "payer", "payee", "amount_minor", "currency"})
"""Columns of the payments that every search reads: what the temporal graph and a finding are made of."""


@runtime_checkable
class Reading(Protocol):
    """A detector that says which columns of the payments it reads: windows of a large ledger then hold no others.

    One that does not say is given all, and so is whatever shares a window with it.
    """

    columns: ClassVar[frozenset[str]]
    """Columns beside `SEARCHED`."""


class OutlierDetector(Protocol):
    """Says which accounts are rare among their peers."""

    about: ClassVar[About]

    def ready(self) -> None:
        """Raise what `fit` would for want of a model or a package: asked before hours of work, not after."""

    def fit(self, features: Features, peers: Peers) -> FittedOutlierDetector:
        """Learn what is ordinary in each peer group of a frozen reference; seeded, whatever the order of its rows."""


class FittedOutlierDetector(Protocol):
    """What an outlier detector learnt."""

    def tail(self, features: Features) -> NDArray[np.float64]:
        """Give, per account, the share of its peers in the reference that are at least as unusual."""

    def score(self, features: Features) -> NDArray[np.float64]:
        """Give 0 to 1 per account, high = rare: one less `tail`; does not depend on the other rows."""

    def moves(self, features: Features, account: str) -> list[Move]:
        """Name the features that moved an account's score, strongest first."""

    def reasons(self, features: Features, account: str, moves: list[Move] | None = None) -> list[Reason]:
        """Say the moves (found again unless given) in the account's own units, against its peers."""


Parameters = dict[str, Any]
"""Parameter values by name, as the settings give them."""
