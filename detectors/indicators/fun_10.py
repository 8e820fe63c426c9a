"""FUN-10: Unrelated senders with shared contact details, one beneficiary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import linked
from detectors.sight import Sight
from graphs.legs import Ints, Legs, joined, legs_of


@dataclass(frozen=True, kw_only=True)
class Fun10:
    """Count the unrelated senders to one private receiver who share identifiers with each other.

    Senders share what joins holders for LAB-07: a device or e-mail address, or two lesser kinds such as phone and
    address; identifiers of halls, shelters and very many customers join nobody, and a household is one sender. Rent and
    wages do not count, nor what clubs, charities and houses for those in need receive (MIT-07): a shelter's residents
    share its address and pay it a contribution. One pattern is told for senders and receiver together; who shares a
    phone with others and sends to the same person may do so for somebody else.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="FUN-10, window: 60 d")
    weak: float = parameter(2.0, unit="people", why="FUN-10, weak value of the catalogue")
    strong: float = parameter(6.0, unit="people", why="FUN-10, strong value of the catalogue")
    least_senders: int = parameter(3, unit="people", least=2, why="FUN-10, support: senders")

    about = IndicatorAbout(
        id="FUN-10",
        title="Unrelated senders with shared contact details, one beneficiary",
        question="Do customers who look unrelated but share contact details all pay the same private person?",
        meaning="Customers who look unrelated but share an address or phone all pay the same person.",
        of=("all types",),
        cited=(
            Citation(
                "FIN20",
                "read",
                "unrelated customers wiring to the same beneficiary using the same addresses and phones",
            ),
            Citation("FIN14", "read", "unrelated customers, same beneficiary"),
        ),
        innocent=(
            "house-share paying one landlord",
            "families abroad using one agent",
        ),
        clears=(
            "a house-share pays its rent or bills to one of them or to the landlord",
            "a family that sends home through one relative",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_controller", "possibly_exploited"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D5"),
        needs=("links.value_hash", "accounts.customer_id"),
        reduced={"customers.household_id": "Members of one household count as unrelated."},
        version=4,
        by="account",
        sentence="{senders} who share contact details sent {total} to the same person within {span}.",
        numbers={"senders": "people", "total": "u", "span": "days"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give what is sent by who shares contact details with anybody."""
        return sight.mine(self._sent(sight))

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the senders with shared details to each receiver, for both ends."""
        sent = self._sent(sight)
        subject = (sent.other << 31) + linked(sight).group[sent.own]
        legs = sight.over(legs_of(subject, sent.row, sent.other, sent.own), self.within)
        senders = legs.distinct(sight.household[legs.own])
        yield from sight.cluster_scores(
            self,
            # The receiver is scored as well.
            joined(legs, replace(legs, own=legs.other)),
            senders,
            support=senders,
            met=senders >= self.least_senders,
            numbers={
                "senders": senders,
                "total": legs.total(sight.amount),
                "span": np.full(legs.groups, self.within.days),
            },
            others=legs.subject >> 31,
            other_role="possible_controller",
            role="possibly_exploited",
        )

    def _sent(self, sight: Sight) -> Legs:
        """Give what is sent to private receivers by who shares contact details."""
        # Who draws by mandate is a lender or an insurer, not somebody to whom one sends.
        sent = sight.debits().where(~sight.channel("direct_debit"))
        group = linked(sight).group[sent.own]
        collects = sight.private & ~sight.is_kind("npo")
        return sent.keep((group >= 0) & sight.unrelated(sent) & collects[sent.other])
