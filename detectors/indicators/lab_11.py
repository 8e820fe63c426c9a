"""LAB-11: Tied or overcrowded housing charges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import linked
from detectors.paydays import address, each_other, employers, of_groups
from detectors.sight import RENT, Sight
from graphs.legs import Ints, Legs, legs_of


@dataclass(frozen=True, kw_only=True)
class Lab11:
    """Count the tenants of one receiver of rent who live at one small address, or share enough identifiers.

    Only those count for whom rent takes a good part of the wage. A receiver who is the employer, or is linked to it,
    counts three more; one with a licence, or one who serves the public, five less, as does nobody at an address on the
    list of exemptions. Rent is what is marked as such: a purpose code or a merchant's category.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="LAB-11, window: 90 d")
    weak: float = parameter(6.0, unit="tenants", why="LAB-11, weak value of the catalogue")
    strong: float = parameter(14.0, unit="tenants", why="LAB-11, strong value of the catalogue")
    least_tenants: int = parameter(5, unit="tenants", least=2, why="LAB-11, support: tenants")
    least_share: float = parameter(
        0.25, unit="share", least=0.0, why="LAB-11: rent per net wage, from which on it counts"
    )
    tied: float = parameter(
        3.0, unit="tenants", least=0.0, why="LAB-11: added if the receiver is linked to the employer"
    )
    licensed: float = parameter(
        5.0, unit="tenants", least=0.0, why="LAB-11: taken off a hall, hostel or social landlord"
    )

    about = IndicatorAbout(
        id="LAB-11",
        title="Tied or overcrowded housing charges",
        question="Does one receiver collect rent from many workers at one address, perhaps for the employer?",
        meaning=(
            "One payee collects rent from many workers registered at the same small address, often someone tied "
            "to the employer."
        ),
        of=("forced labour", "sexual exploitation"),
        cited=(
            Citation("FIN14", "read", "wage deductions for housing"),
            Citation("ABN", "read", "many adults at one address"),
            Citation("NCA20", "recalled", "property as enabler"),
        ),
        innocent=(
            "house in multiple occupation lawfully let",
            "student halls",
            "seasonal worker camp",
            "hostel",
            "church housing",
        ),
        clears=(
            "the house is let lawfully to that many: a licence, a register entry, a farm's approved housing",
            "rent and house rules are those of a written tenancy",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited", "landlord", "possible_controller"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4", "D5"),
        needs=("links.value_hash", "accounts.customer_id", "payments.purpose_code|payments.mcc"),
        version=2,
        by="account",
        sentence=(
            "{tenants} who live together pay the same receiver rent, half of them more than {share} of their wage."
        ),
        numbers={"tenants": "tenants", "share": "share"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give rents, and the wages of who pays them."""
        linked(sight)  # asked of everybody before it is measured
        rents = sight.mine(self._rents(sight))
        tenants = np.zeros(sight.graph.nodes, np.bool_)
        tenants[sight.payer[rents]] = True
        return np.concatenate([rents, np.flatnonzero(sight.wages & tenants[sight.payee])])

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the tenants who live together, for each of them."""
        nodes = sight.graph.nodes
        debits = self._rents(sight)
        paid = sight.over(legs_of(debits.other, debits.row, debits.own, debits.own), self.within)
        wages = sight.over(sight.credits().where(sight.wages), self.within)
        pair = each_other(paid, nodes)
        earned = of_groups(wages, wages.total(sight.amount), pair.subject % nodes, paid.stretch[pair.subject // nodes])
        share = np.divide(pair.total(sight.amount), earned, out=np.zeros(pair.groups), where=earned > 0)
        much = (share >= self.least_share)[pair.group]
        paid, share = paid.keep(much), share[pair.group[much]]

        tenant, _ = paid.first_of(paid.own)
        once = np.zeros(paid.row.size)
        once[tenant] = 1
        home, group = address(sight), linked(sight).group
        (at, here), (of, joined) = (paid.top(number[paid.own], once) for number in (home, group))
        together = paid.keep(
            np.where(
                (here >= joined)[paid.group],
                home[paid.own] == at[paid.group],
                group[paid.own] == of[paid.group],
            )
        )
        tenants = np.maximum(here, joined).astype(np.int64)
        one = paid.keep(once > 0)
        receiver, employer = paid.subject, paid.top(employers(sight)[paid.own], once)[0]
        same = (receiver == employer) | (sight.household[receiver] == sight.household[employer])
        same |= (group[receiver] >= 0) & (group[receiver] == group[employer])
        public = sight.licensed[receiver] | sight.graph.hub[receiver]
        value = tenants + self.tied * (same & (employer >= 0)) - self.licensed * public
        yield from sight.cluster_scores(
            self,
            together,
            value,
            support=tenants,
            met=tenants >= self.least_tenants,
            numbers={"tenants": tenants, "share": np.nan_to_num(one.median(share[once > 0]))},
            others=receiver,
            other_role="landlord",
            role="possibly_exploited",
        )

    def _rents(self, sight: Sight) -> Legs:
        debits = sight.debits().where(sight.merchants("rent") | sight.purpose(*RENT))
        return debits.keep(sight.private[debits.own])
