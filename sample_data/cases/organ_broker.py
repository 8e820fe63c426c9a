"""G-10: a few very large private payments in; clinic, laboratory, travel and lump sums to poor people out."""

from __future__ import annotations

import numpy as np

from sample_data.nodes import COUNTRIES
from sample_data.places import CITY_COUNTRY
from sample_data.population import BENEFIT, NO_INCOME, STUDENT, WAGE
from sample_data.scene import About, Scene

CLINICS_IN = ("TR", "PH", "AE")


class OrganBroker:
    """A broker, two to five who pay, and as many who are paid little; three countries."""

    about = About(
        code="G-10",
        title="Organ broker",
        typology="T-11",
        roles=("broker", "front_firm", "recipient", "exploited_person"),
        customers_each=20_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV", "OPS"),
        lasts=(200, 500),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the broker and plan the journeys; half of those who evade stand behind a consultancy."""
        rng = scene.rng
        self.broker = int(scene.recruit("broker")[0])
        count = int(rng.integers(2, 6))
        self.donors = scene.recruit(
            "exploited_person", count, incomes=[BENEFIT, STUDENT, WAGE, NO_INCOME], ages=[0, 1, 2]
        )
        # Poor, and in debt, as published cases have it.
        people = scene.people
        people.wage[self.donors] = rng.integers(45, 90, count) * 1_000
        people.declared_income[self.donors] = np.round(people.wage[self.donors] * 12 * 1.28 / 100, -2)
        self.given = rng.integers(10, 80, count) * 10_000 + 50_000
        country = scene.pick(CLINICS_IN, 1)[0]
        there = np.isin(CITY_COUNTRY, COUNTRIES.index(country))
        self.city = int(rng.choice(np.flatnonzero(there)))
        self.clinics = scene.outsiders(int(rng.integers(1, 3)), country)
        self.recipients = scene.outsiders(count, scene.pick(["GB", "DE", "US"], 1)[0])
        self.price = np.rint(np.exp(rng.uniform(np.log(50), np.log(250), count))).astype(np.int64) * 100_000
        if rng.random() < 0.6:
            # One who pays banks here, and fetches what it costs from another bank shortly before.
            own = int(scene.recruit("recipient", incomes=[WAGE], ages=[2, 3, 4])[0])
            self.recipients[0] = own
        self.put_aside = scene.outsiders(1)
        scene.give_role(self.recipients, "recipient")
        # The first deposit comes soon, the others when somebody else is found.
        gaps = np.append(rng.integers(3, 20), rng.integers(50, 110, count - 1))
        self.deposit_day = scene.first + np.cumsum(gaps)
        self.surgery_day = self.deposit_day + rng.integers(30, 61, count)
        # Ways round ORG-02: a consultancy receives (inflows are a firm's), or those who gave are paid in notes.
        self.firm = -1
        self.pays_notes = scene.evading and rng.random() < 0.5
        if scene.evading and not self.pays_notes:
            self.firm = scene.recruit_firm("front_firm", "M70", headcount=1)

    def month(self, scene: Scene, days: range) -> None:
        """Post deposits, tests, tickets, the balance at the time of surgery, and what is given at discharge."""
        rng = scene.rng
        into = self.firm if self.firm >= 0 else self.broker
        for share, day in ((rng.uniform(0.3, 0.5, len(self.price)), self.deposit_day), (None, self.surgery_day)):
            now = self._in(days, day)
            minor = self.price[now] * (share[now] if share is not None else rng.uniform(0.5, 0.6, len(now)))
            minor, at = np.rint(minor / 50_000).astype(np.int64) * 50_000, scene.moments(day[now], "office")
            own = self.recipients[now] < scene.people.count
            fetched = scene.later(at[own], -6, -0.5)
            scene.pay(self.put_aside, self.recipients[now][own], minor[own], fetched, "sct", leg="CTX")
            scene.pay(
                self.recipients[now],
                into,
                minor,
                at,
                scene.pick(["wire", "wire", "sct"], len(now)),
                leg="REV",
            )
            if self.firm >= 0:
                scene.pass_on(
                    self.firm,
                    self.broker,
                    scene.later(at, 12, 90),
                    "sct",
                    keep=300_000,
                    words="FACTURE",
                    leg="MOV",
                )
        self._prepare(scene, days)
        self._operate(scene, days)
        if self.firm >= 0:
            scene.overheads(self.firm, days, revenue_minor=900_000, wages_minor=150_000)

    def _in(self, days: range, day: np.ndarray) -> np.ndarray:
        return np.flatnonzero((day >= days.start) & (day < days.stop))

    def _prepare(self, scene: Scene, days: range) -> None:
        """Pay tests and tickets for two, some weeks before."""
        now = self._in(days, self.deposit_day + 6)
        day = self.deposit_day[now] + 6 + scene.rng.integers(0, 8, len(now))
        for trade_name, least, most in (
            ("laboratory", 180, 900),
            ("laboratory", 150, 700),
            ("travel", 500, 1_600),
            ("travel", 500, 1_600),
        ):
            scene.shop(
                np.full(len(now), self.broker),
                trade_name,
                day + scene.rng.integers(0, 3, len(now)),
                amount_minor=scene.euros(least, most, len(now)),
                leg="OPS",
            )

    def _operate(self, scene: Scene, days: range) -> None:
        """Pay the clinic, the journey of donor and broker, and what the donor is given."""
        rng, now = scene.rng, self._in(days, self.surgery_day)
        day = self.surgery_day[now]
        scene.pay(
            self.broker,
            scene.pick(self.clinics, len(now)),
            (self.price[now] * rng.uniform(0.22, 0.34, len(now)) / 1_000).astype(np.int64) * 1_000,
            scene.moments(day + 1, "office"),
            "wire",
            leg="OPS",
        )
        for one, on in zip(now.tolist(), day.tolist(), strict=True):
            scene.travel(self.donors[[one]], on, 12, self.city, hotel=False)
            scene.travel(np.array([self.broker]), on, int(rng.integers(3, 7)), self.city, leg="OPS")
            scene.shop(self.broker, "hospital", on + 2, city=self.city, leg="OPS")
        discharged = scene.moments(day + rng.integers(4, 9, len(now)), "shop")
        given = self.given[now]
        if self.pays_notes:
            turns = np.repeat(np.arange(len(now)), 4)
            at = discharged[turns] - np.tile(np.arange(4), len(now)) * 86_400
            scene.withdraw(np.full(len(turns), self.broker), at, self.city, 80_000, leg="CTL")
        else:
            scene.pay(
                self.broker, self.donors[now], given, discharged, scene.pick(["sct", "instant"], len(now)), leg="CTL"
            )
            self._afterwards(scene, self.donors[now], given, discharged, day)

    def _afterwards(
        self, scene: Scene, donors: np.ndarray, given: np.ndarray, discharged: np.ndarray, day: np.ndarray
    ) -> None:
        """Let those who were paid clear a debt with much of it, and see a doctor at home."""
        debt = (given * scene.rng.uniform(0.3, 0.8, len(donors)) / 1_000).astype(np.int64) * 1_000
        lender, at = scene.hub("lender", donors), scene.later(discharged, 30, 9 * 24)
        scene.pay(donors, lender, debt, at, "sct", purpose="LOAN", words="ECHEANCE", leg="CTX")
        seen = day + 13 + scene.rng.integers(0, 14, len(donors))
        scene.shop(donors, "doctor", seen, amount_minor=scene.euros(25, 90, len(donors), 1), leg="CTX")
