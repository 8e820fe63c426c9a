"""FUN-11: Prepaid and gift-card loading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.bursts import gifts
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import followed
from detectors.sight import CARD, Sight
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Fun11:
    """Count how often round sums are loaded on prepaid cards or spent on gift cards.

    Round is a multiple of 25 units of the money. Two are added if adverts or purchases abroad follow within three days,
    and one for every card beyond the first that is used to buy them. What is done with a gift card is not in the
    ledger. It is never a mark for life: people who were exploited need such cards afterwards.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-11, window: 30 d")
    weak: float = parameter(3.0, unit="points", why="FUN-11, weak value of the catalogue")
    strong: float = parameter(10.0, unit="points", why="FUN-11, strong value of the catalogue")
    least_loads: int = parameter(3, unit="payments", least=1, why="FUN-11, support: loads")
    round_to: int = parameter(25, unit="currency units", least=1, why="FUN-11: a multiple of 25u")
    soon: timedelta = parameter(
        timedelta(hours=72), unit="time", least=timedelta(hours=1), why="FUN-11: adverts or use abroad within 72 h"
    )
    followed: int = parameter(2, unit="points", least=0, why="FUN-11: what such use adds")

    about = IndicatorAbout(
        id="FUN-11",
        title="Prepaid and gift-card loading",
        question="Is money turned into prepaid or gift cards again and again?",
        meaning="Cash or transfers are turned into prepaid or gift cards again and again.",
        of=("all types",),
        cited=(
            Citation("FIN20", "read", "frequent purchase and use of prepaid cards"),
            Citation("POL18", "read", "exploited persons forced to buy and reload prepaid cards"),
            Citation("FIN25X", "recalled", "gift cards in sextortion"),
            Citation("AMLTRIX", "read", "IND03031"),
        ),
        innocent=(
            "holidays",
            "corporate gifts",
            "unbanked relatives",
            "game cards",
        ),
        clears=(
            "gifts for staff, a holiday or the family's children, as the season shows",
            "the holder has no other way to pay on the internet",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="Ad-site history can later deny survivors prepaid cards: never use as lifetime flag.",
        tiers=("D1", "D3"),
        needs=("payments.mcc|list.gift-cards",),
        reduced={"payments.card_id": "How many cards are used to buy is not seen."},
        by="customer",
        sentence="Prepaid or gift cards were bought or loaded in {loads} within {span}, {total} in all, in round sums.",
        numbers={"loads": "times", "span": "days", "total": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed loads of each customer."""
        spent = sight.debits("customer")
        loads = spent.where(gifts(sight) & (sight.multiple_of(self.round_to)))
        uses = spent.where((sight.adverts | (sight.channel(*CARD) & sight.abroad)) & ~gifts(sight))
        uses = uses.keep(followed(sight, loads, uses, self.soon) >= 0)
        loads = sight.over(loads, self.within)
        uses = sight.over(uses, self.within, like=loads)
        count = loads.count()
        further = np.maximum(loads.distinct(sight.codes("card_id")[loads.row]) - 1, 0)
        yield from sight.scores(
            self,
            joined(loads, uses),
            count + self.followed * (uses.count() > 0) + further,
            support=count,
            met=count >= self.least_loads,
            numbers={
                "loads": count,
                "span": np.full(loads.groups, self.within.days),
                "total": loads.total(sight.amount),
            },
        )
