"""H-13: a stall at festivals or night markets, or a food truck: many small sums in a few nights."""

from __future__ import annotations

import numpy as np

from sample_data.population import SECTORS, SOLE_TRADER
from sample_data.scene import About, Scene


class NightMarketVendor:
    """Dozens of night-time credits from strangers of five to twenty-five euros, notes paid in after midnight."""

    about = About(
        code="H-13", title="Festival, night-market or food-truck vendor", roles=("vendor",), customers_each=1_000
    )

    def cast(self, scene: Scene) -> None:
        """Cast one vendor who stays in town or goes round."""
        rng, people = scene.rng, scene.people
        vendor = scene.recruit("vendor", ages=[0, 1, 2, 3, 4])
        people.kind[vendor], people.sector[vendor] = SOLE_TRADER, SECTORS.index("I56")
        people.turnover[vendor] = 1_000 * rng.integers(15, 60)
        self.vendor = int(vendor[0])
        home = int(people.city[self.vendor])
        self.round = rng.random() < 0.6
        self.towns = np.append(home, scene.towns(4, but=home)) if self.round else np.array([home])
        self.nights = rng.uniform(2, 5)
        self.menu = scene.pick(np.array([5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25]) * 100, 6)
        self.crowd = scene.passers_by(own=120, outside=400)
        self.organiser = int(scene.partners(0, 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post two to five nights a month, at weekends mostly, with what goes before and after each."""
        rng, vendor = scene.rng, self.vendor
        odds = np.array([3.0 if scene.clock.weekday(day) in (4, 5) else 0.6 for day in days])
        chosen = np.asarray(days)[rng.random(len(days)) < np.minimum(1, odds * self.nights / 30 / 1.3)]
        for night in chosen.tolist():
            town = int(scene.pick(self.towns, 1)[0])
            sold = int(rng.integers(40, 151))
            scene.pay(
                scene.pick(self.crowd, sold),
                vendor,
                scene.pick(self.menu, sold),
                scene.between(np.full(sold, night), 18, 25.5),
                scene.pick(["p2p", "p2p", "instant"], sold),
            )
            scene.shop(vendor, "wholesale", max(days[0], night - 1), amount_minor=sold * int(rng.integers(250, 420)))
            scene.pay(vendor, self.organiser, scene.euros(60, 180, 1, 10), scene.moments(night, "office"), "sct")
            scene.deposit(vendor, scene.euros(120, 700, 1, 5), scene.between(night, 24, 29), town, by=vendor)
            if self.round and town != scene.people.city[vendor]:
                scene.travel(np.array([vendor]), night, 1, town, hotel=rng.random() < 0.5)
        tax = scene.euros(120, 380, 1)
        scene.collected(vendor, "social", tax, scene.monthly(days, 15), "SSBE")
