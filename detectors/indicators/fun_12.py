"""FUN-12: Crypto on-ramp consolidation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import share_passed
from detectors.sight import Sight
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Fun12:
    """Measure what share of the money from unrelated payers goes to an exchange or crypto kiosk within a day.

    Money in is matched with later money out, first in first out; wages and what comes from friends are no part of it. A
    fifth is added if the account first paid that exchange less than a month before. Exchanges are told by account,
    channel, merchant category and the institution's list. What happens on the chain is not seen.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-12, window: 30 d")
    weak: float = parameter(0.4, unit="share", why="FUN-12, weak value of the catalogue")
    strong: float = parameter(0.9, unit="share", why="FUN-12, strong value of the catalogue")
    least_transfers: int = parameter(3, unit="payments", least=1, why="FUN-12, support: transfers to an exchange")
    at_once: timedelta = parameter(
        timedelta(hours=24), unit="time", least=timedelta(minutes=1), why="FUN-12: matched within 24 h"
    )
    new_for: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(days=1), why="FUN-12: the link is less than 30 days old"
    )
    added: float = parameter(0.2, unit="share", least=0.0, why="FUN-12: what a new link adds")

    about = IndicatorAbout(
        id="FUN-12",
        title="Crypto on-ramp consolidation",
        question="Is money from strangers swept to an exchange or crypto kiosk soon after it arrives?",
        meaning="Incoming small credits are swept to an exchange or crypto kiosk shortly after arrival.",
        of=("all types",),
        cited=(
            Citation(
                "FIN24",
                "read",
                (
                    "1,975 BSA reports in 2021 vs 336 in 2020; darknet markets, P2P exchanges, mixers, kiosks; 1,800+"
                    " addresses"
                ),
            ),
            Citation("FTR16", "read", "bitcoin payments"),
            Citation("FIN20", "read", "CVC to or from illicit platforms"),
            Citation("CHAIN", "read", "compound wallets"),
        ),
        innocent=(
            "regular investor",
            "salary-to-crypto saver",
        ),
        clears=(
            "a saver who turns own wages into crypto: payers are then an employer",
            "a trader who sells to many and invests, which invoices show",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("possible_mule", "possibly_exploited"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3"),
        needs=(),
        reduced={"payments.mcc|list.crypto": "Exchanges are told by their account or the channel only."},
        by="account",
        sentence=(
            "Of {inflow} from unrelated payers, {swept} went to crypto exchanges or kiosks within {span}, in "
            "{transfers}."
        ),
        numbers={"inflow": "u", "swept": "share", "span": "hours", "transfers": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share swept to crypto, for each account."""
        came = sight.credits()
        came = sight.over(came.keep(sight.unrelated(came)), self.within)
        crypto = sight.debits().where(sight.to_crypto | sight.listed("crypto"))
        swept, out = share_passed(sight, came, crypto, self.within, self.at_once)
        transfers = sight.over(crypto, self.within, like=came).count()
        new = out.where(sight.at - sight.first_seen < microseconds(self.new_for)).count() > 0
        yield from sight.scores(
            self,
            joined(came, out),
            swept + self.added * (new & (swept > 0)),
            support=transfers,
            met=(transfers >= self.least_transfers) & (swept > 0),
            numbers={
                "inflow": came.total(sight.amount),
                "swept": swept,
                "span": np.full(came.groups, self.at_once / timedelta(hours=1)),
                "transfers": transfers,
            },
        )
