"""The workbook has the same rows as its CSV twins, amounts a spreadsheet cannot round, and where each row came from."""

from __future__ import annotations

import csv
import io

from openpyxl import load_workbook

from reports.exports.evidence_pack import EvidencePack


def test_workbook_and_tables_say_the_same(hard):
    made = EvidencePack().files(hard)
    book = load_workbook(io.BytesIO(made["evidence_pack.xlsx"]))
    assert book.sheetnames == ["About", "Payments", "Nodes"]
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


def test_every_payment_names_its_file_and_line(hard):
    table = csv.DictReader(io.StringIO(EvidencePack().files(hard)["evidence_payments.csv"].decode(), newline=""))
    assert all(row["source_file"] and row["source_line"] for row in table)


def test_it_states_the_conventions_and_that_hops_are_never_added(hard):
    about = EvidencePack().files(hard)["evidence_about.csv"].decode()
    assert "first in, first out" in about
    assert "Never add these up" in about
