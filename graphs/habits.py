"""What an account did before something began, and what it did while it lasted: its habits, month by month.

An alert shows a stretch of time. Whether that was unlike the account is seen by the same figures of its own past.
A month has 30 days and ends where the stretch begins, so that nothing of the stretch is part of the past it is held
against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import duckdb
import numpy as np
import pyarrow as pa

from flows import duck
from graphs.between import DAY
from graphs.measures import CASH, HOUR, NIGHT

MONTH: Final = 30 * DAY
MOST_MONTHS: Final = 12
"""Months of a past that are looked at: a year has every season in it (ours)."""
MOST_CHANNELS: Final = 3
"""Channels that are named; ours: what one line holds."""

_AT_ONCE: Final = 4_000_000
"""Payments of accounts that are measured at once: ours; what their stretches come to fits the database's memory."""

Time = Literal["before", "during"]


@dataclass(frozen=True, order=True)
class Stretch:
    """A stretch in the life of an account: from its first moment to its last, microseconds since 1970."""

    account: str
    begins: int
    ends: int


@dataclass(frozen=True)
class Course:
    """What an account did in some days.

    Parameters
    ----------
    days : float
        How long; at least one.
    payments : int
        To and from it, in all currencies.
    in_minor, out_minor : int
        What came in and went out, in the currency of its habit.
    payers, payees : int
        Different ones.
    hours_known, at_night : int
        Payments whose time is known, and those of them between 22 and 6 o'clock local time.
    in_cash, borders_known, across : int
        Payments in cash; those both of whose countries are known, and those of them between two countries.
    channels : tuple of (str, int)
        The channels most payments came by, and how many did.
    """

    days: float
    payments: int
    in_minor: int
    out_minor: int
    payers: int
    payees: int
    hours_known: int
    at_night: int
    in_cash: int
    borders_known: int
    across: int
    channels: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Month:
    """What one month of the past came to, in the currency of the habit."""

    payments: int
    in_minor: int
    out_minor: int


@dataclass(frozen=True)
class Habit:
    """What an account did before a stretch of time, and in it.

    Parameters
    ----------
    currency : str
        The one most of its payments are in; amounts in others are not in the sums.
    months : tuple of Month
        Whole months of the past, the latest first; months without a payment count.
    before : Course or None
        All of the past that is looked at; None where the account has none.
    during : Course
        The stretch itself, with every payment of the account, in the alert or not.
    newcomers : int
        Counterparties of the stretch that were not there before.
    """

    currency: str
    months: tuple[Month, ...]
    before: Course | None
    during: Course
    newcomers: int


def habits_in(opened: duckdb.DuckDBPyConnection, stretches: Iterable[Stretch]) -> dict[Stretch, Habit]:
    """Measure the habits of accounts around stretches of time.

    Parameters
    ----------
    opened : duckdb.DuckDBPyConnection
        A database with the counted payments as ``counted``. What does not fit its memory goes where it spills to.
    stretches : iterable of Stretch
        Which accounts, and when.

    Returns
    -------
    dict of Stretch to Habit
        Those with a payment in their stretch.

    Notes
    -----
    One pass over the payments to count those of each account, and one for as many accounts as are measured at once. An
    account that is asked for in many stretches is measured in each.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> payments = payments_from_arrows('''
    ...     day 0 09:00  works -> anna  900.00 EUR sct
    ...     day 40 09:00  ext:x -> anna  50.00 EUR p2p
    ...     day 40 22:00  ext:y -> anna  60.00 EUR p2p''')
    >>> at = payments["at"].cast("int64").to_pylist()
    >>> with duck.connection() as opened:
    ...     _ = opened.register("counted", payments)
    ...     (habit,) = habits_in(opened, [Stretch("anna", at[1], at[2])]).values()
    >>> habit.before.in_minor, habit.during.in_minor, habit.newcomers, len(habit.months)
    (90000, 11000, 2, 1)
    """
    made: dict[Stretch, Habit] = {}
    for portion in _portions(opened, sorted(set(stretches))):
        made |= _measured(opened, portion)
    return made


def _portions(opened: duckdb.DuckDBPyConnection, asked: Sequence[Stretch]) -> Iterator[Sequence[Stretch]]:
    """Give as many stretches after each other as may be measured at once, by the payments of their accounts."""
    if not asked:
        return
    opened.register("asked", pa.table({"account": pa.array([one.account for one in asked], pa.string()).unique()}))
    payments = dict(duck.rows(opened, _PAYMENTS))
    first, together = 0, 0
    for place, stretch in enumerate(asked):
        own = payments.get(stretch.account, 0)
        if together + own > _AT_ONCE and place > first:
            yield asked[first:place]
            first, together = place, 0
        together += own
    yield asked[first:]


def _measured(opened: duckdb.DuckDBPyConnection, asked: Sequence[Stretch]) -> dict[Stretch, Habit]:
    """Measure some stretches, in order of account, in one pass over the payments."""
    opened.register(
        "asked",
        pa.table(
            {
                "number": np.arange(len(asked), dtype=np.int32),
                "account": pa.array([one.account for one in asked], pa.string()),
                "begins": np.array([one.begins for one in asked]),
                "ends": np.array([one.ends for one in asked]),
            }
        ),
    )
    opened.execute(_LEGS, {"cash": list(CASH)})
    currency = dict(duck.rows(opened, _CURRENCY))
    opened.register(
        "main",
        pa.table(
            {
                "number": np.array(list(currency), dtype=np.int32),
                "money": pa.array(list(currency.values()), pa.string()),
            }
        ),
    )
    courses = {(row["number"], row["time"]): row for row in duck.table(opened, _COURSES).to_pylist()}
    channels = _channels(opened)
    months: Mapping[int, dict[int, Month]] = defaultdict(dict)
    for number, month, payments, came, went in duck.rows(opened, _MONTHS):
        months[number][month] = Month(payments, came, went)
    newcomers = dict(duck.rows(opened, _NEWCOMERS))
    made = {}
    for number, stretch in enumerate(asked):
        if (number, "during") not in courses:
            continue
        before = courses.get((number, "before"))
        whole = 0 if before is None else min(MOST_MONTHS, (stretch.begins - before["first"]) // MONTH)
        made[stretch] = Habit(
            currency[number],
            tuple(months[number].get(month, Month(0, 0, 0)) for month in range(whole)),
            None if before is None else _course(before, stretch.begins - before["first"], channels[number, "before"]),
            _course(courses[number, "during"], stretch.ends - stretch.begins, channels[number, "during"]),
            newcomers.get(number, 0),
        )
    return made


def _course(row: Mapping[str, Any], length: int, channels: list[tuple[str, int]]) -> Course:
    names = ("payments", "in_minor", "out_minor", "payers", "payees")
    rest = ("hours_known", "at_night", "in_cash", "borders_known", "across")
    counts = {name: int(row[name]) for name in (*names, *rest)}
    return Course(days=max(1.0, length / DAY), channels=tuple(channels[:MOST_CHANNELS]), **counts)


def _channels(opened: duckdb.DuckDBPyConnection) -> Mapping[tuple[int, str], list[tuple[str, int]]]:
    found: Mapping[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
    for number, time, channel, payments in duck.rows(opened, _CHANNELS):
        found[number, time].append((channel, payments))
    return found


def _leg(account: str, other: str) -> str:
    """Give one end of each payment of the accounts that are asked for."""
    return f"""
        SELECT {account} AS account, {other} AS other, {account == "payee"} AS came, epoch_us("at") AS moment,
            amount_minor, currency, channel, ts_quality = 'event' AS timed,
            (epoch_us("at") + coalesce(utc_offset_min, 0)::BIGINT * {HOUR // 60}) // {HOUR} % 24 AS hour,
            channel IN (SELECT unnest($cash)) OR starts_with({other}, 'cash:') AS cash,
            payer_country IS NOT NULL AND payee_country IS NOT NULL AS both_known,
            payer_country <> payee_country AS crossed
        FROM counted WHERE payer <> payee AND {account} IN (SELECT account FROM asked)"""


_PAYMENTS: Final = """
    SELECT account, count(*) FROM (SELECT payer AS account FROM counted UNION ALL SELECT payee FROM counted)
    WHERE account IN (SELECT account FROM asked) GROUP BY account"""

# Not the name of the account: a row of it for each payment is most of what the table takes.
_LEGS: Final = f"""
    CREATE OR REPLACE TEMP TABLE legs AS
    SELECT number, moment < begins AS past, moment, ((begins - moment - 1) // {MONTH})::INTEGER AS month, other, came,
        amount_minor, currency, channel, timed, timed AND (hour >= {NIGHT[0]} OR hour < {NIGHT[1]}) AS at_night, cash,
        both_known, crossed
    FROM asked JOIN ({_leg("payee", "payer")} UNION ALL {_leg("payer", "payee")}) AS ends_of USING (account)
    WHERE moment <= ends"""

# As many payments in two currencies: the first of the alphabet.
_CURRENCY: Final = """
    SELECT number, currency FROM legs GROUP BY number, currency
    QUALIFY row_number() OVER (PARTITION BY number ORDER BY count(*) DESC, currency) = 1 ORDER BY number"""

_TIME: Final = "if(past, 'before', 'during') AS time"
_IN: Final = "coalesce(sum(amount_minor) FILTER (came AND currency = money), 0)::BIGINT"
_OUT: Final = "coalesce(sum(amount_minor) FILTER (NOT came AND currency = money), 0)::BIGINT"

_COURSES: Final = f"""
    SELECT number, {_TIME}, min(moment) AS first, count(*) AS payments, {_IN} AS in_minor, {_OUT} AS out_minor,
        count(DISTINCT other) FILTER (came) AS payers, count(DISTINCT other) FILTER (NOT came) AS payees,
        count(*) FILTER (timed) AS hours_known, count(*) FILTER (at_night) AS at_night,
        count(*) FILTER (cash) AS in_cash, count(*) FILTER (both_known) AS borders_known,
        count(*) FILTER (both_known AND crossed) AS across
    FROM legs JOIN main USING (number) GROUP BY number, past"""

_MONTHS: Final = f"""
    SELECT number, month, count(*), {_IN}, {_OUT}
    FROM legs JOIN main USING (number) WHERE past GROUP BY number, month"""

_CHANNELS: Final = f"""
    SELECT number, {_TIME}, channel, count(*) FROM legs GROUP BY number, past, channel
    ORDER BY number, time, count(*) DESC, channel"""

_NEWCOMERS: Final = """
    SELECT number, count(*) FROM (
        SELECT number, other FROM legs GROUP BY number, other HAVING bool_and(NOT past)
    ) GROUP BY number"""
