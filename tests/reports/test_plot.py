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
