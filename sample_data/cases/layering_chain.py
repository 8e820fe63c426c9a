"""L-04: a sum goes from account to account, leaves for another bank and comes back to somebody else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sample_data.nodes import HOME
from sample_data.scene import About, Scene


class LayeringChain:
    """Four to six hops, one stretch of them unseen, and an exchange or notes at the end."""

    about = About(
        code="L-04",
        title="Layering chain across banks",
        typology="FUN-09",
        roles=("originator", "layer", "collector"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(50, 200),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the hops; at other banks an account takes it and another sends it back."""
        rng = scene.rng
        self.origin = int(scene.recruit("originator")[0])
        self.before = scene.recruit("layer", int(rng.integers(1, 3)))
        self.after = scene.recruit("layer", int(rng.integers(1, 3)), opened_before=(15, 900))
        self.last = int(scene.recruit("collector")[0])
        country = scene.pick(["DE", "BE", "FR"], 1)[0]
        self.there, self.back = scene.outsiders(1, country), scene.outsiders(1, country)
        firms = scene.people.outside_firms
        self.source = scene.pick(firms[scene.countries_of(firms) == HOME], 2)
        # Round FUN-09: each hop waits days, sends an uneven part, and lets its own money mix in.
        self.wait = (30, 110) if scene.evading else (2.2, 9)
        self.kept = (0.03, 0.3) if scene.evading else (0.01, 0.05)

    def month(self, scene: Scene, days: range) -> None:
        """Send a sum along, two or three times a month."""
        rng = scene.rng
        begins = np.append(scene.some_days(days, 0.4), days.start + len(days) // 4)
        minor, at = scene.euros(1_900, 8_600, len(begins)), scene.between(begins, 8, 14)
        scene.pay(
            scene.pick(self.source, len(at)),
            self.origin,
            minor,
            at,
            "sct",
            words="FACTURE",
            number=rng.integers(100, 9_999, len(at)),
            leg="MOV",
        )
        scene.deposit(
            self.origin,
            scene.euros(400, 1_800, len(at), 10),
            scene.later(at, 0.3, 2),
            scene.people.city[self.origin],
            by=self.origin,
            leg="MOV",
        )
        way = [self.origin, *self.before.tolist(), int(self.there[0])]
        way_back = [int(self.back[0]), *self.after.tolist(), self.last]
        for hops in (way, way_back):
            for payer, payee in pairwise(hops):
                at = scene.later(at, *self.wait)
                minor = (minor * (1 - rng.uniform(*self.kept, len(minor)))).astype(np.int64)
                minor = np.where(rng.random(len(minor)) < 0.3, minor // 1_000 * 1_000, minor)
                scene.pay(payer, payee, minor, at, scene.pick(["instant", "instant", "sct"], len(at)), leg="MOV")
            at = scene.later(at, 12, 40)
        out = minor * 9 // 10 // 1_000 * 1_000
        scene.pay(self.last, scene.hub("exchange", self.last), out, scene.later(at, 1, 6), "crypto", leg="MOV")
