"""The first search on a machine: half of its kernels are compiled by a process beside.

Compiling keeps one processor busy, however many threads search. A second process therefore asks the same questions of
a few payments, from the last to the first, and leaves the machine code where every later process finds it; the search
begins with the first question, and where the two meet, the rest is read from disk. Answers do not depend on it. A scan
and a night have it both.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

ACCOUNTS: Final = 12
DAYS: Final = 30
"""Of the payments asked about: enough that every search has something to go through."""


@contextmanager
def compiling_beside() -> Iterator[None]:
    """Have a process compile from the other end meanwhile, if nothing is compiled yet and there is a processor."""
    if len(os.sched_getaffinity(0)) < 2 or not _cold():
        yield
        return
    # Our own interpreter and module, and no word of a user.
    beside = subprocess.Popen(
        [sys.executable, "-P", "-m", "moneytrail.warming"],  # -P: nothing is imported from the user's folder
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_same_cache(), "PYTHONPATH": os.pathsep.join(_where_packages_lie())},
    )
    try:
        yield
    finally:
        beside.kill()  # files of the cache appear whole or not at all
        beside.wait()


def compile_from_the_end() -> None:
    """Ask what a scan asks of a few payments, in the opposite order, and then what only other commands ask."""
    # Compiling makes much that lives until its end: looking for what can be freed takes a sixth of the time.
    gc.disable()
    import numpy as np

    from detectors.pattern import Pattern
    from flows.arrows import payments_from_arrows
    from flows.plugins import Shelf
    from flows.window import whole
    from graphs.features import account_features
    from graphs.kernels.matching import matched
    from graphs.legs import legs_of
    from graphs.temporal import temporal_graph
    from graphs.trace import trace

    window = whole(payments_from_arrows(_payments()))
    account_features(window)
    graph = temporal_graph(window)
    rows = [(side.start, side.edge.astype(np.int64)) for side in (graph.into, graph.out)]
    # As red flags ask.
    matched(*rows[0], *rows[1], graph.at, graph.amount, 0)
    payer, payee = graph.payer.astype(np.int64), graph.payee.astype(np.int64)
    legs_of(payer, np.arange(graph.edges), payee, payer).over(timedelta(days=30), int(graph.at[-1]), graph.at, 4)
    motifs = Shelf("detectors.motifs")
    for motif in reversed(motifs.ids()):
        list(motifs.load(motif)().find(window))
    trace(window, window.payments["payment_id"].to_pylist()[:3])
    list(Pattern.parse("a -> b within 6h keeps 0.9..1 -> c").find(window))


def _payments() -> str:
    """Give lines in arrow notation: everybody pays two others a day, and one day all pay the same one."""
    lines = [f"day {DAYS} 09:00 a{payer} -> a0 20 EUR sct" for payer in range(1, ACCOUNTS)]
    for day in range(DAYS):
        for payer in range(ACCOUNTS):
            for step in (1 + day % 5, 6):
                payee, amount = (payer + step) % ACCOUNTS, 90 + 10 * (payer + day) % 9000
                lines.append(f"day {day} {payer:02}:{step:02} a{payer} -> a{payee} {amount} EUR sct")
    return "\n".join(lines)


def _cold() -> bool:
    from graphs.kernels import rows

    made: Any = rows.grouped  # what numba adds to a function has no type
    return not any(Path(made.stats.cache_path).glob("cycles.*.nbi"))


def _where_packages_lie() -> list[str]:
    """Give the folder of our own packages first: they need not be installed."""
    told = os.environ.get("PYTHONPATH")
    return [str(Path(__file__).parents[1]), *([told] if told else [])]


def _same_cache() -> dict[str, str]:
    from graphs.kernels.compiled import told_place

    place = told_place()
    return {"NUMBA_CACHE_DIR": place} if place else {}


if __name__ == "__main__":
    compile_from_the_end()
