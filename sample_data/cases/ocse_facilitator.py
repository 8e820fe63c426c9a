"""G-07: a private recipient of strangers' small payments from abroad, cashed within hours."""

from __future__ import annotations

import numpy as np

from sample_data.nodes import COUNTRIES
from sample_data.scene import About, Scene

SENDERS_FROM = ("GB", "DE", "US", "BE", "ES", "IT")


class OcseFacilitator:
    """One to three accounts of a household or a telephone, paid by strangers from several countries."""

    about = About(
        code="G-07",
        title="OCSE facilitator",
        typology="T-08",
        roles=("facilitator", "sender"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV",),
        lasts=(90, 600),
    )

    def cast(self, scene: Scene) -> None:
        """Cast recipients of one town and their senders; who evades changes recipients, or lets the money lie."""
        rng, people = scene.rng, scene.people
        first = scene.recruit("facilitator", opened_before=(20, 1_500))
        count = int(rng.integers(0, 3))
        more = scene.recruit("facilitator", count, opened_before=(20, 1_500)) if count else first[:0]
        self.recipients = np.append(first, more)
        if len(more):
            people.city[more] = people.city[first[0]]
            scene.share(scene.pick(["device", "phone"], 1)[0], self.recipients)
        senders = []
        for country in rng.choice(SENDERS_FROM, int(rng.integers(2, 5)), replace=False):
            there = people.outside_people[scene.countries_of(people.outside_people) == COUNTRIES.index(country)]
            fresh = scene.outsiders(int(rng.integers(2, 9)), country)
            scene.give_role(fresh, "sender")
            # Among them some who send to others of the bank as well, and know nothing of this.
            senders += [fresh, scene.pick(there, int(rng.integers(0, 3)))]
        self.senders = np.concatenate(senders)
        # Ways round CHI-06: another name each month, or money that rests for days and leaves by card.
        self.rotates = scene.evading and (rng.random() < 0.5 or len(self.recipients) > 2)
        self.rests = scene.evading and not self.rotates
        self.each_week = rng.uniform(1.6, 7.0)
        self.channels = scene.pick(["msb", "msb", "p2p", "instant", "e_transfer"], 3)

    def month(self, scene: Scene, days: range) -> None:
        """Post what comes in and the notes that are taken hours later."""
        rng = scene.rng
        on = np.repeat(np.array(days), rng.poisson(self.each_week / 7, len(days)))
        at = np.where(rng.random(len(on)) < 0.7, scene.between(on, 19, 28), scene.between(on, 8, 19))
        month = scene.clock.date_of(days.start).month
        open_now = self.recipients[[month % len(self.recipients)]] if self.rotates else self.recipients
        to = scene.pick(open_now, len(on))
        minor = np.exp(rng.normal(3.4, 0.5, len(on))).clip(10, 90)
        minor = np.where(rng.random(len(on)) < 0.5, np.rint(minor / 5) * 500, np.rint(minor * 100)).astype(np.int64)
        scene.pay(scene.pick(self.senders, len(on)), to, minor, at, scene.pick(self.channels, len(on)), leg="REV")
        wait = (60, 200) if self.rests else (1, 12)
        taken = np.flatnonzero(rng.random(len(on)) < (0.35 if self.rests else 0.85))
        scene.withdraw(
            to[taken],
            scene.later(at[taken], *wait),
            scene.people.city[to[taken]],
            np.maximum(minor[taken] // 1_000 * 1_000, 1_000),
            leg="MOV",
        )
        spent = scene.some_days(days, 1.0)
        scene.shop(scene.pick(self.recipients, len(spent)), "web_shop", spent, leg="MOV")
