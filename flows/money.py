"""Exact money: integer minor units of an ISO 4217 currency.

No float ever holds an amount. A decimal string becomes an integer of the currency's smallest unit, or is refused
with a reason; nothing is rounded.
"""

from __future__ import annotations

import re
from decimal import Decimal

from flows.errors import InputError

# ISO 4217 exponents that differ from two (list one of the standard, 2026); everything else active has two.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
    # Not in ISO 4217, but booked by banks and in public data sets: bitcoin is counted in satoshi.
    "XBT": 8,
    "BTC": 8,
}

_TWO = frozenset(
    [
        "AED",
        "AFN",
        "ALL",
        "AMD",
        "ANG",
        "AOA",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BMD",
        "BND",
        "BOB",
        "BOV",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BYN",
        "BZD",
        "CAD",
        "CDF",
        "CHE",
        "CHF",
        "CHW",
        "CNY",
        "COP",
        "COU",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "FJD",
        "FKP",
        "GBP",
        "GEL",
        "GHS",
        "GIP",
        "GMD",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IRR",
        "JMD",
        "KES",
        "KGS",
        "KHR",
        "KPW",
        "KYD",
        "KZT",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MRU",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MXV",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "PAB",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SBD",
        "SCR",
        "SDG",
        "SEK",
        "SGD",
        "SHP",
        "SLE",
        "SOS",
        "SRD",
        "SSP",
        "STN",
        "SVC",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TMT",
        "TOP",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "USD",
        "USN",
        "UYU",
        "UZS",
        "VED",
        "VES",
        "WST",
        "XAD",
        "XCD",
        "XCG",
        "YER",
        "ZAR",
        "ZMW",
        "ZWG",
        "CSK",
        "DEM",
        "FRF",
        "ITL",
        "ESP",
        "HRK",
    ]
)

CURRENCIES = _TWO | _EXPONENTS.keys()
"""Codes that an amount may carry: ISO 4217 as of 2026, a few retired ones still found in files, and bitcoin."""

MAX_MINOR = 2**62
"""Largest amount kept, in minor units: sums of two still fit into int64."""

_PLAIN = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?")


def exponent(currency: str) -> int:
    """Give the number of decimal digits of a currency's minor unit.

    Raises
    ------
    InputError
        If the code is not in `CURRENCIES`.

    Examples
    --------
    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    if currency not in CURRENCIES:
        raise InputError(
            f"unknown currency code {currency[:8]!r}",
            where="currency",
            try_="use the ISO 4217 code, e.g. EUR",
        )
    return _EXPONENTS.get(currency, 2)


def minor(text: str, currency: str) -> int:
    """Turn a plain decimal string into minor units, exactly.

    Parameters
    ----------
    text : str
        Digits with at most one decimal point; no sign, exponent or grouping.
    currency : str
        ISO 4217 code.

    Returns
    -------
    int
        Minor units, at least 0 and below `MAX_MINOR`.

    Raises
    ------
    InputError
        If the text is no plain decimal, has more non-zero decimals than the currency, or is too large.

    Examples
    --------
    >>> minor("12.50", "EUR"), minor("12.50", "KWD"), minor("40", "JPY")
    (1250, 12500, 40)
    """
    digits = exponent(currency)
    if not _PLAIN.fullmatch(text):
        raise InputError("not a plain decimal amount", where="amount", try_="write it as 1234.56")
    scaled = Decimal(text).scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise InputError(
            f"more decimals than {currency} has",
            where="amount",
            try_=f"round to {digits} decimals at the source",
        )
    if scaled >= MAX_MINOR:
        raise InputError("amount out of range", where="amount", try_="check the unit of the amount column")
    return int(scaled)


def major(amount_minor: int, currency: str) -> str:
    """Write minor units as a decimal string in major units, exactly.

    Examples
    --------
    >>> major(1250, "EUR"), major(40, "JPY"), major(-5, "EUR")
    ('12.50', '40', '-0.05')
    """
    digits = exponent(currency)
    sign, whole = ("-", -amount_minor) if amount_minor < 0 else ("", amount_minor)
    if digits == 0:
        return f"{sign}{whole}"
    units, rest = divmod(whole, 10**digits)
    return f"{sign}{units}.{rest:0{digits}d}"


def spoken(amount_minor: int, currency: str) -> str:
    """Write an amount for a reader: grouped thousands and the currency code.

    Examples
    --------
    >>> spoken(1234550, "EUR")
    '12,345.50 EUR'
    """
    text = major(amount_minor, currency)
    sign, body = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = body.partition(".")
    return f"{sign}{int(whole):,}{point}{rest} {currency}"
