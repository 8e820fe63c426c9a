"""Text files of separated columns, split into text and nothing more.

No type is guessed, no null is invented, and every row knows its line, also behind a quoted line break. The file is
read in pieces of bounded size, so its length does not matter, nor the length of a line.

Most pieces are plain and go through Arrow's fast parser. A piece that is not (a line break in quotes, a stray quote, a
wrong number of columns, broken text) goes line by line through the exact one. Both give the same rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from flows.errors import InputError
from flows.payments import REJECTS

BLOCK_BYTES = 16 << 20
"""Read at a time; a line longer than this is rejected without being held."""

MAX_ROW_BYTES = 1 << 20
"""A row that quotes line breaks may grow to this; beyond it the quote that opened it is taken for a stray one."""

MAX_BATCH_ROWS = 250_000

_SHOWN = 2000  # characters of a broken row kept in the rejects: enough to find it, too few to fill a disk


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file: all columns as text, ``line`` as int64, and the rows that could not be split."""

    rows: pa.Table
    rejects: pa.Table = field(default_factory=REJECTS.empty_table)


def read_delimited(
    path: Path,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    columns: Sequence[str] | None = None,
    skip_lines: int = 0,
    rename: Callable[[list[str]], list[str]] | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Chunk]:
    r"""Split a text file into columns of text.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    delimiter : str
        One character.
    encoding : str
        UTF-8 or any encoding that writes ASCII as ASCII, such as Windows-1252.
    columns : sequence of str, optional
        Names by position, where the file has no header; else its first line that is not blank is the header.
    skip_lines : int
        Lines before the header that are passed over.
    rename : callable, optional
        Gives names for the header found, for formats that use a name twice.
    block_bytes : int
        Read at a time.

    Yields
    ------
    Chunk
        In the order of the file; at least one, with no rows if the file has only a header.

    Raises
    ------
    InputError
        If the file is empty, cannot be opened, or has two columns of one name.
    """
    try:
        with path.open("rb") as file:
            source = _Source(file, block_bytes)
            refuse_no_text(source.peek(), path)
            source.skip_mark()
            for _ in range(skip_lines):
                source.next_line()
            names = list(columns) if columns else _header(source, path, delimiter, encoding)
            names = rename(names) if rename else names
            # `line` is ours in a chunk; a column of that name in the file steps aside.
            names = ["line (column)" if name == "line" else name for name in names]
            refuse_twins(names, path)
            splitter = _Splitter(path.name, tuple(names), delimiter, encoding)
            yield Chunk(splitter.table([], []))
            while (block := source.block()) is not None:
                yield from splitter.split(source, block)
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}", where=path.name, try_="check the path and its permissions"
        ) from error


_PACKED = {
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstandard archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "an SQLite database",
}
_MAX_NUL_SHARE = 0.01  # ours: a stray NUL is a bad row, many are a binary file or UTF-16
_CONTROLS = bytes(code for code in (*range(1, 9), *range(14, 32), 127))  # but for blanks and line ends
# Ours: text may have a few of them as separators (Hive has ^A, ASCII has four); a binary file has most of them.
_MAX_CONTROL_KINDS, _MAX_CONTROL_SHARE = 8, 0.01


def refuse_no_text(head: bytes, path: Path) -> None:
    """Stop at a file that is empty, packed or no text.

    Archives are not unpacked here: how large they grow, and what is in them, is decided by who has them.

    Raises
    ------
    InputError
        Saying what the file is and what to do with it.
    """
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise InputError("the file is empty", where=path.name, try_="export it again: a header, then a row per payment")
    for mark, kind in _PACKED.items():
        if head.startswith(mark):
            raise InputError(
                f"the file is {kind}, not text", where=path.name, try_="unpack it, or export it as CSV in UTF-8"
            )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the file is written in UTF-16", where=path.name, try_="save it as CSV in UTF-8")
    controls = [count for code in _CONTROLS if (count := head.count(code))]
    scrambled = len(controls) > _MAX_CONTROL_KINDS and sum(controls) > _MAX_CONTROL_SHARE * len(head)
    if scrambled or head.count(b"\0") > _MAX_NUL_SHARE * len(head) + 1:
        raise InputError("the file is not text", where=path.name, try_="export it as CSV in UTF-8, or as Parquet")


def header_of(head: bytes, delimiter: str = ",", encoding: str = "utf-8") -> tuple[str, ...]:
    """Give the column names in the first line of some text; empty where there is no readable line."""
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r")
    try:
        rows = list(csv.reader([line.decode(encoding)], delimiter=delimiter))
    except (UnicodeDecodeError, csv.Error):
        return ()
    # A delimiter at the end of every line makes a column without a name.
    return tuple(name.strip() or f"column {number}" for number, name in enumerate(rows[0], 1)) if rows else ()


def _header(source: _Source, path: Path, delimiter: str, encoding: str) -> list[str]:
    while (line := source.next_line()) is not None:
        if line.strip():
            # Letters that the encoding does not have are shown as such by whoever misses a column.
            readable = line.decode(encoding, errors="replace").encode()
            names = header_of(readable, delimiter)
            if names:
                return list(names)
            raise InputError(
                "the first line is no header",
                where=f"{path.name}, line {source.line - 1}",
                try_="see `moneytrail check`",
            )
    raise InputError("the file is empty", where=path.name, try_="export it again: a header, then a row per payment")


def refuse_twins(names: Sequence[str], path: Path) -> None:
    """Stop at two columns of one name, also if they differ in capitals only, as SQL does not tell those apart.

    Raises
    ------
    InputError
        Naming the column.
    """
    small = [name.lower() for name in names]
    twins = [name for name in names if small.count(name.lower()) > 1]
    if twins:
        raise InputError(
            f"two columns are called {twins[0]!r}", where=f"{path.name}, header", try_="rename one of them"
        )


class _Source:
    """The bytes of a file in blocks of whole lines, with the number of the next line."""

    def __init__(self, file: BinaryIO, block_bytes: int) -> None:
        self.file = file
        self.block_bytes = block_bytes
        self.held = b""
        self.line = 1
        self.overlong: list[tuple[int, bytes]] = []

    def peek(self) -> bytes:
        self._fill()
        return self.held[:65_536]

    def skip_mark(self) -> None:
        self._fill()
        self.held = self.held.removeprefix(b"\xef\xbb\xbf")

    def next_line(self) -> bytes | None:
        self._fill()
        if not self.held:
            return None
        line, newline, self.held = self.held.partition(b"\n")
        self.line += 1
        return line + newline

    def block(self) -> bytes | None:
        """Give the next whole lines, or None at the end; ``line`` is then the number of the first of them."""
        while True:
            self._fill()
            if not self.held:
                return None
            end = self.held.rfind(b"\n") + 1
            if end or len(self.held) < self.block_bytes:
                end = end or len(self.held)
                # The last line of a file may lack its line break: nothing more comes, so it is whole.
                if len(self.held) < self.block_bytes:
                    end = len(self.held)
                block, self.held = self.held[:end], self.held[end:]
                return block
            self._pass_overlong()
            return b""

    def give_back(self, tail: bytes) -> None:
        self.held = tail + self.held

    @property
    def at_end(self) -> bool:
        self._fill()
        return not self.held

    def _fill(self) -> None:
        if len(self.held) < self.block_bytes:
            self.held += self.file.read(self.block_bytes - len(self.held))

    def _pass_overlong(self) -> None:
        self.overlong.append((self.line, self.held[:_SHOWN]))
        self.held = b""
        self.line += 1
        while piece := self.file.read(self.block_bytes):
            _, newline, rest = piece.partition(b"\n")
            if newline:
                self.held = rest
                return


class _Splitter:
    """Splits blocks of whole lines into columns."""

    def __init__(self, file_name: str, names: tuple[str, ...], delimiter: str, encoding: str) -> None:
        self.file_name = file_name
        self.names = names
        self.delimiter = delimiter
        self.encoding = encoding

    def split(self, source: _Source, block: bytes) -> Iterator[Chunk]:
        for line, head in source.overlong:
            yield Chunk(
                self.table([], []), rejected_lines(self.file_name, [(line, "line_too_long", self._shown(head))])
            )
        source.overlong.clear()
        if not block:
            return
        rows = self._fast(block)
        if rows is not None:
            lines = numbered(rows.num_rows, source.line)
            source.line += rows.num_rows
            chunk = Chunk(rows.append_column("line", lines))
        else:
            chunk = self._exact(source, block)
        for start in range(0, max(chunk.rows.num_rows, 1), MAX_BATCH_ROWS):
            rejects = chunk.rejects if start == 0 else REJECTS.empty_table()
            yield Chunk(chunk.rows.slice(start, MAX_BATCH_ROWS), rejects)

    def table(self, rows: list[list[str]], lines: list[int]) -> pa.Table:
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in self.names]
        arrays = [pa.array(column, pa.string()) for column in columns]
        return pa.table([*arrays, pa.array(lines, pa.int64())], names=[*self.names, "line"])

    def _fast(self, block: bytes) -> pa.Table | None:
        """Split a plain block; None where it is not plain."""
        breaks = block.count(b"\n") + (not block.endswith(b"\n"))
        if block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or b"\n\r\n" in block:
            return None
        if not self._plainly_quoted(block):
            return None
        odd: list[object] = []

        def note(row: object) -> str:
            odd.append(row)
            return "skip"

        try:
            text = block if self.encoding == "utf-8" else block.decode(self.encoding).encode()
            table = pyarrow.csv.read_csv(
                io.BytesIO(text),
                read_options=pyarrow.csv.ReadOptions(
                    column_names=self.names, block_size=len(text) + 1, use_threads=False
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=note,
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()), strings_can_be_null=False
                ),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        return None if odd or table.num_rows != breaks else table

    def _plainly_quoted(self, block: bytes) -> bool:
        """Say whether every quote plainly opens or closes a column, and the last line closes what it opens."""
        quotes = block.count(b'"')
        if not quotes:
            return True
        mark = self.delimiter.encode()
        opens = block.startswith(b'"') + block.count(b'\n"') + block.count(mark + b'"')
        closes = block.endswith(b'"') + block.count(b'"\n') + block.count(b'"\r\n') + block.count(b'"' + mark)
        if opens != closes or opens + closes != quotes:
            return False
        last = block.rstrip(b"\r\n").rpartition(b"\n")[2]
        return self._columns([last]) is not None

    def _exact(self, source: _Source, block: bytes) -> Chunk:
        """Split a block line by line; what it ends in the middle of goes back to the source."""
        # Not splitlines: a lone carriage return ends no line, it is a mistake the exact parser must see.
        lines = _split_after(block, b"\n")
        first = source.line
        rows: list[list[str]] = []
        numbers: list[int] = []
        bad: list[tuple[int, str, str]] = []
        at = 0
        while at < len(lines):
            if not lines[at].strip(b"\r\n"):
                at += 1
                continue
            end, columns = self._row(lines, at)
            if end is None:
                tail = b"".join(lines[at:])
                if len(tail) < min(MAX_ROW_BYTES, source.block_bytes // 2) and not source.at_end:
                    source.give_back(tail)
                    break
            if columns is None:
                text = self._shown(lines[at])
                reason = "split" if "\ufffd" not in text else "not_text"
                bad.append((first + at, reason, text))
                end = at + 1
            else:
                rows.append(columns)
                numbers.append(first + at)
            at = end or at + 1
        source.line = first + at
        return Chunk(self.table(rows, numbers), rejected_lines(self.file_name, bad))

    def _row(self, lines: list[bytes], at: int) -> tuple[int | None, list[str] | None]:
        """Give where the row that begins here ends, and its columns; no end if the lines end first."""
        columns = self._columns(lines[at : at + 1])
        if columns is not None:
            return at + 1, columns if len(columns) == len(self.names) else None
        quotes = lines[at].count(b'"')
        length = len(lines[at])
        end = at + 1
        while quotes % 2 and length < MAX_ROW_BYTES:
            if end == len(lines):
                return None, None
            quotes += lines[end].count(b'"')
            length += len(lines[end])
            end += 1
        columns = self._columns(lines[at:end])
        if columns is None or len(columns) != len(self.names):
            return at + 1, None
        return end, columns

    def _columns(self, lines: list[bytes]) -> list[str] | None:
        try:
            text = [line.decode(self.encoding) for line in lines]
            rows = list(csv.reader(text, delimiter=self.delimiter, strict=True))
        except (csv.Error, UnicodeDecodeError):
            return None
        return rows[0] if len(rows) == 1 else None

    def _shown(self, line: bytes) -> str:
        return line[:_SHOWN].rstrip(b"\r\n").decode(self.encoding, errors="replace")


def numbered(count: int, first: int = 0) -> pa.Array:
    """Give whole numbers in a row, as a column."""
    return pa.array(np.arange(first, first + count, dtype=np.int64))


def rejected_lines(file_name: str, bad: Sequence[tuple[int, str, str]]) -> pa.Table:
    """Give the rejects for lines that could not be split: (line, reason, text as read)."""
    return pa.Table.from_pylist(
        [
            {
                "file": file_name,
                "line": line,
                "column": "",
                "reason": reason,
                "row": json.dumps({"text": text[:_SHOWN]}, ensure_ascii=False),
            }
            for line, reason, text in bad
        ],
        schema=REJECTS,
    )


def _split_after(block: bytes, mark: bytes) -> list[bytes]:
    lines = [line + mark for line in block.split(mark)]
    lines[-1] = lines[-1].removesuffix(mark)
    return lines if lines[-1] else lines[:-1]
