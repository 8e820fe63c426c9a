"""Payments from databases, Hive folders and Delta tables balance, and are known when they come again, as files are."""

import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from deltalake import write_deltalake

from flows.columnar import read_columnar
from flows.errors import InputError
from flows.ledger import Ledger
from flows.partitions import columns_of_folders, files_of_table
from moneytrail.commands.ingest import ingest

ROWS = (
    ("p3", "a", "b", "0.10", "EUR", "2026-01-02", "sct"),
    ("p1", "a", "b", "10.00", "EUR", "2026-01-01", "sct"),
    ("p2", "b", "c", "700", "JPY", "2026-01-01", "sct"),
    ("p4", "b", "c", "-1", "EUR", "2026-01-02", "sct"),
)
NAMES = ("payment_id", "payer", "payee", "amount", "currency", "booked_on", "channel")
QUERY = "SELECT * FROM booked;"


@pytest.fixture
def run(tmp_path):
    return lambda *words: CliRunner().invoke(ingest, ["--ledger", str(tmp_path / "ledger"), *words, "--json"])


def kept(tmp_path):
    rows = Ledger.open(tmp_path / "ledger").payments()
    return list(zip(*(rows[name].to_pylist() for name in ("payment_id", "amount_minor", "currency")), strict=True))


def column_types(kind):
    amount = {"duckdb": "DECIMAL(18,2)", "postgresql": "NUMERIC(18,2)"}[kind]
    return f"payment_id TEXT, payer TEXT, payee TEXT, amount {amount}, currency TEXT, booked_on DATE, channel TEXT"


@pytest.fixture(params=["duckdb", "postgresql"])
def source(request, tmp_path):
    """Give the URL of a database with the payments in a table, in an order of its own."""
    if request.param == "duckdb":
        path = tmp_path / "bank.duckdb"
        with duckdb.connect(str(path)) as opened:
            opened.execute(f"CREATE TABLE booked ({column_types('duckdb')})")
            opened.executemany(f"INSERT INTO booked VALUES ({', '.join('?' * 7)})", ROWS)
        yield f"duckdb:///{path}"
        return
    home = request.getfixturevalue("postgresql")
    url = f"postgresql+psycopg://postgres@/postgres?host={home}"
    engine = sa.create_engine(url)
    with engine.begin() as opened:
        opened.execute(sa.text(f"CREATE TABLE booked ({column_types('postgresql')})"))
        for row in ROWS:
            opened.execute(
                sa.text(f"INSERT INTO booked VALUES ({', '.join(f':{name}' for name in NAMES)})"),
                dict(zip(NAMES, row, strict=True)) | {"amount": float(row[3])},
            )
    yield url
    with engine.begin() as opened:
        opened.execute(sa.text("DROP TABLE booked"))
    engine.dispose()


def test_a_query_balances_rows_and_money_and_is_passed_over_when_its_answer_is_the_same(run, source, tmp_path):
    first = run("--query", QUERY, "--source", source)
    assert first.exit_code == 0, first.output
    [file] = json.loads(first.stdout)["files"]
    assert (file["rows_in"], file["rows_kept"], file["rows_rejected"]) == (4, 3, 1)
    assert file["money_minor"]["EUR"] == {"came": 910, "kept": 1010, "duplicates": 0, "rejected": -100}
    assert file["money_minor"]["JPY"]["kept"] == 700
    assert kept(tmp_path) == [("p1", 1000, "EUR"), ("p2", 700, "JPY"), ("p3", 10, "EUR")]

    assert json.loads(first.stdout)["query"] == QUERY
    [again] = json.loads(run("--query", QUERY, "--source", source).stdout)["files"]
    assert again["already_ingested"]
    # Rows in another order are the same answer.
    shuffled = "SELECT * FROM (SELECT * FROM booked ORDER BY amount DESC) AS s"
    [again] = json.loads(run("--query", shuffled, "--source", source).stdout)["files"]
    assert again["already_ingested"]


def test_a_query_that_is_refused_says_so_without_quoting_the_database_and_writes_nothing(run, source, tmp_path):
    refused = run("--query", "SELECT secret_column FROM booked", "--source", source)
    assert isinstance(refused.exception, InputError)
    assert "could not be answered" in str(refused.exception)
    assert "secret_column" not in str(refused.exception)
    assert not (tmp_path / "ledger").exists()


def test_a_source_needs_a_query_and_a_file_that_is_there(run, tmp_path):
    assert run("--source", "duckdb:///x.db").exit_code == 2
    missing = run("--query", QUERY, "--source", f"duckdb:///{tmp_path / 'gone.duckdb'}")
    assert isinstance(missing.exception, InputError)
    unknown = run("--query", QUERY, "--source", "nosuch://bank")
    with pytest.raises(InputError, match="no driver for this database"):
        raise unknown.exception


def test_an_answer_of_lists_is_refused(run):
    refused = run("--query", "SELECT [1, 2] AS amount")
    assert isinstance(refused.exception, InputError)


def table(*rows, names=NAMES):
    return pa.table({name: [row[NAMES.index(name)] for row in rows] for name in names})


def hive(folder):
    """Write the payments in folders by day, the day only in their names."""
    for day in ("2026-01-01", "2026-01-02"):
        (folder / f"booked_on={day}").mkdir(parents=True)
        rows = table(*(row for row in ROWS if row[5] == day), names=[name for name in NAMES if name != "booked_on"])
        pq.write_table(rows, folder / f"booked_on={day}" / "part-0.parquet")


def test_a_hive_folder_is_taken_in_file_by_file_and_only_a_new_day_is_read_again(run, tmp_path):
    hive(tmp_path / "bank")
    first = json.loads(run("--payments", str(tmp_path / "bank")).stdout)
    assert [file["rows_in"] for file in first["files"]] == [2, 2]
    assert [file["file"] for file in first["files"]] == [
        f"bank/booked_on=2026-01-0{day}/part-0.parquet" for day in (1, 2)
    ]
    assert kept(tmp_path) == [("p1", 1000, "EUR"), ("p2", 700, "JPY"), ("p3", 10, "EUR")]

    (tmp_path / "bank" / "booked_on=2026-01-03").mkdir()
    new = table(("p9", "a", "b", "5.00", "EUR", "", "sct"), names=[name for name in NAMES if name != "booked_on"])
    pq.write_table(new, tmp_path / "bank" / "booked_on=2026-01-03" / "part-0.parquet")
    second = json.loads(run("--payments", str(tmp_path / "bank")).stdout)
    assert [file["already_ingested"] for file in second["files"]] == [True, True, False]
    assert kept(tmp_path)[-1] == ("p9", 500, "EUR")


def test_files_of_the_same_bytes_in_folders_of_different_days_are_both_read(run, tmp_path):
    rows = table(ROWS[1], names=[name for name in NAMES if name != "booked_on"])
    for day in ("2026-01-01", "2026-01-02"):
        (tmp_path / "bank" / f"booked_on={day}").mkdir(parents=True)
        pq.write_table(rows, tmp_path / "bank" / f"booked_on={day}" / "part-0.parquet")
    files = json.loads(run("--payments", str(tmp_path / "bank"), "--share-rejected-max", "1").stdout)["files"]
    # The same id on another day is another payment under a name that is taken.
    assert [(file["rows_kept"], file["rows_rejected"]) for file in files] == [(1, 0), (0, 1)]


def test_a_delta_table_is_what_its_log_says_and_not_every_file_that_lies_there(run, tmp_path):
    bank = str(tmp_path / "bank")
    write_deltalake(bank, table(ROWS[3]), partition_by=["booked_on"])
    write_deltalake(bank, table(*ROWS[:3]), partition_by=["booked_on"], mode="overwrite")
    assert len(list((tmp_path / "bank").rglob("*.parquet"))) == 3
    files = json.loads(run("--payments", bank).stdout)["files"]
    assert sum(file["rows_in"] for file in files) == 3
    assert kept(tmp_path) == [("p1", 1000, "EUR"), ("p2", 700, "JPY"), ("p3", 10, "EUR")]


def test_folders_of_one_another_tell_all_their_columns_and_a_missing_value(tmp_path):
    path = tmp_path / "bank" / "currency=EUR" / "city=__HIVE_DEFAULT_PARTITION__" / "part.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"payment_id": ["p1"], "currency": ["SEK"]}), path)
    assert columns_of_folders(path) == {"currency": "EUR", "city": None}
    assert files_of_table(tmp_path / "bank") == (path,)
    [_, chunk] = read_columnar(path)
    # What a file says itself goes before the name of its folder.
    assert chunk.rows.select(["currency", "city"]).to_pylist() == [{"currency": "SEK", "city": None}]
