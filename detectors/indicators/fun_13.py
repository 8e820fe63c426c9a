"""FUN-13: Remitter hopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.levels import in_force
from detectors.sight import Sight
from graphs.legs import Flags, legs_of


@dataclass(frozen=True, kw_only=True)
class Fun13:
    """Count how a customer's remittances are spread over remitters and receivers and kept below a level.

    One for every remitter beyond the first, one for every receiver beyond the first who is paid in one and the same
    town, and one if three fifths of the sums lie just under a level from which senders must be identified or reported.
    Remitters are told apart by their account and the merchant's name; receivers only where the remittance names them.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="FUN-13, window: 60 d")
    weak: float = parameter(2.0, unit="points", why="FUN-13, weak value of the catalogue")
    strong: float = parameter(6.0, unit="points", why="FUN-13, strong value of the catalogue")
    least_remittances: int = parameter(4, unit="remittances", least=1, why="FUN-13, support: remittances")
    under: float = parameter(0.15, unit="share", least=0.0, most=1.0, why="FUN-13: within 15 % under a level")
    mostly: float = parameter(0.6, unit="share", least=0.0, most=1.0, why="FUN-13: 60 % of the amounts")
    own_thresholds: tuple[str, ...] = parameter(
        (), unit="rules", why="ours: an institution's counsel decides; columns as in detectors/thresholds.csv"
    )

    about = IndicatorAbout(
        id="FUN-13",
        title="Remitter hopping",
        question="Are remittances spread over several providers, agents or receivers, each kept below a level?",
        meaning=(
            "Remittances are spread over several providers, agents or recipients, keeping each below "
            "identification levels."
        ),
        of=("all types",),
        cited=(
            Citation("FIN14", "read", "wires kept under USD 3,000"),
            Citation("L-FR", "read", "EUR 1,000 / 2,000 levels"),
            Citation("EUROPOL15", "read", "MSBs and cash movement"),
            Citation("AMLTRIX", "read", "T0013"),
        ),
        innocent=(
            "price shopping between apps",
            "several relatives",
        ),
        clears=("the sender compares prices between apps", "several relatives who have been sent money for long"),
        leg="MOV",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1",),
        needs=(),
        reduced={
            "payments.city": "Whether several receivers are in one town is not seen.",
            "payments.merchant_name": "Agents are told apart by their account only.",
        },
        by="customer",
        sentence=(
            "{remittances} within {span} went through {providers} to {receivers}; {near} of them lie just under a "
            "level."
        ),
        numbers={
            "remittances": "remittances",
            "span": "days",
            "providers": "providers",
            "receivers": "receivers",
            "near": "share",
        },
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the points of each customer."""
        sent = sight.over(sight.debits("customer").where(sight.to_remitter), self.within)
        through = sent.keep(sight.of_class("msb")[sent.other] | (sight.codes("merchant_name")[sent.row] >= 0))
        name = sight.codes("merchant_name")[through.row]
        providers = through.distinct(np.where(name >= 0, sight.graph.nodes + name, through.other))
        named = sent.keep(sight.of_class("account", "ext")[sent.other])
        receivers = named.distinct(named.other)
        known = named.where(sight.codes("city") >= 0)
        towns = legs_of((known.group << 31) + sight.codes("city")[known.row], known.row, known.other, known.own)
        in_town = np.zeros(sent.groups, np.int64)
        np.maximum.at(in_town, towns.subject >> 31, towns.distinct(towns.other))
        near = sent.where(self._near(sight)).count() / np.maximum(sent.count(), 1)
        yield from sight.scores(
            self,
            sent,
            np.maximum(providers - 1, 0) + np.maximum(in_town - 1, 0) + (near >= self.mostly),
            support=sent.count(),
            met=sent.count() >= self.least_remittances,
            numbers={
                "remittances": sent.count(),
                "span": np.full(sent.groups, self.within.days),
                "providers": providers,
                "receivers": receivers,
                "near": near,
            },
        )

    def _near(self, sight: Sight) -> Flags:
        """Say which remittances lie just under a level that holds for them."""
        near = np.zeros(sight.at.size, np.bool_)
        for rule, held in in_force(sight, "remittance", "out", self.own_thresholds):
            low = (1 - self.under) * rule.level_minor
            near |= held & (sight.graph.amount >= low) & (sight.graph.amount <= rule.most_unreported)
        return near
