"""Parquet files, as text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows import columnar
from flows.columnar import columns_of, read_columnar, text_of
from flows.errors import InputError


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([1, None]), ["1", None]),
        (pa.array([0.1, 1e7, 1.2345678901255e11, 1e-7]), ["0.1", "10000000", "123456789012.55", "0.0000001"]),
        (pa.array([Decimal("1.50"), Decimal("0.00")]), ["1.50", "0.00"]),
        (pa.array([Decimal("0.0000000001")], pa.decimal128(38, 10)), ["0.0000000001"]),
        (pa.array([date(2026, 1, 5)]), ["2026-01-05"]),
        (
            pa.array([datetime(2026, 1, 5, 10, tzinfo=UTC)], pa.timestamp("us", "Europe/Paris")),
            ["2026-01-05 10:00:00.000000Z"],
        ),
        (pa.array([datetime(2026, 1, 5, 10)], pa.timestamp("s")), ["2026-01-05 10:00:00"]),  # noqa: DTZ001 - no zone is the case
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_plain_values_become_text_without_loss(column, text):
    assert text_of(pa.chunked_array([column])).to_pylist() == text


def test_rows_are_numbered_from_one_over_batches(tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": range(10), "line": ["x"] * 10}), path)
    chunks = list(read_columnar(path, batch_rows=4))
    assert [chunk.rows.num_rows for chunk in chunks] == [0, 4, 4, 2]
    assert [line for chunk in chunks for line in chunk.rows["line"].to_pylist()] == list(range(1, 11))


def test_a_nested_column_is_refused(tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": [[1], [2]]}), path)
    with pytest.raises(InputError, match="not one plain value"):
        list(read_columnar(path))


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"\0" * 100, b"PAR1" + b"\xff" * 50 + b"PAR1"])
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cut short or damaged"):
        list(read_columnar(path))
    with pytest.raises(InputError, match="cut short or damaged"):
        columns_of(path)


def test_a_file_that_swells_out_of_proportion_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "rows.parquet"
    text = "x" * 10_000
    pq.write_table(
        pa.table({"a": [text + str(n) for n in range(1000)]}), path, compression="zstd", use_dictionary=False
    )
    assert len(list(read_columnar(path))) > 1
    monkeypatch.setattr(columnar, "_HELD_EASILY", 1 << 20)
    with pytest.raises(InputError, match="would swell"):
        list(read_columnar(path))
