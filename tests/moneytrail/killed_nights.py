"""Nights in processes that are killed: ``python -m tests.moneytrail.killed_nights``, told what to do line by line.

Everything is imported and compiled once; each night then runs in a fork of its own, and the parent kills it after a
given time with a signal that cannot be caught. The parent itself never touches ledger or store: their libraries have
threads, which a fork would not have.

Each line read is ``SETTINGS SECONDS``, with 0 for no kill; each line answered is ``done SECONDS``, ``killed`` or
``failed CODE``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path

from flows.engines.local import Local
from flows.plugins import Shelf
from flows.window import whole
from moneytrail.night import run_night


def warm() -> None:
    """Import every plug-in and load every compiled search."""
    from detectors.run import search
    from flows.arrows import payments_from_arrows

    for shelf in ("indicators", "typologies"):
        for id_ in Shelf(f"detectors.{shelf}").ids():
            Shelf(f"detectors.{shelf}").load(id_)
    for shelf in ("sections", "renderers", "exchange"):
        for id_ in Shelf(f"reports.{shelf}").ids():
            Shelf(f"reports.{shelf}").load(id_)
    motifs = {id_: Shelf("detectors.motifs").load(id_)() for id_ in Shelf("detectors.motifs").ids()}
    lines = (f"day {day} 10:{day:02d}  a{day % 5} -> a{(day + 1) % 5}  {100 + day}.00 EUR instant" for day in range(30))
    window = whole(payments_from_arrows("\n".join(lines)))
    search(Local(threads=1), window, motifs)


def night(settings: Path, seconds: float) -> str:
    """Run one night in a fork, and kill it after so many seconds."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run_night(settings)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    deadline = begun + seconds if seconds else float("inf")
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() >= deadline:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            break
        time.sleep(0.001)
    if os.WIFSIGNALED(status):
        return "killed"
    return f"done {time.monotonic() - begun:.3f}" if os.WEXITSTATUS(status) == 0 else f"failed {os.WEXITSTATUS(status)}"


def main() -> None:
    """Answer until there is nothing more to read."""
    warm()
    print("ready", flush=True)
    for line in sys.stdin:
        settings, seconds = line.rsplit(maxsplit=1)
        print(night(Path(settings), float(seconds)), flush=True)


if __name__ == "__main__":
    main()
