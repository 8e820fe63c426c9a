"""Parquet files, read as text and nothing more.

Every type that can be written as text without loss is; a type that cannot stops the file. Floating numbers are written
as the shortest decimal that means them, so that an amount of 0.1 is 0.1; `flows.check` refuses it if the currency has
fewer decimals than it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.delimited import MAX_BATCH_ROWS, Chunk, numbered, refuse_twins
from flows.errors import InputError
from flows.partitions import columns_of_folders

PARQUET_MARK = b"PAR1"
"""What a Parquet file begins with."""

# A real export of payments shrinks five- to twentyfold. Ours: far beyond that, and too large to hold, is no export.
_MAX_SWELLING = 200
_HELD_EASILY = 1 << 30


def read_columnar(path: Path, batch_rows: int = MAX_BATCH_ROWS) -> Iterator[Chunk]:
    """Read a Parquet file in batches, all columns as text, with the row number from 1 as ``line``.

    Columns that only the names of its folders hold (``booked_on=2026-01-05/``) are columns of every row.

    Yields
    ------
    Chunk
        In the order of the file; at least one, without rows if the file has none. Nothing is ever rejected here.

    Raises
    ------
    InputError
        If the file is not whole, holds a type that is no plain value, or would swell out of all proportion.
    """
    try:
        with pq.ParquetFile(path) as file:
            _refuse_bomb(file, path)
            refuse_nested(file.schema_arrow, path)
            refuse_twins(file.schema_arrow.names, path)
            beside = _beside(file.schema_arrow.names, path)
            yield Chunk(_as_text(file.schema_arrow.empty_table(), 1, beside))
            line = 1
            for batch in file.iter_batches(batch_size=batch_rows):
                yield Chunk(_as_text(pa.Table.from_batches([batch]), line, beside))
                line += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            "the Parquet file is cut short or damaged", where=path.name, try_="export or copy it again"
        ) from error


def columns_of(path: Path) -> tuple[str, ...]:
    """Give the column names of a Parquet file, those that the names of its folders hold among them.

    Raises
    ------
    InputError
        If the file is not whole.
    """
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            "the Parquet file is cut short or damaged", where=path.name, try_="export or copy it again"
        ) from error
    return (*names, *_beside(names, path))


def _beside(names: list[str], path: Path) -> dict[str, str | None]:
    """Give the columns that only the names of a file's folders hold."""
    return {name: value for name, value in columns_of_folders(path).items() if name not in names}


def _refuse_bomb(file: pq.ParquetFile, path: Path) -> None:
    groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
    swollen = sum(group.total_byte_size for group in groups)
    if swollen > _HELD_EASILY and swollen > _MAX_SWELLING * path.stat().st_size:
        raise InputError(
            f"the file would swell {swollen // path.stat().st_size} times when read",
            where=path.name,
            try_="write it with less compression if it is meant",
        )


def refuse_nested(schema: pa.Schema, path: Path) -> None:
    """Refuse columns that hold lists, structures or other things than one plain value a row.

    Raises
    ------
    InputError
        With the first such column.
    """
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not _plain(kind):
            raise InputError(
                f"column {field.name!r} holds {kind}, not one plain value a row",
                where=path.name,
                try_="leave it out or write it as text",
            )


def _plain(kind: pa.DataType) -> bool:
    kinds = pa.types
    return any(
        test(kind)
        for test in (
            kinds.is_string,
            kinds.is_large_string,
            kinds.is_string_view,
            kinds.is_integer,
            kinds.is_floating,
            kinds.is_decimal,
            kinds.is_boolean,
            kinds.is_date,
            kinds.is_timestamp,
            kinds.is_time,
            kinds.is_null,
        )
    )


def _as_text(table: pa.Table, line: int, beside: Mapping[str, str | None]) -> pa.Table:
    columns = {
        # `line` is ours in a chunk; a column of that name in the file steps aside.
        ("line (column)" if name == "line" else name): text_of(table[name])
        for name in table.column_names
    }
    columns |= {name: pa.array([value] * table.num_rows, pa.string()) for name, value in beside.items()}
    return pa.table({**columns, "line": numbered(table.num_rows, line)})


def text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write a column of plain values as text, without loss.

    Examples
    --------
    >>> text_of(pa.chunked_array([[0.1, 1e7, None]])).to_pylist()
    ['0.1', '10000000', None]
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_of(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        # Arrow writes the offset of the zone's own clock; UTC with a Z is what the contract asks for.
        utc = column.cast(pa.timestamp(kind.unit, "UTC" if kind.tz else None))
        return utc.cast(pa.string())
    text = column.cast(pa.string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _without_exponent(text)
    return text


def _without_exponent(text: pa.ChunkedArray) -> pa.ChunkedArray:
    exponent = pc.fill_null(pc.match_substring(text, "e", ignore_case=True), fill_value=False)
    if not pc.any(exponent).as_py():
        return text
    written = [format(Decimal(number), "f") for number in text.filter(exponent).to_pylist()]
    mask = pa.array(exponent.to_pylist())
    plain = pc.replace_with_mask(text.combine_chunks(), mask, pa.array(written, pa.string()))
    return pa.chunked_array([plain])
