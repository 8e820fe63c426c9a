"""Small random windows for oracles: ties in time, self-payments, parallel payments, hubs, two currencies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from flows.payments import PAYMENTS
from flows.window import Window, whole

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


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
    at = [NOON + timedelta(hours=int(number)) for number in hour]
    given = {
        "payment_id": [f"p{number:03d}" for number in range(count)],
        "payer": [names[number] for number in payer],
        "payee": [names[number] for number in payee],
        "amount_minor": amount * 100,
        "currency": np.where(rng.random(count) < (0.85 if currencies > 1 else 2), "EUR", "USD"),
        "booked_on": [moment.date() for moment in at],
        "at": at,
        **dict.fromkeys(("ts_quality", "channel", "status", "source_file"), ["event"] * count),
        "source_line": range(count),
    }
    given["status"] = ["booked"] * count
    columns = [
        pa.array(given[field.name], field.type) if field.name in given else pa.nulls(count, field.type)
        for field in PAYMENTS
    ]
    return whole(pa.Table.from_arrays(columns, schema=PAYMENTS))


def ids(window: Window, edges) -> tuple[str, ...]:
    """Give the payment ids of edge numbers."""
    names = window.payments["payment_id"].to_pylist()
    return tuple(names[edge] for edge in edges)
