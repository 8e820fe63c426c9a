"""A tiny bank whose payments come night by night: a ring, an account that gathers and passes on, and shoppers."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flows.plugins import Shelf
from moneytrail.night import Outcome, run_night

COLUMNS = "payment_id,payer,payee,amount,currency,booked_on,sent_at,ts_quality,channel,status,reversal_of"
DAY_ZERO = datetime(2026, 1, 1, tzinfo=UTC)

# What is rare is fitted on everybody each night and shuffles are many; what is asked here needs neither.
WITHOUT = "".join(f"[detectors.{id_}]\nenabled = false\n" for id_ in Shelf("detectors.outliers").ids())
SETTINGS = """
[night]
settle_seconds = 0
{night}
[scan]
shuffles = 20
{more}
"""


@dataclass(frozen=True)
class Row:
    """One payment as a file holds it."""

    payment_id: str
    payer: str
    payee: str
    cents: int
    at: datetime
    channel: str
    status: str = "booked"
    reversal_of: str = ""

    @property
    def day(self) -> date:
        """The booking date."""
        return self.at.date()

    def undone_at(self, at: datetime) -> Row:
        """Give the row that undoes it."""
        undoing = {"payment_id": f"{self.payment_id}-undone", "reversal_of": self.payment_id, "status": "reversed"}
        return replace(self, **undoing, at=at)

    def __str__(self) -> str:
        amount = f"{self.cents // 100}.{self.cents % 100:02d}"
        when = f"{self.day},{self.at:%Y-%m-%dT%H:%M:%SZ},event"
        parts = (
            self.payment_id,
            self.payer,
            self.payee,
            amount,
            "EUR",
            when,
            self.channel,
            self.status,
            self.reversal_of,
        )
        return ",".join(parts)


def bank() -> list[Row]:
    """Give all payments of four weeks, in order of time."""
    rows: list[Row] = []

    def pay(payer: str, payee: str, cents: int, channel: str, day: int, hour: int, minute: int = 0) -> None:
        at = DAY_ZERO + timedelta(days=day, hours=hour, minutes=minute)
        rows.append(Row(f"p{len(rows):03d}", payer, payee, cents, at, channel))

    for first in (3, 15):
        ring = [f"r{first}-{number}" for number in range(5)]
        for number, payer in enumerate(ring):
            pay(payer, ring[(number + 1) % 5], 100_000 - 1_000 * number, "instant", first, 9 + number)
    for number in range(24):
        pay(f"ext:p{number}", "funnel", 8_000 + 100 * number, "p2p", 5 + number // 6, 10 + number % 6, 15)
    for number in range(4):
        pay("funnel", "ext:away", 50_000 + 100 * number, "instant", 5 + number, 18, 30)
    for number in range(120):
        pay(
            f"c{number % 17}",
            f"mer:shop{number % 5}",
            500 + 101 * (number % 40),
            "card_pos",
            number % 28,
            12,
            number % 60,
        )
    return sorted(rows, key=lambda row: (row.at, row.payment_id))


def by_day(rows: Iterable[Row]) -> dict[date, list[Row]]:
    """Give the payments by booking date."""
    days: dict[date, list[Row]] = {}
    for row in rows:
        days.setdefault(row.day, []).append(row)
    return dict(sorted(days.items()))


class Bank:
    """A folder with settings and an inbox.

    Parameters
    ----------
    folder : pathlib.Path
        Made if absent.
    store : str
        Where alerts live; a file beside the settings if not given.
    more : str
        More of the settings.
    """

    def __init__(self, folder: Path, store: str = "", more: str = "") -> None:
        self.folder = folder
        self.settings = folder / "bank.toml"
        self.inbox = folder / "inbox"
        self.nights = folder / "nights"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.settings.write_text(SETTINGS.format(night=f'store = "{store}"' if store else "", more=WITHOUT + more))

    def copied(self, folder: Path) -> Bank:
        """Give a copy with all it has, files as old as they are."""
        shutil.copytree(self.folder, folder)
        return Bank(folder)

    def send(self, name: str, rows: Iterable[Row]) -> Path:
        """Put a file of payments into the inbox."""
        path = self.inbox / "payments" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join([COLUMNS, *map(str, rows), ""]))
        return path

    def night(self) -> Outcome:
        """Let one night pass."""
        return run_night(self.settings)

    @property
    def store(self) -> str:
        """The file of the store."""
        return str(self.folder / "alerts.db")

    def contents(self) -> Mapping[str, str]:
        """Give the hash of every file, locks and memory aside."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != "lock" and not path.name.startswith(("remembered.db", "alerts.db-"))
        }
