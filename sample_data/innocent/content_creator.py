"""H-17: a creator of adult content: a platform pays out each week, and life is everybody's."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class ContentCreator:
    """Income from one payer with a name that is looked for; kept, spent, taxed, and nobody behind it."""

    about = About(code="H-17", title="Adult-content creator", roles=("creator",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one creator; the platform pays from abroad or from here, every week or every second."""
        rng = scene.rng
        self.creator = int(scene.recruit("creator", ages=[0, 1, 2])[0])
        foreign = rng.random() < 0.6
        self.platform = (
            int(scene.outsiders(1, str(scene.pick(["GB", "US"], 1)[0]))[0])
            if foreign
            else int(scene.hub("platform", self.creator)[0])
        )
        self.channel = "wire" if foreign else "sct"
        self.weekday, self.every = int(rng.integers(0, 5)), int(rng.choice([1, 1, 2]))
        self.usual = rng.lognormal(5.6, 0.7)
        self.fans = scene.passers_by(own=10, outside=50)
        self.gifts = rng.choice([0.0, 2.0, 5.0])

    def month(self, scene: Scene, days: range) -> None:
        """Post payouts, gifts at night, a home studio, and the charges on it."""
        rng, creator = scene.rng, self.creator
        weeks = scene.weekly(days, self.weekday)[:: self.every]
        sums = np.rint(100 * self.every * self.usual * rng.lognormal(0, 0.25, len(weeks)))
        scene.pay(self.platform, creator, sums, scene.moments(weeks, "batch"), self.channel)
        given = np.asarray(days)[rng.integers(0, len(days), rng.poisson(self.gifts * len(days) / 7))]
        scene.pay(
            scene.pick(self.fans, len(given)),
            creator,
            scene.euros(5, 60, len(given), 5),
            scene.moments(given, "night"),
            "p2p",
            words="merci",
        )
        scene.shop(creator, "digital", scene.some_days(days, 1.5))
        scene.shop(creator, "cosmetics", scene.some_days(days, 0.6))
        scene.collected(creator, "social", np.rint(sums.sum() * 0.2), scene.monthly(days, 15), "SSBE")
