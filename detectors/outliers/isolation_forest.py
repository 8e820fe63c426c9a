"""Isolation forest (PyOD): accounts that few random questions tell apart from all their peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from detectors.about import About, parameter
from detectors.peers import Peers
from detectors.rarity import InPeers, Raw, fit_in_peers
from detectors.tails import Floats
from graphs.features import Features


@dataclass(frozen=True, kw_only=True)
class IsolationForest:
    """Score accounts by how soon random cuts isolate them among their peers.

    Notes
    -----
    Liu, Ting and Zhou 2008, as PyOD's `IForest`. One forest per peer group on the features of a frozen reference; raw
    scores are calibrated to tail probabilities, so PyOD's `contamination` and labels are never used. Cuts are
    random between the least and the largest value, so monotone changes of a feature do matter: see
    `detectors.rarity.Group.scaled`. It finds single rare accounts; a group of many equal accounts hides itself.
    Fitting costs `trees` x `sample` x log(`sample`) per group, scoring `trees` x log(`sample`) per account.
    """

    trees: int = parameter(
        100,
        unit="trees",
        why="PyOD's default; twice as many cost twice the time, and ranks of two seeds agree at 0.985 instead of 0.991",
        least=10,
        most=5000,
    )
    sample: int = parameter(
        256, unit="accounts", why="Liu et al. 2008: enough, and more hides clusters of outliers", least=8, most=100_000
    )
    seed: int = parameter(0, unit="number", why="any; fixed so that a night can be run again", least=0, most=2**32 - 1)
    themes: tuple[str, ...] = parameter(
        ("movement", "clock", "ways"),
        unit="themes",
        why=(
            "how money moves, when and by which way; volume and rhythm describe the peer group rather than the "
            "payments, and fitted beside these hid them on both public sets (benchmarks/quality/amlsim_accounts.py)"
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
        version=2,
    )

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
        return fit_in_peers(features, peers, self.themes, self._learn, detector="isolation-forest")

    def _learn(self, scaled: Floats) -> Raw:
        # Seconds to import: only who fits pays.
        from pyod.models.iforest import IForest

        forest = IForest(
            n_estimators=self.trees,
            max_samples=min(self.sample, len(scaled)),
            random_state=self.seed,
            n_jobs=1,
        )
        forest.fit(scaled)

        def raw(rows: Floats) -> Floats:
            score: Floats = forest.decision_function(rows)
            return score

        return raw
