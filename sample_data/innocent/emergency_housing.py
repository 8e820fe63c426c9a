"""H-08: a family in emergency housing, or a person fleeing abuse: weeks of motel nights in the home town."""

from __future__ import annotations

import numpy as np

from sample_data.population import BENEFIT, WAGE
from sample_data.scene import About, Scene


class EmergencyHousing:
    """A new account, gifts, rooms night by night near home: what a controlled person's account looks like too."""

    about = About(code="H-08", title="Emergency housing", roles=("person_in_need",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one adult or two with an account some days old; relatives help, and in most cases the council."""
        rng, people = scene.rng, scene.people
        many = 1 + int(rng.random() < 0.3)
        self.family = scene.recruit(
            "person_in_need", many, incomes=[BENEFIT, WAGE], opened_before=(3, 45), activity=0.5
        )
        scene.end_rent(self.family)
        people.opening[self.family] = rng.integers(5_000, 30_000)
        scene.share("address", self.family)
        people.household[self.family] = people.household[self.family[0]]
        self.town = int(people.city[self.family[0]])
        self.begin = scene.first + int(rng.integers(0, 12))
        self.until = self.begin + int(rng.integers(22, 75))
        self.price = int(rng.integers(42, 70)) * 100
        self.relatives = scene.passers_by(own=2, outside=int(rng.integers(2, 6)))
        self.helped = rng.random() < 0.7
        self.two_rooms = many == 2 or rng.random() < 0.25
        self.landlord = int(scene.passers_by(0, 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Pay room by room while gifts and aid come in; then a deposit, and rent like others'."""
        rng, person = scene.rng, int(self.family[0])
        nights = np.array([day for day in days if self.begin <= day < self.until], dtype=np.int64)
        weeks = nights[::7]
        rooms = 1 + self.two_rooms
        each = self.price * 7 * rooms
        if self.helped:
            office = scene.places.hubs["social"][0]
            scene.pay(office, person, int(each * 0.7), scene.moments(weeks, "batch"), "benefit", purpose="SSBE")
        gifts = np.repeat(weeks, rng.integers(2, 5, len(weeks)))
        total = each * (0.6 if self.helped else 1.25) * len(weeks) / max(1, len(gifts))
        sums = np.rint(total * rng.uniform(0.5, 1.5, len(gifts)) / 1_000) * 1_000
        at = scene.moments(gifts + rng.integers(0, 4, len(gifts)), "friends")
        scene.pay(scene.pick(self.relatives, len(gifts)), person, sums, at, scene.pick(["p2p", "instant"], len(gifts)))
        slept = nights[rng.random(len(nights)) < 0.9]
        scene.shop(person, "hotel", slept, amount_minor=self.price)
        if self.two_rooms:
            payer = int(self.family[-1]) if rng.random() < 0.5 else person
            scene.shop(payer, "hotel", slept[rng.random(len(slept)) < 0.6], amount_minor=self.price)
        scene.shop(person, "fast_food", scene.some_days(range(nights[0], nights[-1] + 1), 4) if len(nights) else nights)
        if self.until in days:
            sums = scene.euros(350, 600, 1, 10)
            scene.pay(self.relatives[0], person, sums, scene.moments(self.until, "morning"), "instant")
            scene.pay(person, self.landlord, sums, scene.moments(self.until + 1, "office"), "sct", words="LOYER")
        housed = scene.monthly(days, 5)
        housed = housed[housed > self.until]
        scene.pay(person, self.landlord, 38_000, scene.moments(housed, "morning"), "sct", words="LOYER", purpose="RENT")
