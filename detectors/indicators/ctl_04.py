"""CTL-04: Co-travelling cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.presence import card_uses, home_town, place_of
from detectors.sight import Sight
from detectors.survey import Survey
from graphs.legs import Floats, Ints, legs_of


@dataclass(frozen=True, kw_only=True)
class Ctl04:
    """Count how often the cards of two customers appear minutes apart in the same place, away from home, beyond chance.

    A meeting is a use of either card at one terminal or merchant within a quarter of an hour, in a city that is not
    home to both; meetings of a day at one place are one. Chance is what there would be if the other's uses fell on
    places and times as those of everybody else do; only pairs far beyond it count, with meetings in two cities or
    more. Members of one household, and pairs who pay each other, are left out. Colleagues on a trip look the same.
    Where no home town is known, it is the town where most is paid.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CTL-04, window: 60 d")
    weak: float = parameter(3.0, unit="times", why="CTL-04, weak value of the catalogue")
    strong: float = parameter(8.0, unit="times", why="CTL-04, strong value of the catalogue")
    close: timedelta = parameter(
        timedelta(minutes=15), unit="time", least=timedelta(0), why="CTL-04: within 15 minutes"
    )
    next_uses: int = parameter(5, unit="payments", least=1, why="ours: uses that follow at one place and are compared")
    beyond: float = parameter(4.0, unit="deviations", least=0.0, why="CTL-04: z above which a pair counts")
    least_cities: int = parameter(2, unit="cities", least=1, why="CTL-04, support: cities")

    about = IndicatorAbout(
        id="CTL-04",
        title="Co-travelling cards",
        question="Do cards of unrelated customers appear minutes apart in the same places, far from home?",
        meaning="Cards of different unrelated customers keep appearing minutes apart in the same places far from home.",
        of=("sexual exploitation", "forced labour"),
        cited=(
            Citation("FIN20", "read", "movement pattern; third party escorting"),
            Citation("FATF18", "recalled", "exploited persons moved together"),
            Citation("ABN", "recalled", "network variables"),
        ),
        innocent=(
            "colleagues on a trip",
            "band",
            "sports club",
            "couple with separate accounts",
            "school trip",
        ),
        clears=(
            "they are colleagues, a band, a team or a couple on a trip they chose",
            "recordings show each card used by its holder",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D2", "D3"),
        needs=("payments.sent_at", "payments.city"),
        reduced={
            "payments.terminal_id": ("Uses at one merchant are taken for one place, however many tills it has."),
            "customers.home_city": "Home is taken to be the town where most is paid.",
            "customers.household_id": "Members of one household count as unrelated.",
        },
        by="account",
        sentence=(
            "The cards of two customers were used minutes apart {meetings} in {cities} away from home; chance "
            "would be {chance}."
        ),
        numbers={"meetings": "times", "cities": "cities", "chance": ""},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the uses of cards, and what the holders of accounts here pay each other."""
        self._span(sight)
        uses = card_uses(sight)
        between = np.flatnonzero(sight.own[sight.payer] & sight.own[sight.payee])
        return np.concatenate([uses[sight.owned[sight.payer[uses]]], between])

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the meetings beyond chance, for both customers of each pair."""
        uses = card_uses(sight)
        low, high, one, other = self._meetings(sight, uses)
        nodes = sight.graph.nodes
        pairs, pair = np.unique(low * nodes + high, return_inverse=True)
        _, day = np.unique(place_of(sight)[one] * 2**20 + sight.day[one], return_inverse=True)
        row = np.concatenate([one, other])
        order = np.argsort(row, kind="stable")
        both = [np.concatenate([part, part])[order] for part in (pair.ravel(), day.ravel())]
        met = sight.over(legs_of(both[0], row[order], both[1], sight.payer[row[order]]), self.within)
        chance = self._chance(sight, uses, pairs // nodes, pairs % nodes, np.bincount(pair.ravel()))[met.subject]
        meetings = met.distinct(met.other)
        cities = met.distinct(sight.codes("city")[met.row])
        deviations = (meetings - chance) / np.sqrt(np.maximum(chance, LEAST_CHANCE))
        yield from sight.cluster_scores(
            self,
            met,
            meetings - chance,
            support=cities,
            met=(cities >= self.least_cities) & (deviations > self.beyond),
            numbers={"meetings": meetings, "cities": cities, "chance": np.round(chance, 1)},
            role="possibly_exploited",
        )

    def _meetings(self, sight: Sight, uses: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Give the two customers and the two uses of each meeting."""
        place, city, home = place_of(sight), sight.codes("city"), home_town(sight)
        order = uses[np.lexsort((uses, place[uses]))]
        found = [np.empty((0, 4), np.int64)]
        for step in range(1, self.next_uses + 1):
            one, other = order[:-step], order[step:]
            payer, payee = sight.payer[one], sight.payer[other]
            near = (place[one] == place[other]) & (sight.at[other] - sight.at[one] <= microseconds(self.close))
            near &= sight.household[payer] != sight.household[payee]
            near &= (home[payer] != city[one]) | (home[payee] != city[other])
            first, second = sight.customer[payer[near]], sight.customer[payee[near]]
            pair = (np.minimum(first, second), np.maximum(first, second), one[near], other[near])
            found.append(np.column_stack(pair))
        low, high, one, other = np.concatenate(found).T
        # Whoever pays each other know each other.
        nodes = sight.graph.nodes
        payer, payee = sight.customer[sight.payer], sight.customer[sight.payee]
        known = np.isin(low * nodes + high, np.unique(np.minimum(payer, payee) * nodes + np.maximum(payer, payee)))
        return low[~known], high[~known], one[~known], other[~known]

    def _span(self, sight: Sight) -> int:
        """Give the time from the first payment of all to the last."""
        at = sight.everybody(ENDS)["at"]
        return int(pc.max(at).as_py() - pc.min(at).as_py())

    def _chance(self, sight: Sight, uses: Ints, low: Ints, high: Ints, met: Ints) -> Floats:
        """Give the meetings of each pair in a stretch if the uses of either fell where and when those of others do."""
        size = sight.at.size + 1
        key = np.sort(place_of(sight)[uses] * size + uses)
        at, close = sight.at[uses], microseconds(self.close)
        begin, end = np.searchsorted(sight.at, at - close, "left"), np.searchsorted(sight.at, at + close, "right")
        place = place_of(sight)[uses] * size
        around = np.searchsorted(key, place + end) - np.searchsorted(key, place + begin) - 1
        people = sight.customer[sight.payer[uses]]
        used = np.bincount(people, minlength=sight.graph.nodes)
        beside = np.bincount(people, weights=around, minlength=sight.graph.nodes)
        # The meetings of the pair itself say nothing of how the others fall.
        others = [np.maximum(beside[who] - met, 0) for who in (low, high)]
        share = np.minimum(1.0, self.within / timedelta(microseconds=max(self._span(sight), 1)))
        return np.asarray(share * (used[high] * others[0] + used[low] * others[1]) / (2 * max(uses.size, 1)))


def _ends(sight: Sight) -> pa.Table:
    """Give the times of the first and the last payment of the window: one end of each lies in it whole."""
    rows = np.array([0, -1])
    whose = np.where(sight.owned[sight.payer[rows]], sight.payer[rows], sight.payee[rows])
    return pa.table({"of": whose, "at": sight.at[rows]})


ENDS: Final = Survey("first and last", _ends)


LEAST_CHANCE: Final = 0.25
"""Chance is never taken to be less: three meetings must still be far beyond it."""
