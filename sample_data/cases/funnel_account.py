"""G-01: credits at night and cash from several towns meet on one account and are handed on within hours."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene

PRICES = np.array([80, 100, 100, 120, 150, 150, 200, 250]) * 100
EARLY, LATE = 9, 18


class FunnelAccount:
    """One account, in a fifth of the cases two, fed by payers and depositors and emptied towards one person."""

    about = About(
        code="G-01",
        title="Funnel account, sexual exploitation",
        typology="T-01",
        roles=("funnel", "feeder", "controller", "exit_account"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV", "OPS"),
        lasts=(90, 420),
    )

    def cast(self, scene: Scene) -> None:
        """Cast one or two funnels, the people who pay in for them, and who receives; half of them share a telephone."""
        rng = scene.rng
        age = (300, 1_500) if scene.evading else (20, 400)
        self.funnels = scene.recruit("funnel", 1 + int(rng.random() < 0.2), opened_before=age)
        self.feeders = scene.recruit("feeder", int(rng.integers(2, 7)))
        self.controller = int(scene.recruit("controller")[0])
        if rng.random() < 0.5 and not scene.evading:
            scene.share("device", np.append(self.controller, self.funnels))
        self.towns = scene.towns(int(rng.integers(3, 8)), but=int(scene.people.city[self.funnels[0]]))
        self.payers = scene.passers_by(own=25, outside=60)
        self.abroad = scene.outsiders(1, "ES")
        scene.give_role(self.abroad, "exit_account")
        # Ways round what is looked for, each taken by some of those who know (catalogue, G-01).
        self.by_day = scene.evading and rng.random() < 0.6
        self.by_notes = scene.evading and rng.random() < 0.4
        self.by_gift_cards = scene.evading and rng.random() < 0.5

    def month(self, scene: Scene, days: range) -> None:
        """Post takings, notes paid in, adverts and rooms, and the hand-over after each."""
        for funnel in self.funnels.tolist():
            self._takings(scene, days, funnel)
        self._notes(scene, days)
        self._costs(scene, days)
        out = scene.some_days(days, 1.2)
        scene.pass_on(
            self.controller,
            self.abroad[0],
            scene.moments(out, "office"),
            "wire",
            keep=60_000,
            least=40_000,
            step=5_000,
            most=scene.euros(500, 2_500, len(out), 50),
            leg="MOV",
        )

    def _takings(self, scene: Scene, days: range, funnel: int) -> None:
        nights = np.repeat(scene.some_days(days, 4.5), 1 + scene.rng.poisson(0.9))
        hours = (EARLY, LATE) if self.by_day else (19.5, 28.5)
        at = scene.between(nights, *hours)
        scene.pay(
            scene.pick(self.payers, len(at)),
            funnel,
            scene.pick(PRICES, len(at)),
            at,
            scene.pick(["p2p", "p2p", "instant"], len(at)),
            leg="REV",
        )
        self._hand_over(scene, funnel, at)

    def _hand_over(self, scene: Scene, funnel: int, at: np.ndarray) -> None:
        """Send on what has come in after 2 to 20 hours: to one person, or out of a machine."""
        chance = scene.rng.random(len(at))
        cash = chance < (0.9 if self.by_notes else 0.2)
        later, kept = scene.later(at, 2, 20), scene.euros(40, 160, len(at), 1)
        scene.withdraw(
            np.full(int(cash.sum()), funnel),
            later[cash],
            scene.people.city[funnel],
            keep=kept[cash],
            leg="CTL",
            most=scene.euros(100, 400, int(cash.sum()), 10),
        )
        scene.pass_on(
            funnel,
            self.controller,
            later[~cash],
            scene.pick(["instant", "p2p", "sct"], int((~cash).sum())),
            keep=kept[~cash],
            leg="CTL",
            person=np.where(scene.rng.random(int((~cash).sum())) < 0.3, self.controller, funnel),
        )

    def _notes(self, scene: Scene, days: range) -> None:
        paid = np.repeat(scene.some_days(days, 3.5), 1 + scene.rng.poisson(0.3))
        night = scene.rng.random(len(paid)) < (0.15 if self.by_day else 0.6)
        town = scene.pick(self.towns, len(paid))
        at = np.where(night, scene.between(paid, 20, 29), scene.between(paid, EARLY, LATE))
        funnel = scene.pick(self.funnels, len(paid))
        scene.deposit(
            funnel, scene.euros(150, 900, len(paid), 10), at, town, by=scene.pick(self.feeders, len(paid)), leg="REV"
        )
        for one in self.funnels.tolist():
            self._hand_over(scene, one, at[funnel == one])

    def _costs(self, scene: Scene, days: range) -> None:
        weeks = scene.weekly(days, int(scene.rng.integers(7)))
        paid = scene.euros(10, 60, len(weeks))
        if self.by_gift_cards:
            scene.shop(self.funnels[0], "gift_cards", weeks, amount_minor=paid, leg="OPS")
        else:
            scene.advertise(self.funnels[0], weeks, amount_minor=paid, leg="OPS")
        for day in weeks.tolist():
            if scene.rng.random() < 0.5:
                scene.travel(
                    scene.pick(self.feeders, 1),
                    day,
                    int(scene.rng.integers(1, 4)),
                    int(scene.pick(self.towns, 1)[0]),
                    leg="OPS",
                )
