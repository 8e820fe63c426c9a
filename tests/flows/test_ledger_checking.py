"""A ledger somebody changed by hand is found, and the file is named."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from flows import ledger_hashes
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.ledger_checking import wrong

HEADER = "payment_id,payer,payee,amount,currency,booked_on,channel\n"
ROWS = "p1,a,b,10.00,EUR,2026-01-01,sct\np2,b,c,5.50,EUR,2026-01-02,sct\np3,c,a,700,JPY,2026-01-02,wire\n"


@pytest.fixture
def ledger(tmp_path):
    (tmp_path / "one.csv").write_text(HEADER + ROWS)
    (tmp_path / "two.csv").write_text(HEADER + ROWS.replace("p3", "p4"))
    for name in ("one.csv", "two.csv"):
        ingest(tmp_path / "ledger", {"payments": [tmp_path / name]})
    return Ledger.open(tmp_path / "ledger")


def rewritten(ledger, change, source):
    """Write anew the file that holds the one payment of the first day that ``source`` brought."""
    paths = [path for path in ledger.files() if "booked_on=2026-01-01" in str(path)]
    [path] = [path for path in paths if source in pq.ParquetFile(path).read()["source_file"].to_pylist()]
    table = change(pq.ParquetFile(path).read())
    pq.write_table(table, path)


def test_a_ledger_that_nobody_touched_is_whole(ledger):
    assert list(wrong(ledger)) == []
    assert list(wrong(ledger.at_version(0))) == []


def test_a_file_that_is_gone_or_of_another_size_is_named(ledger):
    first, *_, last = sorted(ledger.sizes())
    (ledger.path / first).unlink()
    with (ledger.path / last).open("ab") as opened:
        opened.write(b"\0")
    said = list(wrong(ledger))
    assert any(first in line and "missing" in line for line in said)
    assert any(last in line and "changed" in line for line in said)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda table: table.set_column(
            table.schema.get_field_index("amount_minor"), "amount_minor", pc.add(table["amount_minor"], 1)),
         "one.csv ({hash}): the money in EUR"),
        (lambda table: table.slice(0, 0), "one.csv ({hash}): 2 rows are there, and 3 were kept"),
        (lambda table: table.set_column(
            table.schema.get_field_index("source_file"), "source_file", pa.array(["f" * 64] * len(table))),
         "never taken in (ffffffffffff)"),
    ],
)  # fmt: skip
def test_an_amount_a_row_or_a_file_put_in_by_hand_is_found(ledger, monkeypatch, change, named):
    source = next(one for one in ledger.sources().to_pylist() if one["file_name"] == "one.csv")
    rewritten(ledger, change, source["source_file"])
    # As if it had the size and the hash it had: whoever changes a file with care can see to that.
    (ledger.path / ledger_hashes.NAME).unlink()
    sizes = {name: (ledger.path / name).stat().st_size for name in ledger.sizes()}
    monkeypatch.setattr(Ledger, "sizes", lambda self: sizes)
    expected = named.format(hash=source["source_file"][:12])
    assert any(expected in line for line in wrong(ledger)), list(wrong(ledger))


def test_a_file_that_is_no_parquet_any_more_is_said(ledger, monkeypatch):
    path = ledger.path / min(ledger.sizes())
    path.write_bytes(b"\0" * path.stat().st_size)
    (ledger.path / ledger_hashes.NAME).unlink()
    [line] = wrong(ledger)
    assert "cannot be read" in line


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
def test_a_bit_that_turned_anywhere_in_any_file_is_found(ledger, share):
    names = sorted(ledger.sizes())
    assert {name.partition("/")[0] for name in names} == {"payments", "sources"}
    for name in names:
        path = ledger.path / name
        content = bytearray(path.read_bytes())
        content[int(len(content) * share)] ^= 1
        path.write_bytes(content)
    assert list(wrong(ledger)) == [
        f"ledger file {name} was changed: it does not hold what was written" for name in names
    ]


def test_what_was_killed_before_it_wrote_hashes_is_made_good_by_the_next_ingest(ledger, tmp_path):
    (ledger.path / ledger_hashes.NAME).unlink()
    assert list(wrong(ledger)) == []
    (tmp_path / "three.csv").write_text(HEADER + ROWS.replace("p", "q"))
    ingest(ledger.path, {"payments": [tmp_path / "three.csv"]})
    assert ledger_hashes.recorded(ledger.path).keys() == ledger.newest().sizes().keys()


def test_what_a_rule_of_retention_took_out_is_not_missed(ledger):
    assert not ledger.erased()
    DeltaTable(ledger.path / "payments").delete("booked_on < '2026-01-02'")
    assert ledger.newest().erased()
    assert list(wrong(ledger.newest())) == []


def test_a_damaged_record_of_hashes_is_said_and_written_anew(ledger, tmp_path):
    (ledger.path / ledger_hashes.NAME).write_bytes(b'{"payments\xff')
    [line] = wrong(ledger)
    assert "hashes.json is damaged" in line
    (tmp_path / "three.csv").write_text(HEADER + ROWS.replace("p", "q"))
    ingest(ledger.path, {"payments": [tmp_path / "three.csv"]})
    assert list(wrong(ledger.newest())) == []
