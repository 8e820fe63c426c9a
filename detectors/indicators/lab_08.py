"""LAB-08: Payroll inconsistent with size and turnover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow.compute as pc

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import linked
from detectors.paydays import begins, each_other, payroll_tax
from detectors.sight import DAY, Sight, both
from graphs.legs import Flags, Ints, Legs


@dataclass(frozen=True, kw_only=True)
class Lab08:
    """Count the signs that a firm's payroll does not fit the firm.

    Five signs count one each: far fewer or more people are paid than it declares; payroll tax is missing beside the
    wages; much of what comes in is drawn in cash around the end of months and weeks; wages of several workers go to
    one account or to people who share phone or device; and the workforce doubles while takings do not. A firm's first
    three months are not looked at. People are those paid as wages in a typical month of the span.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="LAB-08, window: 90 d")
    weak: float = parameter(1.0, unit="signs", why="LAB-08, weak value of the catalogue")
    strong: float = parameter(3.0, unit="signs", why="LAB-08, strong value of the catalogue")
    least_headcount: int = parameter(
        3, unit="people", least=1, why="ours: in smaller firms owners and family do the work"
    )
    fewest: float = parameter(0.4, unit="share", least=0.0, why="LAB-08 (a): people paid per person declared, at least")
    most: float = parameter(1.5, unit="share", least=0.0, why="LAB-08 (a): people paid per person declared, at most")
    least_tax: float = parameter(
        0.05, unit="share", least=0.0, why="LAB-08 (b): payroll tax and contributions per wages"
    )
    cash: float = parameter(0.4, unit="share", least=0.0, most=1.0, why="LAB-08 (c): of the money in, drawn in cash")
    clustered: float = parameter(
        0.7,
        unit="share",
        least=0.0,
        most=1.0,
        why="ours: of that cash around the end of months and weeks; by chance 0.45",
    )
    together: int = parameter(
        3, unit="workers", least=2, why="LAB-08 (d): workers behind one account or one identifier"
    )
    growth: float = parameter(2.0, unit="times", least=1.0, why="LAB-08 (e): workers now per worker two months before")

    about = IndicatorAbout(
        id="LAB-08",
        title="Payroll inconsistent with size and turnover",
        question="Do a firm's wages, payroll tax and cash not fit its size and takings?",
        meaning="The firm's wages, payroll tax or social contributions do not fit the work it clearly performs.",
        of=("forced labour",),
        cited=(
            Citation("FIN14", "read", "no or too little payroll, payroll tax or social-security spending"),
            Citation("FIN20", "read", "no normal payroll"),
            Citation("AMLTRIX", "read", "IND01544, IND01547, IND01548, IND03004"),
            Citation("NCA20", "read", "payroll engagement red flags"),
        ),
        innocent=(
            "subcontracting",
            "outsourced PEO/umbrella payroll",
            "seasonal firm",
            "tax paid from another bank",
            "family business",
        ),
        clears=(
            "tax and wages are paid from another bank or by a payroll service",
            "the work is done by subcontractors whose invoices are paid",
            "the season explains workforce and takings",
        ),
        leg="CTX",
        reliability="core",
        roles=("business",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4"),
        needs=("customers.headcount|customers.sector", "customers.kind|accounts.kind", "payments.purpose_code"),
        reduced={
            "customers.headcount": "Whether the people paid fit the people declared is not seen.",
            "payments.employee_ref": "Wages of several workers into one account are not seen.",
            "links.value_hash": "Workers who share phone or device are not seen.",
        },
        version=2,
        by="customer",
        sentence=(
            "{signs} of five signs say that the payroll does not fit the firm: {workers} paid in a month, payroll "
            "tax of {tax} of the wages, {cash} of the takings drawn in cash."
        ),
        numbers={"signs": "", "workers": "people", "tax": "share", "cash": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give how many signs hold, for each firm."""
        firm = sight.is_kind("firm", "sole_trader") | sight.account_is("kind", "business", "client")
        declared = sight.customer_number("headcount")
        known = (
            firm & ~sight.licensed & (~np.isnan(declared) | pc.is_valid(sight.customer_text("sector")).to_numpy(False))
        )
        everything = sight.credits("customer")
        credits_ = sight.over(everything.keep(known[everything.own]), self.within)
        debits = sight.over(sight.debits("customer"), self.within, like=credits_)
        wages, drawn = debits.where(sight.wages), debits.where(sight.cash_out)
        taxes = debits.where(payroll_tax(sight))

        paid, inflow = wages.total(sight.amount), credits_.total(sight.amount)
        by_third = [
            (wages.keep(part), credits_.keep(other))
            for part, other in zip(*self._thirds(sight, wages, credits_), strict=True)
        ]
        people = np.array([part.distinct(part.other) for part, _ in by_third])
        took = [part.total(sight.amount) for _, part in by_third]
        size = np.zeros(credits_.groups)
        np.fmax.at(size, credits_.group, np.nan_to_num(declared[credits_.own]))
        month = np.sort(people, axis=0)[1]
        ratio = month / np.maximum(size, 1)
        cash = drawn.total(sight.amount)
        ends = drawn.where(self._ends(sight)).total(sight.amount)
        signs = [
            (size >= self.least_headcount) & ((ratio < self.fewest) | (ratio > self.most)),
            (paid > 0) & (taxes.total(sight.amount) < self.least_tax * paid),
            (cash >= self.cash * inflow) & (ends >= self.clustered * cash) & (cash > 0),
            self._together(sight, wages) >= self.together,
            (people[2] >= 2) & (people[0] > self.growth * people[2]) & (took[0] < self.growth * took[2]),
        ]
        value = np.sum(signs, axis=0)
        first = np.full(everything.groups, np.iinfo(np.int64).max)
        np.minimum.at(first, everything.group, sight.at[everything.row])
        since = first[np.searchsorted(everything.subject, credits_.subject)]
        yield from sight.scores(
            self,
            both(credits_, both(wages, both(drawn, taxes))),
            value,
            support=debits.count(),
            met=(inflow > 0) & (since <= begins(sight, credits_, self.within) + SLACK),
            numbers={
                "signs": value,
                "workers": month,
                "tax": np.minimum(taxes.total(sight.amount) / np.maximum(paid, 0.01), 9.99),
                "cash": np.minimum(cash / np.maximum(inflow, 0.01), 9.99),
            },
        )

    def _thirds(self, sight: Sight, *several: Legs) -> list[list[Flags]]:
        """Say which legs lie in the latest, middle and first third of their stretch."""
        third = microseconds(self.within) // 3
        places = [(sight.at[legs.row] - begins(sight, legs, self.within)[legs.group]) // third for legs in several]
        return [[place >= 2, place == 1, place <= 0] for place in places]

    def _ends(self, sight: Sight) -> Flags:
        """Say which payments are made around the end of a month, or on a Friday or Saturday."""
        day = sight.day.astype("datetime64[D]")
        of_month = (day - day.astype("datetime64[M]")).astype(np.int64) + 1
        ends: Flags = (of_month >= 28) | (of_month <= 3) | np.isin((sight.day + 3) % 7, (4, 5))
        return ends

    def _together(self, sight: Sight, wages: Legs) -> Ints:
        """Count the workers of each firm behind the account, or the group of linked people, with most of them."""
        by_account = each_other(wages, sight.graph.nodes)
        references = by_account.distinct(sight.codes("employee_ref")[by_account.row])
        most = np.zeros(wages.groups, np.int64)
        np.maximum.at(most, by_account.subject // sight.graph.nodes, references)
        group = linked(sight).group
        joined = wages.keep(group[wages.other] >= 0)
        worker, _ = joined.first_of(joined.other)
        counted = np.zeros(joined.row.size)
        counted[worker] = 1
        _, largest = joined.top(group[joined.other], counted)
        return np.maximum(most, largest.astype(np.int64))


SLACK: Final = 10 * DAY
"""A firm is old enough if its first payment lies no more than these days within the span."""
