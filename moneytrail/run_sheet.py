"""The run sheet: what a scan was made with and from, what each step cost, and what was left out.

It goes to ``run.json``. Everything in it but the section ``measured`` is the same whenever the same ledger is scanned
with the same settings by the same versions; `measured` holds seconds and memory, which never are.
"""

from __future__ import annotations

import json
import platform
import resource
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

# The packages whose version can change a result.
PACKAGES = (
    "moneytrail", "deltalake", "duckdb", "networkx", "numba", "numpy", "pandas", "pyarrow", "pyod", "scikit-learn",
    "scipy",
)  # fmt: skip

MEASURED = ("seconds", "cpu_seconds", "peak_mb", "task_seconds")
"""What of a step is never twice the same."""
QUANTILES = {"median": 0.5, "p90": 0.9, "p99": 0.99}


@dataclass
class RunSheet:
    """Collected while a scan runs.

    Parameters
    ----------
    facts : dict
        What is the same on every run: settings, ledger version, hashes, seeds, counts.
    steps : list of dict
        One entry per step: name, rows in and out, money, seconds, peak memory so far.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a step; what it counts is put into the dict it is given."""
        counted: dict[str, Any] = {}
        begun, busy = time.perf_counter(), time.process_time()
        yield counted
        spent = {"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - busy}
        rounded = {name: round(seconds, 3) for name, seconds in spent.items()}
        self.steps.append({"step": name, **counted, **rounded, "peak_mb": peak_mb()})

    def reproducible(self) -> dict[str, Any]:
        """Give everything that does not depend on how fast the machine is."""
        steps = [{key: value for key, value in step.items() if key not in MEASURED} for step in self.steps]
        return {"versions": versions(), **self.facts, "steps": steps}

    def whole(self) -> dict[str, Any]:
        """Give everything, for ``run.json``."""
        measured = [{key: step[key] for key in ("step", *MEASURED) if key in step} for step in self.steps]
        return {
            **self.reproducible(),
            "measured": {
                "steps": measured,
                "seconds": round(sum(step["seconds"] for step in self.steps), 3),
                "peak_mb": peak_mb(),
                "machine": platform.machine(),
            },
        }


def versions() -> dict[str, str]:
    """Give the versions of Python and of every package that can change a result."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def spread(spent: Iterable[Any]) -> dict[str, Any]:
    """Say how the seconds of single tasks lie: one far above the others keeps a core waiting for it at the end.

    Parameters
    ----------
    spent : iterable of flows.engines.local.Spent
        What each task cost in each window.
    """
    ordered = sorted(spent, key=lambda one: one.seconds)
    if not ordered:
        return {"tasks": 0}
    longest = ordered[-1]
    at = {name: ordered[int(share * (len(ordered) - 1))].seconds for name, share in QUANTILES.items()}
    return {
        "tasks": len(ordered),
        "total": round(sum(one.seconds for one in ordered), 3),
        **{name: round(seconds, 3) for name, seconds in at.items()},
        "longest": {
            "task": longest.task,
            "window": longest.window,
            "payments": longest.payments,
            "seconds": round(longest.seconds, 3),
        },
    }


def peak_mb() -> int:
    """Give the most memory this process has held, in megabytes (10^6 bytes)."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def as_json(sheet: Mapping[str, Any]) -> str:
    """Write a run sheet for people and programs: sorted, indented, one line feed at the end."""
    return json.dumps(sheet, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
