"""Arrow notation: payments written as lines a person can read, for tests, examples and case files.

::

    day 0 09:00  anna -> kiosk  40.00 EUR cash_branch
    day 1        ext:x -> anna  900.00 EUR sct        # no hour: ts_quality is date_only
    day 2 23:15  anna -> cash:atm-7  60 EUR atm_wd  city=Lyon terminal_id=T7 utc_offset_min=60

A line is: day and hour, payer, ``->``, payee, amount, currency, then optionally a channel and ``column=value`` for any
other column of the contract. ``#`` begins a comment. Day 0 is 2026-01-01 (UTC) unless told otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from flows.errors import InputError
from flows.money import CURRENCIES, major, minor
from flows.payments import CHANNELS, PAYMENTS
from flows.window import in_order

DAY_ZERO = date(2026, 1, 1)

_LINE = re.compile(
    r"day\s+(?P<day>-?\d+)(?:\s+(?P<hour>\d{2}:\d{2}(?::\d{2})?))?\s+(?P<payer>\S+)\s*->\s*(?P<payee>\S+)\s+"
    r"(?P<amount>[\d.]+)\s+(?P<currency>[A-Z]{3})(?P<rest>(?:\s+\S+)*)\s*"
)

_SETTABLE = frozenset(PAYMENTS.names) - {
    "amount_minor",
    "currency",
    "booked_on",
    "at",
    "sent_at",
    "payer",
    "payee",
}


def payments_from_arrows(text: str, *, day_zero: date = DAY_ZERO) -> pa.Table:
    """Read payments in arrow notation.

    Payments are named ``p1``, ``p2`` ... by line, unless ``payment_id=`` says otherwise.

    Parameters
    ----------
    text : str
        One payment a line; blank lines and comments are passed over.
    day_zero : date
        The date of day 0.

    Returns
    -------
    pyarrow.Table
        Rows of `flows.payments.PAYMENTS`, sorted by time and id.

    Raises
    ------
    InputError
        If a line is not in the notation; the message names the line.

    Examples
    --------
    >>> payments_from_arrows("day 0 09:00  anna -> kiosk  40.00 EUR cash_branch")["amount_minor"].to_pylist()
    [4000]
    """
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line:
            rows.append(_row(line, number, len(rows) + 1, day_zero))
    return in_order(pa.Table.from_pylist(rows, schema=PAYMENTS))


def _row(line: str, number: int, count: int, day_zero: date) -> dict[str, Any]:
    found = _LINE.fullmatch(line)
    if not found:
        raise InputError(
            "not a payment in arrow notation",
            where=f"line {number}",
            try_="write it as: day 0 09:00  anna -> kiosk  40.00 EUR cash_branch",
        )
    currency = found["currency"]
    if currency not in CURRENCIES:
        raise InputError(f"unknown currency {currency}", where=f"line {number}", try_="use an ISO 4217 code")
    booked_on = day_zero + timedelta(days=int(found["day"]))
    sent_at = None
    if found["hour"]:
        sent_at = datetime.combine(booked_on, time.fromisoformat(found["hour"]), UTC)
    row: dict[str, Any] = {
        "payment_id": f"p{count}",
        "payer": found["payer"],
        "payee": found["payee"],
        "amount_minor": minor(found["amount"], currency),
        "currency": currency,
        "booked_on": booked_on,
        "at": sent_at or datetime.combine(booked_on, time(), UTC),
        "sent_at": sent_at,
        "ts_quality": "event" if sent_at else "date_only",
        "channel": "other",
        "status": "booked",
        "source_file": "arrows",
        "source_line": number,
    }
    for word in found["rest"].split():
        name, equals, value = word.partition("=")
        if not equals:
            if word not in CHANNELS:
                raise InputError(
                    f"unknown channel {word!r}", where=f"line {number}", try_="one of: " + ", ".join(CHANNELS)
                )
            row["channel"] = word
        elif name in _SETTABLE:
            row[name] = int(value) if pa.types.is_integer(PAYMENTS.field(name).type) else value
        else:
            raise InputError(
                f"unknown column {name!r}",
                where=f"line {number}",
                try_="one of: " + ", ".join(sorted(_SETTABLE)),
            )
    return row


def arrows_from_payments(payments: pa.Table, *, day_zero: date = DAY_ZERO) -> str:
    """Write payments in arrow notation; the inverse of `payments_from_arrows`.

    Seconds are written only where they are not zero; microseconds cannot be written and are refused.

    Raises
    ------
    InputError
        If a time has a fraction of a second.
    """
    return "\n".join(_lines(payments.to_pylist(), day_zero))


def _lines(rows: Iterable[dict[str, Any]], day_zero: date) -> Iterable[str]:
    written = frozenset(_SETTABLE) - {"channel", "ts_quality", "status", "source_file", "source_line"}
    for row in rows:
        hour = ""
        sent_at = row["sent_at"]
        if sent_at is not None:
            if sent_at.microsecond:
                raise InputError(
                    "arrow notation has no fractions of a second",
                    where=f"payment in line {row['source_line']}",
                    try_="write the table as Parquet instead",
                )
            hour = " " + sent_at.strftime("%H:%M:%S" if sent_at.second else "%H:%M")
        day = (row["booked_on"] - day_zero).days
        extras = [f"{name}={row[name]}" for name in PAYMENTS.names if name in written and row[name] is not None]
        amount = major(row["amount_minor"], row["currency"])
        words = [
            f"day {day}{hour} ",
            row["payer"],
            "->",
            row["payee"],
            "",
            amount,
            row["currency"],
            row["channel"],
        ]
        if row["status"] != "booked":
            extras.append(f"status={row['status']}")
        if row["ts_quality"] != ("event" if sent_at else "date_only"):
            extras.append(f"ts_quality={row['ts_quality']}")
        yield " ".join([*words, *extras])
