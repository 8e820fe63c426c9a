"""What was answered before: texts by the hash of everything they were made from, in one SQLite file.

A cache and nothing more: it may be deleted at any time, which costs one long night. An entry whose text is not the one
that was put there is not given back. Killed at any instant, it holds whole entries only.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa


class Memory:
    """Answers by name; those not asked for in a whole run are forgotten at its end (`sweep`).

    Parameters
    ----------
    path : pathlib.Path, optional
        The file; made if absent, and made anew if it is damaged. Without one, what is kept ends with the process.

    Examples
    --------
    >>> memory = Memory()
    >>> memory.put(Memory.name("who", "what"), "an answer")
    >>> memory.get(Memory.name("who", "what")), memory.get(Memory.name("who", "else"))
    ('an answer', None)
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        try:
            self._opened = self._open()
        except sqlite3.DatabaseError:
            # Damaged, or of another program: what it held is found again by asking.
            for each in (path, *_beside(path)) if path is not None else ():
                each.unlink(missing_ok=True)
            self._opened = self._open()
        self._used: set[str] = set()
        self.hits = 0
        self.misses = 0

    @staticmethod
    def name(*parts: str | bytes) -> str:
        """Give the name of an answer: a hash of everything it was made from, each part apart from the next."""
        whole = hashlib.blake2b(digest_size=20)
        for part in parts:
            content = part.encode() if isinstance(part, str) else part
            whole.update(len(content).to_bytes(8, "big"))
            whole.update(content)
        return whole.hexdigest()

    def get(self, name: str) -> str | None:
        """Give an answer, or None where there is none."""
        found: tuple[Any, ...] | None = self._opened.execute(
            "SELECT text, digest FROM answers WHERE name = ?", (name,)
        ).fetchone()
        if found is None or _digest(found[0]) != found[1]:
            self.misses += 1
            return None
        self.hits += 1
        self._used.add(name)
        return str(found[0])

    def put(self, name: str, text: str) -> None:
        """Keep an answer."""
        self._used.add(name)
        self._opened.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (name, text, _digest(text)))

    def sweep(self) -> int:
        """Forget what was neither asked for nor kept since this was opened; give how much."""
        self._opened.execute("BEGIN")
        self._opened.execute("CREATE TEMP TABLE IF NOT EXISTS used (name TEXT PRIMARY KEY)")
        self._opened.executemany("INSERT OR IGNORE INTO used VALUES (?)", [(name,) for name in self._used])
        gone = self._opened.execute("DELETE FROM answers WHERE name NOT IN (SELECT name FROM used)").rowcount
        self._opened.execute("COMMIT")
        return gone

    def __len__(self) -> int:
        return int(self._opened.execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Let go of the file."""
        self._opened.close()

    def _open(self) -> sqlite3.Connection:
        opened = sqlite3.connect(":memory:" if self._path is None else self._path, isolation_level=None)
        try:
            opened.execute("PRAGMA journal_mode = WAL")
            # A power cut may lose the last answers, which are then asked again; it never leaves half of one.
            opened.execute("PRAGMA synchronous = NORMAL")
            opened.execute(
                "CREATE TABLE IF NOT EXISTS answers (name TEXT PRIMARY KEY, text TEXT NOT NULL, digest TEXT NOT NULL)"
            )
        except sqlite3.DatabaseError:
            with suppress(sqlite3.Error):
                opened.close()
            raise
        return opened


def content_of(rows: pa.Table) -> bytes:
    """Give a hash of the content and order of a table, whatever it was cut from."""
    # Taken out row by row, a slice has buffers of its own, without what lies beside it.
    own = rows.take(np.arange(rows.num_rows)).combine_chunks()
    # Written whole and hashed at once: a stream writes in hundreds of pieces, and each call from it costs.
    written = pa.BufferOutputStream()
    with pa.ipc.new_stream(written, own.schema) as stream:
        stream.write_table(own)
    return hashlib.blake2b(written.getvalue(), digest_size=32).digest()


def _beside(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
