"""SEX-04: Several lodgings the same night, or lodging in the home city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.legs import combined


@dataclass(frozen=True, kw_only=True)
class Sex04:
    """Count the nights with rooms at several places, and half the nights with a room in the home town.

    A night is told by the evening, so that leaving one hotel in the morning and taking another in the afternoon is
    no night with two. Properties are told apart by the merchant; the distance between towns is not known, so that
    home is the home town alone. Charges that were reversed are no payments of the ledger: frequent booking and
    cancelling, which the catalogue would count as well, is not seen.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-04, window: 30 d")
    weak: float = parameter(2.0, unit="nights", why="SEX-04, weak value of the catalogue")
    strong: float = parameter(6.0, unit="nights", why="SEX-04, strong value of the catalogue")
    least_nights: int = parameter(2, unit="nights", least=1, why="SEX-04, support: two events")
    at_home: float = parameter(0.5, unit="nights", least=0.0, why="SEX-04: weight of a night with a room at home")

    about = IndicatorAbout(
        id="SEX-04",
        title="Several lodgings the same night, or lodging in the home city",
        question=("Does this customer pay for several places in one night, or for rooms in the own town?"),
        meaning=(
            "Two or more properties are paid for the same night, or rooms are taken repeatedly a few kilometres "
            "from home."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("GT16", "read", "several bookings per day"),
            Citation("FATF18", "recalled", "multiple rooms/hotels as operating cost"),
            Citation("FIN20", "read", "out-of-profile living costs"),
        ),
        innocent=(
            "renovation or flood",
            "guests' rooms",
            "wedding",
            "executive assistant paying for a team",
            "day-use rooms for shift workers",
        ),
        clears=(
            "an employer or family for whom rooms are booked: a team, guests, a wedding",
            "a home that cannot be lived in: fire, flood, renovation",
            ("a shelter, council or hospital that pays or refers: then it is protection, and nothing is to be done"),
        ),
        leg="OPS",
        reliability="core",
        roles=("possible_controller", "possibly_exploited"),
        safety=(
            "Rooms in the own town are also how people flee violence: check for a shelter or council before "
            "anything else."
        ),
        tiers=("D1", "D3", "D4"),
        needs=("payments.mcc|list.short-lets",),
        reduced={
            "customers.home_city": "Rooms in the home town are not seen.",
            "payments.city": "Rooms in the home town are not seen.",
            "payments.sent_at": "Leaving one hotel and taking another on the same day counts as two in one night.",
        },
        by="customer",
        sentence=(
            "{several} had charges of two or more places to stay, and {home} had a charge in the home town, "
            "within {span}."
        ),
        numbers={"several": "nights", "home": "nights", "span": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the nights at several places and at home of each customer."""
        lodging = sight.debits("customer").where(sight.merchants("lodging") | sight.listed("short-lets"))
        stays = sight.over(lodging, self.within)
        night = sight.night_of[stays.row]
        place = combined(stays.group, night, stays.other)
        _, first = np.unique(place, return_index=True)
        once = stays.keep(np.isin(np.arange(place.size), first))
        evening = combined(once.group, sight.night_of[once.row])
        _, start, places = np.unique(evening, return_index=True, return_counts=True)
        several = np.bincount(once.group[start[places >= 2]], minlength=stays.groups)
        city = sight.codes("city")[stays.row]
        here = stays.keep((city >= 0) & (sight.home_city[stays.own] == city))
        home = here.distinct(sight.night_of[here.row])
        yield from sight.scores(
            self,
            stays,
            several + self.at_home * home,
            support=several + home,
            met=several + home >= self.least_nights,
            numbers={"several": several, "home": home, "span": np.full(stays.groups, self.within.days)},
        )
