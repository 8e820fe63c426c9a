"""Which rows are payments."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.check import MENDS, REASONS, check_rows, repeated_ids, row_fingerprint
from flows.delimited import read_delimited
from flows.inspection import money_in
from flows.money import CURRENCIES, exponent, major
from flows.payments import PAYMENTS, REJECTS, SIDE_TABLES
from flows.reading import RawBatch

GOOD = {
    "payment_id": "p1",
    "payer": "anna",
    "payee": "kiosk",
    "amount": "1.50",
    "currency": "EUR",
    "booked_on": "2026-01-05",
}


def batch_of(rows, table="payments"):
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return RawBatch(table, pa.table({**columns, "line": pa.array(range(2, 2 + len(rows)), pa.int64())}))


def checked(*changes, table="payments", base=GOOD):
    """Check one good row with each of these changes made to it."""
    rows = [{**base, **({"payment_id": f"p{n}"} if table == "payments" else {}), **c} for n, c in enumerate(changes)]
    return check_rows(batch_of(rows, table), "rows.csv", "hash")


BROKEN = {
    "missing": [
        {"payment_id": ""},
        {"payer": None},
        {"payee": ""},
        {"amount": ""},
        {"currency": ""},
        {"booked_on": ""},
    ],
    "id_too_long": [{"payer": "a" * 257}],
    "id_bad_characters": [{"payer": "an\0na"}, {"payee": " kiosk"}, {"payee": "kiosk "}, {"payment_id": "p\u200b1"}],
    "id_damaged_by_excel": [{"payer": "1.23E+15"}, {"payment_id": "4E+12"}, {"payee": "1,23e+15"}],
    "same_account": [{"payee": "anna"}],
    "currency_unknown": [{"currency": "EU"}, {"currency": "eur"}, {"received_amount": "1", "received_currency": "X"}],
    "amount_not_decimal": [
        *({"amount": text} for text in ("NaN", "inf", "1.234,56", "12 EUR", "1e3", "+5", ".5", "5.", "0x10", "1_000")),
        {"received_amount": "x", "received_currency": "EUR"},
    ],
    "amount_not_positive": [{"amount": "0"}, {"amount": "-5"}, {"amount": "-0.00"}],
    "amount_too_precise": [
        {"amount": "0.001"},
        {"amount": "1.5", "currency": "JPY"},
        {"amount": "1.123456789", "currency": "XBT"},
        {"received_amount": "1.001", "received_currency": "EUR"},
    ],
    "amount_out_of_range": [
        {"amount": "1e400"},
        {"amount": "1" + "0" * 29},
        {"amount": "46116860184273879.04"},
        {"amount": "50000000000000000"},
        {"received_amount": "1e400", "received_currency": "EUR"},
    ],
    "received_incomplete": [{"received_amount": "1"}, {"received_currency": "EUR"}],
    "date_unreadable": [{"booked_on": text} for text in ("2026-02-30", "05/01/2026", "2026-1-5", "20260105", "today")],
    "date_out_of_range": [{"booked_on": "0000-01-01"}, {"booked_on": "9999-12-31"}, {"booked_on": "1969-12-31"}],
    "time_unreadable": [
        *({"sent_at": text} for text in ("noon", "2026-01-05", "2026-01-05T25:00:00Z", "2026-01-05T10:00:00.1234567Z")),
        {"sent_at": "2026-01-05T10:00:00+20:00"},
    ],
    "time_out_of_range": [{"sent_at": "9999-01-01T00:00:00Z"}],
    "offset_out_of_range": [{"utc_offset_min": "841"}, {"utc_offset_min": "1.5"}, {"utc_offset_min": "CET"}],
    "ts_quality_unknown": [{"ts_quality": "exact"}],
    "ts_quality_without_time": [{"ts_quality": "event"}, {"ts_quality": "batch"}],
    "channel_unknown": [{"channel": "pigeon"}],
    "status_unknown": [{"status": "done"}],
    "country_unknown": [{"payer_country": "DEU"}, {"payee_country": "de"}, {"country": "Germany"}],
    "mcc_not_four_digits": [{"mcc": "581"}, {"mcc": "58122"}],
    "balance_unreadable": [{"payer_balance_after": "1,5"}, {"payee_balance_after": "0.005"}],
    "text_too_long": [{"narrative": "x" * 10_001}],
    "text_bad_characters": [{"narrative": "x\0y"}, {"merchant_name": "\x1b[31m"}],
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_broken_row_is_rejected_with_its_reason(reason):
    found = checked(*BROKEN[reason], {})
    assert found.rejects["reason"].to_pylist() == [reason] * len(BROKEN[reason])
    assert found.kept["source_line"].to_pylist() == [2 + len(BROKEN[reason])]


def test_every_reason_has_a_row_that_is_broken_so():
    elsewhere = {"id_conflict", "split", "not_text", "line_too_long", "kind_unknown", "number_unreadable"}
    assert set(MENDS) == set(REASONS)
    assert set(REASONS) == {*BROKEN, *elsewhere, "flag_unreadable"}


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("accounts", {"account_id": "a", "kind": "vault"}, "kind_unknown"),
        ("accounts", {"account_id": "a", "licensed_intermediary": "maybe"}, "flag_unreadable"),
        ("accounts", {"account_id": "1.2E+11"}, "id_damaged_by_excel"),
        ("accounts", {"account_id": "a", "opened_on": "2026-02-30"}, "date_unreadable"),
        ("accounts", {"account_id": "a", "closed_on": "9999-12-31"}, "date_out_of_range"),
        ("accounts", {"account_id": "a", "currency": "XXY"}, "currency_unknown"),
        ("accounts", {"account_id": "a", "jurisdiction": "France"}, "country_unknown"),
        ("customers", {"customer_id": "c", "declared_income": "1.005"}, "number_unreadable"),
        ("customers", {"customer_id": "c", "headcount": "-1"}, "number_unreadable"),
        ("customers", {"customer_id": "c", "home_country": "Germany"}, "country_unknown"),
        ("links", {"customer_id": "c", "kind": "phone"}, "missing"),
        ("labels", {"subject": None, "case_id": "1"}, "missing"),
    ],
)
def test_a_broken_row_of_a_side_table_is_rejected_with_its_reason(table, row, reason):
    found = checked(row, table=table, base={})
    assert found.rejects["reason"].to_pylist() == [reason]
    assert found.kept.num_rows == 0


def test_what_is_kept_has_exactly_the_columns_of_its_table():
    assert checked({}).kept.schema == PAYMENTS
    for table, schema in SIDE_TABLES.items():
        filled = {name: "x" for name in ("account_id", "customer_id", "subject", "value_hash") if name in schema.names}
        found = checked({**filled, **({"kind": "phone"} if table == "links" else {})}, table=table, base={})
        assert found.kept.schema == schema
        assert found.kept.num_rows == 1
    assert checked({"amount": "x"}).rejects.schema == REJECTS


def test_money_is_exact_in_the_minor_units_of_its_currency():
    found = checked(
        {"amount": "00012.5"},
        {"amount": "1.10000"},
        {"amount": "40", "currency": "JPY"},
        {"amount": "1.234", "currency": "KWD"},
        {"amount": "0.00000001", "currency": "XBT"},
        {"amount": "46116860184273879.03"},
        {"amount": "0.10"},
    )
    assert found.kept["amount_minor"].to_pylist() == [1250, 110, 40, 1234, 1, 2**62 - 1, 10]


def test_a_balance_may_be_negative():
    assert checked({"payer_balance_after": "-4.20"}).kept["payer_balance_after_minor"].to_pylist() == [-420]


def test_a_time_without_a_zone_is_utc_and_an_offset_gives_the_local_hour():
    found = checked(
        {"sent_at": "2026-01-05T10:00:00Z"},
        {"sent_at": "2026-01-05 10:00"},
        {"sent_at": "2026-01-05T10:00:00+02:00"},
        {"sent_at": "2026-01-05T10:00:00-0330", "utc_offset_min": "60"},
        {},
    )
    five = datetime(2026, 1, 5, tzinfo=UTC)
    assert [value and value.hour * 60 + value.minute for value in found.kept["sent_at"].to_pylist()] == [
        *(600, 600, 480, 810),
        None,
    ]
    assert found.kept["utc_offset_min"].to_pylist() == [None, None, 120, 60, None]
    assert found.kept["ts_quality"].to_pylist() == ["event"] * 4 + ["date_only"]
    assert found.kept["at"].to_pylist()[4] == five


def test_an_offset_may_bear_the_point_and_nought_that_a_table_program_gives_a_column_with_gaps():
    found = checked({"utc_offset_min": "60.0"}, {"utc_offset_min": "-210.0"}, {})
    assert found.kept["utc_offset_min"].to_pylist() == [60, -210, None]


def test_a_rejected_row_keeps_its_money_where_it_can_be_read():
    found = checked({"payer": ""}, {"amount": "-5"}, {"amount": "x"}, {"currency": "?"})
    assert found.rejects["amount_minor"].to_pylist() == [150, -500, None, None]
    assert found.rejects["currency"].to_pylist() == ["EUR", "EUR", None, None]


def test_the_same_row_twice_is_a_duplicate_and_the_same_id_with_other_content_a_conflict():
    rows = [GOOD, {**GOOD, "payment_id": "p2"}, GOOD, {**GOOD, "amount": "2.00"}]
    found = check_rows(batch_of(rows), "rows.csv", "hash")
    assert found.kept["source_line"].to_pylist() == [2, 3]
    assert found.duplicates["source_line"].to_pylist() == [4]
    assert found.rejects.select(["line", "reason", "amount_minor"]).to_pylist() == [
        {"line": 5, "reason": "id_conflict", "amount_minor": 200}
    ]


def test_the_fingerprint_forgets_where_a_row_came_from_and_nothing_else():
    first = check_rows(batch_of([GOOD]), "a.csv", "hash a").kept
    second = check_rows(batch_of([GOOD]), "b.csv", "hash b").kept
    assert row_fingerprint(first).equals(row_fingerprint(second))
    base = {**GOOD, "channel": "sct", "country": "DE"}
    changes = [{"narrative": "x"}, {"city": "x"}, {"sent_at": "2026-01-05T10:00:00Z"}, {"amount": "1.51"}, {}]
    rows = check_rows(batch_of([{**base, **c, "payment_id": f"p{n}"} for n, c in enumerate(changes)]), "a", "h").kept
    alike = rows.set_column(0, PAYMENTS.field("payment_id"), pa.array(["p"] * rows.num_rows))
    assert len(set(row_fingerprint(alike).to_pylist())) == len(changes)


def test_arrow_notation_passes_the_check():
    payments = payments_from_arrows("day 0 09:00 anna -> kiosk 40.00 EUR cash_branch\nday 1 ext:x -> anna 900 EUR sct")
    rows = [
        {
            "payment_id": row["payment_id"],
            "payer": row["payer"],
            "payee": row["payee"],
            "amount": major(row["amount_minor"], row["currency"]),
            "currency": row["currency"],
            "booked_on": str(row["booked_on"]),
            "sent_at": row["sent_at"] and row["sent_at"].isoformat(),
            "channel": row["channel"],
        }
        for row in payments.to_pylist()
    ]
    kept = check_rows(batch_of(rows), "rows.csv", "arrows").kept
    assert row_fingerprint(kept).equals(row_fingerprint(payments))


def test_an_empty_batch_has_no_rows():
    found = check_rows(batch_of([]), "rows.csv", "hash")
    assert (found.kept.num_rows, found.rejects.num_rows) == (0, 0)


def test_ids_that_come_once_need_no_comparison():
    assert repeated_ids(checked({}, {}).kept) is None


messy = st.one_of(
    st.decimals(-(10**12), 10**12, places=2).map(str),
    st.integers(-5, 10**20).map(str),
    st.sampled_from(["", "NaN", "1e400", "1.234,56", "-5", "0", "0.001", "1" * 40, "١٢"]),
    st.text(max_size=6),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "payment_id": st.sampled_from(["p1", "p2", "p3", "p4", ""]),
                "payer": st.sampled_from(["anna", "bert", ""]),
                "payee": st.sampled_from(["anna", "kiosk"]),
                "amount": messy,
                "currency": st.sampled_from(["EUR", "JPY", "KWD", "XBT", "???"]),
                "booked_on": st.sampled_from(["2026-01-05", "2026-02-30"]),
            }
        ),
        max_size=12,
    )
)
def test_rows_and_money_in_are_those_kept_duplicate_and_rejected(rows):
    batch = batch_of(rows)
    found = check_rows(batch, "rows.csv", "hash")
    parts = (found.kept, found.duplicates, found.rejects)
    assert sum(part.num_rows for part in parts) == len(rows)
    out = {}
    for part in parts:
        for row in part.select(["currency", "amount_minor"]).to_pylist():
            if row["amount_minor"] is not None:
                out[row["currency"]] = out.get(row["currency"], 0) + row["amount_minor"]
    assert out == money_in(batch.rows)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(1, 2**62 - 1),
            st.sampled_from(sorted(CURRENCIES)),
            st.dates(date(1970, 1, 1), date(2100, 12, 31)),
            st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=8),
        ),
        max_size=15,
    )
)
def test_any_payment_written_as_the_contract_has_it_is_read_back(tmp_path, drawn):
    path = tmp_path / "payments.csv"
    names = ["payment_id", "payer", "payee", "amount", "currency", "booked_on", "narrative"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for number, (minor, currency, day, text) in enumerate(drawn):
            writer.writerow([f"p{number}", "a", "b", major(minor, currency), currency, day.isoformat(), text])
    kept = [
        row
        for chunk in read_delimited(path)
        for row in check_rows(RawBatch("payments", chunk.rows, chunk.rejects), path.name, "h").kept.to_pylist()
    ]
    got = [(row["amount_minor"], row["currency"], row["booked_on"], row["narrative"]) for row in kept]
    assert got == drawn


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(1, 2**62 - 1))
@settings(max_examples=10, deadline=None)
def test_minor_units_are_those_of_a_decimal(currency, minor):
    kept = checked({"amount": major(minor, currency), "currency": currency}).kept
    assert Decimal(kept["amount_minor"][0].as_py()).scaleb(-exponent(currency)) == Decimal(major(minor, currency))
