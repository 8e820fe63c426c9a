"""LAB-10: Labour-provider gather-scatter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import passing
from detectors.paydays import payroll_tax, sector_is, to_individuals
from detectors.sight import Sight, both
from graphs.classes import PERSONS


@dataclass(frozen=True, kw_only=True)
class Lab10:
    """Measure how much of what client firms pay a labour supplier is emptied within days to cash and to individuals.

    Money of firms is matched with later money out, first in first out; what reaches cash or private persons counts,
    less the more payroll tax goes with it, so that an honest agency on weekly pay scores nothing. Receivers at other
    banks are taken for individuals where they are paid as such: as a wage, or from person to person.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="LAB-10, window: 60 d")
    weak: float = parameter(0.6, unit="share", why="LAB-10, weak value of the catalogue")
    strong: float = parameter(0.9, unit="share", why="LAB-10, strong value of the catalogue")
    handed: timedelta = parameter(
        timedelta(days=5), unit="time", least=timedelta(hours=1), why="LAB-10: matched within 5 d"
    )
    least_clients: int = parameter(3, unit="payers", least=1, why="LAB-10, support: client firms")
    least_recipients: int = parameter(10, unit="payees", least=1, why="LAB-10, support: outgoing recipients")
    least_cash: float = parameter(0.3, unit="share", least=0.0, most=1.0, why="LAB-10, support: or so much in cash")
    full_tax: float = parameter(
        0.2, unit="share", least=0.01, why="LAB-10: payroll tax per wages of an honest supplier"
    )

    about = IndicatorAbout(
        id="LAB-10",
        title="Labour-provider gather-scatter",
        question="Does a labour supplier empty what clients pay within days, to cash and individuals, nearly untaxed?",
        meaning=(
            "A labour supplier collects from client firms and empties the account within days to cash and "
            "individuals, with little payroll tax."
        ),
        of=("forced labour",),
        cited=(
            Citation("FATF18", "recalled", "front/labour-supply companies"),
            Citation("NCA20", "read", "payroll services exposed to MSHT"),
            Citation("AMLTRIX", "read", "IND01868, IND01869, IND00039"),
            Citation("EUROPOL15", "read", "legal business structures used"),
        ),
        innocent=(
            "honest temp agency on weekly pay",
            "gig platform",
            "cash-paid harvest where lawful",
            "factoring company",
        ),
        clears=(
            "payroll tax and contributions are paid from another bank or by a payroll service",
            "the individuals are workers with contracts and payslips",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_front",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4"),
        needs=("customers.sector",),
        reduced={
            "payments.sent_at": "What came in and went out on the same day is not matched.",
            "customers.kind": "Private payers are taken for clients.",
        },
        by="account",
        sentence=(
            "{clients} paid {inflow}; {emptied} of it went within 5 days to cash and to {recipients}, with "
            "payroll tax of {tax} of what they got."
        ),
        numbers={"clients": "payers", "inflow": "u", "emptied": "share", "recipients": "payees", "tax": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share emptied, less for payroll tax, for each account of a labour supplier."""
        supplier = sector_is(sight, *SECTORS)
        credits_ = sight.credits()
        firms = credits_.keep(supplier[credits_.own] & ~sight.is_kind("person")[credits_.other])
        firms = firms.where(~sight.cash_in & ~sight.wages & ~sight.benefits)
        firms = firms.keep(sight.of_class(*PERSONS)[firms.other])
        clients = sight.over(firms, self.within)
        debits = sight.over(sight.debits(), self.within, like=clients)
        found = passing(sight, clients, debits, self.handed)
        cash = sight.cash_out[debits.row]
        people = to_individuals(sight)[debits.row]
        emptied = debits.keep(cash | people)
        reached = emptied.total_of(found.passing[cash | people] / 100) / np.maximum(found.inflow, 0.01)
        in_cash = debits.keep(cash).total_of(found.passing[cash] / 100) / np.maximum(found.inflow, 0.01)
        wages = emptied.total(sight.amount)
        tax = debits.where(payroll_tax(sight)).total(sight.amount) / np.maximum(wages, 0.01)
        recipients = debits.keep(people).distinct(debits.keep(people).other)
        firms_ = clients.distinct(clients.other)
        yield from sight.scores(
            self,
            both(clients, emptied),
            reached * (1 - np.minimum(tax / self.full_tax, 1)),
            support=firms_,
            met=(firms_ >= self.least_clients) & ((recipients >= self.least_recipients) | (in_cash >= self.least_cash)),
            numbers={
                "clients": firms_,
                "inflow": found.inflow,
                "emptied": reached,
                "recipients": recipients,
                "tax": np.minimum(tax, 9.99),
            },
        )


SECTORS: Final = ("78", "81.2", "41", "42", "43", "01", "10", "49.4")
"""LAB-10: NACE divisions and groups that supply labour."""
