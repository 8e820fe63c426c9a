"""Accounts that are rare among their peers: features, peer groups and the outlier detectors of a scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from detectors.about import About
from detectors.finding import Finding
from detectors.notes import Note
from detectors.peers import peer_groups
from detectors.unusual_accounts import unusual_accounts
from flows.window import Window
from graphs.features import account_features
from moneytrail.settings import Settings

COLUMNS: Final = (
    "payment_id", "payer", "payee", "amount_minor", "currency", "booked_on", "at", "utc_offset_min", "ts_quality",
    "channel", "payer_country", "payee_country",
)  # fmt: skip
"""What features and the payments that show them are made from: all that is read of a ledger larger than memory."""


@dataclass(frozen=True)
class Rare:
    """What the outlier detectors gave.

    Parameters
    ----------
    accounts : tuple of str
        The accounts that were scored.
    groups : int
        Peer groups they were compared in.
    findings : tuple of Finding
        The accounts in the far tail.
    scores : dict of str to ndarray
        Score of each account by detector.
    about : dict of str to About
        The detectors that ran, by id.
    notes : tuple of Note
        What could not be compared as finely as it should.
    """

    accounts: tuple[str, ...]
    groups: int
    findings: tuple[Finding, ...]
    scores: dict[str, Any]
    about: dict[str, About]
    notes: tuple[Note, ...]


def rare(window: Window, settings: Settings) -> Rare:
    """Fit every outlier detector on the accounts of this very period and score them.

    Parameters
    ----------
    window : Window
        Everything that is looked at, with at least `COLUMNS`.
    settings : Settings
        Which detectors run, how they are set, and how many alerts can be looked at.

    Returns
    -------
    Rare
        Scores of all own accounts, and findings for those in the far tail.
    """
    features = account_features(window)
    peers = peer_groups(features, window.side)
    findings: list[Finding] = []
    scores: dict[str, Any] = {}
    about: dict[str, About] = {}
    for id_, detector in settings.make("detectors.outliers"):
        fitted = detector.fit(features, peers)
        scores[id_] = fitted.score(features)
        about[id_] = detector.about
        findings += unusual_accounts(
            fitted, features, window, detector=id_, about=detector.about, capacity=settings.scan.capacity
        )
    merged = sum(merge.accounts for merge in peers.merges)
    few = Note(
        "missing",
        "{count} account has too few peers of its own kind and was compared with a wider group",
        "{count} accounts have too few peers of their own kind and were compared with a wider group",
        merged,
    )
    notes = [few] if merged else []
    return Rare(features.accounts, len(peers.groups), tuple(findings), scores, about, tuple(notes))
