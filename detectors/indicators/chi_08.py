"""CHI-08: Burst of payments under sextortion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.bursts import WITHIN, bursts
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Chi08:
    """Weigh five parts of a burst of payments to new payees that ends when the money does.

    Three payments or more in 72 hours to payees new within a week; a small beginning and a limited whole; sums
    that do not fall, or repeat, where one payee is paid three times, cards and crypto among them (ours: friends who get
    their part are no escalation); only by telephone, instant payment, gift card or crypto; a balance that falls by four
    fifths, or a sudden end (after five payments or more a week in which none of the payees is paid again; ours: two
    friends who are paid three times are not paid again either). More for those whose age band lies below 25. Of
    a customer known for less than a week nothing is said, since all payees are new, nor of one who passes on what
    strangers sent meanwhile. A gaming spree or tickets for a festival can look like it: what comes of it is an
    offer of help and never a suspicion.
    """

    weak: float = parameter(0.5, unit="parts", why="CHI-08, weak value of the catalogue")
    strong: float = parameter(1.0, unit="parts", why="CHI-08, strong value of the catalogue")

    about = IndicatorAbout(
        id="CHI-08",
        title="Burst of payments under sextortion",
        question=("Did this customer pay new payees again and again within days, until the money ran out?"),
        meaning=(
            "A young customer suddenly sends a string of escalating or repeated payments to new payees until the "
            "money runs out."
        ),
        of=("sextortion (the person who pays)",),
        cited=(
            Citation(
                "FATF25", "read", "start below about EUR 250, rarely over 1,500, rapid then stop; mostly teenage males"
            ),
            Citation(
                "FIN25X",
                "read",
                "series of P2P payments in short time incl. minors' co-signed accounts; no tie to the place",
            ),
            Citation("FTR25", "read", "rise in sextortion of children"),
        ),
        innocent=(
            "gaming spree",
            "festival tickets",
            "gambling",
            "first solo trip",
            "buying from a marketplace",
        ),
        clears=(
            ("the payees are friends, a festival or a game, which the bank sees from what they sell"),
            "money came back from them",
        ),
        leg="REV",
        reliability="core",
        roles=("possibly_exploited",),
        safety=(
            "This asks for help, not for suspicion: a help line within hours, since harm to oneself is "
            "documented. No text to the customer says why."
        ),
        tiers=("D1", "D2", "D4"),
        needs=("payments.sent_at",),
        reduced={
            "customers.age_band": "Whether the customer is young is not known.",
            "payments.payer_balance_after_minor": "Whether the balance ran out is not seen.",
        },
        version=3,
        by="customer",
        sentence=(
            "{payments} to payees first seen within a week were made in {span}, {first} the first and {total} in all."
        ),
        numbers={"payments": "payments", "span": "hours", "first": "u", "total": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed parts of the burst of each customer."""
        found = bursts(sight)
        legs = found.payments
        _, first = np.unique(legs.group, return_index=True)
        yield from sight.scores(
            self,
            legs,
            found.value,
            support=legs.count(),
            met=found.met,
            numbers={
                "payments": legs.count(),
                "span": np.full(legs.groups, WITHIN / timedelta(hours=1)),
                "first": sight.amount[legs.row[first]],
                "total": legs.total(sight.amount),
            },
            others=legs,
        )
