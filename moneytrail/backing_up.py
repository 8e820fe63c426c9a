"""A backup: ledger and store as they stood between two nights, in a folder that can be put back as it is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.errors import StoreError
from flows.ledger import Ledger
from flows.lock import writing
from moneytrail.night import Place

NOT_COPIED: Final = shutil.ignore_patterns("staging", "lock")


@dataclass(frozen=True)
class BackedUp:
    """What was copied.

    Parameters
    ----------
    ledger_version : int
        The version of the ledger.
    payments : int
        Rows in it.
    store : str
        The file of the store; empty where a server has it, which has tools of its own.
    """

    ledger_version: int
    payments: int
    store: str


def back_up(settings: Path, out: Path) -> BackedUp:
    """Copy ledger, store and settings into a new folder, while no night and no ingest is under way.

    Parameters
    ----------
    settings : pathlib.Path
        The settings file; its section ``[night]`` names the places.
    out : pathlib.Path
        A folder that is not there yet.

    Raises
    ------
    LockedError
        If a night or an ingest is under way.
    StoreError
        If the folder is there already, or cannot be written.
    """
    place = Place.of(settings)
    if out.exists():
        raise StoreError("this folder is there already", where=str(out), try_="name a new one for every backup")
    ledger = Ledger.open(place.ledger)
    place.work.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with writing(place.work), writing(place.ledger):
            out.mkdir(parents=True, mode=0o700)
            shutil.copytree(place.ledger, out / "ledger", ignore=NOT_COPIED)
            shutil.copy2(settings, out / settings.name)
            store = Path(place.store)
            copied = "://" not in place.store and store.is_file()
            if copied:
                # The online backup of SQLite: whole also while an analyst writes a judgement.
                with closing(sqlite3.connect(store)) as old, closing(sqlite3.connect(out / store.name)) as new:
                    old.backup(new)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"the backup cannot be written ({type(error).__name__})",
            where=str(out),
            try_="make room or name another folder; what was copied so far is not whole",
        ) from error
    kept = Ledger.open(out / "ledger")
    if kept.version != ledger.newest().version:
        raise StoreError("the copy is of another version", where=str(out), try_="delete it and run it again")
    return BackedUp(kept.version, kept.count(), store.name if copied else "")
