"""FUN-02: Structuring against the local reporting rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.about import parameter
from detectors.finding import Finding
from detectors.found import nodes_of, strongest
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.sight import DAY, Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Fun02:
    """Give the points of `structuring` for pieces that keep under the country's reporting level.

    Half a point each: three pieces or more just under the level; two windows or more (a day, 24 hours, a month, as the
    rule says) whose pieces add up to just under it; pieces near it far oftener than above; pieces at several places or
    by several people in one window. Nearness alone never gives more than half a point, which is where the scale begins.
    Pieces are held against the account's own amounts above the level in place of its peers'. Of the findings of an
    account the strongest counts.
    """

    weak: float = parameter(0.5, unit="points", why="FUN-02, weak value of the catalogue")
    strong: float = parameter(1.5, unit="points", why="FUN-02, strong value of the catalogue")

    about = IndicatorAbout(
        id="FUN-02",
        title="Structuring against the local reporting rule",
        question="Is cash split so that each piece, or each day or month, stays just under the local reporting level?",
        meaning="Cash is split so that each piece, or each day/month, stays just under the local reporting level.",
        of=("all types (laundering)",),
        cited=(
            Citation("L-US", "read", "USD 10,000 per day aggregate"),
            Citation("L-FAQ", "read", "proximity to the CTR level alone does not require a SAR"),
            Citation("L-FR", "read", "calendar-month EUR 10,000; EUR 1,000/2,000 remittance"),
            Citation("L-IT", "read", "EUR 10,000 a month in slices >= EUR 1,000"),
            Citation("L-AU", "read", "structuring is an offence, ss.142-143"),
            Citation("AMLTRIX", "read", "T0016"),
        ),
        innocent=(
            "retailer banking daily takings of similar size",
            "insurance cover limit for cash carried",
            "deposit-machine note limit",
        ),
        clears=(
            "takings in the books that fit the deposits, day by day",
            "the limit of the insurance or of the machine, where the pieces keep to it",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_launderer",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1",),
        needs=("motif.structuring",),
        reduced={
            "payments.terminal_id|payments.depositor_id": (
                "Whether pieces go to several places or come from several people is told by the cash desk alone."
            )
        },
        by="account",
        sentence=(
            "{pieces} within {days}, {total} in all, kept just under the reporting level; the largest was {largest}."
        ),
        numbers={"pieces": "payments", "days": "days", "total": "u", "largest": "u"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the payments of the findings."""
        return sight.rows_of_motifs("structuring")

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the points of the strongest finding of each account."""
        yield from strongest(self._of(sight, finding) for finding in sight.findings("structuring"))

    def _of(self, sight: Sight, finding: Finding) -> Score | None:
        rows = sight.rows_of(finding.payments)
        amount, at = sight.amount[rows], sight.at[rows]
        return sight.score(
            self,
            rows=rows,
            centre=nodes_of(sight, rows)[finding.centre],
            # The motif gives its points as a share of this very scale's strong end.
            value=finding.strength * self.strong,
            support=rows.size,
            numbers={
                "pieces": rows.size,
                "days": int(at[-1] - at[0]) // DAY + 1,
                "total": float(amount.sum()),
                "largest": float(amount.max()),
            },
        )
