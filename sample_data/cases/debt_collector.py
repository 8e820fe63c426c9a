"""G-11: people of several towns send the same sum to one collector after each payday; it leaves in bulk."""

from __future__ import annotations

import numpy as np

from sample_data.population import WAGE
from sample_data.scene import About, Scene


class DebtCollector:
    """A corridor of instalments into one account, and large sums out of it."""

    about = About(
        code="G-11",
        title="Smuggling debt collector",
        typology="T-12",
        roles=("collector", "controlled_person"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("CTL",),
        lasts=(200, 720),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the collector and working payers whose accounts are less than two years old."""
        rng = scene.rng
        self.collector = int(scene.recruit("collector", opened_before=(60, 900))[0])
        self.payers = scene.recruit(
            "controlled_person", scene.sized(8, 40), incomes=[WAGE], opened_before=(40, 720), activity=0.8
        )
        # They came in groups: accounts opened in the same days, work found at the same place, and little pay.
        for group in np.array_split(self.payers, -(-len(self.payers) // 6)):
            scene.reopen(group, scene.first - int(rng.integers(40, 680)) - rng.integers(0, 6, len(group)))
            employer = int(scene.pick(scene.people.outside_employers, 1)[0])
            wages = rng.integers(1_050, 1_450, len(group)) * 100
            scene.employ(group, employer, wages, weekly=False, payday=int(rng.integers(22, 29)))
        # Of 150 to 450 a month, the more the more is earned.
        asked = scene.people.wage[self.payers] * rng.uniform(0.22, 0.38, len(self.payers))
        self.instalment = np.clip(np.rint(asked / 1_000).astype(np.int64), 15, 45) * 1_000
        # A part of the payers bank elsewhere.
        self.others = scene.pick(scene.people.outside_people_at_home, int(rng.integers(2, 10)))
        self.other_sums = rng.integers(15, 46, len(self.others)) * 1_000
        self.other_days = rng.integers(1, 29, len(self.others))
        self.trader = scene.outsiders(int(rng.integers(1, 3)), scene.pick(["TR", "AE", "IT"], 1)[0])
        # Ways round LAB-09 and SMG-02: notes are handed over and paid in by the collector, or the sums and days differ.
        self.by_notes = scene.evading and rng.random() < 0.6
        self.differs = scene.evading and not self.by_notes

    def month(self, scene: Scene, days: range) -> None:
        """Post instalments within three days of each payday, and the bulk payments."""
        rng = scene.rng
        due = [(row, day) for row, who in enumerate(self.payers) for day in scene.paydays(days, int(who))[:1]]
        row = np.array([one for one, _ in due], dtype=np.int64)
        day = np.array([on for _, on in due], dtype=np.int64)
        wait = rng.integers(0, 20, len(row)) if self.differs else rng.integers(0, 2, len(row))
        minor = self.instalment[row]
        if self.differs:
            minor = np.rint(minor * rng.uniform(0.4, 1.5, len(row)) / 500).astype(np.int64) * 500
        skips = rng.random(len(row)) < 0.04
        row, day, minor = row[~skips], (day + wait)[~skips], minor[~skips]
        at = scene.moments(day, "friends") + 6 * 3_600
        if self.by_notes:
            town = scene.people.city[self.payers[row]]
            scene.withdraw(self.payers[row], at, town, minor // 1_000 * 1_000, leg="CTL")
            banked = rng.random(len(row)) < 0.9
            scene.deposit(
                self.collector,
                minor[banked],
                scene.later(at[banked], 4, 60),
                town[banked],
                by=self.collector,
                leg="MOV",
            )
        else:
            scene.pay(
                self.payers[row], self.collector, minor, at, scene.pick(["p2p", "instant", "sct"], len(row)), leg="CTL"
            )
        due = [(one, day) for one, on in enumerate(self.other_days) for day in scene.monthly(days, int(on))]
        one = np.array([who for who, _ in due], dtype=np.int64)
        on = np.array([day for _, day in due], dtype=np.int64)
        scene.pay(
            self.others[one],
            self.collector,
            self.other_sums[one],
            scene.moments(on, "friends"),
            scene.pick(["instant", "sct"], len(one)),
            leg="CTL",
        )
        self._in_bulk(scene, days)

    def _in_bulk(self, scene: Scene, days: range) -> None:
        """Once or twice a month, all there is but for a living."""
        out = scene.some_days(days, 0.45)
        scene.pass_on(
            self.collector,
            scene.pick(self.trader, len(out)),
            scene.moments(out, "office"),
            scene.pick(["wire", "wire", "sct"], len(out)),
            most=scene.euros(1_600, 9_000, len(out), 10),
            keep=scene.euros(250, 700, len(out), 10),
            least=50_000,
            leg="MOV",
        )
