"""Writing a folder of results so that a reader sees the old ones or the new ones, never half of each file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Container, Mapping
from pathlib import Path

from flows.errors import StoreError


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, each whole or not at all.

    All are written beside their place first, and take it only when the last of them is safely on disk, so a full disk
    leaves what was there.

    Parameters
    ----------
    folder : pathlib.Path
        Made if absent.
    files : mapping of str to bytes
        Contents by file name.

    Raises
    ------
    StoreError
        If the folder cannot be written; what was there before is still there.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for name, content in files.items():
                handle, beside = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
                staged.append((Path(beside), folder / name))
                with os.fdopen(handle, "wb") as opened:
                    opened.write(content)
                    opened.flush()
                    os.fsync(opened.fileno())
            for beside_path, place in staged:
                # mkstemp makes files that only their owner may read, and results that may reveal a report stay so.
                beside_path.replace(place)
        finally:
            for beside_path, _ in staged:
                beside_path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"the results cannot be written: {error.strerror or type(error).__name__}",
            where=str(folder),
            try_="name a folder you may write with --out, or make room on the disk",
        ) from error


def others(folder: Path, names: Container[str]) -> tuple[str, ...]:
    """List the files of a folder that are not among some: what an earlier run, or somebody, left there.

    Parameters
    ----------
    folder : pathlib.Path
        It has to be there.
    names : container of str
        File names that belong.
    """
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in names))


def check_writable(folder: Path) -> None:
    """Find out before the work whether its results can be written.

    Raises
    ------
    StoreError
        If the folder cannot be made or written.
    """
    write_files(folder, {".writable": b""})
    (folder / ".writable").unlink()
