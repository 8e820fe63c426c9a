"""CHI-07: Senders sharing recipients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from detectors.small_abroad import small_abroad
from graphs.legs import Floats, Ints, Legs, combined, legs_of


@dataclass(frozen=True, kw_only=True)
class Chi07:
    """Measure how unlikely it is that customers who have nothing to do with each other send to the same persons abroad.

    Two customers share recipients of the payments of CHI-01; chance is told by a Poisson count whose mean is what
    would be expected if recipients were drawn by how many others pay them, the larger of the two senders' views.
    Recipients whom very many pay (shops, schools, agents) are left out, members of one household are one. Of a hundred
    thousand pairs some share two recipients by nothing but chance, so a pair counts (ours) if among all pairs that
    could share as many `by_chance` or fewer would. Customers joined by such pairs are one cluster. A third of the
    decimal logarithm is the value: 1 is one in a thousand. In a small ledger nothing is unlikely.
    """

    within: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(hours=1), why="CHI-07, window: 180 d"
    )
    weak: float = parameter(1.0, unit="powers", why="CHI-07, weak value of the catalogue")
    strong: float = parameter(3.0, unit="powers", why="CHI-07, strong value of the catalogue")
    least_shared: int = parameter(2, unit="recipients", least=2, why="CHI-07, support: shared recipients")
    most_payers: int = parameter(200, unit="payers", least=2, why="CHI-07: recipients of a higher degree are dropped")
    by_chance: float = parameter(
        0.2, unit="pairs", least=0.0, why="ours: so few pairs of the whole ledger may share as much by chance"
    )
    orders: float = parameter(3.0, unit="powers of ten", least=0.1, why="CHI-07: v = -log10 p / 3")

    about = IndicatorAbout(
        id="CHI-07",
        title="Senders sharing recipients",
        question="Do customers who do not know each other pay the same few private persons abroad?",
        meaning="Customers who do not know each other pay the same small set of private recipients abroad.",
        of=("online child sexual exploitation (network)",),
        cited=(
            Citation("AUSCASE", "read", "intelligence found further purchasers and facilitators in the network"),
            Citation("EGM20", "recalled", "shared beneficiaries"),
            Citation("POL23", "recalled", "network reading"),
        ),
        innocent=(
            "diaspora paying the same shop, school or agent",
            "donors to one small NGO",
        ),
        clears=(
            ("the recipients are a school, shop, agent or small charity that many of one community pay"),
            "the senders are relatives",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_buyer", "possible_facilitator"),
        safety=(
            "Refer urgently and in the smallest circle; never contact the account holder. Recipients may be "
            "families of exploited children."
        ),
        tiers=("D1",),
        needs=(
            "payments.payer_country",
            "payments.payee_country",
        ),
        reduced={"customers.household_id": "Members of one household count as unrelated."},
        version=2,
        by="customer",
        sentence=(
            "{senders} who are not of one household sent small sums to {recipients} abroad that they have in "
            "common; chance would lead two given customers to do so once in ten to the power of {power}."
        ),
        numbers={"senders": "customers", "recipients": "recipients", "power": ""},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments that are looked at: small ones abroad."""
        return sight.mine(small_abroad(sight))

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give how unlikely the shared recipients are, for each account of a cluster of senders."""
        sent = small_abroad(sight)
        stretches = sight.over(legs_of(np.zeros(sent.row.size, np.int64), sent.row, sent.other, sent.own), self.within)
        best: dict[str, Score] = {}
        for group in np.unique(stretches.group).tolist():
            for score in self._of_stretch(sight, stretches.keep(stretches.group == group)):
                if score.centre not in best or score.value > best[score.centre].value:
                    best[score.centre] = score
        yield from best.values()

    def _of_stretch(self, sight: Sight, sent: Legs) -> Iterator[Score]:
        # scipy is imported by whoever measures, not by whoever lists indicators.
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        people, sender = np.unique(sight.household[sent.own], return_inverse=True)
        _, recipient = np.unique(sent.other, return_inverse=True)
        pair = combined(sender, recipient)
        _, once = np.unique(pair, return_index=True)
        payers = np.bincount(recipient[once])
        once = once[payers[recipient[once]] <= self.most_payers]
        paid = coo_array((np.ones(once.size), (sender[once], recipient[once])), (people.size, payers.size)).tocsr()
        common = (paid @ paid.T).tocoo()
        several = (common.row < common.col) & (common.data >= self.least_shared)
        one, two, shared = common.row[several], common.col[several], common.data[several]
        if not one.size:
            return
        # What would be shared by chance, if recipients were drawn by how many others pay them.
        degree, drawn = np.bincount(sender[once], minlength=people.size), paid @ (payers - 1)
        either = [degree[b] * drawn[a] / np.maximum(once.size - degree[a], 1) for a, b in ((one, two), (two, one))]
        expected = np.maximum(*either)
        # Any two who each pay enough recipients might have shared as many.
        able = int((degree >= self.least_shared).sum())
        power = _surprise(shared, expected)
        by_chance = able * (able - 1) / 2 * 10**-power
        weighty = (power / self.orders > self.weak) & (by_chance <= self.by_chance)
        edges = coo_array((np.ones(int(weighty.sum())), (one[weighty], two[weighty])), (people.size, people.size))
        _, cluster = connected_components(edges, directed=False)
        inside = np.bincount(cluster)[cluster] >= 2
        # Recipients that at least two of a cluster pay, and the payments to them.
        own = np.where(inside, cluster, -1)[sender]
        meeting = combined(own, recipient)
        first = combined(meeting, sender)
        _, each = np.unique(first[first >= 0], return_index=True)
        met_by = np.bincount(meeting[first >= 0][each], minlength=1)
        shown = (meeting >= 0) & (met_by[meeting] >= 2)
        legs = legs_of(own[shown], sent.row[shown], sent.other[shown], sent.own[shown])
        most = np.zeros(int(cluster.max()) + 1)
        np.maximum.at(most, cluster[one[weighty]], power[weighty])
        senders = legs.distinct(sight.household[legs.own])
        yield from sight.cluster_scores(
            self,
            legs,
            most[legs.subject] / self.orders,
            support=senders,
            met=senders >= 2,
            numbers={
                "senders": senders,
                "recipients": legs.distinct(legs.other),
                "power": np.round(most[legs.subject], 1),
            },
            role="possible_buyer",
        )


def _surprise(shared: Floats, expected: Floats) -> Floats:
    """Give -log10 of the chance that a Poisson count of this mean reaches the number."""
    from scipy.special import gammainc

    return np.asarray(-np.log10(np.maximum(gammainc(shared, np.maximum(expected, 1e-300)), 1e-300)))
