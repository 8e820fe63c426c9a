"""SMG-03: Informal-value-transfer hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import BALANCES, sector_is, uneven
from detectors.sight import CARD, Sight, both
from graphs.legs import Floats, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Smg03:
    """Weigh four signs of an account that works like an unlicensed remittance office.

    Many unrelated payers from several towns (0.3); at the end of the day hardly anything of the day's turnover is left
    (0.25); wires abroad, cash or transfers far larger than what comes in carry a good part of it out at a regular pace
    (0.25); and the same account pays for a private life, or its holder's trade has nothing to do with money (0.2).
    Licensed intermediaries are left out.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SMG-03, window: 60 d")
    weak: float = parameter(0.5, unit="points", why="SMG-03, weak value of the catalogue")
    strong: float = parameter(1.0, unit="points", why="SMG-03, strong value of the catalogue")
    least_credits: int = parameter(20, unit="payments", least=1, why="SMG-03, support: credits")
    least_payers: int = parameter(12, unit="payers", least=2, why="SMG-03, support: unrelated payers")
    least_cities: int = parameter(
        3, unit="cities", least=1, why="ours: towns from which on payers are dispersed; as SMG-01"
    )
    least_left: float = parameter(
        0.1, unit="share", least=0.0, why="SMG-03: balance at the day's end per day's turnover"
    )
    bulk_share: float = parameter(0.2, unit="share", least=0.0, why="SMG-03: of the turnover, sent in bulk")
    bulk_size: float = parameter(3.0, unit="times", least=1.0, why="ours: bulk is so many times the median credit")
    least_bulk: int = parameter(3, unit="payments", least=2, why="ours: fewer show no pace")
    pace: float = parameter(
        0.5, unit="share", least=0.0, why="ours: deviation of the gaps, below which they are regular"
    )
    least_private: int = parameter(3, unit="payments", least=1, why="ours: card purchases that are a private life")

    about = IndicatorAbout(
        id="SMG-03",
        title="Informal-value-transfer hub",
        question="Does this account work like a remittance office without a licence?",
        meaning=(
            "An account works like an unlicensed remittance office: many small credits, matching payouts, "
            "periodic bulk wires, balance near zero."
        ),
        of=("smuggling", "all types (laundering)"),
        cited=(
            Citation("FTR22", "read", "mules, e-transfers plus international wires, commingling"),
            Citation("FTR23", "read", "informal value transfer as most frequent form"),
            Citation("FATF22", "read", "hawala, shops, travel agencies"),
            Citation(
                "FIN25C", "read", "mirror transactions and mules; 1,675 reports possibly tied to trafficking/smuggling"
            ),
            Citation("AMLTRIX", "read", "T0013.004"),
        ),
        innocent=(
            "licensed agent float account",
            "wholesaler",
            "community savings",
            "payment facilitator",
        ),
        clears=(
            "the holder is licensed, or an agent of somebody who is: enter it as such",
            "it is a wholesaler, a savings club or a payment facilitator with contracts",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_launderer",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3", "D4"),
        needs=("payments.city|customers.home_city",),
        reduced={
            BALANCES: "Whether the account is emptied day by day is not seen.",
            "payments.payer_country": "Money sent abroad is told by channel and payee only.",
        },
        by="account",
        sentence="{payers} in {cities} paid {inflow}; {bulk} of it left in {sendings} far larger than what comes in.",
        numbers={"payers": "payers", "cities": "cities", "inflow": "u", "bulk": "share", "sendings": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the points of each account."""
        everything = sight.credits()
        everything = everything.keep(~sight.licensed[everything.own] & ~sight.graph.hub[everything.own])
        credits_ = sight.over(everything, self.within)
        debits = sight.over(sight.debits(), self.within, like=credits_)
        strangers = credits_.keep(sight.unrelated(credits_))
        place = sight.codes("city")[strangers.row]
        town = np.where(place >= 0, place, sight.home_city[strangers.other])
        payers, cities = strangers.distinct(strangers.other), strangers.distinct(town)
        inflow = credits_.total(sight.amount)
        typical = np.nan_to_num(credits_.median(sight.amount[credits_.row]))

        outward = sight.cash_out | sight.abroad | sight.to_remitter | sight.channel("wire")
        bulk = debits.where(outward)
        bulk = bulk.keep(sight.amount[bulk.row] >= self.bulk_size * typical[bulk.group])
        sent = bulk.total(sight.amount) / np.maximum(inflow, 0.01)
        regular = (bulk.count() >= self.least_bulk) & (uneven(sight, bulk) < self.pace)
        shopping = debits.where(sight.channel(*CARD))
        person = sight.is_kind("person")[credits_.subject]
        known = pc.is_valid(sight.customer_text("sector")).to_numpy(zero_copy_only=False)
        other_trade = (known & ~sector_is(sight, *MONEY))[credits_.subject] & ~person
        signs = [
            (payers >= self.least_payers) & (cities >= self.least_cities),
            self._emptied(sight, credits_, debits) < self.least_left,
            (sent >= self.bulk_share) & regular,
            (shopping.count() >= self.least_private) | other_trade,
        ]
        yield from sight.scores(
            self,
            both(strangers, bulk),
            np.round(np.array(POINTS) @ np.array(signs, np.float64), 6),
            support=credits_.count(),
            met=(credits_.count() >= self.least_credits) & (payers >= self.least_payers),
            numbers={
                "payers": payers,
                "cities": cities,
                "inflow": inflow,
                "bulk": np.minimum(sent, 9.99),
                "sendings": bulk.count(),
            },
        )

    def _emptied(self, sight: Sight, credits_: Legs, debits: Legs) -> Floats:
        """Give the median, over days, of the balance at the day's end per day's turnover; infinite where unknown."""
        legs = both(credits_, debits)
        by_day = legs_of((legs.group << 20) + sight.day[legs.row], legs.row, legs.other, legs.own)
        balance = sight.balance(by_day)
        last = np.full(by_day.groups, np.nan)
        known = ~np.isnan(balance)
        last[by_day.group[known]] = balance[known]
        turnover = np.maximum(by_day.total(sight.amount), 0.01)
        seen = np.flatnonzero(~np.isnan(last))
        group = by_day.subject[seen] >> 20
        left = Legs(legs.subject, legs.stretch, group, group, group, group).median(np.abs(last[seen]) / turnover[seen])
        return np.nan_to_num(left, nan=np.inf)


POINTS: Final = (0.3, 0.25, 0.25, 0.2)
"""SMG-03: points of the four signs."""
MONEY: Final = ("64", "65", "66")
"""NACE divisions that have to do with money."""
