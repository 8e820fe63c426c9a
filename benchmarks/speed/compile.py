"""Measure the first run on a fresh machine: ``python benchmarks/speed/compile.py``.

A process of its own with an empty cache runs every motif, every measure of accounts and one trace on a few thousand
payments, and prints the CPU seconds that each kernel took to compile, without those it calls, then the whole. A second
process reads the same code from disk. Kernels that nothing called are named, so that a new one is not forgotten. A
third has an empty cache and a process beside that compiles from the other end, as a scan and a night have
(`moneytrail.warming`): its seconds by the clock are what a user waits, on a machine that does nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

BEGUN = time.process_time()

from numba.core import event  # noqa: E402 - its import is measured

NUMBA = time.process_time() - BEGUN

sys.path.insert(0, str(Path(__file__).parents[2]))


def main() -> None:
    if "--child" in sys.argv:
        child(beside="--beside" in sys.argv)
        return
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as another:
        for title, place, more in (
            ("first run, nothing compiled yet", cache, []),
            ("second run, read from disk", cache, []),
            ("first run, with a process beside", another, ["--beside"]),
        ):
            print(f"\n{title}", flush=True)
            surroundings = {**os.environ, "NUMBA_CACHE_DIR": place}
            begun = time.monotonic()
            subprocess.run([sys.executable, __file__, "--child", *more], env=surroundings, check=True)
            print(f"{'by the clock':40}{time.monotonic() - begun:8.2f}")


def child(*, beside: bool) -> None:
    """Run everything once and say what was compiled."""
    from flows.garbage import look_seldom
    from moneytrail.warming import compiling_beside

    look_seldom()  # as every command does
    clock = Clock()
    event.register("numba:compile", clock)
    with compiling_beside() if beside else nullcontext():
        run_everything()
    for kernel, (seconds, times) in sorted(clock.spent.items(), key=lambda each: -each[1][0]):
        print(f"{kernel:40}{seconds:8.2f}" + (f"   compiled {times} times" if times > 1 else ""))
    print(f"{'import of numba':40}{NUMBA:8.2f}")
    print(f"{'all compiling':40}{sum(seconds for seconds, _ in clock.spent.values()):8.2f}")
    print(f"{'whole process, with the searches':40}{time.process_time():8.2f}")
    if clock.spent and not beside:
        idle = [name for name in kernels() if name not in clock.spent]
        print("not called:", ", ".join(idle) or "none")


class Clock(event.Listener):
    """Adds up the time each function takes to compile, less the time of those compiled meanwhile."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, int]] = {}
        self._open: list[tuple[float, float]] = []  # begun, and spent on others meanwhile

    def on_start(self, _: Any) -> None:
        """Note when a function begins to compile."""
        self._open.append((time.process_time(), 0.0))

    def on_end(self, told: Any) -> None:
        """Note how long it took, and tell the one it was compiled for."""
        begun, meanwhile = self._open.pop()
        took = time.process_time() - begun
        if self._open:
            outer, others = self._open.pop()
            self._open.append((outer, others + took))
        function = told.data["dispatcher"].py_func
        name = f"{function.__module__.removeprefix('graphs.kernels.')}.{function.__name__}"
        seconds, times = self.spent.get(name, (0.0, 0))
        self.spent[name] = (seconds + took - meanwhile, times + 1)


def kernels() -> dict[str, Any]:
    """Give every compiled function by name."""
    package = import_module("graphs.kernels")
    found = {}
    for module in sorted(each.name for each in iter_modules(package.__path__)):
        for name, thing in vars(import_module(f"graphs.kernels.{module}")).items():
            if hasattr(thing, "py_func") and thing.py_func.__module__ == f"graphs.kernels.{module}":
                found[f"{module}.{name}"] = thing
    return found


def run_everything() -> None:
    """Run motifs, a pattern, measures and a trace on a small table, so that every kernel is called as in a scan."""
    from datetime import timedelta

    import numpy as np
    import pyarrow as pa

    from benchmarks.speed.tables import table
    from detectors.pattern import Pattern
    from flows.payments import PAYMENTS
    from flows.plugins import Shelf
    from flows.window import Window
    from graphs.features import account_features
    from graphs.kernels.matching import matched
    from graphs.legs import legs_of
    from graphs.temporal import Rows, temporal_graph
    from graphs.trace import trace

    def rows(of: Rows) -> tuple[Any, Any]:
        return of.start, of.edge.astype("int64")

    made = table(5000, cash=True).payments
    filled = {"status": "booked", "source_file": "made"}
    columns = {
        **{name: made[name] for name in made.column_names},
        **{name: pa.array([value] * made.num_rows) for name, value in filled.items()},
    }
    missing = {field.name: pa.nulls(made.num_rows, field.type) for field in PAYMENTS if field.name not in columns}
    window = Window(pa.table({**columns, **missing}))
    # What a scan does not compile comes first: the process beside begins with what a scan needs last.
    list(Pattern.parse("a -> b within 6h keeps 0.9..1 -> c").find(window))
    trace(window, window.payments["payment_id"].to_pylist()[:3])
    shelf = Shelf("detectors.motifs")
    for motif in shelf.ids():
        list(shelf.load(motif)().find(window))
    graph = temporal_graph(window)
    matched(*rows(graph.into), *rows(graph.out), graph.at, graph.amount, 0)
    ends = graph.payer.astype("int64"), graph.payee.astype("int64")
    legs_of(ends[0], np.arange(graph.edges), ends[1], ends[0]).over(timedelta(days=30), int(graph.at[-1]), graph.at, 4)
    account_features(window)


if __name__ == "__main__":
    main()
