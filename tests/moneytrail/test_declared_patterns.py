"""A pattern in the settings is asked by the scan like any detector, and told with its own words."""

from __future__ import annotations

import json

import pytest

from flows.errors import SettingsError
from moneytrail.scan import run_scan
from moneytrail.settings import load, resolve

SECTION = """
[patterns.gone-round]
text = '''
a -> b within 3d keeps 0.5..1.5
  -> c
a as "sends first"
'''
title = "Handed on in three days"
innocent = ["a broker between buyer and seller"]
clears = ["the contract of sale"]
"""


@pytest.fixture
def section():
    return {
        "text": "a -> b within 3d keeps 0.5..1.5 -> c",
        "title": "Handed on in three days",
        "innocent": ["a broker between buyer and seller"],
        "clears": ["the contract of sale"],
    }


def test_a_scan_asks_a_declared_pattern_and_tells_its_title_its_source_and_its_innocent_stories(ledger, tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text(SECTION)
    facts = run_scan(ledger, tmp_path / "out", settings=load(path)).facts

    found = [finding for finding in facts.findings if finding.detector == "pattern-gone-round"]
    assert found
    assert all(finding.centre == finding.roles[0][0] for finding in found)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Handed on in three days" in page
    assert "Declared by the institution in its own settings" in page
    assert "a broker between buyer and seller" in page
    sheet = json.loads((tmp_path / "out" / "run.json").read_text())
    assert sheet["settings"]["patterns"]["gone-round"]["most_found"] == 20
    assert sheet["detectors"]["pattern-gone-round"] == 1


def test_small_windows_find_what_one_window_finds(ledger, tmp_path, section):
    ids = []
    for name, payments in (("whole", 5_000_000), ("small", 100)):
        settings = resolve({"scan": {"payments_a_window": payments}, "patterns": {"p": section}}, "bank.toml")
        facts = run_scan(ledger, tmp_path / name, settings=settings).facts
        ids.append([finding.finding_id for finding in facts.findings if finding.detector == "pattern-p"])
    assert ids[0]
    assert ids[0] == ids[1]


def test_a_disabled_pattern_is_listed_as_skipped(ledger, tmp_path, section):
    settings = resolve({"patterns": {"p": {**section, "enabled": False}}}, "bank.toml")
    facts = run_scan(ledger, tmp_path, settings=settings).facts
    assert settings.declared() == []
    assert any(note.kind == "skipped" and "pattern-p" in note.sentence for note in facts.notes)


def test_a_pattern_changes_the_hash_of_the_settings(section):
    with_it = resolve({"patterns": {"p": section}}, "a.toml")
    assert with_it.hash == resolve({"patterns": {"p": dict(section)}}, "b.toml").hash
    assert with_it.hash != resolve({"patterns": {"p": {**section, "strength": 0.7}}}, "a.toml").hash
    assert with_it.hash != resolve({}, "a.toml").hash


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"text": "a -> b withn 3d -> c"}, "did you mean 'within'"),
        ({"text": ""}, 'text = "a -> b'),
        ({"innocent": []}, "innocent = ["),
        ({"clears": [1]}, "clears = ["),
        ({"titel": "x"}, "did you mean 'title'"),
        ({"leg": "X"}, "MOV (movement of money)"),
        ({"strength": 2}, "at most 1.0 share"),
        ({"enabled": "no"}, "enabled = false"),
    ],
)
def test_what_is_not_understood_is_refused_at_once_and_names_the_section(section, change, says):
    with pytest.raises(SettingsError) as raised:
        resolve({"patterns": {"p": {**section, **change}}}, "bank.toml")
    assert says in str(raised.value)
    assert "bank.toml [patterns.p]" in str(raised.value)


@pytest.mark.parametrize(
    ("patterns", "says"),
    [({"p": "a -> b"}, "write [patterns.NAME]"), ({"My Pattern": {}}, "small letters"), (3, "a section, not a value")],
)
def test_a_section_of_another_form_is_refused(patterns, says):
    with pytest.raises(SettingsError) as raised:
        resolve({"patterns": patterns}, "bank.toml")
    assert says in str(raised.value)
