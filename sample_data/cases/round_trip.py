"""L-01: money goes round over several accounts and comes back to where it began, a little less of it each time."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class RoundTrip:
    """A ring of three to six accounts, some of them elsewhere; the motif of no exploitation in particular."""

    about = About(
        code="L-01",
        title="Round trip",
        typology="FUN-08",
        roles=("originator", "layer"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(40, 200),
    )

    def cast(self, scene: Scene) -> None:
        """Cast an originator and the accounts of the ring; who evades lets an account elsewhere stand between."""
        self.originator = scene.recruit_firm("originator", "M70", plays_trade=False)
        layers = scene.recruit("layer", int(scene.rng.integers(2, 6)), opened_before=(40, 900))
        if scene.evading:
            outside = scene.outsiders(1)
            scene.give_role(outside, "layer")
            layers = np.insert(layers, len(layers) // 2, outside)
        self.ring = [self.originator, *layers.tolist(), self.originator]

    def month(self, scene: Scene, days: range) -> None:
        """Send a sum round, about once a week; each keeps one to four in a hundred and waits some hours."""
        slow = 60.0 if scene.evading else 14.0
        begins = scene.some_days(days, 1.1)
        at = scene.moments(begins, "office")
        sums = scene.euros(700, 4_800, len(begins), 10)
        for payer, payee in zip(self.ring, self.ring[1:], strict=False):
            scene.pay(payer, payee, sums, at, scene.pick(["instant", "sct", "p2p"], len(at)), leg="MOV")
            at = scene.later(at, 0.3, slow)
            kept = 1 - scene.rng.uniform(0.01, 0.04, len(at))
            sums = (sums * kept).astype(np.int64)
            sums = np.where(scene.rng.random(len(sums)) < 0.5, sums // 1_000 * 1_000, sums)
