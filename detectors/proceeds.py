"""Sets of payments that several indicators look at."""

from __future__ import annotations

from typing import Final

from detectors.indicator import Level
from detectors.sight import PERSON_TO_PERSON, Sight
from graphs.legs import Legs

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
