"""Where people are: at home, in the next town, or on a journey; what they do then happens there."""

from __future__ import annotations

import numpy as np

from sample_data.chance import picked, stream
from sample_data.clock import HOUR, YEAR_OF_TRIPS, Clock
from sample_data.places import (
    ABROAD_WEIGHTS,
    CITY_COUNT,
    CITY_ZONE,
    TOWN_COUNT,
    TOWN_WEIGHTS,
    Places,
    prices,
    trade,
)
from sample_data.population import Population
from sample_data.postings import CHANNEL, Journal

# Journeys a month of somebody of activity 1, and the share of them that leads abroad. Ours.
JOURNEYS, ABROAD_SHARE = 0.13, 0.3
# With family or friends, or in a hotel.
IN_HOTELS = 0.6


class Whereabouts:
    """The city of every person on the day that is being lived.

    Parameters
    ----------
    population, places, clock : Population, Places, Clock
        The bank.
    seed : int
        Decides who travels when.
    """

    def __init__(self, population: Population, places: Places, clock: Clock, seed: int) -> None:
        self._population, self._places, self._clock, self._seed = population, places, clock, seed
        self.city = population.city.copy()
        self._until = np.zeros(population.count, dtype=np.int64)
        self._planned: dict[int, list[tuple[int, int, int]]] = {}

    def plan(self, person: int, day: int, nights: int, city: int) -> None:
        """Send somebody on a journey later on; what they pay for it is whoever's who plans it."""
        self._planned.setdefault(day, []).append((person, nights, city))

    def travel(self, day: int, journal: Journal) -> None:
        """Let people come home and set out."""
        people, rng = self._population, stream(self._seed, "journeys", day)
        self.city = np.where(self._until <= day, people.city, self.city)
        n = people.people_count
        weights = np.cumsum(people.activity[:n])
        season = YEAR_OF_TRIPS[self._clock.date_of(day).month - 1]
        leaving = rng.poisson(weights[-1] * JOURNEYS / 30.4 * season * (1.6 if self._clock.weekday(day) > 3 else 0.75))
        who = np.unique(np.searchsorted(weights, rng.random(leaving) * weights[-1]))
        who = who[(self._until[who] <= day) & (people.opened[who] < day)]
        abroad = rng.random(len(who)) < ABROAD_SHARE
        city = np.where(
            abroad,
            TOWN_COUNT + rng.choice(CITY_COUNT - TOWN_COUNT, len(who), p=ABROAD_WEIGHTS),
            rng.choice(TOWN_COUNT, len(who), p=TOWN_WEIGHTS),
        )
        nights = np.where(abroad, rng.integers(3, 15, len(who)), rng.geometric(0.35, len(who)))
        self.city[who], self._until[who] = city, day + nights
        rooms = who[rng.random(len(who)) < IN_HOTELS]
        self.pay_hotel(journal, rng, rooms, day, self._until[rooms] - day, self.city[rooms])
        for person, stay, town in self._planned.pop(day, ()):
            self.city[person], self._until[person] = town, day + stay

    def pay_hotel(
        self,
        journal: Journal,
        rng: np.random.Generator,
        who: np.ndarray,
        day: int,
        nights: np.ndarray,
        city: np.ndarray,
    ) -> None:
        """Pay a stay: half of the people at once, the others night by night."""
        each = rng.random(len(who)) < 0.5
        times = np.where(each, np.minimum(nights, 28), 1)
        rows = np.repeat(np.arange(len(who)), times)
        which = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        kind = np.full(len(who), trade("hotel"))
        night = prices(rng, kind)
        place = self._places.found(rng, kind, city, who, loyal=0.0)[rows]
        journal.post(
            len(rows),
            at=self._clock.moment(
                day + which, picked(rng, np.array([17, 18, 19, 20, 21]), len(rows)) * HOUR, CITY_ZONE[city[rows]]
            )
            + rng.integers(0, HOUR, len(rows)),
            payer=who[rows],
            payee=self._places.node[place],
            amount=np.where(each, night, night * nights)[rows],
            channel=CHANNEL["card_pos"],
            place=place,
            zone=CITY_ZONE[city[rows]],
        )
