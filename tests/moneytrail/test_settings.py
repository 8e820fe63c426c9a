"""Settings refuse what they do not know, and say what they would take."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.errors import SettingsError
from moneytrail.settings import ScanSettings, load, resolve, spoken_span


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
