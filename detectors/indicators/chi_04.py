"""CHI-04: Escalation followed by travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import followed
from detectors.sight import DAY, Sight
from detectors.small_abroad import abroad, small_abroad
from detectors.stays import PRESENT
from graphs.legs import Flags, Floats, Ints, Legs, joined, legs_of


@dataclass(frozen=True, kw_only=True)
class Chi04:
    """Say whether small payments abroad grew by half over three months and were followed by travel to the same country.

    Asked only where CHI-01 would score 0.3 or more. Months are thirty days, counted back from the end of the
    stretch; travel is a card used in the country of a recipient, lodging and flights sold there included, within
    ninety days after a payment to it. A ticket sold elsewhere does not say where it leads, so that the alarm comes
    with the first use of a card there. Each of the two alone scores nothing.
    """

    within: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(hours=1), why="CHI-04, window: 180 d"
    )
    weak: float = parameter(1.0, unit="signs", why="CHI-04, weak value of the catalogue")
    strong: float = parameter(2.0, unit="signs", why="CHI-04, strong value of the catalogue")
    grown: float = parameter(1.5, unit="times", least=1.0, why="CHI-04: the monthly total grew by 50 % or more")
    months: int = parameter(3, unit="months", least=1, why="CHI-04: over three months")
    after: timedelta = parameter(
        timedelta(days=90), unit="time", least=timedelta(days=1), why="CHI-04: travel within 90 d"
    )
    recurring: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(days=1), why="CHI-01, window: 60 d"
    )
    least_value: float = parameter(
        4.5, unit="recipients", least=0.0, why="CHI-04, support: the value at which CHI-01 is 0.3"
    )

    about = IndicatorAbout(
        id="CHI-04",
        title="Escalation followed by travel",
        question="Did small payments abroad grow, and did travel to the recipients' country follow?",
        meaning=(
            "Payments grow in size or frequency and are followed by a flight or lodging in the recipients' country."
        ),
        of=("online child sexual exploitation (buyer)",),
        cited=(
            Citation("AUS22C", "read", "escalation then airline ticket"),
            Citation("FTR20", "recalled", "travel to source country"),
            Citation("FATF25", "recalled", "travel link"),
        ),
        innocent=(
            "visiting partner or family",
            "business trip",
        ),
        clears=(
            "a partner or family there, visited",
            "a business trip that an employer explains",
        ),
        leg="CTX",
        reliability="core",
        roles=("possible_buyer",),
        safety=(
            "Time-critical: a child may be in danger. Use the emergency way of reporting; never contact the "
            "account holder."
        ),
        tiers=("D1", "D3"),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
            "payments.country",
        ),
        reduced={"payments.mcc": "Lodging and flights that were sold in the country by remote card are not seen."},
        version=2,
        by="customer",
        sentence=(
            "Small payments abroad grew {growth} over three months, and {travel} in a recipient's country "
            "followed within {span}."
        ),
        numbers={"growth": "times", "travel": "payments", "span": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give one for growth and one for travel, for each customer."""
        sent = sight.over(small_abroad(sight), self.within)
        trips = sight.over(sight.debits("customer").where(self._travel(sight)), self.within, like=sent)
        growth = self._growth(sight, sent)
        grew, went = growth >= self.grown, trips.count() > 0
        recent = abroad(sight, self.recurring)
        often = np.unique(recent.payments.subject[recent.met & (recent.value >= self.least_value)])
        yield from sight.scores(
            self,
            joined(sent, trips),
            grew.astype(np.int64) + went,
            support=sent.count(),
            met=np.isin(sent.subject, often),
            numbers={
                "growth": growth,
                "travel": trips.count(),
                "span": np.full(sent.groups, self.after.days),
            },
            others=sent,
        )

    def _growth(self, sight: Sight, sent: Legs) -> Floats:
        """Give the most that a month's total is of that of three months before, in each stretch."""
        step = -(-microseconds(self.within) // sight.given.looks)
        stop = sight.end - sent.stretch * step
        month = (stop[sent.group] - 1 - sight.at[sent.row]) // (MONTH_DAYS * DAY)
        count = self.within // timedelta(days=MONTH_DAYS)
        total = np.zeros((sent.groups, count))
        np.add.at(total, (sent.group[month < count], month[month < count]), sight.amount[sent.row[month < count]])
        before, now = total[:, self.months :], total[:, : max(count - self.months, 0)]
        growth: Floats = np.max(np.where(before > 0, now / np.maximum(before, 0.01), 0.0), axis=1, initial=0.0)
        return growth

    def _travel(self, sight: Sight) -> Flags:
        """Say which payments show the payer in a country to which they sent a small payment not long before."""
        spent = sight.debits("customer").where(sight.channel(*PRESENT) | sight.merchants("lodging", "airline"))
        countries = {code: number for number, code in enumerate(sight.values("payee_country"))}
        here = np.array([*(countries.get(code, -1) for code in sight.values("country")), -1], np.int64)
        at_place = _by_country(spent, here[sight.codes("country")][spent.row], len(countries))
        sent = small_abroad(sight)
        to_place = _by_country(sent, sight.codes("payee_country")[sent.row], len(countries))
        flags = np.zeros(sight.at.size, np.bool_)
        flags[at_place.row[followed(sight, to_place, at_place, self.after) >= 0]] = True
        return flags


MONTH_DAYS: Final = 30


def _by_country(legs: Legs, country: Ints, countries: int) -> Legs:
    """Group legs by customer and country; those of an unknown one are left out."""
    known = legs.keep(country >= 0)
    subject = known.subject[known.group] * max(countries, 1) + country[country >= 0]
    return legs_of(subject, known.row, known.other, known.own)
