"""Every question asked of every window: what was found, what failed, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from detectors import keeping
from detectors.finding import Finding
from detectors.interface import SEARCHED, Detector, Reading
from detectors.notes import Note, added, notes_of
from flows.cutting import Source
from flows.ledger import Ledger
from flows.progress import Progress
from flows.window import Reach, SideTables, Window


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
    spent : tuple
        What each detector cost in each window, `flows.engines.local.Spent`.
    """

    findings: tuple[Finding, ...]
    failures: dict[str, str]
    notes: tuple[Note, ...]
    windows: int
    spent: tuple[Any, ...] = ()


def search(
    engine: Engine,
    source: Ledger | Window | Source,
    detectors: Mapping[str, Detector],
    *,
    as_of: date | None = None,
    hubs: Iterable[str] = (),
    side: SideTables | None = None,
    progress: Progress | None = None,
) -> Searched:
    """Ask every detector of a ledger, which the engine cuts as it sees fit.

    Parameters
    ----------
    engine : Engine
        Where the work is done.
    source : Ledger, Window or Source
        Everything to be searched. A window or source brings its own last day, hubs and side tables.
    detectors : mapping of str to Detector
        By id.
    as_of : datetime.date, optional
        Look at nothing booked after this date.
    hubs : iterable of str
        Accounts that serve the public.
    side : SideTables, optional
        The side tables; those of the ledger if not given.
    progress : Progress, optional
        Where to show how far it is.
    """
    tasks = {id_: Searching(id_, detector) for id_, detector in detectors.items()}
    outcome = engine.run(source, tasks, as_of=as_of, hubs=hubs, side=side, progress=progress)
    return Searched(outcome.found, failed(outcome), added(outcome.notes), outcome.windows, outcome.spent)


def failed(outcome: Any) -> dict[str, str]:
    """Give the tasks of an outcome that failed in some window, with the first error and where."""
    failures: dict[str, str] = {}
    for failure in outcome.failures:
        failures.setdefault(failure.task, f"{failure.error} ({failure.window})")
    return failures


@dataclass(frozen=True)
class Searching:
    """A detector as a task of an engine: it travels as its id and its parameters."""

    id: str
    detector: Detector

    @property
    def reach(self) -> Reach:
        """How far it looks."""
        return self.detector.reach

    @property
    def columns(self) -> frozenset[str] | None:
        """What it reads of the payments, where it says so."""
        return SEARCHED | self.detector.columns if isinstance(self.detector, Reading) else None

    def find(self, window: Window) -> Iterator[Finding]:
        """Give what it finds."""
        return self.detector.find(window)

    def notes(self, window: Window) -> list[Note]:
        """Give what it left out."""
        return [note for note in notes_of(window) if note.detector == self.id]

    @property
    def key(self) -> str:
        """Everything but the window that the answer depends on."""
        return f"{self.id} version {self.detector.about.version}: {self.detector!r}"

    def pack(self, found: list[Finding], notes: list[Note]) -> str | None:
        """Write an answer as text."""
        return keeping.written(found, notes)

    def unpack(self, text: str) -> tuple[list[Finding], list[Note]]:
        """Read an answer."""
        found, notes = keeping.read(text)
        return found, notes
