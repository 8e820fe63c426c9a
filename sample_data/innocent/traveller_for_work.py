"""H-07: somebody who sleeps in hotels for work: on business, on nursing assignments, on tour, at the wheel."""

from __future__ import annotations

import numpy as np

from sample_data.places import TOWN_COUNT
from sample_data.population import WAGE
from sample_data.scene import About, Scene

STYLES = ("business", "nurse", "artist", "driver")


class TravellerForWork:
    """Twelve to twenty-six nights a month in many towns, with taxis and odd hours: and an employer who pays for it."""

    about = About(code="H-07", title="Traveller for work", roles=("traveller",), customers_each=500)

    def cast(self, scene: Scene) -> None:
        """Cast one traveller, or two to four artists who go together; each has rounds of their own."""
        rng, people = scene.rng, scene.people
        self.style = str(scene.pick(STYLES, 1)[0])
        many = int(rng.integers(2, 5)) if self.style == "artist" else 1
        self.group = scene.recruit("traveller", many, incomes=[WAGE], ages=[0, 1, 2, 3, 4], activity=0.8)
        self.payer = int(scene.partners(0, 1)[0])
        if self.style == "artist":
            # Fees instead of wages, and days that lie late.
            scene.end_income(self.group)
            people.late_hours[self.group] = 4
        self.nights = int(rng.integers(12, 27))
        self.towns = scene.towns(int(rng.integers(5, 11)), but=int(people.city[self.group[0]]))
        if self.style in {"business", "driver"} and rng.random() < 0.4:
            abroad = TOWN_COUNT + np.array([0, 9, 10, 12, 14, 15])
            self.towns = np.append(self.towns, rng.choice(abroad, 3, replace=False))
        self.daily = int(rng.integers(85, 125)) * 100
        self.fans = scene.passers_by(own=25, outside=80)

    def month(self, scene: Scene, days: range) -> None:
        """Go from town to town until the month's nights are spent."""
        rng = scene.rng
        wanted = round(self.nights * len(days) / 30)
        least, most = {"business": (1, 4), "nurse": (4, 7), "artist": (1, 3), "driver": (1, 2)}[self.style]
        stays: list[int] = []
        while sum(stays) < wanted:
            stays.append(min(int(rng.integers(least, most + 1)), wanted - sum(stays)))
        # The nights at home lie between the journeys.
        rests = rng.multinomial(len(days) - wanted, np.full(len(stays) + 1, 1 / (len(stays) + 1)))
        day = days[0]
        for nights, rest in zip(stays, rests.tolist(), strict=False):
            day += rest
            self._trip(scene, day, nights, int(scene.pick(self.towns, 1)[0]))
            day += nights
        if self.style != "artist":
            # Allowances by the night, after the month or in two parts.
            for on in scene.monthly(days, 10).tolist() + scene.monthly(days, 27).tolist():
                owed = self.daily * self.nights // 2
                scene.pay(self.payer, self.group[0], owed, scene.moments(on, "office"), "sct", words="FRAIS")

    def _trip(self, scene: Scene, day: int, nights: int, city: int) -> None:
        """Sleep, eat and move about in a town; who travels together pays at the same places."""
        rng, group = scene.rng, self.group
        scene.travel(group, day, nights, city)
        during = np.arange(day, day + nights)
        for person in group.tolist():
            late = during[rng.random(nights) < 0.6]
            scene.shop(person, "fast_food", late, city=city)
            ridden = during[rng.random(nights) < (0.15 if self.style == "driver" else 0.55)]
            scene.shop(person, "taxi", ridden, city=city)
        if self.style == "driver":
            scene.shop(group[0], "fuel", during, city=city)
            scene.shop(group[0], "parking", during, city=city)
        elif self.style == "artist":
            share = scene.euros(90, 260, len(group), 10) * nights
            scene.pay(self.payer, group, share, scene.moments(np.full(len(group), day), "night"), "instant")
            sold = np.repeat(during, rng.poisson(3, nights))
            scene.pay(
                scene.pick(self.fans, len(sold)),
                group[0],
                scene.euros(5, 25, len(sold), 5),
                scene.between(sold, 21, 26),
                "p2p",
            )
