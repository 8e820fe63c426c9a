"""SEX-07: Circuit travel (city hopping with commercial pattern)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.proceeds import small_credits
from detectors.sight import Sight
from detectors.stays import Stays, stays
from graphs.legs import Flags, Ints, Legs, gathered


@dataclass(frozen=True, kw_only=True)
class Sex07:
    """Count the stays in other towns that come with adverts, with cash paid in or with credits of strangers.

    A stay is a run of card events in one town that is not home, of one to ten nights (`detectors.stays`). It
    counts if it shows two kinds of what such a stay costs or brings, one of them an advert, cash paid in or
    several small credits: without that, every business traveller would count. A person who tours lawfully and
    works for themselves looks exactly the same; only control or movement of the money tells them apart.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SEX-07, window: 60 d")
    weak: float = parameter(2.0, unit="stays", why="SEX-07, weak value of the catalogue")
    strong: float = parameter(5.0, unit="stays", why="SEX-07, strong value of the catalogue")
    least_stays: int = parameter(2, unit="stays", least=1, why="SEX-07, support: episodes away from home")
    kinds: int = parameter(2, unit="kinds", least=1, why="SEX-07: kinds of costs and takings that a stay must show")
    advert_hours: int = parameter(48, unit="hours", least=0, why="SEX-07: an advert so near to the arrival")
    least_credits: int = parameter(3, unit="payments", least=1, why="SEX-07: eligible credits during a stay")
    least_rides: int = parameter(3, unit="payments", least=1, why="SEX-07: local transport during a stay")
    least_meals: int = parameter(2, unit="payments", least=1, why="SEX-07: food during a stay")

    about = IndicatorAbout(
        id="SEX-07",
        title="Circuit travel (city hopping with commercial pattern)",
        question=("Does this customer move from town to town, each stop with adverts, cash or credits of strangers?"),
        meaning=(
            "The customer moves through a chain of cities for a few nights each, and each stop shows lodging, "
            "adverts, cash or incoming transfers."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("FIN20", "read", "frequent movement between locations visible in transactions"),
            Citation("FTR16", "read", "ATM activity in different cities or provinces; air and rail with lodging"),
            Citation("EUROPOL16", "read", "mobility and rotation of exploited persons as key feature"),
        ),
        innocent=(
            "touring performer",
            "auditor",
            "agency nurse",
            "sports team",
            "van-life family",
            "long-haul driver",
            "seasonal fair vendor",
        ),
        clears=(
            ("a tour, contract or agency that explains the towns and the takings: artist, trader, nurse"),
            "the customer works for themselves and keeps what comes in",
        ),
        leg="OPS",
        reliability="core",
        roles=("possibly_exploited", "possible_controller"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3"),
        needs=(
            "payments.city",
            "payments.mcc",
        ),
        reduced={
            "customers.home_city": "Home is taken to be the town where most is paid.",
            "list.adverts": "Adverts are seen by the merchant category of dating and escort services only.",
            "payments.sent_at": "Stays are told by dates only.",
        },
        by="customer",
        sentence=(
            "{stays} away from home, in {towns}, came with adverts, cash paid in or several small credits of "
            "strangers within {span}."
        ),
        numbers={"stays": "stays", "towns": "towns", "span": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the stays with takings of each customer."""
        found = stays(sight)
        working, takings = self._working(sight, found)
        every = sight.over(gathered(found.events, *takings), self.within)
        shown = every.keep(working[every.other])
        count = shown.distinct(shown.other)
        yield from sight.scores(
            self,
            shown,
            count,
            support=every.distinct(every.other),
            met=every.distinct(every.other) >= self.least_stays,
            numbers={
                "stays": count,
                "towns": shown.distinct(found.city[shown.other]),
                "span": np.full(every.groups, self.within.days),
            },
        )

    def _working(self, sight: Sight, found: Stays) -> tuple[Flags, list[Legs]]:
        """Say which stays show enough, and give the adverts, cash and credits of all, with their stay as `other`."""
        spent, came = sight.debits("customer"), sight.credits("customer")

        def during(legs: Legs) -> Ints:
            place = found.inside(sight, legs)
            return np.bincount(place[place >= 0], minlength=found.customer.size)

        adverts = spent.where(sight.adverts)
        before, after = found.arrivals(sight, adverts, self.advert_hours)
        advertised = np.isin(np.arange(found.customer.size), np.concatenate([before, after]))
        cash = came.where(sight.cash_in)
        place, city = found.inside(sight, cash), sight.codes("city")[cash.row]
        # Cash that somebody pays in elsewhere meanwhile is no part of the stay.
        cash = cash.keep((place >= 0) & ((city < 0) | (city == np.append(found.city, -1)[place])))
        small = small_credits(sight, "customer")
        brought = (during(cash) > 0) | (during(small) >= self.least_credits)
        kinds = (
            advertised.astype(np.int64)
            + brought
            + (during(spent.where(sight.merchants("lodging") | sight.listed("short-lets"))) > 0)
            + (during(spent.where(sight.merchants("transport_local"))) >= self.least_rides)
            + (during(spent.where(sight.merchants("personal_supplies"))) > 0)
            + (during(spent.where(sight.merchants("food_convenience"))) >= self.least_meals)
        )
        takings = [_of_stay(legs, found.inside(sight, legs)) for legs in (cash, small)]
        takings += [_of_stay(adverts, before), _of_stay(adverts, after)]
        return (kinds >= self.kinds) & (advertised | brought), takings


def _of_stay(legs: Legs, place: Ints) -> Legs:
    return replace(legs, other=place).keep(place >= 0)
