"""H-26: somebody who puts a little of each wage into crypto assets, week by week."""

from __future__ import annotations

import numpy as np

from sample_data.population import WAGE
from sample_data.scene import About, Scene


class CryptoHobbyist:
    """Paid from a wage, and some of it comes back to the same account."""

    about = About(code="H-26", title="Crypto hobbyist", roles=("saver",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one saver, steady or excitable, with one exchange or two."""
        rng = scene.rng
        self.saver = int(scene.recruit("saver", incomes=[WAGE])[0])
        exchanges = scene.places.hubs["exchange"]
        self.exchanges = rng.choice(exchanges, int(rng.integers(1, 3)), replace=False)
        self.sum_minor = int(scene.pick([25, 50, 50, 75, 100, 150], 1)[0]) * 100
        self.excitable = rng.random() < 0.4
        self.weekday = int(rng.integers(7))

    def month(self, scene: Scene, days: range) -> None:
        """Buy each week; in some months buy after a fall at night, or sell a part."""
        rng = scene.rng
        weeks = scene.weekly(days, self.weekday)
        scene.pay(
            self.saver, scene.pick(self.exchanges, len(weeks)), self.sum_minor, scene.moments(weeks, "web"), "crypto"
        )
        if self.excitable:
            rush = np.repeat(scene.some_days(days, 0.35), 3)
            scene.pay(
                self.saver,
                scene.pick(self.exchanges, len(rush)),
                scene.euros(50, 400, len(rush), 10),
                scene.between(rush, 20, 27),
                "crypto",
            )
        if rng.random() < 0.35:
            sold = scene.pick(list(days), 1)
            scene.pay(self.exchanges[0], self.saver, scene.euros(80, 900, 1), scene.moments(sold, "web"), "crypto")
