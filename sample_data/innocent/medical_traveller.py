"""H-27: a patient treated abroad: a large sum to a clinic, two tickets, rooms near it, and an insurer's refund."""

from __future__ import annotations

import numpy as np

from sample_data.nodes import COUNTRIES
from sample_data.places import CITY_COUNTRY, CITY_NAMES
from sample_data.population import WAGE
from sample_data.scene import About, Scene

CITIES = ("Istanbul", "Bangkok", "Barcelona", "Brussels", "Athens", "Berlin", "New York")


class MedicalTraveller:
    """Deposit, flights for two, hotel, balance at the operation: as with a transplant that somebody arranged."""

    about = About(code="H-27", title="Medical traveller", roles=("patient",), customers_each=2_000)

    def cast(self, scene: Scene) -> None:
        """Cast one patient, paid for by savings, relatives and a loan; operated once in the first two months."""
        rng = scene.rng
        self.patient = int(scene.recruit("patient", incomes=[WAGE])[0])
        self.city = CITY_NAMES.index(str(scene.pick(CITIES, 1)[0]))
        country = COUNTRIES[CITY_COUNTRY[self.city]]
        self.clinic = int(scene.outsiders(1, country)[0])
        self.price = int(rng.integers(40, 161)) * 50_000
        self.own = int(scene.outsiders(1)[0])
        self.relatives = scene.passers_by(own=1, outside=int(rng.integers(2, 7)))
        self.deposit = scene.first + int(rng.integers(4, 15))
        self.operation = self.deposit + int(rng.integers(14, 42))
        self.nights = int(rng.integers(4, 15))
        self.refund = rng.uniform(0.3, 0.7) if rng.random() < 0.7 else 0.0
        self.insurer = int(scene.hub("insurer", self.patient)[0])

    def month(self, scene: Scene, days: range) -> None:
        """Post what falls into these days: money gathered, deposit, journey, balance, check-ups, refund."""
        rng, patient = scene.rng, self.patient
        first, rest = int(self.price * 0.3), int(self.price * 0.7)
        for due, minor in ((self.deposit, first), (self.operation, rest)):
            if due not in days:
                continue
            own = int(minor * rng.uniform(0.4, 0.6))
            scene.pay(self.own, patient, own, scene.moments(due, "web"), "sct")
            each = (minor - own) * rng.dirichlet(np.full(len(self.relatives), 3.0)) * 1.05
            at = scene.moments(np.full(len(each), due), "friends")
            # A neighbour may not have it; what is missing comes from what is on the account, or from a loan.
            scene.pay(self.relatives, patient, np.ceil(each / 5_000) * 5_000, at, "instant")
            lent = int(minor * 0.15) // 10_000 * 10_000
            lender = scene.hub("lender", patient)
            scene.pay(lender, patient, lent, scene.moments(due + 1, "batch"), "sct", purpose="LOAN")
            scene.pay(patient, self.clinic, minor, scene.moments(due + 2, "office"), "wire", words="FACTURE")
        tickets = self.operation - 10
        if tickets in days:
            scene.shop(patient, "travel", np.array([tickets, tickets]), amount_minor=scene.euros(120, 640, 1))
        if self.operation in days:
            scene.travel(np.array([patient]), self.operation, self.nights, self.city)
            after = self.operation + self.nights + np.array([3, 17])
            scene.shop(patient, "hospital", after, amount_minor=scene.euros(60, 420, 2))
        refunded = self.operation + 25
        if refunded in days and self.refund:
            sums = int(self.price * self.refund)
            scene.pay(self.insurer, patient, sums, scene.moments(refunded, "batch"), "sct", words="remboursement")
            scene.pay(patient, self.own, int(sums * 0.6), scene.moments(refunded + 3, "web"), "sct")
