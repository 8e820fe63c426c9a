"""LAB-12: Batch account opening with common employer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import most_shared, numbered
from detectors.paydays import employers, sweeps
from detectors.sight import Sight
from detectors.survey import Survey
from graphs.legs import Flags, Ints, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Lab12:
    """Count the people whose accounts were opened together, are paid by one payer and mostly share a contact.

    Together is within a week through the same branch, device or introducer; a contact is an address, phone or email.
    Openings before the first payment looked at are left out. Those who are paid by others do not dilute a group, so
    that a busy branch does not hide it. The group weighs more where wages of two members or more are swept away after
    payday. An employer who sends staff to one branch looks the same but for the shared contact.
    """

    weak: float = parameter(3.0, unit="people", why="LAB-12, weak value of the catalogue")
    strong: float = parameter(8.0, unit="people", why="LAB-12, strong value of the catalogue")
    opened_in: timedelta = parameter(
        timedelta(days=7), unit="time", least=timedelta(days=1), why="LAB-12: opened within 7 d"
    )
    least_accounts: int = parameter(3, unit="people", least=2, why="LAB-12, support: accounts")
    contact: float = parameter(0.5, unit="share", least=0.0, most=1.0, why="LAB-12: of the group who share a contact")
    swept: float = parameter(0.875, unit="share", least=0.0, why="LAB-12: of a wage, swept away; LAB-02 of one half")
    boost: float = parameter(1.3, unit="times", least=1.0, why="LAB-12: boost where two members are swept")

    about = IndicatorAbout(
        id="LAB-12",
        title="Batch account opening with common employer",
        question="Were several accounts opened together, to be paid by the same payer, with one contact for many?",
        meaning=(
            "Several accounts are opened together through the same branch, device or introducer and all start "
            "receiving pay from the same source."
        ),
        of=("forced labour", "mule networks"),
        cited=(
            Citation("FORT", "read", "exploited persons marched to banks to open accounts"),
            Citation("AMLTRIX", "read", "IND01110"),
            Citation("POL18", "read", "accounts opened under coercion"),
            Citation("TRF17", "read", "staff trained to watch accompanied customers"),
        ),
        innocent=(
            "employer onboarding day",
            "university enrolment week",
            "refugee-bank partnership",
            "payroll-card programme",
        ),
        clears=(
            "the employer, university or reception centre confirms the day and brought them all",
            "the shared contact is that of a hall or hostel: enter it as exempt",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D4", "D5"),
        needs=(
            "accounts.opened_on",
            "accounts.branch_id|accounts.opening_device_id|accounts.introducer_id",
            "links.value_hash",
            "accounts.customer_id",
        ),
        reduced={"customers.household_id": "Members of one household count as several."},
        by="account",
        sentence=(
            "{people} opened accounts within {days} in the same place, are paid by the same payer, and {shared} "
            "of them share a contact."
        ),
        numbers={"people": "people", "days": "days", "shared": "share"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give all payments of accounts that were opened since the first of them."""
        return sight.all_of(self._known(sight)[0])

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the size of each group that was opened together, for each member."""
        known, payer, opened = self._known(sight)
        credits_ = sight.credits()
        first = credits_.keep(known[credits_.own] & (credits_.other == payer[credits_.own]))
        days = self.opened_in // timedelta(days=1)
        parts, groups = [], 0
        for column in ("branch_id", "opening_device_id", "introducer_id"):
            place = numbered(sight.account_text(column))
            # Weeks that begin on any of two days: who opened within half of one lies whole in one of them.
            for offset in (0, days // 2):
                inside = np.flatnonzero(known & (place >= 0))
                rows = np.column_stack([place[inside], (opened[inside] + offset) // days, payer[inside]])
                _, number = np.unique(rows, axis=0, return_inverse=True)
                group = np.full(sight.graph.nodes, -1, np.int64)
                group[inside] = groups + number.ravel()
                groups += inside.size
                kept = first.keep(group[first.own] >= 0)
                parts.append((group[kept.own], kept.row, kept.other, kept.own))
        subject, row, other, own = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(row, kind="stable")
        legs = legs_of(subject[order], row[order], other[order], own[order])
        yield from self._scores(sight, legs)

    def _known(self, sight: Sight) -> tuple[Flags, Ints, Ints]:
        """Give the private accounts of whose beginning is known, their first payers, and when they were opened."""
        since = pc.min(sight.everybody(FIRST_DAY)["day"]).as_py()
        payer = self._first_payer(sight)
        opened = np.nan_to_num(sight.account_number("opened_on"), nan=-1).astype(np.int64)
        return sight.own & sight.private & (payer >= 0) & (opened >= since), payer, opened

    def _scores(self, sight: Sight, legs: Legs) -> Iterator[Score]:
        people = legs.distinct(sight.household[legs.own])
        shared = most_shared(sight, legs, "address", "phone", "email") / np.maximum(people, 1)
        wages = sweeps(sight).wages
        emptied = np.zeros(sight.graph.nodes, np.bool_)
        emptied[wages.subject[wages.median(sweeps(sight).share[wages.row]) >= self.swept]] = True
        swept = legs.keep(emptied[legs.own])
        several = swept.distinct(swept.own) >= 2
        yield from sight.cluster_scores(
            self,
            legs,
            people * np.where(several, self.boost, 1.0),
            support=people,
            met=(people >= self.least_accounts) & (shared >= self.contact),
            numbers={
                "people": people,
                "days": np.full(legs.groups, self.opened_in.days),
                "shared": np.minimum(shared, 1.0),
            },
            others=np.asarray(legs.top(legs.other, np.ones(legs.row.size))[0]),
            other_role="business",
            role="possibly_exploited",
        )

    def _first_payer(self, sight: Sight) -> Ints:
        """Give the employer of each node, else whoever paid it first; -1 where nobody did."""
        credits_ = sight.credits().where(~sight.cash_in)
        _, first = np.unique(credits_.own, return_index=True)
        payer = np.full(sight.graph.nodes, -1, np.int64)
        payer[credits_.own[first]] = credits_.other[first]
        return np.where(employers(sight) >= 0, employers(sight), payer)


def _first_day(sight: Sight) -> pa.Table:
    """Give the first day with a payment of each of the bank's own accounts."""
    ends = np.concatenate([sight.payer, sight.payee])
    first = np.full(sight.graph.nodes, 2**31)
    np.minimum.at(first, ends, np.concatenate([sight.day, sight.day]))
    own = np.flatnonzero(sight.own)
    return pa.table({"of": own, "day": first[own]})


FIRST_DAY: Final = Survey("first days", _first_day)
