"""L-02: notes paid in so that pieces or months stay just under the level that a bank reports."""

from __future__ import annotations

import numpy as np

from sample_data.scene import About, Scene

# Cumulated notes of a calendar month that are reported (FR), in euros.
LEVEL = 10_000


class CashStructuring:
    """One account, one or two helpers, several branches and machines, and a payment abroad."""

    about = About(
        code="L-02",
        title="Structuring of cash",
        typology="FUN-02",
        roles=("collector", "feeder", "exit_account"),
        customers_each=10_000,
        variants=("plain", "evading"),
        lasts=(60, 300),
    )

    def cast(self, scene: Scene) -> None:
        """Cast who holds the account and who helps; who evades pays in by strangers and keeps off the level."""
        rng = scene.rng
        self.holder = int(scene.recruit("collector")[0])
        self.helpers = scene.recruit("feeder", int(rng.integers(1, 4)))
        home = int(scene.people.city[self.holder])
        self.towns = np.append(scene.towns(3, but=home), [home, home])
        self.supplier = scene.outsiders(1, scene.pick(["BE", "IT", "PL"], 1)[0])
        scene.give_role(self.supplier, "exit_account")
        # Round FUN-02: many small pieces that do not fill the month up to the level, by people who are no customers.
        self.strangers = [scene.stranger() for _ in range(4)] if scene.evading else []

    def month(self, scene: Scene, days: range) -> None:
        """Cut a sum into pieces and pay it on."""
        rng, part = scene.rng, len(days) / 30.4
        left = LEVEL * 100 * part * (rng.uniform(0.45, 0.8) if scene.evading else rng.uniform(0.88, 0.985))
        count = max(2, round(part * (rng.integers(14, 26) if scene.evading else rng.integers(4, 11))))
        # A day brings several pieces now and then, at different machines.
        on = np.sort(scene.pick(np.array(days)[:-2] if len(days) > 3 else np.array(days), count))
        weight = rng.dirichlet(np.full(count, 6.0))
        pieces = np.maximum(left * weight // 1_000 * 1_000, 5_000).astype(np.int64)
        by = scene.pick(np.concatenate([[self.holder] * 3, self.helpers, self.strangers]).astype(np.int64), count)
        small = pieces < 150_000
        town = scene.pick(self.towns, count)
        for counter, mask in ((True, ~small), (False, small)):
            at = scene.moments(on[mask], "office" if counter else "closing")
            scene.deposit(self.holder, pieces[mask], at, town[mask], by=by[mask], counter=counter, leg="MOV")
        out = np.append(scene.some_days(days, 0.5), days[-1])
        scene.pass_on(
            self.holder,
            self.supplier[0],
            scene.moments(out, "office"),
            scene.pick(["wire", "sct"], len(out)),
            most=scene.euros(2_500, 7_500, len(out), 10),
            keep=scene.euros(600, 1_500, len(out), 10),
            least=50_000,
            leg="MOV",
        )
