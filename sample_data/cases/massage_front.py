"""G-03: a parlour with takings at closed hours, adverts and flats, and hardly any payroll tax or supplies."""

from __future__ import annotations

import numpy as np

from sample_data.population import NO_INCOME, OPENING_HOURS, WAGE
from sample_data.scene import About, Scene

TICKETS = np.array([60, 60, 70, 80, 80, 90, 100]) * 100
# Takings of a month in euros: 280,000 a year on average, spread as catalogue G-03 has it; months are 30 days.
MONTHLY_TAKINGS, SPREAD = 19_000, 0.5


class MassageFront:
    """A firm, its sister firms, the owner, and the workers who live in the owner's flats."""

    about = About(
        code="G-03",
        title="Illicit massage front",
        typology="T-04",
        roles=("front_firm", "controller", "controlled_person"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV", "OPS"),
        lasts=(120, 500),
    )

    def cast(self, scene: Scene) -> None:
        """Cast firms, owner and workers; who evades has everybody on the payroll and takes most of it back."""
        rng = scene.rng
        self.owner = int(scene.recruit("controller", incomes=[WAGE, NO_INCOME])[0])
        count = int(rng.integers(3, 9))
        self.workers = scene.recruit("controlled_person", count, opened_before=(10, 500), activity=0.55)
        scene.end_income(self.workers)
        for flat in np.array_split(self.workers, 1 + (count > 5)):
            scene.share("address", flat)
        on_paper = self.workers if scene.evading else self.workers[: 1 + int(rng.random() < 0.5)]
        # As many are declared as work there, and few are paid. Who evades keeps hours that fit what is sold.
        self.front = scene.recruit_firm("front_firm", "S96", headcount=len(on_paper))
        scene.people.off_payroll[self.front] = count - len(on_paper)
        if not scene.evading:
            # One telephone runs the firm's account and those of all who work there.
            scene.share("device", np.concatenate([[self.owner, self.front], self.workers]))
        scene.people.opening_hours[self.front] = OPENING_HOURS.index("10:00-22:00" if scene.evading else "09:00-19:00")
        self.wage = int(rng.integers(125, 160)) * 1_000 if scene.evading else int(rng.integers(80, 115)) * 1_000
        self.payday = int(rng.integers(22, 28))
        wages = self.wage + rng.integers(-40, 40, len(on_paper)) * 100
        scene.employ(on_paper, self.front, wages, weekly=False, payday=self.payday)
        self.on_paper = on_paper
        self.sisters = np.array(
            [scene.recruit_firm("front_firm", "S96", headcount=1) for _ in range(int(rng.integers(1, 3)))]
        )
        scene.reopen(self.sisters, scene.first - rng.integers(40, 700, len(self.sisters)))
        self.flats = scene.outsiders(int(rng.integers(2, 4)))
        self.abroad = scene.outsiders(1, scene.pick(["RO", "VN", "TH"], 1)[0])
        self.monthly = MONTHLY_TAKINGS * 100 * float(np.exp(rng.normal(0, SPREAD)))
        self.in_notes = rng.uniform(0.4, 0.8)
        self.guests = scene.passers_by(own=60, outside=140)

    def month(self, scene: Scene, days: range) -> None:
        """Post takings, costs, the owner's draws and, where wages are paid on paper, their way back."""
        takings = self.monthly * len(days) / 30 * float(np.exp(scene.rng.normal(0, 0.1)))
        self._take(scene, days, takings)
        self._spend(scene, days, takings)
        self._draw(scene, days, takings)
        paid = scene.monthly(days, self.payday)
        workers, day = np.tile(self.on_paper, len(paid)), np.repeat(paid, len(self.on_paper))
        share = scene.rng.uniform(0.55, 0.85, len(workers))
        scene.pay(
            workers,
            self.owner,
            (self.wage * share / 1_000).astype(np.int64) * 1_000,
            scene.moments(day + scene.rng.integers(3, 7, len(day)), "friends"),
            scene.pick(["p2p", "instant", "sct"], len(workers)),
            leg="CTL",
        )
        # Pocket money for those who are on no payroll, for food and the telephone.
        idle = self.workers[~np.isin(self.workers, self.on_paper)]
        weeks = scene.weekly(days, 0)
        scene.pay(
            self.owner,
            np.tile(idle, len(weeks)),
            scene.euros(30, 90, len(idle) * len(weeks), 5),
            scene.moments(np.repeat(weeks, len(idle)), "friends"),
            "p2p",
            leg="CTL",
        )

    def _take(self, scene: Scene, days: range, takings: float) -> None:
        """Tickets by telephone, a second one for some; notes every few days; what cards brought from the acquirer."""
        rng = scene.rng
        visits = np.repeat(np.array(days), rng.poisson(takings * 0.16 / len(days) / 9_500, len(days)))
        late = rng.random(len(visits)) < (0.12 if scene.evading else 0.4)
        at = np.where(late, scene.between(visits, 20, 25), scene.between(visits, 10.5, 20))
        guest, again = scene.pick(self.guests, len(at)), rng.random(len(at)) < np.where(late, 0.5, 0.15)
        scene.pay(guest, self.front, scene.pick(TICKETS, len(at)), at, "instant", leg="REV")
        scene.pay(
            guest[again],
            self.front,
            scene.euros(100, 260, int(again.sum()), 10),
            scene.later(at[again], 0.5, 1.2),
            "instant",
            leg="REV",
        )
        open_days = np.array([day for day in days if scene.clock.is_working_day(day)], dtype=np.int64)
        cards = takings * (1 - self.in_notes) * 0.84 / max(1, len(open_days)) * rng.uniform(0.4, 1.6, len(open_days))
        scene.takings(self.front, open_days, np.maximum(cards.astype(np.int64), 1_000), leg="REV")
        paid_in = scene.some_days(days, 2.1)
        pieces = takings * self.in_notes * 0.84 / max(1, len(paid_in)) * rng.uniform(0.6, 1.4, len(paid_in))
        into = np.where(rng.random(len(paid_in)) < 0.8, self.front, scene.pick(self.sisters, len(paid_in)))
        scene.deposit(
            into,
            np.maximum(pieces // 1_000 * 1_000, 5_000).astype(np.int64),
            scene.moments(paid_in, "closing"),
            scene.people.city[self.front],
            by=self.owner,
            leg="REV",
        )

    def _spend(self, scene: Scene, days: range, takings: float) -> None:
        rents = scene.monthly(days, 3)
        flats = np.tile(self.flats, len(rents))
        scene.pay(
            self.front,
            flats,
            scene.euros(650, 1_250, len(flats), 10),
            scene.moments(np.repeat(rents, len(self.flats)), "office"),
            "sct",
            purpose="RENT",
            words="LOYER",
            leg="OPS",
        )
        weeks = scene.some_days(days, 1.2)
        scene.advertise(self.front, weeks, amount_minor=scene.euros(20, 95, len(weeks)), leg="OPS")
        for trade_name, often in (("grocery", 1.3), ("travel", 0.45), ("household", 0.4)):
            scene.shop(self.front, trade_name, scene.some_days(days, often), leg="OPS")
        # Bills that every firm has, and as much tax as is declared.
        wages, social = self.wage * len(self.on_paper), 0.3 if scene.evading else 0.04
        scene.overheads(self.front, days, revenue_minor=int(takings * 0.5), wages_minor=wages, social=social)
        for sister in self.sisters.tolist():
            scene.overheads(sister, days, revenue_minor=int(takings * 0.15), wages_minor=0)

    def _draw(self, scene: Scene, days: range, takings: float) -> None:
        """Take the money out: to the owner, in part by way of a sister firm, and abroad."""
        rng = scene.rng
        draws = scene.some_days(days, 1.4)
        way = rng.random(len(draws)) < 0.35
        at = scene.moments(draws, "office")
        sums = (takings * 0.45 / 6 * rng.uniform(0.5, 1.5, len(draws)) / 5_000).astype(np.int64) * 5_000
        sister = scene.pick(self.sisters, len(draws))
        scene.pass_on(
            self.front,
            np.where(way, sister, self.owner),
            at,
            "sct",
            most=np.maximum(sums, 20_000),
            keep=150_000,
            leg="MOV",
        )
        scene.pass_on(
            sister[way], self.owner, scene.later(at[way], 10, 60), "sct", most=sums[way], keep=30_000, leg="MOV"
        )
        out = scene.some_days(days, 0.8)
        scene.pass_on(
            self.owner,
            self.abroad[0],
            scene.moments(out, "office"),
            "wire",
            most=scene.euros(600, 3_400, len(out), 10),
            keep=90_000,
            least=30_000,
            leg="MOV",
        )
