"""What a detector left out on purpose, so that nothing is cut silently.

A search meets limits: a budget that keeps a hub from taking the whole night, accounts that serve the public, licensed
payment intermediaries. Each is a `Note`. While `find` runs, a detector leaves notes in its window::

    note(window, "round-trip", "capped", "{count} first payments have more round trips than were listed", capped)

and whoever ran `find` to its end takes them with `notes_of(window)`, in the same process (a window that travels leaves
its memo behind). Counts are of things the window *owns* (payments by their time, accounts by their bucket), so the
notes of all windows add up with `added`: no thing is counted twice however the ledger is cut. The scan writes them to
``run.json`` and the report says them on page one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from flows.window import Window

Kind = Literal["capped", "excluded"]


@dataclass(frozen=True, order=True)
class Note:
    """One thing left out, with how often.

    Parameters
    ----------
    detector : str
        Id of the detector.
    kind : {"capped", "excluded"}
        ``"capped"``: a budget was reached, so there may be more than was found. ``"excluded"``: a rule leaves it out.
    says : str
        The sentence, with ``{count}`` in it; no account, name or amount.
    count : int
        How often; at least 1.

    Examples
    --------
    >>> Note("pass-through", "excluded", "{count} licensed intermediaries passed money on", 2).sentence
    '2 licensed intermediaries passed money on'
    """

    detector: str
    kind: Kind
    says: str
    count: int

    @property
    def sentence(self) -> str:
        """The sentence with its number."""
        return self.says.format(count=f"{self.count:,}")


def note(window: Window, detector: str, kind: Kind, says: str, count: int) -> None:
    """Leave a note in a window; a count of 0 leaves none, and saying it again changes nothing.

    Parameters
    ----------
    window : Window
        The window that is being searched.
    detector, kind, says, count
        As in `Note`.
    """
    if count:
        _kept(window)[detector, kind, says] = int(count)


def notes_of(window: Window) -> tuple[Note, ...]:
    """Give the notes left in a window so far, sorted."""
    return tuple(sorted(Note(*what, count) for what, count in _kept(window).items()))


def added(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Add up the notes of several windows.

    Examples
    --------
    >>> added([Note("chain", "capped", "{count} cut", 2), Note("chain", "capped", "{count} cut", 3)])[0].count
    5
    """
    total: Counter[tuple[str, Kind, str]] = Counter()
    for each in notes:
        total[each.detector, each.kind, each.says] += each.count
    return tuple(sorted(Note(*what, count) for what, count in total.items()))


def _kept(window: Window) -> dict[tuple[str, Kind, str], int]:
    return window.memo("notes", dict)  # type: ignore[no-any-return]
