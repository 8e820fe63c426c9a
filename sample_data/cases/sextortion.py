"""G-08: a young customer pays again and again within two days, and strangers' payments meet in one account."""

from __future__ import annotations

import numpy as np

from sample_data.clock import HOUR
from sample_data.population import YOUNG
from sample_data.scene import About, Scene


class Sextortion:
    """A collector whose account is days to months old, and those who are made to pay."""

    about = About(
        code="G-08",
        title="Sextortion: exploited payers and collector",
        typology="T-09",
        roles=("exploited_person", "collector", "layer"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV",),
        lasts=(40, 200),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the collector, a second account between it and the way out for some, and the bank's own payers."""
        rng = scene.rng
        self.collector = int(scene.recruit("collector", ages=[0, 1], opened_before=(10, 120))[0])
        self.payers = scene.recruit("exploited_person", scene.sized(3, 8), ages=[YOUNG])
        self.layer = int(scene.recruit("layer", opened_before=(15, 400))[0]) if rng.random() < 0.4 else -1
        self.elsewhere_each = float(rng.uniform(3, 16))
        # Ways round CHI-08: small instalments over months, or a parent's account pays. Round CHI-09: the collector
        # waits a day or two and pays several out.
        self.way = scene.pick(["instalments", "parent", "slow"], 1)[0] if scene.evading else "at once"
        if self.way == "parent":
            self.parents = scene.recruit("exploited_person", len(self.payers), ages=[2, 3])
        # Days on which each of the bank's own is first asked: spread over the story's life, the first early.
        self.asked = scene.first + np.append(rng.integers(2, 12), rng.integers(0, 60, len(self.payers) - 1))
        self.out = scene.pick(["exchange", "exchange", "remitter"], 1)[0]

    def month(self, scene: Scene, days: range) -> None:
        """Post the bursts of the month, and what the collector does with them."""
        now = np.flatnonzero((self.asked >= days.start) & (self.asked < days.stop))
        payer, day = (self.parents if self.way == "parent" else self.payers)[now], self.asked[now]
        outside = np.array(days)[scene.rng.random(len(days)) < self.elsewhere_each / 30]
        strangers = scene.pick(scene.people.outside_people_at_home, len(outside))
        at, minor = self._burst(scene, np.append(payer, strangers), np.append(day, outside), days)
        cards = np.flatnonzero(scene.rng.random(len(now)) < 0.3)
        scene.shop(
            payer[cards],
            "gift_cards",
            day[cards],
            amount_minor=scene.pick([2_500, 5_000, 10_000], len(cards)),
            leg="REV",
        )
        self._out(scene, at, minor)
        # Between the bursts the account is fed by little else, and lives.
        if self.way == "instalments":
            weeks = scene.weekly(days, 5)
            late = self.payers[self.asked < days.start]
            who = np.tile(late, len(weeks))
            scene.pay(
                who,
                self.collector,
                scene.euros(10, 45, len(who), 5),
                scene.moments(np.repeat(weeks, len(late)), "night"),
                "p2p",
                leg="REV",
            )

    def _burst(self, scene: Scene, payer: np.ndarray, day: np.ndarray, days: range) -> tuple[np.ndarray, np.ndarray]:
        """Post three to eight payments of each within two days, most at night and none smaller than the one before."""
        rng = scene.rng
        count = rng.integers(1, 3, len(payer)) if self.way == "instalments" else rng.integers(3, 9, len(payer))
        row = np.repeat(np.arange(len(payer)), count)
        turn = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        night = rng.random(len(payer)) < 0.7
        begin = np.where(night, scene.between(day, 20, 28), scene.between(day, 9, 20))
        hours = np.exp(rng.uniform(np.log(2), np.log(44), len(payer)))
        at = begin[row] + (hours[row] * turn / np.maximum(count[row] - 1, 1) * HOUR).astype(np.int64)
        at += rng.integers(0, 900, len(at))
        begins = np.exp(rng.uniform(np.log(25), np.log(130), len(payer)))
        sums = begins[row] * (1 + rng.uniform(0, 0.25, len(payer))[row]) ** turn
        minor = np.rint(sums / 5).astype(np.int64) * 500
        channel = scene.pick(["p2p", "p2p", "instant"], len(payer))[row]
        scene.pay(payer[row], self.collector, minor, at, channel, leg="REV")
        return at, minor

    def _out(self, scene: Scene, at: np.ndarray, minor: np.ndarray) -> None:
        """Send it on within hours towards an exchange or a remitter, some of it over a second account."""
        wait = (24, 90) if self.way == "slow" else (0.5, 6)
        leaves = scene.rng.random(len(at)) < 0.9
        at, minor = scene.later(at[leaves], *wait), (minor[leaves] * scene.rng.uniform(0.9, 1.0, int(leaves.sum())))
        minor = minor.astype(np.int64)
        channel = "crypto" if self.out == "exchange" else "msb"
        sender = self.collector
        if self.layer >= 0:
            scene.pay(self.collector, self.layer, minor, at, scene.pick(["instant", "p2p"], len(at)), leg="MOV")
            sender, at, minor = self.layer, scene.later(at, 0.2, 3), (minor * 0.97).astype(np.int64)
        if self.way == "slow":
            friends = scene.pick(scene.people.outside_people_at_home, 4)
            half = scene.rng.random(len(at)) < 0.5
            scene.pay(sender, scene.pick(friends, int(half.sum())), minor[half], at[half], "instant", leg="MOV")
            at, minor = at[~half], minor[~half]
        scene.pay(sender, scene.hub(self.out, sender), minor // 500 * 500, at, channel, leg="MOV")
