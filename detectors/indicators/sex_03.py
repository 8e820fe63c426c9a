"""SEX-03: Lodging density."""

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
class Sex03:
    """Count the days with lodging, for all cards of a customer together.

    A day with payments to several lodgings counts half a day more for each further one. Lodging is known by the
    merchant's category, or by its name where the institution keeps a list of short lets. Rooms paid in cash are not
    seen, and nothing is inferred from meals or rides near hotels.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-03, window: 30 d")
    weak: float = parameter(6.0, unit="days", why="SEX-03, weak value of the catalogue")
    strong: float = parameter(15.0, unit="days", why="SEX-03, strong value of the catalogue")
    least_days: int = parameter(4, unit="days", least=1, why="SEX-03, support: distinct days with lodging")

    about = IndicatorAbout(
        id="SEX-03",
        title="Lodging density",
        question="Does this customer pay for lodging far more often than a traveller would?",
        meaning=(
            "The customer pays for hotels, motels or short-term rentals far more often than a traveller or "
            "tourist would."
        ),
        of=("sexual exploitation", "smuggling"),
        cited=(
            Citation("GT16", "read", "2-3 bookings a day, 4-5 a week or 15-20 a month as unreasonable patterns"),
            Citation("FTR16", "read", "frequent hotel and motel bookings"),
            Citation("FTR21", "read", "hotel bills settled in cash"),
            Citation("FIN20", "read", "living and transport costs out of profile"),
            Citation("AMLTRIX", "read", "IND03033"),
        ),
        innocent=(
            "sales representative",
            "trucker",
            "travelling nurse",
            "construction crew",
            "touring artist",
            "relative of a hospital patient",
            "family in emergency housing or fleeing abuse",
            "events staff",
        ),
        clears=(
            "an employer, agency or hospital that explains the nights away",
            "a shelter or council pays or refers: then it is protection, and nothing is to be done",
        ),
        leg="OPS",
        reliability="core",
        roles=("possibly_exploited", "possible_controller"),
        safety=(
            "Repeated local lodging is also how people flee violence. Check for shelter/council payer before "
            "escalation."
        ),
        tiers=("D1", "D3"),
        needs=("payments.mcc|list.short-lets",),
        reduced={
            "list.short-lets": "Short lets are seen by their merchant category only.",
        },
        by="customer",
        sentence=("Lodging was paid on {days} within {span}, at {places}."),
        numbers={"days": "days", "span": "days", "places": "places"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the days with lodging of each customer."""
        lodging = sight.debits("customer").where(sight.merchants("lodging") | sight.listed("short-lets"))
        stays = sight.over(lodging, self.within)
        day = sight.day[stays.row] - int(sight.day.min(initial=0))
        days = stays.distinct(day)
        at_places = stays.distinct(combined(day, stays.other))
        yield from sight.scores(
            self,
            stays,
            days + 0.5 * (at_places - days),
            support=days,
            met=days >= self.least_days,
            numbers={
                "days": days,
                "span": np.full(stays.groups, self.within.days),
                "places": stays.distinct(stays.other),
            },
        )
