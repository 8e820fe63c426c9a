"""Measure our kernels beside the prototypes: ``python benchmarks/speed/prototypes.py --kernels FOLDER``.

The prototypes (`kern.py` and `cyc.py` in the folder) are sketches in numba that give counts, or pairs of payments, of
amounts in float32. What the kernels are held to was measured with them, on another machine: so both are measured here,
in one process, on one table, in turn, one thread, medians of CPU seconds. Ours give the payments of each pattern, with
amounts to the cent. The questions are the same but for pass-through, where the prototype pairs payments of similar
amounts and ours matches each cent once, and loading, where the prototype's accounts are numbers and ours are names.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.speed.motifs import (
    DAY,
    cpu,
    fan_kernel,
    indexes,
    matched,
    scatter_gather_kernel,
    three_cycles_kernel,
)
from benchmarks.speed.tables import MOVEMENT, table
from flows.garbage import look_seldom
from flows.window import Window
from graphs.kernels.blocks import THREADS
from graphs.temporal import TemporalGraph, temporal_graph

SECONDS = DAY // 1_000_000


def loaded(file: Path) -> int:
    """Read the columns of a movement, make the graph and its rows by payer and by payee."""
    graph = temporal_graph(Window(pq.read_table(file)))
    return int(graph.out.edge.size + graph.into.edge.size)


def pairs(
    window: Window, graph: TemporalGraph, kern: Any, cyc: Any, folder: Path
) -> list[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    """Give what is measured: a title, ours, theirs."""
    ours, theirs = folder / "ours.parquet", folder / "theirs.parquet"
    pq.write_table(window.payments.select(MOVEMENT), ours)
    second = (graph.at - graph.at[0]) // 1_000_000 + 1
    numbers = {"src": graph.payer, "dst": graph.payee, "ts": second, "amount": graph.amount / 100}
    pq.write_table(pa.table(numbers), theirs)
    sketch = kern.load(str(theirs))
    by_payee, by_amount = kern.by_dst(sketch), kern.by_amount(sketch)

    def cycles(**asked: Any) -> int:
        return int(cyc.cycles(sketch, SECONDS, L=3, bd=by_payee, **asked)[0][3])

    return [
        ("loading", lambda: loaded(ours), lambda: kern.load(str(theirs)).m),
        ("fan-in (theirs: and fan-out, counts)", fan_kernel(window), lambda: kern.fan(sketch, SECONDS)[0].size),
        (
            "scatter-gather of 4 (theirs: counts)",
            scatter_gather_kernel(window),
            lambda: len(kern.scatter_gather(sketch, SECONDS, 4, by_payee)[0]),
        ),
        ("pass-through", matched(window), lambda: len(kern.pass_through(sketch, SECONDS)[0])),
        ("3-cycles", three_cycles_kernel(window, 0.0), lambda: cycles(b=2, slab=SECONDS // 3)),
        (
            "3-cycles, each keeps 0.9",
            three_cycles_kernel(window, 0.9),
            lambda: cycles(b=1, amt=(0.9, 1.0), ai=by_amount),
        ),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernels", type=Path, required=True, help="folder with kern.py and cyc.py")
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    sys.path.insert(0, str(asked.kernels))
    import cyc  # type: ignore[import-not-found]  # in the folder that was named
    import kern  # type: ignore[import-not-found]  # in the folder that was named
    import numba

    numba.set_num_threads(1)
    THREADS.set(1)
    look_seldom()
    window = Window(table(asked.edges, hubs=True, cash=True).payments)
    graph = temporal_graph(window)
    indexes(graph)
    print(f"{graph.edges:,} payments, 24 hours, hubs searched, one thread, {asked.rounds} rounds in turn, CPU s")
    print(f"{'':40}{'ours':>9}{'theirs':>9}{'ratio':>8}   found")
    with tempfile.TemporaryDirectory() as folder:
        for title, ours, theirs in pairs(window, graph, kern, cyc, Path(folder)):
            found = ours(), theirs()  # compiles
            rounds = [(cpu(ours)[0], cpu(theirs)[0]) for _ in range(asked.rounds)]
            mine, other = (statistics.median(side) for side in zip(*rounds, strict=True))
            print(f"{title:40}{mine:9.3f}{other:9.3f}{other / mine:8.2f}   {found[0]:,} and {found[1]:,}", flush=True)


if __name__ == "__main__":
    main()
