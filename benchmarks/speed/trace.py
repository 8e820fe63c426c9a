"""Seconds to lay out the purses of a million payments, and milliseconds of traces on them.

    python benchmarks/speed/trace.py [PAYMENTS]

Random payments between a fifth as many accounts, a tenth of them from outside and a tenth to outside; no balances. The
kernels are compiled on a small ledger first; processor seconds, and the median of some traces.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from statistics import median

import numpy as np
import pyarrow as pa

from flows.payments import PAYMENTS
from flows.window import Window, whole
from graphs.temporal import temporal_graph
from graphs.trace import RULES, TraceLimits, trace
from graphs.trace_bounds import reach
from graphs.trace_fifo import fifo
from graphs.trace_record import Trail
from graphs.trace_rules import replay
from graphs.trace_steps import steps


def ledger(payments: int, seed: int = 1) -> Window:
    rng = np.random.default_rng(seed)
    accounts = max(payments // 5, 10)
    names = pa.array([f"ACC{number:07d}" for number in range(accounts)] + ["ext:in", "cash:out"])

    def ends(outside: int) -> pa.Array:
        # A few busy accounts, many quiet ones, as in a bank.
        numbers = (accounts * rng.random(payments) ** 2).astype(np.int64)
        numbers[rng.random(payments) < 0.1] = outside
        return names.take(pa.array(numbers))

    at = pa.array(np.sort(rng.integers(0, 180 * 86_400_000_000, payments)) + 1_767_225_600_000_000)
    moment = at.cast(PAYMENTS.field("at").type)
    columns = {
        "payment_id": pa.array([f"p{number:08d}" for number in range(payments)]),
        "payer": ends(accounts),
        "payee": ends(accounts + 1),
        "amount_minor": pa.array(np.exp(rng.normal(8, 1.5, payments)).astype(np.int64) + 1),
        "currency": pa.array(["EUR"] * payments),
        "booked_on": moment.cast(pa.date32()),
        "at": moment,
        "sent_at": moment,
        **{name: pa.array([value] * payments) for name, value in FILLED.items()},
        "source_line": pa.array(np.arange(payments)),
    }
    return whole(
        pa.Table.from_arrays(
            [columns.get(field.name, pa.nulls(payments, field.type)) for field in PAYMENTS], schema=PAYMENTS
        )
    )


FILLED = {"ts_quality": "event", "channel": "sct", "status": "booked", "source_file": "made"}


def timed(work, times: int = 5) -> float:
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return median(taken)


def main() -> None:
    payments = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    small = ledger(1000)
    trace(small, small.payments["payment_id"].to_pylist()[:3])
    window = ledger(payments)
    temporal_graph(window)
    begun = time.process_time()
    laid = steps(window)
    _ = laid.inflows, laid.outflows, laid.when, laid.purse_of_step
    print(f"{payments:,} payments, {laid.known.size:,} purses, {laid.kind.size:,} steps")
    print(f"index            {time.process_time() - begun:8.2f} s")
    rng = np.random.default_rng(7)
    entering = np.flatnonzero(laid.purse[0::2] < 0)
    for direction in ("forward", "backward"):
        trail = Trail(window, laid, direction)
        seeds = {int(row): int(laid.paid[row]) for row in rng.choice(entering[: entering.size // 2], 5, replace=False)}
        if direction == "backward":
            leaving = np.flatnonzero(laid.purse[1::2] < 0)
            seeds = {
                int(row): int(laid.paid[row]) for row in rng.choice(leaving[leaving.size // 2 :], 5, replace=False)
            }
        found = fifo(trail, seeds)
        print(f"{direction}: fifo of 5 seeds through {len(found.carried):,} payments to {len(found.ends):,} endpoints")
        print(f"  fifo           {1000 * timed(partial(fifo, trail, seeds)):8.2f} ms")
        names = window.payments["payment_id"].take(pa.array(list(seeds))).to_pylist()
        for what, most_bounds in (("fifo, tables", 0), ("fifo, bounds", 100)):
            limits = TraceLimits(most_bounds=most_bounds)
            whole_of_it = partial(trace, window, names, direction=direction, rules=["fifo"], limits=limits)
            print(f"  {what:<14} {1000 * timed(whole_of_it):8.0f} ms")
        for rule in RULES[1:]:
            begun = time.process_time()
            record = replay(trail, seeds, rule)
            took = time.process_time() - begun
            print(f"  {rule:<14} {1000 * took:8.0f} ms through {len(record.carried):,} payments")
        begun = time.process_time()
        reached = reach(trail, seeds)
        print(
            f"  poison         {1000 * (time.process_time() - begun):8.0f} ms, {int(reached.carried.sum()):,} payments"
        )


if __name__ == "__main__":
    main()
