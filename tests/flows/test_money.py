"""Money: exact both ways, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import InputError
from flows.money import CURRENCIES, MAX_MINOR, exponent, major, minor, spoken

currencies = st.sampled_from(sorted(CURRENCIES))


@settings(deadline=None, derandomize=True)
@given(st.integers(0, MAX_MINOR - 1), currencies)
def test_any_amount_written_out_reads_back_as_itself(amount_minor, currency):
    assert minor(major(amount_minor, currency), currency) == amount_minor


@settings(deadline=None, derandomize=True)
@given(st.integers(-(MAX_MINOR - 1), MAX_MINOR - 1), currencies)
def test_what_is_written_is_the_amount_in_major_units(amount_minor, currency):
    assert Decimal(major(amount_minor, currency)).scaleb(exponent(currency)) == amount_minor


@settings(deadline=None, derandomize=True)
@given(st.decimals(0, 10**9, places=5, allow_nan=False), currencies)
def test_an_amount_with_more_decimals_than_its_currency_is_refused_not_rounded(amount, currency):
    text = f"{amount:f}"
    exact = amount.scaleb(exponent(currency))
    if exact == exact.to_integral_value():
        assert minor(text, currency) == int(exact)
    else:
        with pytest.raises(InputError, match="more decimals"):
            minor(text, currency)


@pytest.mark.parametrize(
    "text",
    ["", "-5", "+5", "1e400", "NaN", "Infinity", "1.234,56", "1,000", " 5", "5 ", "5.", ".5", "1_000", "٣", "0x10"],
)
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(InputError, match="not a plain decimal"):
        minor(text, "EUR")


def test_an_amount_that_would_overflow_a_sum_is_refused():
    with pytest.raises(InputError, match="out of range"):
        minor(str(MAX_MINOR), "JPY")
    assert minor(str(MAX_MINOR - 1), "JPY") == MAX_MINOR - 1


def test_an_unknown_currency_is_refused_with_at_most_its_first_letters():
    with pytest.raises(InputError) as refused:
        exponent("ACCOUNT-12345678")
    assert "12345678" not in str(refused.value)


def test_currencies_have_the_digits_of_the_standard():
    assert [exponent(code) for code in ("EUR", "JPY", "KWD", "CLF", "BTC")] == [2, 0, 3, 4, 8]


def test_an_amount_is_spoken_with_grouped_thousands():
    assert spoken(-123456789, "EUR") == "-1,234,567.89 EUR"
    assert spoken(1234, "JPY") == "1,234 JPY"
