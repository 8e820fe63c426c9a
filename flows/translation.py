"""From the columns of a format to those of the contract: what every reader does after splitting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from flows.columnar import read_columnar
from flows.delimited import Chunk, read_delimited
from flows.reading import RawBatch, Table
from flows.expressions import query

PARQUET_MARK = b"PAR1"


def text_rows(path: Path) -> Iterator[Chunk]:
    """Split a Parquet file, or a comma-separated one with a header, into columns of text."""
    yield from read_columnar(path) if is_parquet(path) else read_delimited(path)


def is_parquet(path: Path) -> bool:
    """Say whether a file begins as Parquet files do; false where it cannot be opened, for the reader to say why."""
    try:
        with path.open("rb") as file:
            return file.read(len(PARQUET_MARK)) == PARQUET_MARK
    except OSError:
        return False


def translate(
    chunk: Chunk, table: Table, expressions: Mapping[str, str], *, where: str = "true", distinct: bool = False
) -> RawBatch:
    """Turn the rows of a chunk into rows of a table of the contract.

    Parameters
    ----------
    chunk : Chunk
        Rows as split; the rejects go with the batch.
    table : str
        The table made.
    expressions : mapping of str to str
        Column of the contract -> SQL over the columns of the chunk; its result is taken as text.
    where : str
        SQL; rows for which it is not true make no row of this table. Not for rows that are bad: those are the check's.
    distinct : bool
        Keep the first of rows that are alike but for their line, as for labels found on every payment.
    """
    columns = ", ".join(f"cast({sql} as varchar) as {name}" for name, sql in expressions.items())
    if distinct:
        names = ", ".join(expressions)
        sql = (
            f"select {names}, min(line) as line from (select {columns}, line from rows where {where}) group by {names}"
        )
    else:
        sql = f"select {columns}, line from rows where {where}"
    rows = query(f"from ({sql}) order by line", rows=chunk.rows)
    return RawBatch(table, rows, chunk.rejects)


def without_rejects(batch: RawBatch) -> RawBatch:
    """Give the batch without its rejects, where another batch made of the same chunk carries them."""
    return RawBatch(batch.table, batch.rows)


def empty_batch(table: Table, columns: tuple[str, ...]) -> RawBatch:
    """Give a batch without rows."""
    arrays = {name: pa.array([], pa.string()) for name in columns}
    return RawBatch(table, pa.table({**arrays, "line": pa.array([], pa.int64())}))
