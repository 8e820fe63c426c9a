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
from reports.tuning import outcomes


def learnt(store: Store, labels: Iterable[pa.Table] = (), *, complete: bool = False, seed: int = 0) -> Ranker:
    """Learn from every alert of a store of which the outcome is known.

    Parameters
    ----------
    store : Store
        Its alerts, as they were last told, and what people made of them.
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
    told = [(alert, known.named(alert.alert_id, alert.content["subjects"])) for alert in store.alerts(gone=True)]
    judged = sorted(
        ((alert, useful) for alert, useful in told if useful is not None),
        key=lambda one: (one[0].alerted_at, one[0].alert_id),
    )
    contents = [alert.content for alert, _ in judged]
    columns = columns_of(contents)
    tiers = np.array([tier_of(content) for content in contents])
    return learn(
        "alerts inside their tier",
        columns,
        table(contents, columns),
        np.array([useful for _, useful in judged], np.bool_),
        np.array([alert.alerted_at for alert, _ in judged], np.int64),
        tiers + np.array([float(content["score"]) for content in contents]),
        tiers=tiers,
        seed=seed,
    )


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
