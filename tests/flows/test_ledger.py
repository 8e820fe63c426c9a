"""The ledger: what goes in comes out, of any version, whoever reads it."""

import json
import pickle
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import ledger as ledger_module
from flows.arrows import payments_from_arrows
from flows.errors import StoreError
from flows.ledger import Ledger
from flows.payments import ACCOUNTS, PAYMENTS
from flows.window import counted

THREE_DAYS = """
    day 0 09:00 a -> b 1 EUR
    day 1 09:00 b -> c 2 EUR
    day 1 10:00 c -> a 3 EUR
    day 2 23:59 a -> ext:x 4 EUR
"""


def add(ledger, arrows="", *, source="one", **side):
    payments = payments_from_arrows(arrows)
    return ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[source], side=side)


def accounts(*rows):
    return pa.Table.from_pylist([{"account_id": name, "kind": kind} for name, kind in rows], schema=ACCOUNTS)


@pytest.fixture
def empty(tmp_path):
    return Ledger.create(tmp_path / "ledger")


@pytest.fixture
def filled(empty):
    return add(empty, THREE_DAYS)


def ids(payments):
    return payments["payment_id"].to_pylist()


def test_a_new_ledger_is_empty_and_has_the_columns_of_a_full_one(empty):
    assert (empty.version, empty.count(), empty.days()) == (0, 0, {})
    assert empty.payments().schema == PAYMENTS
    assert empty.counted().num_rows == empty.sources().num_rows == 0
    assert empty.window().as_of is None


def test_only_its_owner_can_enter_a_ledger(filled):
    assert filled.path.stat().st_mode & 0o777 == 0o700


def test_what_was_added_comes_out_as_it_went_in(filled):
    assert filled.payments().equals(payments_from_arrows(THREE_DAYS))
    assert filled.version == 1


def test_a_ledger_that_is_not_there_is_an_error_that_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match="moneytrail ingest"):
        Ledger.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_of_other_things_is_not_made_into_a_ledger(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds something else"):
        Ledger.create(tmp_path)
    with pytest.raises(StoreError, match="no ledger here"):
        Ledger.open(tmp_path)


def test_making_a_ledger_again_opens_the_one_that_is_there(filled):
    assert Ledger.create(filled.path).count() == 4


def test_a_version_that_does_not_exist_is_an_error(filled):
    with pytest.raises(StoreError, match="no version 7"):
        filled.at_version(7)


def test_a_column_that_does_not_exist_is_an_error(filled):
    with pytest.raises(StoreError, match="no column 'religion'"):
        filled.payments(columns=["religion"])


def test_a_folder_name_with_spaces_and_accents_is_a_folder_name(tmp_path):
    ledger = add(Ledger.create(tmp_path / "grand livre d'été 100%"), THREE_DAYS, accounts=accounts(("a", "current")))
    assert ledger.payments().num_rows == 4
    assert ledger.side("accounts").num_rows == 1


def test_days_are_counted_without_reading_a_payment(filled):
    assert filled.days() == {date(2026, 1, 1): 1, date(2026, 1, 2): 2, date(2026, 1, 3): 1}
    assert filled.days(as_of=date(2026, 1, 2)) == {date(2026, 1, 1): 1, date(2026, 1, 2): 2}


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ["p1", "p2", "p3", "p4"]),
        (date(2026, 1, 2), None, ["p2", "p3", "p4"]),
        (None, date(2026, 1, 2), ["p1"]),
        (datetime(2026, 1, 2, 9, tzinfo=UTC), datetime(2026, 1, 2, 10, tzinfo=UTC), ["p2"]),
        (1767258000000000, 1767258000000001, ["p1"]),
        (date(2027, 1, 1), None, []),
    ],
)
def test_a_span_is_half_open(filled, since, until, expected):
    assert ids(filled.payments(since, until)) == expected


def test_a_span_reads_only_the_files_that_may_hold_it(filled):
    assert len(filled.files(date(2026, 1, 2), date(2026, 1, 3))) == 1


@pytest.mark.parametrize("busy", [0, 3, 6])
def test_what_is_small_is_looked_for_and_not_the_payments_whichever_day_is_nearly_empty(empty, tmp_path, busy):
    # DuckDB reckons with the first file times their number: a side that seems small is the one it keeps in memory.
    lines = [f"day {day} 09:00 a -> b 1 EUR" for day in range(7)]
    lines += [f"day {busy} 10:00 a -> b {cents}.00 EUR" for cents in range(1, 2000)]
    lines += [f"day {busy} 11:00 b -> a {cents}.00 EUR reversal_of=p{cents + 7}" for cents in range(1, 60)]
    ledger = add(empty, "\n".join(lines))
    assert str(date(2026, 1, 1) + timedelta(days=busy)) in ledger.files()[0]
    with ledger.asking(spill=tmp_path / "spill") as opened:
        [(count,)] = opened.execute("SELECT count(*) FROM counted").fetchall()
        [(_, plan)] = opened.execute("EXPLAIN SELECT count(*) FROM counted").fetchall()
    assert count == ledger.counted().num_rows == 2006 - 59
    assert "ANTI" in plan
    assert "RIGHT_ANTI" not in plan


def test_the_last_microsecond_of_a_file_is_in_it(empty):
    # Delta cuts the statistics by which files are left out to milliseconds.
    payments = payments_from_arrows("day 0 09:00 a -> b 1 EUR").to_pylist()
    payments[0]["at"] = payments[0]["sent_at"] = datetime(2026, 1, 1, 9, 0, 0, 123_999, tzinfo=UTC)
    table = pa.Table.from_pylist(payments, schema=PAYMENTS)
    ledger = empty.commit(table.to_reader(), rows=1, source_hashes=[], side={})
    assert ledger.payments(datetime(2026, 1, 1, 9, 0, 0, 123_999, tzinfo=UTC)).num_rows == 1
    assert ledger.payments(datetime(2026, 1, 1, 9, 0, 0, 124_000, tzinfo=UTC)).num_rows == 0


def test_columns_and_accounts_may_be_chosen(filled):
    some = filled.payments(accounts=["a"], columns=["payee", "payer"])
    assert some.schema.names == ["payer", "payee"]
    assert some.to_pylist() == [
        {"payer": "a", "payee": "b"},
        {"payer": "c", "payee": "a"},
        {"payer": "a", "payee": "ext:x"},
    ]


def test_a_payment_reversed_on_a_later_day_does_not_count_unless_one_looks_earlier(empty):
    ledger = add(empty, "day 0 a -> b 5 EUR payment_id=wrong\nday 0 a -> c 1 EUR payment_id=right")
    ledger = add(ledger, "day 9 b -> a 5 EUR payment_id=back reversal_of=wrong", source="two")
    assert ids(ledger.counted()) == ["right"]
    assert ids(ledger.counted(since=date(2026, 1, 1), until=date(2026, 1, 2))) == ["right"]
    assert ids(ledger.counted(date(2026, 1, 9))) == ["right", "wrong"]
    assert ids(ledger.at_version(1).counted()) == ["right", "wrong"]


@st.composite
def books(draw):
    lines = []
    for number in range(draw(st.integers(0, 12))):
        status = draw(st.sampled_from(["booked", "booked", "pending", "reversed", "attempted"]))
        undoes = f"reversal_of=p{draw(st.integers(1, 12))}" if draw(st.integers(0, 3)) == 0 else ""
        day = draw(st.integers(0, 4))
        lines.append(f"day {day} a -> b{number} 1 EUR status={status} {undoes}")
    return "\n".join(lines)


@settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(books(), st.integers(0, 4))
def test_what_counts_in_a_ledger_is_what_counts_in_a_table(tmp_path_factory, book, day):
    payments = payments_from_arrows(book)
    ledger = Ledger.create(tmp_path_factory.mktemp("ledger") / "ledger")
    ledger = ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})
    assert ledger.counted().equals(counted(payments))
    as_of = date(2026, 1, 1) + timedelta(days=day)
    until_then = payments.filter(
        pa.array([booked_on <= as_of for booked_on in payments["booked_on"].to_pylist()], pa.bool_())
    )
    assert ledger.counted(as_of).equals(counted(until_then))
    assert ledger.window(as_of=as_of).payments.equals(counted(until_then))


def test_an_older_version_shows_its_own_payments_and_its_own_accounts(empty):
    first = add(empty, THREE_DAYS, accounts=accounts(("a", "current")))
    second = add(first, "day 3 a -> b 1 EUR payment_id=new", source="two", accounts=accounts(("a", "savings")))
    old = second.at_version(first.version)
    assert (old.count(), second.count()) == (4, 5)
    assert old.side("accounts")["kind"].to_pylist() == ["current"]
    assert second.side("accounts")["kind"].to_pylist() == ["savings"]
    assert second.payments(version=1).num_rows == 4
    assert empty.side("accounts") is None


def test_an_open_ledger_does_not_change_while_another_writes(filled):
    add(filled, "day 3 a -> b 1 EUR payment_id=new", source="two")
    assert (filled.count(), filled.payments().num_rows, filled.newest().count()) == (4, 4, 5)


def test_a_ledger_travels_as_its_folder_and_version(filled):
    add(filled, "day 3 a -> b 1 EUR payment_id=new", source="two")
    again = pickle.loads(pickle.dumps(filled))
    assert (again.version, again.payments().equals(filled.payments())) == (1, True)


def test_sources_are_known_by_their_content_from_the_version_they_came_with(empty, filled):
    assert filled.has_source("one")
    assert not filled.has_source("two")
    assert not empty.has_source("one")


def test_sources_survive_a_checkpoint_of_the_log(filled):
    DeltaTable(str(filled.path / "payments")).create_checkpoint()
    for number in range(3):
        add(filled.newest(), f"day 4 a -> b 1 EUR payment_id=q{number}", source=f"more-{number}")
    assert filled.newest().has_source("one")
    assert filled.newest().count() == 7


def test_a_side_table_that_nobody_gave_is_none_not_empty(filled):
    side = filled.side_tables()
    assert (side.accounts, side.customers, side.links) == (None, None, None)
    with pytest.raises(StoreError, match="keeps no table 'names'"):
        filled.side("names")


def test_a_window_of_a_ledger_holds_its_side_tables_and_the_last_booking_date(empty):
    window = add(empty, THREE_DAYS, accounts=accounts(("a", "current"))).window(hubs=["ext:x"])
    assert window.side.accounts.num_rows == 1
    assert window.side.customers is None
    assert (window.as_of, window.hubs, window.payments.num_rows) == (date(2026, 1, 3), {"ext:x"}, 4)


def test_a_side_table_older_than_a_column_reads_as_unknown_and_takes_new_rows_in(filled, monkeypatch):
    older = pa.schema([column for column in ACCOUNTS if column.name != "jurisdiction"])
    with monkeypatch.context() as before:
        before.setitem(ledger_module._BESIDE, "accounts", older)
        ledger = add(filled, source="two", accounts=accounts(("a", "current")).select(older.names))

    assert ledger.side("accounts").schema.equals(ACCOUNTS)
    assert ledger.side("accounts")["jurisdiction"].to_pylist() == [None]
    chosen = accounts(("a", "current")).set_column(
        ACCOUNTS.get_field_index("jurisdiction"), ACCOUNTS.field("jurisdiction"), pa.array(["NL"])
    )
    after = add(ledger, "day 3 a -> b 1 EUR payment_id=new", source="three", accounts=chosen)
    assert after.side("accounts")["jurisdiction"].to_pylist() == ["NL"]
    assert ledger.side("accounts")["jurisdiction"].to_pylist() == [None]  # its version is as it was


def test_buckets_that_could_not_be_written_are_not_read_as_empty(filled, monkeypatch):
    nodes = pa.table({"node": ["a", "b", "c", "ext:x"], "bucket": [0, 0, 0, 0], "whose": [0, 0, 0, 1]})
    write = Ledger._write_buckets

    begun = []

    def dies_once(ledger, folder, *rest):
        monkeypatch.setattr(Ledger, "_write_buckets", write)
        (folder / "half").touch()
        begun.append(folder)
        raise StoreError("a query on the ledger needs more than it may use", where=str(folder), try_="again")

    monkeypatch.setattr(Ledger, "_write_buckets", dies_once)
    with pytest.raises(StoreError, match="needs more"):
        filled.bucketed(lambda: nodes, [0], 1)
    assert not begun[0].exists()
    assert filled.bucketed(lambda: nodes, [0], 1).equals(filled.counted())


def test_duckdb_reads_the_ledger_as_plain_parquet(filled):
    query = "SELECT payment_id, booked_on FROM read_parquet($files, hive_partitioning = true) ORDER BY payment_id"
    rows = duckdb.sql(query, params={"files": filled.files()}).fetchall()
    assert rows[0] == ("p1", date(2026, 1, 1))
    assert len(rows) == 4


def test_delta_readers_see_a_table_of_the_oldest_protocol_partitioned_by_booking_date(filled):
    table = DeltaTable(str(filled.path / "payments"))
    # What every reader of Delta can read: Spark of any version, DuckDB, Polars.
    assert table.protocol().min_reader_version == 1
    assert table.metadata().partition_columns == ["booked_on"]
    assert table.to_pyarrow_table().num_rows == 4
    assert {Path(uri).parent.name for uri in table.file_uris()} == {f"booked_on=2026-01-0{day}" for day in (1, 2, 3)}


def test_a_death_between_the_side_tables_and_the_commit_leaves_the_old_version(filled, monkeypatch):
    before = add(filled, source="two", accounts=accounts(("a", "current")))

    def dies(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(DeltaTable, "create_write_transaction", dies)
    with pytest.raises(KeyboardInterrupt):
        add(before, "day 3 a -> b 1 EUR payment_id=new", source="three", accounts=accounts(("a", "savings")))
    monkeypatch.undo()

    seen = Ledger.open(filled.path)
    assert (seen.version, seen.count(), seen.has_source("three")) == (before.version, 4, False)
    assert seen.side("accounts")["kind"].to_pylist() == ["current"]

    after = add(seen, "day 3 a -> b 1 EUR payment_id=new", source="three", accounts=accounts(("a", "savings")))
    assert (after.count(), after.side("accounts")["kind"].to_pylist()) == (5, ["savings"])


def test_rows_written_in_portions_are_one_commit_with_a_file_a_day(empty, tmp_path, monkeypatch):
    text = "\n".join(f"day {day} {hour:02}:00 a -> b {day}{hour} EUR" for day in range(9) for hour in range(20))
    at_once = add(empty, text)
    monkeypatch.setattr("flows.ledger_writing.AT_ONCE", 50)
    in_portions = add(Ledger.create(tmp_path / "portions"), text)
    assert in_portions.version == at_once.version
    assert in_portions.counted().equals(at_once.counted())
    assert len(in_portions.files()) == 9
    assert {file.name for file in in_portions.path.iterdir()} == {file.name for file in at_once.path.iterdir()}


def test_days_by_the_clock_and_nodes_are_read_for_whoever_plans_a_cut(empty, filled):
    assert filled.per_day().tolist() == [[20454, 1], [20455, 2], [20456, 1]]
    assert filled.nodes().to_pylist() == ["a", "b", "c", "ext:x"]
    assert (empty.per_day().shape, len(empty.nodes())) == ((0, 2), 0)


def dated(ledger, version, day):
    """Set back the clock of one commit."""
    entry = ledger.path / "payments" / "_delta_log" / f"{version:020}.json"
    lines = [json.loads(line) for line in entry.read_text().splitlines()]
    for line in lines:
        if "commitInfo" in line:
            line["commitInfo"]["timestamp"] = (
                int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1000
            )
    entry.write_text("\n".join(map(json.dumps, lines)))


def test_what_was_known_on_a_day_is_the_version_that_was_the_newest_then(filled):
    late = add(filled, "day 0 08:00 late -> a 9 EUR payment_id=late", source="two")
    dated(late, 1, date(2026, 3, 2))
    dated(late, 2, date(2026, 3, 4))
    ledger = Ledger.open(late.path)
    assert ledger.recorded()[2] == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert [ledger.known_on(date(2026, 3, day)).version for day in (2, 3, 4, 5)] == [1, 1, 2, 2]
    assert "late" not in ids(ledger.known_on(date(2026, 3, 3)).payments())
    assert "late" in ids(ledger.payments(as_of=date(2026, 1, 1)))


def test_before_anything_was_taken_in_nothing_was_known_and_the_other_reading_is_named(filled):
    with pytest.raises(StoreError, match="as_of"):
        filled.known_on(date(2020, 1, 1))
