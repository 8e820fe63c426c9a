"""Measure how a scan grows: ``python benchmarks/speed/scale.py --customers 1500 6000 --threads 1 2``.

For each number of customers a bank is simulated, taken into a ledger and scanned by each number of threads and with
each size of windows, every scan in a process of its own. Prints the seconds of each stage by the clock and of the
processors, the peak of memory and the processor's microseconds per payment; then the power with which they grow, and
what two threads gain. Banks and ledgers are kept in a folder if one is named, and used again.

A hundred million payments are about 590,000 customers over 120 days. Nothing but time, and for the questions that see
all payments at once memory, stands against asking for them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

WARM = 450
"""Customers of the bank that is scanned first, so that no other scan compiles."""


def bank(folder: Path, customers: int, days: int) -> tuple[Path, dict[str, float]]:
    """Give the ledger of a simulated bank, made unless it is there, and the processor seconds that took."""
    from flows.ingest import ingest
    from flows.ledger import Ledger
    from sample_data.simulation import simulate

    here = folder / f"{customers}-{days}"
    if (here / "spent.json").exists():
        return here / "ledger", json.loads((here / "spent.json").read_text())
    begun = time.process_time()
    simulate(here / "bank", customers=customers, days=days, seed=9)
    made = time.process_time()
    tables = {name: sorted((here / "bank").glob(f"{name}*")) for name in ("payments", "accounts", "customers", "links")}
    ingest(Ledger.create(here / "ledger"), tables)
    spent = {"simulating": made - begun, "taking in": time.process_time() - made}
    (here / "spent.json").write_text(json.dumps(spent))
    return here / "ledger", spent


def scan(ledger: Path, at_once: int, threads: int) -> dict[str, Any]:
    """Scan a ledger in a process of its own; give what its run sheet measured."""
    words = [sys.executable, __file__, "--one", str(ledger), str(at_once), str(threads)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def one(ledger: Path, at_once: int, threads: int) -> None:
    """Scan a ledger in this process and print what was measured as one line of JSON."""
    from flows.engines.local import Local
    from flows.ledger import Ledger
    from moneytrail.scan import look
    from moneytrail.settings import resolve

    settings = resolve({"scan": {"payments_a_window": at_once, "look_back_days": 0}}, "benchmark")
    begun = time.perf_counter(), time.process_time()
    scanned = look(Ledger.open(ledger), as_of=None, settings=settings, carrier=Local(at_once, threads))
    spent = time.perf_counter() - begun[0], time.process_time() - begun[1]
    sheet = scanned.sheet.whole()
    windows = next(step["windows"] for step in scanned.sheet.steps if step["step"] == "searching")
    print(
        json.dumps(
            {
                "payments": scanned.facts.scanned.payments,
                "windows": windows,
                "seconds": spent[0],
                "cpu_seconds": spent[1],
                **sheet["measured"] | {"seconds": spent[0]},
            }
        )
    )


def told(run: dict[str, Any], customers: int, at_once: int, threads: int) -> str:
    each = 1e6 * run["cpu_seconds"] / run["payments"]
    lines = [
        f"{customers:,} customers, {run['payments']:,} payments, {threads} threads, windows of {at_once:,}: "
        f"{run['seconds']:.1f} s, {run['cpu_seconds']:.1f} s of processors, {run['peak_mb']:,} MB, "
        f"{each:.0f} us a payment, {run['windows']} windows"
    ]
    for step in run["steps"]:
        spread = step.get("task_seconds", {})
        longest = spread.get("longest", {})
        tail = (
            f"   {spread['tasks']} tasks: median {spread['median']:.2f}, p90 {spread['p90']:.2f}, longest "
            f"{longest['seconds']:.2f} s ({longest['task']}, {longest['window']})"
            if longest
            else ""
        )
        lines.append(
            f"    {step['step']:22}{step['seconds']:9.1f} s{step['cpu_seconds']:9.1f} CPU{step['peak_mb']:8,} MB{tail}"
        )
    return "\n".join(lines)


def power(payments: list[int], seconds: list[float]) -> float:
    """Give the power of growth: 1 where twice the payments take twice as long."""
    return float(np.polyfit(np.log(payments), np.log(seconds), 1)[0])


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--customers", type=int, nargs="+", default=[1_500, 6_000])
    asked.add_argument("--days", type=int, default=120)
    asked.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    asked.add_argument("--at-once", type=int, nargs="+", default=[5_000_000], help="payments a window may hold")
    asked.add_argument("--keep", type=Path, help="folder for banks and ledgers")
    asked.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.one:
        one(Path(options.one[0]), int(options.one[1]), int(options.one[2]))
        return
    with tempfile.TemporaryDirectory() as passing:
        folder = options.keep or Path(passing)
        scan(bank(folder, WARM, 60)[0], options.at_once[0], options.threads[-1])
        runs: dict[tuple[int, int, int], dict[str, Any]] = {}
        for customers in options.customers:
            ledger, spent = bank(folder, customers, options.days)
            print(f"{customers:,} customers: " + ", ".join(f"{what} {cpu:.1f} s CPU" for what, cpu in spent.items()))
            for at_once in options.at_once:
                for threads in options.threads:
                    run = scan(ledger, at_once, threads)
                    runs[at_once, threads, customers] = run
                    print(told(run, customers, at_once, threads), flush=True)
        print(f"load of the machine now: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for at_once in options.at_once:
            for threads in options.threads:
                own = [runs[at_once, threads, customers] for customers in options.customers]
                if len(own) > 1:
                    grown = power([run["payments"] for run in own], [run["cpu_seconds"] for run in own])
                    print(f"windows of {at_once:,}, {threads} threads: processor seconds grow as payments^{grown:.2f}")
            if len(options.threads) > 1:
                first, last = (
                    runs[at_once, n, options.customers[-1]] for n in (options.threads[0], options.threads[-1])
                )
                print(
                    f"windows of {at_once:,}: {options.threads[-1]} threads for {options.threads[0]} gain "
                    f"{first['seconds'] / last['seconds']:.2f} times by the clock"
                )


if __name__ == "__main__":
    main()
