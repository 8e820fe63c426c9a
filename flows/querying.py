"""The answer of a query as a file: whatever a bank keeps its payments in, they come in by the one way files do.

The rows are put in one order and written as text, so that the same answer is the same file, byte by byte, and is known
by its content when it comes again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from flows import duck
from flows.columnar import refuse_nested, text_of
from flows.delimited import refuse_twins
from flows.errors import InputError

AT_ONCE: Final = 65_536
"""Rows of an answer in memory at once; ours."""
DUCKDB: Final = "duckdb"


def answer(query: str, source: str | None, folder: Path) -> Path:
    """Ask a database and write its answer into a folder.

    Parameters
    ----------
    query : str
        A query that gives the columns of a format that ingest knows, those of the contract best. It may end in a
        semicolon.
    source : str, optional
        ``duckdb:///FILE`` for a DuckDB file, which is only read; any other URL that SQLAlchemy knows, such as
        ``postgresql+psycopg://USER@HOST/DATABASE``. Without one DuckDB is asked in memory, of files that the query
        names.
    folder : pathlib.Path
        Where the file goes, and what does not fit into memory while it is put in order.

    Returns
    -------
    pathlib.Path
        A Parquet file of text columns, named after query and source. A password in the source is not in the name.

    Raises
    ------
    InputError
        If the database cannot be reached or refuses the query, or the answer has no columns that can be told apart.
    """
    query = query.strip().rstrip(";")
    scheme = (source or f"{DUCKDB}://").partition(":")[0]
    name = hashlib.sha256(query.encode()).hexdigest()[:12]
    path = folder / f"query-{name}.parquet"
    if scheme == DUCKDB:
        file = (source or "").removeprefix("duckdb://").removeprefix("/")
        batches = _of_duckdb(query, file, path)
    else:
        batches = _of_sqlalchemy(query, str(source))
    writer: pq.ParquetWriter | None = None
    try:
        for batch in batches:
            if writer is None:
                refuse_twins(batch.schema.names, path)
                writer = pq.ParquetWriter(path, batch.schema, compression="zstd")
            writer.write_table(batch)
    finally:
        if writer is not None:
            writer.close()
    return path


def _of_duckdb(query: str, file: str, path: Path) -> Iterator[pa.Table]:
    if file and not Path(file).is_file():
        raise InputError("there is no such file", where=file, try_="write duckdb:///FILE, with the path of the file")
    with _as_input_errors(duckdb.Error, "DuckDB"), duckdb.connect(file or ":memory:", read_only=bool(file)) as opened:
        opened.execute("SET TimeZone='UTC'")
        opened.execute("SET temp_directory=?", [str(path.parent)])
        opened.execute("SET memory_limit=?", [duck.MEMORY])
        asked = opened.sql(f"SELECT * FROM ({query}) AS answer ORDER BY ALL")
        reader = asked.to_arrow_reader(AT_ONCE)
        refuse_nested(reader.schema, path)
        yield _as_text(reader.schema.empty_table())
        for batch in reader:
            yield _as_text(pa.Table.from_batches([batch]))


def _as_text(rows: pa.Table) -> pa.Table:
    return pa.table({name: text_of(rows[name]) for name in rows.column_names})


def _of_sqlalchemy(query: str, source: str) -> Iterator[pa.Table]:
    # SQLAlchemy is imported by whoever asks a database, not by whoever reads a file.
    import sqlalchemy as sa

    of = sa.engine.make_url(source).drivername if "://" in source else "the database"
    with _as_input_errors(sa.exc.SQLAlchemyError, of):
        try:
            engine = sa.create_engine(source)
        except (sa.exc.NoSuchModuleError, ImportError) as error:
            raise InputError(
                "no driver for this database is installed",
                where=of,
                try_="pip install 'moneytrail[postgres]' for PostgreSQL, else the driver that SQLAlchemy's pages name",
            ) from error
        try:
            with engine.connect().execution_options(stream_results=True, max_row_buffer=AT_ONCE) as opened:
                with closing(opened.execute(sa.text(f"SELECT * FROM ({query}) AS answer WHERE 1 = 0"))) as nothing:
                    names = list(nothing.keys())
                yield _table(names, [])
                order = ", ".join(str(number) for number in range(1, len(names) + 1))
                asked = sa.text(f"SELECT * FROM ({query}) AS answer ORDER BY {order}")
                with closing(opened.execute(asked)) as found:
                    for rows in found.partitions(AT_ONCE):
                        yield _table(names, rows)
        finally:
            engine.dispose()


def _table(names: list[str], rows: Iterable[Any]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.table(
        {name: pa.array(map(_text, column), pa.string()) for name, column in zip(names, columns, strict=True)}
    )


def _text(value: Any) -> str | None:
    """Write a value of a database as text, without loss."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return text_of(pa.chunked_array([pa.array([value])]))[0].as_py()  # type: ignore[no-any-return]  # pyarrow
    if isinstance(value, (int, date, time)):
        return str(value)
    raise InputError(
        f"the answer holds a {type(value).__name__}, not one plain value a row",
        where="the query",
        try_="leave the column out or cast it to text",
    )


@contextmanager
def _as_input_errors(wrong: Any, of: str) -> Iterator[None]:
    """Say in our words what a database could not do: its own text may quote a value, or a password."""
    try:
        yield
    except wrong as error:
        raise InputError(
            f"the query could not be answered ({type(error).__name__})",
            where=of,
            try_="try it in a client of that database; ask for one table of rows, without a semicolon inside",
        ) from error
