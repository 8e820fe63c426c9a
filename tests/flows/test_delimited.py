"""Text files, split."""

from __future__ import annotations

import csv
import io
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.delimited import MAX_BATCH_ROWS, read_delimited
from flows.errors import InputError


@pytest.fixture
def file_of(tmp_path):
    def write(content):
        path = tmp_path / "rows.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows_of(path, **how):
    return [tuple(row.values()) for chunk in read_delimited(path, **how) for row in chunk.rows.to_pylist()]


def rejects_of(path, **how):
    chunks = read_delimited(path, **how)
    return [(row["line"], row["reason"]) for chunk in chunks for row in chunk.rejects.to_pylist()]


def test_every_value_stays_the_text_it_is(file_of):
    path = file_of("a,b,c\n007,1e3,\nNULL,NaN,2026-01-05\n")
    assert rows_of(path) == [("007", "1e3", "", 2), ("NULL", "NaN", "2026-01-05", 3)]


def test_lines_are_right_behind_quoted_line_breaks_and_blank_lines(file_of):
    path = file_of('a,b\n"one\ntwo",1\n\nx,2\n"three\r\n\r\nfour",3\r\ny,4')
    assert rows_of(path) == [("one\ntwo", "1", 2), ("x", "2", 5), ("three\r\n\r\nfour", "3", 6), ("y", "4", 9)]


def test_a_line_of_other_width_is_rejected_and_its_neighbours_kept(file_of):
    path = file_of("a,b\n1,2\n1,2,3\n1\n3,4\n")
    assert rows_of(path) == [("1", "2", 2), ("3", "4", 5)]
    assert rejects_of(path) == [(3, "split"), (4, "split")]


def test_a_quote_that_is_never_closed_costs_one_line(file_of):
    path = file_of('a,b\n1,2\n"3,4\n5,6\n7,"x"\n')
    assert rows_of(path) == [("1", "2", 2), ("5", "6", 4), ("7", "x", 5)]
    assert rejects_of(path) == [(3, "split")]


def test_an_inch_mark_is_no_quote(file_of):
    assert rows_of(file_of('a,b\n5" pipe,2\n')) == [('5" pipe', "2", 2)]


def test_text_behind_a_closing_quote_is_not_glued_on(file_of):
    path = file_of('a,b\n"x"y,2\n3,4\n')
    assert rejects_of(path) == [(2, "split")]
    assert rows_of(path) == [("3", "4", 3)]


def test_bytes_that_are_no_text_cost_one_line(file_of):
    path = file_of(b"a,b\n\xff\xfe,2\n3,4\n")
    assert rejects_of(path) == [(2, "not_text")]
    assert rows_of(path) == [("3", "4", 3)]


def test_a_nul_stays_in_its_cell_for_the_check_to_see(file_of):
    assert rows_of(file_of(b"a,b\nx\0y,2\n" + b"3,4\n" * 100))[0] == ("x\0y", "2", 2)


def test_a_line_longer_than_is_read_at_once_is_rejected_without_being_held(file_of):
    path = file_of(b"a,b\n1,2\n" + b"x" * 5000 + b",3\n4,5\n")
    assert rejects_of(path, block_bytes=512) == [(3, "line_too_long")]
    assert rows_of(path, block_bytes=512) == [("1", "2", 2), ("4", "5", 4)]


def test_windows_1252_and_other_delimiters_are_read_when_told(file_of):
    path = file_of("Übersicht\nNr;Text\n1;Möbel\n".encode("windows-1252"))
    assert rows_of(path, delimiter=";", encoding="windows-1252", skip_lines=1) == [("1", "Möbel", 3)]


def test_a_byte_order_mark_is_no_part_of_the_first_name(file_of):
    path = file_of(b"\xef\xbb\xbfa,b\n1,2\n")
    assert next(iter(read_delimited(path))).rows.column_names == ["a", "b", "line"]


def test_batches_are_bounded(file_of):
    path = file_of("a\n" + "1\n" * (MAX_BATCH_ROWS + 10))
    chunks = list(read_delimited(path))
    assert max(chunk.rows.num_rows for chunk in chunks) == MAX_BATCH_ROWS
    assert sum(chunk.rows.num_rows for chunk in chunks) == MAX_BATCH_ROWS + 10
    assert chunks[-1].rows["line"][-1].as_py() == MAX_BATCH_ROWS + 11


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\n \n", "the file is empty"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"PK\x03\x04\x14", "a zip archive or an Excel workbook"),
        (b"%PDF-1.7", "a PDF document"),
        ("a,b\n1,2\n".encode("utf-16"), "written in UTF-16"),
        (b"\0\1\2\3" * 50, "not text"),
        (b"a,a\n1,2\n", "two columns are called 'a'"),
        (b"Amount,amount\n1,2\n", "two columns are called 'Amount'"),
    ],
)
def test_a_file_that_is_no_table_of_text_is_refused(file_of, content, message):
    with pytest.raises(InputError, match=message):
        list(read_delimited(file_of(content)))


def test_a_header_may_end_in_a_delimiter(file_of):
    chunk = list(read_delimited(file_of("a,b,\n1,2,\n")))[1]
    assert chunk.rows.column_names == ["a", "b", "column 3", "line"]


# One control character is odd, a file of many kinds of them is no text and refused.
cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "a,b", '5" pipe', "", " ", "\r", "\t", "a\x1ab"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells), max_size=30), st.sampled_from([64, 256, 1 << 16]))
def test_whatever_a_csv_writer_writes_is_read_back(file_of, drawn, block_bytes):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("a", "b"), *drawn])
    found = rows_of(file_of(text.getvalue()), block_bytes=block_bytes)
    if block_bytes > 64:
        assert [row[:2] for row in found] == drawn
    else:  # rows longer than a block may be refused, but none may come out other than it went in
        assert {row[:2] for row in found} <= set(drawn)


lines = st.lists(
    st.sampled_from(["a,b", '"a",b', '"a,b', 'a"b,c', '"a""b",c', "", '"', 'x"y",z', '"a\r",b', ",", '",",b'])
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines)
def test_the_fast_parser_says_what_the_exact_one_says(file_of, drawn):
    path = file_of("\n".join(["one,two", *drawn]) + "\n")
    fast = rows_of(path), rejects_of(path)
    with patch("flows.delimited._Splitter._fast", return_value=None):
        exact = rows_of(path), rejects_of(path)
    assert fast == exact
