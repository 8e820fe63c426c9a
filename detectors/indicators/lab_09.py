"""LAB-09: Recruitment-fee or debt fan-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import linked
from detectors.paydays import each_other, followed, shared_with_another, spread
from detectors.sight import CARD, Sight
from graphs.legs import Flags, Ints, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Lab09:
    """Count the people who pay the same receiver the same sum right after their paydays, and who belong together.

    A payer counts with three equal payments or more, most of them within days of a wage or benefit, who shares with
    another payer of that receiver the employer, the week in which the account was opened, or enough identifiers.
    Whoever pays back (a savings club), lends with a licence or is paid rent, and shops, the state, whoever collects by
    direct debit, and clubs and charities that are known as such, are no such receivers.
    """

    within: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(hours=1), why="LAB-09, window: 120 d (>=3 periods)"
    )
    weak: float = parameter(4.0, unit="payers", why="LAB-09, weak value of the catalogue")
    strong: float = parameter(12.0, unit="payers", why="LAB-09, strong value of the catalogue")
    least_payments: int = parameter(3, unit="payments", least=2, why="LAB-09: payments of a payer; three periods")
    equal: float = parameter(
        0.1, unit="share", least=0.0, why="LAB-09: deviation below which a payer's amounts are equal"
    )
    after_pay: timedelta = parameter(
        timedelta(days=3), unit="time", least=timedelta(hours=1), why="LAB-09: within 3 d of income"
    )
    mostly: float = parameter(
        0.7, unit="share", least=0.0, most=1.0, why="LAB-09: of the payments, so soon after income"
    )
    least_payers: int = parameter(4, unit="payers", least=2, why="LAB-09, support: payers")

    about = IndicatorAbout(
        id="LAB-09",
        title="Recruitment-fee or debt fan-in",
        question="Do many workers pay the same receiver the same sum after each payday?",
        meaning="Many workers repay the same person or agency, the same amount, right after each payday.",
        of=("forced labour", "debt bondage", "smuggling"),
        cited=(
            Citation("FIN20", "read", "recruitment-fee and wage-retention schemes"),
            Citation("POL18", "recalled", "recruitment debt in visa programmes"),
            Citation("AMLTRIX", "read", "IND03001"),
        ),
        innocent=(
            "employee loan",
            "union/association dues",
            "informal savings club (amounts circulate back: see MIT-06)",
            "rent to head tenant",
            "car-pool",
        ),
        clears=(
            "it is a loan, dues, a car pool or rent to a head tenant, with a contract or statutes",
            "what comes in goes out to the payers in turn",
        ),
        leg="CTL",
        reliability="core",
        roles=("possibly_exploited", "possible_controller", "possible_recruiter"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1",),
        needs=("payments.purpose_code",),
        reduced={
            "accounts.opened_on": "Payers who opened their accounts in one week are not joined.",
            "links.value_hash": "Payers who share phone or device are not joined.",
        },
        version=2,
        by="account",
        sentence=(
            "{payers} who belong together each paid the same receiver the same sum again and again, {payments} in "
            "{span}, mostly within days of their pay."
        ),
        numbers={"payers": "payers", "payments": "payments", "span": "days"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the regular payments, and the wages and benefits of who pays them."""
        linked(sight)  # asked of everybody before it is measured
        debits, soon = self._paid(sight)
        paid = sight.over(legs_of(debits.other, debits.row, debits.own, debits.own), self.within)
        regular = sight.mine(paid.keep(self._regular(sight, paid, soon)))
        payers = np.zeros(sight.graph.nodes, np.bool_)
        payers[sight.payer[regular]] = True
        income = np.flatnonzero((sight.wages | sight.benefits) & payers[sight.payee])
        return np.concatenate([regular, income])

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the payers of each receiver who belong together, for each of them."""
        debits, soon = self._paid(sight)
        of_receiver = legs_of(debits.other, debits.row, debits.own, debits.own)
        paid = sight.over(of_receiver, self.within)
        regular = paid.keep(self._regular(sight, paid, soon))
        alike = regular.keep(shared_with_another(sight, regular))
        payers = alike.distinct(alike.own)
        yield from sight.cluster_scores(
            self,
            alike,
            payers,
            support=payers,
            met=payers >= self.least_payers,
            numbers={
                "payers": payers,
                "payments": alike.count(),
                "span": np.full(alike.groups, self.within.days),
            },
            others=alike.subject,
            other_role="possible_controller",
            role="possibly_exploited",
        )

    def _paid(self, sight: Sight) -> tuple[Legs, Flags]:
        """Give what private accounts pay strangers, and which payments of all come soon after income."""
        debits = sight.debits()
        # A house for those in need takes a contribution on the day of the benefit (MIT-07).
        taken = ~sight.is_kind("npo")[debits.other] & ~sight.channel("direct_debit", *CARD)[debits.row]
        debits = debits.keep(sight.unrelated(debits) & sight.private[debits.own] & taken)
        income = sight.credits().where(sight.wages | sight.benefits)
        soon = np.zeros(sight.at.size, np.bool_)
        soon[debits.row] = followed(sight, income, debits, self.after_pay) >= 0
        return debits, soon

    def _regular(self, sight: Sight, paid: Legs, soon: Flags) -> Flags:
        """Say which legs are of a payer whose payments are several, equal and mostly soon after income."""
        pair = each_other(paid, sight.graph.nodes)
        count = pair.count()
        fits = (count >= self.least_payments) & (spread(sight, pair) < self.equal)
        fits &= pair.where(soon).count() >= self.mostly * count
        flags: Flags = fits[pair.group]
        return flags
