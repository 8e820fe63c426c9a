"""H-25: a couple or family in two countries: money each week to one person, and then a visit."""

from __future__ import annotations

import numpy as np

from sample_data.nodes import COUNTRIES
from sample_data.places import ABROAD, CITY_COUNTRY, TOWN_COUNT
from sample_data.population import WAGE
from sample_data.scene import About, Scene


class LongDistanceCouple:
    """Small sums to one person abroad, in the evening, and a journey there: as a buyer's; but one person, for years."""

    about = About(code="H-25", title="Long-distance couple", roles=("partner",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one who earns here; the other lives in a city abroad, and in a third of couples pays back at times."""
        rng = scene.rng
        self.partner = int(scene.recruit("partner", incomes=[WAGE])[0])
        self.city = TOWN_COUNT + int(rng.integers(len(ABROAD)))
        self.other = int(scene.outsiders(1, COUNTRIES[CITY_COUNTRY[self.city]])[0])
        self.by_agency = rng.random() < 0.35
        self.agency = int(scene.hub("remitter", self.partner)[0])
        self.weekday = int(rng.integers(7))
        self.usual = int(rng.integers(8, 31)) * 500
        self.back = rng.random() < 0.35
        # A visit every second or third month, the first one soon.
        self.every, self.turn = int(rng.integers(2, 4)), int(rng.integers(0, 2))

    def month(self, scene: Scene, days: range) -> None:
        """Send each week, but for the time of the visit."""
        rng = scene.rng
        on = scene.clock.date_of(days[0])
        begin = scene.clock.date_of(0)
        since = (on.year - begin.year) * 12 + on.month - begin.month
        visit, nights = -99, int(rng.integers(5, 13))
        if since % self.every == self.turn and len(days) > 15:
            visit = int(rng.integers(days[0], days[-1] - 10))
            scene.shop(self.partner, "travel", max(days[0], visit - 14), amount_minor=scene.euros(90, 620, 1))
            scene.travel(np.array([self.partner]), visit, nights, self.city, hotel=rng.random() < 0.3)
        weeks = scene.weekly(days, self.weekday)
        weeks = weeks[(weeks < visit) | (weeks > visit + nights)]
        sums = np.clip(self.usual + 500 * rng.integers(-4, 5, len(weeks)), 4_000, 15_000)
        scene.pay(
            self.partner,
            self.agency if self.by_agency else self.other,
            sums,
            scene.moments(weeks, "night"),
            "msb" if self.by_agency else scene.pick(["instant", "sct"], len(weeks)),
            words="merci" if self.back else None,
        )
        if self.back and rng.random() < 0.5:
            scene.pay(self.other, self.partner, scene.euros(40, 200, 1, 10), scene.moments(days[-1:], "web"), "sct")
