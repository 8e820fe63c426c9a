"""FUN-14: New or dormant account burst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from detectors.about import parameter
from detectors.comparing import Everybody, shared
from detectors.declared import declared, kinds
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from detectors.survey import Survey
from detectors.waking import woken
from graphs.legs import Legs, gathered


@dataclass(frozen=True, kw_only=True)
class Fun14:
    """Give how many times the turnover of a new or woken account doubles what is expected of it.

    Turnover is money in and out together in a month. Expected is the larger of twice what the holder declared to earn
    or turn over in that time, and the median turnover of the accounts of the same kind of holder that moved any money
    then; never less than a small household's. New is an account opened in the last four months, woken one that moved
    nothing for four months before. What lies before the first payment of the ledger is not known to be sleep.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-14, window: 30 d")
    weak: float = parameter(3.0, unit="doublings", why="FUN-14, weak value of the catalogue")
    strong: float = parameter(8.0, unit="doublings", why="FUN-14, strong value of the catalogue")
    new_for: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(days=1), why="FUN-14, support: account age below 120 days"
    )
    asleep: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(days=1), why="FUN-14, support: dormant for 120 days or more"
    )
    least_payments: int = parameter(3, unit="payments", least=1, why="ours: one sale in and out is two payments")
    least_peers: int = parameter(5, unit="accounts", least=2, why="ours: with fewer of a kind, all accounts are peers")
    ordinary: float = parameter(500.0, unit="u", least=1.0, why="ours: the least that is expected of anybody")

    about = IndicatorAbout(
        id="FUN-14",
        title="New or dormant account burst",
        question="Does an account that is new or was long asleep suddenly handle far more than expected?",
        meaning="An account that is new or long asleep suddenly handles heavy traffic.",
        of=("all types",),
        cited=(
            Citation("MULE", "read", "newly opened accounts"),
            Citation("AMLTRIX", "read", "IND02944, IND01110"),
        ),
        innocent=(
            "student arriving",
            "new job",
            "inheritance",
            "company launch",
        ),
        clears=(
            "a first salary, a student's year, a company that begins: the declared sums are out of date",
            "an inheritance or a sale, for which there is a notary's paper",
        ),
        leg="CTX",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4"),
        needs=(),
        reduced={
            "accounts.opened_on": "New accounts are not told from old ones; only those that wake are seen.",
            "customers.declared_income|customers.declared_turnover": (
                "What is expected is the turnover of like accounts only."
            ),
        },
        by="account",
        sentence="{turnover} moved within {span} by {payments}; {expected} was to be expected of an account like it.",
        numbers={"turnover": "u", "span": "days", "payments": "payments", "expected": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the doublings of each new or woken account."""
        peers = sight.everybody(Survey(f"FUN-14 {self.within}", self._turnovers))
        moved = self._moved(sight)
        turnover = moved.total(sight.amount)
        share = self.within / timedelta(days=365)
        kind = kinds(sight)[moved.subject]
        own = 2 * np.nan_to_num(declared(sight)[moved.subject]) * share
        group, others = shared((moved.stretch, kind), (peers["stretch"].to_numpy(), peers["kind"].to_numpy()))
        alike, every = (Everybody(peers["turnover"].to_numpy(), of) for of in (others, peers["stretch"].to_numpy()))
        few = alike.count(group) < self.least_peers
        usual = np.where(few, every.medians(moved.stretch), alike.medians(group))
        expected = np.maximum(np.maximum(own, usual), self.ordinary)
        wakes = moved.keep(woken(sight, moved, self.asleep)).count() > 0
        age = moved.largest(sight.day) - sight.account_number("opened_on")[moved.subject]
        new = age < self.new_for / timedelta(days=1)
        yield from sight.scores(
            self,
            moved,
            np.log2(np.maximum(turnover, 0.01) / expected),
            support=moved.count(),
            met=(new | wakes) & (moved.count() >= self.least_payments),
            numbers={
                "turnover": turnover,
                "span": np.full(moved.groups, self.within.days),
                "payments": moved.count(),
                "expected": expected,
            },
        )

    def _moved(self, sight: Sight) -> Legs:
        both = gathered(sight.credits(), sight.debits())
        return sight.once(("moved", self.within), lambda: sight.over(both, self.within))

    def _turnovers(self, sight: Sight) -> pa.Table:
        moved = self._moved(sight)
        kind = kinds(sight)[moved.subject]
        turnover = moved.total(sight.amount)
        return pa.table({"of": moved.subject, "stretch": moved.stretch, "kind": kind, "turnover": turnover})
