"""H-23: a restaurant, bar or kiosk that pays its notes in after closing, and pays wages, tax and suppliers."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class CashRestaurant:
    """Night-time deposits of similar size, because evenings are of similar size."""

    about = About(
        code="H-23", title="Cash restaurant, bar or kiosk", roles=("restaurant", "owner"), customers_each=2_000
    )

    def cast(self, scene: Scene) -> None:
        """Cast a place with two to nine staff; who closes pays in: the owner, or one of two others."""
        rng = scene.rng
        heads = int(rng.integers(2, 10))
        self.place = scene.recruit_firm("restaurant", "I56", headcount=heads)
        scene.people.opening_hours[self.place] = 2
        self.owner = int(scene.recruit("owner", ages=[1, 2, 3, 4])[0])
        self.closers = np.append(scene.recruit(None, 2), [self.owner, self.owner])
        self.daily = heads * rng.uniform(170, 240) * 100
        self.cash = rng.uniform(0.25, 0.7)
        self.nights = rng.uniform(3, 6.5)
        self.suppliers = scene.partners(0, int(rng.integers(2, 5)))
        self.landlord = int(scene.partners(0, 1)[0])
        self.wages_minor = heads * 180_000
        self.month_minor = int(self.daily * 26)
        scene.people.opening[self.place] += self.month_minor

    def month(self, scene: Scene, days: range) -> None:
        """Post deposits after closing, card takings, goods, rent, charges, and the owner's share."""
        rng, place = scene.rng, self.place
        paid_in = scene.some_days(days, self.nights)
        each = np.clip(self.daily * self.cash * 6.2 / self.nights, 30_000, 150_000)
        sums = np.rint(each * rng.uniform(0.7, 1.3, len(paid_in)) / 500) * 500
        town = scene.people.city[place]
        by = scene.pick(self.closers, len(paid_in))
        scene.deposit(place, sums, scene.between(paid_in, 22.3, 26.5), town, by=by)
        worked = np.array([day for day in days if scene.clock.is_working_day(day)], dtype=np.int64)
        card = self.month_minor * (1 - self.cash) / 21
        scene.takings(place, worked, np.rint(card * rng.uniform(0.6, 1.5, len(worked))))
        bought = scene.some_days(days, 2.2)
        goods = self.month_minor * 0.27 / 9.5
        scene.pay(
            place,
            scene.pick(self.suppliers, len(bought)),
            np.rint(goods * rng.uniform(0.6, 1.4, len(bought))),
            scene.moments(bought, "morning"),
            scene.pick(["sct", "sct", "instant", "cheque"], len(bought)),
            words="FACTURE",
        )
        scene.overheads(place, days, revenue_minor=self.month_minor, wages_minor=self.wages_minor)
        rent = scene.monthly(days, 3)
        scene.pay(place, self.landlord, 160_000, scene.moments(rent, "office"), "sct", words="LOYER", purpose="RENT")
        # Help for an evening, paid at once.
        helped = scene.some_days(days, 0.8)
        scene.pay(
            place,
            scene.pick(self.closers[:2], len(helped)),
            scene.euros(60, 110, len(helped), 10),
            scene.between(helped, 23, 27),
            "instant",
        )
        drawn = scene.monthly(days, 27)
        scene.pass_on(
            place, self.owner, scene.moments(drawn, "office"), "sct", keep=self.month_minor, most=500_000, step=5_000
        )
