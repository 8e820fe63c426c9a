"""L-05: proceeds of several people meet on one account, mix, and go out to many and abroad in bulk."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene

PRICES = np.array([80, 100, 120, 120, 150, 180, 200]) * 100


class LaunderingHub:
    """A hub that gathers from those who take in at night and from dispersed payers, and scatters."""

    about = About(
        code="L-05",
        title="Laundering hub serving exploiters",
        typology="T-14",
        roles=("hub", "funnel", "feeder", "layer", "exit_account"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("MOV",),
        lasts=(60, 300),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the hub, the funnels that feed it, payers of other towns, and the people it pays."""
        rng = scene.rng
        self.firm = rng.random() < 0.5
        self.hub = (
            scene.recruit_firm("hub", "G47", headcount=2, plays_trade=False)
            if self.firm
            else int(scene.recruit("hub")[0])
        )
        # What comes in upstream is not earned by who holds the account, and does not stay there.
        self.funnels = scene.recruit("funnel", int(rng.integers(1, 4)), opened_before=(20, 700), activity=0.5)
        scene.end_income(self.funnels)
        self.feeders = scene.recruit("feeder", scene.sized(6, 18))
        self.outside = scene.pick(scene.people.outside_people_at_home, int(rng.integers(8, 25)))
        # Round FUN-07 and SMG-03: several accounts of others stand between, and money lies for a week.
        count = int(rng.integers(3, 6)) if scene.evading else 0
        self.layer = scene.recruit("layer", count) if count else np.zeros(0, dtype=np.int64)
        self.paid = scene.pick(scene.people.outside_people_at_home, int(rng.integers(6, 20)))
        self.abroad = scene.outsiders(2, scene.pick(["AE", "TR", "ES"], 1)[0])
        scene.give_role(self.abroad, "exit_account")
        self.bulk_day = int(rng.integers(0, 5))
        self.guests = scene.passers_by(own=50, outside=90)

    def month(self, scene: Scene, days: range) -> None:
        """Post takings of the funnels, what is brought to the hub, and what leaves it."""
        rng = scene.rng
        nights = np.repeat(scene.some_days(days, 5), 1 + rng.poisson(0.7))
        at = scene.between(nights, 19.5, 28.5)
        to, minor = scene.pick(self.funnels, len(at)), scene.pick(PRICES, len(at))
        scene.pay(scene.pick(self.guests, len(at)), to, minor, at, scene.pick(["p2p", "instant"], len(at)), leg="REV")
        adverts = scene.some_days(days, 1.8)
        scene.advertise(self.funnels[0], adverts, amount_minor=scene.euros(12, 55, len(adverts)), leg="OPS")
        door = scene.pick(self.layer, len(at)) if len(self.layer) else np.full(len(at), self.hub)
        later = scene.later(at, 2, 18)
        channels = scene.pick(["instant", "p2p", "sct"], len(at))
        scene.pass_on(to, door, later, channels, keep=scene.euros(20, 90, len(at), 1), leg="MOV")
        self._bring(scene, days)
        if len(self.layer):
            weeks = np.repeat(scene.weekly(days, 4), len(self.layer))
            scene.pass_on(
                np.resize(self.layer, len(weeks)),
                self.hub,
                scene.moments(weeks, "friends"),
                "instant",
                most=scene.euros(250, 900, len(weeks), 10),
                keep=20_000,
                leg="MOV",
            )
        self._scatter(scene, days)

    def _bring(self, scene: Scene, days: range) -> None:
        """Dispersed payers bring a few hundred each, some of them in notes."""
        rng = scene.rng
        on = np.repeat(np.array(days), rng.poisson(0.75, len(days)))
        notes = rng.random(len(on)) < 0.2
        payer = np.where(
            rng.random(len(on)) < 0.5, scene.pick(self.feeders, len(on)), scene.pick(self.outside, len(on))
        )
        at = scene.moments(on, "friends")
        minor = scene.euros(120, 700, len(on), 10 if self.firm else 5)
        channel = scene.pick(["p2p", "instant", "sct"], len(on))
        scene.pay(payer[~notes], self.hub, minor[~notes], at[~notes], channel[~notes], leg="MOV")
        by = scene.pick(self.feeders, int(notes.sum()))
        town = scene.people.city[by]
        scene.deposit(self.hub, minor[notes] // 1_000 * 1_000, at[notes], town, by=by, leg="MOV")

    def _scatter(self, scene: Scene, days: range) -> None:
        """Pay many in pieces within a day or two, and the rest abroad."""
        rng = scene.rng
        on = np.repeat(scene.some_days(days, 3), 1 + rng.poisson(1.2))
        keep = 400_000 if self.firm else 40_000
        wait = 150 if scene.evading else 30
        scene.pass_on(
            self.hub,
            scene.pick(self.paid, len(on)),
            scene.later(scene.moments(on, "friends"), 0, wait),
            scene.pick(["instant", "sct", "p2p"], len(on)),
            most=scene.euros(120, 850, len(on), 10),
            keep=keep,
            leg="MOV",
        )
        # Every week on the same day; those who know that regularity is looked for, whenever.
        bulk = scene.some_days(days, 0.8) if scene.evading else scene.weekly(days, self.bulk_day)
        scene.pass_on(
            self.hub,
            scene.pick(self.abroad, len(bulk)),
            scene.moments(bulk, "office"),
            "wire",
            most=scene.euros(900, 6_000, len(bulk), 50),
            keep=keep,
            least=30_000,
            leg="MOV",
        )
