"""Seconds and memory of measuring and scoring every account of an invented bank.

Run: ``python -m benchmarks.speed.features [--accounts 100000] [--each 8]`` from the root of the checkout. Payments are
drawn at random between accounts with a long tail of busy ones; nothing is planted, and nothing is known of holders, so
that peers are clusters. *Parts in motifs* puts a table of as many invented findings as a hundredth of the accounts, of
ten accounts each, behind the features; what the search for motifs costs is in `docs/performance.md`.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np
import pyarrow as pa

from detectors.finding import Finding, Reason
from detectors.outliers.ensemble import Ensemble
from detectors.participation import families, with_motifs
from detectors.peers import peer_groups
from flows.payments import PAYMENTS
from flows.window import Window, whole
from graphs.features import Features, account_features

DAY = 86_400_000_000


def bank(accounts: int, each: int, days: int = 180) -> Window:
    """Draw payments: half of them on ties that repeat, half to anybody, busy accounts ten times as often."""
    draw = np.random.default_rng(0)
    rows = accounts * each
    weight = draw.pareto(1.5, accounts) + 0.1
    cumulative = np.cumsum(weight / weight.sum())
    payer, payee = (np.searchsorted(cumulative, draw.random(rows)).clip(max=accounts - 1) for _ in range(2))
    repeated = draw.random(rows) < 0.5
    payee = np.where(repeated, (payer * 7919 + draw.integers(0, 3, rows)) % accounts, payee)
    at = np.sort(draw.integers(0, days * DAY, rows)) + 1_767_225_600_000_000
    names = pa.array([f"a{number:07d}" for number in range(accounts)])
    given = {
        "payment_id": pa.array([f"p{number:09d}" for number in range(rows)]),
        "payer": names.take(pa.array(payer)),
        "payee": names.take(pa.array(payee)),
        "amount_minor": pa.array(np.maximum(draw.lognormal(8.5, 1.2, rows).astype(np.int64), 1)),
        "currency": pa.repeat("EUR", rows),
        "booked_on": pa.array(at).cast(pa.timestamp("us", tz="UTC")).cast(pa.date32()),
        "at": pa.array(at).cast(pa.timestamp("us", tz="UTC")),
        "ts_quality": pa.repeat("event", rows),
        "channel": pa.array(np.array(["sct", "card_pos", "instant"])[draw.integers(0, 3, rows)]),
        "status": pa.repeat("booked", rows),
        "source_file": pa.repeat("made", rows),
        "source_line": pa.array(np.arange(rows)),
    }
    columns = [given.get(field.name, pa.nulls(rows, field.type)).cast(field.type) for field in PAYMENTS]
    return whole(pa.table(columns, schema=PAYMENTS))


def findings(features: Features) -> list[Finding]:
    """Draw findings of every motif between accounts of a table."""
    draw = np.random.default_rng(1)
    kinds = [family.id for family in families()]
    reason = (Reason("{measured} show it.", 10, None, "payments"),)
    made = []
    for number in range(len(features.accounts) // 100):
        who = [features.accounts[row] for row in draw.choice(len(features.accounts), 10).tolist()]
        found = kinds[number % len(kinds)], 1, who[0], tuple(dict.fromkeys(who)), ("p",), 0, 0, draw.random(), reason
        made.append(Finding(*found, surprise=draw.random() * 3))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=8, help="payments for each account")
    asked = parser.parse_args()
    account_features(bank(200, 5))  # compiles
    window = bank(asked.accounts, asked.each)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = {}

    def step(name: str, begun: float, used: float) -> None:
        seconds[name] = {
            "elapsed": round(time.perf_counter() - begun, 1),
            "processor": round(time.process_time() - used, 1),
        }

    begun, used = time.perf_counter(), time.process_time()
    features = account_features(window)
    step("features", begun, used)
    found = findings(features)
    begun, used = time.perf_counter(), time.process_time()
    features = with_motifs(features, found, searched=[family.id for family in families()])
    step("parts in motifs", begun, used)
    begun, used = time.perf_counter(), time.process_time()
    peers = peer_groups(features)
    step("peer groups", begun, used)
    Ensemble().fit(features.of(np.arange(1000)), peers)  # imports PyOD and compiles
    for model in Ensemble().models:
        begun, used = time.perf_counter(), time.process_time()
        fitted = Ensemble(models=(model,)).fit(features, peers)
        step(f"{model}: fit and calibrate", begun, used)
        begun, used = time.perf_counter(), time.process_time()
        fitted.score(features)
        step(f"{model}: score", begun, used)
    result = {
        "accounts": len(features.accounts),
        "payments": window.payments.num_rows,
        "features": len(features.columns),
        "peer groups": len(peers.groups),
        "seconds": seconds,
        "peak MB before": round(before),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
