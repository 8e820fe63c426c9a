"""A rank of alerts learnt from what people made of them: learnt from the store, used by a scan that names it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from detectors.learning import Ranker, learn, load
from flows.errors import SettingsError
from moneytrail.settings import Settings
from reports.ranked import columns_of, table, tier_of
from reports.store import Store
from reports.store_reading import StoredAlert
from reports.tuning import outcomes


def learnt(store: Store, labels: Iterable[pa.Table] = (), *, complete: bool = False, seed: int = 0) -> Ranker:
    """Learn from every alert of a store of which the outcome is known.

    An alert is read as it was told when it was looked at: at the version that its outcome was given to, the earliest if
    it was given twice. What it grew into later was not known to whoever judged, nor to the night that has to rank it.
    One whose outcome is known from labels alone is read as it was first told.

    Parameters
    ----------
    store : Store
        Its alerts, and what people made of them.
    labels : iterable of pyarrow.Table
        Outcomes known beside that, rows of `flows.payments.LABELS`.
    complete : bool
        Whether labels name every case, so that an alert about none of them was not useful.
    seed : int
        Of everything random.

    Raises
    ------
    InputError
        If too little is known (`detectors.learning.learn`).
    SettingsError
        If LightGBM is not installed.
    """
    known = outcomes([*labels, store.judgements()], complete=complete)
    useful = {}
    version = {}
    for alert in store.alerts(gone=True):
        outcome = known.named(alert.alert_id, alert.content["subjects"])
        if outcome is not None:
            useful[alert.alert_id] = outcome
            version[alert.alert_id] = _looked_at(alert, outcome)
    told = sorted((at, alert_id, content) for alert_id, (at, content) in store.told_as(version).items())
    contents = [content for _, _, content in told]
    columns = columns_of(contents)
    tiers = np.array([tier_of(content) for content in contents])
    return learn(
        "alerts inside their tier",
        columns,
        table(contents, columns),
        np.array([useful[alert_id] for _, alert_id, _ in told], np.bool_),
        np.array([at for at, _, _ in told], np.int64),
        tiers + np.array([float(content["score"]) for content in contents]),
        tiers=tiers,
        seed=seed,
    )


def _looked_at(alert: StoredAlert, useful: bool) -> int:
    """Give the version of an alert that its outcome was given to; the first where nobody judged."""
    given = "useful" if useful else "not_useful"
    return min((one.version for one in alert.judgements if one.outcome == given), default=1)


def ranker_of(settings: Settings) -> Ranker | None:
    """Read the ranker that the settings name; None where they name none.

    Raises
    ------
    SettingsError
        If it was not shown to rank better than what it would replace.
    StoreError
        If it cannot be read, or was changed.
    """
    if settings.ranker is None:
        return None
    ranker = load(settings.ranker)
    if not ranker.card.adopted:
        raise SettingsError(
            "this ranker was not adopted: that it ranks better is not shown",
            where=str(settings.ranker),
            try_="leave [scan] ranker out, or learn again once more alerts are judged",
        )
    return ranker
