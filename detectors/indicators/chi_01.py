"""CHI-01: Repeated low-value cross-border payments to several unrelated individuals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from detectors.small_abroad import abroad


@dataclass(frozen=True, kw_only=True)
class Chi01:
    """Count recipients abroad without a tie who are sent small sums, and a tenth for each payment.

    Payments of persons' ways (and of remitters, where the recipient is named) to private persons abroad of at most
    300 u; there is no lower limit. A tie is a payment back, a monthly habit of half a year, a household, or half a
    year since the first payment; names are never compared and no country counts more than another. Where the
    ledger is young, an old tie cannot be seen. Payments to a remitter that does not name the recipient are not
    seen.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CHI-01, window: 60 d")
    weak: float = parameter(3.0, unit="recipients", why="CHI-01, weak value of the catalogue")
    strong: float = parameter(8.0, unit="recipients", why="CHI-01, strong value of the catalogue")

    about = IndicatorAbout(
        id="CHI-01",
        title="Repeated low-value cross-border payments to several unrelated individuals",
        question=(
            "Does this customer send small sums to several private persons abroad without a visible tie to them?"
        ),
        meaning="Small transfers go to several private persons abroad with whom the customer has no visible tie.",
        of=("online child sexual exploitation (buyer)",),
        cited=(
            Citation("FATF25", "read", "live-streamed abuse payments of about EUR 10-200, even amounts"),
            Citation("AUS22C", "read", "mostly under AUD 500"),
            Citation("ECPAT24", "read", "typically SEK 90-300; MSB, PayPal, WorldRemit, tokens"),
            Citation("AUSCASE", "read", "826 payments, about AUD 50,000 over three years, AUD 20-80 each"),
            Citation("FTR25", "read", "frequent small P2P transfers"),
        ),
        innocent=(
            "a migrant who supports relatives: few, stable recipients, monthly",
            "sponsor or donor",
            "online tutor's client",
            "a person defrauded by a dating scam",
            "traveller paying guides",
            "marketplace buyer",
        ),
        clears=(
            "a tie that the bank knows of: family, a partner, a sponsored school",
            ("the recipients are sellers, guides or tutors who are paid for something that can be named"),
        ),
        leg="REV",
        reliability="core",
        roles=("possible_buyer",),
        safety=(
            "Refer urgently and in the smallest circle; never contact the account holder. Recipients may be "
            "families of exploited children."
        ),
        tiers=("D1",),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
        ),
        version=2,
        by="customer",
        sentence=(
            "{payments} of {median} in the middle went abroad within {span}, among them to {recipients} "
            "without a visible tie to the customer."
        ),
        numbers={"payments": "payments", "median": "u", "span": "days", "recipients": "recipients"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the recipients without a tie of each customer, and a tenth for each payment."""
        found = abroad(sight, self.within)
        sent = found.payments
        yield from sight.scores(
            self,
            sent,
            found.value,
            support=sent.count(),
            met=found.met,
            numbers={
                "payments": sent.count(),
                "median": sent.median(sight.amount[sent.row]),
                "span": np.full(sent.groups, self.within.days),
                "recipients": found.recipients,
            },
            others=found.strange,
        )
