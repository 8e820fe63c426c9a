"""H-11: somebody who keeps a family abroad, month after month, and lives here as well."""

from __future__ import annotations

import numpy as np

from sample_data.population import WAGE
from sample_data.scene import About, Scene


class RemittanceSender:
    """One to three stable relatives, soon after payday, from a life with rent and groceries."""

    about = About(code="H-11", title="Remittances to a family abroad", roles=("sender",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one sender with a wage; half have come lately, some live in a shared flat."""
        rng = scene.rng
        young = (60, 700) if rng.random() < 0.5 else None
        self.sender = int(scene.recruit("sender", incomes=[WAGE], opened_before=young, activity=0.8)[0])
        if rng.random() < 0.4:
            scene.share("address", np.append(scene.recruit(None, int(rng.integers(2, 5)), incomes=[WAGE]), self.sender))
        country = str(scene.pick(["MA", "SN", "PH", "RO", "VN", "TR", "PT"], 1)[0])
        # By an agency the relatives are behind one counter; by transfer each has an account.
        self.by_agency = rng.random() < 0.6
        many = int(rng.integers(1, 4))
        relatives = scene.outsiders(many, country)
        self.relatives = np.repeat(scene.hub("remitter", self.sender), many) if self.by_agency else relatives
        self.sums = scene.euros(100, 400 / many**0.5, many, 10)

    def month(self, scene: Scene, days: range) -> None:
        """Send the same sums after payday, and a little more when somebody is ill or a feast is near."""
        for payday in scene.paydays(days, self.sender).tolist():
            if scene.people.weekly[self.sender] and scene.clock.date_of(payday).day > 7:
                continue
            on = np.full(len(self.relatives), payday) + scene.rng.integers(0, 4, len(self.relatives))
            more = 1 + 0.5 * (scene.rng.random(len(on)) < 0.08)
            sums = (self.sums * more).astype(np.int64)
            scene.pay(
                self.sender,
                self.relatives,
                sums,
                scene.moments(on, "closing"),
                "msb" if self.by_agency else scene.pick(["sct", "instant", "wire"], 1)[0],
                words="famille",
            )
