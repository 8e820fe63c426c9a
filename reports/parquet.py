"""Parquet bytes that are the same for the same table."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq


def parquet_bytes(table: pa.Table) -> bytes:
    """Write a table as Parquet, in one piece and with one set of choices, so that the bytes can be compared."""
    buffer = io.BytesIO()
    pq.write_table(table.combine_chunks(), buffer, compression="zstd", version="2.6")
    return buffer.getvalue()
