"""Measure how a scan grows and spreads: ``python benchmarks/speed/scale.py --customers 2500 24000 --keep banks``.

For each number of customers a bank is simulated and taken into a ledger, once if a folder keeps it, and scanned in a
process of its own by each engine with each number of threads (or of Spark's executors) and each size of windows. Prints
the seconds of each stage by the clock and of all processors, the peak of memory, and the cost of a payment; then the
power of growth, what a second thread or executor gains (strong scaling), what twice the bank takes on twice of them
(weak scaling), and what a thousand millions would take by that power. ``--plot`` draws cost and memory. A scan that
``--keep`` has the figures of is not measured again: a long series may take several sittings.

``--carry`` measures instead how windows of the largest bank are carried: two threads against two processes, and
payments laid out in buckets of accounts against a shuffle by Spark.

A hundred million payments are ``--customers 240000 --days 290 --at-once 1347826``: one command, and some hours.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

WARM = 450
"""Customers of the bank that is scanned first, so that no other scan compiles."""
BUCKETS = 8
"""Buckets of accounts that payments are laid out in, to compare ways of it."""


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


def alone(*words: object) -> dict[str, Any]:
    """Do one measurement in a process of its own; give what it says, and the seconds of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, __file__, "--one", *map(str, words)], check=True, stdout=subprocess.PIPE, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer | {"cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def scan(ledger: Path, engine: str, at_once: int, threads: int) -> dict[str, Any]:
    """Scan a ledger in this process; give what its run sheet measured."""
    from flows.engines.local import Local
    from flows.ledger import Ledger
    from moneytrail.scan import look
    from moneytrail.settings import resolve

    settings = resolve({"scan": {"payments_a_window": at_once, "look_back_days": 0}}, "benchmark")
    begun = time.perf_counter()
    if engine == "local":
        scanned = look(Ledger.open(ledger), as_of=None, settings=settings, carrier=Local(at_once, threads))
    else:
        from flows.engines.spark import Spark, started

        # Executors are processes of their own also on one machine.
        session = started({"spark.master": f"local-cluster[{threads},1,2048]", "spark.executor.memory": "2g"})
        scanned = look(Ledger.open(ledger), as_of=None, settings=settings, carrier=Spark(at_once, session))
        session.stop()
    seconds = time.perf_counter() - begun
    windows = next(step["windows"] for step in scanned.sheet.steps if step["step"] == "searching")
    payments = scanned.facts.scanned.payments
    return {"payments": payments, "windows": windows, **scanned.sheet.whole()["measured"], "seconds": seconds}


def carry(ledger: Path, how: str, at_once: int, _threads: int) -> dict[str, Any]:
    """Carry the search for motifs to the windows of a ledger, or lay its payments out in buckets, in one way."""
    from flows.cutting import OfLedger, Piece
    from flows.engines.local import Local, planned
    from flows.ledger import Ledger
    from flows.plugins import Shelf

    opened = Ledger.open(ledger)
    cut = OfLedger(opened)
    motifs = {id_: Shelf("detectors.motifs").load(id_)() for id_ in Shelf("detectors.motifs").ids()}
    in_time = {id_: motif for id_, motif in motifs.items() if motif.reach.cut == "time"}
    plan = planned(cut, in_time, at_once)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as passing:
        if how == "threads":
            Local(at_once, 2).run(cut, in_time)
        elif how == "processes":
            from flows.engines.spark import Carried

            with ProcessPoolExecutor(2, get_context("spawn")) as pool:
                list(pool.map(answered, [(Carried(cut, in_time, plan), number) for number in range(len(plan))]))
        elif how == "buckets":
            cut.lay_out([Piece("account", bucket=0, buckets=BUCKETS)], Path(passing))
        else:
            shuffled(opened, Path(passing) / "shuffled")
        size = sum(file.stat().st_size for file in Path(passing).rglob("*") if file.is_file())
        return {"payments": opened.count(), "seconds": time.perf_counter() - begun, "bytes": size}


def answered(asked: tuple[Any, int]) -> int:
    """Search one window in a process of its own."""
    carried, number = asked
    return sum(len(answer) for _, _, answer in carried.answers(number))


def shuffled(ledger: Any, folder: Path) -> None:
    """Have Spark bring the payments of each bucket of accounts together, each row to the buckets of both ends."""
    from flows.engines.spark import started

    session = started({"spark.master": "local[2]", "spark.sql.shuffle.partitions": str(BUCKETS)})
    rows = session.read.parquet(str(ledger.path / "payments"))
    rows.createOrReplaceTempView("rows")
    both = session.sql(
        f"SELECT *, explode(array_distinct(array(pmod(xxhash64(payer), {BUCKETS}), pmod(xxhash64(payee), {BUCKETS}))))"
        " AS bucket FROM rows"
    )
    both.repartition(BUCKETS, "bucket").write.parquet(folder.as_uri())
    session.stop()


ONE: dict[str, Callable[[Path, str, int, int], dict[str, Any]]] = {"scan": scan, "carry": carry}


def told(run: dict[str, Any], customers: int, engine: str, at_once: int, threads: int) -> str:
    each = 1e6 * run["cpu_seconds"] / run["payments"]
    lines = [
        f"{customers:,} customers, {run['payments']:,} payments, {engine} {threads}, windows of {at_once:,}: "
        f"{run['seconds']:.1f} s, {run['cpu_seconds']:.1f} s of processors, {run['peak_mb']:,} MB, "
        f"{each:.0f} us a payment, {run['windows']} windows"
    ]
    for step in run["steps"]:
        spread = step.get("task_seconds", {})
        longest = spread.get("longest", {})
        tail = (
            f"   {spread['tasks']} tasks: median {spread['median']:.2f}, p90 {spread['p90']:.2f}, p99 "
            f"{spread['p99']:.2f}, longest {longest['seconds']:.2f} s ({longest['task']}, {longest['window']})"
            if longest
            else ""
        )
        lines.append(
            f"    {step['step']:22}{step['seconds']:9.1f} s{step['cpu_seconds']:9.1f} CPU{step['peak_mb']:8,} MB{tail}"
        )
    return "\n".join(lines)


def fitted(payments: list[int], cost: list[float]) -> tuple[float, float]:
    """Give factor and power of the curve through some costs: a power of 1 where twice the payments cost twice."""
    power, logarithm = np.polyfit(np.log(payments), np.log(cost), 1)
    return float(np.exp(logarithm)), float(power)


def drawn(series: dict[str, list[tuple[float, float]]], title: str, unit: str) -> str:
    """Draw points on two logarithmic axes as a small SVG."""
    width, height, edge = 460, 260, 46
    every = np.log10([point for points in series.values() for point in points])
    low, high = np.floor(every.min(axis=0)), np.ceil(every.max(axis=0) + 1e-9)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        share = (np.log10(point) - low) / (high - low)
        return edge + share[0] * (width - 2 * edge), height - edge - share[1] * (height - 2 * edge)

    parts = [f'<text x="{edge}" y="20" font-weight="bold">{title}</text>']
    for axis, name in ((0, "payments"), (1, unit)):
        for step in range(int(low[axis]), int(high[axis]) + 1):
            at = [10.0 ** low[0], 10.0 ** low[1]]
            at[axis] = 10.0**step
            x, y = place((at[0], at[1]))
            line = f"M{x:.0f} {edge}V{height - edge}" if axis == 0 else f"M{edge} {y:.0f}H{width - edge}"
            text = (x, height - edge + 16) if axis == 0 else (4, y + 4)
            parts.append(f'<path d="{line}" stroke="#ddd"/><text x="{text[0]:.0f}" y="{text[1]:.0f}">1e{step}</text>')
        if axis == 0:
            parts.append(f'<text x="{width - edge - 60}" y="{height - 8}">{name}</text>')
        else:
            parts.append(f'<text x="4" y="{edge - 8}">{name}</text>')
    for number, (name, points) in enumerate(series.items()):
        colour = ("#1b6ca8", "#b5541c", "#3a7d44", "#7a4a8c")[number % 4]
        places = [place(point) for point in sorted(points)]
        parts.append(
            f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}" fill="none" stroke="{colour}"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        parts.append(f'<text x="{edge + 8}" y="{edge + 14 + 15 * number}" fill="{colour}">{name}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="11"><rect width="{width}" height="{height}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--customers", type=int, nargs="+", default=[1_500, 6_000])
    asked.add_argument("--days", type=int, default=120)
    asked.add_argument("--engines", nargs="+", default=["local"], choices=["local", "spark"])
    asked.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="threads, or executors of Spark")
    asked.add_argument("--at-once", type=int, nargs="+", default=[5_000_000], help="payments a window may hold")
    asked.add_argument("--keep", type=Path, help="folder for banks and ledgers")
    asked.add_argument("--carry", action="store_true", help="compare ways of carrying windows")
    asked.add_argument("--plot", type=Path, help="folder for scale_cost.svg and scale_memory.svg")
    asked.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.one:
        what, ledger, how, at_once, threads = options.one
        print(json.dumps(ONE[what](Path(ledger), how, int(at_once), int(threads))))
        return
    with tempfile.TemporaryDirectory() as passing:
        folder = options.keep or Path(passing)
        if options.carry:
            ledger, _ = bank(folder, options.customers[-1], options.days)
            alone("carry", bank(folder, WARM, 60)[0], "threads", options.at_once[0], 2)
            for how in ("threads", "processes", "buckets", "shuffle"):
                run = alone("carry", ledger, how, options.at_once[0], 2)
                print(
                    f"{how}: {run['payments']:,} payments, {run['seconds']:.1f} s, {run['cpu_seconds']:.1f} s of "
                    f"processors, {run['bytes'] / 1e6:,.0f} MB written",
                    flush=True,
                )
            return
        alone("scan", bank(folder, WARM, 60)[0], "local", options.at_once[0], options.threads[-1])
        measured(folder, options)
    print(f"load of the machine now: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def kept(file: Path, ledger: Path, way: tuple[str, int, int]) -> dict[str, Any]:
    """Give what a scan cost, measured unless it was before: a series of long scans may take several sittings."""
    if file.exists():
        print(f"measured before: {file.name}")
        run: dict[str, Any] = json.loads(file.read_text())
        return run
    run = alone("scan", ledger, *way)
    file.write_text(json.dumps(run))
    return run


def measured(folder: Path, options: argparse.Namespace) -> None:
    """Scan every bank in every way; print each scan, then what they come to together."""
    ways = [(engine, at, n) for engine in options.engines for at in options.at_once for n in options.threads]
    runs: dict[tuple[str, int, int], list[dict[str, Any]]] = {way: [] for way in ways}
    for customers in options.customers:
        ledger, spent = bank(folder, customers, options.days)
        print(f"{customers:,} customers: " + ", ".join(f"{what} {cpu:.1f} s CPU" for what, cpu in spent.items()))
        for way in ways:
            engine, at_once, threads = way
            run = kept(ledger.parent / f"{engine}-{at_once}-{threads}.json", ledger, way)
            runs[way].append(run)
            print(told(run, customers, engine, at_once, threads), flush=True)
    for (engine, at_once, threads), own in runs.items():
        name = f"{engine} {threads}, windows of {at_once:,}"
        if len(own) > 1:
            factor, power = fitted([run["payments"] for run in own], [run["cpu_seconds"] for run in own])
            print(f"{name}: {factor:.3g} x payments^{power:.2f} processor seconds; {factor * 1e9**power:,.0f} for 1e9")
        fewer = runs.get((engine, at_once, options.threads[0]))
        if threads != options.threads[0] and fewer:
            gain = fewer[-1]["seconds"] / own[-1]["seconds"]
            print(f"{name}: {gain:.2f} times as fast by the clock as {options.threads[0]} (strong scaling)")
            if len(own) > 1:
                weak = fewer[0]["seconds"] / own[-1]["seconds"] * own[-1]["payments"] / fewer[0]["payments"]
                print(f"{name}: {weak:.2f} times the payments a second of the smallest bank on {options.threads[0]}")
    if options.plot:
        options.plot.mkdir(parents=True, exist_ok=True)
        for what, unit, file in (
            ("cpu_seconds", "processor seconds of a scan", "scale_cost.svg"),
            ("peak_mb", "peak memory, MB", "scale_memory.svg"),
        ):
            series = {
                f"{engine} {threads}, windows of {at_once:,}": [(run["payments"], run[what]) for run in own]
                for (engine, at_once, threads), own in runs.items()
            }
            (options.plot / file).write_text(drawn(series, unit[0].upper() + unit[1:], unit), encoding="utf-8")


if __name__ == "__main__":
    main()
