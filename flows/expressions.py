"""SQL over Arrow tables in memory: how readers translate columns and how the check weighs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import duckdb
import pyarrow as pa


@cache
def _session() -> duckdb.DuckDBPyConnection:
    # Opening a database costs a tenth of a second, a batch of payments little more; so one is kept for small answers.
    # It holds no data: what is large or must be bounded goes through `flows.duck`.
    session = duckdb.connect()
    session.execute("SET TimeZone='UTC'")
    return session


def query(sql: str, /, **tables: pa.Table) -> pa.Table:
    """Run one query over Arrow tables and give the answer as an Arrow table.

    Parameters
    ----------
    sql : str
        DuckDB SQL; order the rows in it where their order matters.
    **tables : pyarrow.Table
        The tables, by the name the query calls them.

    Examples
    --------
    >>> query("select max(n) as most from counts", counts=pa.table({"n": [1, 2]}))["most"].to_pylist()
    [2]
    """
    # A cursor has its own names, so that two threads may ask at once.
    with _session().cursor() as cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        return cursor.sql(sql).to_arrow_table()


def quoted(name: str) -> str:
    """Write a column name for SQL.

    Examples
    --------
    >>> quoted("Is Laundering")
    '"Is Laundering"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text for SQL.

    Examples
    --------
    >>> literal("SANKC. UROK")
    "'SANKC. UROK'"
    """
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Write texts for the right side of SQL's IN.

    Examples
    --------
    >>> listed(["EUR", "USD"])
    "('EUR', 'USD')"
    """
    return "(" + ", ".join(literal(text) for text in texts) + ")"


def translated(column: str, words: Mapping[str, str]) -> str:
    """Give the SQL that replaces the words of a format by ours and leaves unknown words as they stand.

    An unknown word then fails the check with its own reason, where a default would hide it.

    Examples
    --------
    >>> translated("Currency", {"Euro": "EUR"})
    "CASE Currency WHEN 'Euro' THEN 'EUR' ELSE Currency END"
    """
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(ours)}" for word, ours in words.items())
    return f"CASE {column} {cases} ELSE {column} END"
