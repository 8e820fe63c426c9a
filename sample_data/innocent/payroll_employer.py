"""H-01: an employer pays many wages on one day of the month, and the charges that go with them."""

from __future__ import annotations

import numpy as np

from sample_data.population import SECTORS, WAGE
from sample_data.scene import About, Scene


class PayrollEmployer:
    """Ordinary life writes its trade, wages, tax and charges; here are only expenses, advances and a bonus."""

    about = About(code="H-01", title="Payroll employer", roles=("employer",), customers_each=4_000)

    def cast(self, scene: Scene) -> None:
        """Cast a firm with ten to five hundred staff, of whom a part banks here."""
        rng = scene.rng
        heads = int(np.exp(rng.uniform(np.log(10), np.log(500))))
        sector = SECTORS[int(scene.pick([2, 3, 4, 5, 6, 7], 1)[0])]
        self.firm = scene.recruit_firm("employer", sector, headcount=heads, plays_trade=False)
        # One day for all of them: the firm's, on which those who bank elsewhere are paid too.
        payday = int(scene.people.payday_of(np.array([self.firm]))[0])
        self.staff = scene.recruit(None, min(heads - 2, scene.sized(6, 120)), incomes=[WAGE])
        wages = scene.people.wage[self.staff]
        scene.employ(self.staff, self.firm, wages, weekly=False, payday=payday)
        self.payday = payday
        self.bonus_month = int(rng.integers(1, 13))

    def month(self, scene: Scene, days: range) -> None:
        """Post expenses of some, advances of a few, and once a year a bonus for all."""
        rng = scene.rng
        claimed = self.staff[rng.random(len(self.staff)) < 0.25]
        due = scene.monthly(days, 10).repeat(len(claimed))
        many = len(due)
        scene.pay(
            self.firm, claimed[:many], scene.euros(12, 260, many), scene.moments(due, "office"), "sct", words="FRAIS"
        )
        advance = self.staff[rng.random(len(self.staff)) < 0.04]
        due = scene.monthly(days, 14).repeat(len(advance))
        scene.pay(
            self.firm, advance[: len(due)], scene.euros(150, 500, len(due), 50), scene.moments(due, "office"), "instant"
        )
        if scene.clock.date_of(days[0]).month == self.bonus_month:
            due = scene.monthly(days, min(28, self.payday)).repeat(len(self.staff))
            bonus = scene.people.wage[self.staff[: len(due)]] // 4
            scene.wages(self.firm, self.staff[: len(due)], bonus, due, "PRIME")
