"""H-06: somebody who works nights in a hotel: meals there, taxis home, tips in the small hours."""

from __future__ import annotations

import numpy as np

from sample_data.population import WAGE
from sample_data.scene import About, Scene


class HotelNightStaff:
    """Hotel, taxi and night, again and again, with small sums from strangers: and a wage that says why."""

    about = About(code="H-06", title="Hotel worker and night staff", roles=("night_worker",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one receptionist, cook or barkeeper; some stay in a staff room after a double shift."""
        rng, people = scene.rng, scene.people
        worker = scene.recruit("night_worker", ages=[0, 1, 2, 3], incomes=[WAGE])
        people.late_hours[worker] = rng.choice([4, 7])
        self.hotel = int(scene.partners(0, 1)[0])
        wage = int(rng.integers(1_450, 2_100)) * 100
        scene.employ(worker, self.hotel, wage, weekly=False, payday=int(rng.integers(24, 29)))
        self.worker = int(worker[0])
        self.town = int(people.city[self.worker])
        self.nights, self.tips = rng.uniform(3.5, 5), float(rng.choice([0.3, 1.0, 2.2]))
        self.rooms = float(rng.choice([0.0, 0.0, 0.5, 1.5]))
        self.guests = scene.passers_by(own=30, outside=150)
        self.inn = int(scene.pick(scene.places.in_city("restaurant", self.town), 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post what a night brings: a meal, a way home, tips; and now and then a room."""
        rng, worker = scene.rng, self.worker
        worked = scene.some_days(days, self.nights)
        eaten = worked[rng.random(len(worked)) < 0.7]
        at = scene.between(eaten, 22, 27)
        scene.pay(worker, scene.places.node[self.inn], scene.euros(4, 9, len(eaten)), at, "card_pos", place=self.inn)
        # Before the shift when nothing runs, or home after it.
        home = worked[rng.random(len(worked)) < 0.8].repeat(rng.integers(1, 3))
        scene.shop(worker, "taxi", home, at=scene.between(home, 21, 30), amount_minor=scene.euros(7, 21, len(home)))
        tipped = np.repeat(worked, rng.poisson(self.tips, len(worked)))
        scene.pay(
            scene.pick(self.guests, len(tipped)),
            worker,
            scene.euros(5, 20, len(tipped), 1),
            scene.between(tipped, 19, 29),
            scene.pick(["p2p", "instant"], len(tipped)),
            words="merci",
        )
        stayed = scene.some_days(days, self.rooms)
        scene.shop(worker, "hotel", stayed, amount_minor=scene.euros(25, 45, len(stayed), 5))
