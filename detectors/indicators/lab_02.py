"""LAB-02: Payday sweep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import BALANCES, sweeps
from detectors.sight import Sight, both


@dataclass(frozen=True, kw_only=True)
class Lab02:
    """Measure what of each wage is gone two days later, in cash and to one receiver (`detectors.paydays`).

    The value is the median over the paydays of a stretch; the same route must be taken on most of them and, where
    balances are known, little may be left a day later. What goes to a landlord, shop, lender, remitter or to somebody
    abroad who was sent money for half a year before does not count. Whoever lives on cash alone looks exactly the
    same: only what joins several people tells them apart, so this never makes an alert by itself or with `CTL-01`.
    """

    within: timedelta = parameter(
        timedelta(days=90), unit="time", least=timedelta(hours=1), why="LAB-02, window: 90 d (>=3 paydays)"
    )
    weak: float = parameter(0.8, unit="share", why="LAB-02, weak value of the catalogue")
    strong: float = parameter(0.95, unit="share", why="LAB-02, strong value of the catalogue")
    least_paydays: int = parameter(3, unit="payments", least=1, why="LAB-02, support: wage credits")
    same_route: float = parameter(
        2 / 3, unit="share", least=0.0, most=1.0, why="LAB-02: paydays on which the same route is taken"
    )
    most_left: float = parameter(
        0.1, unit="share", least=0.0, why="LAB-02: of the wage, on the account three days later"
    )

    about = IndicatorAbout(
        id="LAB-02",
        title="Payday sweep",
        question="Does almost the whole wage leave within two days of every payday, in cash or to one person?",
        meaning="Almost the whole wage leaves within two days of every payday, as cash or to one person.",
        of=("forced labour", "controlled accounts"),
        cited=(
            Citation("ABN", "read", "full withdrawal of (minimum) wage right after payment"),
            Citation("FATF18", "read", "rapid in/out after wages"),
            Citation("FORT", "read", "wages drained on payday"),
            Citation("AMLTRIX", "read", "IND03003"),
        ),
        innocent=(
            "cash-preferring worker",
            "migrant remitting home",
            "debt repayment plan",
            "person banking mainly elsewhere",
            "shared household pot",
        ),
        clears=(
            "living costs are paid from another bank, or in cash as the person says when asked apart and in safety",
            "the receiver is family, a landlord or a lender with a contract",
        ),
        leg="CTL",
        reliability="core",
        roles=("possibly_exploited",),
        safety=(
            "Probable exploited person. Do not phone the customer on the number on file without CTL-03 check: it "
            "may be the controller's."
        ),
        tiers=("D1", "D2"),
        needs=("payments.sent_at", "payments.purpose_code"),
        reduced={BALANCES: "Whether anything stays on the account is not seen."},
        by="account",
        sentence=(
            "After {paydays}, half of them or more saw {swept} of the wage gone within 48 hours by the same route."
        ),
        numbers={"paydays": "paydays", "swept": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the median share swept away after paydays, for each private account."""
        found = sweeps(sight)
        wages = sight.over(found.wages, self.within)
        leaving = sight.over(found.leaving, self.within, like=wages)
        paydays = wages.count()
        route, same = wages.top(found.route[wages.row], np.ones(wages.row.size))
        known = wages.keep(~np.isnan(found.left[wages.row]))
        left = known.median(found.left[known.row])
        taken = leaving.keep(found.receiver[leaving.row] == route[leaving.group])
        swept = wages.median(found.share[wages.row])
        yield from sight.scores(
            self,
            both(wages, taken),
            swept,
            support=paydays,
            met=(paydays >= self.least_paydays) & (same >= self.same_route * paydays) & ~(left >= self.most_left),
            numbers={"paydays": paydays, "swept": swept},
            others=np.where(route < sight.graph.nodes, route, -1).astype(np.int64),
            other_role="possible_controller",
        )
