"""Measure the motif engine: ``python benchmarks/speed/motifs.py --edges 1000000``.

Prints, for each motif, the CPU seconds, wall seconds and findings of the whole detector (evidence and findings
included), then our kernels beside DuckDB on the same table for the motifs that SQL can say, with the ratio of CPU
times, once where SQL counts and once where it writes down the payments of each finding, as ours does; rounds of ours
and of the anchor alternate and the median counts. Loading and the indexes that motifs share are
measured apart. The first call compiles (or reads the compiled code from disk) and is not counted.

``--hubs-out`` marks accounts with more than 1,000 payments as hubs, as a scan does; without it every hub is searched.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.speed.anchors import our_cycles
from benchmarks.speed.tables import MOVEMENT, Table, table
from detectors.notes import notes_of
from flows.garbage import give_back, look_seldom
from flows.plugins import Shelf
from flows.window import Window
from graphs.kernels.blocks import THREADS
from graphs.kernels.fan import fans
from graphs.kernels.pass_through import stretches
from graphs.kernels.scatter_gather import peaks
from graphs.temporal import temporal_graph

Ints = NDArray[np.int64]

DAY = 86_400_000_000
MANY = 1_000
NO_LIMIT = 10**9

SPANS = {
    "fan-in": ("within", "known_for"),
    "fan-out": ("within", "known_for"),
    "gather-scatter": ("within", "held"),
    "pass-through": ("within",),
    "round-trip": ("within",),
    "scatter-gather": ("within", "spread"),
}
"""Parameters that `--hours` sets."""

# What SQL can say of these motifs, over 24 hours, amounts exact (minor units). The same question as ours, and the same
# count, except where the row says otherwise.
SQL = {
    "fan-in of 10": """
        select count(*) from (select payee, max(k) as most from (select payee, count(distinct payer) over (
            partition by payee order by t range between current row and {before} following) as k from e)
            group by payee) where most >= 10""",
    "scatter-gather of 4": """
        select count(*) from (select a.payer, b.payee, count(distinct a.payee) as k from e a join e b
            on a.payee = b.payer and b.t > a.t and b.t <= a.t + {day} and b.payee <> a.payer
            group by 1, 2 having k >= 4)""",
    "pass-through links": """
        select count(*) from e a join e b on a.payee = b.payer and b.t > a.t and b.t <= a.t + {day}
            and b.amount * 100 between a.amount * 85 and a.amount * 102 and b.payee <> a.payer""",
    "3-cycles": """
        select count(*) from e a join e b on a.payee = b.payer and b.t > a.t and b.t <= a.t + {day}
            and b.payee <> a.payer join e c on c.payer = b.payee and c.payee = a.payer and c.t > b.t
            and c.t <= a.t + {day}""",
    "3-cycles, each keeps 0.9": """
        select count(*) from e a join e b on a.payee = b.payer and b.t > a.t and b.t <= a.t + {day}
            and b.payee <> a.payer and b.amount * 10 >= a.amount * 9 and b.amount <= a.amount
            join e c on c.payer = b.payee and c.payee = a.payer and c.t > b.t and c.t <= a.t + {day}
            and c.amount * 10 >= b.amount * 9 and c.amount <= b.amount""",
}

EVIDENCE = {
    "fan-in of 10": """
        with k as (select payee, t, count(distinct payer) over (
            partition by payee order by t range between current row and {before} following) as k from e),
        best as (select payee, max(k) as most, arg_max(t, k) as t from k group by payee having most >= 10)
        select best.payee, any_value(best.most), list(e.id) from best join e on e.payee = best.payee
            and e.t between best.t and best.t + {before} group by best.payee""",
    "scatter-gather of 4": """
        with link as (select a.payer, b.payee, a.payee as middle, a.id as scattered, b.id as gathered from e a join e b
            on a.payee = b.payer and b.t > a.t and b.t <= a.t + {day} and b.payee <> a.payer),
        enough as (select payer, payee from link group by 1, 2 having count(distinct middle) >= 4)
        select payer, payee, list(scattered), list(gathered) from link semi join enough using (payer, payee)
            group by 1, 2""",
    "pass-through links": """
        select a.id, b.id as passed from e a join e b on a.payee = b.payer and b.t > a.t and b.t <= a.t + {day}
            and b.amount * 100 between a.amount * 85 and a.amount * 102 and b.payee <> a.payer""",
    "3-cycles": """
        select a.id, b.id as second, c.id as third from e a join e b on a.payee = b.payer and b.t > a.t
            and b.t <= a.t + {day} and b.payee <> a.payer join e c on c.payer = b.payee and c.payee = a.payer
            and c.t > b.t and c.t <= a.t + {day}""",
    "3-cycles, each keeps 0.9": """
        select a.id, b.id as second, c.id as third from e a join e b on a.payee = b.payer and b.t > a.t
            and b.t <= a.t + {day} and b.payee <> a.payer and b.amount * 10 >= a.amount * 9 and b.amount <= a.amount
            join e c on c.payer = b.payee and c.payee = a.payer and c.t > b.t and c.t <= a.t + {day}
            and c.amount * 10 >= b.amount * 9 and c.amount <= b.amount""",
}
"""The same, with the payments of each finding written into a table: of a fan those of its best span only."""


def cpu(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Give the CPU and wall seconds of a call, and what it gave."""
    cpu_before, wall_before = time.process_time(), time.perf_counter()
    answer = work()
    return time.process_time() - cpu_before, time.perf_counter() - wall_before, answer


def peak() -> int:
    """Give the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def recall(made: Table, kind: str, found: list[Any]) -> str:
    """Say how many planted patterns of a kind lie wholly in one finding."""
    ids = made.payments["payment_id"]
    planted = [set(ids.take(pa.array(rows)).to_pylist()) for name, rows in made.planted if name == kind]
    if not planted:
        return ""
    wanted = set().union(*planted)
    shown = [kept for finding in found if (kept := wanted.intersection(finding.payments))]
    return f"{sum(any(pattern <= kept for kept in shown) for pattern in planted)}/{len(planted)}"


def make(edges: int, hubs: bool, path: Path) -> tuple[list[tuple[str, Ints]], float]:
    """Write a table to Parquet; give what was planted in it, and the floor.

    The floor is the CPU seconds of reading from Parquet what was moved and sorting it by time and id, with pyarrow.
    """
    made = table(edges, hubs=hubs, cash=True)
    pq.write_table(made.payments, path)
    sorted_by = [("at", "ascending"), ("payment_id", "ascending")]
    return made.planted, cpu(lambda: pq.read_table(path, columns=[*MOVEMENT]).sort_by(sorted_by).num_rows)[0]


def fan_kernel(window: Window) -> Callable[[], int]:
    """Give the peaks of ten payers with the payments of each, by the kernel alone; counts accounts, as the SQL does."""
    graph = temporal_graph(window)
    every = np.ones(graph.edges, np.bool_)

    def work() -> int:
        return np.unique(fans(graph.into, graph.at, every, least=10, within=DAY, past=0).centre).size

    return work


def fan_findings(window: Window) -> Callable[[], int]:
    """Give fan-in with all its findings; counts accounts, as the SQL does."""
    run = detector("fan-in", window, {"within": timedelta(days=1), "known_for": timedelta(days=1)})
    return lambda: len({finding.centre for finding in run()})


def scatter_gather_kernel(window: Window) -> Callable[[], int]:
    """Give pairs with four middles over the whole table and the payments of each, whatever the amounts."""
    graph = temporal_graph(window)

    def work() -> int:
        found = peaks(
            graph,
            np.ones(graph.nodes, np.bool_),
            after=graph.until(timedelta(0)),
            until=graph.until(timedelta(days=1)),
            spread=365 * DAY,
            first=0,
            last=graph.edges,
            least=4,
            keeps_least=0.0,
            keeps_most=5e6,  # more would not fit into int64
            most_steps=NO_LIMIT,
        )
        return len(found.middles)

    return work


def matched(window: Window) -> Callable[[], int]:
    """Give the first-in-first-out matching of every account in 24 hours by the kernel alone; SQL joins instead."""
    graph = temporal_graph(window)

    def work() -> int:
        found = stretches(
            graph,
            np.ones(graph.nodes, np.bool_),
            within=DAY,
            share=0.0,
            quiet=30 * DAY,
            least_credits=1,
            least_inflow=np.zeros(len(graph.currencies), np.int64),
        )
        return int(np.count_nonzero(found.debit >= 0))

    return work


def three_cycles(window: Window, keeps_each: float) -> Callable[[], int]:
    """Give all cycles of three with their findings."""
    bounds = {"within": timedelta(days=1), "least_amount": 0, "most_cycles": NO_LIMIT, "most_steps": NO_LIMIT}
    run = detector(
        "round-trip", window, {"least_hops": 3, "most_hops": 3, "keeps_least": 0.0, "keeps_each": keeps_each, **bounds}
    )
    return lambda: len(run())


def three_cycles_kernel(window: Window, keeps_each: float) -> Callable[[], int]:
    """Give the three payments of each cycle of three by the kernel alone."""
    graph, search = temporal_graph(window), our_cycles(3, least_hops=3, keeps_each=keeps_each)
    return lambda: search(graph)


def detector(motif: str, window: Window, parameters: dict[str, Any]) -> Callable[[], list[Any]]:
    """Give a run of a detector; views made by the run before are kept, as they are for the motifs of one scan."""
    made = Shelf("detectors.motifs").load(motif)(**parameters)
    return lambda: list(made.find(window))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--flat", action="store_true", help="a table without heavy hubs")
    parser.add_argument("--hubs-out", action="store_true", help=f"leave accounts with over {MANY} payments out")
    parser.add_argument("--motifs", nargs="*", help="only these")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--anchors", action="store_true", help="measure DuckDB beside (slow with hubs)")
    parser.add_argument("--hours", type=int, help="this span for motifs 1, 2, 3 and 5; a chain has 6 hours a hop")
    asked = parser.parse_args()
    THREADS.set(asked.threads)
    look_seldom()  # as every command does

    with (
        tempfile.TemporaryDirectory() as folder,
        # Another process, so that the peak of memory is of searching and not of making a table.
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as another,
    ):
        path = Path(folder) / "payments.parquet"
        planted, floor = another.submit(make, asked.edges, not asked.flat, path).result()
        ours = pq.read_table(path)
        give_back()  # as every window does
    made = Table(ours, planted)
    print(
        f"{ours.num_rows:,} payments, {asked.threads} thread(s), {asked.rounds} rounds; {peak()} MB when they are read"
    )
    print(f"floor (read Parquet, sort): {floor:.2f} CPU s")

    hubs = busiest(ours) if asked.hubs_out else frozenset()
    small = Window(ours.slice(0, 3000))
    window = Window(ours, hubs=hubs)
    temporal_graph(small).out  # noqa: B018 - compiles
    load = [cpu(lambda: indexes(temporal_graph(Window(ours)))) for _ in range(asked.rounds)]
    print(f"graph and its indexes: {middle(load, 0):.2f} CPU s, {middle(load, 1):.2f} s; {len(hubs)} hubs left out")
    indexes(temporal_graph(window))

    runs: dict[str, dict[str, Any]] = {motif: {} for motif in asked.motifs or Shelf("detectors.motifs").ids()}
    if asked.hours:
        for motif, names in SPANS.items():
            if motif in runs:
                runs[motif] = dict.fromkeys(names, timedelta(hours=asked.hours))
    print(f"\n{'detector':32}{'CPU s':>8}{'wall s':>8}{'findings':>10}{'planted':>9}{'peak MB':>9}")
    total = 0.0
    for motif, parameters in runs.items():
        try:
            detector(motif, small, parameters)()
            measured = [cpu(detector(motif, window, parameters)) for _ in range(asked.rounds)]
        except KeyError:
            print(f"{motif:32}asks for columns these tables do not have")
            continue
        found = measured[0][2]
        total += middle(measured, 0)
        cells = f"{middle(measured, 0):8.2f}{middle(measured, 1):8.2f}{len(found):10,}{recall(made, motif, found):>9}"
        print(f"{motif:32}{cells}{peak():9,}", flush=True)
        del measured, found  # findings of one motif at a time: all of them are what a scan's own memory is about
    print(f"{'all of them':32}{total:8.2f}")
    for note in notes_of(window):
        print("  said:", note.detector, "-", note.sentence)

    if asked.anchors:
        print(
            f"\n{'beside DuckDB, 24 hours':36}{'ours':>8}{'counts':>8}{'ratio':>8}{'payments':>10}{'ratio':>8}   found"
        )
        pairs: list[tuple[str, Callable[[], int], str]] = [
            ("fan-in: peaks and payments", fan_kernel(window), "fan-in of 10"),
            ("fan-in: findings", fan_findings(window), "fan-in of 10"),
            ("scatter-gather", scatter_gather_kernel(window), "scatter-gather of 4"),
            ("pass-through (first in, first out)", matched(window), "pass-through links"),
            ("3-cycles: payments of each", three_cycles_kernel(window, 0.0), "3-cycles"),
            ("3-cycles: findings", three_cycles(window, 0.0), "3-cycles"),
            ("3-cycles, each keeps 0.9: payments", three_cycles_kernel(window, 0.9), "3-cycles, each keeps 0.9"),
            ("3-cycles, each keeps 0.9: findings", three_cycles(window, 0.9), "3-cycles, each keeps 0.9"),
        ]
        beside(pairs, window, asked.rounds, asked.threads)


def indexes(graph: Any) -> None:
    """Make the indexes that motifs share."""
    for name in ("out", "into", "pairs", "amounts", "out_amount", "in_amount", "onward"):
        getattr(graph, name)


def busiest(payments: pa.Table) -> frozenset[str]:
    """Give the accounts with more than `MANY` payments on either side."""
    found: set[str] = set()
    for side in ("payer", "payee"):
        counts = payments[side].value_counts().to_pylist()
        found |= {row["values"] for row in counts if row["counts"] > MANY}
    return frozenset(found)


def beside(pairs: list[tuple[str, Callable[[], int], str]], window: Window, rounds: int, threads: int) -> None:
    """Measure ours, DuckDB counting and DuckDB keeping payments in turn."""
    import duckdb

    graph = temporal_graph(window)
    keep = graph.payer != graph.payee
    number = np.arange(graph.edges, dtype=np.int32)
    columns = {"id": number, "payer": graph.payer, "payee": graph.payee, "t": graph.at, "amount": graph.amount}
    e = pa.table({name: values[keep] for name, values in columns.items()})
    con = duckdb.connect()
    con.execute(f"set threads = {threads}")
    con.execute("create table e as select * from e")
    del e
    for title, run, motif in pairs:
        run()
        times: list[tuple[float, float, float]] = []
        span = {"day": DAY, "before": DAY - 1}
        for _ in range(rounds):
            mine, _, found = cpu(run)
            counts, _, counted = cpu(lambda: con.execute(SQL[motif].format(**span)).fetchone())  # noqa: B023 - called at once
            kept = f"create or replace table kept as {EVIDENCE[motif]}".format(**span)
            payments = cpu(lambda: con.execute(kept).fetchone())[0]  # noqa: B023 - called at once
            times.append((mine, counts, payments))
        rows = con.execute("select count(*) from kept").fetchone() or (0,)
        mine, counts, payments = (statistics.median(side) for side in zip(*times, strict=True))
        cells = f"{mine:8.3f}{counts:8.2f}{counts / mine:7.1f}x{payments:10.2f}{payments / mine:7.1f}x"
        print(f"{title:36}{cells}   ours {found:,}, counted {counted[0]:,}, kept {rows[0]:,}", flush=True)


def middle(measured: list[tuple[float, float, Any]], place: int) -> float:
    """Give the median of one of the measures."""
    return statistics.median(each[place] for each in measured)


if __name__ == "__main__":
    main()
