"""Work out what a country's payments would need: ``python benchmarks/speed/plan.py banks/72000-967``.

Takes what `scale.py --keep` measured of one bank: simulating and taking in, the ledger's bytes, and the stages of a
scan by the local engine. Prints a table for so many payments a day, on the assumption that a payment costs there what
it cost here. Stages that an engine carries to windows are spread over cores; the others run in the one process that
drives them. A scan ends at the latest after the driver's own stages, the spread work divided by the cores, and the
longest task: Graham's bound for tasks that are begun whenever a core is free (Bell System Technical Journal 45, 1966).
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

SPREAD = ("searching", "asking indicators", "scoring accounts")
"""Stages whose work is carried to windows."""
A_DAY = (1_000_000, 50_000_000, 1_000_000_000)


@dataclass(frozen=True)
class Cost:
    """What one payment cost, by a bank that was measured.

    Parameters
    ----------
    taking_in, spread, driver : float
        Processor seconds of taking it in and of the stages that are spread; seconds by the clock of those that are not.
    stored : float
        Bytes in the ledger.
    longest : float
        Seconds of the longest task.
    payments : int
        How many were measured.
    """

    taking_in: float
    spread: float
    driver: float
    stored: float
    longest: float
    payments: int


def cost_of(bank: Path) -> Cost:
    """Read what was measured of a bank with two threads."""
    [kept] = sorted(bank.glob("local-*-2.json")) or sys.exit(f"no scan with two threads was measured in {bank}")
    run, spent = json.loads(kept.read_text()), json.loads((bank / "spent.json").read_text())
    payments = run["payments"]
    stored = sum(file.stat().st_size for file in (bank / "ledger" / "payments").rglob("*.parquet"))
    steps = run["steps"]
    return Cost(
        spent["taking in"] / payments,
        sum(step["cpu_seconds"] for step in steps if step["step"] in SPREAD) / payments,
        sum(step["seconds"] for step in steps if step["step"] not in SPREAD) / payments,
        stored / payments,
        max(step["task_seconds"]["longest"]["seconds"] for step in steps if "task_seconds" in step),
        payments,
    )


def lasts(seconds: float) -> str:
    """Say how long something takes."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}" if seconds >= 10 * size else f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def large(size: float) -> str:
    """Say how many bytes."""
    return f"{size / 1e12:,.1f} TB" if size >= 1e12 else f"{size / 1e9:,.0f} GB"


def rows(cost: Cost, days: int, hours: float) -> list[list[str]]:
    """Work out every row of the plan."""
    table = [
        ["payments a day", "how", *(f"{a_day:,}" for a_day in A_DAY)],
        ["taking in one day", f"{1e6 * cost.taking_in:.1f} us each", *(lasts(n * cost.taking_in) for n in A_DAY)],
        ["ledger, two years", f"{cost.stored:.0f} bytes each", *(large(730 * n * cost.stored) for n in A_DAY)],
        ["buckets for a scan", "twice what is looked at", *(large(2 * days * n * cost.stored) for n in A_DAY)],
        [
            f"scan of {days} days, work of cores",
            f"{1e6 * cost.spread:.1f} us each",
            *(lasts(days * n * cost.spread) for n in A_DAY),
        ],
        [
            "in the one process that drives it",
            f"{1e6 * cost.driver:.1f} us each",
            *(lasts(days * n * cost.driver) for n in A_DAY),
        ],
    ]
    needed = []
    for n in A_DAY:
        left = 3600 * hours - days * n * cost.driver - cost.longest
        needed.append(f"{max(1, -int(-days * n * cost.spread // left)):,}" if left > 0 else "no number")
    table.append([f"cores for it in {hours:g} h", f"longest task {cost.longest:.0f} s", *needed])
    return table


def main() -> None:
    """Print the plan."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("bank", type=Path, help="a folder of one bank that scale.py --keep has measured")
    asked.add_argument("--days", type=int, default=120, help="what a scan looks back")
    asked.add_argument("--hours", type=float, default=4, help="how long a scan may take")
    options = asked.parse_args()
    cost = cost_of(options.bank)
    print(f"from {cost.payments:,} payments of {options.bank.name}")
    for row in rows(cost, options.days, options.hours):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
