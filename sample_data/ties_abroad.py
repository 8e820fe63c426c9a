"""Ordinary people and firms with a life across a border: a family or a house there, suppliers there.

Without them an account that pays abroad a good deal would be a planted one.
"""

from __future__ import annotations

import numpy as np

from sample_data.chance import picked, share_of
from sample_data.clock import Clock, hours_drawn
from sample_data.nodes import HOME, Nodes
from sample_data.population import Population
from sample_data.postings import CHANNEL, Journal
from sample_data.recurring import ACTIVE

# Shares: of people whose account is their everyday one, and of those who keep a sleepy one beside another bank. Ours.
EVERYDAY, KEPT_FOR_IT = 0.035, 0.3
MONTHLY = 5.0
# Most pay one or two people or firms there, some a few.
MOST_PARTNERS = 4
ACROSS = np.array([CHANNEL["instant"]] * 4 + [CHANNEL["sct"]] * 4 + [CHANNEL["wire"]] * 2)


class TiesAbroad:
    """Who has them, and what a day brings.

    Parameters
    ----------
    population, clock, journal, graph : Population, Clock, Journal, Nodes
        The bank.
    seed : int
        Decides who, and whom they pay.
    """

    def __init__(self, population: Population, clock: Clock, journal: Journal, graph: Nodes, seed: int) -> None:
        self._people, self._clock, self._journal, self._seed = population, clock, journal, seed + 41
        everybody = np.arange(population.people_count)
        share = np.where(population.activity[: population.people_count] > ACTIVE, EVERYDAY, KEPT_FOR_IT)
        self._who = np.flatnonzero(share_of(self._seed, everybody) < share)
        countries = graph.countries[population.outside_people]
        # One country's people beside each other.
        order = np.argsort(countries, kind="stable")[np.count_nonzero(countries == HOME) :]
        self._known, self._countries = population.outside_people[order], countries[order]

    def live(self, day: int, rng: np.random.Generator) -> None:
        """Post what a day brings: money for a house, a family, a joint till there; now and then some comes back."""
        people, who = self._people, self._who
        who = who[(people.opened[who] <= day) & (day < people.closed[who])]
        # From a payment a month to one every other day.
        often = MONTHLY * np.exp(2.2 * (share_of(self._seed, who, np.full(len(who), 1)) - 0.5))
        who = np.repeat(who, rng.poisson(often / 30.4))
        which = (MOST_PARTNERS * rng.random(len(who)) ** 3).astype(np.int64)
        partner = self._partner(who, which)
        out = rng.random(len(who)) < 0.85
        minor = people.wage[who] * np.exp(rng.normal(np.log(0.05), 0.9, len(who)))
        minor = np.where(rng.random(len(who)) < 0.6, np.rint(minor / 1_000) * 1_000, minor)
        self._journal.post(
            len(who),
            at=self._clock.moment(day, hours_drawn(rng, "friends", len(who))),
            payer=np.where(out, who, partner),
            payee=np.where(out, partner, who),
            amount=np.maximum(minor, 500).astype(np.int64),
            channel=picked(rng, ACROSS, len(who)),
        )

    def _partner(self, who: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Give somebody's partner of a number: always the same, and all of them in one country."""
        country = self._countries[(share_of(self._seed, who, np.full(len(who), 2)) * len(self._known)).astype(np.int64)]
        begin = np.searchsorted(self._countries, country, side="left")
        end = np.searchsorted(self._countries, country, side="right")
        row = begin + (share_of(self._seed, who, which, np.full(len(who), 3)) * (end - begin)).astype(np.int64)
        found: np.ndarray = self._known[row]
        return found
