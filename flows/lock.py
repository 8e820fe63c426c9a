"""One writer per ledger."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from flows.errors import LockedError, StoreError


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the one right to write into a folder; whoever comes second is turned away at once.

    The lock is the kernel's (flock), so that of a process that died is free by itself: the file named ``lock`` stays
    and means nothing without its holder. It says who held it last, for the person who is turned away. Readers need
    no lock. Not for folders on network file systems without flock.

    Raises
    ------
    LockedError
        If another process (or another call in this one) holds it.
    StoreError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with writing(Path(tempfile.mkdtemp())):
    ...     pass
    """
    path = folder / "lock"
    try:
        holder = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(
            "the lock cannot be taken", where=str(path), try_="see that the folder is there and can be written"
        ) from error
    try:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                "another run is writing here" + _held_by(holder),
                where=str(path),
                try_="wait until it is done; nothing was changed",
            ) from error
        now = datetime.now(UTC).isoformat(timespec="seconds")
        # On a full disk the lock holds all the same; only the word about its holder is missing.
        with suppress(OSError):
            os.ftruncate(holder, 0)
            os.pwrite(holder, f"process {os.getpid()}, since {now}\n".encode(), 0)
        yield
    finally:
        os.close(holder)


def _held_by(holder: int) -> str:
    """Give what the holder wrote about itself, or nothing where it has not written yet."""
    said = os.pread(holder, 200, 0).decode(errors="replace").strip()
    return f" ({said})" if said else ""
