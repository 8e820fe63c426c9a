from __future__ import annotations

from dataclasses import replace

from reports.blocks import Bullets, Fold, Paragraph, Table, Tiles
from reports.night import Change
from reports.sections.changes import Changes
from tests.reports.made_nights import with_night


def of_kind(blocks, kind):
    return [block for block in blocks if isinstance(block, kind)]


def test_a_scan_by_itself_has_nothing_to_compare_with(night):
    assert Changes().blocks(night) == ()


def test_the_first_night_says_that_all_is_new(night):
    [said, *_] = Changes().blocks(with_night(night, last=None, settings_before=None, late={}, hidden={}))
    assert "first night" in said.text


def test_new_and_grown_alerts_are_listed_with_how_they_changed(night):
    blocks = Changes().blocks(with_night(night))
    [tiles], [table] = of_kind(blocks, Tiles), of_kind(blocks, Table)
    assert [(tile.label, tile.value) for tile in tiles.tiles] == [
        *(("new", "1"), ("grown", "1"), ("unchanged", "2"), ("gone", "1")),
    ]
    assert [row[0].text for row in table.rows] == ["grown", "new"]
    assert table.rows[0][3].text == "3 payments were added."


def test_what_is_gone_is_told_with_its_reason_and_without_the_accounts_of_its_title(night):
    [gone] = of_kind(Changes().blocks(with_night(night)), Fold)
    cells = [cell.text for row in gone.blocks[0].rows for cell in row]
    assert cells == ["A-000000000000", "review", "Gathering", "The settings were changed."]


def test_an_alert_that_lost_payments_or_became_part_of_another_is_not_told_as_unchanged_or_gone(night):
    told = with_night(night)
    first, second, *_ = told.night.changes
    merged = Change("A-222222222222", "merged", "Gathering", "review", "It is one with A-1 now.")
    blocks = Changes().blocks(
        with_night(night, changes=(replace(first, state="shrunk"), replace(second, state="returned"), merged))
    )
    [tiles], [table], [away] = of_kind(blocks, Tiles), of_kind(blocks, Table), of_kind(blocks, Fold)
    assert [tile.label for tile in tiles.tiles] == ["returned", "shrunk", "merged"]
    assert sorted(row[0].text for row in table.rows) == ["returned", "shrunk"]
    assert [row[3].text for row in away.blocks[0].rows] == ["It is one with A-1 now."]


def test_late_payments_changed_settings_and_suppressions_are_said(night):
    said = [item for block in of_kind(Changes().blocks(with_night(night)), Bullets) for item in block.items]
    assert said == [
        "12 payments booked on a day that had been looked at before.",
        "[scan] capacity was 40 and is 20.",
        "2 alerts, for which safeguarding lead answers.",
    ]


def test_a_night_without_news_says_so(night):
    blocks = Changes().blocks(with_night(night, changes=(), late={}, settings_before=None, hidden={}))
    assert [block.text for block in of_kind(blocks, Paragraph)][-1] == "No alert above the line is new or has changed."
