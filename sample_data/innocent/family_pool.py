"""H-20: a family that keeps one pot, a carer who acts for an elder, or parents who pay an allowance."""

from __future__ import annotations

import numpy as np

from sample_data.population import OLD, PENSION, WAGE
from sample_data.scene import About, Scene


class FamilyPool:
    """Whole incomes go to one person, or one telephone acts for several: by agreement, and for all of them."""

    about = About(
        code="H-20", title="Family pool or allowance", roles=("pot_keeper", "relative", "elder"), customers_each=1_000
    )

    def cast(self, scene: Scene) -> None:
        """Cast a keeper and three to seven relatives, or a carer with one to three elders."""
        rng, people = scene.rng, scene.people
        self.style = str(scene.pick(["pot", "carer", "allowance"], 1)[0])
        self.keeper = int(scene.recruit("pot_keeper", incomes=[WAGE], ages=[1, 2, 3, 4])[0])
        if self.style == "carer":
            self.others = scene.recruit("elder", int(rng.integers(1, 4)), ages=[OLD], incomes=[PENSION], activity=0.15)
            scene.end_rent(self.others)
        else:
            self.others = scene.recruit("relative", int(rng.integers(3, 8)), activity=0.7)
        family = np.append(self.keeper, self.others)
        # Known to the bank as one household or by mandate; some use one telephone.
        people.household[family] = people.household[self.keeper]
        if rng.random() < 0.6:
            scene.share("address", family)
        if self.style == "carer" or rng.random() < 0.4:
            scene.share("device", family)
        self.share = rng.uniform(0.3, 0.95) if self.style == "pot" else rng.uniform(0.85, 0.98)
        self.home = int(scene.passers_by(0, 1)[0])
        self.weekday = int(rng.integers(7))

    def month(self, scene: Scene, days: range) -> None:
        """Post what goes into the pot after each payday and what it is spent on, or what is handed out."""
        rng = scene.rng
        if self.style == "allowance":
            weeks = scene.weekly(days, self.weekday).repeat(len(self.others))
            child = np.tile(self.others, len(weeks) // len(self.others))
            scene.pay(self.keeper, child, scene.euros(10, 40, len(weeks), 5), scene.moments(weeks, "friends"), "p2p")
            return
        for one in self.others.tolist():
            paid = scene.paydays(days, one) + int(rng.integers(0, 3))
            keep = int(scene.people.wage[one] * (1 - self.share))
            scene.pass_on(
                one,
                self.keeper,
                scene.moments(paid, "friends"),
                scene.pick(["instant", "p2p", "sct"], len(paid)),
                keep=keep,
                least=5_000,
                step=1_000,
                most=int(scene.people.wage[one]),
                words=str(scene.pick(["maison", "courses"], 1)[0]),
                person=self.keeper if self.style == "carer" else -1,
            )
        for due, least, most in ((6, 600, 1_100), (18, 80, 200)):
            on = scene.monthly(days, due)
            to = self.home if due == 6 else int(scene.hub("power", self.keeper)[0])
            scene.pay(self.keeper, to, scene.euros(least, most, len(on)), scene.moments(on, "web"), "sct")
        shopped = scene.some_days(days, 3.5)
        scene.shop(self.keeper, "grocery", shopped, amount_minor=scene.euros(45, 160, len(shopped)))
        if self.style == "carer":
            scene.shop(self.keeper, "pharmacy", scene.some_days(days, 1.2))
            scene.withdraw(
                self.keeper, scene.moments(scene.monthly(days, 11), "cash"), scene.people.city[self.keeper], 10_000
            )
