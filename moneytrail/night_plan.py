"""What a night would do, how long it may take and what memory: nothing is written to find out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from moneytrail.alert_store import open_store
from moneytrail.fitting import A_PAYMENT, FIXED
from moneytrail.night import Place, known_nights, made_from
from moneytrail.night_folder import PastNight, past_nights
from moneytrail.night_inbox import Inbox, Seen, look_into
from moneytrail.settings import Settings
from reports.store_opening import is_up_to_date

NIGHTS: Final = 10
"""Earlier nights that time and memory are told from: two weeks without weekends (ours)."""

START_S: Final = 20.0
"""Seconds of a first night before its first payment; measured, docs/performance.md."""

PAYMENT_S: Final = 100e-6
"""Seconds for each payment of a first night; measured, docs/scale.md."""

SAMPLE: Final = 1 << 20
"""Bytes of a text in which lines are counted."""


@dataclass(frozen=True)
class Expected:
    """What a night may cost.

    Parameters
    ----------
    nights : int
        How many earlier nights it is told from; with none it is what was measured elsewhere.
    payments, fresh : int
        About how many it will look at, and how many of them the new files hold.
    seconds : float
        How long it may take.
    peak_mb : int
        How much memory it may hold, megabytes.
    """

    nights: int
    payments: int
    fresh: int
    seconds: float
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
    expected : Expected
        What it may cost.
    """

    inbox: Inbox
    ledger_version: int | None
    scans: bool
    expected: Expected


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
    inbox = look_into(place.settings.night, place.folder, ledger, Seen(place.work, ledger))
    past = _past(place)
    told = bool(past) and ledger is not None and past[0].night["made_from"] == made_from(ledger, place.settings)
    expected = _expected(
        past, sum(rows_about(one.path) for one in inbox.new if one.table == "payments"), place.settings
    )
    return Plan(inbox, None if ledger is None else ledger.version, bool(inbox.new) or not told, expected)


def _past(place: Place) -> list[PastNight]:
    """Give the latest nights as the next one will see them; a store that is older is not touched."""
    if "://" not in place.store and not Path(place.store).exists():
        return []
    if not is_up_to_date(place.store):
        return past_nights(place.out, at_most=NIGHTS)
    with open_store(place.store) as store:
        return known_nights(place, store)[:NIGHTS]


def rows_about(path: Path) -> int:
    """Give about how many rows a file has: Parquet says it; of a text, lines are counted at its beginning."""
    if path.suffix.lower() == ".parquet":
        try:
            rows: int = pq.read_metadata(path).num_rows
        except pa.ArrowException:
            # Whoever takes it in says what is wrong with it.
            return 0
        return rows
    with path.open("rb") as opened:
        beginning = opened.read(SAMPLE)
    lines = beginning.count(b"\n") * path.stat().st_size / max(1, len(beginning))
    return max(0, round(lines) - 1)  # the first is the header


def _expected(past: Sequence[PastNight], fresh: int, settings: Settings) -> Expected:
    """Reckon from earlier nights and how many payments they looked at; of a first night, from what was measured."""
    if not past:
        window = min(fresh, settings.scan.payments_a_window)
        return Expected(0, fresh, fresh, START_S + fresh * PAYMENT_S, round((FIXED + window * A_PAYMENT) / 1e6))
    payments = past[0].night["figures"]["payments"] + fresh
    # In proportion where there are more payments than then, and never less than then: a night has fixed costs.
    longer = [max(1.0, payments / max(1, night.night["figures"]["payments"])) for night in past]
    measured = [night.sheet["measured"] for night in past]
    seconds = sorted(one["seconds"] * more for one, more in zip(measured, longer, strict=True))
    peak = max(one["peak_mb"] * more for one, more in zip(measured, longer, strict=True))
    return Expected(len(past), payments, fresh, seconds[len(seconds) // 2], round(peak))
