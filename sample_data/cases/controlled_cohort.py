"""G-05: a group that was onboarded together, is paid together and cashes out at one machine one after another."""

from __future__ import annotations

import numpy as np

from sample_data.clock import HOUR
from sample_data.scene import About, Scene

IN_NOTES, TO_ONE, STAGGERED = range(3)
# So many are done at a machine within ten minutes.
IN_A_CAR = 6


class ControlledCohort:
    """Workers of one house and one employer, whose wages leave within two days of payday."""

    about = About(
        code="G-05",
        title="Cohort of controlled workers",
        typology="T-06",
        roles=("controlled_person", "collector"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("CTX",),
        lasts=(90, 500),
    )

    def cast(self, scene: Scene) -> None:
        """Cast workers whose accounts were opened in one week, some of them with the same telephone."""
        rng = scene.rng
        self.workers = scene.recruit("controlled_person", scene.sized(6, 30), opened_before=(40, 420), activity=0.3)
        opened = scene.first - int(rng.integers(30, 450))
        scene.reopen(self.workers, opened - rng.integers(0, 6, len(self.workers)))
        scene.end_rent(self.workers)
        town = int(scene.people.city[self.workers[0]])
        scene.people.city[self.workers] = town
        for house in np.array_split(self.workers, -(-len(self.workers) // 12)):
            scene.share("address", house)
            if rng.random() < 0.8 and not scene.evading:
                scene.share("device", house[rng.random(len(house)) < 0.7] if len(house) > 3 else house)
        employer = int(scene.pick(scene.people.outside_employers, 1)[0])
        self.weekly = rng.random() < 0.7
        wage = rng.integers(1_150, 1_650) * 100 + rng.integers(-15, 16, len(self.workers)) * 200
        payday = int(rng.integers(1, 29))
        scene.employ(self.workers, employer, wage, weekly=self.weekly, payday=payday)
        # One in five has benefits claimed for them too.
        self.claims = self.workers[rng.random(len(self.workers)) < 0.2]
        self.benefit = rng.integers(300, 700, len(self.claims)) * 100
        self.collector = int(scene.recruit("collector")[0])
        # Ways round LAB-06: to an account of somebody's aunt, or at three machines and over two days.
        self.way = IN_NOTES if not scene.evading else (TO_ONE if rng.random() < 0.6 else STAGGERED)
        self.cars = np.array_split(self.workers, -(-len(self.workers) // IN_A_CAR))
        machines = scene.places.in_city("cash_machine", town)
        self.machines = rng.choice(machines, min(len(machines), 3), replace=False)
        self.usual = rng.uniform(0.75, 1.0)
        self.abroad = scene.outsiders(1, scene.pick(["RO", "PL", "VN", "PT"], 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post the sweep after each payday, and what becomes of it."""
        rng = scene.rng
        paydays = scene.paydays(days, int(self.workers[0]))
        due = np.repeat(scene.monthly(days, 5), len(self.claims))
        scene.pay(
            scene.hub("family"),
            np.resize(self.claims, len(due)),
            np.resize(self.benefit, len(due)),
            scene.moments(due, "batch"),
            "benefit",
            purpose="SSBE",
            person=np.resize(self.claims, len(due)),
            quality=1,
            leg="CTX",
        )
        for day in paydays.tolist():
            there = self.workers[rng.random(len(self.workers)) < 0.93]
            if self.way == TO_ONE:
                at = scene.moments(np.full(len(there), day), "friends") + 6 * HOUR
                scene.pass_on(
                    there,
                    self.collector,
                    at + rng.integers(0, 30, len(there)) * HOUR,
                    scene.pick(["p2p", "instant"], len(there)),
                    keep=scene.euros(5, 60, len(there), 1),
                    leg="CTL",
                )
            elif self.way == STAGGERED or rng.random() > self.usual:
                on = day + rng.integers(0, 3, len(there))
                place = scene.pick(self.machines, len(there))
                self._cash_out(scene, there, scene.between(on, 8, 22), place)
            else:
                self._one_after_another(scene, there, day)
        self._onward(scene, days, paydays)

    def _one_after_another(self, scene: Scene, there: np.ndarray, day: int) -> None:
        """Several cards at one machine, a minute or two apart; a large house comes by the carload, always the same."""
        rng = scene.rng
        for car in self.cars:
            part = rng.permutation(car[np.isin(car, there)])
            begin = scene.between(day, 17, 21)[0]
            at = begin + np.cumsum(rng.integers(60, 121, len(part)))
            place = self.machines[0] if rng.random() < 0.8 else scene.pick(self.machines, 1)[0]
            self._cash_out(scene, part, at, np.full(len(part), place))

    def _cash_out(self, scene: Scene, people: np.ndarray, at: np.ndarray, place: np.ndarray) -> None:
        kept = scene.euros(0, 20, len(people), 1)
        scene.withdraw(
            people, at, scene.people.city[people], place=place, keep=kept, most=scene.euros(600, 900, 1, 50), leg="CTL"
        )
        if not self.weekly:
            # A month's wage is more than a machine gives in a day.
            scene.withdraw(people, at + 24 * HOUR, scene.people.city[people], place=place, keep=kept, leg="CTL")

    def _onward(self, scene: Scene, days: range, paydays: np.ndarray) -> None:
        if self.way == TO_ONE:
            after = np.repeat(paydays, 2) + scene.rng.integers(1, 4, 2 * len(paydays))
            sums = scene.euros(150, 500, len(after), 10)
            scene.withdraw(
                np.full(len(after), self.collector),
                scene.moments(after, "cash"),
                scene.people.city[self.collector],
                sums,
                leg="MOV",
            )
        else:
            after = np.repeat(paydays, 2) + scene.rng.integers(0, 3, 2 * len(paydays))
            scene.deposit(
                self.collector,
                scene.euros(250, 1_000, len(after), 10),
                scene.moments(after, "closing"),
                scene.people.city[self.collector],
                by=self.collector,
                leg="MOV",
            )
        out = scene.some_days(days, 0.8)
        scene.pass_on(
            self.collector,
            self.abroad[0],
            scene.moments(out, "office"),
            "wire",
            most=scene.euros(600, 3_200, len(out), 10),
            keep=50_000,
            least=20_000,
            leg="MOV",
        )
