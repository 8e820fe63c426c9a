"""Arrow notation: what a person reads is what the table holds."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import DAY_ZERO, arrows_from_payments, payments_from_arrows
from flows.errors import InputError
from flows.money import CURRENCIES, major
from flows.payments import CHANNELS, PAYMENTS
from flows.window import whole

names = st.text("abz09:_-é", min_size=1, max_size=6)
days = st.integers(-400, 400)
hours = st.none() | st.times().map(lambda time: time.replace(microsecond=0).isoformat())


@st.composite
def lines(draw):
    payer, payee = draw(names), draw(names)
    hour, currency = draw(hours), draw(st.sampled_from(sorted(CURRENCIES)))
    amount = major(draw(st.integers(1, 10**12)), currency)
    words = [f"day {draw(days)}", hour or "", payer, "->", payee, amount, currency, draw(st.sampled_from(CHANNELS))]
    return " ".join(word for word in words if word)


@settings(deadline=None, derandomize=True)
@given(st.lists(lines(), max_size=8))
def test_what_is_written_from_payments_reads_back_as_the_same_payments(written):
    payments = payments_from_arrows("\n".join(written))
    again = payments_from_arrows(arrows_from_payments(payments))
    # Lines are written in order of time, so where a row came from is all that may differ.
    assert again.drop_columns(["source_line"]).equals(payments.drop_columns(["source_line"]))


def test_a_line_becomes_a_payment():
    (row,) = payments_from_arrows(
        "day 2 23:15  anna -> cash:atm-7  60 EUR atm_wd  city=Lyon utc_offset_min=60  # late"
    ).to_pylist()
    assert row == {
        **dict.fromkeys(PAYMENTS.names),
        "payment_id": "p1",
        "payer": "anna",
        "payee": "cash:atm-7",
        "amount_minor": 6000,
        "currency": "EUR",
        "booked_on": date(2026, 1, 3),
        "at": datetime(2026, 1, 3, 23, 15, tzinfo=UTC),
        "sent_at": datetime(2026, 1, 3, 23, 15, tzinfo=UTC),
        "utc_offset_min": 60,
        "ts_quality": "event",
        "channel": "atm_wd",
        "city": "Lyon",
        "status": "booked",
        "source_file": "arrows",
        "source_line": 1,
    }


def test_without_an_hour_the_time_is_midnight_and_said_to_be_a_date_only():
    (row,) = payments_from_arrows("day 1 a -> b 5 EUR").to_pylist()
    assert (row["sent_at"], row["ts_quality"]) == (None, "date_only")
    assert row["at"].date() == DAY_ZERO + timedelta(days=1)


def test_comments_and_blank_lines_are_passed_over_and_do_not_count():
    payments = payments_from_arrows("# nothing\n\nday 0 a -> b 1 EUR\n   # more\nday 0 b -> c 1 EUR")
    assert payments["payment_id"].to_pylist() == ["p1", "p2"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("day 0 anna > b 3 EUR", "not a payment in arrow notation"),
        ("day 0 a -> b 3", "not a payment in arrow notation"),
        ("day 0 a -> b 3 XXQ", "unknown currency"),
        ("day 0 a -> b 3.001 EUR", "more decimals"),
        ("day 0 a -> b 3 EUR by_pigeon", "unknown channel"),
        ("day 0 a -> b 3 EUR colour=red", "unknown column"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(line, what):
    with pytest.raises(InputError, match=what):
        payments_from_arrows(line)


def test_a_fraction_of_a_second_is_refused_not_dropped():
    payments = payments_from_arrows("day 0 09:00 a -> b 1 EUR").to_pylist()
    payments[0]["sent_at"] += timedelta(microseconds=1)
    table = payments_from_arrows("").from_pylist(payments, schema=PAYMENTS)
    with pytest.raises(InputError, match="fractions of a second"):
        arrows_from_payments(table)


def test_payments_in_arrow_notation_make_a_window():
    assert whole(payments_from_arrows("day 0 a -> b 1 EUR")).payments.num_rows == 1
