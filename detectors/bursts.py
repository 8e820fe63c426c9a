"""Bursts of payments to new payees until the money runs out: what CHI-08 and CHI-09 look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from detectors.proceeds import known_since
from detectors.sight import DAY, PERSON_TO_PERSON, Sight
from graphs.legs import Flags, Floats, Ints, Legs

WITHIN: Final = timedelta(hours=72)
NEW_DAYS: Final = 7
"""CHI-08: days within which a payee is new. A customer of whom less is known has new payees only: nothing is said."""
QUIET_DAYS: Final = 7
"""Days without another payment to the payees after which it *stopped*: ours."""
CREDITS: Final = 3
PASSED: Final = 0.5
"""So many credits of strangers meanwhile, worth this share of the burst: it is passed on. Ours; a friend lends once."""
MOST_FIRST: Final = 250.0
MOST_IN_ALL: Final = 1_500.0
LEFT: Final = 0.2
"""CHI-08: the balance falls by 80 %."""
LEAST_PAYMENTS: Final = 3
LEAST_AGAIN: Final = 3
"""Payments to one payee, cards and crypto among them, from which on they *repeat* or *grow*: ours."""
LEAST_TO_STOP: Final = 5
"""Payments in three days from which on an end of them is *abrupt*: ours; three of them end of themselves."""
YOUNG: Final = 25
YOUNG_WEIGHT: Final = 1.2
QUICK: Final = ("p2p", "e_transfer", "instant")


@dataclass(frozen=True, eq=False)
class Bursts:
    """Payments to new payees in stretches of 72 hours, by customer.

    Parameters
    ----------
    payments : Legs
        Transfers to unrelated payees, gift cards and crypto, to payees new to the customer.
    value : ndarray of float64, shape (groups,)
        The value of CHI-08.
    met : ndarray of bool, shape (groups,)
        Where its support is met.
    """

    payments: Legs
    value: Floats
    met: Flags


def gifts(sight: Sight) -> Flags:
    """Say which payments buy or load gift and prepaid cards."""
    flags: Flags = sight.merchants("prepaid_gift") | sight.listed("gift-cards") | sight.channel("prepaid_load")
    return flags


def is_new(sight: Sight) -> Flags:
    """Say which payments go to a payee whom the same account first paid less than a week before."""
    flags: Flags = sight.at - sight.first_seen < NEW_DAYS * DAY
    return flags


def is_young(sight: Sight) -> Flags:
    """Say which nodes are held by somebody whose whole age band lies below 25; unknown is not young."""
    bands = sight.customer_text("age_band").dictionary_encode()
    young = [_below(band, YOUNG) for band in bands.dictionary.to_pylist()]
    number = bands.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    flags: Flags = np.array([*young, False], np.bool_)[number]
    return flags


def _below(band: str, age: int) -> bool:
    """Say whether an age band lies below an age.

    Examples
    --------
    >>> [_below(band, 25) for band in ("18-24", "<18", "<25", "25-34", "18-30", "65+")]
    [True, True, True, False, False, False]
    """
    ages = [int(word) for word in "".join(sign if sign.isdigit() else " " for sign in band).split()]
    if not ages or "+" in band or ">" in band:
        return False
    return max(ages) - ("<" in band) < age


def bursts(sight: Sight) -> Bursts:
    """Find the bursts of all customers; made once."""
    return sight.once("bursts", lambda: _bursts(sight))


def _bursts(sight: Sight) -> Bursts:
    spent = sight.debits("customer")
    known = sight.at[spent.row] - known_since(sight)[spent.subject[spent.group]] >= NEW_DAYS * DAY
    to_person = sight.channel(*PERSON_TO_PERSON, "wire", "msb")[spent.row] & sight.unrelated(spent)
    stored = gifts(sight) | sight.to_crypto
    payments = spent.keep((to_person | stored[spent.row]) & is_new(sight)[spent.row] & known & sight.timed[spent.row])
    legs = sight.over(payments, WITHIN)
    count = legs.count()
    first, last = _ends(legs)
    total = legs.total(sight.amount)
    small = (sight.amount[legs.row[first]] <= MOST_FIRST) & (total <= MOST_IN_ALL)
    cents = np.minimum(sight.cents[legs.row], 2**31 - 1)
    order = np.argsort(legs.group, kind="stable")
    less = (np.diff(legs.group[order]) == 0) & (np.diff(cents[order]) < 0)
    grows = np.bincount(legs.group[order[1:]][less], minlength=legs.groups) == 0
    repeats = count - legs.distinct(cents) >= 2
    # Friends who are each paid their part are no escalation: one payee must be paid three times, cards and crypto
    # bought meanwhile among them.
    persons = legs.where(~stored)
    _, most = persons.top(persons.other, np.ones(persons.row.size))
    again = most + count - persons.count() >= LEAST_AGAIN
    handy = legs.where(sight.channel(*QUICK) | stored).count() == count
    balance = sight.balance(legs)
    before = balance[first] + sight.amount[legs.row[first]]
    empty = balance[last] <= LEFT * before
    # It stops: none of the payees is paid again, and a week has passed.
    ended = sight.at[legs.row[last]]
    final = np.zeros(int(sight.pair.max(initial=-1)) + 1, np.int64)
    np.maximum.at(final, sight.pair, sight.at)
    later = legs.keep(final[sight.pair[legs.row]] > ended[legs.group])
    stops = (count >= LEAST_TO_STOP) & (later.count() == 0) & (sight.end - ended > QUIET_DAYS * DAY)
    value = (
        0.25 * (count >= LEAST_PAYMENTS)
        + 0.25 * small
        + 0.2 * ((grows | repeats) & again)
        + 0.15 * handy
        + 0.15 * (empty | stops)
    ) * np.where(is_young(sight)[legs.own[first]], YOUNG_WEIGHT, 1.0)
    # Whoever passes on what strangers send is not who pays.
    came = sight.credits("customer")
    came = sight.over(came.keep(sight.unrelated(came)), WITHIN, like=legs)
    passes_on = (came.count() >= CREDITS) & (came.total(sight.amount) >= PASSED * total)
    return Bursts(legs, value, (count >= LEAST_PAYMENTS) & ~passes_on)


def _ends(legs: Legs) -> tuple[Ints, Ints]:
    """Give the first and the last leg of each group."""
    order = np.argsort(legs.group, kind="stable")
    stop = np.cumsum(legs.count())
    return order[stop - legs.count()], order[stop - 1]
