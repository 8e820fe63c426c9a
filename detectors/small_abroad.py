"""Small payments to private persons abroad: the set P of CHI-01, which most indicators of that family look at.

There is no lower limit, by rule: documented payments go down to about 8 u.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from detectors.about import microseconds
from detectors.sight import HOUR, PERSON_TO_PERSON, Sight
from graphs.legs import Flags, Floats, Ints, Legs

MOST: Final = 300.0
"""CHI-01: largest payment, u."""
PER_PAYMENT: Final = 0.1
"""CHI-01: what a payment adds to the number of recipients."""
LEAST_PAYMENTS: Final = 6
LEAST_RECIPIENTS: Final = 2
"""CHI-01, support."""
CHANNELS: Final = (*PERSON_TO_PERSON, "msb")


@dataclass(frozen=True, eq=False)
class Abroad:
    """Small payments abroad in stretches, by customer.

    Parameters
    ----------
    payments : Legs
        The set P.
    strange : Legs
        Those of them to recipients without a tie, in the same groups.
    recipients : ndarray of int64, shape (groups,)
        Different recipients without a tie.
    value : ndarray of float64, shape (groups,)
        The value of CHI-01.
    met : ndarray of bool, shape (groups,)
        Where its support is met.
    """

    payments: Legs
    strange: Legs
    recipients: Ints
    value: Floats
    met: Flags


def is_small_abroad(sight: Sight) -> Flags:
    """Say which payments are small and go from one country to another by a way that persons use."""
    flags: Flags = sight.channel(*CHANNELS) & sight.abroad & (sight.amount <= MOST)
    return flags


def small_abroad(sight: Sight) -> Legs:
    """Give the set P of CHI-01: small payments to private persons abroad, by customer; made once.

    Accounts on which money is kept for clients, under a licence or by their kind, are left out (ours): what they pay is
    not their holder's, and says nothing of a likely role of the holder.
    """

    def found() -> Legs:
        for_clients = sight.licensed | sight.account_is("kind", "client")
        sent = sight.debits("customer").where(is_small_abroad(sight) & ~for_clients[sight.graph.payer])
        return sent.keep(sight.private[sent.other])

    return sight.once("small abroad", found)


def abroad(sight: Sight, within: timedelta) -> Abroad:
    """Give the set P in stretches of a span, with the value of CHI-01; made once per span."""

    def found() -> Abroad:
        payments = sight.over(small_abroad(sight), within)
        strange = payments.where(~sight.tied)
        recipients = strange.distinct(strange.other)
        return Abroad(
            payments,
            strange,
            recipients,
            value=recipients + PER_PAYMENT * payments.count(),
            met=(payments.count() >= LEAST_PAYMENTS) & (recipients >= LEAST_RECIPIENTS),
        )

    return sight.once(("abroad", within), found)


def near(sight: Sight, legs: Legs, marks: Legs, within: timedelta) -> Flags:
    """Say which legs lie within a span, before or after, of some leg of `marks` of the same subject."""
    # Hours since 1970 fit in 21 bits until 2209.
    hour = sight.at // HOUR
    known = np.unique((marks.subject[marks.group] << 21) + hour[marks.row])
    wanted = (legs.subject[legs.group] << 21) + hour[legs.row]
    if not known.size:
        return np.zeros(wanted.size, np.bool_)
    place = np.searchsorted(known, wanted)
    span = microseconds(within) // HOUR
    # A neighbour of another subject is farther away than any span.
    either = [np.abs(known[side.clip(0, known.size - 1)] - wanted) <= span for side in (place - 1, place)]
    flags: Flags = either[0] | either[1]
    return flags
