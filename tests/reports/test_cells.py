"""Cells that leave the house are text, whatever somebody wrote into a narrative, and can be turned back exactly."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.cells import cell, csv_bytes, neutral, restored


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # fmt: skip
def test_a_text_that_a_spreadsheet_would_run_bears_an_apostrophe(sign):
    assert cell(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@settings(deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_can_be_restored(text):
    assert restored(neutral(text)) == text


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-(2**62), 2**62)), max_size=5))
def test_a_table_reads_back_as_it_was_written(rows):
    read = list(csv.reader(io.StringIO(csv_bytes(["text", "minor"], rows).decode(), newline="")))
    assert read[0] == ["text", "minor"]
    assert [(restored(text), int(minor)) for text, minor in read[1:]] == rows
