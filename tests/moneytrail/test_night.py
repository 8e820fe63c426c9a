"""A night takes in what is new, tells what changed, and does nothing twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flows.errors import InputError, LockedError, SettingsError
from flows.ledger import Ledger
from flows.lock import writing
from moneytrail.commands.night import night
from moneytrail.night import run_night
from moneytrail.night_folder import past_nights
from moneytrail.night_inbox import Seen, look_into
from moneytrail.night_plan import planned
from moneytrail.settings import NightSettings
from reports.store import Store
from tests.moneytrail.nights import Bank, bank, by_day

DAYS = by_day(bank())
FIRST, SECOND, *LATER = DAYS


@pytest.fixture(scope="module")
def after_one_night(tmp_path_factory):
    """Give a bank that had one night, up to the day its first ring is closed."""
    made = Bank(tmp_path_factory.mktemp("first") / "bank")
    for day in [day for day in DAYS if day < FIRST + timedelta(days=8)]:
        made.send(str(day), DAYS[day])
    made.night()
    return made


@pytest.fixture
def small(after_one_night, tmp_path):
    """Give a copy of it."""
    return after_one_night.copied(tmp_path / "bank")


def sheet(made):
    return past_nights(made.nights)[0].sheet


def test_a_night_leaves_a_folder_with_everything_in_it_and_alerts_in_the_store(small):
    folder = past_nights(small.nights)[0].path
    assert folder.name == "2026-01-08"
    assert {"report.html", "alerts.json", "findings.parquet", "run.json"} <= {path.name for path in folder.iterdir()}
    with Store.open(small.store) as store:
        told = {alert["alert_id"] for alert in json.loads((folder / "alerts.json").read_text())}
        assert told == {alert.alert_id for alert in store.alerts()}
        assert told


def test_a_night_run_again_changes_nothing(small):
    before = small.contents()
    outcome = small.night()
    assert outcome.nights == ()
    assert small.contents() == before
    assert CliRunner().invoke(night, ["--settings", str(small.settings), "--quiet"]).output.startswith("Nothing new")


def test_while_one_night_is_under_way_another_is_turned_away_and_changes_nothing(small):
    small.send("more", DAYS[LATER[6]])
    before = small.contents()
    with writing(small.nights / ".night"), pytest.raises(LockedError) as turned_away:
        small.night()
    assert turned_away.value.exit_code == 5
    with writing(small.folder / "ledger"), pytest.raises(LockedError):
        small.night()
    assert small.contents() == before


def test_late_payments_reversals_and_resent_days_are_taken_in_and_said(small):
    late = DAYS[SECOND][0]
    again = [row for row in DAYS[LATER[2]] if row.payment_id != late.payment_id]
    undone = next(row for row in DAYS[LATER[3]] if row.payee == "funnel")
    tonight = DAYS[LATER[6]]
    small.send("late", [*tonight, undone.undone_at(tonight[0].at), *again])
    # Before the first payment of an alert, so that a scan names the alert by this one.
    earliest = min(row.at for row in bank() if row.payee == "funnel") - timedelta(minutes=30)
    rows = [
        ("late", "c1", "mer:shop1", 700, late.at, "card_pos"),
        ("first", "ext:px", "funnel", 8_000, earliest, "p2p"),
    ]
    small.send("later still", [type(late)(*row) for row in rows])
    (told,) = small.night().nights
    assert told.late == {"late": 2, "reversals": 1, "resent": len(again)}
    assert sheet(small)["night"]["late"] == told.late
    assert "grown" in told.delta.counts
    lasting = {alert["alert_id"] for alert in json.loads((told.folder / "alerts.json").read_text())}
    names = sheet(small)["night"]["names"]
    assert names
    assert set(names.values()) <= lasting
    assert lasting.isdisjoint(names)


def test_a_file_that_is_still_being_written_is_left_said_and_taken_in_once_it_rests(small):
    whole = small.send("tonight", DAYS[LATER[6]])
    half = whole.rename(whole.with_name("tonight.csv.part"))
    outcome = small.night()
    assert outcome.inbox.left == {"payments/tonight.csv.part": "still being written, by its name"}
    assert outcome.nights == ()
    half.rename(whole)
    assert len(small.night().nights) == 1

    growing = small.send("growing", DAYS[LATER[7]])

    def grows(seconds):
        with growing.open("a") as file:
            file.write("more")

    ledger = Ledger.open(small.folder / "ledger")
    inbox = look_into(
        NightSettings(settle_seconds=1), small.folder, ledger, Seen(small.nights / ".night", ledger), grows
    )
    assert inbox.left == {"payments/growing.csv": "still being written: it is changing"}


def test_a_dry_run_says_what_would_be_done_and_what_it_may_cost_and_does_nothing(small):
    small.send("tonight", DAYS[LATER[6]])
    before = small.contents()
    said = CliRunner().invoke(night, ["--settings", str(small.settings), "--dry-run"]).output
    assert "Would take in: payments/tonight.csv" in said
    assert "from the last night" in said
    assert small.contents() == before
    small.night()
    assert "Nothing else to do" in CliRunner().invoke(night, ["--settings", str(small.settings), "--dry-run"]).output


def test_what_a_night_may_cost_grows_with_what_is_new(small, tmp_path):
    few = planned(small.settings).expected
    rows = [replace(row, payment_id=f"{row.payment_id}-{copy}") for copy in range(50) for row in DAYS[LATER[6]]]
    small.send("tonight", rows)
    many = planned(small.settings).expected
    assert few.fresh == 0
    assert many.fresh == pytest.approx(len(rows), rel=0.05)
    assert many.payments == few.payments + many.fresh
    assert many.seconds == pytest.approx(few.seconds * many.payments / few.payments)
    assert many.peak_mb > few.peak_mb

    (tmp_path / "inbox" / "payments").mkdir(parents=True)
    table = pa.table({"payment_id": range(1_000_000)})
    pq.write_table(table, tmp_path / "inbox" / "payments" / "all.parquet")
    (tmp_path / "bank.toml").write_text("[night]\nsettle_seconds = 0\n")
    first = planned(tmp_path / "bank.toml").expected
    assert (first.nights, first.fresh) == (0, 1_000_000)
    assert first.seconds > 60
    assert first.peak_mb > 3_000


def test_a_file_that_cannot_be_taken_in_stops_the_night_before_anything_is(small):
    small.send("good", DAYS[LATER[6]])
    (small.inbox / "payments" / "worse.csv").write_text("payment_id,payer\n\x00\n")
    before = small.contents()
    with pytest.raises(InputError):
        small.night()
    assert small.contents() == before


def test_a_night_whose_report_never_appeared_is_told_before_anything_new_is_taken_in(small):
    last = past_nights(small.nights)[0]
    shutil.rmtree(last.path)
    small.send("tonight", DAYS[LATER[6]])
    outcome = small.night()
    assert [one.folder.name for one in outcome.nights] == ["2026-01-08", "2026-01-09"]
    again, tonight = past_nights(small.nights)[::-1]
    assert again.night["changes"] == last.night["changes"]
    assert tonight.night["changes"]["new"] < tonight.night["figures"]["told"]


def test_a_second_night_of_the_same_day_has_a_folder_of_its_own(small):
    row = DAYS[LATER[5]][0]
    small.send("late", [type(row)("late", "c1", "mer:shop1", 700, row.at, "card_pos")])
    small.night()
    assert [night.path.name for night in past_nights(small.nights)] == ["2026-01-08.2", "2026-01-08"]


def test_a_table_that_goes_back_to_what_it_was_is_taken_in_again(small):
    path = small.inbox / "accounts" / "accounts.csv"
    path.parent.mkdir()
    for kind in ("current", "savings", "current"):
        path.write_text(f"account_id,kind\nfunnel,{kind}\n")
        small.night()
        assert Ledger.open(small.folder / "ledger").side("accounts")["kind"].to_pylist() == [kind]
    assert small.night().ingested is None


def test_new_settings_are_a_new_night_and_an_empty_inbox_is_said(small, tmp_path):
    shutil.rmtree(past_nights(small.nights)[0].path)
    small.settings.write_text(small.settings.read_text().replace("shuffles = 20", "shuffles = 10"))
    (told,) = small.night().nights
    assert told.delta.settings_changed
    # The night before was recorded under the old settings and never told; nobody may take what was new in it for read.
    assert any("never appeared" in note["sentence"] for note in sheet(small)["night"]["left_out"])
    with pytest.raises(InputError, match="nothing was ever taken in"):
        Bank(tmp_path / "empty").night()
    (tmp_path / "no.toml").write_text('[night]\ninbox = "nowhere"\n')
    with pytest.raises(SettingsError, match="no inbox"):
        run_night(tmp_path / "no.toml")


def test_an_alert_that_was_suppressed_is_not_told_and_counted_by_owner(small):
    with Store.open(small.store) as store:
        one = store.alerts()[0]
        desk = store.desk("analyst", datetime(2026, 1, 9, tzinfo=UTC))
        desk.suppress(alert_id=one.alert_id, owner="desk", reason="known arrangement", expires=date(2026, 12, 31))
    small.send("tonight", DAYS[LATER[6]])
    (told,) = small.night().nights
    page = json.loads((told.folder / "alerts.json").read_text())
    assert one.alert_id not in {alert["alert_id"] for alert in page}
    assert one.alert_id in told.delta.by_alert
