"""G-06: many small payments at odd hours to unrelated private people abroad, in an otherwise ordinary account."""

from __future__ import annotations

import numpy as np

from sample_data.nodes import COUNTRIES
from sample_data.places import CITY_COUNTRY
from sample_data.scene import About, Scene

PLACES = ("PH", "TH", "RO", "MA", "VN")
# How many private people of a country everybody's small payments meet at: 15 in 100 recipients are others' too.
KNOWN, SHARED = 6, 0.15


class OcseBuyer:
    """One customer of any profile, and people in one to four places abroad."""

    about = About(
        code="G-06",
        title="OCSE buyer",
        typology="T-07",
        roles=("buyer", "recipient"),
        customers_each=10_000,
        variants=("plain", "evading", "partial"),
        seen_in_part=("REV",),
        lasts=(120, 900),
    )

    def cast(self, scene: Scene) -> None:
        """Cast the customer and who receives; who evades uses several providers, crypto, or one steady recipient."""
        rng, people = scene.rng, scene.people
        self.buyer = int(scene.recruit("buyer")[0])
        # Ways round CHI-01: remitters' names instead of recipients', an exchange between, or one alone.
        self.way = scene.pick(["providers", "providers", "crypto", "steady"], 1)[0] if scene.evading else "direct"
        count = 1 if self.way == "steady" else int(rng.integers(3, 26))
        countries = rng.choice(PLACES, int(rng.integers(1, 5)), replace=False)
        recipients = []
        for country in rng.choice(countries, count):
            there = people.outside_people[scene.countries_of(people.outside_people) == COUNTRIES.index(country)]
            known = rng.random() < SHARED and len(there) >= KNOWN
            recipients.append(int(there[rng.integers(KNOWN)] if known else scene.outsiders(1, country)[0]))
        self.recipients = np.unique(recipients)
        scene.give_role(self.recipients, "recipient")
        self.channels = scene.pick(["msb", "msb", "p2p", "e_transfer"], 2)
        self.middle = float(rng.uniform(15, 60))
        self.growth = float(rng.uniform(0.1, 0.25))
        self.often = float(rng.uniform(0.5, 2.0))
        self.hidden_hours = scene.evading and rng.random() < 0.5
        cities = np.flatnonzero(np.isin(CITY_COUNTRY, [COUNTRIES.index(one) for one in countries]))
        goes = rng.random() < 0.1 and len(cities) > 0
        self.journey = scene.first + int(rng.integers(20, 181)) if goes else -1
        self.city = int(rng.choice(cities)) if goes else -1

    def month(self, scene: Scene, days: range) -> None:
        """Post sessions of one to three payments within the hour, a little larger each quarter, and what is bought."""
        rng = scene.rng
        session = scene.some_days(days, self.often)
        late = rng.random(len(session)) < (0.3 if self.hidden_hours else 0.7)
        begin = np.where(late, scene.between(session, 21, 28), scene.between(session, 8, 21))
        row = np.repeat(np.arange(len(session)), scene.pick([1, 2, 2, 3, 3], len(session)))
        first = np.append(True, row[1:] != row[:-1])[: len(row)]
        at = begin[row] + np.where(first, 0, rng.integers(120, 3_000, len(row)))
        quarters = (days.start - scene.first) / 91
        sums = np.exp(rng.normal(np.log(self.middle), 0.55, len(row))) * (1 + self.growth) ** quarters
        sums = np.clip(sums, 8, 220)
        sums = np.where(rng.random(len(row)) < 0.6, np.rint(sums / 5) * 5, np.rint(sums * 100) / 100)
        self._pay(scene, np.rint(sums * 100).astype(np.int64), at)
        for trade_name, often in (("digital", 0.5), ("games", 0.25), ("gift_cards", 0.15), ("telecom_shop", 0.15)):
            scene.shop(self.buyer, trade_name, scene.some_days(days, often), leg="CTX")
        if self.journey in days:
            scene.shop(self.buyer, "travel", max(days.start, self.journey - 12), leg="CTX")
            scene.travel(np.array([self.buyer]), self.journey, int(rng.integers(6, 15)), self.city, leg="CTX")

    def _pay(self, scene: Scene, minor: np.ndarray, at: np.ndarray) -> None:
        # Some recipients are asked again and again, others once.
        rank = (len(self.recipients) * scene.rng.random(len(at)) ** 1.6).astype(np.int64)
        payee, channel = self.recipients[rank], scene.pick(self.channels, len(at))
        if self.way == "providers":
            hidden = scene.rng.random(len(at)) < 0.75
            remitters = scene.places.hubs["remitter"]
            payee = np.where(hidden, scene.pick(remitters, len(at)), payee)
            channel = np.where(hidden, "msb", channel)
        elif self.way == "crypto":
            hidden = scene.rng.random(len(at)) < 0.8
            payee = np.where(hidden, scene.hub("exchange", self.buyer), payee)
            channel = np.where(hidden, "crypto", channel)
        words = scene.pick(["cadeau", "famille", "merci", ""], 1)[0] or None
        scene.pay(self.buyer, payee, minor, at, channel, words=words, leg="REV")
