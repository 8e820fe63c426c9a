"""What each file of a ledger held when it was written, by the SHA-256 of its bytes.

Delta's log knows a file's name and size, not its content: a bit that turned on the disk would be seen only where
somebody happens to read it. ``hashes.json`` is written anew after each commit, by whoever holds the lock of the ledger;
what an ingest that was killed behind its commit did not come to, the next one writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path
from typing import Final

from flows.errors import StoreError

NAME: Final = "hashes.json"


def hash_of(path: Path) -> str:
    """Give the SHA-256 of a file, hex."""
    with path.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def recorded(folder: Path) -> dict[str, str]:
    """Give the hashes that were recorded, by path from the folder of the ledger; none where there is no record.

    Raises
    ------
    StoreError
        If the record itself is damaged.
    """
    try:
        hashes: dict[str, str] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StoreError(
            f"{NAME} is damaged", where=str(folder / NAME), try_="delete it: the next ingest writes it anew"
        ) from error
    return hashes


def record(folder: Path, names: Iterable[str]) -> None:
    """Write down what the files hold that are not in the record yet, and forget those that are gone.

    Parameters
    ----------
    folder : pathlib.Path
        The ledger, whose lock the caller holds.
    names : iterable of str
        The files of its newest version, by path from the folder.
    """
    try:
        before = recorded(folder)
    except StoreError:
        # No reason to refuse payments: what the files hold now is written down anew.
        before = {}
    known = {name: hash_ for name, hash_ in before.items() if (folder / name).is_file()}
    fresh = {name: hash_of(folder / name) for name in names if name not in known}
    written = folder / f"{NAME}.tmp"
    written.write_text(json.dumps(known | fresh, indent=0, sort_keys=True), encoding="utf-8")
    written.replace(folder / NAME)
