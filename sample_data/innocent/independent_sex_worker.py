"""H-16: an independent sex worker acting lawfully: keeps the money, spends it on a life of their own, pays tax."""

from __future__ import annotations

import numpy as np

from sample_data.population import SECTORS, SOLE_TRADER
from sample_data.scene import About, Scene

PRICES = np.array([100, 120, 150, 150, 200, 200, 250, 300]) * 100


class IndependentSexWorker:
    """Takings, adverts and rooms as with a controlled person; nobody else takes the money. Must reach no gate."""

    about = About(code="H-16", title="Independent sex worker", roles=("independent_worker",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one worker; some work by night alone, some at mixed hours, some go on tour."""
        rng = scene.rng
        young = (60, 900) if rng.random() < 0.4 else None
        worker = scene.recruit("independent_worker", ages=[0, 1, 2, 3], opened_before=young, activity=1.2)
        people = scene.people
        if rng.random() < 0.6:
            people.kind[worker], people.sector[worker] = SOLE_TRADER, SECTORS.index("S96")
            people.turnover[worker] = 1_000 * rng.integers(18, 60)
        # A third have another job beside it; the others live from this.
        if rng.random() < 0.67:
            people.income[worker], people.employer[worker] = 4, -1
        self.worker = int(worker[0])
        self.per_week = rng.uniform(3, 15)
        self.hours = (20.0, 29.0) if rng.random() < 0.5 else (13.0, 26.0)
        self.prices = np.sort(scene.pick(PRICES, 4))
        self.guests = scene.passers_by(own=20, outside=90)
        self.tours = rng.choice([0.0, 0.25, 0.6])
        self.towns = scene.towns(5, but=int(people.city[self.worker]))
        self.adverts = rng.uniform(0.6, 2.0)
        self.savings = int(people.savings[self.worker])

    def month(self, scene: Scene, days: range) -> None:
        """Post credits, adverts, tours, tax and savings; the rest of life is everybody's."""
        rng, worker = scene.rng, self.worker
        booked = np.asarray(days)[rng.integers(0, len(days), rng.poisson(self.per_week * len(days) / 7))]
        scene.pay(
            scene.pick(self.guests, len(booked)),
            worker,
            scene.pick(self.prices, len(booked)),
            scene.between(booked, *self.hours),
            scene.pick(["p2p", "instant", "p2p"], len(booked)),
        )
        shown = scene.some_days(days, self.adverts)
        scene.advertise(worker, shown)
        for day in scene.some_days(days, self.tours).tolist():
            scene.travel(np.array([worker]), day, int(rng.integers(2, 5)), int(scene.pick(self.towns, 1)[0]))
        # Notes are a part of the takings, paid in by the worker and nobody else.
        noted = scene.some_days(days, 0.8)
        scene.deposit(
            worker,
            scene.euros(100, 500, len(noted), 10),
            scene.moments(noted, "closing"),
            scene.people.city[worker],
            by=worker,
        )
        tax = np.rint(self.per_week * 4.3 * self.prices.mean() * 0.22)
        scene.collected(worker, "social", tax, scene.monthly(days, 15), "SSBE")
        if self.savings >= 0:
            saved = scene.monthly(days, 18)
            scene.pay(
                worker,
                self.savings,
                scene.euros(100, 500, len(saved), 50),
                scene.moments(saved, "web"),
                "internal",
                purpose="SAVG",
            )
