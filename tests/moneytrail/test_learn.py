"""What people made of alerts is learnt, adopted only where it helps, and then orders alerts inside their tier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from click.testing import CliRunner

from detectors.learning import load as load_ranker
from flows.errors import InputError, SettingsError, StoreError
from moneytrail.commands.learn import learn
from moneytrail.ranker import ranker_of
from moneytrail.settings import resolve
from reports.alert import Indicator
from reports.ranked import LEAST_WATCHED, ranked
from reports.store import Store
from tests.reports.made_alerts import made, record

NIGHTS, A_NIGHT = 14, 12


def shown(number, telling, score=0.5, tier="review"):
    """Make an alert with one indicator that tells and one that does not."""
    alert = made(f"A-{number:012d}", (f"p{number}",), subjects=(f"acc-{number}",), score=score, tier=tier)
    chance = (number * 7919 % 100) / 100
    shows = [Indicator("fan-in", telling, 1, "s", ()), Indicator("chain", chance, 1, "s", ())]
    return replace(alert, indicators=tuple(shows))


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Nights of alerts whose score says the reverse of what people made of them."""
    place = tmp_path_factory.mktemp("judged") / "alerts.db"
    draw = np.random.default_rng(1)
    with Store.open(place) as store:
        for night in range(NIGHTS):
            told = []
            for one in range(A_NIGHT):
                telling = round(draw.random(), 2)
                told.append((shown(night * A_NIGHT + one, telling, score=round(0.9 - telling / 2, 2)), telling))
            record(store, night + 1, *(alert for alert, _ in told))
            desk = store.desk("ann", datetime(2026, 3, night + 1, 23, 30, tzinfo=UTC))
            for alert, telling in told:
                outcome = ("useful", "reported") if telling > 0.5 else ("not_useful", "ordinary_story")
                desk.judge(alert.alert_id, *outcome)
    return place


@pytest.fixture(scope="module")
def kept(judged, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    run("--store", judged, "--out", folder / "ranker")
    return folder


def run(*arguments):
    found = CliRunner().invoke(learn, list(map(str, arguments)), standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.output


def test_a_ranker_that_is_better_than_the_score_is_adopted_and_has_a_card(kept):
    ranker = load_ranker(kept / "ranker")
    assert ranker.card.adopted
    assert sum(ranker.card.rows.values()) == NIGHTS * A_NIGHT
    assert {"fan-in", "score"} & set(list(ranker.card.strongest)[:2])
    assert "**Adopted**" in (kept / "ranker" / "card.md").read_text(encoding="utf-8")


def test_an_adopted_ranker_orders_alerts_inside_their_tier_and_says_what_moved_each(kept):
    ranker = ranker_of(resolve({"scan": {"ranker": "ranker"}}, "test", kept))
    alerts = [
        shown(1, 0.1, score=0.9),
        shown(2, 0.9, score=0.45),
        shown(3, 0.99, score=0.4, tier="enquire"),
        shown(4, 0.05, score=0.9, tier="priority"),
    ]
    done = ranked(alerts, ranker)
    assert [alert.alert_id[-1] for alert in done.alerts] == ["4", "2", "1", "3"]
    assert set(done.told["alerts"]) == {alert.alert_id for alert in alerts}
    assert all(len(one["moved"]) == 3 for one in done.told["alerts"].values())
    assert not done.drift
    assert not ranked([], ranker).alerts


def test_drift_of_the_ranker_is_told_once_there_are_alerts_enough(kept):
    ranker = load_ranker(kept / "ranker")
    still = ranked([shown(one, one % 100 / 100, score=0.5) for one in range(LEAST_WATCHED)], ranker)
    assert still.drift["score"] > still.drift["fan-in"]


def test_a_ranker_that_was_not_adopted_or_is_not_there_is_refused(kept, judged, tmp_path):
    ranker = load_ranker(kept / "ranker")
    replace(ranker, card=replace(ranker.card, adopted=False)).save(tmp_path / "ranker")
    with pytest.raises(SettingsError, match="not adopted"):
        ranker_of(resolve({"scan": {"ranker": "ranker"}}, "test", tmp_path))
    with pytest.raises(StoreError, match="no ranker can be read"):
        ranker_of(resolve({"scan": {"ranker": "elsewhere"}}, "test", tmp_path))
    assert ranker_of(resolve({}, "test", tmp_path)) is None


def test_another_ranker_is_another_setting(kept, tmp_path):
    load_ranker(kept / "ranker").save(tmp_path / "ranker")
    one, other = (resolve({"scan": {"ranker": "ranker"}}, "test", folder) for folder in (kept, tmp_path))
    assert one.hash == other.hash != resolve({}, "test", kept).hash
    (tmp_path / "ranker" / "model.txt").write_text("other", encoding="utf-8")
    assert resolve({"scan": {"ranker": "ranker"}}, "test", tmp_path).hash != one.hash


def test_nothing_is_learnt_from_few(tmp_path):
    with Store.open(tmp_path / "alerts.db") as store:
        record(store, 1, shown(1, 0.5))
    with pytest.raises(InputError, match="too few judgements"):
        run("--store", tmp_path / "alerts.db", "--out", tmp_path / "ranker")
