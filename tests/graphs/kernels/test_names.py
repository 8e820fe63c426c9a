"""Names are numbered as Arrow's dictionary would, whatever their length, their chunks or their number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.kernels import names
from graphs.kernels.names import numbered

# Around eight letters, where a name is read in one piece, in two that overlap, or letter by letter.
NAME = st.text(st.sampled_from("aé\0"), max_size=20)
CHUNKS = st.lists(st.lists(NAME, max_size=40), min_size=1, max_size=4)


def by_arrow(columns: list[pa.ChunkedArray]) -> tuple[list[str], list[int]]:
    """Give what Arrow's dictionary gives for the same rows."""
    rows = pa.array([name for column in columns for name in column.to_pylist()], pa.string())
    encoded = rows.dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_pylist()


def by_us(columns: list[pa.ChunkedArray]) -> tuple[list[str], list[int]]:
    """Give what we give."""
    found, number = numbered(columns)
    found.validate(full=True)
    assert number.dtype == np.int32
    return found.to_pylist(), number.tolist()


@settings(deadline=None)  # the first call compiles
@given(CHUNKS, CHUNKS)
def test_names_are_numbered_as_arrow_does(one, other):
    columns = [pa.chunked_array(chunks, pa.string()) for chunks in (one, other)]
    assert by_us(columns) == by_arrow(columns)


@settings(deadline=None)
@given(st.lists(NAME, max_size=60), st.data())
def test_a_slice_of_a_chunk_is_read_from_where_it_begins(rows, data):
    first = data.draw(st.integers(0, len(rows)))
    length = data.draw(st.integers(0, len(rows) - first))
    columns = [pa.chunked_array([pa.array(rows, pa.string()).slice(first, length)])]
    assert by_us(columns) == by_arrow(columns)


def test_more_names_than_the_first_table_holds_keep_their_numbers():
    draws = np.random.default_rng(5).integers(0, 20_000, 60_000)
    rows = pa.array([f"account {number}" for number in draws])
    columns = [pa.chunked_array([rows[:7], rows[7:]]), pa.chunked_array([rows[::-3]])]
    assert by_us(columns) == by_arrow(columns)


def test_a_name_longer_than_the_first_text_has_room():
    long = "x" * 100_000
    columns = [pa.chunked_array([["a", long, "b", long + "y", long]])]
    assert by_us(columns) == by_arrow(columns)


def test_no_rows_have_no_names():
    columns = [pa.chunked_array([], pa.string())]
    assert by_us(columns) == by_arrow(columns)


def test_names_that_share_a_hash_are_told_apart(monkeypatch):
    # Everything has the hash 0, so that only the letters tell names apart.
    monkeypatch.setattr(names, "hashed", lambda letters, at, end: np.uint64(0))
    monkeypatch.setattr(names, "look_up", names.look_up.py_func)
    columns = [pa.chunked_array([["aaaaaaaab", "aaaaaaaac", "aaaaaaaab", "a", "", "b", "aaaaaaaa", ""]])]
    assert by_us(columns) == by_arrow(columns)


def test_more_letters_than_arrow_can_hold_are_refused(monkeypatch):
    monkeypatch.setattr(names, "MOST_BYTES", 100_000)
    with pytest.raises(OverflowError, match="2 GB"):
        numbered([pa.chunked_array([["x" * 90_000, "y" * 90_000]])])
