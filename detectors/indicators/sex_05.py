"""SEX-05: Recurrent adult-advertising or classified-ad spend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.legs import Floats, Legs


@dataclass(frozen=True, kw_only=True)
class Sex05:
    """Count payments for adverts of sexual services, for all cards of a customer together.

    Adverts are known by merchant category 7273 or by the institution's own list; the categories of advertising,
    networks and adult content alone say nothing. Where the median gap is over a week the count weighs less. Gift
    cards and crypto of the size of an advert's credit count a quarter each, and only beside an advert. Who
    advertises a service of their own looks exactly the same; category 7273 holds dating sites too.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-05, window: 30 d")
    weak: float = parameter(3.0, unit="payments", why="SEX-05, weak value of the catalogue")
    strong: float = parameter(10.0, unit="payments", why="SEX-05, strong value of the catalogue")
    least_payments: int = parameter(3, unit="payments", least=1, why="SEX-05, support: payments")
    least_days: int = parameter(2, unit="days", least=1, why="SEX-05, support: different dates")
    often: timedelta = parameter(
        timedelta(days=7), unit="time", least=timedelta(0), why="SEX-05: median gap for full credit"
    )
    seldom: float = parameter(0.6, unit="times", least=0.0, most=1.0, why="SEX-05: weight where the gap is longer")
    stored: float = parameter(0.25, unit="payments", least=0.0, why="SEX-05: weight of a gift card or crypto")
    least_credit: float = parameter(10.0, unit="u", least=0.0, why="catalogue, G-01: an advert costs 10 to 60")
    most_credit: float = parameter(60.0, unit="u", least=0.0, why="catalogue, G-01: an advert costs 10 to 60")

    about = IndicatorAbout(
        id="SEX-05",
        title="Recurrent adult-advertising or classified-ad spend",
        question="Does this customer keep paying for escort or classified adverts?",
        meaning=(
            "The customer keeps paying for escort or classified adverts, which is how most commercial sex is marketed."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("FTR16", "read", "payments for online escort adverts"),
            Citation("FTR21", "read", "escort-ad purchases"),
            Citation(
                "FIN20",
                "read",
                (
                    "frequent interaction with foreign classified sites; identifiers that appear in commercial-sex "
                    "adverts"
                ),
            ),
            Citation(
                "FATF18",
                "read",
                "spending on sites advertising trafficked persons is among the most frequent elements in HTSE cases",
            ),
        ),
        innocent=(
            "lawful independent advertiser",
            "dating-site user",
            "marketing freelancer",
            "adult-industry employer",
            "photographer",
        ),
        clears=(
            "the customer advertises a service of their own, lawfully",
            "the customer's trade is advertising, photography or the web",
        ),
        leg="OPS",
        reliability="core",
        roles=("possible_controller", "independent_worker"),
        safety=(
            "Advertising one's own service is not evidence of exploitation: needs SEX-13 or CTL to indicate a "
            "third party."
        ),
        tiers=("D1", "D3"),
        needs=("payments.mcc|list.adverts",),
        reduced={"list.adverts": "Adverts are seen by the merchant category of dating and escort services only."},
        by="customer",
        sentence="{adverts} for adverts were made on {days} within {span}.",
        numbers={"adverts": "payments", "days": "days", "span": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed payments for adverts of each customer."""
        spent = sight.debits("customer")
        small = (sight.amount >= self.least_credit) & (sight.amount <= self.most_credit)
        stored = (
            (sight.merchants("prepaid_gift") | sight.listed("gift-cards") | sight.to_crypto) & small & ~sight.adverts
        )
        every = sight.over(spent.where(sight.adverts | stored), self.within)
        adverts = every.where(sight.adverts)
        count, days = adverts.count(), every.distinct(sight.day[every.row])
        full = np.where(_gap(sight, adverts) <= microseconds(self.often), 1.0, self.seldom)
        yield from sight.scores(
            self,
            every,
            full * count + self.stored * (every.count() - count),
            support=every.count(),
            met=(count > 0) & (every.count() >= self.least_payments) & (days >= self.least_days),
            numbers={
                "adverts": count,
                "days": adverts.distinct(sight.day[adverts.row]),
                "span": np.full(every.groups, self.within.days),
            },
        )


def _gap(sight: Sight, legs: Legs) -> Floats:
    """Give the median time between one leg of a group and the next; NaN where there is only one."""
    order = np.argsort(legs.group, kind="stable")
    after = np.full(legs.row.size, -1, np.int64)
    same = np.diff(legs.group[order]) == 0
    after[order[1:][same]] = np.diff(sight.at[legs.row[order]])[same]
    followed = legs.keep(after >= 0)
    return followed.median(after[after >= 0])
