"""SCM-02: Mule first-hop account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import on_shared_device
from detectors.passing import passed_on
from detectors.sight import Sight
from detectors.waking import woken
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Scm02:
    """Weigh five signs of an account that only hands stolen money on.

    It is younger than three months or slept for four (0.3); four fifths of what came in left within two hours (0.3); a
    twentieth or less was kept (0.2); it went to two receivers or more, or to an exchange (0.1); its holder pays from a
    device that customers of other households use (0.1; CTL-02 in short, CTL-07 is not asked). Who holds such an account
    may be deceived or coerced.
    """

    within: timedelta = parameter(timedelta(days=14), unit="time", least=timedelta(hours=1), why="SCM-02, window: 14 d")
    weak: float = parameter(0.5, unit="points", why="SCM-02, weak value of the catalogue")
    strong: float = parameter(1.0, unit="points", why="SCM-02, strong value of the catalogue")
    least_credits: int = parameter(3, unit="payments", least=1, why="SCM-02, support: unrelated credits")
    least_amount: float = parameter(200.0, unit="u", least=0.0, why="SCM-02, support: of 200u or more")
    new_for: timedelta = parameter(
        timedelta(days=90), unit="time", least=timedelta(days=1), why="SCM-02: account age below 90 days"
    )
    asleep: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(days=1), why="SCM-02: dormant for 120 days or more"
    )
    at_once: timedelta = parameter(timedelta(hours=2), unit="time", least=timedelta(minutes=1), why="SCM-02: pt(A, 2h)")
    passed: float = parameter(0.8, unit="share", least=0.0, most=1.0, why="SCM-02: passed on from 0.8")
    kept: float = parameter(0.05, unit="share", least=0.0, most=1.0, why="SCM-02: retained 5 % at most")
    receivers: int = parameter(2, unit="receivers", least=1, why="SCM-02: two onward beneficiaries or more")

    about = IndicatorAbout(
        id="SCM-02",
        title="Mule first-hop account",
        question="Does a new or sleepy account take money from strangers and empty within an hour or two?",
        meaning="A new or sleepy account receives transfers from strangers and empties within an hour or two.",
        of=("forced criminality", "mule networks"),
        cited=(
            Citation(
                "MULE", "read", "newly opened accounts; money passes two or three accounts before abroad or crypto"
            ),
            Citation("FTR22", "read", "third-party cash out of profile then quick e-transfer depletion"),
            Citation("AMLTRIX", "read", "T0011, IND01117"),
        ),
        innocent=(
            "first salary then rent",
            "crowdfunding payout",
            "sale of a car",
        ),
        clears=(
            "a first wage and the rent, a car sold, a collection paid out",
            "the holder, asked in safety, explains payers and payees",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_mule", "possibly_exploited"),
        safety=(
            "The holder may be coerced or deceived, perhaps a trafficked person. The way of safeguarding comes first."
        ),
        tiers=("D1", "D2", "D4", "D5"),
        needs=("payments.sent_at",),
        reduced={
            "accounts.opened_on": "New accounts are not told from old ones; only those that wake are seen.",
            "payments.device_id": "Whether others use the same device is not seen.",
        },
        version=2,
        by="account",
        sentence=(
            "{inflow} came from {payers} unrelated to the holder; {passed} of all money in left within {hours}, "
            "{kept} was kept."
        ),
        numbers={"inflow": "u", "payers": "payers", "passed": "share", "hours": "hours", "kept": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the points of each private account."""
        on_one = on_shared_device(sight)
        found = passed_on(sight, self.within, self.at_once)
        came, went = found.credits, found.debits
        strangers = came.keep(sight.unrelated(came) & sight.private[came.own]).where(sight.amount >= self.least_amount)
        opened = sight.account_number("opened_on")[came.subject]
        new = came.largest(sight.day) - opened < self.new_for / timedelta(days=1)
        wakes = joined(came, went).keep(woken(sight, joined(came, went), self.asleep)).count() > 0
        inflow, outflow = found.inflow, went.total(sight.amount)
        kept = np.maximum(inflow - outflow, 0.0) / np.maximum(inflow, 0.01)
        onward = went.keep(found.passing > 0)
        crypto = onward.where(sight.to_crypto).count() > 0
        control = on_one[came.subject]
        points = (
            0.3 * (new | wakes)
            + 0.3 * (found.share >= self.passed)
            + 0.2 * (kept <= self.kept)
            + 0.1 * ((onward.distinct(onward.other) >= self.receivers) | crypto)
            + 0.1 * control
        )
        yield from sight.scores(
            self,
            joined(came, onward),
            points,
            others=onward.keep(sight.private[onward.other]),
            support=strangers.count(),
            # An account from which hardly anything leaves hands nothing on, however new it is.
            met=(strangers.count() >= self.least_credits) & (found.share > 0),
            numbers={
                "inflow": strangers.total(sight.amount),
                "payers": strangers.distinct(strangers.other),
                "passed": found.share,
                "hours": np.full(came.groups, self.at_once / timedelta(hours=1)),
                "kept": kept,
            },
        )
