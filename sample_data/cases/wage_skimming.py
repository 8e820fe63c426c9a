"""G-04: client firms pay a labour supplier, wages are paid on paper and flow back, and payroll tax is missing."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene

# Pay of a week or a month in euros, net; what is asked back is this share of it.
WEEKLY, MONTHLY, ASKED = (250, 420), (1_200, 1_700), (0.2, 0.6)


class WageSkimming:
    """A broker, its clients, workers whose accounts were opened in batches, and those who collect from them."""

    about = About(
        code="G-04",
        title="Labour broker wage skimming",
        typology="T-05",
        roles=("broker", "collector", "controlled_person"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV", "MOV"),
        lasts=(120, 600),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the broker, one to three who collect, and workers in batches that share an introducer and a house."""
        rng = scene.rng
        self.collectors = scene.recruit("collector", int(rng.integers(1, 4)))
        self.workers = scene.recruit(
            "controlled_person", scene.sized(15, 120), opened_before=(30, 700), ages=[0, 1, 2, 3, 4], activity=0.6
        )
        batches = np.array_split(self.workers, max(1, round(len(self.workers) / int(rng.integers(6, 11)))))
        for batch in batches:
            scene.reopen(batch, scene.first - int(rng.integers(20, 640)) - rng.integers(0, 6, len(batch)))
            # Most of a batch live in one house, the others found a place of their own.
            housed = batch[rng.random(len(batch)) < 0.8]
            if len(housed):
                scene.share("address", housed)
            scene.people.introducer[batch] = scene.pick(self.collectors, 1)[0]
        scene.end_rent(self.workers)
        self.broker = scene.recruit_firm("broker", "N78", headcount=max(2, round(len(self.workers) * 0.3)))
        self.weekly = rng.random() < 0.6
        least, most = WEEKLY if self.weekly else MONTHLY
        # Half of the brokers pay everybody nearly the same, whatever the hours; with others people differ.
        base = rng.uniform(least, most) * (52 / 12 if self.weekly else 1)
        differs = 0.015 if rng.random() < 0.5 else 0.14
        self.net = np.rint(base * rng.normal(1, differs, len(self.workers)) / 2).astype(np.int64) * 200
        self.asked = rng.uniform(*ASKED, len(self.workers))
        # Ways round what is looked for: the share goes back in notes (LAB-03), or one worker's account receives the
        # wages of several (LAB-06, LAB-07: nobody else has an account).
        self.by_notes = scene.evading and rng.random() < 0.6
        leads = scene.evading and not self.by_notes
        self.lead = self.workers[:: int(rng.integers(4, 7))] if leads else self.workers
        if leads:
            scene.end_income(self.workers)
        payday = int(rng.integers(1, 28))
        if not leads:
            scene.employ(self.workers, self.broker, self.net, weekly=self.weekly, payday=payday)
        else:
            scene.people.weekly[self.workers], scene.people.payday[self.workers] = self.weekly, payday
        self.clients = scene.partners(own=int(rng.integers(1, 4)), outside=int(rng.integers(3, 8)))
        self.abroad = scene.outsiders(1, scene.pick(["PL", "RO", "PT"], 1)[0])
        self.owed = rng.integers(12, 23, len(self.workers)) * 1_000

    def month(self, scene: Scene, days: range) -> None:
        """Post invoices, wages that meet on one account, the share asked back, rents, and where it all goes."""
        rng, month = scene.rng, len(days) / 30.4
        paydays = scene.paydays(days, int(self.workers[0]))
        self._invoices(scene, days, month)
        who, day = np.tile(np.arange(len(self.workers)), len(paydays)), np.repeat(paydays, len(self.workers))
        there = rng.random(len(who)) < 0.95
        who, day = who[there], day[there]
        wage = self.net[who] * (12 / 52 if self.weekly else 1)
        if len(self.lead) < len(self.workers):
            lead = self.lead[who % len(self.lead)]
            scene.wages(self.broker, lead, wage.astype(np.int64), day, person=self.workers[who], leg="CTL")
            self._hand_back(scene, lead, wage * rng.uniform(0.55, 0.9, len(who)), day)
        else:
            self._hand_back(scene, self.workers[who], wage * self.asked[who] * rng.uniform(0.9, 1.1, len(who)), day)
        rents = scene.monthly(days, 4)
        tenant = np.tile(np.arange(len(self.workers)), len(rents))
        scene.pay(
            self.workers[tenant],
            self.collectors[0],
            self.owed[tenant],
            scene.moments(np.repeat(rents, len(self.workers)) + rng.integers(0, 4, len(tenant)), "friends"),
            scene.pick(["p2p", "sct", "instant"], len(tenant)),
            words="chambre",
            leg="CTL",
        )
        # A twentieth of the charges at most: the others are on no payroll that the office knows.
        scene.overheads(
            self.broker, days, revenue_minor=int(self.net.sum() * 0.4), wages_minor=int(self.net.sum()), social=0.02
        )
        self._empty(scene, days, month)

    def _invoices(self, scene: Scene, days: range, month: float) -> None:
        """Clients pay some invoices a month; together they cover wages and a good deal more."""
        due = scene.some_days(days, 2.2)
        due = np.append(due, days.start)
        sums = self.net.sum() * 1.55 * month / len(due) * scene.rng.uniform(0.7, 1.3, len(due))
        scene.pay(
            scene.pick(self.clients, len(due)),
            self.broker,
            np.rint(sums / 100).astype(np.int64) * 100,
            scene.moments(due, "office"),
            scene.pick(["sct", "sct", "instant"], len(due)),
            words="FACTURE",
            number=scene.rng.integers(1_000, 99_999, len(due)),
            leg="REV",
        )

    def _hand_back(self, scene: Scene, workers: np.ndarray, minor: np.ndarray, day: np.ndarray) -> None:
        """Send it within three days of payday, or take it from a machine for somebody who pays it in."""
        minor = np.maximum(np.rint(minor / 500).astype(np.int64) * 500, 2_000)
        later = scene.moments(day + scene.rng.integers(0, 3, len(day)), "friends")
        if not self.by_notes:
            scene.pay(
                workers,
                self.collectors[workers % len(self.collectors)],
                minor,
                later + 6 * 3_600,
                scene.pick(["p2p", "p2p", "instant", "sct"], len(workers)),
                leg="CTL",
            )
            return
        scene.withdraw(workers, later, scene.people.city[workers], minor // 1_000 * 1_000, leg="CTL")
        banked = np.unique(day)
        banked = np.repeat(banked, 2)
        scene.deposit(
            scene.pick(self.collectors, len(banked)),
            scene.euros(200, 950, len(banked), 10),
            scene.moments(banked + scene.rng.integers(1, 5, len(banked)), "closing"),
            scene.people.city[self.collectors[0]],
            by=scene.pick(self.collectors, len(banked)),
            leg="MOV",
        )

    def _empty(self, scene: Scene, days: range, month: float) -> None:
        """Let what the broker keeps go to those who collect, and abroad."""
        out = scene.some_days(days, 1.5)
        sums = self.net.sum() * 0.4 * month / max(1, len(out)) * scene.rng.uniform(0.5, 1.4, len(out))
        scene.pass_on(
            self.broker,
            scene.pick(self.collectors, len(out)),
            scene.moments(out, "office"),
            "sct",
            most=np.maximum(sums // 1_000 * 1_000, 20_000).astype(np.int64),
            keep=int(self.net.sum() * (0.3 if self.weekly else 1.05)),
            leg="MOV",
        )
        out = np.repeat(scene.some_days(days, 0.9), len(self.collectors))
        scene.pass_on(
            np.resize(self.collectors, len(out)),
            self.abroad[0],
            scene.moments(out, "office"),
            scene.pick(["wire", "wire", "instant"], len(out)),
            most=scene.euros(700, 4_600, len(out), 10),
            keep=scene.euros(500, 1_500, len(out), 10),
            least=20_000,
            leg="MOV",
        )
