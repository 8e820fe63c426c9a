"""Ingest: every row and every cent accounted for; all files or none; killed at any instant, old or new."""

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import ingest as ingest_module
from flows import ledger as ledger_module
from flows.errors import BalanceError, InputError, LockedError, StoreError
from flows.ingest import Money, ingest
from flows.ledger import Ledger
from flows.lock import writing
from flows.reading import RawBatch

HEADER = "payment_id,payer,payee,amount,currency,booked_on,channel\n"
GOOD = "p1,a,b,10.00,EUR,2026-01-01,sct\np2,b,c,5.50,EUR,2026-01-02,sct\np3,c,a,700,JPY,2026-01-02,wire\n"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "ledger"


@pytest.fixture
def written(tmp_path):
    def write(name, rows, header=HEADER):
        path = tmp_path / name
        path.write_text(header + rows)
        return path

    return write


def counts(result):
    return [(file.rows, file.kept, file.duplicates, file.rejected) for file in result.files]


def ids(folder):
    return sorted(Ledger.open(folder).payments()["payment_id"].to_pylist())


# --- what becomes of rows -----------------------------------------------------------------------------------------


def test_rows_and_money_come_in_and_are_kept(folder, written):
    result = ingest(folder, {"payments": [written("a.csv", GOOD)]})
    assert counts(result) == [(3, 3, 0, 0)]
    assert result.money == {"EUR": Money(came=1550, kept=1550), "JPY": Money(came=700, kept=700)}
    assert (result.version_before, result.version_after) == (0, 1)
    rows = (
        Ledger.open(folder).payments(columns=["payment_id", "amount_minor", "source_file", "source_line"]).to_pylist()
    )
    assert rows[0] == {
        "payment_id": "p1",
        "amount_minor": 1000,
        "source_file": result.files[0].source_hash,
        "source_line": 2,
    }


def test_rows_sorted_and_written_in_portions_make_the_same_ledger(folder, written, tmp_path, monkeypatch):
    rows = [f"p{n},a{n % 7},b,{n}.10,EUR,2026-01-{n * 5 % 28 + 1:02},sct\n" for n in range(400)]
    file = written("mixed.csv", "".join([*rows, rows[3], "p5,x,y,1,EUR,2026-01-09,sct\n"]))
    ingest(folder, {"payments": [file]})
    monkeypatch.setattr("flows.ingest.SORTED_AT_ONCE", 90)
    monkeypatch.setattr("flows.ledger_writing.AT_ONCE", 40)
    result = ingest(tmp_path / "portions", {"payments": [file]})
    assert counts(result) == [(402, 400, 1, 1)]
    one, other = Ledger.open(folder), Ledger.open(tmp_path / "portions")
    assert (one.version, len(one.files())) == (other.version, len(other.files())) == (1, 28)
    assert one.payments().equals(other.payments())


def test_the_same_file_again_is_passed_over_under_any_name(folder, written):
    ingest(folder, {"payments": [written("a.csv", GOOD)]})
    again = ingest(folder, {"payments": [written("renamed.csv", GOOD)]})
    assert [file.already for file in again.files] == [True]
    assert (again.version_before, again.version_after) == (1, 1)


def test_the_same_file_twice_in_one_ingest_is_read_once(folder, written):
    result = ingest(folder, {"payments": [written("a.csv", GOOD), written("b.csv", GOOD)]})
    assert [file.already for file in result.files] == [False, True]
    assert Ledger.open(folder).count() == 3


def test_a_payment_delivered_again_is_a_duplicate_wherever_the_first_one_is(folder, written):
    ingest(folder, {"payments": [written("ledger.csv", "p1,a,b,10.00,EUR,2026-01-01,sct\n")]})
    result = ingest(
        folder,
        {
            "payments": [
                written("a.csv", "p1,a,b,10,EUR,2026-01-01,sct\np2,a,b,1,EUR,2026-01-01,sct\n"),
                written(
                    "b.csv", "p2,a,b,1.0,EUR,2026-01-01,sct\np3,a,b,1,EUR,2026-01-01,sct\np3,a,b,1,EUR,2026-01-01,sct\n"
                ),
            ]
        },
    )
    assert counts(result) == [(2, 1, 1, 0), (3, 1, 2, 0)]
    assert result.money == {"EUR": Money(came=1400, kept=200, duplicates=1200)}
    assert ids(folder) == ["p1", "p2", "p3"]


def test_another_payment_of_the_same_id_is_rejected_and_the_first_one_stays(folder, written):
    ingest(folder, {"payments": [written("ledger.csv", "p1,a,b,10.00,EUR,2026-01-01,sct\n")]})
    rows = "p1,a,b,11.00,EUR,2026-01-01,sct\np2,a,b,1,EUR,2026-01-01,sct\np4,a,b,1,EUR,2026-01-01,sct\n"
    result = ingest(
        folder,
        {"payments": [written("a.csv", rows), written("b.csv", rows.replace("p2,a,b,1,", "p2,a,c,1,"))]},
        share_rejected_max=1.0,
    )
    assert counts(result) == [(3, 2, 0, 1), (3, 0, 1, 2)]
    assert [dict(file.reasons) for file in result.files] == [{"id_conflict": 1}, {"id_conflict": 2}]
    payments = Ledger.open(folder).payments(columns=["payment_id", "payee", "amount_minor"]).to_pylist()
    assert payments[0] == {"payment_id": "p1", "payee": "b", "amount_minor": 1000}
    assert payments[1]["payee"] == "b"


def test_batches_of_one_file_are_compared_with_each_other(folder, written):
    class OneRowAtATime:
        def read(self, path):
            for line, text in enumerate(path.read_text().splitlines()[1:], 2):
                names = HEADER.strip().split(",")
                rows = pa.table({name: [value] for name, value in zip(names, text.split(","), strict=True)})
                yield RawBatch("payments", rows.append_column("line", pa.array([line])))

    rows = "".join(
        f"{name},a,b,{amount},EUR,2026-01-01,sct\n" for name, amount in [("p1", 1), ("p2", 1), ("p1", 1), ("p2", 9)]
    )
    result = ingest(folder, {"payments": [written("a.csv", rows)]}, mapping=OneRowAtATime())
    assert counts(result) == [(4, 2, 1, 1)]


def test_rejected_rows_lie_beside_the_ledger_and_no_spreadsheet_runs_them(folder, written):
    rows = GOOD + "=cmd(),a,b,-5,EUR,2026-01-01,sct\np9,a,b,1e400,EUR,2026-01-01,sct\n"
    result = ingest(folder, {"payments": [written("-a.csv", rows)]})
    assert counts(result) == [(5, 3, 0, 2)]
    (file,) = result.files
    assert file.rejects_file == folder / "rejects" / f"{file.source_hash[:16]}.csv"
    with file.rejects_file.open(newline="") as opened:
        header, *lines = list(csv.reader(opened))
    assert header == ["file", "line", "column", "reason", "row"]
    assert [line[:4] for line in lines] == [
        ["'-a.csv", "5", "amount", "amount_not_positive"],
        ["'-a.csv", "6", "amount", "amount_out_of_range"],
    ]
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]
    assert Ledger.open(folder).rejected() == {"amount_not_positive": 1, "amount_out_of_range": 1}


def test_the_money_of_a_rejected_row_is_balanced_where_it_can_be_read(folder, written):
    rows = GOOD + "p7,a,a,2.50,EUR,2026-01-01,sct\np8,a,b,NaN,EUR,2026-01-01,sct\np9,a,b,3,XQX,2026-01-01,sct\n"
    result = ingest(folder, {"payments": [written("a.csv", rows)]})
    assert result.money["EUR"] == Money(came=1800, kept=1550, rejected=250)
    assert set(result.money) == {"EUR", "JPY"}


amounts = st.one_of(
    st.decimals(-1000, 10**6, places=4).map(lambda amount: f"{amount:f}"),
    st.integers(0, 2**70).map(str),
    st.sampled_from(["", "0", "0.00", "007.10", "NaN", "1e400", "1e3", "1.234,56", ".5", "5.", "-0", "+3", "9" * 31]),
)
row_lists = st.lists(
    st.tuples(st.integers(0, 6), amounts, st.sampled_from(["EUR", "JPY", "KWD", "BTC", "XQX", ""])), max_size=12
)


@settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row_lists, row_lists)
def test_whatever_comes_is_kept_a_duplicate_or_rejected_to_the_cent(tmp_path_factory, first, second):
    folder = tmp_path_factory.mktemp("any")
    files = []
    for name, rows in (("a.csv", first), ("b.csv", second)):
        files.append(folder / name)
        with files[-1].open("w", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow([*HEADER.strip().split(","), "file"])
            writer.writerows(
                [f"p{n}", "a", "b", amount, currency, "2026-01-01", "sct", name] for n, amount, currency in rows
            )
    result = ingest(folder / "ledger", {"payments": files}, share_rejected_max=1.0)
    assert result.rows("rows") == len(first) + len(second)
    for file in result.files:
        assert file.rows == file.kept + file.duplicates + file.rejected
    for money in result.money.values():
        assert money.came == money.kept + money.duplicates + money.rejected
    payments = Ledger.open(folder / "ledger").payments()
    assert payments.num_rows == result.rows("kept")
    sums = {currency: money.kept for currency, money in result.money.items() if money.kept}
    in_ledger = payments.group_by("currency").aggregate([("amount_minor", "sum")]).to_pylist()
    assert {row["currency"]: row["amount_minor_sum"] for row in in_ledger} == sums


def test_rows_lost_on_the_way_stop_the_ingest(folder, written, monkeypatch):
    def loses_a_row(batch, file_name, source_hash):
        checked = check_rows(batch, file_name, source_hash)
        return type(checked)(checked.table, checked.kept.slice(1), checked.rejects, checked.duplicates)

    check_rows = ingest_module.check_rows
    monkeypatch.setattr(ingest_module, "check_rows", loses_a_row)
    with pytest.raises(BalanceError, match="3 rows came"):
        ingest(folder, {"payments": [written("a.csv", GOOD)]})
    assert nothing_written(folder)


def test_an_amount_changed_on_the_way_stops_the_ingest(folder, written, monkeypatch):
    def loses_a_cent(batch, file_name, source_hash):
        checked = check_rows(batch, file_name, source_hash)
        place = checked.kept.column_names.index("amount_minor")
        less = pa.array([minor - 1 for minor in checked.kept["amount_minor"].to_pylist()], pa.int64())
        kept = checked.kept.set_column(place, checked.kept.schema.field(place), less)
        return type(checked)(checked.table, kept, checked.rejects, checked.duplicates)

    check_rows = ingest_module.check_rows
    monkeypatch.setattr(ingest_module, "check_rows", loses_a_cent)
    with pytest.raises(BalanceError, match="money in EUR"):
        ingest(folder, {"payments": [written("a.csv", GOOD)]})
    assert nothing_written(folder)


# --- side tables --------------------------------------------------------------------------------------------------


def test_a_later_row_of_a_side_table_replaces_the_row_of_the_same_name(folder, written):
    first = written("first.csv", "a,current,2020-01-01\nb,savings,\na,card,\n", "account_id,kind,opened_on\n")
    result = ingest(folder, {"accounts": [first]})
    assert counts(result) == [(3, 2, 1, 0)]
    second = written("second.csv", "b,savings,\nb,business,2021-01-01\nc,client,\n", "account_id,kind,opened_on\n")
    result = ingest(folder, {"accounts": [second]})
    assert counts(result) == [(3, 2, 1, 0)]
    accounts = Ledger.open(folder).side("accounts").select(["account_id", "kind", "opened_on"]).to_pylist()
    assert accounts == [
        {"account_id": "a", "kind": "card", "opened_on": None},
        {"account_id": "b", "kind": "business", "opened_on": date(2021, 1, 1)},
        {"account_id": "c", "kind": "client", "opened_on": None},
    ]


def test_a_side_table_that_says_what_is_known_makes_no_new_version(folder, written):
    accounts = written("accounts.csv", "a,current\n", "account_id,kind\n")
    ingest(folder, {"accounts": [accounts]})
    again = ingest(folder, {"accounts": [accounts]})
    assert counts(again) == [(1, 0, 1, 0)]
    assert (again.version_before, again.version_after) == (1, 1)


def test_links_without_a_date_are_the_same_link(folder, written):
    header = "customer_id,kind,value_hash,valid_from\n"
    ingest(folder, {"links": [written("one.csv", "c1,phone,ab12,\n", header)]})
    result = ingest(folder, {"links": [written("two.csv", "c1,phone,ab12,\nc1,phone,ab12,2020-01-01\n", header)]})
    assert counts(result) == [(2, 1, 1, 0)]
    assert Ledger.open(folder).side("links").num_rows == 2


def test_payments_and_side_tables_come_in_as_one_version(folder, written):
    accounts = written("accounts.csv", "a,current\nb,savings\n", "account_id,kind\n")
    result = ingest(folder, {"payments": [written("a.csv", GOOD)], "accounts": [accounts]})
    assert (result.version_before, result.version_after) == (0, 1)
    assert Ledger.open(folder).side("accounts").num_rows == 2
    assert Ledger.open(folder).sources()["file_name"].to_pylist() == ["a.csv", "accounts.csv"]


def test_a_folder_gives_the_files_that_hold_the_table(folder, written, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.move(written("payments.csv", GOOD), tmp_path / "in")
    shutil.move(written("accounts.csv", "a,current\n", "account_id,kind\n"), tmp_path / "in")
    result = ingest(folder, {"payments": [tmp_path / "in"], "accounts": [tmp_path / "in"]})
    assert [(file.table, file.file_name) for file in result.files] == [
        ("payments", "payments.csv"),
        ("accounts", "accounts.csv"),
    ]


# --- bad files ----------------------------------------------------------------------------------------------------


def nothing_written(folder, version=0):
    if not version:
        return not folder.exists()
    ledger = Ledger.open(folder)
    return ledger.version == version and not (folder / "staging").exists() and not list(ledger.strays(since=0))


def test_a_bad_third_file_keeps_all_three_out(folder, written, tmp_path):
    good = [written(f"{n}.csv", f"q{n},a,b,1,EUR,2026-01-01,sct\n") for n in (1, 2)]
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"PK\x03\x04 not a table at all \x00\x00")
    with pytest.raises(InputError) as refused:
        ingest(folder, {"payments": [*good, bad]})
    assert refused.value.exit_code == 3
    assert nothing_written(folder)


def test_a_failed_ingest_takes_away_the_folders_it_made_and_no_others(tmp_path, written):
    bad = written("bad.csv", "p1,a,b,-1,EUR,2026-01-01,sct\n")
    (tmp_path / "there").mkdir()
    for folder in (tmp_path / "there", tmp_path / "there" / "new" / "ledger"):
        with pytest.raises(InputError, match="were rejected"):
            ingest(folder, {"payments": [bad]})
        assert not list((tmp_path / "there").iterdir())


def test_a_failed_ingest_leaves_a_ledger_that_was_there_though_it_is_empty(folder, written):
    Ledger.create(folder)
    with pytest.raises(InputError, match="were rejected"):
        ingest(folder, {"payments": [written("bad.csv", "p1,a,b,-1,EUR,2026-01-01,sct\n")]})
    assert Ledger.open(folder).version == 0


def test_a_missing_file_leaves_no_new_ledger_behind(folder, written, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        ingest(folder, {"payments": [written("a.csv", GOOD), tmp_path / "nowhere.csv"]})
    assert not folder.exists()


def test_an_ingest_of_nothing_is_refused(folder):
    with pytest.raises(InputError, match="no files"):
        ingest(folder, {"payments": []})
    with pytest.raises(InputError, match="no table 'people'"):
        ingest(folder, {"people": [Path("a.csv")]})


@pytest.mark.parametrize("name", ["empty", "not-utf8", "zip", "truncated", "columns"])
def test_a_bad_file_stops_and_writes_nothing(folder, written, tmp_path, name):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(
        {
            "empty": b"",
            "not-utf8": (HEADER + GOOD).encode("utf-16"),
            "zip": b"PK\x03\x04" + bytes(200),
            "truncated": b"PAR1" + bytes(100),
            "columns": b"when,who,how much\n2026-01-01,a,5\n",
        }[name]
    )
    with pytest.raises(InputError):
        ingest(folder, {"payments": [bad]})
    assert nothing_written(folder)


def test_a_file_with_a_header_and_no_rows_is_a_file_without_payments(folder, written):
    result = ingest(folder, {"payments": [written("a.csv", "")]})
    assert counts(result) == [(0, 0, 0, 0)]
    assert ingest(folder, {"payments": [written("a.csv", "")]}).files[0].already


def test_a_file_of_accounts_given_as_payments_is_refused_and_says_what_it_is(folder, written):
    accounts = written("accounts.csv", "a,current\n", "account_id,kind\n")
    with pytest.raises(InputError, match="name it after --accounts"):
        ingest(folder, {"payments": [accounts]})
    assert nothing_written(folder)


def test_more_bad_rows_than_good_ones_stop_with_the_commonest_reasons(folder, written):
    bad = "".join(f"x{n},a,b,-1,EUR,2026-01-01,sct\n" for n in range(4))
    with pytest.raises(InputError, match=r"rows of payments were rejected: 4 of 7, more than 50%") as refused:
        ingest(folder, {"payments": [written("a.csv", GOOD + bad)]})
    assert "amount_not_positive: 4" in str(refused.value)
    assert nothing_written(folder)
    assert counts(ingest(folder, {"payments": [written("a.csv", GOOD + bad)]}, share_rejected_max=0.6)) == [
        (7, 3, 0, 4)
    ]


def test_conflicts_count_among_the_bad_rows(folder, written):
    ingest(folder, {"payments": [written("a.csv", GOOD)]})
    with pytest.raises(InputError, match="id_conflict: 3") as refused:
        ingest(folder, {"payments": [written("b.csv", GOOD.replace("0,", "1,"))]})
    assert refused.value.try_.startswith("the same ids came before with other content")


SAML_D_HEADER = (
    "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,Sender_bank_location,"
    "Receiver_bank_location,Payment_type,Is_laundering,Laundering_type\n"
)


def test_two_exports_of_one_name_without_ids_both_come_in_whole(folder, tmp_path):
    for name, payee in (("monday", 2), ("tuesday", 3)):
        (tmp_path / name).mkdir()
        row = f"10:35:19,2022-10-07,1,{payee},5.00,UK pounds,UK pounds,UK,UK,ACH,0,Normal_Group\n"
        (tmp_path / name / "export.csv").write_text(SAML_D_HEADER + row)
    both = [tmp_path / "monday" / "export.csv", tmp_path / "tuesday" / "export.csv"]
    result = ingest(folder, {"payments": both})
    assert (result.rows("rows"), result.rows("kept")) == (2, 2)
    assert len(set(ids(folder))) == 2


def test_ids_made_for_a_file_do_not_hang_on_its_name(folder, tmp_path):
    row = "10:35:19,2022-10-07,1,2,5.00,UK pounds,UK pounds,UK,UK,ACH,0,Normal_Group\n"
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(SAML_D_HEADER + row)
        ingest(tmp_path / name[0], {"payments": [tmp_path / name]})
    assert ids(tmp_path / "a") == ids(tmp_path / "b")


def test_a_file_replaced_while_it_is_read_is_refused(folder, written):
    path = written("a.csv", GOOD)

    class Slow:
        def read(self, path):
            rows = pa.table({name: ["x"] for name in HEADER.strip().split(",")})
            yield RawBatch("payments", rows.append_column("line", pa.array([2])))
            path.write_text(HEADER + GOOD.replace("p1", "other"))

    with pytest.raises(InputError, match="changed while it was read"):
        ingest(folder, {"payments": [path]}, mapping=Slow())
    assert nothing_written(folder)


def test_no_error_names_an_account_or_an_amount(folder, written):
    ingest(folder, {"payments": [written("a.csv", "p1,canary-payer,canary-payee,987654.32,EUR,2026-01-01,sct\n")]})
    with pytest.raises(InputError) as refused:
        ingest(folder, {"payments": [written("b.csv", "p1,canary-payer,canary-other,987654.32,EUR,2026-01-01,sct\n")]})
    assert "canary" not in str(refused.value)
    assert "987654" not in str(refused.value)


# --- the disk, others, and death ----------------------------------------------------------------------------------

TAKE_IN = """
import sys
from pathlib import Path
from flows.errors import ToolkitError
from flows.ingest import ingest
print("ready", flush=True)
folder, *files = map(Path, sys.argv[1:])
tables = {}
for file in files:
    tables.setdefault("accounts" if file.name.startswith("accounts") else "payments", []).append(file)
try:
    print(ingest(folder, tables).version_after)
except ToolkitError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def started(*arguments, before=""):
    command = [sys.executable, "-c", before + TAKE_IN, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_second_ingest_at_the_same_time_is_turned_away(folder, written):
    Ledger.create(folder)
    with writing(folder):
        with pytest.raises(LockedError):
            ingest(folder, {"payments": [written("a.csv", GOOD)]})
        process = started(folder, written("a.csv", GOOD))
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 5
    assert f"process {os.getpid()}" in said
    assert Ledger.open(folder).version == 0


def test_of_two_processes_that_start_at_once_both_files_get_in_or_one_is_turned_away(folder, written):
    files = [written(f"{n}.csv", f"q{n},a,b,1,EUR,2026-01-01,sct\n") for n in (1, 2)]
    processes = [started(folder, file) for file in files]
    codes = []
    for process in processes:
        process.communicate(timeout=120)
        codes.append(process.returncode)
    assert sorted(codes) in ([0, 0], [0, 5])
    assert ids(folder) == [f"q{n}" for n, code in zip((1, 2), codes, strict=True) if code == 0]


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("needs root, to mount a small disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def many(count, days):
    booked = [f"2026-{day // 28 + 1:02d}-{day % 28 + 1:02d}" for day in range(days)]
    return "".join(
        f"m{n},acc-{n % 977},acc-{1000 + n % 953},{n % 997 + 1}.17,EUR,{booked[n % days]},sct\n" for n in range(count)
    )


@pytest.mark.parametrize("count", [2_000, 60_000], ids=["in the commit", "while staging"])
def test_a_full_disk_leaves_the_old_version_and_the_next_ingest_clears_its_litter(small_disk, written, count):
    folder = small_disk / "ledger"
    ingest(folder, {"payments": [written("a.csv", GOOD)]})
    before = Ledger.open(folder)
    # One small file for each of 336 days fills the disk when they are written; 60,000 rows fill it before that.
    with pytest.raises(StoreError, match="disk is full"):
        ingest(folder, {"payments": [written("big.csv", many(count, 336))]})
    after = Ledger.open(folder)
    assert (after.version, after.payments().equals(before.payments())) == (1, True)
    # Delta's threads may go on writing for a moment after the error was raised.
    time.sleep(1)
    assert ingest(folder, {"payments": [written("b.csv", "q1,a,b,1,EUR,2026-01-01,sct\n")]}).version_after == 2
    assert nothing_written(folder, version=2)


STEP_DOWN = """
import os, sys
from pathlib import Path
from flows.errors import ToolkitError
from flows.ingest import ingest
folder, first, second = map(Path, sys.argv[1:])
ingest(folder, {"payments": [first]})
for path in [folder, *folder.rglob("*")]:
    path.chmod(0o555 if path.is_dir() else 0o444)
if not os.geteuid():
    # Root may write anywhere, so it steps down to nobody.
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
try:
    ingest(folder, {"payments": [second]})
except ToolkitError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_a_folder_that_may_not_be_written_is_an_error_and_nothing_changes():
    with tempfile.TemporaryDirectory() as parent:
        # Nobody must be able to come this far, which the folders of pytest do not allow.
        Path(parent).chmod(0o755)
        folder = Path(parent) / "ledger"
        files = [Path(parent) / "a.csv", Path(parent) / "b.csv"]
        for file, rows in zip(files, (GOOD, GOOD.replace("p", "q")), strict=True):
            file.write_text(HEADER + rows)
        command = [sys.executable, "-c", STEP_DOWN, str(folder), *map(str, files)]
        process = subprocess.run(command, capture_output=True, text=True, timeout=120)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        assert (process.returncode, process.stdout.splitlines()[:1]) == (
            1,
            ["StoreError: the lock cannot be taken"],
        ), process.stdout + process.stderr
        assert nothing_written(folder, version=1)


def test_what_a_dead_ingest_left_is_cleared_away_by_the_next(folder, written):
    ingest(folder, {"payments": [written("a.csv", GOOD)]})
    (folder / "staging" / "rows").mkdir(parents=True)
    (folder / "staging" / "rows" / "payments-0.parquet").write_bytes(b"half")
    stray = folder / "payments" / "booked_on=2026-01-01" / "part-stray.parquet"
    stray.write_bytes(b"half")
    ingest(folder, {"payments": [written("b.csv", "q1,a,b,1,EUR,2026-01-01,sct\n")]})
    assert not stray.exists()
    assert nothing_written(folder, version=2)
    assert ids(folder) == ["p1", "p2", "p3", "q1"]


def test_an_interrupted_commit_is_completed_by_the_same_ingest_again(folder, written, monkeypatch):
    ingest(folder, {"payments": [written("a.csv", GOOD)]})

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger_module, "write_deltalake", interrupted)
    b = written("b.csv", "q1,a,b,1,EUR,2026-01-01,sct\nq2,a,b,-1,EUR,2026-01-01,sct\n")
    with pytest.raises(KeyboardInterrupt):
        ingest(folder, {"payments": [b]})
    monkeypatch.undo()
    assert nothing_written(folder, version=1)
    assert counts(ingest(folder, {"payments": [b]})) == [(2, 1, 0, 1)]


KILLS = 25

# Imports once and forks for each ingest, so that a kill falls on the ingest and not on the start of Python.
STARTS_MANY = """
import os, sys
from pathlib import Path
from flows.ingest import ingest
from flows.plugins import Shelf
for reader in Shelf("flows.readers").ids():
    Shelf("flows.readers").load(reader)
a, b, accounts = map(Path, sys.argv[1:])
for folder in sys.stdin:
    child = os.fork()
    if not child:
        ingest(Path(folder.strip()), {"payments": [a, b], "accounts": [accounts]})
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def test_killed_at_any_instant_the_ledger_is_old_or_new_and_the_same_ingest_completes_it(tmp_path, written):
    files = [
        written("a.csv", many(400, 60) + "bad,a,b,-1,EUR,2026-01-01,sct\n"),
        written("b.csv", "q1,a,b,1,EUR,2026-01-01,sct\nm1,acc-1,acc-1001,2.17,EUR,2026-01-02,sct\n"),
        written("accounts.csv", "".join(f"acc-{n},current\n" for n in range(100)), "account_id,kind\n"),
    ]
    tables = {"payments": files[:2], "accounts": files[2:]}
    folders = {name: tmp_path / name for name in ("old", "new", *map(str, range(KILLS)))}
    accounts = written("accounts-0.csv", "acc-1,savings\nother,card\n", "account_id,kind\n")
    ingest(folders["old"], {"payments": [written("0.csv", GOOD)], "accounts": [accounts]})
    for folder in folders.values():
        if folder != folders["old"]:
            shutil.copytree(folders["old"], folder)

    command = [sys.executable, "-c", STARTS_MANY, *map(str, files)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:

        def ingest_in_a_process(folder, killed_after=None):
            starter.stdin.write(f"{folder}\n")
            starter.stdin.flush()
            process = int(starter.stdout.readline())
            begun = time.monotonic()
            if killed_after is not None:
                time.sleep(killed_after)
                # It has not been waited for, or has been and its status is on the way: no other process has its id yet.
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            status = int(starter.stdout.readline())
            return status, time.monotonic() - begun

        status, takes = ingest_in_a_process(folders["new"])
        assert status == 0
        old, new = state(folders["old"]), state(folders["new"])
        assert (old[0], new[0]) == (1, 2)
        chance = random.Random(1985)
        killed = Counter()
        for number in range(KILLS):
            folder = folders[str(number)]
            status, _ = ingest_in_a_process(folder, killed_after=chance.uniform(0, takes))
            left = state(folder)
            assert left in (old, new)
            killed[status == signal.SIGKILL, left == new] += 1
            assert ingest(folder, tables).version_after == 2
            assert state(folder) == new
            assert not (folder / "staging").exists()
        starter.stdin.close()
    # Not a test of nothing: some died on the way.
    assert killed[True, False]


def state(folder):
    """Everything a reader of a ledger can see."""
    ledger = Ledger.open(folder)
    tables = [ledger.payments(), ledger.side("accounts"), ledger.sources()]
    return [ledger.version, *(table.to_pylist() for table in tables)]
