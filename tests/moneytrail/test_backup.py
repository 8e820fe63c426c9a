"""A backup is taken between two nights and can be put back: same ledger, same alerts, and the next night goes on."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from flows.errors import LockedError, StoreError
from flows.ledger import Ledger
from flows.lock import writing
from moneytrail.commands.backup import backup
from moneytrail.night_plan import planned
from moneytrail.verifying import verify_ledger, verify_store
from reports.store import Store
from tests.moneytrail.nights import Bank, bank


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory):
    made = Bank(tmp_path_factory.mktemp("backup") / "bank")
    made.send("all", bank())
    made.night()
    return made


@pytest.fixture
def made(after_a_night, tmp_path):
    return after_a_night.copied(tmp_path / "bank")


def run(bank_, out):
    found = CliRunner().invoke(backup, ["--settings", str(bank_.settings), "--out", str(out)], standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.output


def told(where):
    with Store.open(where) as store:
        return [(alert.alert_id, alert.status, alert.content) for alert in store.alerts()]


def test_a_backup_put_back_has_the_same_payments_and_alerts_and_the_next_night_goes_on(made, tmp_path):
    before = told(made.store), Ledger.open(made.folder / "ledger").payments()
    assert "payments" in run(made, tmp_path / "copy")
    shutil.rmtree(made.folder / "ledger")
    for path in made.folder.glob("alerts.db*"):
        path.unlink()
    # As docs/operations.md says it.
    shutil.copytree(tmp_path / "copy" / "ledger", made.folder / "ledger")
    shutil.copy2(tmp_path / "copy" / "alerts.db", made.store)
    assert told(made.store) == before[0]
    assert Ledger.open(made.folder / "ledger").payments().equals(before[1])
    assert made.night().nights == ()


def test_what_came_after_a_backup_is_taken_in_and_told_again(made, tmp_path):
    run(made, tmp_path / "copy")
    (made.inbox / "accounts").mkdir()
    (made.inbox / "accounts" / "accounts.csv").write_text("account_id,kind\nr3-0,savings\n")
    last = bank()[-1]
    made.send("after", [replace(last, payment_id="after", at=last.at + timedelta(days=1))])
    [lost] = made.night().nights
    made.settings.write_text(made.settings.read_text().replace("shuffles = 20", "shuffles = 21"))
    made.night()
    shutil.rmtree(made.folder / "ledger")
    for path in made.folder.glob("alerts.db*"):
        path.unlink()
    shutil.copytree(tmp_path / "copy" / "ledger", made.folder / "ledger")
    shutil.copy2(tmp_path / "copy" / "alerts.db", made.store)
    assert {one.table for one in planned(made.settings).inbox.new} == {"payments", "accounts"}
    outcome = made.night()
    [again] = outcome.nights
    assert again.folder.name == f"{lost.folder.name}.3"
    assert again.late == {}
    assert outcome.ingested.rows("kept") == 1
    with Store.open(made.store) as store:
        assert len(store.runs()) == 2
        assert not (verify_store(store) + verify_ledger(Ledger.open(made.folder / "ledger"), store)).wrong
    assert made.night().nights == ()


def test_the_store_is_copied_whole_while_somebody_is_writing_into_it(made, tmp_path):
    with closing(sqlite3.connect(made.store)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        busy.execute("UPDATE alerts SET assignee = 'nobody'")
        run(made, tmp_path / "copy")
        busy.rollback()
    assert told(tmp_path / "copy" / "alerts.db") == told(made.store)


def test_a_judgement_made_before_is_in_the_copy(made, tmp_path):
    with Store.open(made.store) as store:
        alert = store.alerts()[0]
        store.desk("ann", datetime(2026, 2, 1, tzinfo=UTC)).judge(alert.alert_id, "useful", "watched")
    run(made, tmp_path / "copy")
    with Store.open(tmp_path / "copy" / "alerts.db") as store:
        assert [one.outcome for one in store.alert(alert.alert_id).judgements] == ["useful"]


def test_a_folder_that_is_there_is_left_alone(made, tmp_path):
    (tmp_path / "copy").mkdir()
    with pytest.raises(StoreError, match="there already"):
        run(made, tmp_path / "copy")


def test_no_backup_is_taken_during_an_ingest(made, tmp_path):
    with writing(made.folder / "ledger"), pytest.raises(LockedError):
        run(made, tmp_path / "copy")
    assert not (tmp_path / "copy" / "ledger").exists()
