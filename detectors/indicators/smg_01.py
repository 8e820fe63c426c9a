"""SMG-01: Corridor fan-in to one beneficiary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.legs import Floats, Ints, Legs


@dataclass(frozen=True, kw_only=True)
class Smg01:
    """Count the strangers in several towns who pay one private account middling sums, and how spread they are.

    To the senders is added half the entropy (in bits) of the towns that the money comes from: the place of the
    payment, else the sender's home town. Cash that is paid in counts by who pays it in, where that is known. Where the
    towns lie plays no part, and no country does; a border is not in the data.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SMG-01, window: 30 d")
    weak: float = parameter(5.0, unit="payers", why="SMG-01, weak value of the catalogue")
    strong: float = parameter(15.0, unit="payers", why="SMG-01, strong value of the catalogue")
    least_amount: float = parameter(100.0, unit="u", least=0.0, why="SMG-01: amounts from 100u")
    most_amount: float = parameter(5000.0, unit="u", least=0.0, why="SMG-01: amounts to 5,000u")
    least_senders: int = parameter(5, unit="payers", least=2, why="SMG-01, support: originators")
    least_cities: int = parameter(3, unit="cities", least=2, why="SMG-01, support: cities")

    about = IndicatorAbout(
        id="SMG-01",
        title="Corridor fan-in to one beneficiary",
        question="Do many senders in different towns pay one private person for no evident reason?",
        meaning="Many senders in different places pay one person near a border or transit city for no evident reason.",
        of=("smuggling", "trafficking (transport)"),
        cited=(
            Citation(
                "FIN23S",
                "read",
                "several originators in different places to one beneficiary on the border; deposits from many places",
            ),
            Citation(
                "FIN14",
                "read",
                "wires under USD 3,000 from many places to a common beneficiary; several branches same or next day",
            ),
            Citation("AMLTRIX", "read", "IND00164, IND01560"),
        ),
        innocent=(
            "regional distributor",
            "tour operator",
            "church collection",
            "landlord",
            "popular online seller",
        ),
        clears=(
            "the account sells, lets or collects for a club, church or event, as its payments out show",
            "the senders know the receiver: guests, tenants, customers",
        ),
        leg="REV",
        reliability="core",
        roles=("possible_smuggler", "possible_facilitator"),
        safety=(
            "Senders are often migrants' families under pressure. Smuggling is not trafficking: keep a separate label."
        ),
        tiers=("D1", "D3"),
        needs=("payments.city|customers.home_city",),
        reduced={"payments.depositor_id": "Cash paid in by different people is not seen."},
        by="account",
        sentence="{senders} unrelated to the holder in {cities} sent {credits} of {median} each, half of them less.",
        numbers={"senders": "payers", "cities": "cities", "credits": "payments", "median": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the senders and how spread they are, for each private account."""
        credits_ = sight.credits().where((sight.amount >= self.least_amount) & (sight.amount <= self.most_amount))
        depositor = sight.codes("depositor_id")[credits_.row]
        by_cash = sight.cash_in[credits_.row] & (depositor >= 0)
        credits_ = credits_.keep((by_cash | sight.unrelated(credits_)) & sight.private[credits_.own])
        sent = sight.over(credits_, self.within)
        place = sight.codes("city")[sent.row]
        town = np.where(place >= 0, place, sight.home_city[sent.other])
        in_cash = sight.cash_in[sent.row]
        sender = np.where(in_cash, sight.graph.nodes + sight.codes("depositor_id")[sent.row], sent.other)
        senders, cities = sent.distinct(sender), sent.distinct(town)
        yield from sight.scores(
            self,
            sent,
            senders + entropy(sent, town) / 2,
            support=senders,
            met=(senders >= self.least_senders) & (cities >= self.least_cities),
            numbers={
                "senders": senders,
                "cities": cities,
                "credits": sent.count(),
                "median": np.nan_to_num(sent.median(sight.amount[sent.row])),
            },
        )


def entropy(legs: Legs, town: Ints) -> Floats:
    """Give the entropy of the towns of each group, in bits, by number of payments; 0 where none is known."""
    known = np.flatnonzero(town >= 0)
    key, count = np.unique((legs.group[known] << 31) + town[known], return_counts=True)
    # Added up from the rarest on: numbers of towns differ from window to window, and with them the last bit of a sum.
    order = np.lexsort((count, key >> 31))
    group, count = key[order] >> 31, count[order]
    whole = np.bincount(group, weights=count, minlength=legs.groups)
    share = count / whole[group]
    return np.bincount(group, weights=-share * np.log2(share), minlength=legs.groups).astype(np.float64)
