"""H-14: somebody who sells second-hand things: odd sums by day and night, and postage."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class MarketplaceSeller:
    """Many strangers pay once each; the money stays and is spent."""

    about = About(code="H-14", title="Second-hand seller", roles=("seller",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one seller: of clothes, of collectors' pieces, or of what the attic holds."""
        rng = scene.rng
        self.seller = int(scene.recruit("seller")[0])
        self.per_month = int(rng.integers(20, 81))
        self.median, self.spread = scene.pick([14.0, 22.0, 45.0], 1)[0], rng.uniform(0.5, 0.9)
        # Some buyers pay the seller, others the platform, which pays out what has gathered.
        self.by_platform = rng.choice([0.0, 0.3, 0.7])
        self.known = scene.passers_by(own=int(rng.integers(8, 25)), outside=240)

    def month(self, scene: Scene, days: range) -> None:
        """Post sales at people's hours, late ones too, payouts, parcels, and now and then stock."""
        rng = scene.rng
        sold = np.asarray(days)[rng.integers(0, len(days), rng.poisson(self.per_month * len(days) / 30))]
        minor = np.rint(100 * self.median * np.exp(rng.normal(0, self.spread, len(sold)))).astype(np.int64) + 150
        direct = rng.random(len(sold)) >= self.by_platform
        many = int(direct.sum())
        scene.pay(
            scene.pick(self.known, many),
            self.seller,
            minor[direct],
            scene.moments(sold[direct], "web"),
            scene.pick(["p2p", "p2p", "instant", "sct"], many),
            words=scene.pick(["colis", None, "merci"], 1)[0],
        )
        weeks = scene.weekly(days, 1)
        if self.by_platform and len(weeks):
            scene.pay(
                scene.hub("platform", self.seller),
                self.seller,
                np.full(len(weeks), int(minor[~direct].sum()) // len(weeks)),
                scene.moments(weeks, "batch"),
                "sct",
            )
        posted = np.unique(sold)
        posted = posted[rng.random(len(posted)) < 0.6] + 1
        scene.shop(self.seller, "post", posted)
        stock = scene.some_days(days, 0.7)
        scene.shop(self.seller, "second_hand", stock)
