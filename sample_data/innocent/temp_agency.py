"""H-02: an honest agency gathers invoices and scatters weekly wages, with charges paid and payslips numbered."""

from __future__ import annotations

import numpy as np

from sample_data.population import BENEFIT, WAGE
from sample_data.scene import About, Scene


class TempAgency:
    """Weekly pay, onboarding in batches, money in on Thursday and out on Friday; nothing flows back."""

    about = About(code="H-02", title="Weekly-pay temp agency", roles=("agency", "worker"), customers_each=6_000)

    def cast(self, scene: Scene) -> None:
        """Cast the agency, workers who came in batches, others who bank elsewhere, and three to ten clients."""
        rng, people = scene.rng, scene.people
        self.agency = scene.recruit_firm("agency", "N78", headcount=int(rng.integers(3, 7)))
        self.own = scene.recruit("worker", scene.sized(12, 120), incomes=[WAGE, BENEFIT], activity=0.85)
        scene.end_income(self.own)
        # Batches signed up at the counter in the same week, some by the agency's own hand.
        for batch in np.array_split(self.own, max(1, len(self.own) // 9)):
            begun = int(rng.integers(15, 500))
            scene.reopen(batch, scene.first - begun - rng.integers(0, 5, len(batch)))
            if rng.random() < 0.6:
                people.introducer[batch] = self.agency
        others = scene.passers_by(0, int(rng.integers(18, 60)))
        self.workers = np.append(self.own, others)
        self.hourly = rng.uniform(9.4, 12.5, len(self.workers))
        self.hours = rng.uniform(24, 40, len(self.workers))
        self.weekly_bill = int((self.hourly * self.hours).sum() * 100)
        people.turnover[self.agency] = self.weekly_bill * 52 * 1.6 // 100
        people.opening[self.agency] = self.weekly_bill * 3
        self.clients = scene.partners(1, int(rng.integers(3, 10)))
        self.landlord = int(scene.partners(0, 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post invoices, wages by the hours worked, holiday pay at the end of a job, charges and rent."""
        rng = scene.rng
        weeks = scene.weekly(days, 4)
        for friday in weeks.tolist():
            due = max(days[0], friday - 1)
            shares = rng.dirichlet(np.full(len(self.clients), 2.0))
            scene.pay(
                self.clients[1:],
                self.agency,
                np.rint(self.weekly_bill * 1.62 * shares[1:] / shares[1:].sum() * rng.uniform(0.9, 1.1)),
                scene.moments(np.full(len(self.clients) - 1, due), "office"),
                "sct",
                words="FACTURE",
                number=rng.integers(1_000, 9_999, len(self.clients) - 1),
            )
            scene.pay(
                self.clients[0], self.agency, scene.euros(800, 2_400, 1), scene.moments(due, "office"), words="FACTURE"
            )
            here = rng.random(len(self.workers)) < 0.9
            hours = np.clip(self.hours[here] + rng.normal(0, 4, int(here.sum())), 4, 48)
            payslip = rng.integers(10_000, 99_999, len(hours))
            scene.wages(
                self.agency, self.workers[here], np.rint(self.hourly[here] * hours * 100), friday, number=payslip
            )
            ended = self.workers[here][rng.random(len(hours)) < 0.05]
            scene.wages(self.agency, ended, scene.euros(90, 420, len(ended)), np.full(len(ended), friday), "IFM CP")
        monthly = int(self.weekly_bill * 4.33)
        scene.overheads(self.agency, days, revenue_minor=int(monthly * 1.6), wages_minor=monthly, social=0.34)
        rent = scene.monthly(days, 3)
        scene.pay(self.agency, self.landlord, 140_000, scene.moments(rent, "office"), "sct", words="LOYER")
