"""How far back a scan looks: a bound on what a night costs, however long the ledger has been kept."""

from __future__ import annotations

from datetime import date, timedelta

from detectors.notes import Note
from flows.ledger import Ledger


def beginning(last_day: date, days: int) -> date | None:
    """Give the first day looked at, or None where everything is.

    The first of a month, so that the beginning stays where it is from night to night: what was found near it is asked
    again once a month, not every night.

    Parameters
    ----------
    last_day : datetime.date
        The last day looked at.
    days : int
        `moneytrail.settings.ScanSettings.look_back_days`.

    Examples
    --------
    >>> beginning(date(2026, 3, 20), 30)
    datetime.date(2026, 2, 1)
    """
    return (last_day - timedelta(days=days)).replace(day=1) if days else None


def notes(ledger: Ledger, since: date | None, days: int) -> list[Note]:
    """Say how many payments lie too far back to be looked at."""
    older = 0 if since is None else sum(rows for day, rows in ledger.days().items() if day < since)
    if since is None or not older:
        return []
    return [
        Note(
            "excluded",
            "{count} payment booked before {day} was not looked at: a scan looks back {days} days (look_back_days)",
            "{count} payments booked before {day} were not looked at: a scan looks back {days} days (look_back_days)",
            older,
            values=(("day", since.isoformat()), ("days", f"{days:,}")),
        )
    ]
