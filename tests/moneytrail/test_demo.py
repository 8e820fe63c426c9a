"""`moneytrail demo` runs the whole main job on the bundled bank, and says beside the report what was planted in it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from flows.errors import PluginError
from moneytrail import bundled
from moneytrail.commands.demo import demo
from moneytrail.planted import outcomes, page, read_truth
from reports.blocks import Table


@pytest.fixture(scope="module")
def seen(demonstrated):
    return outcomes(demonstrated.scan, read_truth(demonstrated.out / "input" / "truth"))


def test_the_demo_ends_with_the_path_of_the_report_and_changes_nothing_when_run_again(demonstrated):
    report = demonstrated.out / "report.html"
    assert demonstrated.said.rstrip().splitlines()[-1].endswith(str(report))
    before = report.read_bytes()
    sheet = json.loads((demonstrated.out / "run.json").read_text())
    assert sheet["ledger"]["rows"] == sum(source["kept"] for source in sheet["inputs"] if source["table"] == "payments")

    again = CliRunner().invoke(demo, ["--out", str(demonstrated.out), "--quiet"], catch_exceptions=False)
    assert again.output == demonstrated.said
    assert report.read_bytes() == before


def test_at_least_five_typologies_are_seen_for_what_they_are(seen):
    assert len({one.planted.typology for one in seen if one.planted.shelf == "case" and one.seen == "itself"}) >= 5


def test_several_look_alikes_show_red_flags_and_are_taken_for_no_pattern(seen):
    spared = [one for one in seen if one.planted.shelf == "innocent" and not one.told]
    assert len(spared) >= 8
    assert sum(bool(one.flags) for one in spared) >= 5
    assert any(one.speaks_for for one in spared)


def test_every_story_stands_once_on_the_page_with_what_was_seen_of_it(demonstrated, seen):
    tables = [
        block for part in page(demonstrated.scan, seen).parts for block in part.blocks if isinstance(block, Table)
    ]
    listed = sorted(row[0].text for table in tables for row in table.rows)
    assert listed == sorted(one.planted.title for one in seen)
    written = (demonstrated.out / "what_was_planted.html").read_text(encoding="utf-8")
    assert all(one.planted.title in written for one in seen)
    assert f"What was planted: {(demonstrated.out / 'what_was_planted.html').resolve()}" in demonstrated.said


def test_alerts_are_named_by_their_place_in_the_report(demonstrated, seen):
    for one in seen:
        for alert_id, place in one.alerts.items():
            assert demonstrated.scan.facts.alerts[place - 1].alert_id == alert_id


def test_what_the_scan_does_not_tell_of_is_said_to_be_missed(demonstrated):
    nobody = [one for one in read_truth(demonstrated.out / "input" / "truth") if one.shelf == "case"][:1]
    unknown = [type(one)(**{**vars(one), "roles": {"nobody": "funnel"}}) for one in nobody]
    (missed,) = outcomes(demonstrated.scan, unknown)
    assert (missed.seen, missed.alerts, missed.flags, missed.speaks_for) == ("nothing", {}, (), ())


def test_an_installation_without_the_bank_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "files", lambda package: tmp_path / package)
    with pytest.raises(PluginError):
        bundled.copy_to(tmp_path / "out")
