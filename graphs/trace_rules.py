"""Rules that must be replayed: last in first out, pro rata, lowest intermediate balance, taint first.

Money is followed through the purses it reaches, in an order in which every cause comes before its effect, and only for
as long as a purse holds some of it. Purses are of two kinds. `Lots` keep money in the order it came (first or last in
goes out first); `Pool` mixes it, and a rule says how much of each payment out is traced money. All in whole minor
units.

========== =====================================================================================================
rule       traced part of a payment of ``d`` out of a balance ``B`` that holds ``T`` traced
========== =====================================================================================================
fifo       what came in first goes out first (here as the oracle of `graphs.trace_fifo`)
lifo       what came in last goes out first
prorata    ``T * d / B``, rounded to the nearest minor unit; one half stays (largest remainder of the two parts)
libr       ``max(0, d - (B - T))``: own money goes first, so what is left is the lowest balance since
taint_first ``min(d, T)``
========== =====================================================================================================
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

from graphs.kernels.steps import CLOSING, CREDIT, DEBIT, OPENING
from graphs.trace_record import Record, Trail

Rows = list[tuple[int, int]]
"""Payments by which money came into a purse, and how much of its worth each brought."""


class Purse(Protocol):
    """Money in one purse, some of it traced.

    A *profile* is the traced money of one payment, in the purse's own form.
    """

    def seed(self, size: int, amount: int) -> Any:
        """Give the profile of a payment whose front is where the trail begins."""

    def put(self, row: int, size: int, profile: Any | None) -> None:
        """Take a payment in; without a profile none of it is traced."""

    def take(self, amount: int, before: int, *, named: bool) -> tuple[Any, Rows]:
        """Let a payment out of a balance; give its profile and, if asked, the payments its traced part came by."""

    def across(self, profile: Any, given: int, arrives: int, *, forward: bool, exchanged: bool) -> tuple[Any, int, int]:
        """Carry a profile from the side a payment leaves to where it arrives; give also worth lost to fee and dust."""

    @property
    def holds(self) -> bool:
        """Whether there is traced money in it."""


def worth_of(profile: Any) -> int:
    """Give what a profile is worth in the currency the trail began in."""
    return profile[1] if isinstance(profile, tuple) else sum(lot[1] or 0 for lot in profile)


@dataclass
class Lots:
    """A purse that keeps its money in order.

    Parameters
    ----------
    clean : int
        What is in it before the first traced money.
    newest : bool
        Whether what came last goes first.
    backward : bool
        Whether time runs backward: then the front of a payment comes last.
    """

    clean: int
    newest: bool = False
    backward: bool = False
    lots: deque[tuple[int, int | None, int]] = field(default_factory=deque)
    traced: int = 0

    def __post_init__(self) -> None:
        if self.clean:
            self.lots.append((self.clean, None, -1))

    @property
    def holds(self) -> bool:
        """Whether there is traced money in it."""
        return self.traced > 0

    def seed(self, size: int, amount: int) -> Any:
        """Give the profile of a payment whose front is where the trail begins."""
        lots = [(amount, amount), (size - amount, None)]
        return [lot for lot in (reversed(lots) if self.backward else lots) if lot[0]]

    def put(self, row: int, size: int, profile: Any | None) -> None:
        """Take a payment in."""
        for amount, worth in [(size, None)] if profile is None else profile:
            self.lots.append((amount, worth, row))
            if worth is not None:
                self.traced += amount

    def take(self, amount: int, before: int, *, named: bool) -> tuple[Any, Rows]:
        """Let a payment out: the oldest or the newest lots."""
        profile: list[tuple[int, int | None]] = []
        rows: Rows = []
        while amount:
            size, worth, row = self.lots.pop() if self.newest else self.lots.popleft()
            if size > amount:
                part = None if worth is None else worth * amount // size
                rest = (size - amount, None if worth is None or part is None else worth - part, row)
                if self.newest:
                    self.lots.append(rest)
                else:
                    self.lots.appendleft(rest)
                size, worth = amount, part
            amount -= size
            profile.append((size, worth))
            if worth is not None:
                self.traced -= size
                if named:
                    rows.append((row, worth))
        return profile, rows

    def across(self, profile: Any, given: int, arrives: int, *, forward: bool, exchanged: bool) -> tuple[Any, int, int]:
        """Carry a profile: a fee falls on the end of the payment, an exchange scales and rounds down."""
        if given == arrives:
            return profile, 0, 0
        if exchanged:
            scaled, so_far, dust = [], 0, 0
            for size, worth in profile:
                low, high = so_far * arrives // given, (so_far + size) * arrives // given
                so_far += size
                if low < high:
                    scaled.append((high - low, worth))
                else:
                    dust += worth or 0
            return scaled, 0, dust
        if not forward:
            # Seen backward the end of the payment comes first, and it was the fee.
            return [(arrives - given, None), *profile], 0, 0
        kept, fee, room = [], 0, arrives
        for size, worth in profile:
            inside = min(size, room)
            room -= inside
            part = None if worth is None else worth * inside // size
            if inside:
                kept.append((inside, part))
            if worth is not None and part is not None:
                fee += worth - part
        return kept, fee, 0


def prorata(amount: int, before: int, traced: int) -> int:
    """Share a payment out by the traced share of the balance, to the nearest minor unit; one half stays.

    Examples
    --------
    >>> prorata(300, 1000, 500), prorata(1, 4, 2), prorata(3, 4, 2)
    (150, 0, 1)
    """
    return -(-(2 * traced * amount - before) // (2 * before))


def libr(amount: int, before: int, traced: int) -> int:
    """Let own money go first.

    Examples
    --------
    >>> libr(300, 1000, 500), libr(700, 1000, 500)
    (0, 200)
    """
    return max(0, amount - (before - traced))


def taint_first(amount: int, before: int, traced: int) -> int:
    """Let traced money go first.

    Examples
    --------
    >>> taint_first(300, 1000, 500), taint_first(700, 1000, 500)
    (300, 500)
    """
    return min(amount, traced)


@dataclass
class Pool:
    """A purse that mixes its money.

    A profile is what is traced of a payment and what that is worth; which part of the payment it is has no meaning.

    Parameters
    ----------
    share : callable
        Traced part of an amount out of a balance that holds so much traced money.
    """

    share: Callable[[int, int, int], int]
    traced: int = 0
    worth: int = 0
    by: dict[int, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether there is traced money in it."""
        return self.traced > 0

    def seed(self, size: int, amount: int) -> Any:
        """Give the profile of a payment in which the trail begins."""
        return (amount, amount)

    def put(self, row: int, size: int, profile: Any | None) -> None:
        """Take a payment in."""
        if profile is not None and profile[0]:
            self.traced += profile[0]
            self.worth += profile[1]
            self.by[row] = self.by.get(row, 0) + profile[1]

    def take(self, amount: int, before: int, *, named: bool) -> tuple[Any, Rows]:
        """Let a payment out, and with it the rule's share of what is traced.

        Which payment brought it cannot be told in a pool: every payment is named that brought some since the pool last
        held none.
        """
        if not self.traced or not amount:
            return (0, 0), []
        traced = self.share(amount, before, self.traced)
        worth = self.worth * traced // self.traced
        rows = list(self.by.items()) if named and worth else []
        self.traced -= traced
        self.worth -= worth
        if not self.traced:
            self.by.clear()
        return (traced, worth), rows

    def across(self, profile: Any, given: int, arrives: int, *, forward: bool, exchanged: bool) -> tuple[Any, int, int]:
        """Carry a profile: the rule says how much of a fee is traced; an exchange scales and rounds down."""
        traced, worth = profile
        if given == arrives or not traced:
            return profile, 0, 0
        if exchanged:
            scaled = traced * arrives // given
            return ((scaled, worth), 0, 0) if scaled else ((0, 0), 0, worth)
        if not forward:
            return profile, 0, 0
        kept = traced - self.share(given - arrives, given, traced)
        part = worth * kept // traced
        return (kept, part), worth - part, 0


SHARES: dict[str, Callable[[int, int, int], int]] = {"prorata": prorata, "libr": libr, "taint_first": taint_first}


def replay(trail: Trail, seeds: Mapping[int, int], rule: str, smallest: int = 0) -> Record:
    """Trace by a rule, purse by purse.

    Parameters
    ----------
    trail, seeds, smallest
        As for `graphs.trace_fifo.fifo`.
    rule : {"fifo", "lifo", "prorata", "libr", "taint_first"}
        See the table above.

    Notes
    -----
    Linear in the payments of the purses reached, from the moment each is reached until no traced money is left in it;
    some microseconds each.
    """
    return _Replay(trail, seeds, rule, smallest).run()


class _Replay:
    """One rule on its way through the ledger."""

    def __init__(self, trail: Trail, seeds: Mapping[int, int], rule: str, smallest: int) -> None:
        self.trail = trail
        self.steps = trail.steps
        self.seeds = seeds
        self.rule = rule
        self.record = Record(trail, smallest)
        self.purses: dict[int, Purse] = {}
        self.next: dict[int, int] = {}  # of purses that hold traced money: the step to be looked at
        self.arriving: dict[int, Any] = {}
        self.waiting: list[tuple[int, int, int]] = []

    def run(self) -> Record:
        # A seed is looked at when its payment leaves, so that what reaches it by then is known.
        self.waiting = [(self.trail.in_order(row), 0, -1 - row) for row in self.seeds]
        heapify(self.waiting)
        while self.waiting:
            _, _, what = heappop(self.waiting)
            if what < 0:
                self._begin(-1 - what)
            else:
                self._step(what)
        return self.record

    def _begin(self, row: int) -> None:
        record, amount = self.record, self.seeds[row]
        record.carried[row] += amount
        paid = int(self.steps.paid[row])
        purse = self._empty(0)
        profile = purse.seed(paid, amount)
        if self.trail.forward:
            profile = self._across(purse, row, profile)
        self._arrive(row, profile)

    def _empty(self, clean: int) -> Purse:
        if self.rule in SHARES:
            return Pool(SHARES[self.rule])
        return Lots(clean, newest=self.rule == "lifo", backward=not self.trail.forward)

    def _across(self, purse: Purse, row: int, profile: Any) -> Any:
        given, arrives = self.trail.sizes(row)
        exchanged = bool(self.steps.exchanged[row])
        profile, fee, dust = purse.across(profile, given, arrives, forward=self.trail.forward, exchanged=exchanged)
        self.record.fee(row, fee)
        self.record.dust(row, dust)
        return profile

    def _arrive(self, row: int, profile: Any) -> None:
        worth = worth_of(profile)
        end = self.trail.end(row)
        if end is not None:
            self.record.end(end, worth, [(row, worth)] if worth else [])
            return
        step = int(self.steps.step_of_leg[2 * row + self.trail.taking])
        if step >= 0 and profile:
            self.arriving[row] = profile
            self._wait(step)

    def _wait(self, step: int) -> None:
        leg = int(self.steps.leg[step])
        if leg < 0:
            # Opening and closing balances wait for nobody.
            when = self.steps.sequence.size
        else:
            when = int(self.steps.when[leg])
            when = when if self.trail.forward else -when
        heappush(self.waiting, (when, 1, step))

    def _step(self, step: int) -> None:
        purse = int(self.steps.purse_of_step[step])
        if purse in self.next:
            if self.next[purse] != step:
                return
        elif not self._wakes(purse, step):
            return
        money = self.purses[purse]
        leg = int(self.steps.leg[step])
        kind = int(self.steps.kind[step])
        moved = int(self.steps.moved[step])
        takes_in = kind < DEBIT if self.trail.forward else kind >= DEBIT
        if takes_in:
            of_payment = kind == (CREDIT if self.trail.forward else DEBIT)
            row = leg >> 1 if of_payment else -1
            money.put(row, moved, self.arriving.pop(row, None) if of_payment else None)
        else:
            self._give(purse, money, step)
        onward = step + 1 if self.trail.forward else step - 1
        inside = self.steps.first[purse] <= onward < self.steps.first[purse + 1]
        if money.holds and inside:
            self.next[purse] = onward
            self._wait(onward)
        else:
            self.next.pop(purse, None)
            del self.purses[purse]

    def _wakes(self, purse: int, step: int) -> bool:
        leg = int(self.steps.leg[step])
        if leg < 0 or leg & 1 != self.trail.taking or leg >> 1 not in self.arriving:
            return False
        after, moved = int(self.steps.after[step]), int(self.steps.moved[step])
        self.purses[purse] = self._empty(after - moved if self.trail.forward else after)
        self.next[purse] = step
        return True

    def _give(self, purse: int, money: Purse, step: int) -> None:
        after, moved = int(self.steps.after[step]), int(self.steps.moved[step])
        kind = int(self.steps.kind[step])
        onward = kind in (CREDIT, DEBIT)
        profile, rows = money.take(moved, after + moved if self.trail.forward else after, named=not onward)
        worth = worth_of(profile)
        if not worth:
            return
        if onward:
            row = int(self.steps.leg[step]) >> 1
            if row in self.seeds:
                self.record.again(row, worth)
            elif self.record.goes(row, worth):
                self._arrive(row, self._across(money, row, profile))
            return
        key = self.trail.rest(purse) if kind in (CLOSING, OPENING) else self.trail.overdraft(purse)
        self.record.end(key, worth, _told(rows, worth))


def _told(rows: Rows, worth: int) -> Rows:
    """Spread a worth over the payments that brought it, in their proportion; the last bears the rounding."""
    total = sum(part for _, part in rows)
    told: Rows = []
    so_far = 0
    for row, part in rows:
        before = so_far
        so_far += part
        told.append((row, worth * so_far // total - worth * before // total if total else 0))
    return told
