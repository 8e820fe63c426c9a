"""The calendar: days, local hours in several time zones, and the rhythms of day, week and year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

DAY, HOUR = 86_400, 3_600
HOME_ZONE = 0
ZONES = (
    "Europe/Paris",
    "Europe/London",
    "Europe/Athens",
    "Europe/Istanbul",
    "Africa/Casablanca",
    "America/New_York",
    "Asia/Dubai",
    "Asia/Bangkok",
    "Asia/Manila",
)

# Shares of the 24 local hours. Ours; docs/simulator.md sets them beside real ones.
HOURS = {
    "shop": (0, 0, 0, 0, 0, 0, 1, 3, 6, 9, 11, 11, 10, 7, 8, 9, 11, 13, 12, 7, 3, 1, 0, 0),
    "meal": (1, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 6, 18, 14, 4, 2, 2, 3, 8, 13, 11, 7, 3, 2),
    "night": (9, 6, 4, 2, 1, 0, 0, 0, 0, 0, 0, 1, 2, 2, 1, 2, 3, 5, 7, 8, 9, 11, 13, 13),
    "commute": (2, 1, 1, 0, 0, 2, 6, 12, 11, 5, 4, 4, 5, 4, 4, 5, 8, 11, 9, 6, 4, 3, 3, 2),
    "web": (2, 1, 1, 0, 0, 0, 1, 3, 4, 5, 6, 6, 6, 5, 5, 5, 5, 5, 6, 8, 10, 10, 8, 4),
    "friends": (4, 2, 1, 1, 0, 0, 1, 2, 4, 5, 6, 6, 7, 6, 6, 6, 6, 7, 8, 8, 8, 8, 7, 6),
    "office": (0, 0, 0, 0, 0, 0, 1, 4, 12, 16, 15, 12, 5, 8, 12, 10, 6, 3, 1, 0, 0, 0, 0, 0),
    "cash": (1, 1, 0, 0, 0, 0, 1, 3, 6, 9, 10, 11, 10, 8, 7, 8, 10, 11, 9, 6, 4, 3, 3, 2),
    "closing": (3, 1, 0, 0, 0, 0, 0, 2, 5, 6, 5, 4, 4, 4, 5, 6, 6, 8, 13, 13, 9, 6, 5, 4),
    "morning": (0, 0, 0, 0, 2, 9, 14, 14, 12, 10, 8, 6, 5, 4, 3, 3, 2, 2, 2, 2, 1, 1, 0, 0),
    "batch": (0, 0, 0, 4, 9, 9, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}
"""Local hours at which people do things, by kind of day's business."""
HOUR_NAMES = tuple(HOURS)
_HOUR_ENDS = np.cumsum(np.array([HOURS[name] for name in HOUR_NAMES], dtype=float), axis=1)
_HOUR_ENDS /= _HOUR_ENDS[:, -1:]

# Monday first. Ours.
WEEK_OF_SHOPS = np.array([0.90, 0.92, 0.95, 1.0, 1.2, 1.35, 0.68])
WEEK_OF_EVENINGS = np.array([0.7, 0.75, 0.85, 1.0, 1.45, 1.6, 0.9])
# January first: sales, summer holidays, the weeks before the new year. Ours.
YEAR_OF_SHOPS = np.array([0.96, 0.92, 0.97, 0.98, 1.0, 1.02, 1.03, 0.98, 0.98, 0.99, 1.05, 1.2])
YEAR_OF_TRIPS = np.array([0.6, 0.9, 0.7, 1.1, 1.0, 1.1, 1.9, 2.1, 0.9, 0.8, 0.6, 1.1])


def hours_drawn(rng: np.random.Generator, names: str | np.ndarray, count: int) -> np.ndarray:
    """Draw seconds of the local day after a rhythm of `HOURS`: one name, or a row number of `HOUR_NAMES` for each."""
    draws = rng.random(count)
    if isinstance(names, str):
        ends = _HOUR_ENDS[HOUR_NAMES.index(names)]
        hour = np.searchsorted(ends, draws, side="right")
    else:
        # Rows lie one above the other, so that one search finds every row's hour.
        laid = (_HOUR_ENDS + np.arange(len(HOUR_NAMES))[:, None]).ravel()
        hour = np.searchsorted(laid, draws + names, side="right") - 24 * np.asarray(names)
    return hour * HOUR + rng.integers(0, HOUR, count)


@dataclass(frozen=True)
class Clock:
    """Turn "day 12, 21:30 in Athens" into UTC seconds and back.

    Parameters
    ----------
    start : datetime.date
        Day 0 in the bank's own time zone; days before it are negative.
    days : int
        How many days there are.
    """

    start: date
    days: int

    @cached_property
    def _epoch(self) -> int:
        return (self.start - date(1970, 1, 1)).days

    @cached_property
    def _changes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each zone the UTC seconds from which on an offset (in seconds) holds."""
        return [self._changes_of(ZoneInfo(name)) for name in ZONES]

    def _changes_of(self, zone: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
        def offset(at: int) -> int:
            shift = datetime.fromtimestamp(at, tz=UTC).astimezone(zone).utcoffset()
            return int(shift.total_seconds()) if shift is not None else 0

        first = (self._epoch - 60) * DAY
        moments, offsets = [first], [offset(first)]
        for day in range(self._epoch - 60, self._epoch + self.days + 120):
            if offset((day + 1) * DAY) != offsets[-1]:
                change = next(
                    at for at in range(day * DAY, (day + 1) * DAY + 1, HOUR // 2) if offset(at) != offsets[-1]
                )
                moments.append(change)
                offsets.append(offset(change))
        return np.array(moments), np.array(offsets)

    def offset_s(self, at: np.ndarray, zone: np.ndarray | int = HOME_ZONE) -> np.ndarray:
        """Give local time minus UTC, in seconds, at moments in UTC seconds."""
        at = np.asarray(at, dtype=np.int64)
        if np.ndim(zone) == 0:
            moments, offsets = self._changes[int(zone)]
            return offsets[np.maximum(np.searchsorted(moments, at, side="right") - 1, 0)]
        out = np.empty(at.shape, dtype=np.int64)
        for one in np.unique(zone):
            mask = zone == one
            out[mask] = self.offset_s(at[mask], int(one))
        return out

    def moment(
        self, day: np.ndarray | float, second: np.ndarray | float, zone: np.ndarray | int = HOME_ZONE
    ) -> np.ndarray:
        """Give the UTC second of a second of a local day; seconds beyond the day fall on the following days."""
        naive = (np.asarray(day, dtype=np.int64) + self._epoch) * DAY + np.asarray(second, dtype=np.int64)
        guess = naive - self.offset_s(naive, zone)
        moment: np.ndarray = naive - self.offset_s(guess, zone)
        return moment

    def local_day(self, at: np.ndarray) -> np.ndarray:
        """Give the day numbers in the bank's own zone; bookings carry this date."""
        day: np.ndarray = (np.asarray(at) + self.offset_s(at)) // DAY - self._epoch
        return day

    def date_of(self, day: int) -> date:
        """Give the date of a day number."""
        return self.start + timedelta(days=int(day))

    def date32(self, days: np.ndarray) -> np.ndarray:
        """Give day numbers as days since 1970, as Arrow keeps dates."""
        return (np.asarray(days) + self._epoch).astype(np.int32)

    def weekday(self, day: int) -> int:
        """Give the weekday, Monday 0."""
        return self.date_of(day).weekday()

    def is_working_day(self, day: int) -> bool:
        """Say whether banks settle: Monday to Friday but for the fixed holidays of the TARGET calendar."""
        on = self.date_of(day)
        return on.weekday() < 5 and (on.month, on.day) not in {(1, 1), (5, 1), (12, 25), (12, 26)}

    def month_from(self, day: int) -> range:
        """Give the days from this one to the end of its month, whether or not the bank's period ends before."""
        on = self.date_of(day)
        following = (on.replace(day=1) + timedelta(days=32)).replace(day=1)
        return range(day, day + (following - on).days)

    def due(self, day: int) -> list[int]:
        """Give the days of the month whose batch payments settle on this day: none on a weekend, three on a Monday."""
        if not self.is_working_day(day):
            return []
        waiting = [day]
        while not self.is_working_day(waiting[-1] - 1):
            waiting.append(waiting[-1] - 1)
        return [self.date_of(one).day for one in waiting]
