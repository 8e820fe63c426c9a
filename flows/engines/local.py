"""One machine: windows one after the other, the questions to each on a few threads."""

from __future__ import annotations

import os
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol

from flows.cutting import OfLedger, OfWindow, Piece, Source, pieces
from flows.errors import ToolkitError
from flows.ledger import Ledger
from flows.progress import Progress, Silent, Stage
from flows.window import Reach, SideTables, Window

# Ours: a window of five million payments with its graph should fit a machine of 8 GB.
MAX_PAYMENTS: Final = 5_000_000
# Often enough for a bar on a terminal, and nothing next to a search: ours.
TOLD_EVERY_S: Final = 1.0


class Task(Protocol):
    """A question asked of every window."""

    @property
    def reach(self) -> Reach:
        """How far it looks."""

    def find(self, window: Window) -> Iterable[Any]:
        """Give what it finds: things with a ``centre``, a ``first_at`` and an ``order``."""


@dataclass(frozen=True, order=True)
class Failure:
    """A question that could not be asked of a window.

    Parameters
    ----------
    task : str
        Id of the task.
    window : str
        Which window, in words.
    error : str
        What went wrong and where in the code, without any value from the data.
    """

    task: str
    window: str
    error: str


Answer = list[Any] | Failure
"""What a task found in a window, or why it could not look."""


@dataclass(frozen=True)
class Outcome:
    """What a run over all windows gave.

    Parameters
    ----------
    found : tuple
        Everything found and owned, in the order of its ``order``.
    failures : tuple of Failure
        In order of task. What a failed task found in other windows is in ``found`` all the same.
    windows : int
        How many windows were searched.
    """

    found: tuple[Any, ...]
    failures: tuple[Failure, ...]
    windows: int


class Local:
    """Carries tasks to the windows of a ledger on this machine.

    With no more payments than a window may hold, there is one window for all tasks. With more, tasks of the same reach
    share windows that are cut to it, by time or by account, so that memory does not grow with the ledger.

    Parameters
    ----------
    max_payments : int
        About how many payments a window may hold. A single day with its reach may hold more, and is searched all the
        same.
    threads : int, optional
        How many tasks search a window at once; by default two, or one where there is one processor. The answer is the
        same for any number.
    """

    def __init__(self, max_payments: int = MAX_PAYMENTS, threads: int | None = None) -> None:
        self.max_payments = max_payments
        # Each task may hold arrays as large as the window, so more than two threads are asked for, not taken.
        self.threads = min(2, os.cpu_count() or 1) if threads is None else threads

    def run(
        self,
        source: Ledger | Window,
        tasks: Mapping[str, Task],
        *,
        as_of: date | None = None,
        hubs: Iterable[str] = (),
        side: SideTables | None = None,
        progress: Progress | None = None,
    ) -> Outcome:
        """Ask every task of every window.

        Parameters
        ----------
        source : Ledger or Window
            Where the payments are. A window brings its own ``as_of``, ``hubs`` and side tables.
        tasks : mapping of str to Task
            By id.
        as_of : datetime.date, optional
            Look at nothing booked after this date.
        hubs : iterable of str
            Accounts that serve the public.
        side : SideTables, optional
            The side tables; those of the ledger if not given.
        progress : Progress, optional
            Where to show how far it is.

        Returns
        -------
        Outcome
            The same for any cut and any number of threads, if the tasks keep their contract.
        """
        cut = OfWindow(source) if isinstance(source, Window) else OfLedger(source, as_of, hubs, side)
        plan = self._plan(cut, tasks)
        found: list[Any] = []
        failures: list[Failure] = []
        searches = sum(len(ids) for _, ids in plan)
        with (
            (progress or Silent()).stage("searching", searches, "searches") as stage,
            ThreadPoolExecutor(self.threads) as pool,
        ):
            for piece, ids in plan:
                window = cut.open(piece)
                where = f", {piece}" if len(plan) > 1 else ""
                # What tasks share (the graph of the window) is made by the first, before two would make it at once.
                for some in (ids[:1], ids[1:]):
                    futures = {pool.submit(_answer, id_, tasks[id_], window, piece): f"{id_}{where}" for id_ in some}
                    for answer in _answers(futures, stage):
                        if isinstance(answer, Failure):
                            failures.append(answer)
                        else:
                            found += answer
                # Before the next one is opened: two windows at once would be twice the memory.
                del window, futures
        found.sort(key=lambda one: one.order)
        return Outcome(tuple(found), tuple(sorted(failures)), len(plan))

    def _plan(self, cut: Source, tasks: Mapping[str, Task]) -> list[tuple[Piece, list[str]]]:
        """Say which windows there are and which tasks each is for."""
        for_piece: dict[Piece, list[str]] = defaultdict(list)
        of_reach: dict[Reach, tuple[Piece, ...]] = {}
        for task_id in sorted(tasks):
            reach = tasks[task_id].reach
            if reach not in of_reach:
                of_reach[reach] = pieces(cut, reach, self.max_payments)
            for piece in of_reach[reach]:
                for_piece[piece].append(task_id)
        return list(for_piece.items())


def _answers(asked: Mapping[Future[Answer], str], stage: Stage) -> list[Answer]:
    """Wait for the answers, and say meanwhile which searches are under way."""
    left = set(asked)
    while left:
        done, left = wait(left, TOLD_EVERY_S, FIRST_COMPLETED)
        stage.advance(len(done))
        if left:
            stage.now(" and ".join(name for future, name in asked.items() if future.running()))
    return [future.result() for future in asked]


def _answer(task_id: str, task: Task, window: Window, piece: Piece) -> Answer:
    """Ask one task of one window, and keep what the window owns."""
    try:
        return [one for one in task.find(window) if window.owns(one.centre, one.first_at)]
    except Exception as error:  # a question that breaks must not take the others with it: it is reported, not hidden
        return Failure(task_id, str(piece), _told(error))


def _told(error: Exception) -> str:
    """Say what broke without quoting it: the text of a stranger's error may hold an account."""
    if isinstance(error, ToolkitError):
        return error.what
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = "/".join(Path(own[-1].filename).parts[-3:])
    return f"{type(error).__name__} in {place}, line {own[-1].lineno}"
