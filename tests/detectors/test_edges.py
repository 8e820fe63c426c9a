"""Scores of payments: what a plain loop over the past gives, and nothing of what comes later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import stdtr

from detectors.edge_history import FINE
from detectors.edge_past import BAND_HOURS
from detectors.edges import ASPECTS, LEAST_WIDTH, MEMORY, edge_scores
from flows.arrows import payments_from_arrows
from flows.payments import PAYMENTS
from flows.window import whole


def bank(payments: int, seed: int) -> pa.Table:
    """Make a small dense bank: ties in time, two currencies, some hours unknown."""
    rng = np.random.default_rng(seed)
    at = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=int(h)) for h in np.sort(rng.integers(0, 400, payments))]
    payer = rng.integers(0, 6, payments)
    payee = (payer + rng.integers(1, 6, payments)) % 6
    given = {
        "payment_id": [f"p{number:04d}" for number in range(payments)],
        "payer": [f"a{number}" for number in payer],
        "payee": [f"a{number}" for number in payee],
        "amount_minor": rng.integers(100, 100_000, payments).tolist(),
        "currency": rng.choice(["EUR", "USD"], payments).tolist(),
        "booked_on": [moment.date() for moment in at],
        "at": at,
        "ts_quality": rng.choice(["event", "date_only"], payments, p=[0.8, 0.2]).tolist(),
        "channel": rng.choice(["sct", "p2p", "atm_wd"], payments).tolist(),
        "status": ["booked"] * payments,
        "source_file": ["f"] * payments,
        "source_line": list(range(payments)),
    }
    return pa.table([pa.array(given.get(f.name, [None] * payments), f.type) for f in PAYMENTS], schema=PAYMENTS)


def plainly(rows: list[dict], this: dict) -> dict[str, float | None]:
    """Score one payment by reading all that came strictly before it."""
    past = [row for row in rows if row["at"] < this["at"]]
    new = [
        not any(q["payer"] == r["payer"] and q["payee"] == r["payee"] and q["at"] < r["at"] for q in past) for r in past
    ]
    met = any(row["payer"] == this["payer"] and row["payee"] == this["payee"] for row in past)

    def strangers(end):
        own = [fresh for row, fresh in zip(past, new, strict=True) if row[end] == this[end]]
        usual = (sum(new) + 1) / (len(past) + 1)
        return 1.0 if met else (sum(own) + MEMORY * usual) / (len(own) + MEMORY)

    def amount(end):
        def size(row):
            return round(FINE * log(row["amount_minor"])) / FINE

        everybody = [size(row) for row in past if row["currency"] == this["currency"]]
        own = [size(row) for row in past if row["currency"] == this["currency"] and row[end] == this[end]]
        if len(everybody) < MEMORY:
            return 1.0
        middle, weight = np.mean(everybody), len(own) + MEMORY
        mine = np.mean(own) if own else 0.0
        squares = len(own) * np.var(own) if own else 0.0
        centre = (len(own) * mine + MEMORY * middle) / weight
        squares += MEMORY * np.var(everybody) + len(own) * MEMORY / weight * (mine - middle) ** 2
        width = np.sqrt(squares / weight * (1 + 1 / weight) + LEAST_WIDTH**2)
        return 2 * stdtr(weight, -abs(size(this) - centre) / width)

    def kind(of, among):
        own = [row for row in among if row["payer"] == this["payer"]]
        kinds = max(len({of(row) for row in among}), 1)
        usual = (sum(of(row) == of(this) for row in among) + 1) / (len(among) + kinds)
        return min(1.0, kinds * (sum(of(row) == of(this) for row in own) + MEMORY * usual) / (len(own) + MEMORY))

    timed = [row for row in past if row["ts_quality"] == "event"]
    return {
        "new_payee": strangers("payer"),
        "new_payer": strangers("payee"),
        "amount_out": amount("payer"),
        "amount_in": amount("payee"),
        "hour": kind(lambda row: row["at"].hour // BAND_HOURS, timed) if this["ts_quality"] == "event" else None,
        "channel": kind(lambda row: row["channel"], past),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_every_aspect_is_what_a_loop_over_the_earlier_payments_gives(seed):
    payments = bank(120, seed)
    rows = payments.to_pylist()
    scored = edge_scores(whole(payments)).to_pylist()
    for row, score in zip(rows, scored, strict=True):
        wanted = plainly(rows, row)
        for aspect in ASPECTS:
            assert score[aspect] == (None if wanted[aspect] is None else pytest.approx(wanted[aspect], rel=1e-6)), (
                aspect
            )


@pytest.mark.parametrize("kept", [1, 40, 119])
def test_deleting_the_future_changes_no_bit_of_the_past(kept):
    payments = bank(120, 3)
    window, cut = whole(payments), whole(payments.slice(0, kept))
    assert edge_scores(cut).equals(edge_scores(window).slice(0, kept))


def test_the_order_of_payments_of_one_instant_says_nothing():
    payments = bank(120, 4)
    renamed = payments.set_column(0, "payment_id", pa.array([f"p{119 - number:04d}" for number in range(120)]))
    score = dict(
        zip(payments["payment_id"].to_pylist(), edge_scores(whole(payments))["edge_score"].to_pylist(), strict=True)
    )
    again = edge_scores(whole(renamed))
    for name, value in zip(again["payment_id"].to_pylist(), again["edge_score"].to_pylist(), strict=True):
        assert value == score[f"p{119 - int(name[1:]):04d}"]


def test_a_large_sum_to_somebody_new_stands_above_a_habit():
    habit = "".join(f"day {30 * month} 12:00 anna -> shop 40 EUR sct\n" for month in range(12))
    scored = edge_scores(whole(payments_from_arrows(habit + "day 400 03:00 anna -> ext:x 4000 EUR crypto")))
    score = scored["edge_score"].to_numpy()
    assert score[-1] > 0.5
    assert score[5:12].max() < 0.05


def test_an_empty_window_has_no_scores():
    assert edge_scores(whole(PAYMENTS.empty_table())).num_rows == 0
