"""CTL-05: Coerced credit burst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import passing
from detectors.paydays import begins
from detectors.sight import Sight, both


@dataclass(frozen=True, kw_only=True)
class Ctl05:
    """Count the loans and telephone contracts taken in quick succession of which the money is passed on at once.

    A loan counts if most of it went within three days in cash, to an unrelated person, an exchange or a remitter; a
    contract with a telephone company never paid before counts beside such a loan. One more is added for a holder of
    the youngest age bands or a new account: young people and newcomers are those it is done to. Arrears are not in the
    ledger, nor are credits that another bank gives without saying so.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CTL-05, window: 60 d")
    weak: float = parameter(2.0, unit="credits", why="CTL-05, weak value of the catalogue")
    strong: float = parameter(5.0, unit="credits", why="CTL-05, strong value of the catalogue")
    handed: timedelta = parameter(
        timedelta(days=3), unit="time", least=timedelta(hours=1), why="CTL-05: forwarded in 72 h"
    )
    passed: float = parameter(0.6, unit="share", least=0.0, most=1.0, why="CTL-05: of a loan, forwarded or drawn")
    least_facilities: int = parameter(2, unit="credits", least=1, why="CTL-05, support: facilities")
    new_account: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(0), why="CTL-05: account age that adds one"
    )

    about = IndicatorAbout(
        id="CTL-05",
        title="Coerced credit burst",
        question="Are loans and contracts taken in quick succession and the money passed on at once?",
        meaning=(
            "Loans, cards, phone contracts or pay-later plans are taken in quick succession and the cash is "
            "passed on at once."
        ),
        of=("controlled accounts", "sexual exploitation", "forced criminality"),
        cited=(
            Citation(
                "POL18",
                "read",
                "exploited persons made to take loans and credit; hotel bills and car loans in their names",
            ),
            Citation("NCAFX", "read", "cards, loans, phone contracts, overdrafts, vehicle finance"),
            Citation("MVA21", "read", "restitution and barriers from bad credit and overdrafts"),
        ),
        innocent=(
            "moving home",
            "new business",
            "gambling problem (different support path)",
            "first credit after migration",
        ),
        clears=(
            "the loans pay for a move, a car or a business, and the holder says so when asked alone",
            "gambling explains it: another kind of help",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="Signals harm to the customer: collections must be paused for review.",
        tiers=("D1", "D4"),
        needs=("payments.purpose_code",),
        reduced={
            "customers.age_band": "Whether the holder is very young is not seen.",
            "accounts.opened_on": "Whether the account is new is not seen.",
        },
        by="customer",
        sentence=(
            "{loans} in {span}, {passed} of them passed on within 72 hours; {contracts} with telephone companies."
        ),
        numbers={"loans": "loans", "span": "days", "passed": "share", "contracts": "contracts"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the facilities whose money was passed on, for each private customer."""
        credits_ = sight.credits("customer").where(sight.purpose("LOAN"))
        loans = sight.over(credits_.keep(sight.private[credits_.own]), self.within)
        debits = sight.over(sight.debits("customer"), self.within, like=loans)
        away = sight.cash_out | sight.to_crypto | sight.to_remitter
        routes = debits.keep(sight.unrelated(debits) | away[debits.row])
        found = passing(sight, loans, routes, self.handed)
        gone = loans.keep(found.passed >= self.passed * sight.cents[loans.row])
        forwarded = gone.count()
        phones = debits.where(sight.merchants("telecom"))
        phones = phones.keep(sight.first_seen[phones.row] > begins(sight, loans, self.within)[phones.group])
        contracts = phones.distinct(phones.other)
        young = sight.customer_is("age_band", *YOUNG)
        opened = sight.account_number("opened_on")[loans.own]
        fresh = sight.day[loans.row] - np.nan_to_num(opened, nan=-(10**6)) < self.new_account / timedelta(days=1)
        tender = loans.keep(young[loans.own] | fresh).count() > 0
        onward = routes.keep(found.passing > 0)
        one, most = routes.top(np.where(sight.unrelated(routes), routes.other, -1), found.passing)
        yield from sight.scores(
            self,
            both(loans, onward),
            (forwarded + contracts + tender) * (forwarded > 0),
            support=loans.count() + contracts,
            met=loans.count() + contracts >= self.least_facilities,
            numbers={
                "loans": loans.count(),
                "span": np.full(loans.groups, self.within.days),
                "passed": forwarded / np.maximum(loans.count(), 1),
                "contracts": contracts,
            },
            others=np.where(most > 0, one, -1),
            other_role="possible_controller",
        )


YOUNG: Final = ("under 18", "18-24")
"""CTL-05: under 21; the ledger keeps no finer age."""
