"""SEX-13: One payer behind many adverts or advertiser accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import contacts, devices, households_on, numbered
from detectors.sight import Sight
from graphs.legs import Ints, Legs, combined, legs_of


@dataclass(frozen=True, kw_only=True)
class Sex13:
    """Count the customers whose adverts are paid from one device, or who pay for adverts and share contact details.

    Customers who pay for adverts are joined by the device they pay them from and by a telephone, e-mail address or
    device that they gave; members of one household are one, and what very many use joins nobody. The catalogue
    also counts the advertiser accounts behind one payer: a merchant's reference is no column of the ledger, and
    free text is not read for this, so that one card that pays for several people's adverts is not seen. Nor is the
    region an advert is shown in.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="SEX-13, window: 90 d")
    weak: float = parameter(2.0, unit="people", why="SEX-13, weak value of the catalogue")
    strong: float = parameter(6.0, unit="people", why="SEX-13, strong value of the catalogue")
    least_customers: int = parameter(2, unit="people", least=2, why="SEX-13, support: linked customers")
    least_adverts: int = parameter(
        2, unit="payments", least=1, why="ours: a customer with one advert has no habit of it"
    )
    most_customers: int = parameter(
        25, unit="people", least=2, why="catalogue, section 1: what more than 25 use joins nobody"
    )

    about = IndicatorAbout(
        id="SEX-13",
        title="One payer behind many adverts or advertiser accounts",
        question=("Do adverts of several customers come from one device, or from people who share contact details?"),
        meaning=(
            "The same person or card pays for adverts belonging to several people, or several customers' adverts "
            "share one phone, email or device."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation(
                "TOEX",
                "read",
                (
                    "payer/phone sharing across accounts as exploitation marker; two men paid for ten accounts using "
                    "8 emails, 13 phones and 4 payer names"
                ),
            ),
            Citation("FIN20", "read", "customer identifiers tied to commercial-sex adverts"),
            Citation("CLOSED", "read", "vendor matches customer identifiers with adult adverts"),
        ),
        innocent=(
            "agency where lawful",
            "photographer or web designer posting for clients",
            "two friends sharing a device",
        ),
        clears=(
            "a lawful agency, photographer or web designer who posts for clients",
            ("the device or address is that of a household or institution on the list of exemptions"),
        ),
        leg="CTL",
        reliability="core",
        roles=("possible_controller",),
        safety=(
            "Strongest sign of control in sex markets. Those advertised are possibly exploited persons, to be "
            "helped first."
        ),
        tiers=("D1", "D3", "D5"),
        needs=(
            "payments.mcc|list.adverts",
            "payments.device_id|links.value_hash",
        ),
        reduced={
            "list.adverts": "Adverts are seen by the merchant category of dating and escort services only.",
            "payments.device_id": "Adverts paid from one device are not joined.",
            "links.value_hash": "Adverts of people who share contact details are not joined.",
            "customers.household_id": "Members of one household count as unrelated.",
        },
        by="account",
        sentence=(
            "{people} who are not of one household paid for adverts, {payments} within {span}, from one "
            "device or with shared contact details."
        ),
        numbers={"people": "people", "payments": "payments", "span": "days"},
        version=2,
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments for adverts, and have everybody asked about devices."""
        households_on(sight)
        return sight.mine(sight.debits().where(sight.adverts))

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the customers joined by their adverts, for each of their accounts."""
        adverts = sight.debits().where(sight.adverts)
        joined = sight.over(
            legs_of(self._cluster(sight, adverts), adverts.row, adverts.other, adverts.own), self.within
        )
        person = combined(joined.group, sight.household[joined.own])
        joined = joined.keep(np.bincount(person, minlength=1)[person] >= self.least_adverts)
        people = joined.distinct(sight.household[joined.own])
        yield from sight.cluster_scores(
            self,
            joined,
            people,
            support=people,
            met=people >= self.least_customers,
            numbers={
                "people": people,
                "payments": joined.count(),
                "span": np.full(joined.groups, self.within.days),
            },
        )

    def _cluster(self, sight: Sight, adverts: Legs) -> Ints:
        """Give each payment for an advert the number of the cluster its payer belongs to."""
        # scipy is imported by whoever measures, not by whoever lists indicators.
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        # Customer by customer: a household counts as one, but joins nobody. Who left it would else join her friends of
        # today with whatever her family shares.
        payer = sight.customer[adverts.own]
        device = devices(sight)[adverts.row]
        used_by = np.zeros(device.size, np.int64)
        used_by[device >= 0] = households_on(sight)[device[device >= 0]]
        # Payers, devices and contacts as nodes of one graph; what too many use, for whatever, joins nobody.
        first, ties = int(sight.customer.max(initial=-1)) + 1, []
        for people, mark, users in ((payer, device, used_by), self._contacts(sight, adverts.own)):
            kept = np.flatnonzero((mark >= 0) & (users <= self.most_customers))
            ties.append((people[kept], first + mark[kept]))
            first += int(mark.max(initial=-1)) + 1
        ends = [np.concatenate(side) for side in zip(*ties, strict=True)]
        size = max(first, 1)
        _, cluster = connected_components(coo_array((np.ones(ends[0].size), (ends[0], ends[1])), (size, size)), False)
        clusters: Ints = cluster[payer].astype(np.int64)
        return clusters

    def _contacts(self, sight: Sight, own: Ints) -> tuple[Ints, Ints, Ints]:
        """Give each contact that the holders of some accounts gave: whose it is, its number, how many gave it."""
        given = contacts(sight, "phone", "email", "device")
        node = np.unique(own)
        holder = sight.account_text("customer_id").take(pa.array(node))
        place = pc.index_in(given["customer_id"], value_set=holder).fill_null(-1).to_numpy().astype(np.int64)
        mark = numbered(given["value_hash"].combine_chunks())
        _, once = np.unique(combined(mark, numbered(given["customer_id"].combine_chunks())), return_index=True)
        users = np.bincount(mark[once], minlength=1)[mark]
        known = place >= 0
        return sight.customer[node[place[known]]], mark[known], users[known]
