"""ORG-01: Transplant-sized medical travel payment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.legs import Flags, Legs, joined


@dataclass(frozen=True, kw_only=True)
class Org01:
    """Count three signs of a transplant bought abroad.

    Between 20,000 and 300,000 to one clinic abroad or to one unrelated person or intermediary; laboratory payments on
    two days or more, as for two people; and two tickets or more within two months. Without the first there is no score.
    Most who travel for medicine do so lawfully; on its own this is a question to nobody.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="ORG-01, window: 90 d")
    weak: float = parameter(1.0, unit="signs", why="ORG-01, weak value of the catalogue")
    strong: float = parameter(3.0, unit="signs", why="ORG-01, strong value of the catalogue")
    least_sum: float = parameter(20000.0, unit="u", least=0.0, why="ORG-01: from 20,000u")
    most_sum: float = parameter(300000.0, unit="u", least=0.0, why="ORG-01: to 300,000u")
    least_tests: int = parameter(2, unit="days", least=1, why="ORG-01: for two people; ours: tests on two days")
    least_tickets: int = parameter(2, unit="tickets", least=1, why="ORG-01: two long-haul itineraries")
    apart: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(days=1), why="ORG-01: itineraries within 60 d"
    )

    about = IndicatorAbout(
        id="ORG-01",
        title="Transplant-sized medical travel payment",
        question=(
            "Does a person pay a very large medical sum abroad or through an intermediary, with tests and travel for "
            "two?"
        ),
        meaning=(
            "A person pays a very large medical sum abroad through an individual or consultancy, with travel for "
            "two people."
        ),
        of=("organ removal (recipient)",),
        cited=(
            Citation(
                "ORGAN",
                "read",
                "USD 50,000 (kidney) to 290,000 (lung); labs, clinics, travel facilitators, front companies",
            ),
            Citation("FATF18", "read", "organ trafficking noted; no cases documented"),
        ),
        innocent=(
            "legitimate medical tourism",
            "IVF",
            "oncology",
            "insurance reimbursement",
        ),
        clears=(
            "lawful treatment abroad, which a hospital, insurer or doctor confirms",
            "the sum bought a house or a car",
        ),
        leg="REV",
        reliability="weak",
        roles=("possible_recipient",),
        safety="The person may be dying: tone and privacy. A person decides, with medical advice.",
        tiers=("D1", "D3"),
        needs=("payments.mcc",),
        reduced={"payments.payee_country": "Whether a clinic is abroad is told by the place of the payment only."},
        by="customer",
        sentence=(
            "{sum} was paid to a clinic abroad or an intermediary within {span}, with {tests} for tests and {tickets}."
        ),
        numbers={"sum": "u", "span": "days", "tests": "payments", "tickets": "tickets"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the signs of each private customer."""
        spent = sight.debits("customer")
        spent = spent.keep(sight.private[spent.own])
        home, place = sight.codes("payer_country"), sight.codes("country")
        known = dict(zip(sight.values("payer_country"), range(len(sight.values("payer_country"))), strict=True))
        here = np.array([*(known.get(code, -2) for code in sight.values("country")), -1], np.int64)[place]
        away = sight.abroad | ((home >= 0) & (here != -1) & (here != home))
        clinic = (sight.merchants("clinic") & away)[spent.row]
        between = (sight.channel("sct", "wire") & ~sight.purpose("LOAN"))[spent.row] & sight.unrelated(spent)
        paid = sight.over(spent.keep(clinic | between), self.within)
        payee, most = paid.top(paid.other, sight.amount[paid.row])
        large = paid.keep(paid.other == payee[paid.group])
        tests = sight.over(spent.where(sight.merchants("laboratory")), self.within, like=paid)
        tickets = sight.over(spent.where(sight.merchants("airline")), self.within, like=paid)
        days = tests.distinct(sight.day[tests.row])
        signs = (days >= self.least_tests).astype(np.int64) + self._close(sight, tickets) + 1
        yield from sight.scores(
            self,
            joined(large, tests, tickets),
            signs,
            support=large.count(),
            met=(most >= self.least_sum) & (most <= self.most_sum),
            numbers={
                "sum": most,
                "span": np.full(paid.groups, self.within.days),
                "tests": tests.count(),
                "tickets": tickets.count(),
            },
            others=payee,
        )

    def _close(self, sight: Sight, tickets: Legs) -> Flags:
        """Say in which groups enough tickets are bought within the span."""
        order = np.argsort(tickets.group, kind="stable")
        group, at = tickets.group[order], sight.at[tickets.row[order]]
        step = self.least_tickets - 1
        last = np.arange(step, group.size)
        near = (group[last] == group[last - step]) & (at[last] - at[last - step] <= microseconds(self.apart))
        close = np.zeros(tickets.groups, np.bool_)
        close[group[last[near]]] = True
        return close
