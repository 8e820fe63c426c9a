"""Where the alert store is, and who signs its audit log."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Final

from flows.errors import SettingsError
from moneytrail.settings import Settings, load
from reports.store import Store

KEY_FILE: Final = "MONEYTRAIL_AUDIT_KEY"
"""Environment variable with the path of the file that holds the key; a path of a secret is no setting."""

SHORTEST_KEY: Final = 16
"""Bytes; a shorter key can be guessed."""


def place_of(settings: Settings, folder: Path) -> str:
    """Give the address of the store of a settings file, or its file as seen from that folder."""
    named = settings.night.store
    return named if "://" in named else str(folder / named)


def open_store(place: str, *, made: bool = False) -> Store:
    """Open a store, with the key that signs its audit log where the environment names one.

    Parameters
    ----------
    place : str
        A file or an address.
    made : bool
        Make a file that is not there; otherwise a mistyped name is refused.

    Raises
    ------
    SettingsError
        If the place or the key cannot be used.
    StoreError
        If the store cannot be opened.
    """
    if not made and "://" not in place and not Path(place).is_file():
        raise SettingsError(
            "there is no alert store here", where=place, try_="name it with --store or --settings; a night makes one"
        )
    return Store.open(place, _key())


def named_store(store: str | None, settings: Path | None) -> Store:
    """Open the store that a command names by itself or through a settings file.

    Raises
    ------
    SettingsError
        If neither names one.
    """
    if store is not None:
        return open_store(store)
    if settings is None:
        raise SettingsError("no store is named", where="--store", try_="add --settings FILE or --store FILE-OR-ADDRESS")
    return open_store(place_of(load(settings), settings.resolve().parent))


def whoever_runs() -> str:
    """Give the name of the login that runs the program; empty where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _key() -> bytes | None:
    named = os.environ.get(KEY_FILE)
    if not named:
        return None
    try:
        key = Path(named).read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            f"the key of the audit log cannot be read: {error.strerror}", where=KEY_FILE, try_="see who owns the file"
        ) from error
    if len(key) < SHORTEST_KEY:
        raise SettingsError(
            "the key of the audit log is too short",
            where=KEY_FILE,
            try_=f"put {SHORTEST_KEY} random bytes or more in it",
        )
    return key
