"""The calendar of the invented bank: days, local hours and the UTC seconds behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np

DAY = 86_400
HOUR = 3_600


def _last_sunday(year: int, month: int) -> date:
    """Give the last Sunday of a month of 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _utc_seconds(day: date, hour: int = 0) -> int:
    """Give the UTC seconds since 1970 of a full hour."""
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp())


@cache
def _summer(year: int) -> tuple[int, int]:
    """Give the UTC seconds at which summer time begins and ends in a year."""
    return _utc_seconds(_last_sunday(year, 3), 1), _utc_seconds(_last_sunday(year, 10), 1)


@cache
def _days_of_month(start: date, days: int, day_of_month: int) -> list[int]:
    """Give the day numbers that carry this day of the month."""
    return [day for day in range(days) if (start + timedelta(days=day)).day == day_of_month]


@dataclass(frozen=True)
class Clock:
    """Turn "day 12, 21:30 local" into UTC seconds and back.

    The bank keeps Central European time: UTC+1, and UTC+2 between the last Sundays of March and October (01:00 UTC).
    """

    start: date
    days: int

    @property
    def end(self) -> date:
        """The first day after the last one."""
        return self.start + timedelta(days=self.days)

    def offset_minutes(self, at: int) -> int:
        """Give local time minus UTC in minutes at a moment in UTC seconds."""
        begins, ends = _summer(datetime.fromtimestamp(at, tz=UTC).year)
        return 120 if begins <= at < ends else 60

    def moment(self, day: float, hour: float) -> int:
        """Give the UTC second of a local hour; hours from 24 on fall on the following day."""
        naive = _utc_seconds(self.start) + int(day) * DAY + round(hour * HOUR)
        guess = naive - self.offset_minutes(naive) * 60
        return naive - self.offset_minutes(guess) * 60

    def local_date(self, at: int) -> date:
        """Give the local calendar date of a moment."""
        return datetime.fromtimestamp(at + self.offset_minutes(at) * 60, tz=UTC).date()

    def date_of(self, day: int) -> date:
        """Give the date of a day number (day 0 is the start; negative days lie before it)."""
        return self.start + timedelta(days=int(day))

    def day_of(self, when: date) -> int:
        """Give the day number of a date."""
        return (when - self.start).days

    def month_days(self, day_of_month: int) -> list[int]:
        """Give the day numbers, inside the period, that carry this day of the month (28 at most)."""
        return _days_of_month(self.start, self.days, day_of_month)

    def weekday_days(self, weekday: int) -> list[int]:
        """Give the day numbers, inside the period, that fall on a weekday (Monday is 0)."""
        return [day for day in range(self.days) if self.date_of(day).weekday() == weekday]

    def working_day(self, day: int) -> int:
        """Move a Saturday or Sunday to the Monday after it."""
        weekday = self.date_of(day).weekday()
        return day + 7 - weekday if weekday > 4 else day


def spread(rng: np.random.Generator, per_month: float, days: int) -> np.ndarray:
    """Draw the days on which something happens about `per_month` times in thirty days, in order."""
    return np.sort(rng.integers(0, days, rng.poisson(per_month * days / 30)))
