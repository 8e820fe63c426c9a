"""What the measurements share: where the data are, the same night for all of them, and how a result is frozen.

A frozen result has three parts. ``figures`` is the same on every machine for the same code and data, and is what a
change is compared with. ``made_with`` names the versions of the detectors and the data, so that a test can say that a
detector changed and nobody measured again. ``measured`` holds seconds and memory of one run, which never repeat.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from detectors.catalogue import every_detector
from flows.ingest import IngestResult, ingest
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.progress import progress_for
from moneytrail.run_sheet import peak_mb, versions
from moneytrail.scan import Scan, look
from moneytrail.settings import Settings

HERE = Path(__file__).parent
FROZEN = HERE / "frozen"
DATA = HERE.parents[1] / ".." / "shared" / "data"


def arguments(description: str | None, argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read ``--data`` and ``--freeze``."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public sets (default: ../shared/data)")
    parser.add_argument("--freeze", action="store_true", help="write the result to frozen/ beside this file")
    return parser.parse_args(argv)


def needed(*paths: Path) -> None:
    """Stop with one clear sentence where a file is not there."""
    for path in paths:
        if not path.is_file():
            sys.exit(f"Nothing measured: {path.name} is not in {path.parent}. Name the folder of the sets with --data.")


@dataclass(frozen=True)
class Night:
    """A set taken into a fresh ledger and looked at, as the command line does it, without writing the report."""

    ledger: Ledger
    ingested: IngestResult
    scan: Scan
    seconds: dict[str, float]


def night(folder: Path, files: Mapping[str, Sequence[Path]], settings: Settings | None = None) -> Night:
    """Take files into a new ledger in a folder and look at it."""
    seconds: dict[str, float] = {}
    progress = progress_for()
    with timed(seconds, "ingest"):
        ingested = ingest(folder / "ledger", files, progress=progress)
    ledger = Ledger.open(folder / "ledger")
    with timed(seconds, "scan"):
        scan = looked_at(ledger, settings or Settings())
    return Night(ledger, ingested, scan, seconds)


def looked_at(ledger: Ledger, settings: Settings, *, as_of: date | None = None) -> Scan:
    """Look at a whole ledger, or at what was booked until a date; writes nothing."""
    carrier = Shelf("flows.engines").load("local")(max_payments=settings.scan.payments_a_window)
    return look(ledger, as_of=as_of, settings=settings, carrier=carrier, progress=progress_for())


@contextmanager
def timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    """Note how long a block took: on the clock, and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    seconds[what] = round(time.perf_counter() - clock, 1)
    seconds[f"{what}, of the processor"] = round(time.process_time() - processor, 1)


def content_hash(path: Path) -> str:
    """Give the first sixteen hexadecimal digits of a file's SHA-256: which data it was."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def made_with(*data: Path) -> dict[str, Any]:
    """Name what figures depend on: the data and the version of every detector."""
    return {
        "data": {path.name: content_hash(path) for path in data},
        "detectors": {entry.id: entry.about.version for entry in every_detector()},
    }


def freeze(name: str, figures: Mapping[str, Any], made: Mapping[str, Any], measured: Mapping[str, Any]) -> Path:
    """Write a result to `frozen/NAME.json`."""
    path = FROZEN / f"{name}.json"
    whole = {
        "figures": figures,
        "made_with": made,
        "measured": {**measured, "peak_mb": peak_mb(), "versions": versions()},
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def put(text: str, page: Path, made_by: str) -> None:
    """Put tables into a page, between the mark of who makes them and the next end."""
    begin, end = f"<!-- made by benchmarks/quality/{made_by}.py -->\n", "<!-- end -->\n"
    head, rest = page.read_text(encoding="utf-8").split(begin)
    tail = rest.split(end, maxsplit=1)[1]
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay rows of the same keys out for a page: the first column says what, the others count.

    Examples
    --------
    >>> print(markdown([{"kind": "cycle", "cases": 12}]), end="")
    | kind | cases |
    |---|---:|
    | cycle | 12 |
    """
    heads = list(rows[0])
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(['---', *['---:'] * (len(heads) - 1)])}|"]
    return "\n".join([*lines, *(f"| {' | '.join(_cell(row[head]) for head in heads)} |" for row in rows)]) + "\n"


def table(rows: Sequence[Mapping[str, Any]], *, title: str = "") -> str:
    """Lay rows of the same keys out for a terminal.

    Examples
    --------
    >>> print(table([{"kind": "cycle", "cases": 12}, {"kind": "random", "cases": 7}]))
    kind    cases
    cycle      12
    random      7
    """
    if not rows:
        return f"{title}\n  (nothing)" if title else "(nothing)"
    heads = list(rows[0])
    cells = [heads, *([_cell(row[head]) for head in heads] for row in rows)]
    wide = [max(len(row[place]) for row in cells) for place in range(len(heads))]
    right = [isinstance(rows[0][head], int | float) for head in heads]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, wide, right, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join([title, *lines] if title else lines)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)
