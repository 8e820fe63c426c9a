"""SEX-02: Repeating price points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score, wilson
from detectors.proceeds import in_round_units, small_credits
from detectors.sight import DAY, Sight
from graphs.legs import Flags, combined


@dataclass(frozen=True, kw_only=True)
class Sex02:
    """Measure what share of the small credits of strangers is at the three most frequent prices.

    The credits are `detectors.proceeds.small_credits`, at any hour. Amounts are held to round units of the money
    they were paid in (10 EUR, 10 GBP, 100 SEK); one of the three prices counts only if it is a multiple of ten
    units, or of five where prices are small. What the same payer pays monthly damps it. Any trade with a price
    list looks like this: hairdresser, tutor, driving instructor.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="SEX-02, window: 30 d")
    weak: float = parameter(0.45, unit="share", why="SEX-02, weak value of the catalogue")
    strong: float = parameter(0.75, unit="share", why="SEX-02, strong value of the catalogue")
    least_credits: int = parameter(12, unit="payments", least=1, why="SEX-02, support: eligible credits")
    least_payers: int = parameter(8, unit="payers", least=1, why="SEX-02, support: different payers")
    least_median: float = parameter(40.0, unit="u", least=0.0, why="SEX-02: median of a list of prices")
    most_median: float = parameter(500.0, unit="u", least=0.0, why="SEX-02: median of a list of prices")
    small_median: float = parameter(50.0, unit="u", least=0.0, why="SEX-02: below it prices go in steps of five")
    prices: int = parameter(3, unit="prices", least=1, why="SEX-02: the three most frequent amounts")

    about = IndicatorAbout(
        id="SEX-02",
        title="Repeating price points",
        question="Do the small sums that strangers send repeat a short list of round prices?",
        meaning=(
            "Incoming amounts repeat a short price list (for example 80, 150, 250), as if customers bought a menu"
            " of services."
        ),
        of=("sexual exploitation",),
        cited=(
            Citation("AUS22F", "read", "average AUD 250 per service"),
            Citation("IMB18", "read", "base price USD 75-100, up to 300-400"),
            Citation("FATF18", "recalled", "uniform small payments in HTSE cases"),
        ),
        innocent=(
            "hairdresser",
            "tutor",
            "personal trainer",
            "driving instructor",
            "dog-walker",
            "market stall",
            "club dues",
            "physiotherapist",
        ),
        clears=(
            ("a registered or known trade with a price list: lessons, hair, training, physiotherapy"),
            "the payers are members who pay dues",
        ),
        leg="REV",
        reliability="supporting",
        roles=("possibly_exploited", "business"),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1",),
        needs=(),
        by="account",
        sentence=(
            "{payers} unrelated to the holder sent {credits}, and {listed} of them were of the three most "
            "frequent amounts; the middle one was {median}."
        ),
        numbers={"payers": "payers", "credits": "payments", "listed": "share", "median": "u"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share of the most frequent prices, less what is paid monthly, for each account."""
        credits_ = sight.over(small_credits(sight), self.within)
        count, payers = credits_.count(), credits_.distinct(credits_.other)
        middle = credits_.median(sight.amount[credits_.row])
        price = in_round_units(sight)
        step = np.where(middle < self.small_median, 5, 10)
        left, listed = credits_, np.zeros(credits_.groups, np.int64)
        at_a_price = np.zeros(credits_.row.size, np.bool_)
        for _ in range(self.prices):
            one, times = left.top(price[left.row], np.ones(left.row.size))
            round_price = (one >= 0) & (one % step == 0)
            listed += np.where(round_price, times, 0).astype(np.int64)
            at_a_price |= (price[credits_.row] == one[credits_.group]) & round_price[credits_.group]
            left = left.keep(price[left.row] != one[left.group])
        share = listed / np.maximum(count, 1)
        again = credits_.where(_monthly(sight)).count()
        yield from sight.scores(
            self,
            credits_.keep(at_a_price),
            share * (1 - wilson(again, count)),
            support=count,
            met=(count >= self.least_credits)
            & (payers >= self.least_payers)
            & (middle >= self.least_median)
            & (middle <= self.most_median),
            numbers={"payers": payers, "credits": count, "listed": share, "median": middle},
        )


MONTH: Final = (25 * DAY, 35 * DAY)
"""Between two monthly payments: ours, a month and what weekends and holidays move it by."""


def _monthly(sight: Sight) -> Flags:
    """Say which small credits the same payer also sent, in the same amount, a month before or after."""
    legs = small_credits(sight)
    same = combined(legs.own, legs.other, np.minimum(sight.cents[legs.row], 2**31 - 1))
    order = np.lexsort((legs.row, same))
    same, row = same[order], legs.row[order]
    apart = np.diff(sight.at[row])
    month = (np.diff(same) == 0) & (apart >= MONTH[0]) & (apart <= MONTH[1])
    flags = np.zeros(sight.at.size, np.bool_)
    flags[row[1:][month]] = True
    flags[row[:-1][month]] = True
    return flags
