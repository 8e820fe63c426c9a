"""G-02: city after city, rooms and adverts, and every evening's money handed to one person."""

from __future__ import annotations

import numpy as np

from sample_data.places import TOWN_COUNT
from sample_data.population import NO_INCOME, WAGE
from sample_data.scene import About, Scene

PRICES = (80, 90, 100, 100, 120, 120, 150, 150, 180, 200, 250)
# Cities abroad that are a short ride away: Brussels, Barcelona, Milan, Berlin.
NEAR_ABROAD = TOWN_COUNT + np.array([9, 10, 15, 14])


class ControlledCircuit:
    """One to four people who are moved around, and the one who moves them."""

    about = About(
        code="G-02",
        title="Controlled person on a circuit",
        typology="T-02",
        roles=("controlled_person", "controller", "facilitator"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV", "OPS"),
        lasts=(60, 300),
    )

    def cast(self, scene: Scene) -> None:
        """Cast those on the road, who decides, and, for some who know what is looked for, who pays the rooms."""
        rng = scene.rng
        count = int(rng.integers(1, 5))
        new = rng.random() < 0.25
        self.persons = scene.recruit(
            "controlled_person", count, ages=[0, 1, 2], opened_before=(3, 30) if new else (30, 720), activity=0.6
        )
        # Some keep a job on paper, most have none.
        scene.end_income(self.persons[rng.random(count) < 0.7])
        scene.end_rent(self.persons)
        self.controller = int(scene.recruit("controller", incomes=[WAGE, NO_INCOME])[0])
        if rng.random() < 0.3 and not scene.evading:
            scene.share("device", np.append(self.controller, self.persons))
        home = int(scene.people.city[self.persons[0]])
        self.route = scene.towns(int(rng.integers(4, 8)), but=home)
        self.route = np.append(self.route, scene.pick(NEAR_ABROAD, int(rng.integers(0, 3))))
        self.together = rng.random() < 0.6
        self.payers = scene.passers_by(own=30 * count, outside=60 * count)
        self.menu = rng.choice(PRICES, 4)
        self.weekly = rng.random() < 0.3
        # Ways round what is looked for (catalogue, G-02); at least one of them, and never the same set twice over.
        ways = rng.random(3) < 0.55 if scene.evading else np.zeros(3, dtype=bool)
        if scene.evading and not ways.any():
            ways[rng.integers(3)] = True
        # Rooms on somebody else's card: against SEX-03. Notes every few days: CTL-01. By day: SEX-01.
        self.on_another_card, self.by_notes, self.by_day = ways.tolist()
        self.host = int(scene.recruit("facilitator")[0]) if self.on_another_card else -1

    def month(self, scene: Scene, days: range) -> None:
        """Post the stays of the month: rooms, adverts, rides, what comes in and what is handed over."""
        stays = self._stays(scene, days)
        if not len(stays):
            return
        for person, day, nights, city in stays.tolist():
            scene.travel(np.array([person]), day, nights, city, hotel=not self.on_another_card, leg="OPS")
        person, day, nights, city = stays.T
        row = np.repeat(np.arange(len(stays)), nights)
        night = day[row] + np.arange(len(row)) - np.repeat(np.cumsum(nights) - nights, nights)
        if self.on_another_card:
            scene.shop(self.host, "hotel", night, city=city[row], remote=True, leg="OPS")
        adverts = np.where(self.on_another_card & (scene.rng.random(len(stays)) < 0.7), self.host, person)
        scene.advertise(adverts, day, amount_minor=scene.euros(10, 60, len(stays)), leg="OPS")
        self._around(scene, person[row], night, city[row])
        self._takings(scene, person[row], night, city[row])
        self._hand_over(scene, stays)
        out = scene.some_days(days, 1.1)
        scene.pay(
            self.controller,
            scene.hub("remitter", self.controller),
            scene.euros(150, 900, len(out), 10),
            scene.moments(out, "closing"),
            "msb",
            leg="MOV",
        )

    def _stays(self, scene: Scene, days: range) -> np.ndarray:
        """Draw person, first day, nights and city of each stay; often all go together."""
        rows: list[tuple[int, int, int, int]] = []
        groups = [self.persons] if self.together else [np.array([one]) for one in self.persons]
        for group in groups:
            day = days.start + int(scene.rng.integers(0, 4))
            while day + 6 < days.stop:
                nights, city = int(scene.rng.integers(2, 7)), int(scene.pick(self.route, 1)[0])
                rows += [(int(one), day, nights, city) for one in group if scene.rng.random() < 0.92]
                # Back home or at friends' for some days between.
                day += nights + int(scene.rng.integers(0, 5))
        return np.array(rows, dtype=np.int64).reshape(-1, 4)

    def _around(self, scene: Scene, person: np.ndarray, night: np.ndarray, city: np.ndarray) -> None:
        """Rides, food and supplies of the evening."""
        rides = np.repeat(np.arange(len(night)), scene.rng.poisson(1.3, len(night)))
        scene.shop(
            person[rides],
            "taxi",
            night[rides],
            city=city[rides],
            at=scene.between(night[rides], 20, 28.5, city[rides]),
            leg="OPS",
        )
        for trade_name, share in (("fast_food", 0.6), ("pharmacy", 0.13), ("cosmetics", 0.09), ("grocery", 0.15)):
            some = scene.rng.random(len(night)) < share
            scene.shop(person[some], trade_name, night[some], city=city[some], leg="OPS")

    def _takings(self, scene: Scene, person: np.ndarray, night: np.ndarray, city: np.ndarray) -> None:
        """Credits from strangers, most at prices of the list, and some notes paid in."""
        each = np.repeat(np.arange(len(night)), scene.rng.poisson(1.4, len(night)))
        hours = (10, 19) if self.by_day else (19, 29)
        listed = scene.pick(self.menu, len(each)) * 100
        free = scene.euros(40, 300, len(each), 5)
        scene.pay(
            scene.pick(self.payers, len(each)),
            person[each],
            np.where(scene.rng.random(len(each)) < 0.75, listed, free),
            scene.between(night[each], *hours, city[each]),
            scene.pick(["p2p", "p2p", "instant"], len(each)),
            leg="REV",
        )
        notes = (scene.rng.random(len(night)) < 0.22) & (city < TOWN_COUNT)
        scene.deposit(
            person[notes],
            scene.euros(100, 700, int(notes.sum()), 10),
            scene.between(night[notes], 9, 29) if self.by_day else scene.between(night[notes], 19, 29),
            city[notes],
            by=person[notes],
            leg="REV",
        )

    def _hand_over(self, scene: Scene, stays: np.ndarray) -> None:
        """Give up what is there: after each evening, once a week, or in notes every few days."""
        person, day, nights, city = stays.T
        if self.by_notes:
            twice = np.repeat(np.arange(len(stays)), 1 + (nights > 3))
            on = day[twice] + scene.rng.integers(1, 1 + nights[twice])
            scene.withdraw(
                person[twice],
                scene.between(on, 10, 23, city[twice]),
                city[twice],
                keep=scene.euros(130, 320, len(twice), 1),
                leg="CTL",
            )
            return
        if self.weekly:
            who, evening = person, day + nights
        else:
            who = np.repeat(person, nights)
            evening = np.repeat(day, nights) + np.arange(len(who)) - np.repeat(np.cumsum(nights) - nights, nights)
        end = scene.between(evening, 18, 19) if self.by_day else scene.between(evening, 27, 29)
        scene.pass_on(
            who,
            self.controller,
            scene.later(end, 0.5, 8),
            scene.pick(["instant", "p2p", "p2p", "sct"], len(who)),
            keep=scene.euros(110, 330, len(who), 1),
            leg="CTL",
        )
