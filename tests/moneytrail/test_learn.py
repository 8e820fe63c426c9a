"""What people made of alerts is learnt, adopted only where it helps, and then orders alerts inside their tier."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from shutil import copyfile, copytree

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from detectors.learning import load as load_ranker
from flows.errors import InputError, SettingsError, StoreError
from flows.ledger import Ledger
from flows.payments import LABELS
from moneytrail.commands.learn import learn
from moneytrail.commands.scan import scan
from moneytrail.ranker import learnt, ranker_of
from moneytrail.settings import load, resolve
from moneytrail.verifying import verify_run
from reports.alert import Indicator
from reports.ranked import LEAST_WATCHED, numbers, ranked, table
from reports.store import Store
from tests.moneytrail import nights
from tests.moneytrail.nights import Bank
from tests.reports.made_alerts import made, record

NIGHTS, A_NIGHT = 14, 12


def shown(number, telling, score=0.5, tier="review"):
    """Make an alert with one indicator that tells and one that does not."""
    alert = made(f"A-{number:012d}", (f"p{number}",), subjects=(f"acc-{number}",), score=score, tier=tier)
    chance = (number * 7919 % 100) / 100
    shows = [Indicator("fan-in", telling, 1, "s", ()), Indicator("chain", chance, 1, "s", ())]
    return replace(alert, indicators=tuple(shows), measured={"account payers": float(number % 7)})


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


def test_a_ranker_that_reads_features_nobody_measures_any_more_is_refused(kept, tmp_path):
    ranker = load_ranker(kept / "ranker")
    columns = (*ranker.card.columns[1:], "account of_old")
    replace(ranker, card=replace(ranker.card, columns=columns)).save(tmp_path / "ranker")
    with pytest.raises(SettingsError, match="not measured of accounts any more: account of_old"):
        ranker_of(resolve({"scan": {"ranker": "ranker"}}, "test", tmp_path))


def test_another_ranker_is_another_setting(kept, tmp_path):
    load_ranker(kept / "ranker").save(tmp_path / "ranker")
    one, other = (resolve({"scan": {"ranker": "ranker"}}, "test", folder) for folder in (kept, tmp_path))
    assert one.hash == other.hash != resolve({}, "test", kept).hash
    (tmp_path / "ranker" / "model.txt").write_text("other", encoding="utf-8")
    assert resolve({"scan": {"ranker": "ranker"}}, "test", tmp_path).hash != one.hash


def test_a_scan_follows_the_ranker_that_its_settings_name_and_says_so(kept, ledger, scanned, tmp_path):
    bank = tmp_path / "bank.toml"
    bank.write_text(f'[scan]\nranker = "{(kept / "ranker").as_posix()}"\n', encoding="utf-8")
    found = scan_by(ledger, bank, tmp_path / "out")
    assert found.exception is None, found.output
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["ranker"]
    card = load_ranker(kept / "ranker").card
    assert told["sha256"] == card.sha256
    alerts, before = (
        json.loads((folder / "alerts.json").read_text(encoding="utf-8")) for folder in (tmp_path / "out", scanned)
    )
    learnt = [told["alerts"][alert["alert_id"]]["score"] for alert in alerts]
    tiers = [alert["tier"] for alert in alerts]
    assert tiers == [alert["tier"] for alert in before]
    assert len(alerts) > len(set(tiers))
    for tier in set(tiers):
        own = [score for score, its in zip(learnt, tiers, strict=True) if its == tier]
        assert own == sorted(own, reverse=True)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert card.sha256 in page
    assert f"learnt from {sum(card.rows.values())} judged alerts" in page
    moved = told["alerts"][alerts[0]["alert_id"]]["moved"]
    strongest = max(moved, key=lambda name: abs(moved[name]))
    assert f"moved most by {strongest} {moved[strongest]:+.2f}" in unescape(page)


def test_a_scan_refuses_a_ranker_whose_trees_were_changed_and_writes_nothing(kept, ledger, tmp_path):
    copytree(kept / "ranker", tmp_path / "ranker")
    trees = tmp_path / "ranker" / "model.txt"
    trees.write_text(trees.read_text(encoding="utf-8").replace("leaf_value=", "leaf_value=0", 1), encoding="utf-8")
    bank = tmp_path / "bank.toml"
    bank.write_text('[scan]\nranker = "ranker"\n', encoding="utf-8")
    found = scan_by(ledger, bank, tmp_path / "out")
    assert isinstance(found.exception, StoreError)
    assert "changed since" in str(found.exception)
    assert not list((tmp_path / "out").glob("*"))


def test_a_night_reads_what_its_store_keeps_for_learning_and_is_made_again_bit_for_bit(kept, tmp_path):
    bank = Bank(tmp_path / "bank")
    named = f'[scan]\nranker = "{(kept / "ranker").as_posix()}"\n'
    bank.settings.write_text(bank.settings.read_text().replace("[scan]\n", named))
    bank.send("all", nights.bank())
    night = bank.night().nights[-1]
    ranker, settings = load_ranker(kept / "ranker"), load(bank.settings)
    assert "account payers" in ranker.card.columns
    told = json.loads((night.folder / "run.json").read_text(encoding="utf-8"))["ranker"]["alerts"]
    with Store.open(bank.store) as store:
        stored = store.told_as(dict.fromkeys(told, 1))
        rows = [numbers(stored[id_].content, stored[id_].measured) for id_ in told]
        score = ranker.score(table(rows, ranker.card.columns))
        assert [round(one, 4) for one in score.tolist()] == [one["score"] for one in told.values()]
        assert any(one.measured["account payers"] == 24 for one in stored.values())
        done = verify_run(store, Ledger.open(bank.folder / "ledger"), night.delta.run_id, settings)
    assert done.wrong == ()


def scan_by(ledger, settings, out):
    given = ["--ledger", ledger.path, "--out", out, "--settings", settings, "--quiet"]
    return CliRunner().invoke(scan, list(map(str, given)), standalone_mode=False)


def test_an_alert_is_learnt_as_it_was_when_it_was_judged_whatever_it_grew_into(judged, tmp_path):
    place = tmp_path / "alerts.db"
    copyfile(judged, place)
    with Store.open(place) as store:
        then = learnt(store)
        grown = [
            replace(shown(number, 1.0, score=0.01), payments=(f"p{number}", f"later{number}"))
            for number in range(NIGHTS * A_NIGHT)
        ]
        record(store, NIGHTS + 1, *grown)
        assert store.alerts(gone=True)[0].version == 2
        now = learnt(store)
    assert (now.text, now.card) == (then.text, then.card)


def test_an_alert_that_only_labels_know_is_learnt_as_it_was_first_told_with_what_its_account_showed_then(tmp_path):
    told = [
        replace(shown(number, 0.5), measured={"account payers": float(number * 37 % 100)})
        for number in range(NIGHTS * A_NIGHT)
    ]
    planted = [alert for alert in told if alert.measured["account payers"] > 50]
    labels = pa.Table.from_pylist([{"subject": alert.subjects[0], "outcome": "planted"} for alert in planted], LABELS)
    with Store.open(tmp_path / "alerts.db") as store:
        for night in range(NIGHTS):
            record(store, night + 1, *told[: (night + 1) * A_NIGHT])
        then = learnt(store, [labels], complete=True)
        record(store, NIGHTS + 1, *(replace(alert, indicators=(), score=0.9, measured={}) for alert in told))
        now = learnt(store, [labels], complete=True)
    assert then.card.useful["later"] >= 10
    assert next(iter(then.card.strongest)) == "account payers"
    assert (now.text, now.card) == (then.text, then.card)
    few, unknown, many = (
        replace(told[0], alert_id=f"A-{payers}", measured={"account payers": payers} if payers else {})
        for payers in (1.0, None, 99.0)
    )
    first, *_ = ranked([few, unknown, many], then).alerts
    assert (first.alert_id, first.learnt.moved[0][0]) == ("A-99.0", "account payers")


def test_nothing_is_learnt_from_few(tmp_path):
    with Store.open(tmp_path / "alerts.db") as store:
        record(store, 1, shown(1, 0.5))
    with pytest.raises(InputError, match="too few judgements"):
        run("--store", tmp_path / "alerts.db", "--out", tmp_path / "ranker")
