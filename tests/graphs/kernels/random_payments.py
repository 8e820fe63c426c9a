"""Small random windows for oracles: ties in time, self-payments, parallel payments, hubs, two currencies."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from flows.payments import PAYMENTS
from flows.window import Window, whole

NOON = np.datetime64("2026-01-01T12", "us")
KINDS = [(field.name, field.type) for field in PAYMENTS]


def random_window(seed: int, *, most: int = 40, hours: int = 30, currencies: int = 2, even: bool = False) -> Window:
    """Make a window of up to `most` payments between a few accounts; the same seed gives the same window."""
    rng = np.random.default_rng(seed)
    accounts = int(rng.integers(3, 9))
    count = int(rng.integers(2, most))
    names = [f"a{number}" for number in range(accounts)]
    hub = rng.random(count) < 0.25
    payer = np.where(hub, 0, rng.integers(0, accounts, count))
    payee = np.where(rng.random(count) < 0.2, seed % 2, rng.integers(0, accounts, count))
    hour = np.sort(rng.integers(0, hours, count))
    # Few values, so that equal amounts and exact fits occur.
    amount = rng.choice([90, 95, 100, 100, 105, 110] if even else [10, 50, 80, 90, 100, 100, 110, 200], count)
    at = NOON + hour.astype("timedelta64[h]")
    given = {
        "payment_id": [f"p{number:03d}" for number in range(count)],
        "payer": [names[number] for number in payer],
        "payee": [names[number] for number in payee],
        "amount_minor": amount * 100,
        "currency": np.where(rng.random(count) < (0.85 if currencies > 1 else 2), "EUR", "USD"),
        "booked_on": at.astype("datetime64[D]"),
        "at": at,
    }
    same = always_the_same(count)
    columns = [pa.array(given[name], kind) if name in given else same[name] for name, kind in KINDS]
    return whole(pa.Table.from_arrays(columns, schema=PAYMENTS))


@cache
def always_the_same(count: int) -> dict[str, pa.Array]:
    """Give the columns that are alike in every window of so many payments; thousands of windows are made."""
    given = {
        **dict.fromkeys(("ts_quality", "channel", "source_file"), pa.array(["event"] * count)),
        "status": pa.array(["booked"] * count),
        "source_line": pa.array(range(count)),
    }
    return {name: given[name] if name in given else pa.nulls(count, kind) for name, kind in KINDS}


def ids(window: Window, edges) -> tuple[str, ...]:
    """Give the payment ids of edge numbers."""
    names = window.payments["payment_id"].to_pylist()
    return tuple(names[edge] for edge in edges)
