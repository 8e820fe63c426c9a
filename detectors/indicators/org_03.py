"""ORG-03: Donor pattern."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from detectors.about import parameter
from detectors.declared import declared
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import followed
from detectors.sight import Sight
from detectors.small_abroad import near
from detectors.survey import Survey
from graphs.legs import Flags, joined


@dataclass(frozen=True, kw_only=True)
class Org03:
    """Count three signs of somebody who gave an organ for money.

    The holder declared less than three quarters of the bank's persons and got one lump sum of 500 to 15,000 from an
    unrelated person who never paid again; medical or laboratory payments within six weeks of it; and loans paid back by
    a quarter of it or more within a fortnight. The lump sum is asked of everybody who is scored, and one sign more.
    Travel that others paid and stays in a hospital's town are not in the ledger.
    """

    within: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(hours=1), why="ORG-03, window: 120 d"
    )
    weak: float = parameter(1.0, unit="signs", why="ORG-03, weak value of the catalogue")
    strong: float = parameter(3.0, unit="signs", why="ORG-03, strong value of the catalogue")
    least_sum: float = parameter(500.0, unit="u", least=0.0, why="ORG-03: from 500u")
    most_sum: float = parameter(15000.0, unit="u", least=0.0, why="ORG-03: to 15,000u")
    poorest: float = parameter(0.25, unit="share", least=0.0, most=1.0, why="ORG-03: income below the 25th percentile")
    beside: timedelta = parameter(
        timedelta(days=45), unit="time", least=timedelta(days=1), why="ORG-03: medical payments within 45 days"
    )
    soon: timedelta = parameter(
        timedelta(days=14), unit="time", least=timedelta(days=1), why="ORG-03: debts cleared within 14 d"
    )
    cleared: float = parameter(0.25, unit="share", least=0.0, why="ours: debts of a quarter of the sum")

    about = IndicatorAbout(
        id="ORG-03",
        title="Donor pattern",
        question="Does a person of little income get one odd lump sum around medical tests and then clear debts?",
        meaning=(
            "A low-income person gets one odd lump sum around medical tests and travel paid by someone else, then"
            " clears debts."
        ),
        of=("organ removal (donor)",),
        cited=(Citation("ORGAN", "read", "donor receives a pittance, often to clear debt"),),
        innocent=(
            "inheritance",
            "asset sale",
            "compensation",
            "gift",
        ),
        clears=(
            "an inheritance, a sale, a compensation or a gift, which the payer confirms",
            "the tests belong to an illness that is known",
        ),
        leg="CTX",
        reliability="weak",
        roles=("possibly_exploited",),
        safety="The person may have untreated medical needs and is to be helped.",
        tiers=("D1", "D4"),
        needs=("customers.declared_income", "payments.mcc|payments.purpose_code"),
        reduced={
            "payments.mcc": "Medical payments are not seen.",
            "payments.purpose_code": "Whether debts are paid back is not seen.",
        },
        by="customer",
        sentence=(
            "{sum} came once from an unrelated person; within weeks of it {tests} were made for medical tests and "
            "{debts} of debts was paid."
        ),
        numbers={"sum": "u", "tests": "payments", "debts": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the signs of each customer of little income."""
        incomes = sight.everybody(INCOMES)["income"].to_numpy()
        person = _persons(sight)
        poor = person & (declared(sight) < np.quantile(incomes, self.poorest)) if incomes.size else person
        came = sight.credits("customer")
        came = came.keep(sight.unrelated(came) & sight.private[came.other] & poor[came.own])
        once = np.bincount(sight.pair, minlength=1)[sight.pair] == 1
        size = (sight.amount >= self.least_sum) & (sight.amount <= self.most_sum)
        came = came.where(once & size)
        spent = sight.debits("customer")
        tests = spent.where(sight.merchants("medical"))
        tests = tests.keep(near(sight, tests, came, self.beside))
        debts = spent.where(sight.purpose("LOAN", "LOAR"))
        debts = debts.keep(followed(sight, came, debts, self.soon) >= 0)
        lump = sight.over(came, self.within)
        tests, debts = (sight.over(legs, self.within, like=lump) for legs in (tests, debts))
        cleared, sums = debts.total(sight.amount), lump.largest(sight.amount)
        signs = 1 + (tests.count() > 0).astype(np.int64) + (cleared >= self.cleared * sums)
        yield from sight.scores(
            self,
            joined(lump, tests, debts),
            signs,
            support=signs,
            met=lump.count() == 1,
            numbers={"sum": sums, "tests": tests.count(), "debts": cleared},
        )


def _persons(sight: Sight) -> Flags:
    return sight.own & sight.is_kind("person") & ~np.isnan(declared(sight))


def _incomes(sight: Sight) -> pa.Table:
    """Give the income of each person once: all accounts of a customer lie in one window."""
    person = np.flatnonzero(_persons(sight))
    _, one = np.unique(sight.customer[person], return_index=True)
    return pa.table({"of": person[one], "income": declared(sight)[person][one]})


INCOMES: Final = Survey("incomes of persons", _incomes)
