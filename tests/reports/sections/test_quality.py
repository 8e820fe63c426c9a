from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flows.quality import Gap, QuietDay
from flows.quality import Quality as Found
from reports.blocks import Bullets, Table, Tiles
from reports.sections.quality import MOST_DAYS, Quality


def test_rows_fields_currencies_and_quiet_days_are_told(night):
    quiet = tuple(QuietDay(date(2026, 3, 2) - timedelta(days=number), number, 240) for number in range(MOST_DAYS + 3))
    found = Found((Gap("time of day", 1000, 4), Gap("local time", 996, 0)), (("EUR", 990), ("USD", 10)), quiet)
    tiles, fields, currencies, days = Quality().blocks(replace(night, quality=found))
    assert isinstance(tiles, Tiles)
    read, kept, twice, rejected = (int(tile.value.replace(",", "")) for tile in tiles.tiles)
    assert read == kept + twice + rejected
    assert isinstance(fields, Table)
    assert [[cell.text for cell in row] for row in fields.rows] == [
        ["time of day", "1,000", "4", "under 1 %"],
        ["local time", "996", "0", "0 %"],
    ]
    assert isinstance(currencies, Bullets)
    assert currencies.items == ("EUR (990), USD (10)",)
    assert isinstance(days, Bullets)
    assert days.items[0] == "Monday, 2 March 2026: 0 payments, usually 240."
    assert days.items[-1] == "And 3 days before."


def test_nothing_is_said_of_what_was_not_looked_at(night):
    assert Quality().blocks(replace(night, scanned=replace(night.scanned, files=()))) == ()
