"""What of the money in was passed on, and to whom: the primitive ``pt`` of the catalogue, in stretches of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.indicator import Level
from detectors.sight import Sight
from graphs.legs import Floats, Ints, Legs


@dataclass(frozen=True, eq=False)
class Passing:
    """Money in matched with strictly later money out, first in first out, within a span.

    Parameters
    ----------
    credits, debits : Legs
        All money in and out, in the same groups.
    passed : ndarray of int64
        What of each credit was passed on, hundredths of u.
    passing : ndarray of int64
        What each debit passed on, hundredths of u.
    inflow, matched : ndarray of float64, shape (groups,)
        Money in, and what of it was passed on, u.
    """

    credits: Legs
    debits: Legs
    passed: Ints
    passing: Ints
    inflow: Floats
    matched: Floats

    @property
    def share(self) -> Floats:
        """Share of the money in that was passed on; 0 of nothing."""
        return np.divide(self.matched, self.inflow, out=np.zeros_like(self.matched), where=self.inflow > 0)


def flows(sight: Sight, over: timedelta, by: Level = "account") -> tuple[Legs, Legs]:
    """Give all money in and out in stretches of a span, in the groups of the money in; made once per span."""

    def found() -> tuple[Legs, Legs]:
        credits_ = sight.over(sight.credits(by), over)
        return credits_, sight.over(sight.debits(by), over, like=credits_)

    return sight.once(("flows", over, by), found)


def passed_on(sight: Sight, over: timedelta, within: timedelta, by: Level = "account") -> Passing:
    """Match all money in with all money out, in stretches of a span; made once for each."""
    return sight.once(("passed on", over, within, by), lambda: passing(sight, *flows(sight, over, by), within))


def passing(sight: Sight, credits_: Legs, debits: Legs, within: timedelta) -> Passing:
    """Match credits with strictly later debits of the same groups, first in first out, within a span.

    Parameters
    ----------
    credits_, debits : Legs
        In the same groups; a part of the credits (those of strangers, say) may be matched with all debits.
    within : timedelta
        Money that was not passed on within it counts as kept.
    """
    # numba is imported by whoever measures, not by whoever lists indicators.
    from graphs.kernels.matching import matched

    micros = within // timedelta(microseconds=1)
    (into, credit), (out, debit) = credits_.by_group(), debits.by_group()
    passed, passing_ = matched(into, credits_.row[credit], out, debits.row[debit], sight.at, sight.cents, micros)
    # Those come group after group; legs in the order of the window.
    of_credit, of_debit = np.empty_like(passed), np.empty_like(passing_)
    of_credit[credit] = passed
    of_debit[debit] = passing_
    return Passing(
        credits_,
        debits,
        of_credit,
        of_debit,
        credits_.total(sight.cents) / 100,
        credits_.total_of(of_credit) / 100,
    )


def between(sight: Sight, legs: Legs, subject: Ints, begin: Ints, end: Ints) -> Legs:
    """Group the legs of subjects by spans of time of their own: from `begin` (inclusive) to `end`.

    Parameters
    ----------
    legs : Legs
        All legs, not in stretches.
    subject, begin, end : ndarray of int64, shape (spans,)
        Whose, and since and until when, microseconds since 1970. A leg may fall into several spans.

    Returns
    -------
    Legs
        One group per span, with its number as `stretch`.
    """
    size = sight.at.size + 1
    key = legs.subject[legs.group] * size + legs.row
    order = np.argsort(key, kind="stable")
    low, high = (
        np.searchsorted(key[order], subject * size + np.searchsorted(sight.at, at, "left")) for at in (begin, end)
    )
    count = np.maximum(high - low, 0)
    group = np.repeat(np.arange(subject.size), count)
    nth = np.arange(group.size) - np.repeat(np.cumsum(count) - count, count)
    leg = order[low[group] + nth]
    by_row = np.argsort(legs.row[leg], kind="stable")
    leg, group = leg[by_row], group[by_row]
    return Legs(subject, np.arange(subject.size), group, legs.row[leg], legs.other[leg], legs.own[leg])


def share_passed(sight: Sight, some: Legs, debits: Legs, over: timedelta, within: timedelta) -> tuple[Floats, Legs]:
    """Give what share of some credits went on by some debits within a span, and those debits.

    Parameters
    ----------
    some : Legs
        Credits in stretches of `over`. They are matched among all credits of their subject, in order of time.
    debits : Legs
        The debits that count, not yet in stretches, by the same kind of subject.
    """
    out = sight.over(debits, over, like=some)
    every = sight.over(sight.credits(), over, like=some)
    wanted = np.zeros(sight.at.size, np.bool_)
    wanted[some.row] = True
    found = passing(sight, every, out, within)
    went = every.total_of(found.passed * wanted[every.row]) / 100
    inflow = some.total(sight.amount)
    share = np.divide(went, inflow, out=np.zeros_like(went), where=inflow > 0)
    return np.minimum(share, 1.0), out.keep(found.passing > 0)
