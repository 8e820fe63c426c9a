"""A rank of alerts learnt from what people made of them: learnt from the store, used by a scan that names it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from detectors.learning import Ranker, learn, load
from flows.errors import SettingsError
from moneytrail.settings import Settings
from reports.measured import PREFIX, names
from reports.ranked import columns_of, numbers, table, tier_of
from reports.store import Store
from reports.store_reading import StoredAlert
from reports.tuning import outcomes


def learnt(store: Store, labels: Iterable[pa.Table] = (), *, complete: bool = False, seed: int = 0) -> Ranker:
    """Learn from every alert of a store of which the outcome is known.

    An alert is read as it was told when it was looked at: at the version that its outcome was given to, the earliest if
    it was given twice. What it grew into later was not known to whoever judged, nor to the night that has to rank it.
    What is measured of its account is as the night measured it that told this version first.
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
    told = sorted(store.told_as(version).items(), key=lambda one: (one[1].at, one[0]))
    rows = [numbers(one.content, one.measured) for _, one in told]
    columns = columns_of(rows)
    tiers = np.array([tier_of(one.content["tier"]) for _, one in told])
    return learn(
        "alerts inside their tier",
        columns,
        table(rows, columns),
        np.array([useful[alert_id] for alert_id, _ in told], np.bool_),
        np.array([one.at for _, one in told], np.int64),
        tiers + np.array([float(one.content["score"]) for _, one in told]),
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
        If it was not shown to rank better than what it would replace, or reads what is not measured any more.
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
    # An indicator that is not there counts nothing, rightly; a feature that is not there any more would be unknown
    # of every account, and nobody would see it. One learnt before accounts were measured reads none of these.
    lost = sorted({name for name in ranker.card.columns if name.startswith(PREFIX)} - set(names()))
    if lost:
        raise SettingsError(
            f"this ranker reads what is not measured of accounts any more: {', '.join(lost)}",
            where=str(settings.ranker),
            try_="learn again: the store has what this version measures",
        )
    return ranker
