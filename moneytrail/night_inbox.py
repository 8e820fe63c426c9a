"""The inbox of a night: which files are new, which are left for later and why.

Files stay where they are; whether one is in is told by its content. A file of payments is known to the ledger by its
hash. A file of a side table is a state: it counts where its content is not what was last taken in under its name, so
that a table which goes back to what it was is taken in again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flows.errors import SettingsError
from flows.ingest import TABLES
from flows.ledger import Ledger
from flows.sniffing import DATA_SUFFIXES, content_hash
from moneytrail.folder import write_files
from moneytrail.settings import NightSettings

UNFINISHED: Final = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".writing")
"""How the names of files end that another program is still writing, by custom."""

RECENT_S: Final = 60.0
"""A file changed within this time may still be growing."""

SEEN: Final = "inbox.json"


@dataclass(frozen=True)
class Arrived:
    """One file of the inbox that is not in the ledger.

    Parameters
    ----------
    table : str
        The table it is given for.
    path : pathlib.Path
        Where it is.
    name : str
        Its name, seen from the inbox.
    size : int
        Bytes.
    sha256 : str
        Hash of its content.
    """

    table: str
    path: Path
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Inbox:
    """What lies in the inbox.

    Parameters
    ----------
    new : tuple of Arrived
        In the order they are taken in: by table, then by name.
    left : dict of str to str
        Files left for a later night or for somebody to look at, with the reason, by name seen from the inbox.
    known : int
        Files that are in already.
    """

    new: tuple[Arrived, ...]
    left: Mapping[str, str] = field(default_factory=dict)
    known: int = 0

    @property
    def files(self) -> dict[str, list[Path]]:
        """The new files as `flows.ingest.ingest` takes them."""
        return {table: [one.path for one in self.new if one.table == table] for table in TABLES}


class Seen:
    """What earlier nights know of the files of the inbox, so that none is read again to learn that it is known.

    Parameters
    ----------
    folder : pathlib.Path
        Where the night keeps its own things. Nothing is written by reading.
    ledger : Ledger or None
        What is in. Where it is older than what is known of the files, it was put back from a backup, and which states
        of side tables it has is asked of it alone.
    """

    def __init__(self, folder: Path, ledger: Ledger | None) -> None:
        self._folder = folder
        self._hashes: dict[str, list[Any]] = {}
        self._states: dict[str, str] = {}
        self._here: set[str] = set()
        path = folder / SEEN
        if path.is_file():
            known = json.loads(path.read_text(encoding="utf-8"))
            self._hashes = known["hashes"]
            if known.get("ledger", 0) <= _version(ledger):
                self._states = known["states"]

    def sha256(self, path: Path, name: str) -> str:
        """Give the hash of a file, from memory where neither size nor time of the file has changed."""
        mark = [*_mark(path)]
        self._here.add(name)
        known = self._hashes.get(name)
        if known is None or known[:2] != mark:
            self._hashes[name] = known = [*mark, content_hash(path)]
        return str(known[2])

    def is_state(self, one: Arrived, last: Mapping[tuple[str, str], str]) -> bool:
        """Say whether a file of a side table holds what was last taken in under its name."""
        return one.sha256 in (self._states.get(f"{one.table} {one.name}"), last.get((one.table, one.path.name)))

    def taken(self, inbox: Inbox, ledger: Ledger | None) -> None:
        """Write down that the new files are in, and forget the files that are gone."""
        self._states |= {f"{one.table} {one.name}": one.sha256 for one in inbox.new if one.table != "payments"}
        hashes = {name: known for name, known in self._hashes.items() if name in self._here}
        known = {"hashes": hashes, "states": self._states, "ledger": _version(ledger)}
        write_files(self._folder, {SEEN: json.dumps(known, sort_keys=True).encode()})


def look_into(
    night: NightSettings,
    folder: Path,
    ledger: Ledger | None,
    seen: Seen,
    wait: Callable[[float], None] = time.sleep,
) -> Inbox:
    """Find the files of an inbox that are not in the ledger.

    Parameters
    ----------
    night : NightSettings
        Where the inbox is, and which of its files hold which table.
    folder : pathlib.Path
        From where its paths are seen.
    ledger : Ledger or None
        What is in; None where nothing was taken in yet.
    seen : Seen
        What earlier nights know of the files.
    wait : callable
        How to wait while recent files are watched.

    Raises
    ------
    SettingsError
        If there is no inbox.
    InputError
        If a file cannot be read.
    """
    inbox = folder / night.inbox
    if not inbox.is_dir():
        raise SettingsError(
            "there is no inbox", where=str(inbox), try_="make the folder, or name another: [night] inbox"
        )
    left: dict[str, str] = {}
    whole: list[tuple[str, Path, str]] = []
    for table, path, name in _matching(night, inbox):
        reason = _left(path)
        if reason:
            left[name] = reason
        else:
            whole.append((table, path, name))
    left |= _growing(whole, night.settle_seconds, wait)
    sources = [] if ledger is None else ledger.sources().select(["table", "file_name", "source_file"]).to_pylist()
    last = {(row["table"], row["file_name"]): row["source_file"] for row in sources}
    new, known = [], 0
    for table, path, name in whole:
        if name in left:
            continue
        one = Arrived(table, path, name, path.stat().st_size, seen.sha256(path, name))
        is_in = (
            ledger is not None and ledger.has_source(one.sha256) if table == "payments" else seen.is_state(one, last)
        )
        if is_in:
            known += 1
        else:
            new.append(one)
    return Inbox(tuple(new), dict(sorted(left.items())), known)


def _matching(night: NightSettings, inbox: Path) -> Iterator[tuple[str, Path, str]]:
    for table in TABLES:
        pattern = getattr(night, table)
        for path in sorted(inbox.glob(pattern)) if pattern else ():
            if path.is_file():
                yield table, path, path.relative_to(inbox).as_posix()


def _left(path: Path) -> str:
    """Say why a file is not to be read, or nothing."""
    name = path.name.lower()
    if name.startswith((".", "~")) or name.endswith((*UNFINISHED, "~")):
        return "still being written, by its name"
    if path.suffix.lower() not in DATA_SUFFIXES:
        return "not a data file, by its name: those end in " + ", ".join(DATA_SUFFIXES)
    return "" if path.stat().st_size else "empty"


def _growing(files: list[tuple[str, Path, str]], settle: int, wait: Callable[[float], None]) -> dict[str, str]:
    """Watch the files that were changed a moment ago, all at once; give those that changed again."""
    now = time.time()
    recent = {name: (path, _mark(path)) for _, path, name in files if now - path.stat().st_mtime < RECENT_S}
    if not recent or not settle:
        return {}
    wait(settle)
    return {name: "still being written: it is changing" for name, (path, mark) in recent.items() if _mark(path) != mark}


def _version(ledger: Ledger | None) -> int:
    return 0 if ledger is None else ledger.version


def _mark(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns
