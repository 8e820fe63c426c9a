"""Every question asked of every window: what was found, what failed, and what was left out."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from detectors.finding import Finding
from detectors.interface import Detector
from detectors.notes import Note, added, notes_of
from flows.progress import Progress
from flows.window import Reach, Window


class Engine(Protocol):
    """Carries tasks to windows; see `flows.engines.local.Local`."""

    def run(self, source: Any, tasks: Mapping[str, Any], **context: Any) -> Any:
        """Ask every task of every window of the source."""


@dataclass(frozen=True)
class Searched:
    """What a search gave.

    Parameters
    ----------
    findings : tuple of Finding
        In their one order.
    failures : dict of str to str
        Detectors that failed in some window, by id, with the first error and where; what they found elsewhere is kept.
    notes : tuple of Note
        What detectors left out on purpose, added up over the windows.
    windows : int
        How many windows were searched.
    """

    findings: tuple[Finding, ...]
    failures: dict[str, str]
    notes: tuple[Note, ...]
    windows: int


def search(
    engine: Engine,
    window: Window,
    detectors: Mapping[str, Detector],
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> Searched:
    """Ask every detector of a window, which the engine cuts as it sees fit.

    Parameters
    ----------
    engine : Engine
        Where the work is done.
    window : Window
        Everything to be searched, with its hubs and side tables.
    detectors : mapping of str to Detector
        By id.
    as_of : datetime.date, optional
        Look at nothing booked after this date.
    progress : Progress, optional
        Where to show how far it is.
    """
    heard: list[Note] = []
    tasks = {id_: _Heard(id_, detector, heard, threading.Lock()) for id_, detector in detectors.items()}
    outcome = engine.run(window, tasks, as_of=as_of, progress=progress)
    failures: dict[str, str] = {}
    for failure in outcome.failures:
        failures.setdefault(failure.task, f"{failure.error} ({failure.window})")
    return Searched(outcome.found, failures, added(heard), outcome.windows)


@dataclass(frozen=True)
class _Heard:
    """A detector whose notes are taken down as soon as it has answered."""

    id: str
    detector: Detector
    notes: list[Note]
    lock: threading.Lock

    @property
    def reach(self) -> Reach:
        return self.detector.reach

    def find(self, window: Window) -> Iterator[Finding]:
        findings = list(self.detector.find(window))
        own = [note for note in notes_of(window) if note.detector == self.id]
        with self.lock:
            self.notes.extend(own)
        return iter(findings)
