"""A ledger, or a window, cut into windows that fit into memory.

A cut is planned as specifications of a few bytes, and each is opened where it is searched: by the next step of a loop,
or by another machine that reads its own piece of the ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.garbage import give_back
from flows.ledger import Ledger, moment
from flows.payments import NOT_MEANT, Whose
from flows.window import BEGINNING, END, Cut, Reach, SideTables, Window, bucket_of, held_by, no_payments, times

_MICRO: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1) // _MICRO
SHORTEST: Final = 4
"""A window owns at least this part of its reach: ours; it then holds at most a quarter more than it must."""


@dataclass(frozen=True)
class Piece:
    """Which piece of the payments a window holds, and what it owns.

    Parameters
    ----------
    cut : {"time", "account"}
        The rule.
    since, until : int
        Under a time cut, what it owns: microseconds since 1970.
    back, ahead : int
        Under a time cut, how much more it holds on both sides: microseconds.
    bucket, buckets : int
        Under an account cut, which accounts it owns: those in one bucket of so many.
    whose : {"own", "persons", "all"}
        Under an account cut, whose accounts it owns.
    parts : int
        Under an account cut, into how many parts each bucket is divided where payments are laid out in buckets.
    """

    cut: Cut = "time"
    since: int = BEGINNING
    until: int = END
    back: int = 0
    ahead: int = 0
    bucket: int = 0
    buckets: int = 1
    whose: Whose = "all"
    parts: int = 1

    def __str__(self) -> str:
        if self.cut == "account":
            return f"accounts {self.bucket + 1} of {self.buckets}"
        if self.since == BEGINNING:
            return "all payments"
        first, last = (datetime(1970, 1, 1) + at * _MICRO for at in (self.since, self.until - 1))  # noqa: DTZ001 - a date
        return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


WHOLE: Final = Piece()
"""All payments in one window."""


class Source(Protocol):
    """Where pieces are cut from."""

    @property
    def per_day(self) -> NDArray[np.int64]:
        """Days since 1970 (first column, ascending) and payments in them (second)."""

    @property
    def ends(self) -> Mapping[Whose, int]:
        """How many ends of payments are at accounts that are meant: each payment has two."""

    def open(self, piece: Piece, columns: Collection[str] | None = None) -> Window:
        """Make the window of a piece, of which only these columns of the payments are sure to be there."""


class OfWindow:
    """Cuts pieces from a window in memory.

    Parameters
    ----------
    window : Window
        A whole window.
    """

    def __init__(self, window: Window) -> None:
        self._window = window

    @cached_property
    def per_day(self) -> NDArray[np.int64]:
        """Days since 1970 and payments in them."""
        days, counts = np.unique(times(self._window.payments) // _DAY, return_counts=True)
        return np.column_stack([days, counts])

    @cached_property
    def ends(self) -> Mapping[Whose, int]:
        """How many ends of payments are at accounts that are meant."""
        payments = self._window.payments
        return {
            whose: sum(
                payments.num_rows - sum(pc.sum(pc.starts_with(payments[end], one)).as_py() or 0 for one in not_meant)
                for end in ("payer", "payee")
            )
            for whose, not_meant in NOT_MEANT.items()
        }

    @cached_property
    def _buckets(self) -> _Buckets:
        payments = self._window.payments
        return _Buckets(
            pc.unique(pa.chunked_array([*payments["payer"].chunks, *payments["payee"].chunks], pa.string())),
            held_by(self._window.side),
        )

    def open(self, piece: Piece, columns: Collection[str] | None = None) -> Window:
        """Make the window of a piece, with all columns: they are in memory."""
        if piece == WHOLE:
            return self._window
        payments = self._window.payments
        if piece.cut == "time":
            bounds = [piece.since - piece.back, piece.until + piece.ahead]
            low, high = np.searchsorted(times(payments), bounds, "left")
            return _window(piece, self._window, payments.slice(low, high - low))
        names = self._buckets.names(piece)
        inside = pc.or_(pc.is_in(payments["payer"], names), pc.is_in(payments["payee"], names))
        return _window(piece, self._window, payments.filter(inside))


class OfLedger:
    """Cuts pieces from a ledger, reading only what each holds.

    Parameters
    ----------
    ledger : Ledger
        One version of a ledger.
    as_of : datetime.date, optional
        Look at nothing booked after this date; the last booking date if not given.
    hubs : iterable of str
        Accounts that serve the public.
    side : SideTables, optional
        The side tables; those of the ledger if not given.
    since : datetime.date, optional
        Look at nothing with ``at`` before this day.
    """

    def __init__(
        self,
        ledger: Ledger,
        as_of: date | None = None,
        hubs: Iterable[str] = (),
        side: SideTables | None = None,
        since: date | None = None,
    ) -> None:
        self.ledger = ledger
        self._as_of = as_of
        self._since = since
        self._bare = Window(
            no_payments(),
            hubs=frozenset(hubs),
            side=ledger.side_tables() if side is None else side,
            as_of=as_of or max(ledger.days(), default=None),
        )

    @cached_property
    def per_day(self) -> NDArray[np.int64]:
        """Days since 1970 and payments in them."""
        return self.ledger.per_day(self._as_of, since=self._since)

    @cached_property
    def ends(self) -> Mapping[Whose, int]:
        """How many ends of payments are at accounts that are meant."""
        return self.ledger.ends(self._as_of, since=self._since)

    @cached_property
    def _buckets(self) -> _Buckets:
        return _Buckets(self.ledger.nodes(self._as_of, since=self._since), held_by(self._bare.side))

    def lay_out(self, planned: Iterable[Piece], within: Path) -> None:
        """Write payments in buckets where other machines see them, before pieces of them are opened there.

        What was laid out before from the same ledger object is not written again, and goes with it.

        Parameters
        ----------
        planned : iterable of Piece
            What will be opened.
        within : pathlib.Path
            Where folders are made for them.
        """
        asked = {(piece.buckets * piece.parts, piece.whose) for piece in planned if piece.cut == "account"}
        for buckets in sorted({buckets for buckets, _ in asked}):
            # Who asks of more accounts reads what is there for those who ask of fewer.
            whose = next(whose for whose in reversed(NOT_MEANT) if (buckets, whose) in asked)
            self.ledger.lay_out(
                partial(self._buckets_of, buckets),
                buckets,
                within / f"buckets-{uuid.uuid4().hex}",
                self._as_of,
                since=self._since,
                whose=whose,
            )

    def _buckets_of(self, buckets: int) -> pa.Table:
        return self._buckets.table(buckets)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the names of all accounts, which whoever reads buckets that are laid out does not need."""
        return {key: value for key, value in self.__dict__.items() if key != "_buckets"}

    def open(self, piece: Piece, columns: Collection[str] | None = None) -> Window:
        """Make the window of a piece, with these columns of the payments, or all of them."""
        if piece == WHOLE:
            payments = self.ledger.counted(self._as_of, since=self._since, columns=columns)
        elif piece.cut == "time":
            # No piece begins before the first payment, and what it looks back on does not either.
            since = max(piece.since - piece.back, moment(self._since, BEGINNING))
            payments = self.ledger.counted(self._as_of, since=since, until=piece.until + piece.ahead, columns=columns)
        else:
            laid_out = piece.buckets * piece.parts
            payments = self.ledger.bucketed(
                partial(self._buckets_of, laid_out),
                range(piece.bucket, laid_out, piece.buckets),
                laid_out,
                self._as_of,
                since=self._since,
                columns=columns,
                whose=piece.whose,
            )
        give_back()
        return _window(piece, self._bare, payments)


def source_of(
    source: Ledger | Window | Source,
    as_of: date | None = None,
    hubs: Iterable[str] = (),
    side: SideTables | None = None,
) -> Source:
    """Give what pieces are cut from: a window brings its own last day, hubs and side tables, and so does a source."""
    if isinstance(source, Window):
        return OfWindow(source)
    return OfLedger(source, as_of, hubs, side) if isinstance(source, Ledger) else source


def pieces(source: Source, reach: Reach, at_most: int) -> tuple[Piece, ...]:
    """Plan a cut that keeps a detector of this reach exact.

    Parameters
    ----------
    source : Source
        What to cut.
    reach : Reach
        How far the detector looks.
    at_most : int
        About how many payments a window may hold. A reach may hold more; windows are then a little longer than it.

    Returns
    -------
    tuple of Piece
        In order; one piece, the whole, if all payments fit. Slices of time are whole days (UTC) and together own every
        day that has a payment.
    """
    days, counts = source.per_day[:, 0], source.per_day[:, 1]
    total = int(counts.sum())
    if total <= at_most or reach.cut == "whole":
        return (WHOLE,)
    if reach.cut == "account":
        return _by_account(source.ends, reach.whose, at_most)
    back, ahead = reach.back // _MICRO, reach.ahead // _MICRO
    days_back, days_ahead = -(-back // _DAY), -(-ahead // _DAY)
    least = max(1, (days_back + days_ahead) // SHORTEST)
    before = np.concatenate([[0], np.cumsum(counts)])
    planned = []
    first = 0
    while first < days.size:
        low = before[np.searchsorted(days, days[first] - days_back)]
        # The window that ends with each of the following days would hold so many payments.
        held = before[np.searchsorted(days, days[first:] + days_ahead, "right")] - low
        fits = first + int(np.searchsorted(held, at_most, "right")) - 1
        # Where the reach alone holds more than may be held, days one by one would cost much and save nothing.
        last = max(fits, int(np.searchsorted(days, days[first] + least)) - 1)
        planned.append(Piece("time", int(days[first]) * _DAY, (int(days[last]) + 1) * _DAY, back, ahead))
        first = last + 1
    return tuple(planned)


def _by_account(ends: Mapping[Whose, int], whose: Whose, at_most: int) -> tuple[Piece, ...]:
    """Plan a cut by account: a payment lies in the bucket of its payer and in that of its payee, if they are meant.

    The fewer accounts are meant, the fewer buckets there are. Each number divides the next, so that all are read from
    payments laid out once, in as many buckets as the last asks for.
    """
    count, counts = 1, {}
    for meant in NOT_MEANT:
        count *= max(1, -(-ends[meant] // (count * at_most)))
        counts[meant] = count
    buckets = counts[whose]
    return tuple(
        Piece("account", bucket=bucket, buckets=buckets, whose=whose, parts=count // buckets)
        for bucket in range(buckets)
    )


READING: Final = 4
"""What a payment costs to read, sort and index, in searches of one question: ours; of a million, some 2 s and 0.5 s."""
LARGER: Final = 1.25
"""How much larger than the larger of two windows the one that serves both may be: ours."""


@dataclass(frozen=True)
class _Shared:
    """Questions that share windows."""

    reach: Reach
    ids: tuple[str, ...]
    cost: int = 0
    largest: int = 0


def together(source: Source, reaches: Mapping[str, Reach], at_most: int) -> dict[str, Reach]:
    """Let questions share windows: those cut by account always, those cut by time where that costs less.

    A window of a far reach holds much more than it owns, and is read, sorted and indexed for everything it holds. Two
    questions that share windows are both asked of the longer reach, which changes no answer.

    Parameters
    ----------
    source : Source
        What will be cut.
    reaches : mapping of str to Reach
        How far each question looks, by its id.
    at_most : int
        As for `pieces`.

    Returns
    -------
    dict of str to Reach
        The reach that windows are to be cut to, by id: equal where they are shared.
    """
    days, counts = source.per_day[:, 0], source.per_day[:, 1]
    before = np.concatenate([[0], np.cumsum(counts)])

    def weighed(group: _Shared) -> _Shared:
        """Say what the windows of a group cost, and how much the largest holds."""
        held = [
            before[np.searchsorted(days, (piece.until + piece.ahead - 1) // _DAY, "right")]
            - before[np.searchsorted(days, (piece.since - piece.back) // _DAY)]
            for piece in pieces(source, group.reach, at_most)
        ]
        return replace(group, cost=int(sum(held)) * (READING + len(group.ids)), largest=int(max(held)))

    if int(before[-1]) <= at_most:
        return dict(reaches)
    in_time = {reach for reach in reaches.values() if reach.cut == "time"}
    each = sorted(in_time, key=lambda one: (one.back, one.ahead, one.links))
    groups = [_Shared(reach, tuple(id_ for id_ in sorted(reaches) if reaches[id_] == reach)) for reach in each]
    groups = [weighed(group) for group in groups]
    while True:
        tried = [
            (one, other, weighed(_Shared(_of_both(one.reach, other.reach), one.ids + other.ids)))
            for one, other in combinations(groups, 2)
        ]
        worth = [
            (one.cost + other.cost - both.cost, one, other, both)
            for one, other, both in tried
            if both.largest <= max(at_most, LARGER * max(one.largest, other.largest))
        ]
        saved, one, other, both = max(worth, key=lambda merger: merger[0], default=(0, None, None, None))
        if saved <= 0 or both is None:
            break
        groups = [group for group in groups if group not in (one, other)] + [both]
    by_account = {id_: reach for id_, reach in reaches.items() if reach.cut == "account"}
    asked = {reach.whose for reach in by_account.values()}
    # One pass over the accounts that any of them asks about.
    for widest in [whose for whose in NOT_MEANT if whose in asked][-1:]:
        by_account = {id_: replace(reach, whose=widest) for id_, reach in by_account.items()}
    return dict(reaches) | by_account | {id_: group.reach for group in groups for id_ in group.ids}


def _of_both(one: Reach, other: Reach) -> Reach:
    return Reach("time", max(one.back, other.back), max(one.ahead, other.ahead), one.links or other.links)


class _Buckets:
    """The names of accounts, by bucket; each name is hashed once, by its customer where that is known."""

    def __init__(self, names: pa.Array, together: dict[str, str]) -> None:
        self._names = names
        self._hashed = [together.get(name, name) for name in names.to_pylist()] if together else names.to_pylist()
        self._of = np.empty(0, np.int32)
        self._buckets = 0
        beyond = [[name.startswith(not_meant) for name in names.to_pylist()] for not_meant in NOT_MEANT.values()]
        self._whose = np.sum(beyond, axis=0, dtype=np.int8)

    def names(self, piece: Piece) -> pa.Array:
        """Give the accounts that a piece owns."""
        return self._names.filter(
            pa.array((self._numbers(piece.buckets) == piece.bucket) & (self._whose <= _place(piece.whose)))
        )

    def table(self, buckets: int) -> pa.Table:
        """Give every account with the number of its bucket of so many, and whose it is, a place in `NOT_MEANT`."""
        return pa.table({"node": self._names, "bucket": self._numbers(buckets), "whose": self._whose})

    def _numbers(self, buckets: int) -> NDArray[np.int32]:
        if self._buckets != buckets:
            self._buckets = buckets
            self._of = np.fromiter((bucket_of(name, buckets) for name in self._hashed), np.int32, len(self._names))
        return self._of


def _place(whose: Whose) -> int:
    return list(NOT_MEANT).index(whose)


def _window(piece: Piece, like: Window, payments: pa.Table) -> Window:
    return replace(
        like,
        payments=payments,
        cut=piece.cut,
        since=piece.since,
        until=piece.until,
        bucket=piece.bucket,
        buckets=piece.buckets,
        whose=piece.whose,
        _memo={},
    )
