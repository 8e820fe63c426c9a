"""H-18: a charity, a congregation or a collection for one purpose: many small gifts, few large payments."""

from __future__ import annotations

import numpy as np

from sample_data.population import NPO
from sample_data.scene import About, Scene


class Charity:
    """Hundreds pay in and it goes abroad in a few sums: by the statutes, and back to nobody who gave."""

    about = About(code="H-18", title="Charity, congregation or crowdfunding", roles=("charity",), customers_each=4_000)

    def cast(self, scene: Scene) -> None:
        """Cast the account that collects, its donors, and the projects it pays."""
        rng, people = scene.rng, scene.people
        self.style = str(scene.pick(["charity", "congregation", "crowdfunding"], 1)[0])
        if self.style == "crowdfunding":
            self.charity = int(scene.recruit("charity")[0])
        else:
            self.charity = scene.recruit_firm("charity", "Q88", headcount=1, kind=NPO)
            people.opening[self.charity] += 300_000
        own = min(people.people_count // 6, int(rng.integers(60, 200)))
        self.donors = scene.passers_by(own, int(rng.integers(80, 400)))
        self.sums = scene.pick(np.array([5, 10, 10, 10, 15, 20, 20, 25, 30, 50, 100]) * 100, len(self.donors))
        self.due = rng.integers(1, 29, len(self.donors))
        self.projects = scene.outsiders(int(rng.integers(1, 4)), str(scene.pick(["SN", "MA", "PH", "VN", "RO"], 1)[0]))
        if self.style == "crowdfunding":
            self.projects = scene.partners(0, 1)
        self.warden = scene.stranger()
        self.appeal = scene.first + int(rng.integers(5, 40))

    def month(self, scene: Scene, days: range) -> None:
        """Post standing gifts, an appeal's wave of gifts, the plate of a Sunday, and what projects are paid."""
        if self.style == "crowdfunding":
            self._wave(scene, days, len(self.donors))
            return
        rows, due = scene.each_month(days, self.due, 0.8 if self.style == "charity" else 0.4)
        at = scene.moments(due, "web")
        details = {"words": "don", "purpose": "CHAR"}
        scene.pay(self.donors[rows], self.charity, self.sums[rows], at, "sct", **details)
        self._wave(scene, days, len(self.donors) // 3)
        scene.overheads(self.charity, days, revenue_minor=0, wages_minor=180_000)
        if self.style == "congregation":
            plates = scene.weekly(days, 6)
            town = scene.people.city[self.charity]
            sums, at = scene.euros(150, 600, len(plates), 5), scene.between(plates, 12, 14)
            scene.deposit(self.charity, sums, at, town, by=self.warden)
        paid = scene.some_days(days, 0.4)
        scene.pass_on(
            self.charity,
            scene.pick(self.projects, len(paid)),
            scene.moments(paid, "office"),
            "wire" if self.style == "charity" else "sct",
            keep=150_000,
            most=scene.euros(600, 4_000, len(paid), 50),
            least=30_000,
            step=1_000,
            words="projet",
        )

    def _wave(self, scene: Scene, days: range, many: int) -> None:
        """Let donors follow an appeal: most at once, the others within two weeks."""
        if self.appeal not in days:
            return
        giving = scene.rng.choice(len(self.donors), many, replace=False)
        when = self.appeal + np.minimum(scene.rng.exponential(3.5, many), 20).astype(np.int64)
        at = scene.moments(when, "web")
        channel = scene.pick(["p2p", "sct", "instant"], many)
        scene.pay(self.donors[giving], self.charity, self.sums[giving], at, channel, words="don")
        if self.style == "crowdfunding":
            spent = self.appeal + 22
            total = int(self.sums[giving].sum() * 0.85)
            scene.pay(self.charity, self.projects[0], total, scene.moments(spent, "office"), "sct", words="projet")
