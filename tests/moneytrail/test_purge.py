"""A purge erases by rule, keeps what an open alert rests on and says so, and leaves a record."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from flows.errors import LockedError
from flows.ledger import Ledger
from flows.lock import writing
from moneytrail.commands.purge import purge
from moneytrail.night import Place
from moneytrail.purging import RECORD
from reports.store import Store
from tests.moneytrail.nights import Bank, bank, by_day

RULES = '[retention]\npayments = "10 d"\nrejects = "30 d"\nalerts = "10 d"\nresults = "10 d"\n'
LONG_AFTER = "2026-06-01"


@pytest.fixture(scope="module")
def after_two_nights(tmp_path_factory):
    made = Bank(tmp_path_factory.mktemp("purge") / "bank", more=RULES)
    days = by_day(bank())
    first, *_ = days
    for day in [day for day in days if day < first + timedelta(days=9)]:
        made.send(str(day), days[day])
        if (day - first).days in (7, 8):
            made.night()
    return made


@pytest.fixture
def old(after_two_nights, tmp_path):
    made = after_two_nights.copied(tmp_path / "bank")
    made.settings.write_text(after_two_nights.settings.read_text())
    rejects = made.folder / "ledger" / "rejects"
    rejects.mkdir(exist_ok=True)
    (rejects / "old.csv").write_text("line,reason\n")
    os.utime(rejects / "old.csv", (0, 0))
    return made


def run(made, *words):
    found = CliRunner().invoke(
        purge, ["--settings", str(made.settings), "--as-of", LONG_AFTER, *words], standalone_mode=False
    )
    if found.exception:
        raise found.exception
    return found.output


def ids(made):
    return set(Ledger.open(made.folder / "ledger").payments()["payment_id"].to_pylist())


def evidence(made):
    with Store.open(made.store) as store:
        return {id_ for alert in store.alerts() for id_ in alert.content["payments"]}


def test_what_an_open_alert_rests_on_stays_and_is_counted(old):
    said = run(old)
    assert ids(old) == evidence(old)
    assert f"{len(evidence(old))} payments of that age stay" in said


def test_what_nobody_needs_any_more_goes(old):
    with Store.open(old.store) as store:
        for alert in store.alerts():
            for who in ("ann", "ben"):
                store.desk(who, datetime(2026, 2, 1, tzinfo=UTC)).judge(alert.alert_id, "not_useful", "ordinary_story")
    run(old)
    assert ids(old) == set()


def test_old_rejects_and_nights_go_and_the_last_night_stays(old):
    before = {path.name for path in old.nights.iterdir() if path.name.startswith("2026")}
    told = json.loads(run(old, "--json"))
    after = {path.name for path in old.nights.iterdir() if path.name.startswith("2026")}
    assert after == {max(before)}
    assert set(told["results"]) == before - after
    assert told["rejects"] == ["old.csv"]
    assert not (old.folder / "ledger" / "rejects" / "old.csv").exists()


def test_a_record_says_what_went_by_which_rule_and_names_nobody(old):
    run(old)
    text = (old.folder / "ledger" / RECORD).read_text(encoding="utf-8")
    [line] = map(json.loads, text.splitlines())
    assert line["rules"]["payments"] == "10 d"
    assert line["payments"]["payments"] > 0
    assert not [account for account in ("funnel", "r3-0", "c1") if account in text]


def test_a_dry_run_says_the_same_and_changes_nothing(old):
    before = old.contents()
    dry = json.loads(run(old, "--json", "--dry-run"))
    assert old.contents() == before
    wet = json.loads(run(old, "--json"))
    version = dry["payments"].pop("version"), wet["payments"].pop("version")
    assert dry == wet
    assert version[0] < version[1]


def test_a_rule_of_no_days_keeps_for_ever(old):
    old.settings.write_text(old.settings.read_text().replace('payments = "10 d"', 'payments = "0 h"'))
    before = ids(old)
    assert "Kept for ever: payments" in run(old)
    assert ids(old) == before


def test_nothing_is_erased_during_a_night(old):
    with writing(Place.of(old.settings).work), pytest.raises(LockedError):
        run(old)
    assert (old.folder / "ledger" / "rejects" / "old.csv").exists()
