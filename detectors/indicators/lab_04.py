"""LAB-04: Uniform or implausibly low net pay and heavy deductions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import a_month, each_other, minimum_wage, spread
from detectors.sight import DAY, Sight
from graphs.legs import legs_of


@dataclass(frozen=True, kw_only=True)
class Lab04:
    """Look for wages that are all the same round sum, or that do not reach most of a minimum wage.

    Two signs count one each: nearly equal, mostly round wages; and a median month below a share of what a minimum wage
    of the jurisdiction leaves in the hand. Only workers who were paid twice or more count, and what they earn in a
    month is reckoned from the gaps between their paydays. What a payslip's text says of deductions is not read: free
    text is no input here.
    """

    within: timedelta = parameter(
        timedelta(days=95), unit="time", least=timedelta(hours=1), why="LAB-04, window: 3 pay periods"
    )
    weak: float = parameter(0.5, unit="signs", why="LAB-04, weak value of the catalogue")
    strong: float = parameter(1.5, unit="signs", why="LAB-04, strong value of the catalogue")
    least_workers: int = parameter(8, unit="workers", least=2, why="LAB-04, support: workers per pay period")
    least_periods: int = parameter(3, unit="days", least=1, why="LAB-04, window: three pay periods")
    uniform: float = parameter(0.02, unit="share", least=0.0, why="LAB-04: deviation below which wages are equal")
    round_share: float = parameter(0.6, unit="share", least=0.0, most=1.0, why="LAB-04: of wages that are round")
    low: float = parameter(
        0.6, unit="share", least=0.0, why="LAB-04: of a minimum wage in the hand, below which it is low"
    )

    about = IndicatorAbout(
        id="LAB-04",
        title="Uniform or implausibly low net pay and heavy deductions",
        question="Is everybody paid the same round sum, or less than a full month must bring?",
        meaning=(
            "Everyone receives the same rounded net pay, below what the hours or minimum wage would give, or "
            "deductions eat most of it."
        ),
        of=("forced labour",),
        cited=(
            Citation("FIN14", "read", "substantial deductions for housing and food leaving a small fraction"),
            Citation("AMLTRIX", "read", "IND03001, IND03044"),
            Citation("ILO24", "read", "profits are wages withheld; excludes recruitment fees"),
        ),
        innocent=(
            "apprentices",
            "stipends",
            "part-time student jobs",
            "piece-rate with guaranteed minimum",
            "salary sacrifice",
            "lawful board-and-lodging offset",
        ),
        clears=(
            "a collective agreement, apprenticeship or season's contract sets the same wage for all",
            "payslips show lawful board and lodging, or part time",
        ),
        leg="CTX",
        reliability="supporting",
        roles=("business",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4"),
        needs=("payments.purpose_code",),
        by="customer",
        sentence=(
            "{workers} were paid {median} a month, half of them less; their wages differ by {spread} and {round} "
            "of them are round."
        ),
        numbers={"workers": "workers", "median": "u", "spread": "share", "round": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give how many signs hold, for each employer."""
        paid = sight.over(sight.debits("customer").where(sight.wages), self.within)
        pair = each_other(paid, sight.graph.nodes)
        often = pair.count()[pair.group] >= 2
        paid, pair = paid.keep(often), pair.keep(often)
        by_day = legs_of((paid.group << 20) + sight.day[paid.row], paid.row, paid.other, paid.own)
        full = by_day.distinct(by_day.other) >= self.least_workers
        periods = np.bincount(by_day.subject[full] >> 20, minlength=paid.groups)

        count = np.maximum(paid.count(), 1)
        differ = spread(sight, paid)
        rounded = paid.where(sight.multiple_of(10)).count() / count
        month = np.nan_to_num(a_month(sight, paid, pair))
        least = self.low * minimum_wage(sight.given.country, sight.end // DAY)
        equal = (differ < self.uniform) & (rounded >= self.round_share)
        yield from sight.scores(
            self,
            paid,
            equal.astype(np.float64) + ((month > 0) & (month < least)),
            support=paid.distinct(paid.other),
            met=periods >= self.least_periods,
            numbers={"workers": paid.distinct(paid.other), "median": month, "spread": differ, "round": rounded},
        )
