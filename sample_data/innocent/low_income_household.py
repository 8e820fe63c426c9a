"""H-30: a household on a low income that lives to zero, with an overdraft and instalments."""

from __future__ import annotations

import numpy as np

from sample_data.population import BENEFIT, WAGE
from sample_data.scene import About, Scene


class LowIncomeHousehold:
    """What comes in is gone within five to ten days: on rent, food, bills and debts."""

    about = About(code="H-30", title="Low-income household living to zero", roles=("earner",), customers_each=500)

    def cast(self, scene: Scene) -> None:
        """Cast one or two adults, on a small wage or on benefits, with rent, an overdraft and little else."""
        rng, people = scene.rng, scene.people
        self.earner = scene.recruit("earner", incomes=[WAGE, BENEFIT], activity=1.1)
        people.wage[self.earner] = np.minimum(people.wage[self.earner], rng.integers(850, 1_300) * 100)
        people.declared_income[self.earner] = np.round(people.wage[self.earner] * 12 * 1.15 / 100, -2)
        people.opening[self.earner] = rng.integers(0, 6_000)
        people.overdraft[self.earner] = rng.choice([20_000, 30_000, 50_000])
        people.rent[self.earner] = np.where(people.rent[self.earner] > 0, people.wage[self.earner] // 3, 0)
        people.savings[self.earner] = people.elsewhere[self.earner] = -1
        self.instalments = int(rng.integers(1, 4))
        self.notes = rng.random() < 0.5
        self.due = rng.integers(3, 27, self.instalments)
        self.sums = scene.euros(18, 70, self.instalments)

    def month(self, scene: Scene, days: range) -> None:
        """Fetch what is needed in the first days after each payday; pay in three or four what could not wait."""
        rng, earner = scene.rng, int(self.earner[0])
        town = scene.people.city[earner]
        for payday in scene.paydays(days, earner).tolist():
            first = payday + np.sort(rng.integers(0, 7, int(rng.integers(3, 7))))
            scene.shop(earner, "grocery", first)
            scene.shop(earner, "telecom_shop", first[:1])
            scene.shop(earner, str(scene.pick(["clothes", "household", "pharmacy"], 1)[0]), first[-1:])
            if self.notes:
                share = int(scene.people.wage[earner] * rng.uniform(0.15, 0.45)) // 1_000 * 1_000
                scene.withdraw(earner, scene.moments(payday, "cash"), town, max(share, 2_000))
        rows, due = scene.each_month(days, self.due)
        scene.collected(earner, "lender", self.sums[rows], due, "LOAN")
        # Towards the end of the month a friend helps out, and is paid back after the next payday.
        lent = scene.monthly(days, 24)
        friend = int(scene.people.friends_of(self.earner, np.zeros(1))[0])
        if friend >= 0:
            sums = scene.euros(20, 60, len(lent), 10)
            scene.pay(friend, earner, sums, scene.moments(lent, "friends"), "p2p")
            scene.pay(earner, friend, sums, scene.moments(lent + 12, "friends"), "p2p", words="merci")
