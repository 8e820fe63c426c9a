"""H-29: a student with bursts of spending: games, tickets and split bills, mostly at night."""

from __future__ import annotations

import numpy as np

from sample_data.population import YOUNG
from sample_data.scene import About, Scene


class YoungSpender:
    """Several small payments to one payee within hours at night, then none for weeks: as when somebody is pressed."""

    about = About(code="H-29", title="Student with bursts of spending", roles=("student",), customers_each=600)

    def cast(self, scene: Scene) -> None:
        """Cast one young person: a player, a goer-out, or one who buys for all and is paid back."""
        rng = scene.rng
        self.student = scene.recruit("student", ages=[YOUNG])
        scene.people.late_hours[self.student] = rng.choice([2, 4])
        self.style = str(scene.pick(["player", "goer-out", "host"], 1)[0])
        self.per_month = rng.uniform(1, 4)
        self.friends = scene.passers_by(own=int(rng.integers(5, 12)), outside=int(rng.integers(3, 10)))

    def month(self, scene: Scene, days: range) -> None:
        """Post the bursts; the allowance or wage that carries them is ordinary."""
        rng, student = scene.rng, int(self.student[0])
        for night in scene.some_days(days, self.per_month * 7 / 30).tolist():
            many = int(rng.integers(3, 9))
            at = scene.between(night, 20.5, 26) + np.cumsum(rng.integers(120, 2_400, many))
            if self.style == "player":
                # One game, one seller, again and again; now and then a card for somebody else's account.
                scene.shop(student, "games", np.full(many, night), at=at, amount_minor=scene.euros(5, 50, many, 5))
                if rng.random() < 0.3:
                    scene.shop(student, "gift_cards", night + 1, amount_minor=int(scene.pick([2_500, 5_000], 1)[0]))
            elif self.style == "goer-out":
                scene.shop(student, "bar", np.full(many, night), at=at)
                mate = int(scene.pick(self.friends, 1)[0])
                scene.pay(student, mate, scene.euros(8, 60, 2), scene.later(at[-1:], 0, 2).repeat(2), "p2p")
            else:
                scene.shop(student, "leisure", night, amount_minor=many * int(scene.euros(20, 60, 1)[0]))
                guests = rng.choice(self.friends, min(many, len(self.friends)), replace=False)
                each = scene.euros(20, 60, 1, 0.5)
                scene.pay(guests, student, each, scene.later(np.full(len(guests), at[0]), 1, 30), "p2p", words="cinema")
