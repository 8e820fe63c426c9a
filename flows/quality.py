"""What the payments of a ledger lack, and the days on which fewer came than usual: before anybody trusts a silence.

A red flag that needs a field cannot be seen where the field is empty, and a day whose file never came looks like a
quiet one. Neither is an error of a row, so neither is among the rejects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import Final

import duckdb

from flows import duck

CARD: Final = "channel IN ('card_pos', 'card_cnp')"
CASH: Final = "channel IN ('cash_branch', 'cash_adm', 'atm_wd')"
DEPOSIT: Final = "channel IN ('cash_branch', 'cash_adm')"
BY_HOLDER: Final = "channel IN ('card_cnp', 'p2p', 'e_transfer', 'instant', 'sct', 'wire')"
EVERY: Final = "TRUE"

FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "time of day": (EVERY, "ts_quality = 'date_only'"),
    "time of the event, not of a batch": (EVERY, "ts_quality <> 'event'"),
    "local time": ("ts_quality = 'event'", "utc_offset_min IS NULL"),
    "kind of shop (MCC)": (CARD, "mcc IS NULL"),
    "town of card and cash payments": (f"{CARD} OR {CASH}", "city IS NULL"),
    "countries of payer and payee": (EVERY, "payer_country IS NULL OR payee_country IS NULL"),
    "purpose or narrative": (f"NOT ({CARD} OR {CASH})", "purpose_code IS NULL AND narrative IS NULL"),
    "device the payment was made from": (BY_HOLDER, "device_id IS NULL"),
    "who paid the cash in": (DEPOSIT, "depositor_id IS NULL"),
    "balance afterwards": (EVERY, "payer_balance_after_minor IS NULL AND payee_balance_after_minor IS NULL"),
}
"""What a payment may lack: of which payments it is asked, and when it is lacking."""

LEAST_USUAL: Final = 8
"""Payments on the usual day of the week from which on a quiet one means something; ours: below, chance empties days."""
FAR_FEWER: Final = 4
"""A day with fewer than a quarter of what is usual is told; ours: a holiday keeps its cards and direct debits."""


@dataclass(frozen=True)
class Gap:
    """A field that payments may lack.

    Parameters
    ----------
    field : str
        A key of `FIELDS`.
    payments : int
        Of how many it is asked.
    empty : int
        How many of them lack it.
    """

    field: str
    payments: int
    empty: int


@dataclass(frozen=True)
class QuietDay:
    """A booking day with far fewer payments than its day of the week usually has."""

    day: date
    payments: int
    usual: int


@dataclass(frozen=True)
class Quality:
    """What is known of the payments, and what is not.

    Parameters
    ----------
    gaps : tuple of Gap
        In the order of `FIELDS`; those that are asked of any payment.
    currencies : tuple of (str, int)
        Payments in each, most first.
    quiet : tuple of QuietDay
        The latest first.
    """

    gaps: tuple[Gap, ...] = ()
    currencies: tuple[tuple[str, int], ...] = ()
    quiet: tuple[QuietDay, ...] = ()


def quality_in(opened: duckdb.DuckDBPyConnection) -> Quality:
    """Look at the counted payments of a ledger.

    Parameters
    ----------
    opened : duckdb.DuckDBPyConnection
        A database with the counted payments as ``counted``.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> with duck.connection() as opened:
    ...     _ = opened.register("counted", payments_from_arrows("day 0 anna -> mer:x 5.00 EUR card_pos"))
    ...     found = quality_in(opened)
    >>> [gap.field for gap in found.gaps if gap.empty][:2], found.currencies
    (['time of day', 'time of the event, not of a batch'], (('EUR', 1),))
    """
    asked = ", ".join(
        f"count(*) FILTER ({which}), count(*) FILTER (({which}) AND ({lacking}))" for which, lacking in FIELDS.values()
    )
    [counts] = duck.rows(opened, f"SELECT {asked} FROM counted")
    gaps = (
        Gap(field, payments, empty)
        for field, payments, empty in zip(FIELDS, counts[::2], counts[1::2], strict=True)
        if payments
    )
    currencies = duck.rows(
        opened, "SELECT currency, count(*) AS n FROM counted GROUP BY currency ORDER BY n DESC, currency"
    )
    days = dict(duck.rows(opened, "SELECT booked_on, count(*) FROM counted GROUP BY booked_on"))
    return Quality(tuple(gaps), tuple((code, count) for code, count in currencies), quiet_days(days))


def quiet_days(days: Mapping[date, int]) -> tuple[QuietDay, ...]:
    """Find the days with far fewer payments than the same day of the week usually has.

    Parameters
    ----------
    days : mapping of date to int
        Payments of each booking day that has any.

    Examples
    --------
    >>> monday = date(2026, 1, 5)
    >>> quiet_days({monday + timedelta(days=7 * week): 100 for week in range(5) if week != 3})
    (QuietDay(day=datetime.date(2026, 1, 26), payments=0, usual=100),)
    """
    if not days:
        return ()
    first, last = min(days), max(days)
    alike: Mapping[int, list[date]] = defaultdict(list)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        alike[day.weekday()].append(day)
    found = []
    for same in alike.values():
        usual = median_low(days.get(day, 0) for day in same)
        if usual >= LEAST_USUAL:
            found += [QuietDay(day, days.get(day, 0), usual) for day in same if days.get(day, 0) * FAR_FEWER < usual]
    return tuple(sorted(found, key=lambda one: one.day, reverse=True))
