"""The public sets, read whole: figures published with them, or counted from the files by other means."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest

from flows.check import check_rows
from flows.inspection import inspect
from flows.plugins import Shelf

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the labelled public data (../shared/data) is not here"),
]


def labels_of(path, reader_id):
    reader = Shelf("flows.readers").load(reader_id)()
    tables = [check_rows(batch, path.name, "h").kept for batch in reader.read(path) if batch.table == "labels"]
    return [row for table in tables for row in table.to_pylist()]


def test_berka_balances_to_the_haler():
    path = DATA / "berka" / "trans_1993_94.asc"
    facts = inspect(path)
    with path.open(encoding="utf-8") as file:
        expected = sum(Decimal(line.split(";")[5]) for line in list(file)[1:])
    assert (facts.format, facts.rows, facts.kept) == ("berka", 49_102, 49_102)
    assert facts.money["CZK"].kept == int(expected * 100)
    assert facts.own_accounts == 1_229


def test_fincen_files_are_all_accounted_for():
    facts = inspect(DATA / "fincen_files" / "download_transactions_map.csv")
    assert (facts.rows, facts.kept) == (4_507, 4_500)
    assert {(reason.code, reason.count) for reason in facts.reasons} == {("missing", 6), ("same_account", 1)}
    assert facts.own_accounts == 1_744
    assert inspect(DATA / "fincen_files" / "download_bank_connections.csv").table is None


def test_amlsim_has_its_payments_and_its_seventy_cases():
    path = DATA / "amlsim" / "amlsim_port_12k.parquet"
    facts = inspect(path)
    assert (facts.rows, facts.kept, facts.own_accounts) == (122_372, 122_372, 4_265)
    assert len({row["case_id"] for row in labels_of(path, "amlsim") if row["outcome"] == "planted"}) == 70


def test_amlgentex_has_its_payments_and_its_eighty_four_cases():
    path = DATA / "amlgentex" / "amlgentex_4k.parquet"
    facts = inspect(path)
    # Twenty simulated amounts are less than half an öre.
    assert (facts.rows, facts.kept) == (420_653, 420_633)
    assert len({row["case_id"] for row in labels_of(path, "amlgentex")}) == 84
    assert len(labels_of(DATA / "amlgentex" / "accounts.csv", "amlgentex")) == 575


def test_amlworld_patterns_have_their_payments_and_attempts():
    path = DATA / "amlworld" / "HI-Small_Patterns.txt"
    facts = inspect(path)
    assert (facts.rows, facts.kept, len(facts.money)) == (3_209, 3_198, 15)
    # One attempt of each number, also where all its payments go from an account to itself.
    assert len({row["case_id"] for row in labels_of(path, "amlworld")}) == 370


def test_saml_d_sample_is_read_whole():
    path = DATA / "saml_d" / "SAML-D_sample_1k.csv"
    facts = inspect(path)
    assert (facts.rows, facts.kept) == (1_000, 1_000)
    reader = Shelf("flows.readers").load("saml-d")()
    payments = [check_rows(batch, path.name, "h").kept for batch in reader.read(path) if batch.table == "payments"]
    assert sum(pc.sum(pc.is_valid(table["sent_at"])).as_py() or 0 for table in payments) == 1_000
