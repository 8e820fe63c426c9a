"""H-10: a shelter for survivors or a centre for refugees: new accounts, one address, one case-worker's telephone."""

from __future__ import annotations

import numpy as np

from sample_data.population import BENEFIT, NPO
from sample_data.scene import About, Scene


class Shelter:
    """All the circumstances of controlled accounts, for the opposite reason; the money stays with its owners."""

    about = About(
        code="H-10",
        title="Survivor shelter or refugee centre",
        roles=("centre", "case_worker", "resident"),
        customers_each=6_000,
    )

    def cast(self, scene: Scene) -> None:
        """Cast the centre, a case worker, and residents who come in groups over the months before and after."""
        rng, people = scene.rng, scene.people
        self.centre = scene.recruit_firm("centre", "Q88", headcount=int(rng.integers(3, 7)), kind=NPO)
        self.worker = int(scene.recruit("case_worker", ages=[1, 2, 3])[0])
        many = scene.sized(18, 60)
        self.residents = scene.recruit("resident", many, ages=[0, 1, 2, 3], activity=0.35)
        scene.end_income(self.residents)
        for group in np.array_split(self.residents, max(1, many // 6)):
            # Brought to the branch together, on a day or two of one week.
            arrived = scene.first + int(rng.integers(-300, 35))
            scene.reopen(group, arrived + rng.integers(0, 3, len(group)))
        people.income[self.residents] = BENEFIT
        people.wage[self.residents] = rng.integers(30, 61, many) * 1_000
        people.declared_income[self.residents] = people.wage[self.residents] * 12 // 100
        people.payday[self.residents] = 5
        people.overdraft[self.residents] = 0
        people.introducer[self.residents] = self.worker
        homes = np.append(self.centre, self.residents)
        scene.share("address", homes)
        people.city[self.residents] = people.city[self.centre]
        # Those who came last have no telephone of their own yet.
        helped = self.residents[rng.random(many) < rng.uniform(0.3, 0.8)]
        scene.share("device", np.append(self.worker, helped))
        if rng.random() < 0.5:
            scene.share("phone", np.append(self.centre, helped))
        self.contribution = int(rng.choice([0, 3_000, 4_500, 6_000]))
        self.town = int(people.city[self.centre])
        self.machines = scene.pick(scene.places.in_city("cash_machine", self.town), 2)
        self.donors = scene.passers_by(30, 40)
        self.grant = 300_000 * int(people.headcount[self.centre]) + 40_000 * many
        people.opening[self.centre] += self.grant

    def month(self, scene: Scene, days: range) -> None:
        """Post the day of the benefits, the contribution, first purchases, and the centre's own money."""
        rng = scene.rng
        many = len(self.residents)
        for payday in scene.paydays(days, int(self.residents[0])).tolist():
            # On that day many go to the machine next door, alone or together, and keep what they take.
            going = rng.permutation(self.residents)[: rng.binomial(many, 0.55)]
            at = np.sort(scene.between(np.full(len(going), payday + 1), 9, 18))
            sums = scene.euros(60, 260, len(going), 10)
            scene.withdraw(going, at, self.town, sums, place=scene.pick(self.machines, len(going)))
            if self.contribution:
                at = scene.moments(payday + rng.integers(1, 6, many), "office")
                scene.pay(self.residents, self.centre, self.contribution, at, "sct", words="participation")
            shopping = payday + rng.integers(1, 8, many)
            scene.shop(self.residents, "clothes", shopping, amount_minor=scene.euros(12, 60, many))
            scene.shop(self.residents, "telecom_shop", shopping + 1)
        granted = scene.monthly(days, 10)
        office = scene.places.hubs["social"][0]
        scene.pay(office, self.centre, self.grant, scene.moments(granted, "batch"), "sct", purpose="GOVT")
        given = scene.some_days(days, 4)
        to = self.centre
        scene.pay(
            scene.pick(self.donors, len(given)),
            to,
            scene.euros(10, 100, len(given), 5),
            scene.moments(given, "web"),
            "sct",
            words="don",
        )
        wages = int(scene.people.headcount[self.centre]) * 180_000
        scene.overheads(self.centre, days, revenue_minor=0, wages_minor=wages)
        scene.shop(self.worker, "transit", scene.some_days(days, 2))
