"""H-28: the client account of a letting agent, a solicitor or a payment facilitator: in and out, under a licence."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene


class ClientAccount:
    """What comes in leaves the same day or week, all but a fee: pass-through by profession."""

    about = About(
        code="H-28",
        title="Letting agent, solicitor, escrow or facilitator",
        roles=("client_account",),
        customers_each=4_000,
    )

    def cast(self, scene: Scene) -> None:
        """Cast the firm, open its client account, and name those it acts for."""
        rng, people = scene.rng, scene.people
        self.style = str(scene.pick(["letting", "solicitor", "facilitator"], 1)[0])
        self.firm = scene.recruit_firm(None, "M70", headcount=int(rng.integers(2, 6)))
        people.licensed[self.firm] = True
        self.account = people.open_account(self.firm, "client", scene.first - int(rng.integers(200, 3_000)))
        scene.give_role(self.account, "client_account")
        people.opening[self.firm] += 1_500_000
        self.fee = {"letting": 0.08, "solicitor": 0.015, "facilitator": 0.03}[self.style]
        if self.style == "letting":
            self.owners = scene.passers_by(own=4, outside=int(rng.integers(6, 16)))
            tenants = scene.recruit(None, scene.sized(6, 30))
            people.rent[tenants] = scene.euros(380, 900, len(tenants), 10)
            people.landlord[tenants] = self.account
            self.payers = scene.passers_by(0, int(rng.integers(8, 30)))
            self.rents = scene.euros(380, 900, len(self.payers), 10)
            self.due = rng.integers(2, 9, len(self.payers))
        elif self.style == "facilitator":
            self.owners = scene.partners(2, int(rng.integers(6, 14)))
            self.payers = scene.passers_by(own=150, outside=400)
            self.per_day = float(rng.uniform(8, 30))
        else:
            self.owners = scene.passers_by(0, 30)
            self.payers = scene.passers_by(0, 40)
            self.per_month = float(rng.uniform(3, 8))

    def month(self, scene: Scene, days: range) -> None:
        """Post what is held for others, how it goes on, the fee, and the firm's own costs."""
        trades = {"letting": self._letting, "solicitor": self._solicitor, "facilitator": self._facilitator}
        trades[self.style](scene, days)
        earned = scene.monthly(days, 28)
        # The fee is what stays behind; it goes to the firm's own account.
        scene.pass_on(self.account, self.firm, scene.moments(earned, "closing"), "internal", keep=5_000, step=100)
        wages = int(scene.people.headcount[self.firm]) * 180_000
        scene.overheads(self.firm, days, revenue_minor=wages * 2, wages_minor=wages)
        client = scene.partners(0, 1)
        billed = scene.some_days(days, 2)
        sums = scene.euros(0.15 * wages / 100, 0.35 * wages / 100, len(billed), 5)
        scene.pay(client, self.firm, sums, scene.moments(billed, "office"), "sct", words="FACTURE")

    def _letting(self, scene: Scene, days: range) -> None:
        rows, due = scene.each_month(days, self.due, 0.98)
        details = {"words": "LOYER", "purpose": "RENT"}
        scene.pay(self.payers[rows], self.account, self.rents[rows], scene.moments(due, "morning"), "sct", **details)
        total = int(self.rents.sum() + 60_000 * 6)
        for day_of_month in (6, 10, 26):
            paid = scene.monthly(days, day_of_month).repeat(len(self.owners))
            owners = np.resize(self.owners, len(paid))
            most = int(total * (1 - self.fee) / len(self.owners) / 3)
            at = scene.moments(paid, "closing")
            scene.pass_on(self.account, owners, at, "sct", most=most, keep=int(total * self.fee), words="LOYER")

    def _solicitor(self, scene: Scene, days: range) -> None:
        rng = scene.rng
        many = rng.poisson(self.per_month * len(days) / 30)
        for day in np.asarray(days)[rng.integers(0, len(days), many)].tolist():
            # A house changes hands: the buyer's and the lender's money in, the seller and the tax paid by night.
            price = int(rng.integers(60, 420)) * 100_000
            own = int(price * rng.uniform(0.15, 0.6))
            buyer, seller = scene.pick(self.payers, 1), scene.pick(self.owners, 1)
            at = scene.between(day, 8.5, 11)
            scene.pay(buyer, self.account, own, at, scene.pick(["wire", "sct", "instant"], 1))
            lender = scene.hub("lender", self.firm)
            scene.pay(lender, self.account, price - own, scene.later(at, 0.2, 1.5), "wire", purpose="LOAN")
            after = scene.later(at, 3, 6)
            scene.pay(self.account, seller, int(price * (0.93 - self.fee)), after, "wire")
            scene.pay(self.account, scene.places.hubs["tax"][0], int(price * 0.06), after + 900, "sct", purpose="TAXS")

    def _facilitator(self, scene: Scene, days: range) -> None:
        rng = scene.rng
        sold = np.repeat(np.asarray(days), rng.poisson(self.per_day, len(days)))
        sums = np.rint(100 * np.exp(rng.normal(3.4, 0.8, len(sold)))).astype(np.int64) + 200
        at = scene.moments(sold, "web")
        scene.pay(scene.pick(self.payers, len(sold)), self.account, sums, at, scene.pick(["instant", "sct"], len(sold)))
        # Paid out to merchants each working day, as much as each has sold, less the fee.
        for day in days:
            if not scene.clock.is_working_day(day):
                continue
            share = int(self.per_day * 4_500 * (1 - self.fee) / len(self.owners))
            at = scene.between(np.full(len(self.owners), day), 20, 22)
            scene.pass_on(self.account, self.owners, at, "sct", most=np.rint(share * rng.uniform(0.4, 1.6, len(at))))
