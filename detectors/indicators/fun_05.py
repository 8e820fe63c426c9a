"""FUN-05: Fan-in of unrelated payers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Fun05:
    """Count the different unrelated payers of a private account.

    Unrelated are those to whom no payment went back within half a year and who share no household, wage, benefit or
    rent with the holder. Fires on nearly every small seller, so that no gate stands on it. How seldom so many payers
    are among accounts alike is said by the motif `fan-in`, which asks peers in an earlier span.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-05, window: 30 d")
    weak: float = parameter(10.0, unit="payers", why="FUN-05, weak value of the catalogue")
    strong: float = parameter(40.0, unit="payers", why="FUN-05, strong value of the catalogue")
    least_payers: int = parameter(10, unit="payers", least=2, why="FUN-05, support: payers")

    about = IndicatorAbout(
        id="FUN-05",
        title="Fan-in of unrelated payers",
        question="Do far more different people pay this private account than is usual?",
        meaning="Far more different people pay this personal account than is normal for such a customer.",
        of=("all types",),
        cited=(
            Citation("AMLTRIX", "read", "IND03016"),
            Citation("FIN23S", "read", "many individuals into one account"),
        ),
        innocent=(
            "gift collection",
            "club treasurer",
            "online seller",
            "landlord",
            "babysitter",
            "streamer",
        ),
        clears=(
            "the holder sells, teaches, lets rooms or collects for a club, class or gift, and says so to payers",
            "a declared small trade fits payers and amounts",
        ),
        leg="REV",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="Sellers, tutors and treasurers look like this; on its own it says nothing. A person decides.",
        tiers=("D1",),
        needs=(),
        by="account",
        sentence="{payers} unrelated to the holder paid it {total} by {credits} within {span}.",
        numbers={"payers": "payers", "total": "u", "credits": "payments", "span": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the unrelated payers of each private account."""
        everything = sight.credits()
        private = everything.keep(sight.private[everything.own])
        strangers = sight.over(private.keep(sight.unrelated(private)), self.within)
        payers = strangers.distinct(strangers.other)
        yield from sight.scores(
            self,
            strangers,
            payers,
            support=payers,
            met=payers >= self.least_payers,
            numbers={
                "payers": payers,
                "total": strangers.total(sight.amount),
                "credits": strangers.count(),
                "span": np.full(strangers.groups, self.within.days),
            },
        )
