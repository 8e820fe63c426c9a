"""What a reader owes: raw rows in the contract's columns, whatever the format of the file.

A reader only translates. It turns the columns of its format into those of the contract, as text, and hands on rows it
could not split; `flows.check` decides which rows are payments. So every format is held to the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa

from flows.payments import REJECTS

Table = Literal["payments", "accounts", "customers", "links", "labels"]


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, for guessing its format.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    head : bytes
        Its first bytes (64 KiB at most).
    columns : tuple of str
        Column names where they could be read: header of a CSV, schema of a Parquet file; else empty.
    """

    path: Path
    head: bytes
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RawBatch:
    """Some rows of a file, translated but not checked.

    Parameters
    ----------
    table : str
        Which table of the contract the rows belong to.
    rows : pyarrow.Table
        Text columns named as in the outside contract (`amount` in major units, and so on), and ``line`` (int64): the
        line in the file, or the row number from 1 where the format has no lines. Columns may be missing.
    rejects : pyarrow.Table
        Rows that could not be split into columns, as `flows.payments.REJECTS`.
    """

    table: Table
    rows: pa.Table
    rejects: pa.Table = field(default_factory=REJECTS.empty_table)


class Reader(Protocol):
    """A file format."""

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file of this format mainly holds; None if it holds none of them."""

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size.

        Raises
        ------
        InputError
            If the file as a whole cannot be read; nothing of it is kept.
        """
