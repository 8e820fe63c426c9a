"""The folders of past nights: each appears whole or not at all, and is never written again."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from flows.errors import StoreError

SHEET: Final = "run.json"
_NAME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.(\d+))?")
_MAKING: Final = "making-"


@dataclass(frozen=True)
class PastNight:
    """The folder of a finished night.

    Parameters
    ----------
    path : pathlib.Path
        The folder, named by the last booking date that was looked at; a second night of the same date ends in ``.2``.
    sheet : dict
        Its run sheet.
    """

    path: Path
    sheet: dict[str, Any]

    @property
    def night(self) -> Mapping[str, Any]:
        """What the run sheet says of the night, beside the scan."""
        made: Mapping[str, Any] = self.sheet["night"]
        return made


def past_nights(out: Path, at_most: int | None = None) -> list[PastNight]:
    """Give the finished nights of a folder, the latest first.

    Parameters
    ----------
    out : pathlib.Path
        The folder in which each night has one.
    at_most : int, optional
        Only so many.

    Raises
    ------
    StoreError
        If a run sheet cannot be read.
    """
    folders = sorted(_numbered(out), reverse=True)[:at_most]
    return [PastNight(out / name, _sheet(out / name / SHEET)) for _, _, name in folders]


def publish(out: Path, work: Path, as_of: date, files: Mapping[str, bytes]) -> Path:
    """Write the folder of a night in one step that is seen.

    Everything is written and synchronised in a folder beside, which then takes its name: killed before, there is no
    night of that name, and the next one clears away what lies there.

    Parameters
    ----------
    out : pathlib.Path
        The folder in which each night has one.
    work : pathlib.Path
        Where folders are made, on the same disk.
    as_of : datetime.date
        The last booking date that was looked at.
    files : mapping of str to bytes
        Contents by file name.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    taken = [number for day, number, _ in _numbered(out) if day == as_of.isoformat()]
    name = as_of.isoformat() + (f".{max(taken) + 1}" if taken else "")
    making = work / (_MAKING + name)
    try:
        making.mkdir(mode=0o700)
        for file_name, content in files.items():
            with (making / file_name).open("wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
        making.rename(out / name)
        _synchronise(out)
    except OSError as error:
        raise StoreError(
            f"the folder of the night cannot be written: {error.strerror or type(error).__name__}",
            where=str(out),
            try_="make room on the disk or see who owns the folder, and run it again: it goes on where it stopped",
        ) from error
    return out / name


def clear(work: Path) -> None:
    """Remove what a night that died left half made."""
    for half in work.glob(_MAKING + "*"):
        shutil.rmtree(half, ignore_errors=True)


def _synchronise(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _numbered(out: Path) -> list[tuple[str, int, str]]:
    if not out.is_dir():
        return []
    found = ((_NAME.fullmatch(path.name), path) for path in out.iterdir())
    return [(match[1], int(match[2] or 1), path.name) for match, path in found if match and (path / SHEET).is_file()]


def _sheet(path: Path) -> dict[str, Any]:
    try:
        sheet: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(
            "the run sheet of a past night cannot be read", where=str(path), try_="bring it back from a backup"
        ) from error
    return sheet
