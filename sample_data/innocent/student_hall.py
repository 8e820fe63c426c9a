"""H-09: a student hall or a house-share: many young people at one address, rent to one payee, parents far away."""

from __future__ import annotations

import numpy as np

from sample_data.population import STUDENT, YOUNG
from sample_data.scene import About, Scene


class StudentHall:
    """One address and accounts opened in one week, as with a cohort; each lives a life of their own."""

    about = About(code="H-09", title="Student hall or house-share", roles=("hall", "resident"), customers_each=6_000)

    def cast(self, scene: Scene) -> None:
        """Cast the hall and its residents, who came in the week of enrolment; in a house-share one pays the rent."""
        rng, people = scene.rng, scene.people
        self.shared = rng.random() < 0.35
        many = int(rng.integers(4, 9)) if self.shared else scene.sized(16, 200)
        begun = int(rng.integers(40, 480))
        self.residents = scene.recruit("resident", many, ages=[YOUNG, 1], activity=0.9)
        come = rng.random(many) < 0.8
        scene.reopen(self.residents[come], scene.first - begun - rng.integers(0, 8, int(come.sum())))
        scene.share("address", self.residents)
        people.city[self.residents] = people.city[self.residents[0]]
        rent = int(rng.integers(26, 46)) * 1_000
        if self.shared:
            # The head of the flat pays the landlord; the others pay the head, on days of their own.
            self.hall = int(self.residents[0])
            people.rent[self.hall], people.landlord[self.hall] = rent * many, int(scene.passers_by(0, 1)[0])
            scene.end_rent(self.residents[1:])
        else:
            self.hall = scene.recruit_firm("hall", "I55", headcount=2)
            people.opening[self.hall] += 20 * rent
            scene.end_rent(self.residents)
        self.rent, self.due = rent, np.minimum(28, 1 + rng.exponential(2.5, many)).astype(np.int64)
        # Parents of some live abroad, of others here; those of the rest are ordinary life's.
        self.kept = np.flatnonzero(rng.random(many) < 0.55)
        people.income[self.residents[self.kept]] = STUDENT
        country = str(scene.pick(["MA", "VN", "SN", "DE", "US"], 1)[0])
        self.parents = np.where(
            rng.random(len(self.kept)) < 0.6,
            scene.outsiders(len(self.kept), country),
            scene.passers_by(0, len(self.kept)),
        )
        self.sums = self.rent * rng.uniform(1.2, 2.2, len(self.kept)) // 5_000 * 5_000
        self.sent = rng.integers(1, 6, len(self.kept))
        self.owner = int(scene.partners(0, 1)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post what parents send, rents, evenings together, and the hall's costs."""
        rng = scene.rng
        rows, due = scene.each_month(days, self.sent, 0.97)
        at = scene.moments(due, "morning")
        students = self.residents[self.kept[rows]]
        scene.pay(self.parents[rows], students, self.sums[rows], at, scene.pick(["sct", "instant", "wire"], len(rows)))
        rows, due = scene.each_month(days, self.due, 0.98)
        who = self.residents[rows]
        details = {"words": "LOYER", "purpose": "RENT"}
        scene.pay(who, self.hall, self.rent, scene.moments(due + 2, "friends"), "sct", **details)
        for evening in scene.some_days(days, 1.0).tolist():
            host = int(scene.pick(self.residents, 1)[0])
            guests = rng.choice(self.residents, min(len(self.residents) - 1, int(rng.integers(2, 9))), replace=False)
            at = scene.later(scene.moments(np.full(len(guests), evening), "night"), 0, 9)
            scene.pay(
                guests, host, scene.euros(4, 18, 1, 0.5), at, "p2p", words=str(scene.pick(["resto", "courses"], 1)[0])
            )
        if not self.shared:
            total = self.rent * len(self.residents)
            scene.overheads(self.hall, days, revenue_minor=total, wages_minor=360_000)
            drawn = scene.monthly(days, 16)
            scene.pass_on(self.hall, self.owner, scene.moments(drawn, "office"), "sct", keep=900_000, step=10_000)
