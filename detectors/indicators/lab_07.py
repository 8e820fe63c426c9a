"""LAB-07: Shared identifiers among unrelated adults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.holders import account_labels
from graphs.legs import legs_of
from graphs.sharing import sharing


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
    most_customers: int = parameter(25, unit="people", least=2, why="LAB-07: identifiers of more customers join nobody")

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
        by="account",
        sees="whole",
        sentence="{people} who are not of one household share identifiers: {kinds} of them in common.",
        numbers={"people": "people", "kinds": ""},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the customers who share identifiers with each account's holder."""
        side = sight.window.side
        assert side.links is not None, "the indicator needs links, and is not asked without them"
        exempt = pa.array(sight.given.lists.get("exempt", ()), pa.string())
        links = side.links.filter(pc.invert(pc.is_in(pc.utf8_lower(side.links["value_hash"]), value_set=exempt)))
        shared = sharing(links, side.customers, most_customers=self.most_customers)
        place = pc.index_in(account_labels(sight.window), value_set=shared.labels).fill_null(-1).to_numpy()
        # A node whose holder shares nothing is in no group: -1, the last of the table.
        group = np.append(shared.group, -1)[place]
        people = np.bincount(shared.group, minlength=len(shared.shared))
        kinds = np.array([len(kinds) for kinds in shared.shared], np.int64)
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
        )
