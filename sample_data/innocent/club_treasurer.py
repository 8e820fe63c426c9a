"""H-22: the treasurer of a club, class or trip collects equal sums and pays one supplier."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class ClubTreasurer:
    """Many payers, one sum, and nearly all of it goes on: with a reason that anybody in the club can tell."""

    about = About(code="H-22", title="Club, class or trip treasurer", roles=("treasurer",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one treasurer of twenty to forty members, who use their own account for it or one for the club."""
        rng = scene.rng
        self.treasurer = int(scene.recruit("treasurer")[0])
        own = int(rng.integers(8, 20))
        self.members = scene.passers_by(own=own, outside=int(rng.integers(20, 41)) - own)
        self.account = self.treasurer
        if rng.random() < 0.35:
            self.account = scene.people.open_account(
                self.treasurer, "current", scene.first - int(rng.integers(60, 900))
            )
            scene.give_role(self.account, "treasurer")
        self.supplier = int(scene.partners(0, 1)[0])
        self.words = str(scene.pick(["sortie club", "classe verte", "tournoi", "cotisation"], 1)[0])
        # Every month, every second or third; the first collection soon.
        self.every, self.turn = int(rng.integers(1, 4)), int(rng.integers(0, 2))

    def month(self, scene: Scene, days: range) -> None:
        """Collect within ten days, remind those who forget, and pay the bill."""
        rng, on, begin = scene.rng, scene.clock.date_of(days[0]), scene.clock.date_of(0)
        since = (on.year - begin.year) * 12 + on.month - begin.month
        if since % self.every != self.turn % self.every or len(days) < 12:
            return
        share = int(scene.pick([15, 20, 25, 35, 45, 60, 85, 120], 1)[0]) * 100
        paying = self.members[rng.random(len(self.members)) < 0.93]
        first = int(rng.integers(days[0], days[-1] - 10))
        when = first + np.minimum(rng.exponential(2.5, len(paying)), 12).astype(np.int64)
        scene.pay(
            paying,
            self.account,
            share,
            scene.moments(when, "friends"),
            scene.pick(["p2p", "p2p", "instant", "sct"], len(paying)),
            words=self.words,
        )
        # The bill in one sum, or a deposit soon and the rest later.
        total = int(share * len(paying) * rng.uniform(0.88, 0.99))
        parts = [1.0] if rng.random() < 0.6 else [0.3, 0.7]
        for number, part in enumerate(parts):
            due = first + 13 if number == len(parts) - 1 else first + 4
            scene.pay(
                self.account, self.supplier, int(total * part), scene.moments(due, "office"), "sct", words="FACTURE"
            )
