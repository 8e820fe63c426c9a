"""Accounts that slept: which payment of an account comes after a long silence."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from detectors.about import microseconds
from detectors.sight import Sight
from graphs.legs import Flags, Ints, Legs, gathered


def woken(sight: Sight, legs: Legs, asleep: timedelta) -> Flags:
    """Say which legs by account come after a silence of so long in their account.

    What lies before the first payment in the ledger is not known to be silence.
    """
    first = sight.once(("woken", asleep), lambda: _woken(sight, asleep))
    flags: Flags = first[_side(sight, legs)]
    return flags


def _woken(sight: Sight, asleep: timedelta) -> Flags:
    legs = gathered(sight.credits(), sight.debits())
    order = np.argsort(legs.group, kind="stable")
    at, group = sight.at[legs.row[order]], legs.group[order]
    after = (np.diff(at) >= microseconds(asleep)) & (np.diff(group) == 0)
    flags = np.zeros(2 * sight.at.size, np.bool_)
    flags[_side(sight, legs)[order[1:][after]]] = True
    return flags


def _side(sight: Sight, legs: Legs) -> Ints:
    """Give the place of each leg in an array of both sides of every payment."""
    side: Ints = legs.row + sight.at.size * (sight.payee[legs.row] == legs.own)
    return side
