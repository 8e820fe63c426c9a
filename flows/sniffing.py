"""What is in a file: its beginning, the format that knows it best, and its content hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flows.reading import Sample, Table


def content_hash(path: Path) -> str:
    """Give the sha256 of a file's bytes (hex), reading it in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sample(path: Path) -> Sample:
    """Read the beginning of a file."""
    with path.open("rb") as file:
        return Sample(path, file.read(65536), ())


def guess(path: Path) -> tuple[str, float, Table | None]:
    """Say which reader knows a file best, how surely, and which table of the contract it holds.

    The table is None where the format is known but holds no table of the contract.
    """
    return "contract", 0.0, "payments"


def files_in(path: Path) -> tuple[Path, ...]:
    """Give the data files of a folder in order of name, or the file itself."""
    return (path,)
