"""Seeded tables of payments to measure on: shaped like AMLworld's HI-Small, with planted patterns.

Ten days of payments (and a tail of planted ones), stamped to the minute, a tenth of them between an account and itself,
a bulge on the first day, half of them repeating a pair of accounts. How often an account pays and is paid follows two
power laws; with hubs, five accounts are large on both sides, and the largest sends three in a hundred of all payments.
The exponents are set from memory of HI-Small, not fitted; the hubs that are paid are probably larger than there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]

BEGIN = 1_661_990_400  # 2022-09-01, seconds since 1970
HOUR = 3600
DAYS = 10
CASH = 20
"""One payment in so many is a deposit of cash, and as many are withdrawals."""
PAYMENTS_OF_A_TERMINAL = 50
"""Of cash, on average."""


@dataclass(frozen=True)
class Table:
    """Payments as columns, and which of them belong to which planted pattern.

    Parameters
    ----------
    payments : pyarrow.Table
        The columns of `flows.payments.PAYMENTS` that motifs read, in order of time and id.
    planted : list of (str, ndarray of int64)
        Kind and rows of each pattern.
    """

    payments: pa.Table
    planted: list[tuple[str, Ints]]


def table(edges: int, *, hubs: bool = True, cash: bool = False, seed: int = 7) -> Table:
    """Make a table of about so many payments between a tenth as many accounts, a tenth of them cash if asked for."""
    rng = np.random.default_rng(seed)
    accounts = max(edges // 10, 200)
    payers = _power_law(rng, accounts, 0.9 if hubs else 0.5)
    payees = _power_law(rng, accounts, 0.65 if hubs else 0.4)
    if hubs:
        for number in range(5):
            # The large payers of rank 0, 3, 6 ... are also the large payees of rank 0, 4, 8 ...
            place = int(np.flatnonzero(payees.order == payers.order[3 * number])[0])
            payees.order[[place, 4 * number]] = payees.order[[4 * number, place]]
    to_itself, fresh = edges // 10, int(edges * 0.45)
    repeated = edges - to_itself - fresh
    first_payer, first_payee = payers.draw(rng, fresh), payees.draw(rng, fresh)
    again, own = rng.integers(0, fresh, repeated), rng.integers(0, accounts, to_itself)
    payer = np.concatenate([first_payer, first_payer[again], own])
    payee = np.concatenate([first_payee, first_payee[again], own])
    day = np.where(rng.random(edges) < 0.13, 0, rng.integers(0, DAYS, edges))
    hour = np.clip(rng.normal(13.5, 4.5, edges), 0, 23.999)
    second = BEGIN + 60 * np.floor((day * 24 + hour) * 60).astype(np.int64)
    amount = np.maximum(1, np.exp(rng.normal(6.6, 1.9, edges)) * 100).astype(np.int64)

    degree = np.bincount(payer, minlength=accounts) + np.bincount(payee, minlength=accounts)
    plan = _Planting(rng, np.flatnonzero((degree >= 1) & (degree <= 60)))
    for _ in range(max(4, 20 * edges // 1_000_000)):
        plan.fans()
        plan.cycle()
        plan.scatter_gather()
        plan.gather_scatter()
        plan.chain()
    extra = np.array(plan.payments, np.int64)
    payer, payee, second, amount = (
        np.concatenate([column, extra[:, place]]) for place, column in enumerate((payer, payee, second, amount))
    )
    order = np.argsort(second, kind="stable")
    row_of = np.empty_like(order)
    row_of[order] = np.arange(order.size)
    planted = [(kind, np.sort(row_of[edges + np.array(rows)])) for kind, rows in plan.planted]
    drawn = rng.permutation(order.size)[: 2 * (order.size // CASH) * cash].reshape(2, -1)
    moved = np.concatenate([rows for _, rows in planted])
    paid = [rows[~np.isin(rows, moved)] for rows in drawn]
    return Table(_as_arrow(payer[order], payee[order], second[order], amount[order], accounts, paid), planted)


@dataclass
class _Ranked:
    """Accounts in a random order of rank, drawn with a power of the rank."""

    order: Ints
    share: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        place = np.minimum(np.searchsorted(self.share, rng.random(count)), self.order.size - 1)
        return self.order[place]


def _power_law(rng: np.random.Generator, accounts: int, exponent: float) -> _Ranked:
    weight = np.arange(1, accounts + 1, dtype=np.float64) ** -exponent
    share = np.cumsum(weight)
    return _Ranked(rng.permutation(accounts).astype(np.int64), share / share[-1])


class _Planting:
    """Patterns among quiet accounts, as rows of (payer, payee, second, amount)."""

    def __init__(self, rng: np.random.Generator, quiet: Ints) -> None:
        self.rng = rng
        self.quiet = quiet
        self.payments: list[tuple[int, int, int, int]] = []
        self.planted: list[tuple[str, list[int]]] = []

    def fans(self) -> None:
        """Plant one fan-out and one fan-in of 5 to 16 in two days."""
        for kind in ("fan-out", "fan-in"):
            base, names, sum_ = self._begin()
            size = int(self.rng.integers(5, 17))
            for other in names[1 : size + 1]:
                ends = (names[0], other) if kind == "fan-out" else (other, names[0])
                self._pay(*ends, base + self._minutes(0, 48), sum_ / size * self.rng.uniform(0.8, 1.2))
            self._end(kind, size)

    def cycle(self) -> None:
        """Plant a cycle of 3 to 6, each hop within 11 hours and keeping 95 to 100 %."""
        at, names, sum_ = self._begin()
        hops = int(self.rng.integers(3, 7))
        for hop in range(hops):
            self._pay(names[hop], names[(hop + 1) % hops], at, sum_)
            at += self._minutes(1, 11)
            sum_ *= self.rng.uniform(0.95, 1.0)
        self._end("round-trip", hops)

    def scatter_gather(self) -> None:
        """Plant 4 to 12 middles, each passing on 95 to 100 % within 30 hours."""
        base, names, sum_ = self._begin()
        size = int(self.rng.integers(4, 13))
        for middle in names[2 : size + 2]:
            at, part = base + self._minutes(0, 30), sum_ / size * self.rng.uniform(0.8, 1.2)
            self._pay(names[0], middle, at, part)
            self._pay(middle, names[1], at + self._minutes(1, 30), part * self.rng.uniform(0.95, 1.0))
        self._end("scatter-gather", 2 * size)

    def gather_scatter(self) -> None:
        """Plant 5 to 12 payers in a day and as many payees in the next."""
        base, names, sum_ = self._begin()
        size = int(self.rng.integers(5, 13))
        for number in range(size):
            part = sum_ / size * self.rng.uniform(0.9, 1.1)
            self._pay(names[1 + number], names[0], base + self._minutes(0, 24), part)
            self._pay(names[0], names[20 + number], base + self._minutes(24, 36), part * self.rng.uniform(0.9, 1.0))
        self._end("gather-scatter", 2 * size)

    def chain(self) -> None:
        """Plant a chain of 3 to 7 hops, each within 5 hours and keeping 95 to 100 %."""
        at, names, sum_ = self._begin()
        hops = int(self.rng.integers(3, 8))
        for hop in range(hops):
            self._pay(names[hop], names[hop + 1], at, sum_)
            at += self._minutes(1, 5)
            sum_ *= self.rng.uniform(0.95, 1.0)
        self._end("chain", hops)

    def _begin(self) -> tuple[int, list[int], float]:
        names = self.rng.choice(self.quiet, 40, replace=False).tolist()
        return BEGIN + int(self.rng.integers(0, DAYS * 24)) * HOUR, names, float(np.exp(self.rng.normal(10.5, 0.8)))

    def _minutes(self, low: int, high: int) -> int:
        return int(self.rng.integers(low * 60, high * 60)) * 60 + 60

    def _pay(self, payer: int, payee: int, at: int, units: float) -> None:
        self.payments.append((payer, payee, at, max(1, int(units * 100))))

    def _end(self, kind: str, size: int) -> None:
        self.planted.append((kind, list(range(len(self.payments) - size, len(self.payments)))))


def _as_arrow(payer: Ints, payee: Ints, second: Ints, amount: Ints, accounts: int, cash: list[Ints]) -> pa.Table:
    names = pa.array([f"ACC{number:07d}" for number in range(accounts)])
    count = payer.size
    channel, terminal = np.zeros(count, np.int32), np.zeros(count, np.int64)
    for kind, rows in enumerate(cash, 1):
        channel[rows] = kind
        terminal[rows] = rows % (count // (CASH * PAYMENTS_OF_A_TERMINAL) + 1)
    at = pa.array(second * 1_000_000).cast(pa.timestamp("us", tz="UTC"))
    terminals = pa.array([f"T{number:05d}" for number in range(int(terminal.max()) + 1)])
    return pa.table(
        {
            "payment_id": pa.array([f"P{number:08d}" for number in range(count)]),
            "payer": names.take(pa.array(payer)),
            "payee": names.take(pa.array(payee)),
            "amount_minor": pa.array(amount),
            "currency": _same("USD", count),
            "at": at,
            "channel": pa.array(["sct", "cash_branch", "atm_wd"]).take(pa.array(channel)),
            "purpose_code": pa.nulls(count, pa.string()),
            "payer_balance_after_minor": pa.nulls(count, pa.int64()),
            "booked_on": at.cast(pa.date32()),
            "ts_quality": _same("event", count),
            "country": _same("US", count),
            "payer_country": pa.nulls(count, pa.string()),
            "payee_country": pa.nulls(count, pa.string()),
            "terminal_id": terminals.take(pa.array(terminal, mask=channel == 0)),
            "depositor_id": pa.nulls(count, pa.string()),
            "utc_offset_min": pa.nulls(count, pa.int16()),
        }
    )


MOVEMENT = ("payment_id", "payer", "payee", "amount_minor", "currency", "at", "channel")
"""Columns without which no motif is searched; reading and sorting these is what others are measured by."""


def _same(value: str, count: int) -> pa.Array:
    return pa.array([value]).take(pa.array(np.zeros(count, np.int32)))
