"""Parquet bytes that are the same for the same table."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from reports.report import BANNER


def parquet_bytes(table: pa.Table) -> bytes:
    """Write a table as Parquet, in one piece and with one set of choices, so that the bytes can be compared.

    The banner of every page stands in the metadata of the file.
    """
    buffer = io.BytesIO()
    marked = table.combine_chunks().replace_schema_metadata({**(table.schema.metadata or {}), "restricted": BANNER})
    pq.write_table(marked, buffer, compression="zstd", version="2.6")
    return buffer.getvalue()
