"""What every reader owes, asked of each file in its folder of samples.

`tests/flows/readers/NAME/FILE` is a small file in the format, and `FILE.expected.json` beside it the rows that come of
it: payments and side tables by the columns that have a value, and rejects by line, column and reason. A sample without
expected rows is one that holds nothing to read.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.check import RAW_COLUMNS, check_rows
from flows.errors import InputError
from flows.payments import SIDE_TABLES
from flows.plugins import Shelf
from flows.sniffing import guess, sample

SAMPLES = Path(__file__).parent / "readers"
READERS = Shelf("flows.readers")
FILES = sorted(path for path in SAMPLES.glob("*/*") if path.suffix in {".csv", ".parquet", ".txt", ".asc"})
READABLE = [path for path in FILES if path.with_name(path.name + ".expected.json").exists()]


def reader_id_of(path):
    return path.parent.name.replace("_", "-")


def reader_of(path):
    return READERS.load(reader_id_of(path))()


def name_of(path):
    return f"{path.parent.name}/{path.name}"


def rows_of(path, reader=None):
    """The rows a file comes to, as plain values: tables by name, and the rejects."""
    found = {"rejects": []}
    for batch in (reader or reader_of(path)).read(path):
        checked = check_rows(batch, path.name, "hash")
        assert (
            checked.kept.num_rows + checked.duplicates.num_rows + checked.rejects.num_rows
            == batch.rows.num_rows + batch.rejects.num_rows
        )
        for row in checked.kept.to_pylist():
            filled = {name: str(value) for name, value in row.items() if value is not None and name != "source_file"}
            found.setdefault(batch.table, []).append(filled)
        found["rejects"] += checked.rejects.select(["line", "column", "reason"]).to_pylist()
        if checked.duplicates.num_rows:
            found.setdefault("duplicates", []).extend(checked.duplicates["source_line"].to_pylist())
    return found


def test_every_reader_has_samples():
    without = [reader_id for reader_id in READERS.ids() if reader_id not in {reader_id_of(path) for path in READABLE}]
    assert not without, f"put a small file and its .expected.json into tests/flows/readers for {without}"


@pytest.mark.parametrize("path", READABLE, ids=name_of)
def test_a_sample_comes_to_its_expected_rows(path):
    expected = json.loads(path.with_name(path.name + ".expected.json").read_text(encoding="utf-8"))
    assert rows_of(path) == expected


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_sample_is_recognised_by_its_reader_and_no_other(path):
    beginning = sample(path)
    claims = {reader_id: READERS.load(reader_id)().recognises(beginning) for reader_id in READERS.ids()}
    assert claims.pop(reader_id_of(path)) == 1
    assert max(claims.values()) < 0.5
    assert guess(path)[0] == reader_id_of(path)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_table_guessed_is_the_table_read(path):
    table = guess(path)[2]
    if table is None:
        with pytest.raises(InputError, match="holds no payments"):
            list(reader_of(path).read(path))
    else:
        assert next(iter(reader_of(path).read(path))).table == table


@pytest.mark.parametrize("path", READABLE, ids=name_of)
def test_batches_hold_text_in_the_columns_of_the_contract_and_lines_in_order(path):
    last = {}
    for batch in reader_of(path).read(path):
        known = RAW_COLUMNS if batch.table == "payments" else SIDE_TABLES[batch.table].names
        for field in batch.rows.schema:
            assert field.name in {*known, "line"}
            assert field.type == (pa.int64() if field.name == "line" else pa.string())
        lines = batch.rows["line"].to_pylist()
        assert lines == sorted(lines)
        assert not lines or lines[0] >= last.get(batch.table, 1)
        last[batch.table] = lines[-1] if lines else last.get(batch.table, 1)


@pytest.mark.parametrize("path", READABLE, ids=name_of)
def test_reading_twice_gives_the_same(path):
    assert rows_of(path) == rows_of(path)


@pytest.mark.parametrize("path", [path for path in READABLE if path.suffix in {".csv", ".asc"}], ids=name_of)
def test_a_file_with_only_a_header_has_no_rows(path, tmp_path):
    short = tmp_path / path.name
    short.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    assert {table: rows for table, rows in rows_of(short, reader_of(path)).items() if rows} == {}


@pytest.mark.parametrize("path", [path for path in READABLE if path.suffix in {".csv", ".asc"}], ids=name_of)
def test_a_file_of_other_columns_is_refused(path, tmp_path):
    other = tmp_path / path.name
    other.write_text("colour,shape\nred,round\n", encoding="utf-8")
    with pytest.raises(InputError, match="not in the format"):
        list(reader_of(path).read(other))


@pytest.mark.parametrize("path", [path for path in READABLE if path.suffix == ".parquet"], ids=name_of)
def test_a_parquet_file_cut_short_is_refused(path, tmp_path):
    short = tmp_path / path.name
    short.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="cut short or damaged"):
        list(reader_of(path).read(short))


@pytest.mark.parametrize("path", [path for path in READABLE if path.suffix == ".parquet"], ids=name_of)
def test_a_parquet_file_without_rows_has_no_rows(path, tmp_path):
    empty = tmp_path / path.name
    pq.write_table(pq.read_table(path).slice(0, 0), empty)
    assert {table: rows for table, rows in rows_of(empty, reader_of(path)).items() if rows} == {}


@pytest.mark.parametrize("reader_id", READERS.ids())
def test_a_file_that_is_not_there_is_an_input_error(reader_id, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        list(READERS.load(reader_id)().read(tmp_path / "gone.csv"))
