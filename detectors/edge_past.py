"""What came before some payments, counted in one pass over all: of everybody, of their payers and of their payees.

A scan asks it of the payments of its alerts, a ranker that learns of every payment; both read the same pass. It takes
the payments in any order and in batches, so what it holds grows with the payments that are asked about and not with the
ledger. Sums are whole numbers: neither the order nor what comes later can change a bit of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.edge_history import Ints, fine
from flows import duck
from flows.window import times
from graphs.measures import HOUR

BAND_HOURS: Final = 4
"""Hours that count as one time of day; ours: finer ones call a lunch at one unusual after years of lunches at noon."""
BANDS: Final = 24 // BAND_HOURS
NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Meetings:
    """Payments before, and how many of them were the first of their payer to their payee."""

    count: Ints
    new: Ints


@dataclass(frozen=True, eq=False)
class Sizes:
    """Payments before in the same currency, with the sums of their sizes (`size_of`) and of the squares."""

    count: Ints
    total: Ints
    squares: Ints


@dataclass(frozen=True, eq=False)
class Kinds:
    """Payments before, how many of them were of the same kind, and of how many kinds they were.

    Parameters
    ----------
    count, same : ndarray of int64
        Of everybody.
    seen : ndarray of int64
        Different kinds of everybody, at least one.
    own_count, own_same : ndarray of int64
        Of the payer.
    """

    count: Ints
    same: Ints
    seen: Ints
    own_count: Ints
    own_same: Ints


@dataclass(frozen=True, eq=False)
class Past:
    """What was strictly before each of some payments, row by row.

    Parameters
    ----------
    met : ndarray of bool
        Whether its payer paid its payee before.
    meetings, payer_meetings, payee_meetings : Meetings
        Of everybody, of payments out of its payer, of payments into its payee.
    size : ndarray of int64
        Its own size.
    sizes, payer_sizes, payee_sizes : Sizes
        The same three.
    timed : ndarray of bool
        Whether its hour is known.
    band : ndarray of int64
        Which `BAND_HOURS` of the local day it falls into; 0 where the hour is not known.
    hours, channels : Kinds
        Times of day (of payments whose hour is known) and channels.
    """

    met: NDArray[np.bool_]
    meetings: Meetings
    payer_meetings: Meetings
    payee_meetings: Meetings
    size: Ints
    sizes: Sizes
    payer_sizes: Sizes
    payee_sizes: Sizes
    timed: NDArray[np.bool_]
    band: Ints
    hours: Kinds
    channels: Kinds


class Tally:
    """Sums by key over what came before some moments, from rows in any order.

    Parameters
    ----------
    key : ndarray of int64, shape (asked,)
        Whose past is asked for, row by row.
    moment : ndarray of int64, shape (asked,)
        Before when: a number of one of `moments` different times, which ascend.
    moments : int
        How many different times there are.
    width : int
        How many sums.
    """

    def __init__(self, key: Ints, moment: Ints, moments: int, width: int) -> None:
        # What comes after every moment has the number one past the last, and may not run into the next key.
        self._moments = moments + 1
        self._place, self._row = np.unique(key * self._moments + moment, return_inverse=True)
        self._key = self._place // self._moments
        self._sums = np.zeros((width, self._place.size), np.int64)

    def add(self, key: Ints, moment: Ints, *values: Ints | int) -> None:
        """Count rows in: each by the number of the first moment that is later than it."""
        slot = np.searchsorted(self._place, key * self._moments + moment)
        kept = np.flatnonzero(slot < self._place.size)
        kept = kept[self._key[slot[kept]] == key[kept]]
        for total, value in zip(self._sums, values, strict=True):
            np.add.at(total, slot[kept], value if isinstance(value, int) else value[kept])

    def before(self) -> tuple[Ints, ...]:
        """Give the sums over what came before, row by row as asked."""
        running = np.cumsum(self._sums, axis=1)
        begins = np.searchsorted(self._key, self._key)
        own = running - (running - self._sums)[:, begins]
        return tuple(own[:, self._row])


def size_of(amount_minor: NDArray[np.int64]) -> Ints:
    """Give amounts on a scale on which twice as much is as far as half: logarithms in steps of 1 / `FINE`."""
    return fine(np.log(np.maximum(amount_minor, 1)))


def past_in(opened: duckdb.DuckDBPyConnection, payments: pa.Table) -> Past:
    """Count what came before some payments.

    Parameters
    ----------
    opened : duckdb.DuckDBPyConnection
        A database with the counted payments as ``counted``; what does not fit its memory goes where it spills to.
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`, some of them or all.
    """
    asked = _Asked(opened, payments)
    if payments.num_rows:
        last = int(times(payments).max())
        for batch in _batches(opened, _PAYMENTS, last):
            asked.add(batch)
        for batch in _batches(opened, _FIRSTS, last):
            asked.add_firsts(batch)
    return asked.past()


class _Asked:
    """The payments that are asked about, and everything that is counted before them."""

    def __init__(self, opened: duckdb.DuckDBPyConnection, payments: pa.Table) -> None:
        at = times(payments)
        self._times = np.unique(at)
        moment = np.searchsorted(self._times, at).astype(np.int64)
        payer, payee = _ends(opened, payments)
        unit, self._units = _kinds(opened, payments, "currency")
        channel, self._channels = _kinds(opened, payments, "channel")
        self._timed, self._band = _bands(at, payments)
        self._size = size_of(payments["amount_minor"].to_numpy())
        self._met = _met(opened, payments, at)
        self._at = at
        self._first_band, self._first_channel = np.full(BANDS, NEVER), np.full(self._channels, NEVER)
        alike = np.zeros(at.size, np.int64)
        self._tallies = {
            name: Tally(key, moment, self._times.size, width)
            for name, key, width in (
                ("meetings", alike, 2), ("payer meetings", payer, 2), ("payee meetings", payee, 2),
                ("sizes", unit, 3), ("payer sizes", payer * self._units + unit, 3),
                ("payee sizes", payee * self._units + unit, 3),
                ("hours", alike, 1), ("hour", self._band, 1), ("payer hours", payer, 1),
                ("payer hour", payer * BANDS + self._band, 1),
                ("channel", channel, 1), ("payer channel", payer * self._channels + channel, 1),
            )
        }  # fmt: skip

    def add(self, batch: pa.RecordBatch) -> None:
        """Count a batch in."""
        rows = {name: batch.column(name).to_numpy() for name in ("payer", "payee", "unit", "channel")}
        payer, payee, unit, channel = rows.values()
        at = batch.column("moment").to_numpy()
        moment = np.searchsorted(self._times, at, side="right").astype(np.int64)
        size = size_of(batch.column("amount_minor").to_numpy())
        alike = np.zeros(at.size, np.int64)
        # -1 is an account that nobody asks about.
        paying, paid = np.flatnonzero(payer >= 0), np.flatnonzero(payee >= 0)
        self._count("meetings", alike, moment, 1, 0)
        self._count("sizes", unit, moment, 1, size, size * size)
        self._count("channel", channel, moment, 1)
        for side, account, own in (("payer", payer, paying), ("payee", payee, paid)):
            self._count(f"{side} meetings", account[own], moment[own], 1, 0)
            key = account[own] * self._units + unit[own]
            self._count(f"{side} sizes", key, moment[own], 1, size[own], (size * size)[own])
        self._count("payer channel", payer[paying] * self._channels + channel[paying], moment[paying], 1)
        timed, band = _bands(at, batch)
        known, both = np.flatnonzero(timed), np.flatnonzero(timed & (payer >= 0))
        self._count("hours", alike[known], moment[known], 1)
        self._count("hour", band[known], moment[known], 1)
        self._count("payer hours", payer[both], moment[both], 1)
        np.minimum.at(self._first_band, band[known], at[known])
        np.minimum.at(self._first_channel, channel, at)
        self._count("payer hour", payer[both] * BANDS + band[both], moment[both], 1)

    def add_firsts(self, batch: pa.RecordBatch) -> None:
        """Count in which payments were the first of their payer to their payee; those of one moment all were."""
        payer, payee, at, new = (batch.column(name).to_numpy() for name in ("payer", "payee", "first_at", "payments"))
        moment = np.searchsorted(self._times, at, side="right").astype(np.int64)
        self._count("meetings", np.zeros(at.size, np.int64), moment, 0, new)
        for side, account in (("payer", payer), ("payee", payee)):
            own = np.flatnonzero(account >= 0)
            self._count(f"{side} meetings", account[own], moment[own], 0, new[own])

    def _count(self, name: str, key: Ints, moment: Ints, *values: Ints | int) -> None:
        self._tallies[name].add(key, moment, *values)

    def past(self) -> Past:
        """Give what was counted."""
        before = {name: tally.before() for name, tally in self._tallies.items()}
        meetings, payer_meetings = Meetings(*before["meetings"]), Meetings(*before["payer meetings"])
        seen_bands, seen_channels = (
            np.maximum(np.searchsorted(np.sort(first), self._at), 1)
            for first in (self._first_band, self._first_channel)
        )
        return Past(
            met=self._met,
            meetings=meetings,
            payer_meetings=payer_meetings,
            payee_meetings=Meetings(*before["payee meetings"]),
            size=self._size,
            sizes=Sizes(*before["sizes"]),
            payer_sizes=Sizes(*before["payer sizes"]),
            payee_sizes=Sizes(*before["payee sizes"]),
            timed=self._timed,
            band=self._band,
            hours=Kinds(
                count=before["hours"][0],
                same=before["hour"][0],
                seen=seen_bands,
                own_count=before["payer hours"][0],
                own_same=before["payer hour"][0],
            ),
            channels=Kinds(
                count=meetings.count,
                same=before["channel"][0],
                seen=seen_channels,
                own_count=payer_meetings.count,
                own_same=before["payer channel"][0],
            ),
        )


def _ends(opened: duckdb.DuckDBPyConnection, payments: pa.Table) -> tuple[Ints, Ints]:
    """Give the accounts that are asked about a number, here and in the database."""
    both = pa.chunked_array([*payments["payer"].chunks, *payments["payee"].chunks], pa.string())
    names = both.unique()
    opened.register("edge_ends", pa.table({"name": names, "number": np.arange(len(names))}))
    payer, payee = (
        pc.index_in(payments[end], value_set=names).to_numpy().astype(np.int64) for end in ("payer", "payee")
    )
    return payer, payee


def _kinds(opened: duckdb.DuckDBPyConnection, payments: pa.Table, column: str) -> tuple[Ints, int]:
    """Give the kinds in a column a number, here and in the database, and say how many there are."""
    names = duck.table(opened, f"SELECT DISTINCT {column} AS name FROM counted ORDER BY name")["name"]
    opened.register(f"edge_{column}", pa.table({"name": names, "number": np.arange(len(names))}))
    number = pc.index_in(payments[column], value_set=names.combine_chunks())
    return number.to_numpy().astype(np.int64), len(names)


def _met(opened: duckdb.DuckDBPyConnection, payments: pa.Table, at: Ints) -> NDArray[np.bool_]:
    """Say of each payment whether its payer paid its payee before, from when each pair first met.

    Accounts are numbers of 64 bits: by their names, the pairs of a hundred million payments do not fit the database's
    memory. That two payers of one payee share a number is less likely than an error of the memory itself.
    """
    opened.execute(
        "CREATE OR REPLACE TEMP TABLE edge_firsts (one UBIGINT, two UBIGINT, first_at BIGINT, payments BIGINT)"
    )
    [(count,)] = duck.rows(opened, "SELECT count(*) FROM counted")
    parts = 1 + count // _PAIRED_AT_ONCE
    for part in range(parts):
        opened.execute(_PAIRS, {"parts": parts, "part": part})
        opened.execute(_FIRST_OF_PAIRS)
    rows = pa.table({"number": np.arange(at.size), "payer": payments["payer"], "payee": payments["payee"]})
    opened.register("edge_asked", rows)
    first = duck.table(
        opened,
        "SELECT first_at FROM edge_asked JOIN edge_firsts ON one = hash(payer) AND two = hash(payee)"
        " ORDER BY edge_asked.number",
    )
    return np.asarray(first["first_at"].to_numpy() < at)


def _bands(at: Ints, payments: pa.Table | pa.RecordBatch) -> tuple[NDArray[np.bool_], Ints]:
    """Give whether the hour of each payment is known, and the part of its local day."""
    offset = pc.fill_null(payments.column("utc_offset_min"), 0).to_numpy().astype(np.int64)
    timed = pc.equal(payments.column("ts_quality"), "event")
    hour = (at + offset * (HOUR // 60)) // HOUR % 24
    known = np.asarray(timed)
    return known, np.where(known, hour // BAND_HOURS, 0).astype(np.int64)


def _batches(opened: duckdb.DuckDBPyConnection, query: str, before: int) -> Iterator[pa.RecordBatch]:
    """Give every payment before a time, with the numbers of its ends; -1 is an end that nobody asks about."""
    yield from duck.batches(opened, query, {"before": before})


_PAIRED_AT_ONCE: Final = 10_000_000
"""Payments whose pairs are looked through at once: ours; they fit the database's memory several times."""

_PAIRS: Final = """
    CREATE OR REPLACE TEMP TABLE edge_pairs AS
    SELECT hash(payer) AS one, hash(payee) AS two, epoch_us("at") AS moment FROM counted
    WHERE hash(payer) % $parts = $part"""

_FIRST_OF_PAIRS: Final = """
    INSERT INTO edge_firsts
    SELECT one, two, moment, count(*) FROM edge_pairs
        JOIN (SELECT one, two, min(moment) AS moment FROM edge_pairs GROUP BY one, two) USING (one, two, moment)
    GROUP BY one, two, moment"""

_ENDS: Final = "coalesce(paying.number, -1) AS payer, coalesce(paid.number, -1) AS payee"

_PAYMENTS: Final = f"""
    SELECT epoch_us("at") AS moment, {_ENDS}, edge_currency.number AS unit, edge_channel.number AS channel,
        amount_minor, utc_offset_min, ts_quality
    FROM counted JOIN edge_currency ON currency = edge_currency.name JOIN edge_channel ON channel = edge_channel.name
        LEFT JOIN edge_ends AS paying ON payer = paying.name LEFT JOIN edge_ends AS paid ON payee = paid.name
    WHERE epoch_us("at") < $before"""

_FIRSTS: Final = f"""
    SELECT first_at, payments, {_ENDS}
    FROM edge_firsts
        LEFT JOIN edge_ends AS paying ON one = hash(paying.name) LEFT JOIN edge_ends AS paid ON two = hash(paid.name)
    WHERE first_at < $before"""
