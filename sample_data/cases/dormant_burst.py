"""L-06: accounts that slept for months take in large sums for some weeks, empty, and sleep again."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene

# Days of a last ordinary use, and of sleep after it, where the bank is watched for so long; else it slept before.
LAST_USE, SLEEP, WATCHED = 40, 125, 215


class DormantBurst:
    """Two to five forgotten second accounts that somebody else has taken over."""

    about = About(
        code="L-06",
        title="Dormant accounts awake",
        typology="FUN-14",
        roles=("layer", "controller"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(215, 320),
    )

    def cast(self, scene: Scene) -> None:
        """Cast holders and open their second accounts years ago; their everyday ones go on as ever."""
        rng = scene.rng
        self.holders = scene.recruit(None, int(rng.integers(2, 6)))
        opened = np.minimum(scene.people.opened[self.holders], -400) + rng.integers(0, 200, len(self.holders))
        self.accounts = np.array(
            [
                scene.people.open_account(holder, "current", day)
                for holder, day in zip(self.holders.tolist(), opened.tolist(), strict=True)
            ]
        )
        scene.give_role(self.accounts, "layer")
        self.controller = int(scene.recruit("controller")[0])
        self.sources = scene.pick(scene.people.outside_firms, int(rng.integers(2, 6)))
        self.known = scene.pick(scene.people.outside_people_at_home, 6)
        self.goals = scene.outsiders(2, scene.pick(["DE", "BE"], 1)[0])
        watched = scene.clock.days - scene.first > WATCHED
        slept = LAST_USE + SLEEP if watched else 0
        self.used_until = scene.first + (LAST_USE if watched else 0)
        self.wakes = scene.first + slept + rng.integers(4, 25, len(self.accounts))
        self.sleeps = self.wakes + rng.integers(8, 28, len(self.accounts))

    def month(self, scene: Scene, days: range) -> None:
        """Post the last ordinary use, what comes in while they are awake, and where it goes within two days."""
        rng = scene.rng
        self._little(scene, days)
        each, day = np.meshgrid(np.arange(len(self.accounts)), np.array(days), indexing="ij")
        awake = (day >= self.wakes[each]) & (day < self.sleeps[each]) & (rng.random(day.shape) < 0.55)
        who, on = self.accounts[each[awake]], day[awake]
        at, minor = scene.between(on, 8, 20), scene.euros(450, 4_200, len(on), 5)
        scene.pay(
            scene.pick(self.sources, len(on)),
            who,
            minor,
            at,
            scene.pick(["sct", "instant"], len(on)),
            words="FACTURE",
            number=rng.integers(100, 9_999, len(on)),
            leg="MOV",
        )
        scene.pay(
            who,
            np.where(rng.random(len(on)) < 0.35, self.controller, scene.pick(self.goals, len(on))),
            (minor * rng.uniform(0.9, 0.99, len(on))).astype(np.int64),
            scene.later(at, *((30, 160) if scene.evading else (1, 40))),
            scene.pick(["instant", "sct"], len(on)),
            person=self.controller,
            leg="MOV",
        )

    def _little(self, scene: Scene, days: range) -> None:
        """Small sums to and fro: before the sleep, and all along where somebody evades FUN-14 by never being still."""
        row, day = np.meshgrid(np.arange(len(self.accounts)), np.array(days), indexing="ij")
        used = (day < self.used_until) | scene.evading
        some = used & (scene.rng.random(row.shape) < 1 / 9)
        who, on = row[some], day[some]
        at, minor = scene.moments(on, "friends"), scene.euros(5, 60, len(who), 1)
        known = scene.pick(self.known, len(who))
        scene.pay(known, self.accounts[who], minor, at, scene.pick(["p2p", "sct"], len(who)))
        scene.pay(
            self.accounts[who],
            scene.pick(self.known, len(who)),
            minor * 9 // 10,
            scene.later(at, 20, 120),
            "sct",
            person=self.holders[who],
        )
