"""What is in a file: its beginning, the format that knows it best, and its content hash."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from flows.columnar import PARQUET_MARK, columns_of
from flows.delimited import header_of, refuse_no_text
from flows.errors import InputError
from flows.plugins import Shelf
from flows.reading import Reader, Sample, Table

HEAD_BYTES: Final = 65_536

DATA_SUFFIXES: Final = (".csv", ".parquet", ".txt", ".tsv", ".asc")


def content_hash(path: Path) -> str:
    """Give the sha256 of a file's bytes (hex), reading it in pieces.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def sample(path: Path) -> Sample:
    """Read the beginning of a file.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, an archive, a damaged Parquet file or no text.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error
    if head.startswith(PARQUET_MARK):
        return Sample(path, head, columns_of(path))
    refuse_no_text(head, path)
    return Sample(path, head, header_of(head))


def guess(path: Path) -> tuple[str, float, Table | None]:
    """Say which reader knows a file best, how surely, and which table of the contract it mainly holds.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    tuple of str, float and str or None
        Id of the reader; how surely it knows the file, from 0 (none does) to 1; the table, or None where the format is
        known and the file holds no table of the contract.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, an archive, a damaged Parquet file or no text.
    """
    beginning = sample(path)
    shelf = Shelf("flows.readers")
    readers: dict[str, Reader] = {reader_id: shelf.load(reader_id)() for reader_id in shelf.ids()}
    sureness = {reader_id: reader.recognises(beginning) for reader_id, reader in readers.items()}
    # Where two are as sure, the contract goes before the others, and then the alphabet decides.
    best = max(readers, key=lambda reader_id: (sureness[reader_id], reader_id == "contract", _backwards(reader_id)))
    return best, sureness[best], readers[best].table(beginning)


def files_in(path: Path) -> tuple[Path, ...]:
    """Give the data files of a folder in order of name, or the file itself.

    Raises
    ------
    InputError
        If there is no such file, or no data file in the folder.
    """
    if not path.is_dir():
        if not path.exists():
            raise InputError("there is no such file", where=path.name, try_="check the path")
        return (path,)
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in DATA_SUFFIXES and file.is_file())
    if not found:
        raise InputError(
            "there is no data file in the folder", where=path.name, try_="data files end in " + ", ".join(DATA_SUFFIXES)
        )
    return tuple(found)


def _backwards(text: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in text)


def _unreadable(path: Path, error: OSError) -> InputError:
    if path.is_dir():
        return InputError("this is a folder, not a file", where=path.name, try_="name the files in it")
    return InputError(
        f"the file cannot be read: {error.strerror}", where=path.name, try_="check the path and its permissions"
    )
