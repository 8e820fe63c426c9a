"""`moneytrail tune`: past nights under other settings, and what would have become of their alerts."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from flows.errors import InputError, SettingsError
from moneytrail.commands.tune import tune
from moneytrail.settings import Settings
from moneytrail.tuning import nights, swept


def test_two_nights_that_ask_for_more_weight_lose_every_alert_and_say_so(ledger, tmp_path):
    challenger = tmp_path / "other.toml"
    challenger.write_text("[alerts]\nleast_score = 0.95\n", encoding="utf-8")
    given = ["--ledger", ledger.path, "--out", tmp_path / "out", "--challenger", challenger, "--complete", "--quiet"]
    given += ["--from", "2026-01-20", "--every", 7, "--until", "2026-01-28"]
    done = CliRunner().invoke(tune, [str(one) for one in given], catch_exceptions=False)
    assert done.exit_code == 0
    sheet = json.loads((tmp_path / "out" / "tune.json").read_text(encoding="utf-8"))
    assert sheet["ledger"]["nights"] == ["2026-01-21", "2026-01-28"]
    assert sheet["changed"]["other.toml"][0].endswith("is 0.95.")
    lost = sheet["differences"]["other.toml"]
    assert {one["day"] for one in lost} == {"2026-01-21", "2026-01-28"}
    assert all(one["change"] == "only before" and "0.95 is needed" in one["why"] for one in lost)
    champion, other = sheet["figures"]
    assert champion["alerts"] > other["alerts"] == 0
    assert champion["useful_above"]["of"] == champion["told"]
    page = (tmp_path / "out" / "tune.html").read_text(encoding="utf-8")
    assert "other.toml" in page
    assert "Restricted." in page


def test_a_sweep_makes_one_settings_for_each_value_and_leaves_the_rest(tmp_path):
    file = tmp_path / "bank.toml"
    file.write_text('[scan]\njurisdiction = "FR"\n[detectors.fan-in]\nmin_payers = 9\n', encoding="utf-8")
    made = swept(file, "detectors.fan-in.within=24 h, 48 h")
    assert list(made) == ["detectors.fan-in.within = 24 h", "detectors.fan-in.within = 48 h"]
    assert all(one.scan.jurisdiction == "FR" for one in made.values())
    assert all(one.detectors["fan-in"]["min_payers"] == 9 for one in made.values())
    assert [one.alerts.least_score for one in swept(None, "alerts.least_score=0.1,0.3").values()] == [0.1, 0.3]


@pytest.mark.parametrize("sweep", ["capacity=1", "scan.capacity", "scan.capacity=", "scan.capacty=1"])
def test_a_sweep_that_is_not_understood_is_refused(sweep):
    with pytest.raises(SettingsError):
        swept(None, sweep)


def test_nights_lie_so_many_days_apart_back_from_the_last(ledger):
    assert nights(ledger, None, None, 7) == (date(2026, 1, 28),)
    assert nights(ledger, date(2026, 1, 10), date(2026, 1, 24), 7) == tuple(date(2026, 1, day) for day in (10, 17, 24))
    with pytest.raises(InputError, match="no booked payments"):
        nights(ledger, None, date(2025, 1, 1), 7)
    with pytest.raises(SettingsError, match="after the last"):
        nights(ledger, date(2026, 1, 27), date(2026, 1, 20), 7)


def test_without_other_settings_it_asks_against_what(ledger, tmp_path):
    done = CliRunner().invoke(tune, ["--ledger", str(ledger.path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "Against what?" in done.output


def test_a_store_that_is_not_there_is_refused_and_none_is_made(ledger, tmp_path):
    words = ["--ledger", str(ledger.path), "--out", str(tmp_path / "out"), "--sweep", "scan.capacity=5,6"]
    refused = CliRunner().invoke(tune, [*words, "--store", str(tmp_path / "nope.db")])
    assert "there is no alert store here" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_settings_in_force_are_the_defaults_where_no_file_is_named():
    assert swept(None, "scan.capacity=40")["scan.capacity = 40"] == Settings()
