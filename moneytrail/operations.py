"""What a run leaves for the machines that watch it: figures for Prometheus and an event for OpenLineage.

Both tell of work, never of people: files, rows, steps, seconds, counts. Where they go is in the section
``[operations]`` of the settings; without it nothing is written.
"""

from __future__ import annotations

import json
import os
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flows.errors import LockedError, StoreError
from moneytrail.run_sheet import versions
from moneytrail.settings import OperationsSettings
from reports.alert import Alert
from reports.weighing import TIERS

PRODUCER: Final = "urn:moneytrail"
SPEC: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS: Final = "https://openlineage.io/spec/facets/1-0-0"


@dataclass
class Watched:
    """A run under way; the command puts in what it knows.

    Parameters
    ----------
    sheet : mapping
        The run sheet (`moneytrail.run_sheet.RunSheet.whole`).
    tiers : mapping of str to int
        Alerts by tier.
    outputs : tuple of pathlib.Path
        Folders that were written.
    exit_code : int
        With which the command leaves.
    """

    sheet: Mapping[str, Any] = field(default_factory=dict)
    tiers: Mapping[str, int] = field(default_factory=dict)
    outputs: tuple[Path, ...] = ()
    exit_code: int = 0

    def saw(self, sheet: Mapping[str, Any], alerts: Iterable[Alert], out: Path) -> None:
        """Take what a finished run knows."""
        self.sheet = sheet
        self.tiers = {**dict.fromkeys(TIERS, 0), **Counter(alert.tier for alert in alerts)}
        self.outputs = (*self.outputs, out)
        self.exit_code = 4 if sheet.get("failed") else 0


@contextmanager
def watched(job: str, operations: OperationsSettings, folder: Path) -> Iterator[Watched]:
    """Tell the machines of a run when it is over, however it ends; of one that was turned away nothing.

    Parameters
    ----------
    job : str
        ``"scan"`` or ``"night"``.
    operations : OperationsSettings
        Where figures and events go.
    folder : pathlib.Path
        From where their paths are seen.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    began = datetime.now(UTC)
    run = Watched()
    try:
        yield run
    except LockedError:
        # Turned away, it did nothing; its figures would stand in place of those of the run that is under way.
        raise
    except BaseException as error:
        run.exit_code = getattr(error, "exit_code", 1)
        _tell(job, run, operations, folder, began, failed=True)
        raise
    _tell(job, run, operations, folder, began, failed=False)


def _tell(job: str, run: Watched, to: OperationsSettings, folder: Path, began: datetime, *, failed: bool) -> None:
    ended = datetime.now(UTC)
    if to.metrics:
        _replace(folder / to.metrics, metrics(job, run, began, ended, failed=failed))
    if to.lineage:
        lines = [json.dumps(event, sort_keys=True) for event in events(job, run, began, ended, failed=failed)]
        name = f"{began:%Y%m%dT%H%M%S%f}-{job}.jsonl"
        _replace(folder / to.lineage / name, "\n".join(lines) + "\n")


def metrics(job: str, run: Watched, began: datetime, ended: datetime, *, failed: bool) -> str:
    """Give the figures of a run in the text format of Prometheus."""
    steps = run.sheet.get("measured", {}).get("steps", ())
    figures: list[tuple[str, str, list[tuple[str, float]]]] = [
        ("last_run_timestamp_seconds", "When the last run ended", [("", ended.timestamp())]),
        ("last_run_success", "1 if the last run ended without an error", [("", float(not failed))]),
        ("last_run_exit_code", "With which the last run left", [("", float(run.exit_code))]),
        ("last_run_seconds", "How long the last run took", [("", (ended - began).total_seconds())]),
        ("alerts", "Alerts of the last run", [(f'tier="{tier}"', float(n)) for tier, n in sorted(run.tiers.items())]),
        ("detectors_failed", "Detectors that failed", [("", float(len(run.sheet.get("failed", ()))))]),
        ("rows_rejected", "Rejected rows of all files", [("", float(_inputs(run, "rejected")))]),
        ("rows_kept", "Rows of all files that were kept", [("", float(_inputs(run, "kept")))]),
        ("left_out", "Notes on what was left out", [(f'kind="{k}"', float(n)) for k, n in _left_out(run).items()]),
        ("step_seconds", "How long each step took", [(f'step="{one["step"]}"', one["seconds"]) for one in steps]),
        ("peak_memory_bytes", "Most memory held", [("", 1e6 * run.sheet.get("measured", {}).get("peak_mb", 0))]),
    ]
    lines = []
    for name, help_, samples in figures:
        if samples:
            lines += [f"# HELP moneytrail_{name} {help_}.", f"# TYPE moneytrail_{name} gauge"]
            for labels, value in samples:
                told = ",".join(filter(None, (f'job="{job}"', labels)))
                lines.append(f"moneytrail_{name}{{{told}}} {value!r}")
    return "\n".join(lines) + "\n"


def _inputs(run: Watched, what: str) -> int:
    return sum(source[what] for source in run.sheet.get("inputs", ()))


def _left_out(run: Watched) -> dict[str, int]:
    return dict(sorted(Counter(note["kind"] for note in run.sheet.get("left_out", ())).items()))


def events(job: str, run: Watched, began: datetime, ended: datetime, *, failed: bool) -> Iterator[dict[str, Any]]:
    """Give the events of a run as OpenLineage has them: that it started, and how it ended."""
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{job}/{began.isoformat()}"))
    common = {
        "producer": PRODUCER,
        "schemaURL": SPEC,
        "job": {"namespace": "moneytrail", "name": job},
        "run": {"runId": name},
    }
    yield {**common, "eventType": "START", "eventTime": _iso(began), "inputs": [], "outputs": []}
    made = versions()
    facets = {
        "processing_engine": {
            "_producer": PRODUCER,
            "_schemaURL": f"{FACETS}/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet",
            "name": "moneytrail",
            "version": made["moneytrail"],
        }
    }
    yield {
        **common,
        "run": {"runId": name, "facets": facets},
        "eventType": "FAIL" if failed else "COMPLETE",
        "eventTime": _iso(ended),
        "inputs": [_input(source) for source in run.sheet.get("inputs", ())],
        "outputs": [{"namespace": "file", "name": str(path)} for path in run.outputs],
    }


def _input(source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "namespace": "file",
        "name": source["file_name"],
        "inputFacets": {
            "dataQualityMetrics": {
                "_producer": PRODUCER,
                "_schemaURL": f"{FACETS}/DataQualityMetricsInputDatasetFacet.json"
                "#/$defs/DataQualityMetricsInputDatasetFacet",
                "rowCount": source["rows"],
                "columnMetrics": {},
            }
        },
    }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all; whoever scrapes or collects it may be another user."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except OSError as error:
        raise StoreError(
            f"figures of the run cannot be written: {error.strerror or type(error).__name__}",
            where=str(path),
            try_="see the section [operations] of the settings; the results of the run are written",
        ) from error
