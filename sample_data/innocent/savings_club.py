"""H-21: a rotating savings club: equal contributions every two weeks or month, and one member takes the pot."""

from __future__ import annotations

import numpy as np

from sample_data.population import WAGE
from sample_data.scene import About, Scene


class SavingsClub:
    """Money goes round among friends, by rule; everybody gets the pot once. Known as tontine, susu or ROSCA."""

    about = About(code="H-21", title="Rotating savings club", roles=("member",), customers_each=3_000)

    def cast(self, scene: Scene) -> None:
        """Cast eight to fourteen members with wages, of one town or of several."""
        rng = scene.rng
        self.members = scene.recruit("member", int(rng.integers(8, 15)), incomes=[WAGE])
        self.share_minor = int(scene.pick([50, 60, 80, 100, 120, 150], 1)[0]) * 100
        self.day = int(rng.integers(2, 27))
        self.turn = int(rng.integers(len(self.members)))

    def month(self, scene: Scene, days: range) -> None:
        """Everybody but the receiver contributes within two days; the receiver is the next in turn."""
        for day in scene.monthly(days, self.day).tolist():
            on = scene.clock.date_of(day)
            receiver = int(self.members[(on.year * 12 + on.month + self.turn) % len(self.members)])
            givers = self.members[self.members != receiver]
            late = scene.rng.integers(0, 2, len(givers))
            scene.pay(
                givers,
                receiver,
                self.share_minor,
                scene.moments(np.full(len(givers), day) + late, "friends", givers),
                scene.pick(["p2p", "p2p", "instant", "sct"], len(givers)),
                words=scene.pick(["merci", "cadeau"], 1)[0],
            )
