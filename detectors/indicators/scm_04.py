"""SCM-04: Multi-passenger one-way recruitment travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import holders_of, sector_is
from detectors.sight import Sight
from detectors.small_abroad import near
from graphs.legs import combined, joined


@dataclass(frozen=True, kw_only=True)
class Scm04:
    """Count the tickets that one payer buys for others, and what recruiters pay beside them.

    Tickets bought at one carrier on one day, less those of the payer's household, stand for passengers; names are not
    in the ledger, nor whether a ticket is one way. One each is added for a visa or office fee, a medical check and an
    agency's fee within a month of a ticket. Travel agencies are left out. Whether the passengers' wages end in the same
    hands is for LAB-07 to say.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SCM-04, window: 60 d")
    weak: float = parameter(2.0, unit="passengers", why="SCM-04, weak value of the catalogue")
    strong: float = parameter(6.0, unit="passengers", why="SCM-04, strong value of the catalogue")
    least_tickets: int = parameter(3, unit="tickets", least=1, why="SCM-04, support: tickets")
    beside: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(days=1), why="SCM-04: fees within 30 d of a ticket"
    )

    about = IndicatorAbout(
        id="SCM-04",
        title="Multi-passenger one-way recruitment travel",
        question="Does one payer buy tickets, visas and medical checks for several people?",
        meaning="One payer buys one-way tickets, visas and hotels for several unrelated people.",
        of=("forced criminality", "forced labour", "smuggling"),
        cited=(
            Citation("TRF17", "read", "airline tickets as cost of trafficking, stolen cards"),
            Citation("FATF18", "recalled", "one-way travel purchases by third party"),
            Citation("FATF22", "read", "travel agencies and transport firms used"),
        ),
        innocent=(
            "relocation firm",
            "charity",
            "sports club",
            "large family",
            "employer mobilisation",
        ),
        clears=(
            "a relocation firm, charity or sports club, which the names on the tickets confirm",
            "a large family travels, or an employer sends staff",
        ),
        leg="OPS",
        reliability="supporting",
        roles=("possible_recruiter",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3"),
        needs=("payments.mcc",),
        reduced={
            "customers.household_id": "How many of one household travel is not seen.",
            "customers.sector": "Travel agencies are not told from others.",
        },
        by="customer",
        sentence=(
            "{tickets} for about {passengers} beyond the payer's household within {span}, and {fees} of three kinds "
            "of fees."
        ),
        numbers={"tickets": "tickets", "passengers": "people", "span": "days", "fees": ""},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the passengers beyond the household, and the fees, for each customer."""
        spent = sight.debits("customer")
        spent = spent.keep(~sector_is(sight, "79")[spent.own])
        every = spent.where(sight.merchants("carriers"))
        tickets = sight.over(every, self.within)
        booking = combined(tickets.group, tickets.other, sight.day[tickets.row])
        count = np.bincount(booking, minlength=1)
        _, first = np.unique(booking, return_index=True)
        others = np.maximum(count[booking[first]] - np.maximum(holders_of(sight)[tickets.own[first]], 1), 0)
        passengers = np.bincount(tickets.group[first], weights=others, minlength=tickets.groups)
        fees = []
        for group in ("visa", "medical", "agency"):
            paid = spent.where(sight.merchants(group))
            fees.append(sight.over(paid.keep(near(sight, paid, every, self.beside)), self.within, like=tickets))
        kinds = sum(((fee.count() > 0).astype(np.int64) for fee in fees), np.zeros(tickets.groups, np.int64))
        yield from sight.scores(
            self,
            joined(tickets, *fees),
            passengers + kinds * (passengers > 0),
            support=tickets.count(),
            met=tickets.count() >= self.least_tickets,
            numbers={
                "tickets": tickets.count(),
                "passengers": passengers,
                "span": np.full(tickets.groups, self.within.days),
                "fees": kinds,
            },
        )
