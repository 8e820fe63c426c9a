"""Settings refuse what they do not know, and say what they would take."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from detectors.thresholds import COLUMNS
from flows.errors import SettingsError
from moneytrail.settings import ScanSettings, load, resolve, spoken_span
from reports.exempting import Exemption


def test_without_a_file_every_default_holds():
    assert load(None).scan == ScanSettings()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"no such settings file[\s\S]*nowhere\.toml"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_toml_says_where(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text("[scan\ncapacity = 3")
    with pytest.raises(SettingsError, match="not a TOML file"):
        load(path)


def test_values_are_taken_with_their_units(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text('[scan]\ncapacity = 12\n[detectors.fan-in]\nwithin = "3 d"\nmin_payers = 7\n')
    settings = load(path)
    assert settings.scan.capacity == 12
    assert settings.detectors["fan-in"] == {"within": timedelta(days=3), "min_payers": 7}
    assert dict(settings.make("detectors.motifs"))["fan-in"].within == timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ({"scans": {}}, "did you mean 'scan'"),
        ({"scan": {"capazity": 3}}, "did you mean 'capacity'"),
        ({"detectors": {"fan-inn": {}}}, "did you mean 'fan-in'"),
        ({"detectors": {"fan-in": {"min_payer": 3}}}, "did you mean 'min_payers'"),
        ({"detectors": {"fan-in": {"min_payers": "many"}}}, "give a whole number, in accounts"),
        ({"detectors": {"fan-in": {"min_payers": -1}}}, "at least"),
        ({"detectors": {"fan-in": {"within": 3}}}, 'write it as "48 h"'),
        ({"detectors": {"fan-in": {"enabled": "no"}}}, "true or false"),
        ({"scan": 3}, "a section, not a value"),
        ({"scan": {"capacity": 0}}, "at least 1 alerts"),
        ({"scan": {"capacity": True}}, "give a whole number"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_nearest_right_thing(text, says):
    with pytest.raises(SettingsError, match=r"[\s\S]*".join(["try:", ""])) as raised:
        resolve(text, "bank.toml")
    assert says in str(raised.value)
    assert "bank.toml" in str(raised.value)


def test_a_disabled_detector_is_not_made_but_stays_listed():
    settings = resolve({"detectors": {"fan-in": {"enabled": False}}}, "bank.toml")
    assert "fan-in" not in dict(settings.make("detectors.motifs"))
    assert settings.disabled == ("fan-in",)
    assert settings.as_dict()["detectors"]["fan-in"]["enabled"] is False


def test_equal_settings_have_equal_hashes_and_changed_ones_have_not():
    changed = resolve({"scan": {"capacity": 41}}, "a.toml")
    assert resolve({}, "a.toml").hash == resolve({"scan": {}}, "b.toml").hash
    assert changed.hash != resolve({}, "a.toml").hash


def test_spans_are_written_as_they_are_read():
    for span in (timedelta(minutes=30), timedelta(hours=48), timedelta(days=30)):
        settings = resolve({"detectors": {"fan-in": {"within": spoken_span(span)}}}, "a.toml")
        assert settings.detectors["fan-in"]["within"] == span


def test_how_findings_join_can_be_set(tmp_path):
    settings = resolve({"alerts": {"within": "3 d", "least_score": 0.2}}, "bank.toml")
    assert settings.alerts.within == timedelta(days=3)
    assert settings.as_dict()["alerts"]["least_score"] == 0.2


EXEMPT = {"id": "C-9", "owner": "safeguarding lead", "reason": "shelter", "expires": date(2027, 6, 30)}


def test_exemptions_are_read_and_kept_out_of_the_run_sheet():
    settings = resolve({"exemptions": [EXEMPT]}, "bank.toml")
    assert settings.exemptions == (Exemption(**EXEMPT),)
    assert settings.as_dict()["exemptions"].startswith("1 entries, ")
    assert "C-9" not in str(settings.as_dict())
    assert settings.hash != resolve({}, "bank.toml").hash


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (EXEMPT, "write [[exemptions]] above each"),
        ([{**EXEMPT, "expiry": 3}], "did you mean 'expires'"),
        ([{"id": "C-9", "owner": "x", "reason": "y"}], "an exemption without expires"),
        ([{**EXEMPT, "expires": "2027-06-30"}], "without quotes"),
        ([{**EXEMPT, "owner": " "}], "owner is no text"),
        ([EXEMPT, EXEMPT], "entry 2"),
    ],
)
def test_an_exemption_that_lacks_anything_is_refused_without_saying_whom_it_exempts(entries, says):
    with pytest.raises(SettingsError) as raised:
        resolve({"exemptions": entries}, "bank.toml")
    assert says in str(raised.value)
    assert "C-9" not in str(raised.value)


def own_levels(tmp_path, *lines):
    (tmp_path / "levels.csv").write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "bank.toml"
    path.write_text('[scan]\njurisdiction = "CZ"\nthresholds = "levels.csv"\n', encoding="utf-8")
    return path


def test_levels_of_a_file_beside_the_settings_and_the_country_of_the_bank_reach_the_detectors(tmp_path):
    czech = "CZ,cash,270000,at,CZK,single,each,,2026-01-01,,our-counsel,yes"
    settings = load(own_levels(tmp_path, ",".join(COLUMNS), czech))
    structuring = dict(settings.make("detectors.motifs"))["structuring"]
    assert structuring.own_thresholds == (czech,)
    assert structuring.jurisdiction == "CZ"
    assert settings.as_dict()["detectors"]["structuring"]["own_thresholds"] == [czech]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["country,level"], "does not begin with the columns"),
        ([",".join(COLUMNS), "CZ,cash,much,at,CZK,single,each,,,,x,yes"], "rule 1"),
    ],
)
def test_a_file_of_levels_that_is_none_is_refused(tmp_path, lines, says):
    with pytest.raises(SettingsError, match=says):
        load(own_levels(tmp_path, *lines))


def test_a_file_of_levels_that_is_not_there_is_named(tmp_path):
    path = own_levels(tmp_path)
    (tmp_path / "levels.csv").unlink()
    with pytest.raises(SettingsError, match=r"levels\.csv"):
        load(path)
