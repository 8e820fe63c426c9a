"""What a run left out, cut or could not do, so that nothing is silent.

A search meets limits: a budget that keeps a hub from taking the whole night, accounts that serve the public, licensed
payment intermediaries. Each is a `Note`. While `find` runs, a detector leaves notes in its window::

    note(window, "chain", "capped", "{count} payment has more chains", "{count} payments have more chains", capped)

and whoever ran `find` to its end takes them with `notes_of(window)`, in the same process (a window that travels leaves
its memo behind). Counts are of things the window *owns* (payments by their time, accounts by their bucket), so the
notes of all windows add up with `added`: no thing is counted twice however the ledger is cut. What the scan and the
joining of findings leave out is a `Note` too; all of them are in ``run.json`` and on page one of the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from flows.plural import told
from flows.window import Window

Kind = Literal["planted", "rejected", "capped", "skipped", "excluded", "failed", "missing"]

KINDS: dict[Kind, str] = {
    "planted": "A test",
    "rejected": "Rows not taken in",
    "capped": "Cut to a limit",
    "skipped": "Not done",
    "excluded": "Set aside on purpose",
    "failed": "Failed",
    "missing": "Not in the data",
}
"""Kinds of notes in the order they are printed."""


@dataclass(frozen=True, order=True)
class Note:
    """One thing a reader would otherwise have to guess.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    one, many : str
        What happened and why, in plain words, for a count of one and for any other: a sentence with ``{count}`` in it
        and without its full stop; no account, name or amount. The two are the same where no count is said.
    count : int
        How many rows, findings, accounts or questions it touched; at least 1.
    detector : str
        Id of the detector that left it; empty where it is nobody's.
    values : tuple of (str, str)
        What else stands in braces, by name.

    Examples
    --------
    >>> Note("excluded", "{count} firm passed money on", "{count} firms passed money on", 2, "pass-through").sentence
    '2 firms passed money on (pass-through).'
    """

    kind: Kind
    one: str
    many: str
    count: int
    detector: str = ""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence with its number, and who says it."""
        by = f" ({self.detector})" if self.detector else ""
        return f"{told(self.one, self.many, self.count, **dict(self.values))}{by}."

    def as_json(self) -> dict[str, Any]:
        """Give it as `run.json` lists it."""
        return {"kind": self.kind, "sentence": self.sentence, "count": self.count, "detector": self.detector or None}


def note(window: Window, detector: str, kind: Kind, one: str, many: str, count: int, **values: str) -> None:
    """Leave a note in a window; a count of 0 leaves none, and saying it again changes nothing.

    Parameters
    ----------
    window : Window
        The window that is being searched.
    detector, kind, one, many, count
        As in `Note`.
    **values : str
        What else stands in braces.
    """
    if count:
        _kept(window)[detector, kind, one, many, tuple(sorted(values.items()))] = int(count)


def notes_of(window: Window) -> tuple[Note, ...]:
    """Give the notes left in a window so far, sorted."""
    return _sorted(_kept(window))


def added(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Add up the notes of several windows.

    Examples
    --------
    >>> added([Note("capped", "{count} cut", "{count} cut", 2), Note("capped", "{count} cut", "{count} cut", 3)])[
    ...     0
    ... ].count
    5
    """
    total: Counter[_What] = Counter()
    for each in notes:
        total[each.detector, each.kind, each.one, each.many, each.values] += each.count
    return _sorted(total)


_What = tuple[str, Kind, str, str, tuple[tuple[str, str], ...]]


def _sorted(counts: dict[_What, int]) -> tuple[Note, ...]:
    notes = (Note(kind, one, many, n, detector, values) for (detector, kind, one, many, values), n in counts.items())
    return tuple(sorted(notes))


def _kept(window: Window) -> dict[_What, int]:
    return window.memo("notes", dict[_What, int])
