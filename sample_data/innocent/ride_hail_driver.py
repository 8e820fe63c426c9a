"""H-15: a driver or rider of the evening: small sums at night, fuel, notes paid in, a platform that pays out."""

from __future__ import annotations

import numpy as np

from sample_data.population import SOLE_TRADER
from sample_data.scene import About, Scene


class RideHailDriver:
    """Many strangers pay at night, and it is fares and tips; the car eats a third of it."""

    about = About(code="H-15", title="Night driver or courier", roles=("driver",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one driver: a taxi with a meter and notes, a car by an app, or a bicycle."""
        rng = scene.rng
        self.driver = scene.recruit("driver", ages=[0, 1, 2, 3])
        people = scene.people
        self.style = str(scene.pick(["taxi", "app", "bicycle"], 1)[0])
        if self.style != "bicycle":
            people.kind[self.driver] = SOLE_TRADER
            people.declared_income[self.driver] = 24_000 + 500 * rng.integers(0, 20)
            scene.end_income(self.driver)
        people.late_hours[self.driver] = rng.choice([2, 4])
        self.town = int(people.city[self.driver[0]])
        self.nights = rng.uniform(4, 6)
        self.fares = {"taxi": 4.0, "app": 1.6, "bicycle": 1.2}[self.style]
        self.riders = scene.passers_by(own=60, outside=300)

    def month(self, scene: Scene, days: range) -> None:
        """Post fares, tips, payouts, fuel, notes, the lease and the charges."""
        rng, driver = scene.rng, int(self.driver[0])
        worked = scene.some_days(days, self.nights)
        rides = np.repeat(worked, rng.poisson(self.fares, len(worked)))
        tip = rng.random(len(rides)) < (0.2 if self.style == "taxi" else 0.85)
        minor = np.where(tip, scene.euros(2, 10, len(rides), 1), scene.euros(9, 55, len(rides), 0.5))
        scene.pay(
            scene.pick(self.riders, len(rides)),
            driver,
            minor,
            scene.between(rides, 18.5, 28.5),
            scene.pick(["p2p", "p2p", "instant"], len(rides)),
        )
        if self.style != "taxi":
            weeks = scene.weekly(days, 1)
            each = (130, 260) if self.style == "bicycle" else (420, 780)
            paid = scene.euros(*each, len(weeks))
            scene.pay(scene.hub("platform", driver), driver, paid, scene.moments(weeks, "batch"), "sct")
        if self.style == "bicycle":
            return
        scene.shop(driver, "fuel", worked[rng.random(len(worked)) < 0.6], at=None)
        noted = worked[rng.random(len(worked)) < (0.55 if self.style == "taxi" else 0.12)]
        scene.deposit(driver, scene.euros(80, 340, len(noted), 5), scene.between(noted, 23, 29), self.town, by=driver)
        scene.collected(driver, "lender", 38_000, scene.monthly(days, 7), "LOAN")
        scene.collected(driver, "insurer", 14_500, scene.monthly(days, 5))
        scene.collected(driver, "social", scene.euros(260, 420, 1), scene.monthly(days, 5), "SSBE")
        repaired = scene.some_days(days, 0.15)
        scene.shop(driver, "garage", repaired)
