"""Several models (PyOD) at once: accounts that all of them find rare among their peers and in the whole bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from detectors.about import About, parameter
from detectors.model import Model
from detectors.peers import Peers
from detectors.rarity import InPeers, fit_in_peers
from flows.plugins import Shelf
from graphs.features import Features


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Score accounts by how rare several models find them.

    Notes
    -----
    Each model is fitted for the peer groups of a frozen reference (a shared one once, on every account in the scale of
    its own group), and for all accounts. Its raw scores are calibrated to tail probabilities group by group; their mean
    surprise is calibrated once more, over all accounts. PyOD's `contamination` and labels are
    never used. Which models were measured and why these were taken: `docs/outliers.md`.
    """

    models: tuple[str, ...] = parameter(
        ("copod", "isolation-forest"),
        unit="models",
        why="one that sums single rarities and one that sees combinations; the others measured are in docs/outliers.md",
    )
    seed: int = parameter(0, unit="number", why="any; fixed so that a night can be run again", least=0, most=2**32 - 1)
    themes: tuple[str, ...] = parameter(
        ("together", "clock", "ways"),
        unit="themes",
        why=(
            "short ties that come together, when and by which way money moves: volume, rhythm and the plain size of "
            "bursts describe the trade of an account, and fitted beside these hid them (docs/outliers.md)"
        ),
    )

    about: ClassVar[About] = About(
        title="Unlike its peers",
        question="Which accounts move money unlike accounts of the same kind, trade, tenure and activity?",
        meaning="The combination of what the account does is rare among similar accounts; that is no verdict on it.",
        sources=("FAST23",),
        innocent=(
            "a life event: a wedding, a house, an inheritance",
            "a small trade run through a personal account",
            "a collector for a club, a class or a funeral",
            "a customer whose kind or trade is recorded wrongly",
        ),
        clears=(
            "an invoice, contract or notice that explains the unusual payments",
            "the same pattern at the same time of earlier years",
            "a corrected record of the customer's trade",
        ),
        leg="CTX",
        same_day="unseen",
        level="account",
        status="trial",
        version=3,
    )

    def ready(self) -> None:
        """Raise where a model is not known, or what it wants to learn is not installed."""
        for model in self._chosen().values():
            model.ready()

    def fit(self, features: Features, peers: Peers) -> InPeers:
        """Learn what is ordinary in each peer group of a reference.

        Parameters
        ----------
        features : Features
            The reference period, or on a first run the period itself.
        peers : Peers
            Who is compared with whom.

        Returns
        -------
        InPeers
            Scores any account by itself.
        """
        return fit_in_peers(features, peers, self.themes, self._chosen(), seed=self.seed, detector="ensemble")

    def _chosen(self) -> dict[str, Model]:
        shelf = Shelf("detectors.models")
        return {id_: shelf.load(id_)() for id_ in self.models}
