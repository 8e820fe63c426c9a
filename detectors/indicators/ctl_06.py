"""CTL-06: Benefits captured by a third party."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import passing
from detectors.paydays import followed, holders_of
from detectors.sight import Sight
from graphs.legs import Ints


@dataclass(frozen=True, kw_only=True)
class Ctl06:
    """Count the people whose benefits arrive in somebody else's account, or are drawn together on the day they come.

    In one form, the claimants paid into one account beyond those of the holder's household, and one more if nearly all
    of it goes on to one receiver within a day. In the other, those of a company of cards (`co-cash-out`) who draw a
    benefit within a day of it, twice or more. Guardians, care homes and parents look like the first: a mandate settles
    it.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CTL-06, window: 60 d")
    weak: float = parameter(1.0, unit="people", why="CTL-06, weak value of the catalogue")
    strong: float = parameter(4.0, unit="people", why="CTL-06, strong value of the catalogue")
    least_cycles: int = parameter(2, unit="days", least=1, why="CTL-06, support: benefit cycles")
    handed_on: float = parameter(0.9, unit="share", least=0.0, most=1.0, why="CTL-06: handed on within a day; CTL-01")

    about = IndicatorAbout(
        id="CTL-06",
        title="Benefits captured by a third party",
        question="Do benefits of several people end in the same hands?",
        meaning="State benefits of several people arrive in one account or are withdrawn together.",
        of=("forced criminality", "forced labour"),
        cited=(
            Citation("EUROPOL15", "read", "exploited persons used for benefit fraud and begging"),
            Citation("FORT", "read", "gang claimed benefits in exploited persons' names"),
            Citation("NCAFX", "read", "forced or hidden benefit claims"),
        ),
        innocent=(
            "appointee or legal guardian",
            "parent receiving child benefits",
            "care home with mandate",
            "rent paid directly to landlord",
        ),
        clears=(
            "a guardian, appointee, care home or parent has a mandate for each claimant",
            "the benefit is paid to a landlord directly, as the office may",
        ),
        leg="CTL",
        reliability="core",
        roles=("possible_controller", "possibly_exploited"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D6"),
        needs=("motif.co-cash-out", "payments.purpose_code"),
        reduced={
            "payments.claimant_ref": "Benefits of several people in one account are not told apart.",
            "customers.household_id": "A household counts as one holder.",
        },
        by="account",
        sentence="The benefits of {people} beside the holder's end in the same hands, on {cycles}.",
        numbers={"people": "people", "cycles": "days"},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give all payments of who has the benefits of others, and of who draws cash in company."""
        taken = {score.centre for score in self._taken(sight)}
        nodes = np.asarray(pc.is_in(sight.graph.names, value_set=pa.array(sorted(taken), pa.string())))
        nodes[sight.payer[sight.rows_of_motifs("co-cash-out")]] = True
        return sight.all_of(nodes)

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the people whose benefits somebody else has, for each account that takes or loses them."""
        best: dict[str, Score] = {}
        for score in (*self._taken(sight), *self._drawn(sight)):
            if score.centre not in best or score.score > best[score.centre].score:
                best[score.centre] = score
        yield from best.values()

    def _taken(self, sight: Sight) -> Iterator[Score]:
        """Look for accounts into which the benefits of others are paid."""
        credits_ = sight.credits().where(sight.benefits)
        paid = sight.over(credits_.keep(sight.private[credits_.own]), self.within)
        claimants = paid.distinct(sight.codes("claimant_ref")[paid.row])
        beyond = np.maximum(claimants - holders_of(sight)[paid.subject], 0)
        debits = sight.over(sight.debits(), self.within, like=paid)
        onward = debits.keep(sight.unrelated(debits))
        found = passing(sight, paid, onward, timedelta(hours=24))
        one, most = onward.top(onward.other, found.passing / 100)
        handed = (most >= self.handed_on * found.inflow) & (found.inflow > 0)
        cycles = paid.distinct(sight.day[paid.row])
        yield from sight.scores(
            self,
            paid,
            beyond + handed,
            support=cycles,
            met=cycles >= self.least_cycles,
            numbers={"people": beyond, "cycles": cycles},
            others=np.where(handed, one, -1),
            other_role="possible_controller",
        )

    def _drawn(self, sight: Sight) -> Iterator[Score]:
        """Look for people whose cards are used together on the day their benefits come."""
        credits_ = sight.credits().where(sight.benefits)
        drawn = sight.debits().where(sight.cash_out)
        soon = np.zeros(sight.at.size, np.bool_)
        soon[drawn.row] = followed(sight, credits_, drawn, timedelta(hours=24)) >= 0
        for finding in sight.findings("co-cash-out"):
            rows = sight.rows_of(finding.payments)
            rows = rows[soon[rows]]
            drawn_on = np.unique(np.column_stack([sight.payer[rows], sight.day[rows]]), axis=0)
            drawer, days = np.unique(drawn_on[:, 0], return_counts=True)
            people = drawer[days >= self.least_cycles].tolist()
            rows = rows[np.isin(sight.payer[rows], people)]
            for person in people:
                score = sight.score(
                    self,
                    rows=rows,
                    centre=person,
                    value=len(people),
                    support=np.unique(sight.day[rows]).size,
                    numbers={"people": len(people), "cycles": np.unique(sight.day[rows]).size},
                    others=people,
                    roles=[(one, "possibly_exploited") for one in people],
                )
                if score is not None:
                    yield score
