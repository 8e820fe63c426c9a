"""LAB-01: Several people's wages into one account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import each_other, holders_of, minimum_wage
from detectors.sight import DAY, Sight
from graphs.legs import Ints, Legs


@dataclass(frozen=True, kw_only=True)
class Lab01:
    """Count the workers whose wages come into one account beyond those who hold it.

    Workers are told apart by the number the employer gives them, never by a name. Customers of the holder's household
    count as holders. Where no such numbers are known, employers who each pay at least most of a full month's minimum
    wage of the jurisdiction at the same time count instead: nobody works several full weeks a week.
    """

    within: timedelta = parameter(timedelta(days=45), unit="time", least=timedelta(hours=1), why="LAB-01, window: 45 d")
    weak: float = parameter(1.0, unit="people", why="LAB-01, weak value of the catalogue")
    strong: float = parameter(4.0, unit="people", why="LAB-01, strong value of the catalogue")
    least_paydays: int = parameter(2, unit="days", least=1, why="LAB-01, support: pay dates")
    full_time: float = parameter(
        0.8, unit="share", least=0.0, why="LAB-01: of the minimum wage, from which on a wage is one of full time"
    )

    about = IndicatorAbout(
        id="LAB-01",
        title="Several people's wages into one account",
        question="Are wages of several workers paid into this account beyond those who hold it?",
        meaning="Salaries that belong to different workers are paid into the same account.",
        of=("forced labour",),
        cited=(
            Citation("FATF18", "read", "several wages into one account"),
            Citation("AMLTRIX", "read", "IND03002, IND02818"),
            Citation("FIN14", "recalled", "HT appendix, payroll items"),
        ),
        innocent=(
            "couple with joint account",
            "parent receiving a teenager's wage",
            "payroll-card programme account",
            "umbrella company (business account)",
        ),
        clears=(
            "the account is a joint one, a payroll card or that of an umbrella company",
            "the workers are the holder's family and say so when asked apart",
        ),
        leg="CTL",
        reliability="core",
        roles=("possible_controller",),
        safety="Account holder may be gangmaster or a coerced 'lead worker'.",
        tiers=("D1", "D6"),
        needs=("payments.purpose_code",),
        reduced={
            "payments.employee_ref": (
                "Workers are told apart by their employers only, and only where the minimum wage is known."
            ),
            "customers.household_id": "A couple with one account counts as one holder.",
        },
        by="account",
        sentence="Wages of {workers} came into this account on {paydays}, which {holders} may dispose of.",
        numbers={"workers": "workers", "paydays": "days", "holders": "people"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the workers beyond the holders, for each private account."""
        credits_ = sight.credits().where(sight.wages)
        wages = sight.over(credits_.keep(sight.private[credits_.own]), self.within)
        references = wages.distinct(sight.codes("employee_ref")[wages.row])
        workers = np.maximum(references, self._full_timers(sight, wages))
        holders = holders_of(sight)[wages.subject]
        paydays = wages.distinct(sight.day[wages.row])
        employer, _ = wages.top(wages.other, sight.amount[wages.row])
        yield from sight.scores(
            self,
            wages,
            workers - holders,
            support=paydays,
            met=paydays >= self.least_paydays,
            numbers={"workers": workers, "paydays": paydays, "holders": holders},
            others=employer,
            other_role="business",
        )

    def _full_timers(self, sight: Sight, wages: Legs) -> Ints:
        """Count the employers who pay a full-time wage each."""
        least = self.full_time * minimum_wage(sight.given.country, sight.end // DAY)
        by_employer = each_other(wages, sight.graph.nodes)
        full = by_employer.total(sight.amount) >= least
        return np.bincount(by_employer.subject[full] // sight.graph.nodes, minlength=wages.groups)
