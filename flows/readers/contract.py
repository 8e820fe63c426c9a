"""The tables of the outside contract, as CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.check import MUST, RAW_COLUMNS
from flows.errors import InputError
from flows.expressions import quoted
from flows.payments import SIDE_TABLES
from flows.reading import RawBatch, Sample, Table
from flows.translation import expecting, is_parquet, text_rows, translate

# The columns that tell the tables apart, and without which there is no table; the first table that fits is it.
_TELLING: dict[Table, tuple[str, ...]] = {
    "payments": MUST,
    "links": ("customer_id", "kind", "value_hash"),
    "labels": ("subject",),
    "accounts": ("account_id",),
    "customers": ("customer_id",),
}


class Contract:
    """Read payments, accounts, customers, links and labels as the contract has them.

    Columns that the contract does not name are passed over. Amounts in Parquet may be decimal, text or floating
    numbers; ids must not be floating numbers, which lose digits.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        if self.table(sample) is not None:
            return 1.0
        # Some of the columns of a payment: worth saying which are missing, but any other format goes first.
        return 0.4 * sum(name in sample.columns for name in MUST) / len(MUST)

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file holds."""
        return _table_of(sample.columns)

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size.

        Raises
        ------
        InputError
            If the file has the columns of no table, or is damaged.
        """
        if is_parquet(path):
            _refuse_floating_ids(path)
        for chunk in text_rows(path):
            table = _table_of(chunk.rows.column_names)
            if table is None:
                # Payments are what it was taken for; the error names what is missing.
                next(expecting(MUST, iter([chunk]), path, "contract"))
                return
            names = RAW_COLUMNS if table == "payments" else SIDE_TABLES[table].names
            yield translate(chunk, table, {name: quoted(name) for name in names if name in chunk.rows.column_names})


def _table_of(columns: tuple[str, ...] | list[str]) -> Table | None:
    for table, telling in _TELLING.items():
        if set(telling) <= set(columns):
            return table
    return None


def _refuse_floating_ids(path: Path) -> None:
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        return  # said better where the rows are read
    for field in schema:
        is_id = field.name in ("payer", "payee", "subject") or field.name.endswith("_id")
        if is_id and pa.types.is_floating(field.type):
            raise InputError(
                f"column {field.name!r} holds floating numbers, which lose the digits of an id",
                where=path.name,
                try_="write it as text",
            )
