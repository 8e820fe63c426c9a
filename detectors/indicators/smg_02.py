"""SMG-02: Instalment debt after arrival."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import months, spread
from detectors.sight import Sight
from detectors.survey import Survey
from graphs.legs import Flags, Floats, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Smg02:
    """Measure what part of the income goes, month after month and in equal sums, to one stranger.

    The payer's account must be young; the sums must hardly differ. The value is the median over the months of what was
    paid of all that came in, and a fifth more where the same receiver serves three such payers or more. Rent, wages,
    household, direct debits, money that comes back (a savings club), licensed lenders, and clubs, charities and houses
    for those in need (MIT-07) are left out.
    """

    within: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(hours=1), why="SMG-02, window: 180 d"
    )
    weak: float = parameter(0.25, unit="share", why="SMG-02, weak value of the catalogue")
    strong: float = parameter(0.6, unit="share", why="SMG-02, strong value of the catalogue")
    least_months: int = parameter(4, unit="months", least=2, why="SMG-02, support: payments, one a month")
    equal: float = parameter(0.15, unit="share", least=0.0, why="SMG-02: deviation below which the sums are equal")
    youngest: timedelta = parameter(
        timedelta(days=730), unit="time", least=timedelta(days=1), why="SMG-02: account age below 24 months"
    )
    several: int = parameter(
        3, unit="payers", least=2, why="SMG-02: such payers of one receiver, from which on it weighs more"
    )
    boost: float = parameter(1.2, unit="times", least=1.0, why="SMG-02: where one receiver serves several")

    about = IndicatorAbout(
        id="SMG-02",
        title="Instalment debt after arrival",
        question="Does a newcomer send a fixed large part of the income to the same stranger, month after month?",
        meaning=(
            "A newly arrived person sends a fixed large part of income, month after month, to someone with no "
            "family or landlord role."
        ),
        of=("debt bondage", "smuggling"),
        cited=(
            Citation(
                "KOSER08",
                "read",
                "smuggling fee repaid over about two years; money held by a third party until arrival",
            ),
            Citation("FATF22", "read", "hawala and informal payment common"),
        ),
        innocent=(
            "loan from friend",
            "alimony",
            "informal tenancy",
            "tuition",
            "savings club (MIT-06)",
        ),
        clears=(
            "it is a loan from a friend, alimony, tuition or a tenancy with a paper",
            "what is paid comes back in turn: a savings club",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="The payer may be a person exploited through debt bondage.",
        tiers=("D1", "D4"),
        needs=("accounts.opened_on",),
        reduced={"customers.household_id": "Family of one household counts as a stranger."},
        version=3,
        by="customer",
        sentence="In {months}, {share} of the income went to the same receiver, {payments} of nearly the same amount.",
        numbers={"months": "months", "share": "share", "payments": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share of income paid to one receiver, for each private customer with a young account."""
        served = sight.everybody(Survey(f"SMG-02 {self}", self._served))
        pair, counted, share, met = self._shares(sight)
        nodes = sight.graph.nodes
        several = served["receiver"].value_counts()
        several = several.field("values").filter(pc.greater_equal(several.field("counts"), self.several))
        boosted = np.asarray(pc.is_in(sight.graph.names, value_set=several))
        best = Legs(pair.subject // nodes, pair.stretch, pair.group, pair.row, pair.other, pair.own)
        yield from sight.scores(
            self,
            best,
            share * np.where(boosted[pair.subject % nodes], self.boost, 1.0),
            support=pair.count(),
            met=met,
            numbers={"months": counted.count(), "share": share, "payments": pair.count()},
            others=pair.subject % nodes,
            other_role="possible_controller",
        )

    def _served(self, sight: Sight) -> pa.Table:
        """Say once who pays whom so."""
        pair, _, share, met = self._shares(sight)
        like = np.flatnonzero(met & (share > 0))
        payers, first = np.unique(pair.subject[like], return_index=True)
        own, _ = pair.top(pair.own, np.ones(pair.row.size))
        names = sight.graph.names.take(pa.array(payers % sight.graph.nodes))
        return pa.table({"of": own[like[first]], "receiver": names})

    def _shares(self, sight: Sight) -> tuple[Legs, Legs, Floats, Flags]:
        return sight.once(("shares of income", self), lambda: self._shares_of_income(sight))

    def _shares_of_income(self, sight: Sight) -> tuple[Legs, Legs, Floats, Flags]:
        """Give the payments of each customer to each receiver, their months, the share of income, and if it counts."""
        opened = sight.account_number("opened_on")
        sent = sight.debits("customer")
        # A house for those in need takes a contribution on the day of the benefit (MIT-07).
        sent = sent.keep(sight.unrelated(sent) & sight.private[sent.own] & ~sight.is_kind("npo")[sent.other])
        # Who draws by mandate is a lender or an insurer with hundreds of customers, not somebody to whom one sends.
        sent = sent.where(~sight.channel("direct_debit"))
        sent = sent.keep(sight.day[sent.row] - opened[sent.own] < self.youngest / timedelta(days=1))
        nodes = sight.graph.nodes
        pair = sight.over(
            legs_of(sent.subject[sent.group] * nodes + sent.other, sent.row, sent.other, sent.own), self.within
        )
        income = sight.credits("customer")
        month = months(sight)
        earned = legs_of((income.subject[income.group] << 20) + month[income.row], income.row, income.other, income.own)
        monthly = legs_of((pair.group << 20) + month[pair.row], pair.row, pair.other, pair.own)
        of = monthly.subject >> 20
        wanted = ((pair.subject // nodes)[of] << 20) + (monthly.subject & (2**20 - 1))
        place = np.searchsorted(earned.subject, wanted)
        found = np.append(earned.subject, -1)[place] == wanted
        came = np.where(found, np.append(earned.total(sight.amount), 0.0)[place], 0.0)
        part = np.minimum(monthly.total(sight.amount) / np.maximum(came, 0.01), 1.0)
        counted = Legs(pair.subject, pair.stretch, of, of, of, of)
        share = np.nan_to_num(counted.median(part))
        met = (counted.count() >= self.least_months) & (spread(sight, pair) < self.equal)
        return pair, counted, share, met
