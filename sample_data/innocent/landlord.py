"""H-04: a landlord, a shared house or a hostel: fixed rents from many tenants, a mortgage and repairs."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class Landlord:
    """Equal sums at regular dates from people who have nothing else to do with each other."""

    about = About(code="H-04", title="Landlord, shared house or hostel", roles=("landlord",), customers_each=2_000)

    def cast(self, scene: Scene) -> None:
        """Cast the landlord and eight to twenty-five tenants; in shared houses they have one address."""
        rng, people = scene.rng, scene.people
        self.landlord = int(scene.recruit("landlord", ages=[2, 3, 4, 5], activity=1.1)[0])
        self.style = str(scene.pick(["flats", "shared_house", "hostel"], 1)[0])
        here = scene.sized(4, 12)
        self.own = scene.recruit(None, here, opened_before=(30, 700) if self.style == "hostel" else None)
        self.rooms = {"flats": (420, 780), "shared_house": (280, 420), "hostel": (85, 130)}[self.style]
        if self.style == "hostel":
            scene.end_rent(self.own)
            self.outside = scene.passers_by(0, 60)
        else:
            # Ordinary life pays the rent of those who bank here.
            price = (
                scene.euros(*self.rooms, 1, 10) if self.style == "shared_house" else scene.euros(*self.rooms, here, 10)
            )
            people.rent[self.own], people.landlord[self.own] = price, self.landlord
            self.outside = scene.passers_by(0, int(rng.integers(4, 14)))
        if self.style != "flats":
            for house in np.array_split(self.own, 1 + here // 9):
                scene.share("address", house)
        self.due = np.minimum(28, 1 + rng.exponential(2.5, len(self.outside))).astype(np.int64)
        self.rents = scene.euros(*self.rooms, len(self.outside), 10)
        self.total = int(self.rents.sum() + people.rent[self.own].sum())
        self.tradesman = scene.partners(0, 2)

    def month(self, scene: Scene, days: range) -> None:
        """Post rents, the mortgage, repairs, tax, and what is moved to savings."""
        rng = scene.rng
        if self.style == "hostel":
            # Beds by the week; most stay one to three weeks.
            weeks = scene.weekly(days, 0).repeat(8)
            guest = scene.pick(np.append(self.own, self.outside), len(weeks))
            at = scene.moments(weeks + rng.integers(0, 3, len(weeks)), "friends")
            price = scene.euros(*self.rooms, 1, 5)
            scene.pay(guest, self.landlord, price, at, scene.pick(["p2p", "instant", "sct"], len(weeks)), words="LOYER")
            income = int(price[0]) * 34
        else:
            rows, due = scene.each_month(days, self.due, 0.98)
            at = scene.moments(due, "morning")
            to = {"words": "LOYER", "purpose": "RENT"}
            scene.pay(self.outside[rows], self.landlord, self.rents[rows], at, "sct", **to)
            income = self.total
        scene.collected(self.landlord, "lender", int(income * 0.55), scene.monthly(days, 8), "LOAN")
        scene.collected(self.landlord, "tax", int(income * 0.12), scene.monthly(days, 15), "TAXS")
        repaired = scene.some_days(days, 0.5)
        at = scene.moments(repaired, "office")
        scene.pay(
            self.landlord, scene.pick(self.tradesman, len(at)), scene.euros(90, 900, len(at)), at, words="FACTURE"
        )
        scene.shop(self.landlord, "household", scene.some_days(days, 0.6))
