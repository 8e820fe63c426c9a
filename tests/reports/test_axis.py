from __future__ import annotations

from reports.axis import MOST_TICKS, WIDTH, lay_out
from reports.blocks import Event, Timeline

DAY = 86_400


def axis(*events):
    return lay_out(Timeline("", tuple(Event(at, lane, 1.0, "1.00 EUR", "") for at, lane in events)))


def test_payments_stand_in_order_of_time_inside_the_picture():
    dots = sorted(axis((0, "in"), (3 * DAY, "out"), (DAY, "within")).dots, key=lambda dot: dot.event.at)
    assert 0 < dots[0].x < dots[1].x < dots[2].x < WIDTH
    assert dots[0].y < dots[1].y < dots[2].y


def test_a_lane_without_payments_is_left_out():
    assert [name for name, _ in axis((0, "in"), (DAY, "out")).lanes] == ["came in", "went out"]


def test_ticks_are_few_for_hours_as_for_years():
    for last in (0, 600, DAY, 30 * DAY, 4000 * DAY):
        assert len(axis((0, "in"), (last, "in")).ticks) <= MOST_TICKS + 1


def test_amounts_are_written_only_where_there_is_room():
    dots = axis(*((number * 60, "in") for number in range(50)), (30 * DAY, "in")).dots
    assert 1 < sum(dot.named for dot in dots) < 5


def test_nothing_can_be_laid_out():
    assert axis().dots == ()
