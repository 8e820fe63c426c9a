"""FUN-09: Layering chain / stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.found import nodes_of, strongest
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import DAY, HOUR, Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Fun09:
    """Give the hops by which a sum is relayed within hours, less one, and more for parallel ways and an end in cash.

    It stands on the findings of `chain`. One is added if another chain of those days leads from the same start to the
    same end through other accounts (a stack), and one if the end is cash, a remitter or an exchange. Half of the
    accounts in between whose age is known must be younger than half a year; other banks' accounts have no age. Scored
    are the accounts that pass the sum on and the one at the end, never the one that sent it first: it may be that of a
    person who was defrauded.
    """

    weak: float = parameter(2.0, unit="points", why="FUN-09, weak value of the catalogue")
    strong: float = parameter(5.0, unit="points", why="FUN-09, strong value of the catalogue")
    least_hops: int = parameter(3, unit="hops", least=2, why="FUN-09, support: hops")
    young: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(days=1), why="FUN-09: account age below 180 days"
    )
    mostly: float = parameter(0.5, unit="share", least=0.0, most=1.0, why="FUN-09: mostly young; ours: half of them")
    beside: timedelta = parameter(
        timedelta(hours=72), unit="time", least=timedelta(hours=1), why="FUN-09, window: 72 h; parallel within it"
    )

    about = IndicatorAbout(
        id="FUN-09",
        title="Layering chain / stack",
        question="Is a sum relayed through several young accounts in hours, shrinking a little each time?",
        meaning=(
            "A sum is relayed through several accounts in hours, shrinking slightly at each step, often ending in"
            " crypto or cash."
        ),
        of=("forced criminality", "all types"),
        cited=(
            Citation("MULE", "read", "two or three mule hops before abroad or crypto"),
            Citation("UNODC25", "read", "industrial laundering around compounds"),
            Citation("TOOLS", "read", "stack and bipartite patterns"),
        ),
        innocent=(
            "cash-pooling sweeps",
            "brokerage chains",
        ),
        clears=(
            "pooling of cash within a group of firms, or a brokerage account",
            "a purchase or a gift passed on, which all sides confirm",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_mule", "possible_launderer"),
        safety="Accounts in between may belong to coerced people, and the first to somebody who was defrauded.",
        tiers=("D1", "D2", "D7"),
        needs=("motif.chain", "payments.sent_at"),
        reduced={"accounts.opened_on": "How young the accounts are is not seen."},
        by="account",
        sentence="{sum} was relayed in {hops} within {span}; {arrived} of it arrived at the end.",
        numbers={"sum": "u", "hops": "payments", "span": "hours", "arrived": "share"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments of the findings."""
        return sight.rows_of_motifs("chain")

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the points of the longest chain of each account that relays."""
        ways: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = {}
        chains = [sight.rows_of(finding.payments) for finding in sight.findings("chain")]
        for rows in chains:
            ends = (int(sight.payer[rows[0]]), int(sight.payee[rows[-1]]))
            ways.setdefault(ends, []).append((int(sight.at[rows[0]]), tuple(sight.payee[rows[:-1]].tolist())))
        yield from strongest(score for rows in chains for score in self._of(sight, rows, ways))

    def _of(
        self, sight: Sight, rows: Ints, ways: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]]
    ) -> Iterator[Score | None]:
        start, end = int(sight.payer[rows[0]]), int(sight.payee[rows[-1]])
        middles = tuple(sight.payee[rows[:-1]].tolist())
        age = sight.at[rows[:-1]] / DAY - sight.account_number("opened_on")[list(middles)]
        known = age[~np.isnan(age)]
        if rows.size < self.least_hops or (known < self.young / timedelta(days=1)).sum() < self.mostly * known.size:
            return
        parallel = any(
            abs(at - int(sight.at[rows[0]])) <= microseconds(self.beside) and not set(way) & set(middles)
            for at, way in ways[start, end]
        )
        out = sight.of_class("cash", "msb", "vasp")[end]
        roles = [(node, "possible_mule") for node in middles]
        if sight.own[end]:
            roles.append((end, "possible_launderer"))
        for node, _ in roles:
            if sight.own[node]:
                yield sight.score(
                    self,
                    rows=rows,
                    centre=node,
                    value=int(rows.size) - 1 + parallel + bool(out),
                    support=rows.size,
                    numbers={
                        "sum": float(sight.amount[rows[0]]),
                        "hops": int(rows.size),
                        "span": float(sight.at[rows[-1]] - sight.at[rows[0]]) / HOUR,
                        "arrived": float(sight.amount[rows[-1]] / max(sight.amount[rows[0]], 0.01)),
                    },
                    others=sorted(nodes_of(sight, rows).values()),
                    roles=roles,
                )
