"""Retention: what is older than its rule is erased for good, and a record says what, when and by which rule."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from flows.erasing import Erased, erase_payments
from flows.lock import writing
from moneytrail.alert_store import open_store
from moneytrail.night import Place
from moneytrail.night_folder import past_nights

RECORD: Final = "purges.jsonl"
"""Beside the ledger: one line a purge, counts and rules only."""


@dataclass(frozen=True)
class Purged:
    """What a purge erased, or would.

    Parameters
    ----------
    on : datetime.date
        The day from which ages were counted.
    rules : mapping of str to str
        How long each kind is kept; empty where for ever.
    payments : Erased or None
        In the ledger; None where they are kept for ever, or there is no ledger.
    alerts : tuple of str
        Ids of alerts whose content was erased in the store.
    rejects, results : tuple of str
        Names of files of rejected rows, and of folders of nights.
    """

    on: date
    rules: dict[str, str]
    payments: Erased | None
    alerts: tuple[str, ...]
    rejects: tuple[str, ...]
    results: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return plain


def purge(settings: Path, on: date, who: str, *, dry_run: bool = False) -> Purged:
    """Erase what is older than its rule in ``[retention]``.

    Payments that are evidence of an open alert stay, and are counted.

    Parameters
    ----------
    settings : pathlib.Path
        The settings file; its section ``[night]`` names all places.
    on : datetime.date
        The day from which ages are counted.
    who : str
        Who erases.
    dry_run : bool
        Say what would be erased, and erase nothing.

    Raises
    ------
    LockedError
        If a night is under way.
    """
    place = Place.of(settings)
    place.work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with writing(place.work):
        purged = _purged(place, on, who, dry_run)
        if not dry_run and place.ledger.is_dir():
            line = json.dumps({"at": datetime.now(UTC).isoformat(), "who": who, **purged.as_json()}, sort_keys=True)
            with (place.ledger / RECORD).open("a", encoding="utf-8") as record:
                record.write(line + "\n")
    return purged


def _purged(place: Place, on: date, who: str, dry_run: bool) -> Purged:
    rules = place.settings.retention
    needed: set[str] = set()
    alerts: tuple[str, ...] = ()
    if "://" in place.store or Path(place.store).is_file():
        with open_store(place.store) as store:
            for alert in store.alerts():
                if alert.status != "closed":
                    needed |= set(alert.content["payments"])
            if rules.alerts:
                at = datetime.combine(on, time(), UTC)
                alerts = store.desk(who, datetime.now(UTC), dry_run=dry_run).erase(at - rules.alerts)
    payments = None
    if rules.payments and (place.ledger / "payments").is_dir():
        payments = erase_payments(place.ledger, on - rules.payments, needed, dry_run=dry_run)
    rejects = tuple(_old_rejects(place.ledger, on, rules.rejects))
    results = tuple(_old_nights(place.out, on, rules.results))
    if not dry_run:
        for name in rejects:
            (place.ledger / "rejects" / name).unlink()
        for name in results:
            shutil.rmtree(place.out / name)
    spoken = {name: f"{span.days} d" if span else "" for name, span in vars(rules).items()}
    return Purged(on, spoken, payments, alerts, rejects, results)


def _old_rejects(ledger: Path, on: date, kept: timedelta) -> Iterator[str]:
    if not kept:
        return
    for path in sorted((ledger / "rejects").glob("*")):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC).date() < on - kept:
            yield path.name


def _old_nights(out: Path, on: date, kept: timedelta) -> Iterator[str]:
    """Name the nights that are too old; the last one stays, which the next is compared with."""
    if not kept or not out.is_dir():
        return
    for night in past_nights(out)[1:]:
        if date.fromisoformat(night.sheet["ledger"]["as_of"]) < on - kept:
            yield night.path.name


def spoken(purged: Purged, *, dry_run: bool) -> str:
    """Say in words what was erased."""
    did = "would be erased" if dry_run else "erased for good"
    lines = []
    if purged.payments is not None:
        lines.append(f"Payments {did}: {purged.payments.payments:,}")
        if purged.payments.kept:
            lines.append(
                f"  {purged.payments.kept:,} payments of that age stay: they are evidence of alerts nobody has closed."
            )
        if purged.payments.payments:
            lines.append("  Older versions of the ledger go with them: nights that looked at them cannot be run again.")
    lines.append(f"Alerts {did}: {len(purged.alerts):,}" + (f" ({', '.join(purged.alerts)})" if purged.alerts else ""))
    lines.append(f"Files of rejected rows {did}: {len(purged.rejects):,}")
    lines.append(f"Folders of nights {did}: {len(purged.results):,}")
    for name, rule in purged.rules.items():
        if not rule:
            lines.append(f"Kept for ever: {name}")
    return "\n".join(lines)
