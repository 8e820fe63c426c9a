"""LAB-03: Wage kick-back to employer, recruiter or supervisor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import RENT, Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Lab03:
    """Measure what share of their wages several workers of one employer pass to the same account within a week.

    Stands on the motif `wage-kickback`, which finds employer, workers and the account; each of them that is of this
    bank has its score. The value is the median over the workers, members of one household being one. Left out are what
    is marked as rent (`LAB-11` looks at it), direct debits, and accounts that mostly others pay, unless it is the
    employer's own. Who the employer's owners are is not in the ledger: any account that three workers pay is looked at.
    """

    weak: float = parameter(0.15, unit="share", why="LAB-03, weak value of the catalogue")
    strong: float = parameter(0.4, unit="share", why="LAB-03, strong value of the catalogue")
    least_workers: int = parameter(3, unit="workers", least=2, why="LAB-03, support: workers of the same employer")
    least_paydays: int = parameter(2, unit="days", least=1, why="LAB-03, support: two pay periods")

    mostly: float = parameter(
        0.25,
        unit="share",
        least=0.0,
        most=1.0,
        why="ours: of all who pay the account, these workers; a landlord or shop is paid by many others",
    )

    about = IndicatorAbout(
        id="LAB-03",
        title="Wage kick-back to employer, recruiter or supervisor",
        question="Does a slice of the wages of several workers flow back to one account after payday?",
        meaning=(
            "Workers are paid, then a slice of the wage flows back to the employer, its manager or a common third"
            " person."
        ),
        of=("forced labour",),
        cited=(
            Citation("FIN14", "recalled", "majority of pay returned to the employer"),
            Citation("AMLTRIX", "read", "IND03003"),
            Citation("FORT", "read", "gang controlled the accounts opened by exploited persons"),
        ),
        innocent=(
            "workplace savings club",
            "canteen or company-loan repayment on payslip",
            "rent to an employer-owned flat at market rate",
            "lottery syndicate",
            "union dues",
            "friend group",
        ),
        clears=(
            "a loan, canteen or savings club on the payslip names amount and payee",
            "each worker, asked alone and in safety, knows payee and purpose",
        ),
        leg="CTL",
        reliability="core",
        roles=("possible_controller", "business", "possibly_exploited"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D5", "D7"),
        needs=("motif.wage-kickback",),
        by="account",
        sentence=(
            "{workers} of one employer passed on {median} of their wages within a week of payday, half of them "
            "more, all to the same account."
        ),
        numbers={"workers": "workers", "median": "share"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments of the findings, and whatever else their collectors are paid."""
        collectors = pa.array([finding.centre for finding in sight.findings("wage-kickback")], pa.string())
        collects = np.asarray(pc.is_in(sight.graph.names, value_set=collectors))
        paid = np.flatnonzero(collects[sight.payee])
        return np.concatenate([sight.rows_of_motifs("wage-kickback"), paid])

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share that flows back, for the workers, the employer and the account that it flows to."""
        best: dict[int, Score] = {}
        # Rent is another question; a direct debit is drawn by a creditor, not sent.
        apart = sight.purpose(*RENT) | sight.channel("direct_debit")
        for finding in sight.findings("wage-kickback"):
            rows = sight.rows_of(finding.payments)
            nodes = np.unique(np.concatenate([sight.payer[rows], sight.payee[rows]]))
            names = sight.graph.names.take(pa.array(nodes)).to_pylist()
            collector = int(nodes[names.index(finding.centre)])
            back, wages = rows[sight.payee[rows] == collector], rows[sight.payee[rows] != collector]
            back = back[~apart[back]]
            people, worker = np.unique(sight.household[sight.payer[back]], return_inverse=True)
            paid = np.flatnonzero(np.isin(sight.household[sight.payee[wages]], people))
            place = np.searchsorted(people, sight.household[sight.payee[wages[paid]]])
            if people.size < self.least_workers or np.unique(sight.day[wages]).size < self.least_paydays:
                continue
            returned = np.bincount(worker, weights=sight.amount[back], minlength=people.size)
            earned = np.bincount(place, weights=sight.amount[wages[paid]], minlength=people.size)
            share = float(np.median(returned / np.maximum(earned, 0.01)))
            workers, employer = np.unique(sight.payer[back]).tolist(), int(sight.payer[wages[0]])
            payers = np.unique(sight.household[sight.payer[sight.payee == collector]]).size
            if collector != employer and people.size < self.mostly * payers:
                continue
            roles = {collector: "possible_controller", employer: "business", **dict.fromkeys(workers, EXPLOITED)}
            for node in (one for one in roles if sight.own[one]):
                score = sight.score(
                    self,
                    rows=np.concatenate([back, wages[paid]]),
                    centre=node,
                    value=share,
                    support=people.size,
                    numbers={"workers": people.size, "median": share},
                    others=list(roles),
                    roles=list(roles.items()),
                )
                if score is not None and (node not in best or score.value > best[node].value):
                    best[node] = score
        yield from best.values()


EXPLOITED: Final = "possibly_exploited"
