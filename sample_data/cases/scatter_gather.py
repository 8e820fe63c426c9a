"""L-03: one account spreads a sum over several that hand it on to one and the same account."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class ScatterGather:
    """Money spread and collected again, some of it by way of accounts elsewhere."""

    about = About(
        code="L-03",
        title="Scatter and gather",
        typology="FUN-07",
        roles=("originator", "layer", "collector"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(50, 200),
    )

    def cast(self, scene: Scene) -> None:
        """Cast both ends and the accounts between; who evades waits long and keeps unequal parts."""
        rng = scene.rng
        self.origin = scene.recruit_firm("originator", "F43", plays_trade=False)
        self.middles = scene.recruit("layer", int(rng.integers(4, 9)))
        self.gatherer = int(scene.recruit("collector")[0])
        self.source = scene.outsiders(1)
        self.goal = scene.outsiders(1, scene.pick(["BE", "ES", "AE"], 1)[0])
        # Round FUN-07: a week or more between, beyond the window in which in and out are held against each other.
        self.wait = (160, 330) if scene.evading else (3, 44)

    def month(self, scene: Scene, days: range) -> None:
        """Spread a sum two or three times a month."""
        rng = scene.rng
        begins = np.append(scene.some_days(days, 0.5), days.start + len(days) // 3)
        for day in begins.tolist():
            there = self.middles[rng.random(len(self.middles)) < 0.85]
            parts = scene.euros(500, 2_600, len(there), 10 if rng.random() < 0.5 else 0.01)
            arrived = scene.between(day, 8, 11)
            channel = scene.pick(["wire", "sct"], 1)[0]
            scene.pay(self.source[0], self.origin, int(parts.sum() * 1.02), arrived, channel, leg="MOV")
            sent = scene.later(np.repeat(arrived, len(there)), 0.3, 20)
            channels = scene.pick(["instant", "sct", "p2p"], len(there))
            scene.pay(self.origin, there, parts, sent, channels, words="FACTURE", leg="MOV")
            joined = scene.later(sent, *self.wait)
            kept = rng.uniform(0.7, 0.98, len(there)) if scene.evading else rng.uniform(0.92, 0.99, len(there))
            passed = (parts * kept).astype(np.int64)
            scene.pay(there, self.gatherer, passed, joined, channels, leg="MOV")
            if len(there):
                last = scene.later(joined.max(), 1, 40)
                scene.pay(
                    self.gatherer, self.goal[0], int(passed.sum() * 0.95) // 1_000 * 1_000, last, "wire", leg="MOV"
                )
