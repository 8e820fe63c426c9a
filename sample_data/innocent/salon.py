"""H-05: an honest hair, nail or massage salon: a price list, customers by day, suppliers, chairs let to others."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene

LISTS = {
    "hair": (18, 25, 32, 38, 45, 60, 75, 90),
    "nails": (25, 30, 35, 40, 45, 55),
    "massage": (45, 60, 60, 70, 80, 90),
}


class Salon:
    """The look-alike of the massage front: the same list of prices, notes and cards; other hours, real costs."""

    about = About(code="H-05", title="Hair, nail or massage salon", roles=("salon", "owner"), customers_each=2_000)

    def cast(self, scene: Scene) -> None:
        """Cast a salon and its owner; some let chairs, some stay open late on Thursday."""
        rng = scene.rng
        self.prices = np.array(LISTS[str(scene.pick(list(LISTS), 1)[0])]) * 100
        heads = int(rng.integers(1, 5))
        self.salon = scene.recruit_firm("salon", "S96", headcount=heads)
        self.owner = int(scene.recruit("owner", ages=[1, 2, 3, 4])[0])
        self.guests = scene.passers_by(own=45, outside=80)
        self.per_day = rng.uniform(2.0, 5.0) * (1 + heads / 3)
        # What is not paid by telephone is paid by card or in notes.
        self.card = heads * rng.uniform(130, 190) * 100
        self.chairs = scene.passers_by(0, int(rng.integers(0, 5)))
        self.chair_rent = int(rng.integers(8, 17)) * 1_000
        self.closes = 20.9 if rng.random() < 0.4 else 19.0
        self.month_minor = int(self.per_day * 22 * self.prices.mean() + self.card * 24)
        self.wages_minor = heads * 180_000
        self.landlord, self.supplier = scene.partners(0, 2).tolist()
        scene.people.opening[self.salon] += self.month_minor

    def month(self, scene: Scene, days: range) -> None:
        """Post sales by telephone, card and notes, chairs, supplies, rent, charges, and the owner's share."""
        rng, salon = scene.rng, self.salon
        opened = np.array([day for day in days if scene.clock.weekday(day) not in (0, 6)], dtype=np.int64)
        sold = np.repeat(opened, rng.poisson(self.per_day, len(opened)))
        closes = np.where([scene.clock.weekday(day) == 3 for day in sold.tolist()], self.closes, 19.0)
        at = scene.clock.moment(sold, (9.2 + rng.random(len(sold)) * (closes - 9.2)) * 3_600)
        scene.pay(
            scene.pick(self.guests, len(sold)),
            salon,
            scene.pick(self.prices, len(sold)),
            at,
            scene.pick(["p2p", "p2p", "instant"], len(sold)),
        )
        worked = opened[[scene.clock.is_working_day(day) for day in opened.tolist()]] if len(opened) else opened
        scene.takings(salon, worked, np.rint(self.card * rng.uniform(0.5, 1.5, len(worked))))
        noted = opened[rng.random(len(opened)) < 0.35]
        sums = scene.euros(self.card / 250, self.card / 80, len(noted), 5)
        town = scene.people.city[salon]
        scene.deposit(salon, sums, scene.between(noted, 18.5, 21), town, by=self.owner)
        weeks = scene.weekly(days, 1).repeat(len(self.chairs))
        chairs = np.resize(self.chairs, len(weeks))
        scene.pay(chairs, salon, self.chair_rent, scene.moments(weeks, "morning"), "sct", words="location poste")
        bought = scene.some_days(days, 0.9)
        each = self.month_minor * rng.uniform(0.08, 0.15) / 3.9
        scene.pay(
            salon, self.supplier, np.rint(each * rng.uniform(0.6, 1.4, len(bought))), scene.moments(bought, "office")
        )
        scene.overheads(salon, days, revenue_minor=self.month_minor, wages_minor=self.wages_minor)
        rent = scene.monthly(days, 3)
        scene.pay(salon, self.landlord, 90_000, scene.moments(rent, "office"), "sct", words="LOYER", purpose="RENT")
        drawn = scene.monthly(days, 27)
        scene.pass_on(
            salon, self.owner, scene.moments(drawn, "office"), "sct", keep=self.month_minor, most=420_000, step=5_000
        )
