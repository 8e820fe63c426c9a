"""Who uses one machine one after another, again and again.

A *run* is a maximal row of withdrawals at one machine, each at most `gap` after the one before. A *session* is a run no
longer than `length` in which at least three and at most `most` different holders withdraw. Three holders of a session
*recur* there if they meet in sessions on at least `least_days` different days within the span ``[t, t + within)`` that
begins with it. The holders of all recurring threes of a session are its *company*; its weight is the number of
meetings of these threes in the span.

A company is told at a session if no earlier session in ``(t - within, t]`` has a company with two holders in common
and as high a weight, and no later one in ``[t, t + within)`` one with a higher weight; sessions that begin together are
ordered by their first payment. So two companies that have two holders in common are at least `within` apart.

Everything is linear in the number of sessions: a session has at most ``most * (most - 1) * (most - 2) / 6`` threes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Pair = tuple[int, int]
Trio = tuple[int, int, int]

FEWEST = 3
"""Holders in a session, and members of a company that must meet; LAB-06."""


@dataclass(frozen=True, eq=False)
class Sessions:
    """Sessions in order of their first withdrawal.

    Parameters
    ----------
    start : ndarray of int64, shape (runs + 1,)
        The withdrawals of each run are ``order[start[k]:start[k + 1]]``; runs come in order of their first withdrawal.
    order : ndarray of int64
        Positions of the withdrawals as they were given.
    at, day : ndarray of int64, shape (runs,)
        Time and day of the first withdrawal of each run.
    fits : ndarray of bool, shape (runs,)
        Which runs are sessions.
    """

    start: Ints
    order: Ints
    at: Ints
    day: Ints
    fits: NDArray[np.bool_]

    def rows(self, run: int) -> Ints:
        """Give the withdrawals of one run in time order."""
        return self.order[self.start[run] : self.start[run + 1]]


@dataclass(frozen=True)
class Company:
    """Holders who meet at machines again and again.

    Parameters
    ----------
    holders : frozenset of int
        Its members.
    runs : tuple of int
        The sessions of the span in which at least three of them meet, in order.
    days : int
        On how many different days.
    """

    holders: frozenset[int]
    runs: tuple[int, ...]
    days: int


def sessions(machine: Ints, holder: Ints, at: Ints, day: Ints, *, gap: int, length: int, most: int) -> Sessions:
    """Cut the withdrawals of each machine into runs, and say which are sessions.

    Parameters
    ----------
    machine, holder, at, day : ndarray of int64, shape (withdrawals,)
        Sorted by time; times in microseconds.
    gap, length : int
        Microseconds.
    most : int
        Holders in a session at most.
    """
    by_machine = np.lexsort((np.arange(at.size), machine))
    new = np.ones(at.size, np.bool_)
    new[1:] = (np.diff(machine[by_machine]) != 0) | (np.diff(at[by_machine]) > gap)
    first = np.flatnonzero(new)
    in_time = np.argsort(by_machine[first], kind="stable")
    sizes = np.diff(np.append(first, at.size))[in_time]
    start = np.concatenate(([0], np.cumsum(sizes)))
    run = np.repeat(np.arange(len(sizes)), sizes)
    order = by_machine[np.arange(at.size) - start[run] + first[in_time][run]]
    begins = at[order[start[:-1]]]
    different = np.unique(np.column_stack((run, holder[order])), axis=0)[:, 0]
    count = np.bincount(different, minlength=len(sizes))
    short = at[order[start[1:] - 1]] - begins <= length
    return Sessions(start, order, begins, day[order[start[:-1]]], short & (count >= FEWEST) & (count <= most))


def companies(found: Sessions, holder: Ints, *, least_days: int, within: int) -> Iterator[Company]:
    """Give the companies in order of the session they are told at.

    Parameters
    ----------
    holder : ndarray of int64, shape (withdrawals,)
        As given to `sessions`.
    least_days : int
        Different days on which three must meet, at least 1.
    within : int
        Microseconds.
    """
    different = _different(found, holder)
    meetings = _meetings(found, different, least_days)
    company: dict[int, set[int]] = {}
    weight: Counter[int] = Counter()
    for trio, runs in meetings.items():
        for run, times in _recurring(found, runs, least_days, within):
            company.setdefault(run, set()).update(trio)
            weight[run] += times
    anchors: dict[Pair, list[int]] = {}
    for run in sorted(company):
        for pair in combinations(sorted(company[run]), 2):
            anchors.setdefault(pair, []).append(run)
    beaten: set[int] = set()
    for runs in anchors.values():
        beaten.update(_beaten(found.at, weight, runs, within))
    told = sorted(company.keys() - beaten)
    together: dict[Pair, list[int]] = {}
    wanted = {pair for run in told for pair in combinations(sorted(company[run]), 2)}
    for run, inside in different.items():
        for pair in combinations(inside, 2):
            if pair in wanted:
                together.setdefault(pair, []).append(run)
    for run in told:
        group = company[run]
        near: set[int] = set()
        for pair in combinations(sorted(group), 2):
            runs = together[pair]
            low, high = _span(found.at, runs, run, within)
            near.update(runs[low:high])
        inside_ = sorted(other for other in near if len(group.intersection(different[other])) >= FEWEST)
        yield Company(frozenset(group), tuple(inside_), len({int(found.day[other]) for other in inside_}))


def _different(found: Sessions, holder: Ints) -> dict[int, list[int]]:
    """Give the different holders of each session, sorted."""
    return {run: np.unique(holder[found.rows(run)]).tolist() for run in np.flatnonzero(found.fits).tolist()}


def _meetings(found: Sessions, different: dict[int, list[int]], least_days: int) -> dict[Trio, list[int]]:
    """Give the sessions of each three of whom every two met on enough days: no other three can recur."""
    days: dict[Pair, set[int]] = {}
    for run, inside in different.items():
        for pair in combinations(inside, 2):
            days.setdefault(pair, set()).add(int(found.day[run]))
    often = {pair for pair, on in days.items() if len(on) >= least_days}
    meetings: dict[Trio, list[int]] = {}
    for run, inside in different.items():
        for one, two, three in combinations(inside, FEWEST):
            if (one, two) in often and (one, three) in often and (two, three) in often:
                meetings.setdefault((one, two, three), []).append(run)
    return meetings


def _recurring(found: Sessions, runs: list[int], least_days: int, within: int) -> Iterator[tuple[int, int]]:
    """Give the sessions at which a three recurs, and how often it meets in the span that begins there."""
    on: Counter[int] = Counter()
    low = high = 0
    for run in runs:
        # Sessions that begin with this one are in its span even if they come before it in order.
        while found.at[runs[low]] < found.at[run]:
            gone = int(found.day[runs[low]])
            on[gone] -= 1
            if not on[gone]:
                del on[gone]
            low += 1
        while high < len(runs) and found.at[runs[high]] < found.at[run] + within:
            on[int(found.day[runs[high]])] += 1
            high += 1
        if len(on) >= least_days:
            yield run, high - low


def _beaten(at: Ints, weight: Counter[int], runs: Sequence[int], within: int) -> Iterator[int]:
    """Give the sessions beaten by an earlier one as heavy or a later one heavier, less than `within` away."""
    for before in (True, False):
        heaviest: deque[int] = deque()
        for run in runs if before else reversed(runs):
            while heaviest and abs(int(at[heaviest[0]] - at[run])) >= within:
                heaviest.popleft()
            if heaviest and weight[heaviest[0]] >= weight[run] + (0 if before else 1):
                yield run
            while heaviest and weight[heaviest[-1]] <= weight[run]:
                heaviest.pop()
            heaviest.append(run)


def _span(at: Ints, runs: list[int], run: int, within: int) -> tuple[int, int]:
    """Give the part of these sessions that lies in the span that begins with one of them."""
    begin = int(at[run])
    return bisect_left(runs, begin, key=at.__getitem__), bisect_left(runs, begin + within, key=at.__getitem__)
