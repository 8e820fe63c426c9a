"""LAB-07: Shared identifiers among unrelated adults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import MOST_HOLDERS, linked
from detectors.sight import Sight
from graphs.legs import Ints, legs_of


@dataclass(frozen=True, kw_only=True)
class Lab07:
    """Count the unrelated customers who share identifiers: a device or e-mail address, or two lesser kinds.

    Customers of one household are one. Identifiers of very many customers join nobody, nor do those of institutions on
    the list of exemptions: halls, shelters and hostels look exactly like this. The evidence is the identifiers, which
    stay in the ledger; the payments listed are those of the members in the latest span, to find them by.
    """

    within: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(hours=1), why="LAB-07, window: 180 d"
    )
    weak: float = parameter(4.0, unit="people", why="LAB-07, weak value of the catalogue")
    strong: float = parameter(10.0, unit="people", why="LAB-07, strong value of the catalogue")
    least_customers: int = parameter(3, unit="people", least=2, why="LAB-07, support: customers")
    most_customers: int = parameter(
        MOST_HOLDERS, unit="people", least=2, why="LAB-07: identifiers of more customers join nobody"
    )

    about = IndicatorAbout(
        id="LAB-07",
        title="Shared identifiers among unrelated adults",
        question="Do many unrelated adult customers give the same device, phone, address or introducer?",
        meaning="Many unrelated adult customers give the same address, phone, email, device or introducer.",
        of=("forced labour", "sexual exploitation", "mule networks"),
        cited=(
            Citation("ABN", "read", "many people at one address (the bank also used sex; we do not)"),
            Citation("FIN20", "read", "unrelated senders sharing addresses and phones"),
            Citation("AMLTRIX", "read", "IND00499, IND01110"),
            Citation("NCA20", "recalled", "shared contact details in payroll records"),
        ),
        innocent=(
            "student housing",
            "house-share",
            "extended family",
            "refugee reception centre",
            "shelter for survivors",
            "monastery",
            "ship crew",
            "employer-provided lawful housing",
        ),
        clears=(
            "the address or device is that of a hall, hostel, shelter or employer's lawful housing: enter it as exempt",
            "they are one family or household",
        ),
        leg="CTL",
        reliability="core",
        roles=("possibly_exploited",),
        safety=(
            "Survivor shelters produce exactly this picture; keep a confidential exemption list reviewed by a human."
        ),
        tiers=("D4", "D5"),
        needs=("links.value_hash", "accounts.customer_id"),
        reduced={"customers.household_id": "Members of one household count as unrelated."},
        version=2,
        by="account",
        sentence="{people} who are not of one household share identifiers: {kinds} of them in common.",
        numbers={"people": "people", "kinds": ""},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the latest payments of who shares with enough others."""
        shared = linked(sight, self.most_customers)
        nodes = (np.append(shared.people, 0)[shared.group] >= self.least_customers) & (shared.group >= 0)
        rows = sight.all_of(nodes)
        return rows[sight.latest(self.within)[rows]]

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the customers who share identifiers with each account's holder."""
        shared = linked(sight, self.most_customers)
        group, people, kinds = shared.group, shared.people, shared.kinds
        # Each payment twice, once for either side, in the order of the window.
        row, own = np.repeat(np.arange(sight.at.size), 2), np.column_stack([sight.payer, sight.payee]).ravel()
        inside = (group[own] >= 0) & sight.own[own]
        row, own = row[inside], own[inside]
        legs = sight.over(legs_of(group[own], row, own, own), self.within)
        size = people[legs.subject]
        yield from sight.cluster_scores(
            self,
            legs,
            size,
            support=size,
            met=(size >= self.least_customers) & (legs.stretch == 0),
            numbers={"people": size, "kinds": kinds[legs.subject]},
            apart=True,
        )
