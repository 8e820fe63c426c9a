r"""Measure our kernels beside other tools.

An environment of its own with the packages of ``anchors-requirements.txt`` is made and used by one command::

    uv run --no-project --python 3.11 --with-requirements benchmarks/speed/anchors-requirements.txt \
        python benchmarks/speed/anchors.py --flat

An anchor that is not installed is passed over. The same seeded table, 24 hours, one thread, CPU seconds, ours and the
anchor in turn, medians. Each call of an anchor is a process of its own and is ended after `--limit` CPU seconds.
Loading and indexes are not counted on either side, except in snapml, whose one call takes the payments in as well: what
that alone costs is the row *takes in*.

The answers differ: snapml and Raphtory give counts, ours the payments of each pattern. snapml bounds no cycle in
length and ignores order in scatter-gather; Raphtory counts all motifs of three accounts at once. No amounts are
compared here, since neither can.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from queue import Empty
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.tables import table
from detectors.motifs.round_trip import SHORT
from flows.window import Window
from graphs.kernels.blocks import THREADS
from graphs.kernels.cycles import GAIT, cycles
from graphs.kernels.fan import fans
from graphs.kernels.scatter_gather import peaks
from graphs.temporal import TemporalGraph, temporal_graph

DAY = 86_400_000_000
NO_LIMIT = 10**9
CYCLES_OF_NETWORKX = 50_000
"""Payments networkx gets: the first so many, else it does not end."""

Columns = dict[str, NDArray[np.int64]]


def our_fans(graph: TemporalGraph) -> int:
    """Find fan-in and fan-out of at least two."""
    every = np.ones(graph.edges, np.bool_)
    asked = {"least": 2, "within": DAY, "past": 0}
    return sum(len(fans(rows, graph.at, every, **asked).centre) for rows in (graph.into, graph.out))


def our_scatter_gather(graph: TemporalGraph) -> int:
    """Find three or more middles between two accounts, whatever the amounts."""
    clocks = {"after": graph.until(timedelta(0)), "until": graph.until(timedelta(days=1))}
    bounds = {"first": 0, "last": graph.edges, "most_steps": NO_LIMIT}
    whatever = {"keeps_least": 0.0, "keeps_most": 1e6}
    return len(peaks(graph, _all(graph), spread=DAY, least=3, **clocks, **bounds, **whatever).middles)


def our_cycles(
    most_hops: int, edges: int = 0, least_hops: int = 2, keeps_each: float = 0.0
) -> Callable[[TemporalGraph], int]:
    """Give a search for cycles, whatever the amounts unless told otherwise, as the detector asks for them."""

    def work(graph: TemporalGraph) -> int:
        found = cycles(
            graph,
            _all(graph),
            after=graph.until(timedelta(0)),
            until=graph.until(timedelta(days=1)),
            first=0,
            last=edges or graph.edges,
            least_hops=least_hops,
            most_hops=most_hops,
            keeps_least=0.0,
            keeps_most=1.0,
            keeps_each=keeps_each,
            least_amount=np.zeros(len(graph.currencies), np.int64),
            across=False,
            within=DAY,
            slab=DAY // 8,
            most_cycles=NO_LIMIT,
            most_steps=NO_LIMIT,
            gait=GAIT._replace(levels=1) if most_hops <= SHORT else GAIT,
        )
        return len(found.edges)

    return work


def _all(graph: TemporalGraph) -> NDArray[np.bool_]:
    return np.ones(graph.nodes, np.bool_)


def snapml(pattern: str) -> Callable[[Columns], tuple[float, int]]:
    """Give a run of the GraphFeaturePreprocessor for one pattern, or none at all."""

    def work(columns: Columns) -> tuple[float, int]:
        from snapml import GraphFeaturePreprocessor

        second = (columns["t"] - columns["t"][0]) // 1_000_000
        rows = (np.arange(second.size), columns["payer"], columns["payee"], second, columns["amount"])
        features = np.column_stack(rows).astype(np.float64)
        asked = {"num_threads": 1, "time_window": 86_400, "vertex_stats": False}
        asked |= {name: name == pattern for name in ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")}
        if pattern:
            asked[f"{pattern}_tw"] = 86_400
        made = GraphFeaturePreprocessor()
        made.set_params(asked)
        took, found = cpu(lambda: made.transform(features))
        return took, int(found[:, features.shape[1] :].sum())

    return work


def raphtory(columns: Columns) -> tuple[float, int]:
    """Count all temporal motifs of three accounts."""
    import pandas as pd
    from raphtory import Graph, algorithms

    graph = Graph()
    frame = pd.DataFrame({**columns, "t": columns["t"] // 1_000_000})
    graph.load_edges(data=frame, time="t", src="payer", dst="payee")
    took, found = cpu(lambda: algorithms.global_temporal_three_node_motif(graph, 86_400, threads=1))
    return took, int(sum(found))


def duckdb(columns: Columns) -> tuple[float, int]:
    """Count cycles of three by joins."""
    import duckdb as engine
    import pyarrow as pa

    e = pa.table(columns)  # noqa: F841 - DuckDB finds it by its name
    connection = engine.connect()
    connection.execute("set threads = 1")
    connection.execute("create table payments as select * from e")
    query = f"""select count(*) from payments a
        join payments b on a.payee = b.payer and b.t > a.t and b.t <= a.t + {DAY} and b.payee <> a.payer
        join payments c on c.payer = b.payee and c.payee = a.payer and c.t > b.t and c.t <= a.t + {DAY}"""
    took, row = cpu(lambda: connection.execute(query).fetchone())
    return took, row[0]


def networkx(columns: Columns) -> tuple[float, int]:
    """List static cycles of at most three accounts among the first payments."""
    import networkx as nx

    graph = nx.DiGraph()
    first = slice(0, CYCLES_OF_NETWORKX)
    graph.add_edges_from(zip(columns["payer"][first].tolist(), columns["payee"][first].tolist(), strict=True))
    return cpu(lambda: sum(1 for _ in nx.simple_cycles(graph, length_bound=3)))


ROWS: list[tuple[str, str, Callable[[Columns], tuple[float, int]], Callable[[TemporalGraph], int] | None]] = [
    ("snapml takes in", "snapml", snapml(""), None),
    ("snapml fan", "snapml", snapml("fan"), our_fans),
    ("snapml scatter-gather", "snapml", snapml("scatter-gather"), our_scatter_gather),
    ("snapml temp-cycle, ours to 6 hops", "snapml", snapml("temp-cycle"), our_cycles(6)),
    ("raphtory motifs, ours 2-3-cycles", "raphtory", raphtory, our_cycles(3)),
    ("duckdb 3-cycles", "duckdb", duckdb, our_cycles(3, least_hops=3)),
    ("networkx cycles to 3, 50k payments", "networkx", networkx, our_cycles(3, CYCLES_OF_NETWORKX)),
]


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give the CPU seconds of a call, and what it gave."""
    before = time.process_time()
    answer = work()
    return time.process_time() - before, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=int, default=250_000)
    parser.add_argument("--flat", action="store_true", help="a table without heavy hubs")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=120, help="CPU seconds, after which an anchor is ended")
    asked = parser.parse_args()
    THREADS.set(1)
    payments = table(asked.edges, hubs=not asked.flat).payments
    graph = temporal_graph(Window(payments))
    small = temporal_graph(Window(payments.slice(0, 3000)))
    keep = graph.payer != graph.payee
    sides = {"payer": graph.payer, "payee": graph.payee, "t": graph.at, "amount": graph.amount}
    columns = {name: values[keep].astype(np.int64) for name, values in sides.items()}
    _ = graph.out, graph.into, graph.pairs, graph.amounts, graph.until(timedelta(0)), graph.until(timedelta(days=1))
    print(f"{graph.edges:,} payments, {'no heavy hubs' if asked.flat else 'hubs searched'}, 24 hours, one thread")
    print(f"{'':36}{'ours':>8}{'anchor':>8}{'ratio':>8}   ours finds / anchor counts")
    for title, package, anchor, ours in ROWS:
        if not find_spec(package):
            print(f"{title:36}not installed")
            continue
        if ours:
            ours(small)  # compiles
        theirs, mine = [], []
        found: int | str = ""
        counted: int | None = None
        for _ in range(asked.rounds):
            if ours:
                took, found = cpu(lambda: ours(graph))  # noqa: B023 - called at once
                mine.append(took)
            answer = apart(anchor, columns, asked.limit)
            if answer is None:
                break
            theirs.append(answer[0])
            counted = answer[1]
        own = f"{statistics.median(mine):8.3f}" if mine else " " * 8
        if counted is None:
            print(f"{title:36}{own}   not finished in {asked.limit} CPU s   {found}", flush=True)
            continue
        ratio = f"{statistics.median(theirs) / statistics.median(mine):7.0f}x" if mine else " " * 8
        print(f"{title:36}{own}{statistics.median(theirs):8.2f}{ratio}   {found} / {counted}", flush=True)


def apart(anchor: Callable[[Columns], tuple[float, int]], columns: Columns, limit: int) -> tuple[float, int] | None:
    """Run an anchor in a process of its own; None if it took more CPU seconds than the limit."""
    method = multiprocessing.get_context("fork")
    told: Any = method.Queue()

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        told.put(anchor(columns))

    process = method.Process(target=work)
    process.start()
    answer: tuple[float, int] | None = None
    while answer is None and process.is_alive():
        with suppress(Empty):
            answer = told.get(timeout=1)
    process.join()
    return answer


if __name__ == "__main__":
    main()
