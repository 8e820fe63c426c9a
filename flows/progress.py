"""How far a long step is, said on standard error.

On a terminal a bar with the stage, rows a second and the time left, for anything over two seconds; elsewhere plain log
lines; or nothing. Standard output stays free for what a command answers.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol, TextIO

from flows import logs

# A bar that flashes by says nothing (issue: "anything over two seconds").
SHOWN_AFTER_S = 2.0
# A scheduler's log should stay readable: ours.
LINE_EVERY_S = 10.0


Unit = Literal["rows", "payments", "accounts", "findings", "searches", "shuffles", "traces", "files", "days"]

UNITS: dict[Unit, tuple[str, str]] = {
    "rows": ("{count} row", "{count} rows"),
    "payments": ("{count} payment", "{count} payments"),
    "accounts": ("{count} account", "{count} accounts"),
    "findings": ("{count} finding", "{count} findings"),
    "searches": ("{count} search", "{count} searches"),
    "shuffles": ("{count} shuffle", "{count} shuffles"),
    "traces": ("{count} trace", "{count} traces"),
    "files": ("{count} file", "{count} files"),
    "days": ("{count} day", "{count} days"),
}
"""What can be counted, in words."""


def _number_of(unit: Unit, count: int) -> str:
    # Not by `flows.plural.told`: stages bear English names, whatever language the report is in.
    return UNITS[unit][count != 1].format(count=f"{count:,}")


class Stage(Protocol):
    """A step under way."""

    def advance(self, count: int) -> None:
        """Say that so many more are done."""

    def now(self, what: str) -> None:
        """Say what is under way, e.g. ``"round-trip"``; never an account, a name or an amount."""


class Progress(Protocol):
    """Shows the steps of a run."""

    def stage(self, name: str, total: int | None = None, unit: Unit = "rows") -> Any:
        """Begin a step; a context manager that gives the `Stage`.

        Parameters
        ----------
        name : str
            What is being done, e.g. ``"reading trans.csv"``; never an account, a name or an amount.
        total : int, optional
            How many there are in all, where that is known.
        unit : str
            What is counted, a key of `UNITS`.
        """


def progress_for(stream: TextIO | None = None, *, quiet: bool = False) -> Progress:
    """Choose how progress is shown.

    Parameters
    ----------
    stream : text file, optional
        Where to; standard error if not given.
    quiet : bool
        Show nothing.

    Examples
    --------
    >>> with progress_for(quiet=True).stage("reading payments.csv", total=10) as stage:
    ...     stage.advance(10)
    """
    stream = sys.stderr if stream is None else stream
    loud = Bars(stream) if stream.isatty() else Lines(stream)
    shown: Progress = Silent() if quiet or logs.to_standard_error() else loud
    return Logged(shown) if logs.asked_for() else shown


class Silent:
    """Shows nothing."""

    @contextmanager
    def stage(self, name: str, total: int | None = None, unit: Unit = "rows") -> Iterator[Stage]:
        """Begin a step."""
        yield _Counted(lambda done, what: None)


class Lines:
    """Writes a line when a step begins and ends, and every ten seconds between.

    Parameters
    ----------
    stream : text file
        Where to.
    clock : callable
        Gives seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock

    @contextmanager
    def stage(self, name: str, total: int | None = None, unit: Unit = "rows") -> Iterator[Stage]:
        """Begin a step."""
        begun = said = self._clock()

        def moved(done: int, what: str) -> None:
            nonlocal said
            now = self._clock()
            if now - said >= LINE_EVERY_S:
                said = now
                so_far = _number_of(unit, done) if total is None else f"{done:,} of {_number_of(unit, total)}"
                at = f"; now {what}" if what else ""
                self._say(f"{name}: {so_far}, {done / (now - begun):,.0f} a second{at}")

        counted = _Counted(moved)
        self._say(f"{name}: begins")
        try:
            yield counted
        except BaseException:
            self._say(f"{name}: stopped after {_number_of(unit, counted.done)}")
            raise
        self._say(f"{name}: {_number_of(unit, counted.done)} in {self._clock() - begun:.1f} s")

    def _say(self, text: str) -> None:
        self._stream.write(f"moneytrail: {text}\n")
        self._stream.flush()


class Bars:
    """Draws a bar for a step that takes longer than two seconds.

    Parameters
    ----------
    stream : text file
        A terminal.
    clock : callable
        Gives seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock

    @contextmanager
    def stage(self, name: str, total: int | None = None, unit: Unit = "rows") -> Iterator[Stage]:
        """Begin a step."""
        # rich takes a tenth of a second to import, which a short command should not pay.
        from rich.console import Console
        from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[said]}", markup=False),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(file=self._stream, force_terminal=True),
            transient=True,
        )
        task = bar.add_task(name, total=total, said="")
        begun = self._clock()
        shown = False

        def moved(done: int, what: str) -> None:
            nonlocal shown
            spent = self._clock() - begun
            if spent < SHOWN_AFTER_S:
                return
            if not shown:
                shown = True
                bar.start()
            said = f"{_number_of(unit, done)}, {done / spent:,.0f} a second"
            bar.update(task, completed=done, said=said, description=f"{name}: {what}" if what else name)

        try:
            yield _Counted(moved)
        finally:
            if shown:
                bar.stop()


class Logged:
    """Shows the steps of a run as events, and through another `Progress` as well.

    Parameters
    ----------
    shown : Progress
        Where they are shown besides.
    """

    def __init__(self, shown: Progress) -> None:
        self._shown = shown

    @contextmanager
    def stage(self, name: str, total: int | None = None, unit: Unit = "rows") -> Iterator[Stage]:
        """Begin a step."""
        logs.event("step began", step=name)
        begun = time.monotonic()
        counted = 0

        class Counting:
            """Counts for the log and passes on."""

            def advance(self, count: int) -> None:
                nonlocal counted
                counted += count
                stage.advance(count)

            def now(self, what: str) -> None:
                stage.now(what)

        with self._shown.stage(name, total, unit) as stage:
            try:
                yield Counting()
            except BaseException as error:
                spent = round(time.monotonic() - begun, 3)
                logs.event("step stopped", level=logging.ERROR, step=name, count=counted, unit=unit, seconds=spent,
                      error=type(error).__name__)  # fmt: skip
                raise
        logs.event("step ended", step=name, count=counted, unit=unit, seconds=round(time.monotonic() - begun, 3))


class _Counted:
    """Counts what is done and tells whoever shows it."""

    def __init__(self, moved: Callable[[int, str], None]) -> None:
        self.done = 0
        self._what = ""
        self._moved = moved

    def advance(self, count: int) -> None:
        """Say that so many more are done."""
        self.done += count
        self._moved(self.done, self._what)

    def now(self, what: str) -> None:
        """Say what is under way."""
        self._what = what
        self._moved(self.done, what)
