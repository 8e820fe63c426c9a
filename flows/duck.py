"""DuckDB for what is large: over Parquet files, with bounded memory.

Questions over small Arrow tables go through `flows.expressions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from flows.errors import StoreError
from flows.expressions import literal, quoted

# Ours: an ingest shall stay under 2 GB in all, and half of that is Arrow batches and Parquet writers.
MEMORY = "800MB"


@contextmanager
def connection(spill: Path | None = None, memory: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty in-memory database that reads Parquet and Arrow, in UTC.

    Parameters
    ----------
    spill : pathlib.Path, optional
        Folder for what does not fit into memory; with it, memory is bounded.
    memory : str, optional
        How much memory may be used before spilling, e.g. ``"800MB"``.
    """
    settings: dict[str, Any] = {}
    if spill is not None:
        settings = {"temp_directory": str(spill), "memory_limit": memory or MEMORY}
    opened = duckdb.connect(config=settings)
    try:
        opened.execute("SET TimeZone='UTC'")
        yield opened
    except duckdb.Error as error:
        # The text of a DuckDB error may quote a value, so only its kind goes on, and the disk if that is what it was.
        if "No space left" in str(error):
            what, mend = "the disk is full", "free some space and run it again"
        elif isinstance(error, duckdb.OutOfMemoryException):
            bound = settings.get("memory_limit", "memory there is")
            what = f"a query on the ledger needs more than the {bound} it may use"
            mend = "run it again with less beside it; if it stays so, report how many payments and accounts there are"
        else:
            what, mend = (
                f"a query on the ledger failed ({type(error).__name__})",
                "run `moneytrail verify`, or ingest anew",
            )
        raise StoreError(what, where=str(spill or "a query in memory"), try_=mend) from error
    finally:
        opened.close()


def table(opened: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """Ask and give all rows as one Arrow table."""
    return opened.sql(query, params=dict(values or {})).to_arrow_table()


def rows(opened: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Ask and give a few rows; an answer not read to its end would block the connection."""
    return opened.execute(query).fetchall()


def batches(
    opened: duckdb.DuckDBPyConnection,
    query: str,
    values: Mapping[str, Any] | None = None,
    at_once: int = 65_536,
) -> pa.RecordBatchReader:
    """Ask and give the rows in batches of bounded size."""
    return opened.sql(query, params=dict(values or {})).to_arrow_reader(at_once)


def columns(names: Iterable[str]) -> str:
    """Give column names for a query; ``at`` is a word of DuckDB's own."""
    return ", ".join(quoted(name) for name in names)


def files(paths: Iterable[str]) -> str:
    """Give a list of files for a query that can bind no values, such as that of a view."""
    return "[" + ", ".join(literal(path) for path in paths) + "]"


def read_days(files: str) -> str:
    """Give what reads Parquet files that have ``booked_on`` in the name of their folder.

    Parameters
    ----------
    files : str
        A list of files, or the ``$name`` of a bound one.
    """
    return f"read_parquet({files}, hive_partitioning = true, hive_types = {{'booked_on': DATE}})"
