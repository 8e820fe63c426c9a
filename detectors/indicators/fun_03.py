"""FUN-03: Micro-structuring across machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.levels import lowest
from detectors.sight import Sight
from graphs.legs import Ints, legs_of


@dataclass(frozen=True, kw_only=True)
class Fun03:
    """Count the machines and branches at which small cash is paid into an account on one day.

    Half a place is added for every further deposit of the day. Deposits of three tenths of the reporting level or more
    are not small; where no level is known, every deposit counts. Machines that take few notes at a time make several
    deposits at one place, which weighs half. The day with the most counts.
    """

    weak: float = parameter(3.0, unit="places", why="FUN-03, weak value of the catalogue")
    strong: float = parameter(8.0, unit="places", why="FUN-03, strong value of the catalogue")
    least_deposits: int = parameter(4, unit="payments", least=2, why="FUN-03, support: deposits in 24 hours")
    small: float = parameter(0.3, unit="share", least=0.0, most=1.0, why="FUN-03: each below 0.3 of the level")
    again: float = parameter(0.5, unit="places", least=0.0, why="FUN-03: what a further deposit at a place adds")
    own_thresholds: tuple[str, ...] = parameter(
        (), unit="rules", why="ours: an institution's counsel decides; columns as in detectors/thresholds.csv"
    )

    about = IndicatorAbout(
        id="FUN-03",
        title="Micro-structuring across machines",
        question="Are several small cash deposits made on one day at different machines or branches?",
        meaning="Several small cash deposits are made the same day at different machines or branches.",
        of=("all types (laundering)",),
        cited=(
            Citation("AMLTRIX", "read", "T0016.001, T0016.004, T0053"),
            Citation("AUS21K", "read", "same-day cash deposits across branches and ATMs"),
        ),
        innocent=(
            "deposit-machine note limit",
            "delivery driver",
            "franchise owner",
        ),
        clears=(
            "the machine takes only so many notes at a time",
            "takings of several stalls or shops, or of a delivery round, that the books show",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("possible_launderer",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D3"),
        needs=(),
        reduced={"payments.terminal_id": "Machines are told apart by the cash desk's account only."},
        by="account",
        sentence="On one day cash was paid in {deposits} at {places}, {total} in all.",
        numbers={"deposits": "times", "places": "places", "total": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the places of the day with the most of them, for each account."""
        small = sight.cash_in & (sight.amount < self.small * lowest(sight, "cash", "in", self.own_thresholds))
        cash = sight.credits().where(small)
        # The latest day is stretch 0, so that of equal days the latest is told.
        last = int(sight.day.max(initial=0))
        by_day = legs_of((cash.own << 20) + last - sight.day[cash.row], cash.row, cash.other, cash.own)
        cash = replace(by_day, subject=by_day.subject >> 20, stretch=by_day.subject & (2**20 - 1))
        count, places = cash.count(), cash.distinct(place_of_cash(sight)[cash.row])
        yield from sight.scores(
            self,
            cash,
            places + self.again * (count - places),
            support=count,
            met=count >= self.least_deposits,
            numbers={"deposits": count, "places": places, "total": cash.total(sight.amount)},
        )


def place_of_cash(sight: Sight) -> Ints:
    """Give each cash deposit a number of its place: the terminal, else the cash desk's account."""
    terminal = sight.codes("terminal_id")
    return np.where(terminal >= 0, sight.graph.nodes + terminal, sight.payer)
