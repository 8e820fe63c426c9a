"""G-12: several people's benefits, loans and daily small notes end in the same hands."""

from __future__ import annotations

import numpy as np

from sample_data.population import BENEFIT
from sample_data.scene import About, Scene


class BenefitCapture:
    """One who decides, and those whose benefits and credit are used."""

    about = About(
        code="G-12",
        title="Forced criminality and benefit capture",
        typology="T-13",
        roles=("controller", "controlled_person"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("CTL",),
        lasts=(120, 600),
    )

    def cast(self, scene: Scene) -> None:
        """Cast claimants of one town on benefits, some with the same telephone, and who decides."""
        rng, people = scene.rng, scene.people
        self.controller = int(scene.recruit("controller")[0])
        self.claimants = scene.recruit(
            "controlled_person", scene.sized(4, 15), activity=0.45, opened_before=(30, 1_200)
        )
        town = int(people.city[self.controller])
        people.city[self.claimants] = town
        scene.end_income(self.claimants)
        self.benefit = rng.integers(300, 901, len(self.claimants)) * 100
        # Ways round CTL-06 and LAB-06: paid to an appointee with papers, or drawn by each alone and on several days.
        self.appointee = scene.evading and rng.random() < 0.5
        self.alone = scene.evading and not self.appointee
        if not self.appointee:
            people.income[self.claimants], people.wage[self.claimants] = BENEFIT, self.benefit
            people.payday[self.claimants] = 5
        if not scene.evading:
            for device in np.array_split(self.claimants, int(rng.integers(1, 3))):
                scene.share("device", device)
        machines = scene.places.in_city("cash_machine", town)
        self.machine = int(rng.choice(machines))
        # Who has a loan taken out for them, how often, and when the first is.
        self.loans = np.repeat(self.claimants, rng.integers(0, 4, len(self.claimants)))
        self.loan_day = scene.first + rng.integers(3, 75, len(self.loans))
        self.abroad = scene.outsiders(1, scene.pick(["RO", "PL", "PT"], 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post benefit day, loans and handsets, notes begged, and where it goes."""
        rng = scene.rng
        for day in np.array([day for day in days if 5 in scene.clock.due(day)]).tolist():
            self._benefit_day(scene, day)
        now = (self.loan_day >= days.start) & (self.loan_day < days.stop)
        who, day = self.loans[now], self.loan_day[now]
        minor = rng.integers(5, 31, len(who)) * 10_000
        at = scene.moments(day, "batch")
        scene.pay(scene.hub("lender", who), who, minor, at, "sct", purpose="LOAN", quality=1, leg="CTL")
        scene.pay(
            who,
            self.controller,
            (minor * rng.uniform(0.85, 1.0, len(who)) / 1_000).astype(np.int64) * 1_000,
            scene.later(at, 4, 30),
            scene.pick(["instant", "p2p"], len(who)),
            leg="CTL",
        )
        handsets = rng.random(len(who)) < 0.5
        scene.shop(
            who[handsets],
            "telecom_shop",
            day[handsets] + 1,
            amount_minor=scene.euros(60, 180, int(handsets.sum()), 1),
            leg="CTL",
        )
        begged = scene.some_days(days, 3.5)
        scene.deposit(
            self.controller,
            scene.euros(40, 150, len(begged), 5),
            scene.moments(begged, "closing"),
            scene.people.city[self.controller],
            by=self.controller,
            leg="REV",
        )
        out = scene.some_days(days, 0.7)
        scene.pass_on(
            self.controller,
            self.abroad[0],
            scene.moments(out, "closing"),
            scene.pick(["wire", "instant"], len(out)),
            most=scene.euros(300, 2_200, len(out), 10),
            keep=40_000,
            least=15_000,
            leg="MOV",
        )

    def _benefit_day(self, scene: Scene, day: int) -> None:
        """Draw what has come: one card after another, or each alone; or it came to the appointee at once."""
        rng = scene.rng
        who = rng.permutation(self.claimants[rng.random(len(self.claimants)) < 0.92])
        if self.appointee:
            scene.pay(
                scene.hub("family"),
                self.controller,
                self.benefit,
                scene.moments(np.full(len(self.claimants), day), "batch"),
                "benefit",
                purpose="SSBE",
                person=self.claimants,
                quality=1,
                leg="CTL",
            )
            return
        if self.alone:
            at = scene.moments(day + rng.integers(0, 5, len(who)), "cash") + 3_600
            scene.withdraw(who, at, scene.people.city[who], keep=scene.euros(40, 160, len(who), 10), leg="CTL")
            return
        for turn, part in enumerate(np.array_split(who, -(-len(who) // 6))):
            at = scene.between(day, 8 + turn, 13 + turn)[0] + np.cumsum(rng.integers(50, 130, len(part)))
            scene.withdraw(
                part,
                at,
                scene.people.city[part],
                place=self.machine,
                keep=scene.euros(0, 25, len(part), 1),
                leg="CTL",
            )
