"""What a night would do, how long it may take and what memory: nothing is written to find out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from moneytrail.night import Place, made_from
from moneytrail.night_folder import PastNight, past_nights
from moneytrail.night_inbox import Inbox, Seen, look_into

NIGHTS: Final = 10
"""Earlier nights that time and memory are told from: two weeks without weekends (ours)."""


@dataclass(frozen=True)
class Expected:
    """What a night may cost.

    Parameters
    ----------
    nights : int
        How many earlier nights it is told from.
    seconds : tuple of (float, float)
        The middle and the longest of theirs.
    peak_mb : int
        The most memory any of them held, megabytes.
    """

    nights: int
    seconds: tuple[float, float]
    peak_mb: int


@dataclass(frozen=True)
class Plan:
    """What a night would do.

    Parameters
    ----------
    inbox : Inbox
        What it would take in and what it would leave.
    ledger_version : int or None
        The version of the ledger now; None where there is none.
    scans : bool
        Whether there is anything to scan.
    expected : Expected or None
        What it may cost; None where no earlier night can tell.
    """

    inbox: Inbox
    ledger_version: int | None
    scans: bool
    expected: Expected | None


def planned(path: Path) -> Plan:
    """Find out what a night would do.

    Parameters
    ----------
    path : pathlib.Path
        The settings file.

    Raises
    ------
    SettingsError, InputError, StoreError
        As a night would.
    """
    place = Place.of(path)
    ledger = place.newest()
    inbox = look_into(place.settings.night, place.folder, ledger, Seen(place.work))
    past = past_nights(place.out, at_most=NIGHTS)
    told = bool(past) and ledger is not None and past[0].night["made_from"] == made_from(ledger, place.settings)
    return Plan(inbox, None if ledger is None else ledger.version, bool(inbox.new) or not told, _expected(past))


def _expected(past: Sequence[PastNight]) -> Expected | None:
    if not past:
        return None
    seconds = sorted(float(night.sheet["measured"]["seconds"]) for night in past)
    peak = max(int(night.sheet["measured"]["peak_mb"]) for night in past)
    return Expected(len(past), (seconds[len(seconds) // 2], seconds[-1]), peak)
