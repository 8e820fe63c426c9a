"""FUN-06: Fan-out to many individuals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import to_individuals
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Fun06:
    """Count the private persons whom an account pays for the first time in a month.

    Wages, benefits, rent and payments to people who pay in themselves (refunds, friends) do not count. A firm's payees
    at other banks count where they are paid as persons are. In the first month of a ledger everybody is new.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-06, window: 30 d")
    weak: float = parameter(10.0, unit="recipients", why="FUN-06, weak value of the catalogue")
    strong: float = parameter(40.0, unit="recipients", why="FUN-06, strong value of the catalogue")
    least_payees: int = parameter(10, unit="recipients", least=2, why="FUN-06, support: recipients")
    new_for: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(days=1), why="FUN-06: a beneficiary is new for 30 days"
    )

    about = IndicatorAbout(
        id="FUN-06",
        title="Fan-out to many individuals",
        question="Does one account pay many private persons it never paid before in a short time?",
        meaning="One account sprays money to many private individuals in a short time.",
        of=("all types (laundering)",),
        cited=(
            Citation("AMLTRIX", "read", "T0016.005"),
            Citation("TOOLS", "read", "fan-out is a standard AMLSim pattern"),
        ),
        innocent=(
            "payroll",
            "prize payouts",
            "refunds",
            "benefits charity",
            "gig platform",
        ),
        clears=(
            "a payroll, list of winners or refunds, or a gig platform's terms that fit payees and amounts",
            "a charity that pays people in need",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("possible_launderer",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1",),
        needs=(),
        by="account",
        sentence="{payees} were paid for the first time within {span}: {payments}, {total} in all.",
        numbers={"payees": "people", "span": "days", "payments": "payments", "total": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the new private payees of each account."""
        debits = sight.debits()
        as_person = to_individuals(sight)[debits.row] | sight.private[debits.own]
        person = sight.private[debits.other] & as_person & sight.unrelated(debits)
        new = sight.at - sight.first_seen < microseconds(self.new_for)
        paid = sight.over(debits.keep(person).where(new & ~sight.wages & ~sight.benefits), self.within)
        payees = paid.distinct(paid.other)
        yield from sight.scores(
            self,
            paid,
            payees,
            support=payees,
            met=(payees >= self.least_payees) & ~sight.licensed[paid.subject],
            numbers={
                "payees": payees,
                "span": np.full(paid.groups, self.within.days),
                "payments": paid.count(),
                "total": paid.total(sight.amount),
            },
        )
