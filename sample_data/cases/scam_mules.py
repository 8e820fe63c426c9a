"""G-09: transfers of the defrauded hop through young accounts within minutes or hours, and end at an exchange."""

from __future__ import annotations

import numpy as np

from sample_data.population import PENSION, WAGE
from sample_data.scene import About, Scene


class ScamMules:
    """Payers, two layers of accounts that pass on, and the way out."""

    about = About(
        code="G-09",
        title="Scam-compound mule network",
        typology="T-10",
        roles=("defrauded_person", "mule", "layer"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV",),
        lasts=(60, 240),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the first layer among young and sleepy accounts, the second anywhere; some share a telephone."""
        rng = scene.rng
        self.mules = scene.recruit("mule", scene.sized(5, 20), ages=[0, 1, 2, 3], opened_before=(8, 150))
        # Every third is an old account that was hardly used.
        sleepy = self.mules[::3]
        scene.reopen(sleepy, -rng.integers(400, 3_000, len(sleepy)))
        scene.people.activity[sleepy] *= 0.4
        self.layer = scene.recruit("layer", scene.sized(3, 8))
        # Ways round: days instead of minutes (SCM-02), or firms in the second layer (FUN-14, FUN-17).
        self.slow = scene.evading and rng.random() < 0.65
        if scene.evading and not self.slow:
            firms = [scene.recruit_firm("layer", "G47", plays_trade=False) for _ in range(2)]
            self.layer = np.append(self.layer[:2], firms)
        together = self.mules[rng.random(len(self.mules)) < 0.3]
        if len(together) > 1 and not scene.evading:
            scene.share("device", together)
        self.defrauded = scene.recruit(
            "defrauded_person", scene.sized(3, 6), incomes=[WAGE, PENSION], ages=[2, 3, 4, 5]
        )
        # They have something put aside to lose.
        scene.people.opening[self.defrauded] += rng.integers(400, 4_000, len(self.defrauded)) * 1_000
        self.each_month = float(rng.uniform(9, 30))
        self.sinks = np.append(scene.hub("exchange", self.layer[:2]), scene.outsiders(1, "AE"))

    def month(self, scene: Scene, days: range) -> None:
        """Post what the defrauded send, growing from time to time, and its hops."""
        rng = scene.rng
        outside = scene.some_days(days, self.each_month * 7 / 30)
        payer = scene.pick(scene.people.outside_people_at_home, len(outside))
        own = scene.some_days(days, 1.6)
        age = (days.start - scene.first) / 30 + 1
        day = np.append(outside, own)
        payer = np.append(payer, scene.pick(self.defrauded, len(own)))
        sums = np.exp(rng.normal(7.2, 0.8, len(day))).clip(250, 18_000)
        sums[len(outside) :] = rng.uniform(200, 900, len(own)) * (1 + 0.6 * age + 0.02 * (own - days.start))
        minor = np.where(rng.random(len(day)) < 0.6, np.rint(sums / 50) * 5_000, np.rint(sums * 100)).astype(np.int64)
        minor = np.maximum(minor, 10_000)
        at = scene.between(day, 9, 22)
        mule = scene.pick(self.mules, len(day))
        scene.pay(payer, mule, minor, at, scene.pick(["instant", "instant", "sct", "wire"], len(day)), leg="REV")
        self._hops(scene, mule, minor, at)

    def _hops(self, scene: Scene, mule: np.ndarray, minor: np.ndarray, at: np.ndarray) -> None:
        """Each keeps one to five in a hundred; a large sum goes on in two pieces; some of it is taken in notes."""
        rng = scene.rng
        wait = (24, 72) if self.slow else (0.1, 1.5)
        in_two = rng.random(len(at)) < 0.35
        row = np.repeat(np.arange(len(at)), 1 + in_two)
        share = np.where(in_two[row], 0.5, 1.0) * (1 - rng.uniform(0.01, 0.05, len(row)))
        part, later = (minor[row] * share).astype(np.int64) // 100 * 100, scene.later(at[row], *wait)
        layer = scene.pick(self.layer, len(row))
        notes = (rng.random(len(row)) < 0.12) & (part < 90_000)
        scene.withdraw(
            mule[row][notes], later[notes], scene.people.city[mule[row][notes]], part[notes] // 1_000 * 1_000, leg="MOV"
        )
        scene.pay(
            mule[row][~notes],
            layer[~notes],
            part[~notes],
            later[~notes],
            scene.pick(["instant", "instant", "p2p"], int((~notes).sum())),
            leg="MOV",
        )
        last = scene.later(later[~notes], *wait)
        kept = 1 - rng.uniform(0.01, 0.05, len(last))
        sink = scene.pick(self.sinks, len(last))
        out = (part[~notes] * kept).astype(np.int64) // 1_000 * 1_000
        channel = np.where(sink == self.sinks[-1], "wire", "crypto")
        scene.pay(layer[~notes], sink, out, last, channel, leg="MOV")
