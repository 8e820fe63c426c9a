"""H-12: somebody who takes the whole wage in notes on payday and lives from them."""

from __future__ import annotations

import numpy as np

from sample_data.population import WAGE
from sample_data.scene import About, Scene


class CashLivingWorker:
    """Alone it cannot be told from a controlled worker; there is no group, no shared machine, no collector."""

    about = About(code="H-12", title="Worker who lives on cash", roles=("worker",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one worker without rent or bills on this account, paid by the week or month; a third came lately."""
        rng = scene.rng
        young = (30, 500) if rng.random() < 0.35 else None
        # So little else happens here that no bill is paid from the account.
        self.worker = scene.recruit("worker", incomes=[WAGE], opened_before=young, activity=0.02)
        scene.end_rent(self.worker)
        employer = int(scene.partners(0, 1)[0])
        net = int(rng.integers(1_250, 1_900)) * 100
        scene.employ(self.worker, employer, net, weekly=rng.random() < 0.5, payday=int(rng.integers(1, 29)))
        scene.people.late_hours[self.worker] = 0
        self.town = int(scene.people.city[self.worker[0]])
        self.share = rng.uniform(0.95, 1.0)
        self.same_day = rng.random() < 0.7
        # Most go to the machine by their work or home; a few take what lies on the way.
        place = scene.places.in_city("cash_machine", self.town)
        self.machine = int(scene.pick(place, 1)[0]) if rng.random() < 0.7 else None

    def month(self, scene: Scene, days: range) -> None:
        """Take nearly all there is, in one go or two, on payday after work or the day after."""
        worker = int(self.worker[0])
        paid = scene.paydays(days, worker) + (0 if self.same_day else 1)
        kept = int(scene.people.wage[worker] * (1 - self.share))
        at = scene.between(paid, 16.5, 21.5)
        once = scene.rng.random(len(paid)) < 0.75
        scene.withdraw(worker, at, self.town, keep=np.where(once, kept, 40_000), place=self.machine)
        scene.withdraw(worker, scene.later(at[~once], 14, 28), self.town, keep=kept, place=self.machine)
