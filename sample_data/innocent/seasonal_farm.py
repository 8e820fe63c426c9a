"""H-03: a farm houses its seasonal workers lawfully: one address, one wage, accounts opened in one week."""

from __future__ import annotations

import numpy as np

from sample_data.population import BENEFIT, WAGE
from sample_data.scene import About, Scene


class SeasonalFarm:
    """A cohort by every circumstance; but they keep and spend their money, and nobody collects it."""

    about = About(
        code="H-03", title="Seasonal farm with lawful housing", roles=("farm", "worker"), customers_each=6_000
    )

    def cast(self, scene: Scene) -> None:
        """Cast the farm and forty to a hundred and fifty workers, as many here as the bank can spare."""
        rng, people = scene.rng, scene.people
        self.farm = scene.recruit_firm("farm", "A01", headcount=int(rng.integers(4, 9)))
        self.own = scene.recruit("worker", scene.sized(25, 90), incomes=[WAGE, BENEFIT], activity=0.6)
        scene.end_income(self.own)
        begun = int(rng.integers(8, 60))
        scene.reopen(self.own, scene.first - begun - rng.integers(0, 6, len(self.own)))
        for house in np.array_split(self.own, 1 + len(self.own) // 24):
            scene.share("address", house)
        people.city[self.own] = people.city[self.farm]
        self.workers = np.append(self.own, scene.passers_by(0, max(0, int(rng.integers(40, 80)) - len(self.own))))
        self.weekly = rng.random() < 0.6
        gross = int(rng.integers(330, 420)) * 100 if self.weekly else int(rng.integers(1_420, 1_650)) * 100
        # Rent at the regulated rate: kept back from the wage, or paid by transfer after it.
        self.kept_back = rng.random() < 0.6
        self.rent = 3_500 if self.weekly else 15_000
        self.net = gross - self.rent if self.kept_back else gross
        self.bill = self.net * len(self.workers)
        people.turnover[self.farm] = self.bill * (52 if self.weekly else 12) * 2 // 100
        people.opening[self.farm] = self.bill * 3
        self.buyer = int(scene.partners(0, 1)[0])
        self.town = int(people.city[self.farm])
        machines = scene.places.in_city("cash_machine", self.town)
        self.machine = int(scene.pick(machines, 1)[0])
        self.sends = rng.random(len(self.own)) < rng.uniform(0.2, 0.6)

    def month(self, scene: Scene, days: range) -> None:
        """Post the harvest's money, wages alike to the cent, rent, the minibus to the machine, money sent home."""
        rng, n = scene.rng, len(self.own)
        paid = scene.weekly(days, 4) if self.weekly else scene.monthly(days, 28)
        sold = scene.weekly(days, 2)
        harvest = np.rint(self.bill * (1.0 if self.weekly else 0.24) * rng.uniform(1.8, 2.4, len(sold)))
        scene.pay(self.buyer, self.farm, harvest, scene.moments(sold, "office"), "sct", words="RECOLTE")
        for day in paid.tolist():
            scene.wages(self.farm, self.workers, self.net, day)
            self._after_payday(scene, day, n)
        for day in (paid if self.weekly else scene.monthly(days, 6)).tolist():
            if not self.kept_back:
                at = scene.moments(np.full(n, day + 1), "friends")
                scene.pay(self.own, self.farm, self.rent, at, "sct", words="logement saisonnier")
        monthly = int(self.bill * (4.33 if self.weekly else 1))
        scene.overheads(self.farm, days, revenue_minor=monthly * 2, wages_minor=monthly, social=0.24)

    def _after_payday(self, scene: Scene, day: int, n: int) -> None:
        """Let some ride to the only machine around, never quite the same ones, and some send a part of it home."""
        rng = scene.rng
        going = rng.permutation(self.own)[: rng.binomial(n, 0.25)]
        if len(going):
            begin = scene.between(np.full(1, day), 17, 20)
            at = begin + np.cumsum(rng.integers(50, 260, len(going)))
            scene.withdraw(going, at, self.town, scene.euros(40, 200, len(going), 10), place=self.machine)
        senders = self.own[self.sends & (rng.random(n) < (0.3 if self.weekly else 0.9))]
        at = scene.moments(day + rng.integers(0, 4, len(senders)), "closing")
        sums = scene.euros(80, 350, len(senders), 10)
        scene.pay(senders, scene.hub("remitter", senders), sums, at, "msb", words="famille")
