"""From the columns of a format to those of the contract: what every reader does after splitting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from flows.columnar import PARQUET_MARK, read_columnar
from flows.delimited import Chunk, read_delimited
from flows.errors import InputError
from flows.expressions import listed, literal, query
from flows.money import CURRENCIES, exponent
from flows.reading import RawBatch, Sample, Table
from flows.sniffing import content_hash

# 48 bits: among a million files, two alike are not to be expected.
_HASH_DIGITS = 12


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
    # Rows made of one line keep one order too.
    order = ", ".join(["line", *expressions] if distinct else ["line"])
    rows = query(f"from ({sql}) order by {order}", rows=chunk.rows)
    return RawBatch(table, rows, chunk.rejects)


def found(sample: Sample, columns: Sequence[str]) -> float:
    """Say 1 if the file has all these columns, else 0."""
    return float(set(columns) <= set(sample.columns))


def expecting(columns: Sequence[str], chunks: Iterator[Chunk], path: Path, format_: str) -> Iterator[Chunk]:
    """Hand on the chunks of a file that has these columns.

    Raises
    ------
    InputError
        If it has not, naming those that are missing.
    """
    for chunk in chunks:
        missing = [name for name in columns if name not in chunk.rows.column_names]
        if missing:
            raise InputError(
                f"not in the format {format_}: no column {', '.join(missing)}",
                where=f"{path.name}, header",
                try_="run `moneytrail check` on the file; it names the format, or proposes a mapping",
            )
        yield chunk


def content_and_line(path: Path) -> str:
    """Give the SQL for a payment id where the format has none: the beginning of the file's content hash, and the line.

    The same content gives the same ids under any name, and two exports of one name never share any. The same payment
    in a file of other content gets another id.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    return f"{literal(content_hash(path)[:_HASH_DIGITS])} || '-' || line"


def rounded(amount: str, currency: str = "''") -> str:
    """Give the SQL that rounds a simulated amount to what its currency can pay.

    For simulators only: they write 892031.21 yen, or fifteen decimals. The amount of a real bank is never rounded. What
    is no number stays as it stands, for the check to say so.
    """
    exact = f"try_cast({amount} as decimal(38, 18))"
    whole = listed(code for code in sorted(CURRENCIES) if exponent(code) == 0)
    fine = listed(code for code in sorted(CURRENCIES) if exponent(code) > 2)
    return f"""case when {currency} in {fine} or {exact} is null then {amount}
        when {currency} in {whole} then cast(cast({exact} as decimal(38, 0)) as varchar)
        else cast(cast({exact} as decimal(38, 2)) as varchar) end"""


def age_band(age: str) -> str:
    """Give the SQL for the age band of an age in years; no finer age is kept."""
    bounds = (18, 25, 35, 45, 55, 65)
    names = ("under 18", "18-24", "25-34", "35-44", "45-54", "55-64")
    cases = " ".join(f"when {age} < {bound} then '{name}'" for bound, name in zip(bounds, names, strict=True))
    return f"case when {age} is null then null {cases} else '65 and over' end"


def without_rejects(batch: RawBatch) -> RawBatch:
    """Give the batch without its rejects, where another batch made of the same chunk carries them."""
    return RawBatch(batch.table, batch.rows)
