"""Accounts that are rare among their peers: features, peer groups and the outlier detectors of a scan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About
from detectors.drift import MOVED, drift, reference
from detectors.finding import Finding
from detectors.notes import Note
from detectors.participation import with_motifs
from detectors.peers import Peers, peer_groups
from detectors.reference import Kept, load, save
from detectors.run import Engine
from detectors.unusual_accounts import unusual_accounts
from flows import duck
from flows.errors import EngineError
from flows.population import Population
from flows.progress import Progress
from flows.window import Window
from graphs.features import Features, account_features
from graphs.portions import Measuring, features_of
from moneytrail.settings import Settings

Floats = NDArray[np.float64]

SCORE: Final = "score of the detector"
"""Its name among what is watched for drift."""
COLUMNS: Final = tuple(sorted(Measuring.columns))
"""What features and the payments that show them are made from: all that is read of a ledger larger than memory."""


@dataclass(frozen=True)
class Rare:
    """What the outlier detectors gave.

    Parameters
    ----------
    accounts : tuple of str
        The accounts that were scored.
    features : Features
        What was measured of them.
    peers : Peers
        Who they were compared with.
    findings : tuple of Finding
        The accounts in the far tail.
    scores : dict of str to ndarray
        Score of each account by detector.
    about : dict of str to About
        The detectors that ran, by id.
    notes : tuple of Note
        What could not be compared as finely as it should.
    drift : dict of str to dict of str to float
        By detector, how far each feature and the score have moved from the reference (`detectors.drift`); nothing where
        the scan learnt from its own period.
    """

    accounts: tuple[str, ...]
    features: Features
    peers: Peers
    findings: tuple[Finding, ...]
    scores: dict[str, Any]
    about: dict[str, About]
    notes: tuple[Note, ...]
    drift: dict[str, dict[str, float]]


@dataclass(frozen=True)
class LeftInLedger:
    """Payments of which an engine looks at a portion of the accounts at a time.

    Parameters
    ----------
    population : Population
        Everything that is looked at.
    engine : Engine
        What carries the portions.
    progress : Progress, optional
        Where to show how far it is.
    """

    population: Population
    engine: Engine
    progress: Progress | None = None

    def features(self, scale: Mapping[str, int] | None) -> Features:
        """Measure all accounts; equal to `graphs.features.account_features` of all payments in one window.

        Raises
        ------
        EngineError
            If a portion cannot be measured: who is rare among the others would be said of some.
        """
        as_of = self.population.as_of or date(1970, 1, 1)
        usual, begin = _of_all(self.population, as_of)
        measuring = Measuring(
            as_of, begin, {money: (scale or {}).get(money) or usual[money] for money in sorted(usual)}
        )
        outcome = self.engine.run(self.population.source, {"features": measuring}, progress=self.progress)
        for failure in outcome.failures[:1]:
            raise EngineError(
                f"the features of accounts could not be measured: {failure.error}",
                where=failure.window,
                try_="run it again; if it stays so, report the line named above",
            )
        return features_of(outcome.found, measuring)


def _of_all(population: Population, as_of: date) -> tuple[dict[str, int], int]:
    """Give the median payment of each currency, and when the first of all was made."""
    end = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    counts = 'booked_on <= $day AND "at" < $end'
    values = {"day": as_of, "end": end}
    with population.asking() as opened:
        # How often each amount is paid: to put all payments in order of amount, they would have to be in memory.
        paid = duck.table(
            opened,
            "SELECT currency, greatest(amount_minor, 1) AS amount, count(*) AS payments"
            f" FROM counted WHERE {counts} GROUP BY ALL",
            values,
        )
        first = duck.table(opened, f'SELECT min("at") AS at FROM counted WHERE {counts}', values)
    begin = first["at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64())[0].as_py()
    usual: dict[str, int] = {}
    for money in paid["currency"].unique().to_pylist():
        of_money = paid.filter(pc.equal(paid["currency"], money)).sort_by("amount")
        up_to = np.cumsum(of_money["payments"].to_numpy())
        usual[money] = of_money["amount"][int(np.searchsorted(up_to, up_to[-1] // 2, "right"))].as_py()
    return usual, begin


def rare(
    window: Window,
    settings: Settings,
    references: Mapping[str, Kept],
    left: LeftInLedger | None = None,
    *,
    findings: Iterable[Finding] = (),
    searched: Collection[str] = (),
) -> Rare:
    """Score every account by what is ordinary among its peers, in this very period or in a reference that was kept.

    Parameters
    ----------
    window : Window
        Everything that is looked at, with at least `COLUMNS`.
    settings : Settings
        Which detectors run, how they are set, and how many alerts can be looked at.
    references : mapping of str to Kept
        What was kept of an earlier period, by detector (`references`).
    left : LeftInLedger, optional
        Where the payments are, if the window holds none for want of memory.
    findings : iterable of Finding
        What motifs found in these payments.
    searched : collection of str
        Ids of the motifs that were run to the end.

    Returns
    -------
    Rare
        Scores of all own accounts, and findings for those in the far tail.
    """
    kept = {id_: one.knowing(window.side) for id_, one in references.items()}
    scale = next((fitted.scale for fitted in kept.values()), None)
    features = _features(window, left, scale, findings, searched)
    peers = next((fitted.peers for fitted in kept.values()), None) or peer_groups(features, window.side)
    unusual: list[Finding] = []
    scores: dict[str, Any] = {}
    about: dict[str, About] = {}
    for id_, detector in settings.make("detectors.outliers"):
        fitted = kept[id_] if id_ in kept else detector.fit(features, peers)
        scores[id_] = fitted.score(features)
        about[id_] = detector.about
        unusual += unusual_accounts(
            fitted,
            features,
            window,
            detector=id_,
            about=detector.about,
            capacity=settings.scan.capacity,
            around=None if left is None else left.population.around,
        )
    merged = sum(merge.accounts for merge in peers.merges)
    few = Note(
        "missing",
        "{count} account has too few peers of its own kind and was compared with a wider group",
        "{count} accounts have too few peers of their own kind and were compared with a wider group",
        merged,
    )
    moved = {
        id_: drift(one.then, *_watched(features, scores[id_])) for id_, one in references.items() if features.accounts
    }
    strayed = sum(index >= MOVED for of_detector in moved.values() for index in of_detector.values())
    elsewhere = Note(
        "missing",
        "{count} feature or score lies elsewhere than in the reference, which may no longer tell what is usual",
        "{count} features or scores lie elsewhere than in the reference, which may no longer tell what is usual",
        strayed,
    )
    notes = [note for note, there in ((few, merged), (elsewhere, strayed)) if there]
    return Rare(features.accounts, features, peers, tuple(unusual), scores, about, tuple(notes), moved)


def _features(
    window: Window,
    left: LeftInLedger | None,
    scale: Mapping[str, int] | None,
    findings: Iterable[Finding],
    searched: Collection[str],
) -> Features:
    features = account_features(window, scale=scale) if left is None else left.features(scale)
    return with_motifs(features, findings, searched=searched, hubs=window.hubs)


def _watched(features: Features, score: Floats) -> tuple[list[str], Floats]:
    """Give the columns whose drift is watched: all features and the score."""
    return [*features.names, SCORE], np.column_stack([features.values, score])


def keep(
    window: Window,
    settings: Settings,
    folder: Path,
    left: LeftInLedger | None = None,
    *,
    findings: Iterable[Finding] = (),
    searched: Collection[str] = (),
) -> None:
    """Fit every outlier detector on a period and keep what it learnt, for ``[scan] reference`` of later scans.

    Parameters
    ----------
    window : Window
        The period, with at least `COLUMNS`; take one as long as a scan looks back, or counts are not comparable.
    settings : Settings
        Which detectors, and how they are set.
    folder : pathlib.Path
        Where to; each detector has a folder of its own in it.
    left, findings, searched
        As of `rare`.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    features = _features(window, left, None, findings, searched)
    peers = peer_groups(features, window.side)
    for id_, detector in settings.make("detectors.outliers"):
        made_with = {
            "detector": id_,
            "version": detector.about.version,
            "as_of": str(features.as_of),
            "days": features.days,
            "accounts": len(features.accounts),
        }
        fitted = detector.fit(features, peers)
        names, values = _watched(features, fitted.score(features))
        save(fitted, folder / id_, then=reference(names, values), made_with=made_with)


def references(settings: Settings) -> dict[str, Kept]:
    """Read what was learnt of an earlier period; nothing where the settings name none.

    Raises
    ------
    StoreError
        If it is not there, was changed, or is of another version: known before a scan begins.
    PluginError, SettingsError
        As `able_to_learn`, where there is none and so the period itself is learnt from.
    """
    if settings.reference is None:
        able_to_learn(settings)
        return {}
    return {id_: load(settings.reference / id_) for id_, _ in settings.make("detectors.outliers")}


def able_to_learn(settings: Settings) -> None:
    """Ask every outlier detector whether it could learn: known before a scan begins.

    Raises
    ------
    PluginError, SettingsError
        If one could not, for want of a model or of a package that is not installed.
    """
    for _, detector in settings.make("detectors.outliers"):
        detector.ready()
