from __future__ import annotations

import pytest

from moneytrail.night_told import told
from reports.store import Store
from tests.reports.made_alerts import made, record

FIGURES = {"day": "2026-03-02"} | dict.fromkeys(
    ("new", "told", "judged", "useful", "open_alerts", "oldest_days", "payments"), 1
)


@pytest.mark.parametrize(
    ("today", "state", "why"),
    [
        ((made("A-a", "ab"),), "shrunk", "they do not stand out any more"),
        ((made("A-a", "abd"),), "grown", "they do not stand out any more"),
        ((), "gone", "What was seen has ended."),
    ],
)
def test_only_of_an_alert_that_is_gone_is_it_said_that_what_was_seen_has_ended(tmp_path, today, state, why):
    with Store.open(tmp_path / "alerts.db") as store:
        record(store, 1, made("A-a", "abc"))
        delta = record(store, 2, *today, counted=set)
        every = {alert.alert_id: alert for alert in store.alerts(gone=True)}
        [change] = told(store, delta, every, (), FIGURES, {}, {}).changes
    assert change.state == state
    assert why in change.why
    assert ("ended" in change.why) == (state == "gone")
