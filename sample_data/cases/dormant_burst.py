"""L-06: accounts that slept for months take in large sums for some weeks, empty, and sleep again."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class DormantBurst:
    """Two to five sleepy accounts that somebody has taken over."""

    about = About(
        code="L-06",
        title="Dormant accounts awake",
        typology="FUN-14",
        roles=("layer", "controller"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(40, 120),
    )

    def cast(self, scene: Scene) -> None:
        """Cast accounts and let them sleep; who evades has them live a little before."""
        rng, people = scene.rng, scene.people
        self.accounts = scene.recruit("layer", int(rng.integers(2, 6)))
        # Round FUN-14: an account that was never quite still is not dormant.
        people.activity[self.accounts] = rng.uniform(0.25, 0.5) if scene.evading else 0.03
        if not scene.evading:
            # Their holders live from another bank; a part of any bank's accounts is like that.
            scene.end_income(self.accounts)
        people.opening[self.accounts] = np.minimum(people.opening[self.accounts], rng.integers(2, 900) * 100)
        self.controller = int(scene.recruit("controller")[0])
        self.sources = scene.pick(scene.people.outside_firms, int(rng.integers(2, 6)))
        self.goals = scene.outsiders(2, scene.pick(["DE", "BE"], 1)[0])
        self.wakes = scene.first + rng.integers(4, 25, len(self.accounts))
        self.sleeps = self.wakes + rng.integers(8, 28, len(self.accounts))

    def month(self, scene: Scene, days: range) -> None:
        """Post what comes in while they are awake and where it goes within two days."""
        rng = scene.rng
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
        wait = (30, 160) if scene.evading else (1, 40)
        later = scene.later(at, *wait)
        notes = rng.random(len(on)) < 0.2
        sums = scene.euros(200, 600, int(notes.sum()), 10)
        scene.withdraw(who[notes], later[notes], scene.people.city[who[notes]], sums, leg="MOV")
        goal = np.where(rng.random(len(on)) < 0.3, self.controller, scene.pick(self.goals, len(on)))
        scene.pay(
            who[~notes],
            goal[~notes],
            (minor * rng.uniform(0.9, 0.99, len(on))).astype(np.int64)[~notes],
            later[~notes],
            scene.pick(["instant", "sct"], int((~notes).sum())),
            leg="MOV",
        )
