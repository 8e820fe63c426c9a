"""Which payments are unusual for whoever pays or is paid, and what is unusual about them: for the evidence of alerts.

An account has habits once it has `MEMORY` earlier payments to show them; of a newcomer nothing is unusual. What is told
is rare for the account itself: a chance (`detectors.edges`) of at most `SELDOM`, for an amount of at most `RARE`, and
then at least twice, or at most half, of what is usual. Everything is held against strictly earlier payments, so a mark
does not change when more nights come. Of 20,000 payments drawn from an invented bank of a million, three in a hundred
bear a mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.edge_history import FINE, Ints
from detectors.edge_past import Past, Sizes, past_in
from detectors.edges import ASPECTS, MEMORY, chances_of, joined

Floats = NDArray[np.float64]

RARE: Final = 0.01
"""Chance at which an amount is told; ours: of one who pays every day, three or four times a year."""
SELDOM: Final = 0.05
"""Chance at which a time of day, a channel or somebody new is told; ours: a twentieth of what would be as frequent as
any. What an account has not shown yet is borrowed from everybody, so that fewer than a hundred payments seldom come
lower."""
TIMES: Final = 2.0
"""How many times the usual amount, or what part of it, is worth a word; ours: a bill that doubles is looked at."""


@dataclass(frozen=True)
class Oddity:
    """One thing that is unusual about a payment.

    Parameters
    ----------
    aspect : str
        One of `detectors.edges.ASPECTS`.
    before : int
        Earlier payments of the account that it is held against.
    alike : int
        How many of them were like this one: in the same part of the day, by the same channel, with somebody new.
    times : float
        How many times the usual amount it is; 1 where the aspect is no amount.
    band : int
        Which part of the day, counted from midnight (`detectors.edge_past.BAND_HOURS`).
    """

    aspect: str
    before: int
    alike: int = 0
    times: float = 1.0
    band: int = 0


@dataclass(frozen=True)
class UnusualPayment:
    """What is unusual about a payment: its `edge_score`, and the aspects that are told, the rarest first."""

    score: float
    oddities: tuple[Oddity, ...]


def unusual_in(
    opened: duckdb.DuckDBPyConnection, payments: pa.Table, wanted: Iterable[str]
) -> dict[str, UnusualPayment]:
    """Say which of some payments are unusual.

    Parameters
    ----------
    opened : duckdb.DuckDBPyConnection
        A database with the counted payments as ``counted``. What does not fit its memory goes where it spills to.
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`.
    wanted : iterable of str
        Ids of those that are asked about.

    Returns
    -------
    dict of str to UnusualPayment
        By payment id; nothing of what is usual.

    Notes
    -----
    One pass over the payments, whatever is asked.

    Examples
    --------
    >>> from flows import duck
    >>> from flows.arrows import payments_from_arrows
    >>> habit = "".join(f"day {30 * month} anna -> shop 40 EUR" + chr(10) for month in range(9))
    >>> payments = payments_from_arrows(habit + "day 300 anna -> shop 4000 EUR")
    >>> with duck.connection() as opened:
    ...     _ = opened.register("counted", payments)
    ...     (told,) = unusual_in(opened, payments, ["p9", "p10"]).values()
    >>> [(oddity.aspect, round(oddity.times)) for oddity in told.oddities]
    [('amount_out', 100), ('amount_in', 100)]
    """
    ids = pa.array(sorted(set(wanted)), pa.string())
    asked = payments.filter(pc.is_in(payments["payment_id"], value_set=ids))
    past = past_in(opened, asked)
    chances = chances_of(past)
    score = joined(chances)
    told = _told(past, chances)
    rows = np.flatnonzero(np.any(list(told.values()), axis=0))
    names = asked["payment_id"].take(pa.array(rows)).to_pylist()
    made = {}
    for name, row in zip(names, rows.tolist(), strict=True):
        # Stable: of aspects as rare as each other, in the order of `ASPECTS`. The last bits of a chance are the
        # processor's, so they neither order nor are told.
        odd = sorted((aspect for aspect in ASPECTS if told[aspect][row]), key=lambda one: _digits(chances[one][row]))
        made[name] = UnusualPayment(_digits(score[row]), tuple(_oddity(past, aspect, row) for aspect in odd))
    return made


def _digits(value: float) -> float:
    """Give a number to nine digits."""
    return float(f"{value:.9g}")


def _told(past: Past, chances: dict[str, Floats]) -> dict[str, NDArray[np.bool_]]:
    """Say which aspects of which payments are told."""
    before = {
        "new_payee": past.payer_meetings.count,
        "new_payer": past.payee_meetings.count,
        "amount_out": past.payer_sizes.count,
        "amount_in": past.payee_sizes.count,
        "hour": past.hours.own_count,
        "channel": past.channels.own_count,
    }
    told = {aspect: (chances[aspect] <= SELDOM) & (before[aspect] >= MEMORY) for aspect in ASPECTS}
    for aspect, own in (("amount_out", past.payer_sizes), ("amount_in", past.payee_sizes)):
        told[aspect] &= (chances[aspect] <= RARE) & (np.abs(past.size - _usual(own)) >= FINE * np.log(TIMES))
    return told


def _usual(own: Sizes, rows: int | slice = slice(None)) -> Floats:
    """Give the usual amount: the mean on the scale of sizes, which one large sum hardly moves."""
    usual: Floats = own.total[rows] / np.maximum(own.count[rows], 1)
    return usual


def _oddity(past: Past, aspect: str, row: int) -> Oddity:
    def at(values: Ints | Floats) -> int:
        return int(values[row])

    if aspect in ("new_payee", "new_payer"):
        met = past.payer_meetings if aspect == "new_payee" else past.payee_meetings
        return Oddity(aspect, at(met.count), at(met.new))
    if aspect in ("amount_out", "amount_in"):
        own = past.payer_sizes if aspect == "amount_out" else past.payee_sizes
        times = float(np.exp((past.size[row] - _usual(own, row)) / FINE))
        return Oddity(aspect, at(own.count), times=times)
    kinds = past.hours if aspect == "hour" else past.channels
    return Oddity(aspect, at(kinds.own_count), at(kinds.own_same), band=at(past.band) if aspect == "hour" else 0)
