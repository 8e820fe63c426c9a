"""Stays in towns away from home: the primitive ``episodes`` of the catalogue, for all customers at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from detectors.sight import HOUR, Sight
from graphs.legs import Ints, Legs

PRESENT: Final = ("card_pos", "atm_wd")
"""Channels that say where the card was."""
GAP_HOURS: Final = 48
"""SEX-07: longest silence within a stay."""
NIGHTS: Final = (1, 10)
"""SEX-07: shortest and longest stay."""


@dataclass(frozen=True, eq=False)
class Stays:
    """Runs of card events in one town that is not home, of one to ten nights; by customer and time.

    Parameters
    ----------
    events : Legs
        The card events, by customer, with the number of the stay as `other`.
    customer, city : ndarray of int64, shape (stays,)
        Whose, and where (a number of the payments' column ``city``).
    first, last : ndarray of int64, shape (stays,)
        First and last evening, days since 1970 (`Sight.night_of`).
    begins : ndarray of int64, shape (stays,)
        Hour of arrival since 1970.
    """

    events: Legs
    customer: Ints
    city: Ints
    first: Ints
    last: Ints
    begins: Ints

    def inside(self, sight: Sight, legs: Legs) -> Ints:
        """Give the stay of its customer that each leg falls in by its evening, -1 where it falls in none."""
        subject, night = legs.subject[legs.group], sight.night_of[legs.row]
        place = np.searchsorted((self.customer << 20) + self.first, (subject << 20) + night, "right") - 1
        found = np.flatnonzero(place >= 0)
        found = found[(self.customer[place[found]] == subject[found]) & (night[found] <= self.last[place[found]])]
        return _at(place, found)

    def arrivals(self, sight: Sight, legs: Legs, hours: int) -> tuple[Ints, Ints]:
        """Give the stays that began at most so many hours before and after each leg of its customer; -1: none."""
        subject, hour = legs.subject[legs.group], sight.at[legs.row] // HOUR
        after = np.searchsorted((self.customer << 21) + self.begins, (subject << 21) + hour, "right")
        sides = []
        for place in (after - 1, after):
            found = np.flatnonzero((place >= 0) & (place < self.customer.size))
            stay = place[found]
            near = (self.customer[stay] == subject[found]) & (np.abs(self.begins[stay] - hour[found]) <= hours)
            sides.append(_at(place, found[near]))
        return sides[0], sides[1]


def _at(place: Ints, found: Ints) -> Ints:
    kept = np.full(place.size, -1, np.int64)
    kept[found] = place[found]
    return kept


def stays(sight: Sight) -> Stays:
    """Find the stays of every customer; made once. Home is the known home town, else where most is paid."""
    return sight.once("stays", lambda: _stays(sight))


def _stays(sight: Sight) -> Stays:
    seen = sight.debits("customer").where(sight.channel(*PRESENT) & (sight.codes("city") >= 0))
    order = np.lexsort((seen.row, seen.subject[seen.group]))
    customer, row, own = seen.subject[seen.group[order]], seen.row[order], seen.own[order]
    city = sight.codes("city")[row]
    usual, _ = seen.top(sight.codes("city")[seen.row], np.ones(seen.row.size))
    home = np.where(sight.home_city[own] == -1, usual[seen.group[order]], sight.home_city[own])
    silence = np.diff(sight.at[row]) > GAP_HOURS * HOUR
    begins = np.append(True, (np.diff(customer) != 0) | (np.diff(city) != 0) | silence)[: row.size]
    run = np.cumsum(begins) - 1
    start = np.flatnonzero(begins)
    end = np.append(start[1:], row.size)[: start.size] - 1
    nights = sight.day[row[end]] - sight.day[row[start]]
    kept = (city[start] != home[start]) & (nights >= NIGHTS[0]) & (nights <= NIGHTS[1])
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    of_leg = np.empty(seen.row.size, np.int64)
    of_leg[order] = number[run]
    start, end = start[kept], end[kept]
    return Stays(
        events=replace(seen, other=of_leg).keep(of_leg >= 0),
        customer=customer[start],
        city=city[start],
        first=sight.night_of[row[start]],
        last=sight.night_of[row[end]],
        begins=sight.at[row[start]] // HOUR,
    )
