"""FUN-07: Gather-scatter and scatter-gather."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from detectors.about import parameter
from detectors.finding import Finding
from detectors.found import nodes_of, strongest
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import DAY, Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Fun07:
    """Weigh how much money is spread or joined again, by how many accounts it goes through.

    It stands on the findings of `gather-scatter` (one account collects from many and pays many others within three
    days) and `scatter-gather` (one account's money reaches another through several middles). The value is the share
    passed on, times the number of accounts of the thinner side, or of middles, against ten: from six accounts on there
    is a score. The account in the middle of the first is scored, of the second all; whoever passes on may do so under
    pressure. The strongest finding of an account counts.
    """

    weak: float = parameter(0.5, unit="share", why="FUN-07, weak value of the catalogue")
    strong: float = parameter(1.0, unit="share", why="FUN-07, strong value of the catalogue")
    full: int = parameter(10, unit="accounts", least=1, why="FUN-07: times min(1, neighbours/10)")

    about = IndicatorAbout(
        id="FUN-07",
        title="Gather-scatter and scatter-gather",
        question="Is money collected from many and spread to many, or split over several accounts and joined again?",
        meaning="Funds are collected from many and re-spread to many, or split over several accounts and rejoined.",
        of=("all types (laundering)",),
        cited=(
            Citation("TOOLS", "read", "both in AMLSim and in open detectors"),
            Citation("AMLTRIX", "read", "T0011"),
        ),
        innocent=(
            "letting agent",
            "solicitor client account",
            "event organiser",
            "school treasurer",
        ),
        clears=(
            "a licence, a client account or a declared trade that holds other people's money",
            "invoices, a budget or a lease that fits those paid",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_launderer", "possible_mule"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D7"),
        needs=("motif.gather-scatter", "motif.scatter-gather"),
        by="account",
        sentence=(
            "{inflow} was collected and spread, or split and joined again, by way of {accounts}; {passed} of it went "
            "on within {span}."
        ),
        numbers={"inflow": "u", "accounts": "accounts", "passed": "share", "span": "days"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments of the findings."""
        return sight.rows_of_motifs("gather-scatter", "scatter-gather")

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed share for the accounts of each finding."""
        gathered = (one for finding in sight.findings("gather-scatter") for one in self._gathered(sight, finding))
        scattered = (one for finding in sight.findings("scatter-gather") for one in self._scattered(sight, finding))
        yield from strongest(chain(gathered, scattered))

    def _gathered(self, sight: Sight, finding: Finding) -> Iterator[Score | None]:
        rows = sight.rows_of(finding.payments)
        nodes = nodes_of(sight, rows)
        centre = nodes[finding.centre]
        came, went = rows[sight.payee[rows] == centre], rows[sight.payer[rows] == centre]
        thinner = min(np.unique(sight.payer[came]).size, np.unique(sight.payee[went]).size)
        others = sorted(nodes.values())
        yield self._score(sight, finding, rows, came, centre, thinner, others, [(centre, "possible_launderer")])

    def _scattered(self, sight: Sight, finding: Finding) -> Iterator[Score | None]:
        rows = sight.rows_of(finding.payments)
        nodes = nodes_of(sight, rows)
        out = rows[sight.payer[rows] == nodes[finding.centre]]
        middles = np.unique(sight.payee[out]).tolist()
        roles = [
            (node, "possible_mule" if node in middles else "possible_launderer") for node in sorted(nodes.values())
        ]
        for node, _ in roles:
            if sight.own[node]:
                yield self._score(sight, finding, rows, out, node, len(middles), [one for one, _ in roles], roles)

    def _score(
        self,
        sight: Sight,
        finding: Finding,
        rows: Ints,
        first: Ints,
        centre: int,
        accounts: int,
        others: list[int],
        roles: list[tuple[int, str]],
    ) -> Score | None:
        return sight.score(
            self,
            rows=rows,
            centre=centre,
            # The motifs give share times accounts against ten as their strength.
            value=finding.strength,
            support=accounts,
            numbers={
                "inflow": float(sight.amount[first].sum()),
                "accounts": accounts,
                "passed": finding.strength / min(1.0, accounts / self.full),
                "span": int(sight.at[rows[-1]] - sight.at[rows[0]]) // DAY + 1,
            },
            others=others,
            roles=roles,
        )
