"""SEX-08: Personal-supplies basket out of profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from detectors.about import parameter
from detectors.comparing import Everybody, robust_z, shared
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import CARD, Sight
from detectors.survey import Survey
from graphs.legs import Legs


@dataclass(frozen=True, kw_only=True)
class Sex08:
    """Measure how many more personal supplies a customer buys than others of the same kind who spend as much.

    Purchases in the categories of pharmacies, cosmetics, underwear, wigs and beauty are counted; the value is the
    distance from the median of the peers in robust deviations. Peers are customers of the same kind who spend about as
    much by card in the same stretch, in fourfold steps; sex, age and origin are no columns of the ledger. It invites
    bias against women and trans customers: it never counts outside a typology, weighs little, and is to be audited.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-08, window: 30 d")
    weak: float = parameter(3.0, unit="deviations", why="SEX-08, weak value of the catalogue")
    strong: float = parameter(6.0, unit="deviations", why="SEX-08, strong value of the catalogue")
    least_purchases: int = parameter(8, unit="payments", least=1, why="SEX-08, support: purchases")
    least_merchants: int = parameter(3, unit="merchants", least=1, why="SEX-08, support: different merchants")
    least_peers: int = parameter(20, unit="customers", least=3, why="ours: under twenty, a median deviation is a guess")
    floor: float = parameter(1.0, unit="payments", least=0.01, why="ours: one purchase more or less says nothing")

    about = IndicatorAbout(
        id="SEX-08",
        title="Personal-supplies basket out of profile",
        question="Does this customer buy far more personal supplies than others who spend as much?",
        meaning="Pharmacy, cosmetics, lingerie and wig purchases are far above what similar customers buy.",
        of=("sexual exploitation",),
        cited=(
            Citation("FTR16", "read", "frequent large purchases at pharmacies and lingerie shops"),
            Citation("AUS22F", "read", "lingerie and beauty products"),
            Citation("FIN20", "read", "medical and clothing costs out of profile"),
        ),
        innocent=(
            "beautician",
            "carer",
            "performer",
            "reseller",
            "wedding",
            "chronic illness",
            "student sharing a household",
        ),
        clears=("a trade, illness, care for others or shared household that explains the purchases",),
        leg="OPS",
        reliability="weak",
        roles=("possibly_exploited",),
        safety="High bias risk against women and trans customers: cap its total weight (a<=0.3) and audit.",
        tiers=("D1", "D3"),
        needs=("payments.mcc",),
        reduced={"customers.kind": "Persons and businesses are compared with each other."},
        by="customer",
        sentence=(
            "{purchases} at {merchants} for pharmacy, cosmetics and beauty were made within {span}; half of "
            "the customers who spend as much made {usual} or fewer."
        ),
        numbers={"purchases": "payments", "merchants": "merchants", "span": "days", "usual": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the distance from the peers' median, for each customer."""
        everybody = sight.everybody(Survey(f"SEX-08 {self.within}", self._told))
        bought, supplies = self._bought(sight)
        count, told = supplies.count(), self._told(sight)
        peers, others = shared(*([table[name].to_numpy() for name in LIKE] for table in (told, everybody)))
        every = Everybody(everybody["purchases"].to_numpy(), others)
        away = robust_z(count, peers, least=self.least_peers, floor=self.floor, among=every)
        merchants = supplies.distinct(supplies.other)
        yield from sight.scores(
            self,
            supplies,
            np.nan_to_num(away),
            support=count,
            met=(count >= self.least_purchases) & (merchants >= self.least_merchants) & ~np.isnan(away),
            numbers={
                "purchases": count,
                "merchants": merchants,
                "span": np.full(bought.groups, self.within.days),
                "usual": every.medians(peers),
            },
        )

    def _bought(self, sight: Sight) -> tuple[Legs, Legs]:
        """Give all that is bought by card, and what of it is supplies."""
        by_card = sight.debits("customer").where(sight.channel(*CARD))
        bought = sight.once(("bought", self.within), lambda: sight.over(by_card, self.within))
        return bought, bought.where(sight.merchants("personal_supplies"))

    def _told(self, sight: Sight) -> pa.Table:
        """Give what customers are compared by."""
        bought, supplies = self._bought(sight)
        own, _ = bought.top(bought.own, np.ones(bought.row.size))
        business = sight.is_kind("firm", "sole_trader", "npo") | sight.account_is("kind", "business")
        return pa.table(
            {
                "of": own,
                "stretch": bought.stretch,
                "business": business[own].astype(np.int64),
                "volume": np.floor(np.log2(np.maximum(bought.total(sight.amount), 1.0)) / VOLUME).astype(np.int64),
                "purchases": supplies.count(),
            }
        )


LIKE: Final = ("stretch", "business", "volume")
"""What is alike among those who are compared."""
VOLUME: Final = 2
"""Peers spend in the same fourfold step: ours, two doublings, as `detectors.peers` has it for activity."""
