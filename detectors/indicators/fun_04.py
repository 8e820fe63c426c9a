"""FUN-04: Pass-through velocity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import flows, passed_on
from detectors.sight import Sight
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Fun04:
    """Measure how much of the money in leaves within a day, where little is left behind.

    Money in is matched with strictly later money out, first in first out. Where balances are known, a private account
    that keeps a tenth of what came in or more is no conduit. Licensed intermediaries, whose trade it is, are left out.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-04, window: 30 d")
    weak: float = parameter(0.7, unit="share", why="FUN-04, weak value of the catalogue")
    strong: float = parameter(0.95, unit="share", why="FUN-04, strong value of the catalogue")
    at_once: timedelta = parameter(
        timedelta(hours=24), unit="time", least=timedelta(minutes=1), why="FUN-04: pt(A, 24h)"
    )
    least_credits: int = parameter(5, unit="payments", least=1, why="FUN-04, support: credits")
    least_inflow: float = parameter(1000.0, unit="u", least=0.0, why="FUN-04, support: money in")
    most_kept: float = parameter(0.1, unit="share", least=0.0, why="FUN-04: median balance as a share of the money in")

    about = IndicatorAbout(
        id="FUN-04",
        title="Pass-through velocity",
        question="Does nearly all money that comes in leave again within a day?",
        meaning="Money does not rest: nearly everything that arrives leaves within a day.",
        of=("all types (laundering)",),
        cited=(
            Citation("FATF18", "read", "rapid in and out"),
            Citation("AMLTRIX", "read", "T0011 family"),
            Citation("FTR22", "read", "rapid depletion"),
        ),
        innocent=(
            "salary account at low income",
            "payroll clearing",
            "letting agent client account",
            "marketplace payouts",
        ),
        clears=(
            "wages to a low income, spent on living: the receivers are a landlord, shops and utilities",
            "a contract to collect for others: letting, payroll, marketplace",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_launderer", "possibly_exploited"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D2"),
        needs=("payments.sent_at",),
        reduced={
            "payments.payee_balance_after_minor|payments.payer_balance_after_minor": "Balances are not known: what an "
            "account keeps is not looked at.",
        },
        by="account",
        sentence="Of {inflow} that came in by {credits}, {passed_on} went out again within {span}.",
        numbers={"inflow": "u", "credits": "payments", "passed_on": "share", "span": "hours"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share passed on within a day, for each account."""
        credits_, debits = flows(sight, self.within)
        found = passed_on(sight, self.within, self.at_once)
        count, inflow = credits_.count(), credits_.total(sight.amount)
        every = joined(credits_, debits)
        balance = sight.balance(every)
        known = ~np.isnan(balance)
        kept = every.keep(known).median(balance[known])
        # An unknown balance clears nobody and accuses nobody.
        conduit = np.isnan(kept) | (kept < self.most_kept * inflow)
        yield from sight.scores(
            self,
            joined(credits_.keep(found.passed > 0), debits.keep(found.passing > 0)),
            found.share,
            support=count,
            met=(count >= self.least_credits)
            & (inflow >= self.least_inflow)
            & conduit
            & ~sight.licensed[credits_.subject],
            numbers={
                "inflow": inflow,
                "credits": count,
                "passed_on": found.share,
                "span": np.full(credits_.groups, self.at_once / timedelta(hours=1)),
            },
        )
