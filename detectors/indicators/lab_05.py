"""LAB-05: No-living-footprint account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import living_costs
from detectors.sight import RENT, Sight


@dataclass(frozen=True, kw_only=True)
class Lab05:
    """Measure how far a life is missing from the account of somebody who earns wages.

    Half of the value is for kinds of living costs that do not appear (food, telephone, transport, rent, energy,
    pharmacy, meals; three are enough), half for too little spent otherwise than in cash. It says that no living costs
    are visible here, no more: whoever lives on cash, at another bank or with a partner who pays looks the same.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="LAB-05, window: 90 d")
    weak: float = parameter(0.6, unit="share", why="LAB-05, weak value of the catalogue")
    strong: float = parameter(0.9, unit="share", why="LAB-05, strong value of the catalogue")
    least_wages: int = parameter(3, unit="payments", least=1, why="LAB-05, support: wage credits")
    enough_kinds: int = parameter(3, unit="kinds", least=1, why="LAB-05: kinds of living costs that are a life")
    enough_spent: float = parameter(
        0.15, unit="share", least=0.01, why="LAB-05: of the wages, spent otherwise than in cash"
    )

    about = IndicatorAbout(
        id="LAB-05",
        title="No-living-footprint account",
        question="Do wages come in while no food, phone, transport, rent or leisure is ever paid from here?",
        meaning="A working adult's account shows no food, phone, transport, rent or leisure spending at all.",
        of=("forced labour", "controlled accounts"),
        cited=(
            Citation("TRF17", "recalled", "lack of payments for food, fuel, utilities or rent"),
            Citation("FATF18", "recalled", "absence of living expenses"),
            Citation("ABN", "recalled", "spending-pattern variables"),
        ),
        innocent=(
            "second bank",
            "cash budgeting",
            "live-in job",
            "partner pays",
            "newly arrived",
            "prison or long hospital stay",
        ),
        clears=(
            "living costs are paid from another bank, by a partner, or in cash, as the person says when asked apart",
            "the work comes with board and lodging that the contract names",
        ),
        leg="CTX",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3"),
        needs=("payments.mcc", "payments.purpose_code"),
        by="customer",
        sentence=(
            "Of {wages} in {paydays}, {spent} was spent on living otherwise than in cash, on {kinds} of seven "
            "kinds of living costs."
        ),
        numbers={"wages": "u", "paydays": "paydays", "spent": "share", "kinds": ""},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give how far living costs are missing, for each private customer who earns wages."""
        credits_ = sight.credits("customer").where(sight.wages)
        wages = sight.over(credits_.keep(sight.private[credits_.own]), self.within)
        spent = sight.over(sight.debits("customer"), self.within, like=wages)
        kinds = np.sum([spent.where(flags).count() > 0 for flags in living_costs(sight).values()], axis=0)
        shop = sight.of_class("mer")[sight.payee] | (sight.codes("mcc") >= 0) | sight.purpose(*RENT)
        lived = spent.where(shop & ~sight.cash_out & ~sight.merchants("cash", "msb"))
        earned = wages.total(sight.amount)
        share = lived.total(sight.amount) / np.maximum(earned, 0.01)
        missing = 1 - 0.5 * np.minimum(kinds / self.enough_kinds, 1) - 0.5 * np.minimum(share / self.enough_spent, 1)
        yield from sight.scores(
            self,
            wages,
            missing,
            support=wages.count(),
            met=wages.count() >= self.least_wages,
            numbers={"wages": earned, "paydays": wages.count(), "spent": share, "kinds": kinds},
        )
