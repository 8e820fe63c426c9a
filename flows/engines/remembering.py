"""One machine that asks only what it has not been asked before.

A detector is a pure function of its window (`flows.window`), so an answer can be kept under the name of everything it
was made from, and need not be asked for again while that is the same. Tasks that are cut by time are asked of pieces
that stay where they are from night to night: spans of whole days on a fixed calendar. A new day, a late payment or a
reversal changes the content of the few pieces that hold its day, and only those are searched.

Exact by construction: the content is not inferred from what was taken in but read off the very window, and the window
holds nothing else. Its hubs and side tables are cut down to the accounts inside, so that what changes elsewhere changes
no name; its last day is left out; links, which say something of others, are only there for a task whose reach says so.

Tasks that are cut by account, or see everything at once, are carried as `Local` carries them: an account of a bank
moves nearly every day, and indicators look back from the last day, which is another one each night.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.cutting import Piece, Source, source_of
from flows.engines.local import MAX_PAYMENTS, Failure, Local, Outcome, Task, ask
from flows.errors import PluginError
from flows.ledger import Ledger
from flows.memory import Memory, content_of
from flows.progress import Progress, Silent
from flows.window import Reach, SideTables, Window, times

_DAY: Final = timedelta(days=1)
_DAY_MICROS: Final = _DAY // timedelta(microseconds=1)


@runtime_checkable
class Keeping(Protocol):
    """A task whose answers can be kept."""

    @property
    def key(self) -> str:
        """Everything but the window that its answers depend on: id, version, parameters."""

    def pack(self, found: list[Any], notes: list[Any]) -> str | None:
        """Write an answer as text; None where it cannot be."""

    def unpack(self, text: str) -> tuple[list[Any], list[Any]]:
        """Read an answer."""


class Remembering:
    """Carries tasks as `flows.engines.local.Local` does, and remembers what they answered.

    Parameters
    ----------
    max_payments : int
        About how many payments a window may hold, as for `Local`.
    threads : int, optional
        How many tasks search a window at once, as for `Local`.
    memory : Memory, optional
        Where answers are kept; without one they end with the process.
    program : str
        What else an answer depends on: the versions of the program and its libraries.
    """

    def __init__(
        self,
        max_payments: int = MAX_PAYMENTS,
        threads: int | None = None,
        memory: Memory | None = None,
        program: str = "",
    ) -> None:
        self.max_payments = max_payments
        self.memory = Memory() if memory is None else memory
        self.program = program
        self._local = Local(max_payments, threads)

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
        """Ask every task of every window, or remember what it answered.

        Parameters
        ----------
        source, tasks, as_of, hubs, side, progress
            As for `Local.run`.

        Returns
        -------
        Outcome
            The same as that of `Local`; ``spent`` names only what was asked.
        """
        cut = source_of(source, as_of, hubs, side)
        kept = {id_: task for id_, task in tasks.items() if task.reach.cut == "time" and isinstance(task, Keeping)}
        others = {id_: task for id_, task in tasks.items() if id_ not in kept}
        rest = self._local.run(cut, others, progress=progress) if others else Outcome((), (), 0)
        plan = calendar(cut, {id_: task.reach for id_, task in kept.items()}, self.max_payments)
        found, notes, spent, failures = [*rest.found], [*rest.notes], [*rest.spent], [*rest.failures]
        days: dict[int, bytes] = {}
        searches = sum(len(ids) for _, ids in plan)
        with (
            (progress or Silent()).stage("searching what changed", searches, "searches") as stage,
            ThreadPoolExecutor(self._local.threads) as pool,
        ):
            for piece, ids in plan:
                window = _bounded(cut.open(piece), kept[ids[0]].reach)
                content = _content(window, days)
                names = {id_: Memory.name(self.program, kept[id_].key, repr(piece), content) for id_ in ids}
                remembered = {id_: text for id_ in ids if (text := self.memory.get(names[id_])) is not None}
                stage.advance(len(remembered))
                for id_, text in remembered.items():
                    own_found, own_notes = kept[id_].unpack(text)
                    found += own_found
                    notes += own_notes
                missing = {id_: tasks[id_] for id_ in ids if id_ not in remembered}
                if not missing:
                    continue
                for id_, answer in ask(pool, _Opened(window), piece, missing, f", {piece}", stage).items():
                    if isinstance(answer, Failure):
                        failures.append(answer)
                        continue
                    found += answer.found
                    notes += answer.notes
                    spent.append(answer.spent)
                    written = kept[id_].pack(answer.found, answer.notes)
                    if written is not None:
                        self.memory.put(names[id_], written)
        return Outcome(
            tuple(sorted(found, key=lambda one: one.order)),
            tuple(sorted(failures)),
            rest.windows + len(plan),
            tuple(notes),
            tuple(spent),
        )


def calendar(cut: Source, reaches: Mapping[str, Reach], at_most: int) -> list[tuple[Piece, list[str]]]:
    """Plan pieces that stay where they are whatever is added to the ledger.

    The reach of a task is rounded up to a power of two days, so that tasks of about the same reach share windows; more
    than it needs does a window no harm. A piece owns about half as many days as it reaches over, and begins at a
    multiple of them since 1970; where it would hold too many payments it is halved, down to a day.

    Parameters
    ----------
    cut : Source
        Where the payments are.
    reaches : mapping of str to Reach
        Of each task, all cut by time.
    at_most : int
        About how many payments a window may hold.

    Returns
    -------
    list of (Piece, list of str)
        Pieces that own a day with payments, and the tasks each is for, in order of reach and time.
    """
    together: dict[tuple[int, int, bool], list[str]] = defaultdict(list)
    for id_, reach in sorted(reaches.items()):
        together[_rounded(reach.back), _rounded(reach.ahead), reach.links].append(id_)
    days, counts = cut.per_day[:, 0], cut.per_day[:, 1]
    before = np.concatenate([[0], np.cumsum(counts)])

    def held(first: int, last: int) -> int:
        low, high = np.searchsorted(days, [first, last], "left")
        return int(before[high] - before[low])

    def halved(first: int, size: int, back: int, ahead: int) -> Iterator[Piece]:
        if not held(first, first + size):
            return
        if size > 1 and held(first - back, first + size + ahead) > at_most:
            yield from halved(first, size // 2, back, ahead)
            yield from halved(first + size // 2, size // 2, back, ahead)
            return
        micros = (first * _DAY_MICROS, (first + size) * _DAY_MICROS, back * _DAY_MICROS, ahead * _DAY_MICROS)
        yield Piece("time", *micros)

    plan = []
    for (back, ahead, _), ids in sorted(together.items()):
        size = _power((back + ahead) // 2)
        for number in np.unique(days // size).tolist():
            plan += [(piece, ids) for piece in halved(number * size, size, back, ahead)]
    return plan


def _rounded(span: timedelta) -> int:
    """Give a span in days, as a power of two; none stays none."""
    return _power(-(-span // _DAY)) if span else 0


def _power(days: int) -> int:
    """Give the least power of two that is not less."""
    return 1 << max(0, days - 1).bit_length()


class _Opened:
    """Gives the one window that is open already."""

    def __init__(self, window: Window) -> None:
        self._window = window

    @property
    def per_day(self) -> Any:
        """Never asked: the window is cut already."""
        raise PluginError("a window that is open was to be planned", where="flows.engines.remembering")

    @property
    def ends(self) -> Any:
        """Never asked either."""
        return self.per_day

    def open(self, piece: Piece, columns: Collection[str] | None = None) -> Window:
        """Give it, without what an earlier try may have left in it."""
        return replace(self._window, _memo={})


@dataclass(frozen=True)
class _WithoutLinks(SideTables):
    """Side tables of a window whose content may not depend on anybody outside it."""

    def __getattribute__(self, name: str) -> Any:
        if name == "links":
            raise PluginError(
                "a task cut by time looks at links and its reach does not say so",
                where="flows.window.Reach",
                try_="give its Reach links=True",
            )
        return super().__getattribute__(name)


def _bounded(window: Window, reach: Reach) -> Window:
    """Cut hubs and side tables down to the accounts inside: no more may be seen than names the answer."""
    payments = window.payments
    inside = pc.unique(pa.chunked_array([*payments["payer"].chunks, *payments["payee"].chunks], pa.string()))
    hubs = pa.array(sorted(window.hubs), pa.string())
    accounts = window.side.accounts
    customers = window.side.customers
    if accounts is not None:
        accounts = accounts.filter(pc.is_in(accounts["account_id"], value_set=inside))
    if reach.links:
        side = SideTables(accounts, customers, window.side.links)
    else:
        if customers is not None:
            holders = pa.array([], pa.string()) if accounts is None else accounts["customer_id"].combine_chunks()
            customers = customers.filter(pc.is_in(customers["customer_id"], value_set=holders.drop_null()))
        side = _WithoutLinks(accounts, customers)
    here = frozenset(hubs.filter(pc.is_in(hubs, value_set=inside)).to_pylist())
    return replace(window, hubs=here, side=side, as_of=None, _memo={})


def _content(window: Window, days: dict[int, bytes]) -> bytes:
    """Give a hash of everything in a window; days that were hashed for another window are not hashed again."""
    whole = hashlib.blake2b(digest_size=32)
    day = times(window.payments) // _DAY_MICROS
    starts = np.concatenate([[0], np.flatnonzero(np.diff(day)) + 1]) if day.size else np.empty(0, np.int64)
    for low, high in zip(starts.tolist(), [*starts[1:].tolist(), day.size], strict=True) if day.size else ():
        number = int(day[low])
        if number not in days:
            days[number] = content_of(window.payments.slice(low, high - low))
        whole.update(number.to_bytes(8, "big", signed=True))
        whole.update(days[number])
    whole.update("\n".join(sorted(window.hubs)).encode())
    links = None if isinstance(window.side, _WithoutLinks) else window.side.links
    for table in (window.side.accounts, window.side.customers, links):
        whole.update(b"-" if table is None else content_of(table))
    return whole.digest()
