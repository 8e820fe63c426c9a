"""A past run made again from its run sheet, and held against what it gave.

The sheet says which version of which ledger was looked at, up to which day and with which settings; the same program
gives the same bytes. Lists, exemptions, reporting levels and a kept reference of an institution are in a sheet as a
hash only: for a run that had any, the settings file of that day is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from flows.errors import SettingsError
from flows.language import ENGLISH, speaking
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.progress import Progress
from moneytrail.run_sheet import versions
from moneytrail.scan import Scan, look
from moneytrail.settings import Settings, resolve

HIDDEN: Final = ("lists", "exemptions", "reference", "ranker")
"""Parts of the settings of which a run sheet has a hash only."""

DECIDED: Final = (
    "ledger", "inputs", "seeds", "detectors", "typologies", "hubs", "left_out", "exempted", "failed", "drift", "ranker",
)  # fmt: skip
"""Parts of a run sheet that a run made again must have the same."""


@dataclass(frozen=True)
class Again:
    """A run that was made again.

    Parameters
    ----------
    scan : Scan
        What it gave now.
    versions : tuple of str
        Packages whose version is not the one of then, in words; with any, other bytes are no surprise.
    """

    scan: Scan
    versions: tuple[str, ...]

    def otherwise(self, sheet: Mapping[str, Any]) -> Iterator[str]:
        """Name the parts of a run sheet that came out otherwise."""
        now = self.scan.sheet.reproducible()
        yield from (
            f"{name.replace('_', ' ')} of the run sheet" for name in DECIDED if now.get(name) != sheet.get(name)
        )

    def explained(self) -> str:
        """Say which versions differ, to be put after what came out otherwise; empty where none does."""
        return f" (other versions than then: {', '.join(self.versions)})" if self.versions else ""


def again(
    ledger: Ledger, sheet: Mapping[str, Any], given: Settings | None = None, progress: Progress | None = None
) -> Again:
    """Make a run again.

    Parameters
    ----------
    ledger : Ledger
        Any version of the ledger that was looked at.
    sheet : mapping
        The run sheet, `run.json`.
    given : Settings, optional
        Settings at hand, taken if they are those of the run and its sheet does not hold all.
    progress : Progress, optional
        Where to show how far it is.

    Raises
    ------
    SettingsError
        If the sheet does not hold all settings, and those at hand are others.
    StoreError
        If the ledger has no such version.
    """
    settings = settings_of(sheet, given)
    carrier = Shelf("flows.engines").load("local")(max_payments=settings.scan.payments_a_window)
    with speaking(sheet.get("language", ENGLISH)):
        scan = look(
            ledger.at_version(sheet["ledger"]["version"]),
            as_of=date.fromisoformat(sheet["ledger"]["as_of"]),
            settings=settings,
            carrier=carrier,
            # Every engine gives the same; the page of a scan names the one that carried it then.
            engine=sheet["engine"],
            progress=progress,
        )
    return Again(scan, tuple(_other_versions(sheet["versions"], versions())))


def settings_of(sheet: Mapping[str, Any], given: Settings | None = None) -> Settings:
    """Give the settings of a run: those that its sheet holds if they are all, else those at hand if they are the same.

    Raises
    ------
    SettingsError
        If the sheet does not hold all of them.
    """
    told = {name: section for name, section in sheet["settings"].items() if name not in HIDDEN}
    # Reporting levels, a kept reference and a ranker lie where the run was made; what is in them is in no sheet.
    elsewhere = ("thresholds", "reference", "ranker")
    told["scan"] = {name: value for name, value in told["scan"].items() if name not in elsewhere}
    try:
        rebuilt = resolve(told, "run sheet", Path())
    except SettingsError as error:
        raise SettingsError(
            f"this run was made by another version of the program ({error.what})",
            where="run.json",
            try_=f"make it again with moneytrail {_program(sheet)}, as its run sheet says",
        ) from error
    for settings in (rebuilt, given):
        if settings is not None and settings.hash == sheet["settings_hash"]:
            return settings
    raise SettingsError(
        "the settings of this run cannot be had from its sheet: it had lists, exemptions, reporting levels, "
        "a reference or a ranker, or was made by another version of the program",
        where="run.json",
        try_=f"name the settings file of that day with --settings, or use moneytrail {_program(sheet)}",
    )


def _program(sheet: Mapping[str, Any]) -> str:
    """Give the version of the program that made a run."""
    return str(sheet["versions"]["moneytrail"])


def _other_versions(then: Mapping[str, str], now: Mapping[str, str]) -> Iterable[str]:
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            yield f"{name} {then.get(name, 'none')}, now {now.get(name, 'none')}"
