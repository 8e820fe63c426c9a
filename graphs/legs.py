"""Payments as seen by those they are asked about: legs, grouped by subject and by stretch of time, and summed at once.

A *leg* is one payment seen from one end. Legs are grouped by their subject (an account, or a customer with all
accounts) and, after `Legs.over`, by *stretch*: overlapping spans of the same length that together cover the past, so
that whatever an indicator measures in thirty days is measured wherever thirty days of it lie. Every method works on
all groups at once; sums are added in the order of the window, so neither the order of rows nor a cut changes a bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flows.errors import PluginError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_DENSE = 100_000_000
"""Keys looked up in a table rather than sorted: 500 MB at most."""
SPARSEST = 64
"""Places of such a table for each key; with more, sorting is quicker. Ours, tried with a thousand to four million."""
COUNTED = 16
"""Numbers there may be, for each leg, to count legs into order by them. Ours: a place costs a nanosecond or two."""


@dataclass(frozen=True, eq=False)
class Legs:
    """Legs in groups.

    Parameters
    ----------
    subject : ndarray of int64, shape (groups,)
        Whose legs each group holds.
    stretch : ndarray of int64, shape (groups,)
        Which stretch of time; 0 is the latest, and the only one before `over`.
    group : ndarray of int64, shape (legs,)
        Group of each leg.
    row : ndarray of int64, shape (legs,)
        Payment of each leg: its row in the window. Ascending within a group.
    other : ndarray of int64, shape (legs,)
        Node at the other end.
    own : ndarray of int64, shape (legs,)
        Node at the subject's end.
    """

    subject: Ints
    stretch: Ints
    group: Ints
    row: Ints
    other: Ints
    own: Ints

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.subject)

    def where(self, flags: Flags) -> Legs:
        """Keep the legs whose *payment* is flagged; groups stay, so that counts before and after can be divided."""
        return self.keep(flags[self.row])

    def keep(self, flags: Flags) -> Legs:
        """Keep the flagged legs; groups stay."""
        return replace(self, group=self.group[flags], row=self.row[flags], other=self.other[flags], own=self.own[flags])

    def over(self, within: timedelta, end: int, at: Ints, looks: int, like: Legs | None = None) -> Legs:
        """Group by stretches of a span: each leg falls into `looks` stretches that begin a fraction of it apart.

        Parameters
        ----------
        within : timedelta
            Length of a stretch.
        end : int
            End of the latest stretch, microseconds since 1970; later legs are dropped.
        at : ndarray of int64
            Time of each payment of the window.
        looks : int
            How many stretches overlap at any time. With 4, whatever lasts three quarters of the span lies whole in one.
        like : Legs, optional
            Use the groups of these legs, and drop what falls in none of them.
        """
        # numba is imported by whoever measures, not by whoever lists indicators.
        from graphs.kernels.legs import stretches

        step = -(-(within // timedelta(microseconds=1)) // looks)
        leg, stretch = stretches(self.row, at, end, step, looks)
        subject = self.subject[self.group[leg]]
        width = int(stretch.max(initial=0)) + 1
        if like is not None:
            width = max(width, int(like.stretch.max(initial=0)) + 1)
            group = _placed(subject * width + stretch, like.subject * width + like.stretch)
            leg, group = leg[group >= 0], group[group >= 0]
            key_subject, key_stretch = like.subject, like.stretch
        else:
            key, group = _numbered(subject * width + stretch)
            key_subject, key_stretch = key // width, key % width
        row = self.row[leg]
        if (row[1:] < row[:-1]).any():
            order = np.argsort(row, kind="stable")
            leg, group, row = leg[order], group[order], row[order]
        return Legs(key_subject, key_stretch, group, row, self.other[leg], self.own[leg])

    def count(self) -> Ints:
        """Give the number of legs of each group."""
        counted: Ints = np.bincount(self.group, minlength=self.groups)
        return counted

    def total(self, of_payment: NDArray[Any]) -> Floats:
        """Give the sum of a number of each payment, by group."""
        return self.total_of(of_payment[self.row])

    def total_of(self, of_leg: NDArray[Any]) -> Floats:
        """Give the sum of a number of each leg, by group."""
        # Without a leg, numpy counts integers and forgets the weights.
        return np.bincount(self.group, weights=of_leg, minlength=self.groups).astype(np.float64)

    def distinct(self, of_leg: NDArray[Any]) -> Ints:
        """Count the different values that each group has of a number of each leg (not negative: -1 is unknown)."""
        _, groups = self.first_of(of_leg)
        counted: Ints = np.bincount(groups, minlength=self.groups)
        return counted

    def _different(self, known: Ints, of_leg: NDArray[Any]) -> tuple[Ints, Ints, Ints]:
        """Give the different pairs of the group and a number of some legs, as ``np.unique`` does.

        Returns
        -------
        values : ndarray of int64
            Group and number in one, ascending; larger numbers would count for the next group, unseen.
        first : ndarray of int64
            Which of the legs has each value first.
        place : ndarray of int64, shape (known,)
            Which value each leg has.
        """
        number, group = np.asarray(of_leg, dtype=np.int64)[known], self.group[known]
        most = int(number.max(initial=0))
        if most >> 31:
            raise PluginError(
                "numbers of legs that do not fit into 31 bits",
                where="graphs.legs.Legs",
                try_="number combinations with graphs.legs.combined",
            )
        packed: Ints = (group << 31) + number
        if max(most, self.groups) >= COUNTED * number.size:
            return np.unique(packed, return_index=True, return_inverse=True)
        # Counted into place twice, by number and then by group, where that takes less than comparing.
        _, order = _counted(number, most + 1)
        order = order[_counted(group[order], self.groups)[1]]
        packed = packed[order]
        new = np.ones(order.size, np.bool_)
        new[1:] = packed[1:] != packed[:-1]
        place = np.empty(order.size, np.int64)
        place[order] = np.cumsum(new) - 1
        return packed[new], order[new].astype(np.int64), place

    def first_of(self, of_leg: NDArray[Any]) -> tuple[Ints, Ints]:
        """Give one leg for each different value of each group, the earliest, and its group; unknown ones are left out.

        Parameters
        ----------
        of_leg : ndarray of integers
            A number of each leg, below 2**31; -1 is unknown.
        """
        known = np.flatnonzero(np.asarray(of_leg) >= 0)
        values, first, _ = self._different(known, of_leg)
        return known[first], values >> 31

    def top(self, of_leg: NDArray[Any], weight: NDArray[Any]) -> tuple[Ints, Floats]:
        """Give, per group, the value of a number of each leg with the largest sum of weights, and that sum.

        Of equals, the one that comes first in the window. -1 and 0 for a group without legs.
        """
        known = np.flatnonzero(np.asarray(of_leg) >= 0)
        values, first, place = self._different(known, of_leg)
        sums = np.bincount(place, weights=np.asarray(weight)[known], minlength=values.size)
        order = np.lexsort((first, -sums, values >> 31))
        group, start = np.unique((values >> 31)[order], return_index=True)
        best, most = np.full(self.groups, -1, np.int64), np.zeros(self.groups)
        best[group] = (values & (2**31 - 1))[order][start]
        most[group] = sums[order][start]
        return best, most

    def largest(self, of_payment: NDArray[Any], otherwise: float = 0.0) -> Floats:
        """Give the largest value of a number of each payment, by group."""
        most = np.full(self.groups, -np.inf)
        np.maximum.at(most, self.group, of_payment[self.row])
        return np.where(np.isneginf(most), otherwise, most)

    def median(self, of_leg: NDArray[Any]) -> Floats:
        """Give the median of a number of each leg, by group; NaN for a group without legs."""
        value = np.asarray(of_leg, dtype=np.float64)
        order = np.argsort(value)
        value = value[order[_counted(self.group[order], self.groups)[1]]]
        count = self.count()
        stop = np.cumsum(count)
        some = count > 0
        middle = np.full(self.groups, np.nan)
        low, high = (stop - count + (count - 1) // 2)[some], (stop - count + count // 2)[some]
        middle[some] = (value[low] + value[high]) / 2
        return middle

    def by_group(self) -> tuple[Ints, NDArray[np.int32]]:
        """Give where the legs of each group begin, and the legs, group after group."""
        return _counted(self.group, self.groups)


def joined(*parts: Legs) -> Legs:
    """Put legs of the same groups together, in the order of the window."""
    group, row, other, own = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("group", "row", "other", "own")
    )
    order = np.argsort(row, kind="stable")
    return replace(parts[0], group=group[order], row=row[order], other=other[order], own=own[order])


def gathered(*parts: Legs) -> Legs:
    """Put legs of different groups together by their subjects, in the order of the window, without stretches."""
    subject = np.concatenate([part.subject[part.group] for part in parts])
    row, other, own = (np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "other", "own"))
    order = np.argsort(row, kind="stable")
    return legs_of(subject[order], row[order], other[order], own[order])


def combined(*numbers: Ints) -> Ints:
    """Give each combination of several numbers (not negative: -1 is unknown) a number; -1 where one is unknown.

    Examples
    --------
    >>> combined(np.array([7, 7, 3, 7]), np.array([1, 2, 1, -1])).tolist()
    [1, 2, 0, -1]
    """
    known = np.all([one >= 0 for one in numbers], axis=0)
    key = np.zeros(int(np.count_nonzero(known)), np.int64)
    for one in numbers:
        value = one[known]
        _, key = np.unique(key * (int(value.max(initial=0)) + 1) + value, return_inverse=True)
    together = np.full(known.size, -1, np.int64)
    together[known] = key
    return together


def legs_of(subject: Ints, row: Ints, other: Ints, own: Ints) -> Legs:
    """Group payments by subject; the legs must come in the order of the window.

    Examples
    --------
    >>> legs = legs_of(np.array([7, 3, 7]), np.arange(3), np.array([1, 1, 2]), np.array([7, 3, 7]))
    >>> legs.subject, legs.count(), legs.distinct(legs.other)
    (array([3, 7]), array([1, 2]), array([1, 2]))
    """
    key, group = _numbered(subject)
    return Legs(key, np.zeros(key.size, np.int64), group, row, other, own)


def _numbered(key: Ints) -> tuple[Ints, Ints]:
    """Give the different keys, ascending, and the number of each."""
    if not key.size or int(key.max()) > min(MOST_DENSE, SPARSEST * key.size):
        values, group = np.unique(key, return_inverse=True)
        return values, group.astype(np.int64)
    present = np.zeros(int(key.max()) + 1, np.bool_)
    present[key] = True
    values = np.flatnonzero(present)
    # Places of keys that are not there are never written, so that they cost no memory.
    number = np.empty(present.size, np.int32)
    number[values] = np.arange(values.size, dtype=np.int32)
    return values, number[key].astype(np.int64)


def _counted(key: Ints, keys: int) -> tuple[Ints, NDArray[np.int32]]:
    """Bring places into the order of their keys by counting: where those of each key begin, and the places."""
    from graphs.kernels.rows import grouped

    return grouped(key.astype(np.int32), keys)


def _placed(wanted: Ints, known: Ints) -> Ints:
    """Give the place of each wanted key among some that are all different; -1 where it is not there."""
    most = int(known.max(initial=-1))
    if most <= min(MOST_DENSE, SPARSEST * wanted.size):
        # The last place is for keys beyond all.
        place = np.full(most + 2, -1, np.int32)
        place[known] = np.arange(known.size, dtype=np.int32)
        return place[np.minimum(wanted, most + 1)].astype(np.int64)
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known[order], wanted), known.size - 1)
    return np.where(known[order][at] == wanted, order[at], -1)
