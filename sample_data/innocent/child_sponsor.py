"""H-19: somebody who sponsors children's schooling abroad: fixed small sums, month after month."""

from __future__ import annotations

import numpy as np

from sample_data.population import PENSION, WAGE
from sample_data.scene import About, Scene


class ChildSponsor:
    """Small payments to several recipients in one far place; by day, on a fixed day, to institutions."""

    about = About(code="H-19", title="Child sponsor or diaspora donor", roles=("donor",), customers_each=1_000)

    def cast(self, scene: Scene) -> None:
        """Cast one donor: through a charity, to a school, or to several families of a village they come from."""
        rng = scene.rng
        self.donor = int(scene.recruit("donor", incomes=[WAGE, PENSION])[0])
        country = str(scene.pick(["PH", "SN", "VN", "MA", "TH"], 1)[0])
        self.style = str(scene.pick(["charity", "school", "village"], 1)[0])
        many = {"charity": 1, "school": int(rng.integers(1, 3)), "village": int(rng.integers(3, 7))}[self.style]
        self.recipients = scene.outsiders(many, "FR" if self.style == "charity" else country)
        self.agency = int(scene.hub("remitter", self.donor)[0])
        self.sums = scene.euros(20, 40, many, 5)
        self.days = np.full(many, int(rng.integers(1, 28)))

    def month(self, scene: Scene, days: range) -> None:
        """Give the fixed sums, and a present before the holidays or in the rainy season."""
        rows, due = scene.each_month(days, self.days, 0.97)
        words = "parrainage" if self.style == "charity" else "ecole"
        if self.style == "charity":
            at = scene.moments(due, "batch")
            scene.pay(
                self.donor, self.recipients[rows], self.sums[rows], at, "direct_debit", words=words, purpose="CHAR"
            )
        else:
            by_agency = scene.rng.random(len(rows)) < (0.7 if self.style == "village" else 0.0)
            to = np.where(by_agency, self.agency, self.recipients[rows])
            channel = np.where(by_agency, "msb", "sct")
            scene.pay(self.donor, to, self.sums[rows], scene.moments(due, "web"), channel, words=words)
        for day in scene.some_days(days, 0.2).tolist():
            child = scene.pick(self.recipients, 1)
            scene.pay(self.donor, child, scene.euros(20, 80, 1, 5), scene.moments(day, "web"), "sct", words="cadeau")
