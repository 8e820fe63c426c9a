"""SEX-10: Night cash deposits at machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.proceeds import in_round_units
from detectors.sight import Sight, rate
from detectors.thresholds import thresholds
from flows.money import exponent
from graphs.legs import Flags, combined


@dataclass(frozen=True, kw_only=True)
class Sex10:
    """Count cash paid in at machines at night, more where sums are round and far below the reporting level.

    A deposit counts half a one more if it is a multiple of twenty (of the money's round units) and below three tenths
    of the level from which cash is reported in the country; where no such rule is known, round alone is enough. Each
    further machine in one night counts half. Counters are left out: nobody pays in there at night. Bars, drivers and
    market traders do this every week.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-10, window: 30 d")
    weak: float = parameter(3.0, unit="deposits", why="SEX-10, weak value of the catalogue")
    strong: float = parameter(10.0, unit="deposits", why="SEX-10, strong value of the catalogue")
    least_deposits: int = parameter(3, unit="deposits", least=1, why="SEX-10, support: deposits")
    round_to: int = parameter(20, unit="u", least=1, why="SEX-10: a multiple of 20")
    far_below: float = parameter(0.3, unit="share", least=0.0, why="SEX-10: below this share of the reporting level")
    extra: float = parameter(
        0.5, unit="deposits", least=0.0, why="SEX-10: weight of a round sum, and of a further machine"
    )

    about = IndicatorAbout(
        id="SEX-10",
        title="Night cash deposits at machines",
        question="Is cash fed into machines in the middle of the night?",
        meaning="Cash is fed into deposit machines in the middle of the night, often in round sums.",
        of=("sexual exploitation",),
        cited=(
            Citation("FTR16", "read", "ATM deposits in the middle of the night"),
            Citation("FIN20", "read", "cash or abnormal deposits outside business hours; cash deposits without ACH"),
        ),
        innocent=(
            "restaurant and bar owners",
            "taxi drivers",
            "night-market traders",
            "shift workers using lobby machines",
        ),
        clears=(
            "takings of a business that closes late: a bar, a taxi, a market stall",
            "wages or tips of a night shift, paid in on the way home",
        ),
        leg="REV",
        reliability="core",
        roles=("possibly_exploited", "possible_controller", "business"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D2", "D3"),
        needs=("payments.sent_at",),
        reduced={"payments.terminal_id": "Machines without a terminal number are told apart by the counterparty only."},
        by="account",
        sentence=(
            "Cash was paid in at machines between 22:00 and 06:00 {times} within {span}, {total} in all, "
            "{round} of the deposits in round sums."
        ),
        numbers={"times": "times", "span": "days", "total": "u", "round": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed night deposits of each account."""
        cash = sight.credits().where(sight.cash_in & sight.channel("cash_adm") & sight.night)
        cash = sight.over(cash, self.within)
        count, night = cash.count(), sight.night_of[cash.row]
        round_ = cash.where(self._round(sight)).count()
        terminal = sight.codes("terminal_id")[cash.row]
        machine = np.where(terminal >= 0, sight.graph.nodes + terminal, cash.other)
        further = cash.distinct(combined(night, machine)) - cash.distinct(night)
        yield from sight.scores(
            self,
            cash,
            count + self.extra * (round_ + further),
            support=count,
            met=count >= self.least_deposits,
            numbers={
                "times": count,
                "span": np.full(cash.groups, self.within.days),
                "total": cash.total(sight.amount),
                "round": round_ / np.maximum(count, 1),
            },
        )

    def _round(self, sight: Sight) -> Flags:
        """Say which payments are round and, where a reporting level is known, far below it."""
        level = np.full(sight.at.size, np.inf)
        booked = sight.window.payments["booked_on"]
        for rule in thresholds():
            if rule.country == sight.given.country and rule.instrument == "cash" and "in" in rule.directions:
                held = np.ones(sight.at.size, np.bool_)
                if rule.since is not None:
                    held &= pc.greater_equal(booked, pa.scalar(rule.since)).to_numpy()
                if rule.until is not None:
                    held &= pc.less_equal(booked, pa.scalar(rule.until)).to_numpy()
                reported = rule.level_minor / 10 ** exponent(rule.currency) * rate(rule.currency)
                level = np.where(held, np.minimum(level, reported), level)
        flags: Flags = (in_round_units(sight) % self.round_to == 0) & (sight.amount < self.far_below * level)
        return flags
