"""Sets of payments that several indicators look at."""

from __future__ import annotations

from typing import Final

import numpy as np

from detectors.indicator import Level
from detectors.sight import PERSON_TO_PERSON, Sight, rate
from flows.money import exponent
from graphs.legs import Ints, Legs

LEAST_PRICE: Final = 30.0
MOST_PRICE: Final = 600.0
"""SEX-01: what a paid service may cost, in u."""


def small_credits(sight: Sight, by: Level = "account") -> Legs:
    """Give the set E of SEX-01: person-to-person credits of 30u to 600u from unrelated payers, at any hour."""

    def found() -> Legs:
        credits_ = sight.credits(by)
        priced = (sight.amount >= LEAST_PRICE) & (sight.amount <= MOST_PRICE)
        few = credits_.where(sight.channel(*PERSON_TO_PERSON) & priced)
        return few.keep(sight.unrelated(few))

    return sight.once(("small credits", by), found)


def in_round_units(sight: Sight) -> Ints:
    """Give the amount of each payment in round units of its own money, rounded; made once.

    A round unit is the power of ten of a money that is nearest to one u: 1 EUR, 1 GBP, 10 SEK, 100 JPY. People name
    prices in their own money, so that a multiple of ten units is a round price in any.
    """

    def found() -> Ints:
        money = sight.graph.currencies
        minor = [10.0 ** (exponent(code) + round(-np.log10(rate(code)))) for code in money]
        units: Ints = np.rint(sight.graph.amount / np.array(minor or [1.0])[sight.graph.unit]).astype(np.int64)
        return units

    return sight.once("round units", found)


def known_since(sight: Sight) -> Ints:
    """Give the time of the first payment of each customer (a number of `Sight.customer`); made once."""

    def found() -> Ints:
        since = np.full(int(sight.customer.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        for side in (sight.payer, sight.payee):
            np.minimum.at(since, sight.customer[side], sight.at)
        return since

    return sight.once("known since", found)
