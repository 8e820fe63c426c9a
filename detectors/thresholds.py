"""Reporting levels by country: data with dates, never constants.

`thresholds.csv` holds the starting values, made from section 6 of the indicator catalogue. ``verified`` says whether
the rule's text was read (``yes``) or written from memory (``recalled``, to be verified before use). Left out are rules
that one account's payments cannot show: levels in the equivalent of another currency (MX), orders for some counties
only (US Southwest border), limits on paying for goods (EU from 2027), and countries without such a report (UK, SG, HK,
JP).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from flows.errors import InputError, SettingsError
from flows.money import minor

WindowType = Literal["single", "linked", "business_day", "rolling_24h", "calendar_month"]
Instrument = Literal["cash", "remittance"]
Direction = Literal["in", "out"]

COLUMNS = (
    "country",
    "instrument",
    "level",
    "reported",
    "currency",
    "window_type",
    "direction",
    "piece_floor",
    "effective_from",
    "effective_to",
    "source",
    "verified",
)


@dataclass(frozen=True)
class Threshold:
    """One reporting rule.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-2 code of where it holds.
    instrument : {"cash", "remittance"}
        What it is about.
    level_minor : int
        The level, minor units of `currency`.
    over : bool
        Whether only amounts above the level are reported; otherwise the level itself is too.
    currency : str
        ISO 4217 code.
    window_type : {"single", "linked", "business_day", "rolling_24h", "calendar_month"}
        What is added up: nothing; operations that belong together; a business day; 24 hours; a calendar month.
    directions : tuple of {"in", "out"}
        Money into the account, out of it, or both, each added up by itself.
    floor_minor : int
        Smaller pieces do not count; 0 where all do.
    since, until : datetime.date or None
        First and last booking date it holds for; None where open.
    source : str
        Key of `detectors/sources.toml`, or ``"catalogue"`` for what was written from memory.
    verified : {"yes", "recalled"}
        Whether the rule's text was read.
    """

    country: str
    instrument: Instrument
    level_minor: int
    over: bool
    currency: str
    window_type: WindowType
    directions: tuple[Direction, ...]
    floor_minor: int
    since: date | None
    until: date | None
    source: str
    verified: str

    @property
    def most_unreported(self) -> int:
        """The largest amount that is not reported, minor units."""
        return self.level_minor if self.over else self.level_minor - 1

    @property
    def adds_up(self) -> bool:
        """Whether pieces of a window are added up before they are held to the level."""
        return self.window_type in ("business_day", "rolling_24h", "calendar_month")


@cache
def thresholds(own: tuple[str, ...] = ()) -> tuple[Threshold, ...]:
    """Give the rules in force anywhere at any time.

    Parameters
    ----------
    own : tuple of str
        Lines of an institution's own, with the columns of `COLUMNS`. They replace all bundled rows of the same country
        and instrument.

    Raises
    ------
    SettingsError
        If a line is not a rule; the message names the line and the column.

    Examples
    --------
    >>> czech = "CZ,cash,270000,at,CZK,single,each,,,,our-counsel,yes"
    >>> [rule.level_minor for rule in thresholds((czech,)) if rule.country == "CZ"]
    [27000000]
    """
    lines = files("detectors").joinpath("thresholds.csv").read_text(encoding="utf-8").splitlines()
    bundled = _rules(lines[1:], "detectors/thresholds.csv")
    ours = _rules(own, "own thresholds")
    replaced = {(rule.country, rule.instrument) for rule in ours}
    return (*(rule for rule in bundled if (rule.country, rule.instrument) not in replaced), *ours)


def _rules(lines: Iterable[str], where: str) -> list[Threshold]:
    return [_rule(row, f"{where}, rule {number}") for number, row in enumerate(csv.reader(lines), 1)]


def _rule(row: list[str], where: str) -> Threshold:
    if len(row) != len(COLUMNS):
        raise SettingsError("not a reporting rule", where=where, try_="give the columns " + ",".join(COLUMNS))
    cell = dict(zip(COLUMNS, (value.strip() for value in row), strict=True))
    try:
        level, floor = (minor(cell[name] or "0", cell["currency"]) for name in ("level", "piece_floor"))
        since, until = (
            date.fromisoformat(cell[name]) if cell[name] else None for name in ("effective_from", "effective_to")
        )
    except (InputError, ValueError) as error:
        raise SettingsError(
            "a reporting rule with a wrong amount, currency or date",
            where=where,
            try_="write 10000.00, EUR and 2026-01-31",
        ) from error
    for name, allowed in (
        ("instrument", get_args(Instrument)),
        ("window_type", get_args(WindowType)),
        ("reported", ("at", "over")),
        ("direction", ("in", "out", "each")),
        ("verified", ("yes", "recalled")),
    ):
        if cell[name] not in allowed:
            raise SettingsError(
                f"a reporting rule with a wrong {name}", where=where, try_="one of: " + ", ".join(allowed)
            )
    return Threshold(
        country=cell["country"],
        instrument=cast("Instrument", cell["instrument"]),
        level_minor=level,
        over=cell["reported"] == "over",
        currency=cell["currency"],
        window_type=cast("WindowType", cell["window_type"]),
        directions=("in", "out") if cell["direction"] == "each" else (cast("Direction", cell["direction"]),),
        floor_minor=floor,
        since=since,
        until=until,
        source=cell["source"],
        verified=cell["verified"],
    )
