"""What every export format owes: all payments, exact money, nothing that a spreadsheet would run, the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from openpyxl import load_workbook

from flows.plugins import Shelf
from flows.window import no_payments
from reports.cells import restored
from reports.extract import Extract
from reports.report import BANNER

EXPORTS = Shelf("reports.exports")
FORMATS = EXPORTS.ids()


def files(id_: str, extract: Extract) -> dict[str, bytes]:
    return EXPORTS.load(id_)().files(extract)


def texts(name: str, content: bytes) -> str:
    if name.endswith(".xlsx"):
        sheets = load_workbook(io.BytesIO(content)).worksheets
        return "\n".join(str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row)
    return content.decode()


def hashes(extract: Extract) -> dict[str, str]:
    made = {name: content for id_ in FORMATS for name, content in files(id_, extract).items()}
    return {name: sha256(content).hexdigest() for name, content in made.items()}


def test_the_same_payments_in_another_order_give_the_same_bytes(hard):
    backwards = hard.payments.take(list(range(hard.payments.num_rows))[::-1])
    assert hashes(replace(hard, payments=backwards)) == hashes(hard)


ELSEWHERE = """
import json
from conftest import hard_extract
from test_exports_contract import hashes
print(json.dumps(hashes(hard_extract())))
"""


def test_another_process_with_other_hashes_of_strings_gives_the_same_bytes(hard):
    said = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONHASHSEED": "99", "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        check=True,
    )
    assert json.loads(said.stdout) == hashes(hard)


def test_no_two_formats_write_a_file_of_the_same_name(hard):
    names = [name for id_ in FORMATS for name in files(id_, hard)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("id_", FORMATS)
def test_every_payment_and_every_node_is_named(id_, hard):
    said = "\n".join(texts(name, content) for name, content in files(id_, hard).items())
    for row in hard.rows:
        assert str(row["payment_id"]) in said
        assert str(row["amount_minor"]) in said
        assert str(row["amount"]) in said


@pytest.mark.parametrize("id_", FORMATS)
def test_it_says_that_it_is_restricted(id_, hard):
    assert any(BANNER in texts(name, content) for name, content in files(id_, hard).items())


@pytest.mark.parametrize("id_", FORMATS)
def test_no_cell_of_a_table_can_be_run_by_a_spreadsheet(id_, hard):
    for name, content in files(id_, hard).items():
        if name.endswith(".csv"):
            cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]
        elif name.endswith(".xlsx"):
            sheets = load_workbook(io.BytesIO(content)).worksheets
            assert all(found.data_type in "snb" for sheet in sheets for row in sheet.iter_rows() for found in row)
            cells = [found for sheet in sheets for row in sheet.iter_rows(values_only=True) for found in row]
        else:
            continue
        assert not [found for found in cells if isinstance(found, str) and found[:1] in tuple("=+-@\t\r")]


@pytest.mark.parametrize("id_", FORMATS)
def test_an_extract_without_payments_is_written_too(id_):
    assert files(id_, Extract("Nothing.", no_payments()))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize(
    ("id_", "nodes", "payments", "node", "ends"),
    [
        ("neo4j", "neo4j_nodes.csv", "neo4j_payments.csv", "node:ID", (":START_ID", ":END_ID")),
        ("i2", "i2_entities.csv", "i2_links.csv", "Identity", ("From", "To")),
        ("evidence-pack", "evidence_nodes.csv", "evidence_payments.csv", "node", ("payer", "payee")),
    ],
)
def test_tables_of_nodes_and_payments_fit_each_other_and_lose_nothing(id_, nodes, payments, node, ends, hard):
    made = files(id_, hard)
    known = {row[node] for row in rows_of(made[nodes])}
    paid = rows_of(made[payments])
    minor = next(name for name in paid[0] if name.startswith("amount_minor"))
    assert {row[end] for row in paid for end in ends} == known
    assert [(restored(row[ends[0]]), restored(row[ends[1]]), int(row[minor]), row["amount"]) for row in paid] == [
        (row["payer"], row["payee"], row["amount_minor"], row["amount"]) for row in hard.rows
    ]
