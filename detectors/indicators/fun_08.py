"""FUN-08: Temporal cycle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.found import nodes_of, strongest
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Fun08:
    """Count the different ways by which money comes back to where it set out within a fortnight.

    It stands on the findings of `round-trip`: three to six payments in the order of time that lead back to the first
    payer with most of the sum. Trips through the same accounts count once, so that one loan repaid by way of others,
    or one refund, scores nothing. A savings club that pays its members in turn looks like this.
    """

    within: timedelta = parameter(timedelta(days=14), unit="time", least=timedelta(hours=1), why="FUN-08, window: 14 d")
    weak: float = parameter(1.0, unit="cycles", why="FUN-08, weak value of the catalogue")
    strong: float = parameter(3.0, unit="cycles", why="FUN-08, strong value of the catalogue")

    about = IndicatorAbout(
        id="FUN-08",
        title="Temporal cycle",
        question="Does money return to its starting point again and again, through different accounts?",
        meaning="Money returns to its starting point through a chain of accounts in time order.",
        of=("all types (laundering)",),
        cited=(
            Citation("TOOLS", "read", "cycle pattern"),
            Citation("AMLTRIX", "read", "layering techniques"),
        ),
        innocent=(
            "friends repaying each other",
            "refunds",
            "cash pooling inside a group of firms",
            "savings club (MIT-06)",
        ),
        clears=(
            "a savings club's list of members and turns, or a loan that names the payments",
            "shared ownership of the firms through which it goes",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("possible_launderer",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D7"),
        needs=("motif.round-trip",),
        by="account",
        sentence=(
            "Within {span} money went round through this account in {cycles} by different accounts; {total} set out."
        ),
        numbers={"span": "days", "cycles": "ways", "total": "u"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments of the findings."""
        return sight.rows_of_motifs("round-trip")

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the different round trips of each account in the fortnight with the most."""
        trips: dict[int, list[tuple[int, int, frozenset[int], Ints]]] = {}
        for finding in sight.findings("round-trip"):
            rows = sight.rows_of(finding.payments)
            nodes = frozenset(nodes_of(sight, rows).values())
            for node in nodes:
                if sight.own[node]:
                    trips.setdefault(node, []).append((finding.first_at, finding.last_at, nodes, rows))
        yield from strongest(self._of(sight, node, trips[node]) for node in sorted(trips))

    def _of(self, sight: Sight, node: int, trips: list[tuple[int, int, frozenset[int], Ints]]) -> Score | None:
        """Score the span in which most different sets of accounts are gone through, the latest of equals."""
        trips = sorted(trips, key=lambda trip: (trip[0], trip[1], trip[3].tolist()))
        inside: Counter[frozenset[int]] = Counter()
        most, best, first = 0, slice(0, 0), 0
        for last, (_, ends, nodes, _) in enumerate(trips):
            inside[nodes] += 1
            while ends - trips[first][0] > microseconds(self.within):
                inside[trips[first][2]] -= 1
                inside += Counter()
                first += 1
            if len(inside) >= most:
                most, best = len(inside), slice(first, last + 1)
        rows = np.unique(np.concatenate([trip[3] for trip in trips[best]]))
        sums = [float(sight.amount[trip[3][0]]) for trip in trips[best]]
        return sight.score(
            self,
            rows=rows,
            centre=node,
            value=most,
            support=len(sums),
            numbers={"span": self.within.days, "cycles": most, "total": sum(sums)},
            others=sorted(frozenset().union(*(trip[2] for trip in trips[best]))),
        )
