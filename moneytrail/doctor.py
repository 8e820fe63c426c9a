"""Whether a night could run here: the six packages are ours, whole and together (decision 0001); so are its places."""

from __future__ import annotations

import base64
import hashlib
import locale
import os
import shutil
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from flows.errors import LockedError, StoreError, ToolkitError
from flows.lock import writing
from moneytrail.night import Place
from reports.store_opening import is_up_to_date

PACKAGES = ("flows", "graphs", "detectors", "reports", "moneytrail", "sample_data")


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at."""

    what: str
    well: bool


def examine() -> list[Examined]:
    """Look at where the packages come from and whether their files are as installed."""
    places = {name: _place(name) for name in PACKAGES}
    missing = [name for name, place in places.items() if place is None]
    parents = {place.parent for place in places.values() if place is not None}
    examined = [
        Examined(f"packages that import as ours: {len(PACKAGES) - len(missing)} of {len(PACKAGES)}", not missing),
        Examined(f"folders they lie in: {len(parents)} (one is right)", len(parents) == 1),
    ]
    try:
        changed, checked = _changed(distribution("moneytrail"))
    except PackageNotFoundError:
        return [*examined, Examined("moneytrail is installed, not only lying beside you", False)]
    return [*examined, Examined(f"files that are not as installed: {changed} of {checked}", changed == 0)]


def examine_place(settings: Path) -> list[Examined]:
    """Look at what a night of these settings needs: disks, ledger, store, lock, locale.

    Nothing is made or changed.

    Parameters
    ----------
    settings : pathlib.Path
        The settings file.
    """
    place = Place.of(settings)
    least = place.settings.operations.disk_least_gb
    return [
        Examined(f"text is read and written as UTF-8 here: {locale.getencoding()}", _is_utf8()),
        *(_disk(name, folder, least) for name, folder in (("ledger", place.ledger), ("results", place.out))),
        _inbox(place),
        _free("night", place.work),
        _free("ingest", place.ledger),
        _ledger(place),
        _store(place),
    ]


def _is_utf8() -> bool:
    return locale.getencoding().lower().replace("-", "") == "utf8"


def _disk(name: str, folder: Path, least_gb: float) -> Examined:
    # A folder that is not there yet will lie on the disk of the first parent that is.
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    return Examined(
        f"free space for the {name}: {free:,.0f} GB (at least {least_gb:g}); may be written",
        free >= least_gb and os.access(there, os.W_OK),
    )


def _inbox(place: Place) -> Examined:
    inbox = place.folder / place.settings.night.inbox
    return Examined("the inbox is there and can be read", inbox.is_dir() and os.access(inbox, os.R_OK | os.X_OK))


def _free(what: str, folder: Path) -> Examined:
    """Say whether somebody is at work, which is no fault: whoever comes second is turned away and changes nothing."""
    free = Examined(f"no {what} is under way", True)
    if not (folder / "lock").exists():
        return free
    try:
        with writing(folder):
            return free
    except LockedError as error:
        return Examined(f"{what} under way: {error.what}; one more would leave with 5 until then", True)
    except StoreError as error:
        return Examined(f"whether a {what} is under way: {error.what}", False)


def _ledger(place: Place) -> Examined:
    try:
        ledger = place.newest()
    except StoreError as error:
        return Examined(f"the ledger can be read: {error.what}", False)
    if ledger is None:
        return Examined("there is no ledger yet; the first night makes one", True)
    return Examined(f"the ledger can be read: version {ledger.version}, {ledger.count():,} rows", True)


def _store(place: Place) -> Examined:
    if "://" not in place.store and not Path(place.store).exists():
        return Examined("there is no alert store yet; the first night makes one", True)
    try:
        standing = "up to date" if is_up_to_date(place.store) else "the next night brings it up to date"
        return Examined(f"the alert store can be reached: {standing}", True)
    except ToolkitError as error:
        return Examined(f"the alert store can be reached: {error.what}", False)


def _place(name: str) -> Path | None:
    # A package whose __init__.py another distribution removed imports as an empty namespace without a file.
    file = import_module(name).__file__
    return None if file is None else Path(file).resolve().parent


def _changed(installed: Distribution) -> tuple[int, int]:
    changed = checked = 0
    for file in installed.files or ():
        if file.parts[0] in PACKAGES and file.hash is not None:
            checked += 1
            path = Path(str(file.locate()))
            digest = hashlib.new(file.hash.mode, path.read_bytes()).digest() if path.exists() else b""
            changed += base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value
    return changed, checked
