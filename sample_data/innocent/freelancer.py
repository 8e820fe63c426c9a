"""H-24: a tutor or freelancer with clients abroad: many small credits from a few payers, at their hours."""

from __future__ import annotations

import numpy as np

from sample_data.population import SECTORS, SOLE_TRADER
from sample_data.scene import About, Scene


class Freelancer:
    """Small sums from foreign payers, in the evening here: as with a facilitator; the balance stays."""

    about = About(code="H-24", title="Freelancer with foreign clients", roles=("freelancer",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one tutor, translator or designer with five to twelve clients in one to three countries."""
        rng, people = scene.rng, scene.people
        worker = scene.recruit("freelancer", ages=[0, 1, 2, 3, 4])
        if rng.random() < 0.6:
            people.kind[worker], people.sector[worker] = SOLE_TRADER, SECTORS.index("M70")
            people.turnover[worker] = 1_000 * rng.integers(12, 48)
        self.worker = int(worker[0])
        countries = rng.choice(["GB", "US", "BE", "DE", "AE", "IT", "ES"], int(rng.integers(1, 4)), replace=False)
        shares = np.array_split(np.arange(int(rng.integers(5, 13))), len(countries))
        self.clients = np.concatenate(
            [scene.outsiders(len(part), country) for part, country in zip(shares, countries.tolist(), strict=True)]
        )
        self.per_month = int(rng.integers(10, 26))
        self.rate = int(rng.integers(5, 16)) * 1_000
        self.channel = str(scene.pick(["wire", "sct", "instant"], 1)[0])
        self.savings = int(people.savings[self.worker])

    def month(self, scene: Scene, days: range) -> None:
        """Post lessons or jobs at one to three times the rate; charges; and what is put aside."""
        rng = scene.rng
        paid = np.asarray(days)[rng.integers(0, len(days), rng.poisson(self.per_month * len(days) / 30))]
        minor = self.rate * rng.integers(1, 4, len(paid))
        scene.pay(
            scene.pick(self.clients, len(paid)),
            self.worker,
            np.clip(minor, 5_000, 30_000),
            scene.moments(paid, str(scene.pick(["web", "office"], 1)[0])),
            self.channel,
            words="FACTURE",
            number=rng.integers(10, 900, len(paid)),
        )
        scene.collected(self.worker, "social", np.rint(minor.sum() * 0.22), scene.monthly(days, 15), "SSBE")
        scene.shop(self.worker, "digital", scene.some_days(days, 0.8))
        if self.savings >= 0:
            saved = scene.monthly(days, 20)
            scene.pay(
                self.worker,
                self.savings,
                scene.euros(50, 300, len(saved), 50),
                scene.moments(saved, "web"),
                "internal",
                purpose="SAVG",
            )
