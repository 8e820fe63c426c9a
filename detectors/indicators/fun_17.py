"""FUN-17: Turnover far above declared profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.declared import declared
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Fun17:
    """Give how many times the money in doubles what the holder declared to earn or turn over in that time.

    All accounts of a customer together, without transfers between them, loans, and refunds by merchants to private
    holders. Whoever declared nothing has no score. The occupation plays no part but by the declared sum itself, which
    is out of date more often than anything else.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="FUN-17, window: 90 d")
    weak: float = parameter(2.0, unit="doublings", why="FUN-17, weak value of the catalogue")
    strong: float = parameter(6.0, unit="doublings", why="FUN-17, strong value of the catalogue")

    about = IndicatorAbout(
        id="FUN-17",
        title="Turnover far above declared profile",
        question="Does far more money come in than the holder's declared work or business could bring?",
        meaning="The money moving is many times what the customer's job or business could produce.",
        of=("all types",),
        cited=(
            Citation("FIN20", "read", "activity outside expected profile"),
            Citation("AUS21K", "read", "unemployed, retired or student holders"),
            Citation("AMLTRIX", "read", "profile-mismatch items"),
        ),
        innocent=(
            "asset sale",
            "inheritance",
            "stale KYC",
            "bonus",
            "self-employment not yet declared",
        ),
        clears=(
            "the declared sum is out of date: ask operations to refresh it first",
            "a sale, an inheritance, a bonus or work for oneself, for which there are papers",
        ),
        leg="CTX",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="Stale KYC is the most common cause; ask operations to refresh before alerting.",
        tiers=("D1", "D4"),
        needs=("customers.declared_income|customers.declared_turnover",),
        by="customer",
        sentence="{inflow} came in within {span} by {credits}; by what was declared it would be {expected}.",
        numbers={"inflow": "u", "span": "days", "credits": "payments", "expected": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the doublings of the declared sum for each customer."""
        earned = sight.credits("customer").where(~sight.purpose("LOAN"))
        refund = sight.of_class("mer")[earned.other] & sight.private[earned.own]
        came = sight.over(earned.keep(~refund), self.within)
        own, _ = came.top(came.own, sight.amount[came.row])
        expected = declared(sight)[own] * (self.within / timedelta(days=365))
        inflow = came.total(sight.amount)
        yield from sight.scores(
            self,
            came,
            np.log2(np.maximum(inflow, 0.01) / np.where(np.isnan(expected), 1.0, expected)),
            support=came.count(),
            met=~np.isnan(expected),
            numbers={
                "inflow": inflow,
                "span": np.full(came.groups, self.within.days),
                "credits": came.count(),
                "expected": np.nan_to_num(expected),
            },
        )
