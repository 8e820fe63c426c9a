"""L-07: every account of a first group pays every one of a second, and those every one of a third."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class LayeredStack:
    """Three groups with payments in all directions from one to the next: a stack, dense and without a centre."""

    about = About(
        code="L-07",
        title="Layered stack",
        typology="FUN-09",
        roles=("originator", "layer", "collector"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(60, 240),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the groups, three to five accounts each; who evades has some of the middle bank elsewhere."""
        rng = scene.rng
        self.first = scene.recruit("originator", int(rng.integers(3, 6)))
        self.middle = scene.recruit("layer", int(rng.integers(3, 6)))
        self.last = scene.recruit("collector", int(rng.integers(2, 5)))
        self.sources = scene.pick(scene.people.outside_firms, 6)
        self.goals = scene.outsiders(2, scene.pick(["ES", "DE", "AE"], 1)[0])
        # Round what sees the dense middle: a third of it lies in other banks, and sums rest for days.
        if scene.evading:
            outside = scene.outsiders(2)
            scene.give_role(outside, "layer")
            self.middle = np.append(self.middle[:-1], outside)

    def month(self, scene: Scene, days: range) -> None:
        """Feed the first group every week; each passes on to several of the next, in uneven parts."""
        rng = scene.rng
        on = np.sort(scene.pick(np.array(days), max(3, round(len(days) * 0.28 * len(self.first)))))
        minor, at = scene.euros(350, 2_400, len(on), 5), scene.between(on, 8, 19)
        at_now, holder = at, scene.pick(self.first, len(on))
        channels = scene.pick(["sct", "instant"], len(on))
        scene.pay(scene.pick(self.sources, len(on)), holder, minor, at, channels, leg="MOV")
        wait = (20, 110) if scene.evading else (1, 30)
        for group in (self.middle, self.last):
            row = np.repeat(np.arange(len(holder)), rng.integers(1, 3, len(holder)))
            parts = np.bincount(row, minlength=len(holder))[row]
            minor = (minor[row] / parts * rng.uniform(0.9, 0.99, len(row))).astype(np.int64)
            minor = np.where(rng.random(len(row)) < 0.4, minor // 1_000 * 1_000, minor)
            at_now, payee = scene.later(at_now[row], *wait), scene.pick(group, len(row))
            channels = scene.pick(["instant", "sct", "p2p"], len(row))
            scene.pay(holder[row], payee, minor, at_now, channels, leg="MOV")
            holder = payee
        out = scene.later(at_now, 4, 90)
        scene.pay(holder, scene.pick(self.goals, len(out)), minor * 19 // 20, out, "sct", leg="MOV")
