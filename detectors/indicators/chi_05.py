"""CHI-05: Concealment toolkit purchases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from detectors.small_abroad import near, small_abroad


@dataclass(frozen=True, kw_only=True)
class Chi05:
    """Count the kinds of tools for hiding that are bought around small payments abroad.

    Kinds are private networks, recording software and hidden storage (each by a list of the institution's own),
    loads of prepaid cards and telephones, tokens of adult platforms (adult or game content with a listed name),
    and gift cards, bought within a month of a payment of CHI-01. Who minds their privacy, plays or works with
    computers buys the same things: it weighs little.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CHI-05, window: 60 d")
    weak: float = parameter(1.0, unit="kinds", why="CHI-05, weak value of the catalogue")
    strong: float = parameter(3.0, unit="kinds", why="CHI-05, strong value of the catalogue")
    least_kinds: int = parameter(2, unit="kinds", least=1, why="CHI-05, support: two categories")
    around: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(days=1), why="CHI-05: within 30 d either way"
    )

    about = IndicatorAbout(
        id="CHI-05",
        title="Concealment toolkit purchases",
        question="Are several kinds of tools for hiding bought around small payments abroad?",
        meaning=(
            "VPN, screen-capture, encrypted storage, anonymous mail, cam tokens or gift cards are bought around "
            "the same time."
        ),
        of=("online child sexual exploitation (buyer)",),
        cited=(
            Citation("AUS22C", "read", "spyware, VPN, video-capture software"),
            Citation("ECPAT24", "read", "tokens via websites"),
            Citation("FIN21", "read", "anonymisation, darknet, P2P apps, CVC"),
        ),
        innocent=(
            "ordinary privacy-minded user",
            "gamer",
            "IT worker",
        ),
        clears=("a trade in which such tools are used, or gifts in season",),
        leg="CTX",
        reliability="weak",
        roles=("possible_buyer",),
        safety=(
            "Refer urgently and in the smallest circle; never contact the account holder. Recipients may be "
            "families of exploited children."
        ),
        tiers=("D1", "D3"),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
            "payments.mcc|list.private-networks|list.capture|list.hidden-storage",
        ),
        reduced={
            "list.private-networks": "Private networks are not seen.",
            "list.capture": "Recording software is not seen.",
            "list.hidden-storage": "Hidden storage is not seen.",
            "list.platforms": "Tokens of platforms are not seen.",
            "payments.mcc": "Gift cards are seen by name only.",
        },
        version=2,
        by="customer",
        sentence=("{kinds} of tools for hiding were bought by {purchases} within a month of small payments abroad."),
        numbers={"kinds": "kinds", "purchases": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the kinds of tools of each customer who sends small sums abroad."""
        content = sight.merchants("adult_content_if_listed", "digital_tools")
        kinds = (
            sight.listed("private-networks"),
            sight.listed("capture"),
            sight.listed("hidden-storage"),
            sight.channel("prepaid_load"),
            content & sight.listed("platforms"),
            sight.merchants("prepaid_gift") | sight.listed("gift-cards"),
        )
        kind = np.full(sight.at.size, -1, np.int64)
        for number, flags in enumerate(kinds):
            kind[flags & (kind < 0)] = number
        bought = sight.debits("customer").where(kind >= 0)
        bought = sight.over(bought.keep(near(sight, bought, small_abroad(sight), self.around)), self.within)
        count = bought.distinct(kind[bought.row])
        yield from sight.scores(
            self,
            bought,
            count,
            support=bought.count(),
            met=count >= self.least_kinds,
            numbers={"kinds": count, "purchases": bought.count()},
        )
