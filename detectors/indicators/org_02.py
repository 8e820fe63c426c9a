"""ORG-02: Organ-broker hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import sector_is
from detectors.sight import Sight
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Org02:
    """Count three signs of an account between those who need an organ and those who give one.

    Two sums or more of 20,000 and more come in from persons; what goes out covers three or more of clinics,
    laboratories, travel or lodging, small lump sums to persons, and medical advisers; and the largest sum in is five
    times or more what half of those persons got. The first two are asked of everybody who is scored.
    """

    within: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(hours=1), why="ORG-02, window: 120 d"
    )
    weak: float = parameter(1.0, unit="signs", why="ORG-02, weak value of the catalogue")
    strong: float = parameter(3.0, unit="signs", why="ORG-02, strong value of the catalogue")
    least_large: int = parameter(2, unit="payments", least=1, why="ORG-02, support: large sums in")
    large: float = parameter(20000.0, unit="u", least=0.0, why="ORG-02: inflows of 20,000u or more")
    least_kinds: int = parameter(3, unit="kinds", least=1, why="ORG-02, support: categories out")
    least_lump: float = parameter(500.0, unit="u", least=0.0, why="ORG-02: small lump sums from 500u")
    most_lump: float = parameter(15000.0, unit="u", least=0.0, why="ORG-02: small lump sums to 15,000u")
    mark_up: float = parameter(5.0, unit="times", least=1.0, why="ORG-02: five times what donors get")

    about = IndicatorAbout(
        id="ORG-02",
        title="Organ-broker hub",
        question=(
            "Does an account take very large sums from persons and pay clinics, tests, travel and small sums to "
            "persons?"
        ),
        meaning=(
            "An intermediary takes a few very large sums and pays clinics, labs, travel and small lump sums to "
            "poor individuals."
        ),
        of=("organ removal",),
        cited=(
            Citation("ORGAN", "read", "brokers and surgeons take most; mark-up roughly 500-2,000%"),
            Citation("OSCE19", "recalled", "THB for organ removal"),
        ),
        innocent=(
            "medical-tourism agency",
            "patient charity",
            "clinic financier",
        ),
        clears=(
            "an agency for treatment abroad, with a licence and contracts with hospitals",
            "a charity or fund that pays for patients, as its accounts show",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("possible_broker",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3", "D4"),
        needs=("payments.mcc",),
        reduced={"customers.sector": "Medical advisers are not told from other payees."},
        by="account",
        sentence=(
            "{sums} of up to {largest} came in from persons within {span}; {kinds} of five kinds of medical costs "
            "went out."
        ),
        numbers={"sums": "payments", "largest": "u", "span": "days", "kinds": ""},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the signs of each account."""
        came = sight.credits()
        came = came.keep(sight.unrelated(came) & sight.private[came.other]).where(sight.amount >= self.large)
        came = sight.over(came, self.within)
        spent = sight.over(sight.debits(), self.within, like=came)
        person = sight.unrelated(spent) & sight.private[spent.other]
        size = (sight.amount >= self.least_lump) & (sight.amount <= self.most_lump)
        lumps = spent.keep(person & size[spent.row])
        adviser = sector_is(sight, "86") & ~sight.private
        kinds = [
            spent.where(sight.merchants("clinic")),
            spent.where(sight.merchants("laboratory")),
            spent.where(sight.merchants("travel_long", "lodging")),
            lumps,
            spent.keep(adviser[spent.other]),
        ]
        covered = sum(((kind.count() > 0).astype(np.int64) for kind in kinds), np.zeros(came.groups, np.int64))
        largest = came.largest(sight.amount)
        donors = np.nan_to_num(lumps.median(sight.amount[lumps.row]))
        marked = (donors > 0) & (largest >= self.mark_up * donors)
        many, wide = came.count() >= self.least_large, covered >= self.least_kinds
        yield from sight.scores(
            self,
            joined(came, *kinds),
            many.astype(np.int64) + wide + marked,
            support=came.count(),
            met=many & wide,
            numbers={
                "sums": came.count(),
                "largest": largest,
                "span": np.full(came.groups, self.within.days),
                "kinds": covered,
            },
            others=lumps,
            other_role="possibly_exploited",
        )
