"""One machine: windows one after the other, the questions to each on a few threads."""

from __future__ import annotations

import os
import time
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from flows.cutting import WHOLE, Piece, Source, pieces, source_of, together
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


@runtime_checkable
class Noting(Protocol):
    """A task that also says what it left out of a window."""

    def notes(self, window: Window) -> Iterable[Any]:
        """Give what was left out of a window that was searched to its end, in the same process."""


@runtime_checkable
class Reading(Protocol):
    """A task that says what it reads of the payments; one that does not is given all columns."""

    @property
    def columns(self) -> frozenset[str] | None:
        """Columns of `flows.payments.PAYMENTS`; None for all of them."""


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


@dataclass(frozen=True)
class Spent:
    """What one task cost in one window.

    Parameters
    ----------
    task, window : str, str
        Which task, and which window in words.
    payments : int
        Payments in the window.
    seconds : float
        By the clock; another task may have run beside it.
    """

    task: str
    window: str
    payments: int
    seconds: float


@dataclass(frozen=True)
class Answer:
    """What a task found in a window, and what it left out of it."""

    found: list[Any]
    notes: list[Any]
    spent: Spent


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
    notes : tuple
        What the tasks left out of each window (`Noting`), in order of task and window.
    spent : tuple of Spent
        What each task cost in each window; never the same twice, and no part of the answer.
    """

    found: tuple[Any, ...]
    failures: tuple[Failure, ...]
    windows: int
    notes: tuple[Any, ...] = ()
    spent: tuple[Spent, ...] = field(default=(), compare=False)


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
        source: Ledger | Window | Source,
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
        source : Ledger, Window or Source
            Where the payments are. A window or source brings its own ``as_of``, ``hubs`` and side tables.
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
        cut = source_of(source, as_of, hubs, side)
        plan = planned(cut, tasks, self.max_payments)
        answers: dict[str, list[Answer]] = {id_: [] for id_ in sorted(tasks)}
        failures: list[Failure] = []
        searches = sum(len(ids) for _, ids in plan)
        with (
            (progress or Silent()).stage("searching", searches, "searches") as stage,
            ThreadPoolExecutor(self.threads) as pool,
        ):
            for number, (piece, ids) in enumerate(plan, 1):
                where = f", window {number} of {len(plan)}: {piece}" if len(plan) > 1 else ""
                # The longest last time goes first, so that no core waits for it at the end.
                ids.sort(key=lambda id_: -answers[id_][-1].spent.seconds if answers[id_] else 0.0)
                for id_, answer in ask(pool, cut, piece, {id_: tasks[id_] for id_ in ids}, where, stage).items():
                    if isinstance(answer, Failure):
                        failures.append(answer)
                    else:
                        answers[id_].append(answer)
        every = [answer for own in answers.values() for answer in own]
        return Outcome(
            tuple(sorted((one for answer in every for one in answer.found), key=lambda one: one.order)),
            tuple(sorted(failures)),
            len(plan),
            tuple(note for answer in every for note in answer.notes),
            tuple(answer.spent for answer in every),
        )


def planned(cut: Source, tasks: Mapping[str, Task], at_most: int) -> list[tuple[Piece, list[str]]]:
    """Say which windows there are and which tasks each is for.

    Parameters
    ----------
    cut : Source
        Where the payments are.
    tasks : mapping of str to Task
        By id.
    at_most : int
        About how many payments a window may hold.
    """
    for_piece: dict[Piece, list[str]] = defaultdict(list)
    of_reach: dict[Reach, tuple[Piece, ...]] = {}
    reaches = together(cut, {task_id: task.reach for task_id, task in tasks.items()}, at_most)
    for task_id in sorted(tasks):
        reach = reaches[task_id]
        if reach not in of_reach:
            of_reach[reach] = pieces(cut, reach, at_most)
        for piece in of_reach[reach]:
            for_piece[piece].append(task_id)
    return list(for_piece.items())


def ask(
    pool: ThreadPoolExecutor,
    cut: Source,
    piece: Piece,
    tasks: Mapping[str, Task],
    where: str = "",
    stage: Stage | None = None,
) -> dict[str, Answer | Failure]:
    """Ask every task of one window, and those that break once more.

    Parameters
    ----------
    pool : ThreadPoolExecutor
        Where tasks run.
    cut : Source
        Opens the window.
    piece : Piece
        Which window.
    tasks : mapping of str to Task
        By id, in the order to begin them.
    where : str
        Said behind a task's id while it runs.
    stage : Stage, optional
        Where to show how far it is.
    """
    first = _search(pool, cut, piece, tasks, where, stage)
    broken = [id_ for id_ in tasks if isinstance(first[id_], Failure)]
    # Once more, of a window read anew: a disk or a moment without memory may have been to blame.
    return first | _search(pool, cut, piece, {id_: tasks[id_] for id_ in broken}, where) if broken else first


def read_by(tasks: Iterable[Task]) -> frozenset[str] | None:
    """Give the columns that tasks read between them; None where one of them may read any."""
    each = [task.columns if isinstance(task, Reading) else None for task in tasks]
    told = [columns for columns in each if columns is not None]
    return frozenset().union(*told) if len(told) == len(each) else None


def _search(
    pool: ThreadPoolExecutor,
    cut: Source,
    piece: Piece,
    tasks: Mapping[str, Task],
    where: str,
    stage: Stage | None = None,
) -> dict[str, Answer | Failure]:
    """Open one window and ask every task of it; the window is gone when this is over: two would be twice the memory."""
    try:
        window = cut.open(piece, read_by(tasks.values()))
    except Exception as error:  # what cannot be read is reported for every question it leaves unasked
        return {id_: Failure(id_, str(piece), _told(error)) for id_ in tasks}
    asked: dict[str, Future[Answer | Failure]] = {}
    ids = list(tasks)
    try:
        # What tasks share (the graph of the window) is made by the first, before two would make it at once.
        for some in (ids[:1], ids[1:]):
            futures = {pool.submit(_answer, id_, tasks[id_], window, piece): id_ for id_ in some}
            _wait(futures, where, stage)
            asked |= {id_: future for future, id_ in futures.items()}
        return {id_: future.result() for id_, future in asked.items()}
    finally:
        # The whole is somebody's, who goes on to ask it other things.
        if piece != WHOLE:
            window.let_go()


def _wait(futures: Mapping[Future[Any], str], where: str, stage: Stage | None) -> None:
    """Wait for the answers, and say meanwhile which searches are under way."""
    left = set(futures)
    while left:
        done, left = wait(left, TOLD_EVERY_S, FIRST_COMPLETED)
        if stage is not None:
            stage.advance(len(done))
            if left:
                stage.now(" and ".join(f"{id_}{where}" for future, id_ in futures.items() if future.running()))


def _answer(task_id: str, task: Task, window: Window, piece: Piece) -> Answer | Failure:
    """Ask one task of one window, and keep what the window owns."""
    begun = time.perf_counter()
    try:
        meant = task.reach.meant
        found = [one for one in task.find(window) if meant(one.centre) and window.owns(one.centre, one.first_at)]
        notes = list(task.notes(window)) if isinstance(task, Noting) else []
    except Exception as error:  # a question that breaks must not take the others with it: it is reported, not hidden
        return Failure(task_id, str(piece), _told(error))
    return Answer(found, notes, Spent(task_id, str(piece), window.payments.num_rows, time.perf_counter() - begun))


def _told(error: Exception) -> str:
    """Say what broke without quoting it: the text of a stranger's error may hold an account."""
    if isinstance(error, ToolkitError):
        return error.what
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = "/".join(Path(own[-1].filename).parts[-3:])
    return f"{type(error).__name__} in {place}, line {own[-1].lineno}"
