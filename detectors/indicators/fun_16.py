"""FUN-16: Cuckoo-smurfing substitution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.levels import lowest
from detectors.passing import between
from detectors.paydays import begins
from detectors.sight import Sight


@dataclass(frozen=True, kw_only=True)
class Fun16:
    """Measure what share of a sum usually sent from abroad comes as cash from several people instead.

    What is usual is the median of three or more sums that the account got from abroad in the half year before the
    fortnight. There is a score where cash in and what still came from abroad together make up that sum within a
    twentieth, by three deposits or more, each under the reporting level, from two people or more and at two places or
    more, within a week. Advices of expected transfers are not in the ledger. The holder usually knows nothing of it.
    """

    within: timedelta = parameter(timedelta(days=14), unit="time", least=timedelta(hours=1), why="FUN-16, window: 14 d")
    weak: float = parameter(0.6, unit="share", why="FUN-16, weak value of the catalogue")
    strong: float = parameter(1.0, unit="share", why="FUN-16, strong value of the catalogue")
    least_deposits: int = parameter(3, unit="payments", least=1, why="FUN-16, support: third-party cash deposits")
    least_before: int = parameter(3, unit="payments", least=1, why="ours: fewer sums from abroad are no pattern")
    before: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(days=1), why="ours: the pattern of half a year"
    )
    spread: timedelta = parameter(timedelta(days=7), unit="time", least=timedelta(hours=1), why="FUN-16: within 7 d")
    match: float = parameter(0.05, unit="share", least=0.0, most=1.0, why="FUN-16: amount match within 5 %")
    least_places: int = parameter(2, unit="places", least=1, why="FUN-16: at two branches or more")
    least_people: int = parameter(2, unit="people", least=1, why="FUN-16: third parties; two are not the holder alone")
    own_thresholds: tuple[str, ...] = parameter(
        (), unit="rules", why="ours: an institution's counsel decides; columns as in detectors/thresholds.csv"
    )

    about = IndicatorAbout(
        id="FUN-16",
        title="Cuckoo-smurfing substitution",
        question="Do several people pay in cash what the holder usually gets by transfer from abroad?",
        meaning=(
            "Instead of the expected wire from abroad, several strangers pay cash into the account for the same total."
        ),
        of=("all types (laundering)",),
        cited=(
            Citation(
                "AUS21K",
                "read",
                (
                    "sub-threshold third-party cash, several branches/ATMs/states, out of profile; holder student, "
                    "retired or unemployed"
                ),
            ),
            Citation("FTR22", "read", "cuckoo smurfing named"),
        ),
        innocent=(
            "parents paying rent in cash",
            "property settlement",
        ),
        clears=(
            "parents or friends who pay rent or fees in cash, and say so",
            "the price of something sold, which a contract shows",
        ),
        leg="MOV",
        reliability="supporting",
        roles=("innocent_beneficiary",),
        safety=(
            "The beneficiary is usually innocent: the transfer ordered abroad was exchanged for other people's cash."
        ),
        tiers=("D1", "D3"),
        needs=("payments.depositor_id", "payments.payer_country"),
        by="account",
        sentence="{usual} usually comes from abroad; instead {depositors} paid in {cash} by {deposits} within {span}.",
        numbers={"usual": "u", "depositors": "people", "cash": "u", "deposits": "payments", "span": "days"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share that was replaced by cash, for each account."""
        credits_ = sight.credits()
        under = sight.amount < lowest(sight, "cash", "in", self.own_thresholds)
        named = sight.codes("depositor_id") >= 0
        cash = sight.over(credits_.where(sight.cash_in & under & named), self.within)
        foreign = credits_.where(sight.abroad & ~sight.cash_in)
        still = sight.over(foreign, self.within, like=cash).total(sight.amount)
        since = begins(sight, cash, self.within)
        earlier = between(sight, foreign, cash.subject, since - microseconds(self.before), since)
        usual = np.nan_to_num(earlier.median(sight.amount[earlier.row]))
        paid = cash.total(sight.amount)
        whole = np.abs(paid + still - usual) <= self.match * usual
        terminal = sight.codes("terminal_id")[cash.row]
        places = cash.distinct(np.where(terminal >= 0, sight.graph.nodes + terminal, cash.other))
        people = cash.distinct(sight.codes("depositor_id")[cash.row])
        first = np.full(cash.groups, np.iinfo(np.int64).max)
        np.minimum.at(first, cash.group, sight.at[cash.row])
        took = cash.largest(sight.at) - first
        yield from sight.scores(
            self,
            cash,
            np.minimum(paid / np.maximum(usual, 0.01), 1.0),
            support=cash.count(),
            met=whole
            & (cash.count() >= self.least_deposits)
            & (earlier.count() >= self.least_before)
            & (places >= self.least_places)
            & (people >= self.least_people)
            & (took <= microseconds(self.spread)),
            numbers={
                "usual": usual,
                "depositors": people,
                "cash": paid,
                "deposits": cash.count(),
                "span": np.full(cash.groups, self.within.days),
            },
        )
