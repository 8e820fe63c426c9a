"""CTL-02: One device, many unrelated customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import devices, households_on
from detectors.sight import Sight
from graphs.legs import Ints, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Ctl02:
    """Count the unrelated customers who pay from one device.

    A device counts for a customer who paid from it at least twice; customers of one household are one. Devices of very
    many customers (a branch, a help desk) and those on the institution's list of exemptions join nobody. Payments stand
    for sessions: the ledger keeps no log of logins.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="CTL-02, window: 30 d")
    weak: float = parameter(2.0, unit="people", why="CTL-02, weak value of the catalogue")
    strong: float = parameter(5.0, unit="people", why="CTL-02, strong value of the catalogue")
    least_sessions: int = parameter(2, unit="payments", least=1, why="CTL-02, support: sessions per customer")
    most_customers: int = parameter(25, unit="people", least=2, why="CTL-02: devices of more users are kiosks")
    alternation: timedelta = parameter(
        timedelta(minutes=10),
        unit="time",
        least=timedelta(0),
        why="CTL-02: sessions of different customers so close count one more",
    )

    about = IndicatorAbout(
        id="CTL-02",
        title="One device, many unrelated customers",
        question="Is one device used for the accounts of several people who have nothing to do with each other?",
        meaning="The same phone or computer logs into the accounts of several people who have no link to each other.",
        of=("controlled accounts", "mule networks"),
        cited=(
            Citation("MULE", "recalled", "shared device as mule marker"),
            Citation("FATF18", "recalled", "one controller operating several online accounts"),
            Citation("AMLTRIX", "recalled", "account-control indicators"),
        ),
        innocent=(
            "family tablet",
            "internet cafe",
            "community-centre help desk",
            "shelter case-worker",
            "second-hand phone",
        ),
        clears=(
            "the device belongs to a household, carer or institution on the list of exemptions",
            "the device changed hands: the customers used it one after the other",
        ),
        leg="CTL",
        reliability="core",
        roles=("possible_controller",),
        safety="Case-workers and advocates help survivors on shared devices: exemption list.",
        tiers=("D5",),
        needs=("payments.device_id",),
        reduced={
            "customers.household_id": "Members of one household count as unrelated.",
            "payments.sent_at": "Whether customers follow each other within minutes is not seen.",
        },
        version=2,
        by="account",
        sentence=("{customers} who are not of one household paid from the same device, {payments} within {span}."),
        numbers={"customers": "customers", "payments": "payments", "span": "days"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments from devices of several households."""
        several = households_on(sight) >= 2
        row = np.flatnonzero(devices(sight) >= 0)
        return row[several[devices(sight)[row]] & sight.owned[sight.payer[row]]]

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the unrelated customers of the device that most of them share, for each account."""
        device = devices(sight)
        row = np.flatnonzero(device >= 0)
        people = sight.household[sight.payer[row]]
        used = sight.over(legs_of(device[row], row, people, sight.payer[row]), self.within)
        _, of, sessions = np.unique((used.group << 31) + used.other, return_inverse=True, return_counts=True)
        often = used.keep(sessions[of] >= self.least_sessions)
        customers = often.distinct(often.other)
        yield from sight.cluster_scores(
            self,
            often,
            customers + self._alternating(sight, often),
            support=often.count(),
            met=(customers >= 2) & (customers <= self.most_customers),
            numbers={
                "customers": customers,
                "payments": often.count(),
                "span": np.full(often.groups, self.within.days),
            },
            apart=True,
        )

    def _alternating(self, sight: Sight, legs: Legs) -> Ints:
        """Say in which groups one customer follows another within minutes."""
        order = np.argsort(legs.group, kind="stable")
        group, who, at = legs.group[order], legs.other[order], sight.at[legs.row[order]]
        timed = sight.timed[legs.row[order]]
        close = np.diff(at) <= microseconds(self.alternation)
        both = (np.diff(group) == 0) & (np.diff(who) != 0) & close & timed[1:] & timed[:-1]
        return np.bincount(group[1:][both], minlength=legs.groups).clip(max=1)
