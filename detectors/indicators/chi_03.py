"""CHI-03: Innocent-sounding reference that does not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from detectors.small_abroad import abroad


@dataclass(frozen=True, kw_only=True)
class Chi03:
    """Measure the share of small payments abroad to strangers whose text bears a word of the institution's list.

    The words come from the financial intelligence unit or partners, are kept by the institution and are never
    shipped; texts are not shown, only counted. The share is that of the payments of CHI-01 that bear a listed word
    and go to a recipient without a tie. Genuine remittances use the same words: it counts only beside CHI-01.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="CHI-03, window: 90 d")
    weak: float = parameter(0.2, unit="share", why="CHI-03, weak value of the catalogue")
    strong: float = parameter(0.5, unit="share", why="CHI-03, strong value of the catalogue")
    least_texts: int = parameter(5, unit="payments", least=1, why="CHI-03, support: references")

    about = IndicatorAbout(
        id="CHI-03",
        title="Innocent-sounding reference that does not fit",
        question="Do the texts of small payments abroad name purposes that do not fit strangers?",
        meaning=(
            "Payment notes such as 'uniform', 'school', 'medical' or 'accommodation' go to many recipients with "
            "no other sign of a family tie."
        ),
        of=("online child sexual exploitation (buyer)",),
        cited=(
            Citation("AUS22C", "read", "'accommodation', 'uniform', 'medical bills', 'school fees', 'gift'"),
            Citation("FATF25", "read", "family support, medical, education; social-media handles"),
            Citation("EGM20", "read", "keywords shared with FIUs only"),
            Citation("AMLTRIX", "read", "IND03070"),
        ),
        innocent=("genuine sponsorship and remittance use the same words",),
        clears=("sponsorship or support of a family that the bank knows of",),
        leg="CTX",
        reliability="weak",
        roles=("possible_buyer",),
        safety=(
            "Reading texts of private life needs strict access control. Refer urgently and in the smallest "
            "circle; never contact the account holder. Recipients may be families of exploited children."
        ),
        tiers=("D1", "D6"),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
            "payments.narrative",
            "list.references",
        ),
        version=2,
        by="customer",
        sentence=(
            "Of {payments} abroad within {span}, {share} bear a listed word and went to recipients without a "
            "visible tie."
        ),
        numbers={"payments": "payments", "span": "days", "share": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share with a listed word of each customer."""
        found = abroad(sight, self.within)
        written = found.payments.where(sight.codes("narrative") >= 0)
        listed = found.strange.where(sight.listed("references", "narrative"))
        share = listed.count() / np.maximum(found.payments.count(), 1)
        yield from sight.scores(
            self,
            listed,
            share,
            support=written.count(),
            met=written.count() >= self.least_texts,
            numbers={
                "payments": found.payments.count(),
                "span": np.full(listed.groups, self.within.days),
                "share": share,
            },
        )
