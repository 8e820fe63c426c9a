from __future__ import annotations

from datetime import date, timedelta

import pytest

from reports.blocks import Plot, Series
from reports.plot import HEIGHT, draw

DAYS = tuple(date(2026, 1, 1) + timedelta(days=day) for day in range(4))


def test_a_line_breaks_where_there_is_no_number_and_its_points_say_day_and_value():
    [line] = draw(Plot("t", DAYS, (Series("found", (1.0, None, 3.0, 4.0)),))).lines
    assert len(line.pieces) == 1
    assert [said for _, _, said in line.points] == ["2026-01-01: 1 found", "2026-01-03: 3 found", "2026-01-04: 4 found"]


@pytest.mark.parametrize("highest", [0, 1, 3, 17, 99, 100, 12_345])
def test_everything_lies_between_zero_and_the_top_of_the_axis(highest):
    drawn = draw(Plot("t", DAYS, (Series("a", (0.0, highest / 2, float(highest), 0.0)),)))
    (zero, _), _, (top, label) = drawn.levels
    assert all(top <= y <= zero < HEIGHT for _, y, _ in drawn.lines[0].points)
    assert highest <= float(label.replace(",", "")) <= max(2, 2.5 * highest)


@pytest.mark.parametrize("count", [1, 8, 9, 31, 100])
def test_the_last_day_is_named_and_its_name_stays_inside_the_picture(count):
    days = tuple(date(2026, 1, 1) + timedelta(days=day) for day in range(count))
    drawn = draw(Plot("t", days, (Series("a", tuple(map(float, range(count)))),)))
    across, label = drawn.days[-1]
    assert label == days[-1].isoformat()[5:]
    # A name is about as wide as five digits of its eleven pixels.
    assert across + 20 <= drawn.width
    assert len(drawn.days) <= 8


def test_seven_lines_are_told_apart():
    lines = draw(Plot("t", DAYS, tuple(Series(f"s{n}", (1.0, 1.0, 1.0, 1.0)) for n in range(7)))).lines
    assert len({line.look for line in lines}) == 7
