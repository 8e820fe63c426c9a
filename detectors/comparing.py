"""How far a number lies from those of its peers: the primitive ``rz`` of the catalogue, for all groups at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graphs.legs import Floats, Ints, combined

TO_DEVIATION: Final = 1.4826
"""What makes a median absolute deviation comparable with a standard deviation."""


@dataclass(frozen=True, eq=False)
class Everybody:
    """What is compared: numbers of everybody, each with the group that it is compared in.

    Parameters
    ----------
    value : ndarray
        Numbers without NaN.
    group : ndarray of int64
        Number of the group of each; -1 where there is none.
    """

    value: NDArray[Any]
    group: Ints

    def medians(self, of: Ints) -> Floats:
        """Give the median of each of some groups; NaN where nobody is in it."""
        return _looked_up(of, *_medians(self.value, self.group)[:2])

    def count(self, of: Ints) -> Ints:
        """Give how many there are in each of some groups."""
        groups, _, count = _medians(self.value, self.group)
        return np.nan_to_num(_looked_up(of, groups, count)).astype(np.int64)


def shared(own: Sequence[Ints], everybody: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Give each combination of several numbers a number that is the same for some and for everybody; -1 is unknown."""
    both = combined(*(np.concatenate(pair) for pair in zip(own, everybody, strict=True)))
    return both[: own[0].size], both[own[0].size :]


def robust_z(value: NDArray[Any], peers: Ints, *, least: int, floor: float, among: Everybody | None = None) -> Floats:
    """Give the distance of each number from the median of its peers in robust deviations.

    Parameters
    ----------
    value : ndarray
        What is compared.
    peers : ndarray of int64
        Number of the group that each is compared with, itself included; -1 where there is none.
    least : int
        Fewest peers to compare with.
    floor : float
        Smallest deviation that counts, so that a group in which nearly all are alike makes nobody stand out for a
        trifle.
    among : Everybody, optional
        The peers, where they are more than those compared.

    Returns
    -------
    ndarray of float64
        NaN where there are too few peers.

    Examples
    --------
    >>> robust_z(np.array([1, 2, 3, 9]), np.array([0, 0, 0, 0]), least=3, floor=1.0).round(1).tolist()
    [-0.6, -0.2, 0.2, 2.6]
    """
    among = among or Everybody(np.asarray(value), peers)
    away = Everybody(np.abs(among.value - among.medians(among.group)), among.group)
    spread = TO_DEVIATION * away.medians(peers)
    return np.where(among.count(peers) >= least, (value - among.medians(peers)) / (spread + floor), np.nan)


def _medians(value: NDArray[Any], group: Ints) -> tuple[Ints, Floats, Ints]:
    """Give the groups that there are, ascending, with the median and the number of each."""
    known = group >= 0
    order = np.lexsort((value[known], group[known]))
    ordered = np.asarray(value, dtype=np.float64)[known][order]
    groups, count = np.unique(group[known], return_counts=True)
    start = np.cumsum(count) - count
    middle = (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2 if count.size else ordered
    return groups, middle, count


def _looked_up(wanted: Ints, groups: Ints, value: NDArray[Any]) -> Floats:
    place = np.searchsorted(groups, wanted)
    found = np.append(groups, -1)[place] == wanted
    return np.where(found & (wanted >= 0), np.append(value.astype(np.float64), np.nan)[place], np.nan)
