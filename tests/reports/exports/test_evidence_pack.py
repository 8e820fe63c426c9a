"""The workbook has the same rows as its CSV twins, amounts a spreadsheet cannot round, and where each row came from."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from flows.errors import InputError
from reports.exports.evidence_pack import EvidencePack
from reports.workbook import MOST_CHARACTERS


def test_workbook_and_tables_say_the_same(hard):
    made = EvidencePack().files(hard)
    book = load_workbook(io.BytesIO(made["evidence_pack.xlsx"]))
    assert book.sheetnames == ["About", "Payments", "Nodes", "Endpoints"]
    for sheet in book.worksheets:
        rows = list(csv.reader(io.StringIO(made[f"evidence_{sheet.title.lower()}.csv"].decode(), newline="")))
        assert [
            ["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)
        ] == rows


def test_what_a_spreadsheet_would_round_is_text(hard):
    sheet = load_workbook(io.BytesIO(EvidencePack().files(hard)["evidence_pack.xlsx"]))["Payments"]
    heads = [found.value for found in sheet[1]]
    of_payment = {row[0].value: row[heads.index("amount_minor")] for row in sheet.iter_rows(min_row=2)}
    assert (of_payment["p1"].value, of_payment["p1"].data_type) == (30000, "n")
    assert (of_payment["p7"].value, of_payment["p7"].data_type) == ("90071992547409993", "s")


def test_under_every_rule_the_endpoints_sum_to_what_was_followed_and_lie_within_their_bounds(hard):
    sums = Counter()
    for row in csv.DictReader(io.StringIO(EvidencePack().files(hard)["evidence_endpoints.csv"].decode(), newline="")):
        sums[row["rule"]] += int(row["amount_minor"])
        assert int(row["bound_least_minor"]) <= int(row["amount_minor"]) <= int(row["bound_most_minor"])
        assert row["payments"]
    assert set(sums.values()) == {30000}
    assert set(sums) == {"fifo", "lifo", "prorata", "libr", "taint_first"}


def test_a_text_longer_than_a_cell_is_cut_in_the_workbook_and_says_so_and_is_whole_in_the_table(hard):
    long = "x" * 40_000
    made = EvidencePack().files(replace(hard, facts=(("Note", long),)))
    about = load_workbook(io.BytesIO(made["evidence_pack.xlsx"]))["About"]
    (cut,) = (row[1].value for row in about.iter_rows() if row[0].value == "Note")
    assert len(cut) == MOST_CHARACTERS
    assert cut.endswith("the CSV of this sheet has all)")
    assert long in made["evidence_about.csv"].decode()


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_written(hard, monkeypatch):
    monkeypatch.setattr("reports.exports.evidence_pack.MOST_ROWS", 7)
    with pytest.raises(InputError, match="do not fit"):
        EvidencePack().files(hard)


def test_every_payment_names_its_file_and_line(hard):
    table = csv.DictReader(io.StringIO(EvidencePack().files(hard)["evidence_payments.csv"].decode(), newline=""))
    assert all(row["source_file"] and row["source_line"] for row in table)


def test_it_states_the_conventions_and_that_hops_are_never_added(hard):
    about = EvidencePack().files(hard)["evidence_about.csv"].decode()
    assert "first in, first out" in about
    assert "Never add these up" in about
