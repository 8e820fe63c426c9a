"""CTL-01: Hand-off account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import flows, passed_on
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Ctl01:
    """Measure how much of the money in goes on within a day, and how nearly all of it to one and the same person.

    Money in is matched with later money out, first in first out, within a day, three days and a week; the share of it
    that goes to the largest unrelated payee, or is drawn in cash (which weighs less), is taken at its best after the
    longer spans were held back a little. What rooms, adverts and journeys cost is no money to hand on: where one person
    receives the rest, it is left out of both (ours; on every circuit it is paid from what comes in). It takes at least
    three days on which something is handed on (ours): who gathers a family's loan and pays a clinic or a builder twice
    hands nothing over, and once a week is four times in the window. Without the time
    of the event nothing can be said: on one day, what came first is not known. Whoever lives on cash alone looks the
    same: cluster evidence separates them, this does not.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="CTL-01, window: 30 d")
    weak: float = parameter(0.6, unit="share", why="CTL-01, weak value of the catalogue")
    strong: float = parameter(0.9, unit="share", why="CTL-01, strong value of the catalogue")
    least_credits: int = parameter(8, unit="payments", least=1, why="CTL-01, support: credits")
    least_inflow: float = parameter(500.0, unit="u", least=0.0, why="CTL-01, support: money in")
    least_days: int = parameter(
        3, unit="days", least=1, why="ours: one or two large payments to one receiver are a purchase, not a habit"
    )
    cash_weight: float = parameter(
        0.7, unit="share", least=0.0, most=1.0, why="CTL-01: cash counts as a payee of less weight"
    )

    about = IndicatorAbout(
        id="CTL-01",
        title="Hand-off account",
        question="Is whatever comes in passed on within a day, nearly all to the same person?",
        meaning=(
            "Whatever comes in is passed on within a day, nearly all to one and the same person; the holder keeps"
            " little."
        ),
        of=("controlled accounts (all types)",),
        cited=(
            Citation("POL23", "read", "53% of surveyed survivors had accounts/credit used by the exploiter"),
            Citation("POL18", "read", "26% had an account controlled"),
            Citation(
                "FIN20",
                "read",
                "exploited persons coerced to open accounts then deposit, transfer and withdraw on orders",
            ),
            Citation("FORT", "read", "controlled accounts"),
        ),
        innocent=(
            "couple with one budget account",
            "teenager to parent",
            "freelancer to own firm",
            "treasurer",
            "marketplace sub-seller",
            "carer with mandate",
        ),
        clears=(
            "a joint household, mandate or guardianship covers both sides",
            "the receiver is the holder's own firm, club or landlord",
        ),
        leg="CTL",
        reliability="core",
        roles=("possibly_exploited",),
        safety=(
            "Holder likely exploited person; beneficiary likely controller. Alert text must not call the holder a"
            " suspect."
        ),
        tiers=("D1", "D2"),
        needs=("payments.sent_at",),
        version=3,
        by="account",
        sentence=(
            "Of {inflow} in {credits}, {passed_on} went out again within {span}, {to_one} of that to one receiver."
        ),
        numbers={"inflow": "u", "credits": "payments", "passed_on": "share", "span": "hours", "to_one": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share handed on to one receiver, for each private account."""
        credits_, debits = flows(sight, self.within)
        cash = sight.cash_out[debits.row]
        # All cash is one receiver; nobody else's number is -1 or that of no node.
        receiver = np.where(cash, sight.graph.nodes, np.where(sight.unrelated(debits), debits.other, -1))
        costs = sight.merchants(*COSTS)[debits.row]
        best = np.zeros(credits_.groups)
        span, top, to_one, on = (np.zeros(credits_.groups) for _ in range(4))
        for within, weight in SPANS:
            found = passed_on(sight, self.within, within)
            one, most = debits.top(receiver, found.passing / 100)
            share = np.divide(most, found.matched, out=np.zeros(credits_.groups), where=found.matched > 0)
            in_notes = one == sight.graph.nodes
            spent = np.where(in_notes, 0.0, debits.total_of(found.passing * costs) / 100)
            value = weight * np.where(in_notes, self.cash_weight, 1.0) * most / np.maximum(found.inflow - spent, 0.01)
            better = value > best
            best = np.where(better, value, best)
            span = np.where(better, within / timedelta(hours=1), span)
            top, to_one, on = (
                np.where(better, new, old) for new, old in ((one, top), (share, to_one), (found.share, on))
            )
        count, inflow = credits_.count(), credits_.total(sight.amount)
        handed = debits.keep(receiver == top[debits.group])
        yield from sight.scores(
            self,
            handed,
            best,
            support=count,
            met=(count >= self.least_credits)
            & (inflow >= self.least_inflow)
            & (handed.distinct(sight.day[handed.row]) >= self.least_days)
            & sight.private[credits_.subject],
            numbers={"inflow": inflow, "credits": count, "passed_on": on, "span": span, "to_one": to_one},
            others=np.where(top < sight.graph.nodes, top, -1).astype(np.int64),
            other_role="possible_controller",
        )


COSTS = ("lodging", "adult_ad", "transport_local", "travel_long")
"""Merchants that take what a circuit costs: groups of `mcc_groups.toml`."""

SPANS = ((timedelta(hours=24), 1.0), (timedelta(hours=72), 0.9), (timedelta(days=7), 0.8))
"""CTL-01: spans within which money is handed on, and what each weighs, so that weekly hand-offs are seen."""
