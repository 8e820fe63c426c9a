"""One run as the store knows it: named by what it was made from, so that the same run has the same name everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Run:
    """A run that is to be recorded.

    Parameters
    ----------
    ledger_version : int
        The version that was looked at.
    settings_hash : str
        `moneytrail.settings.Settings.hash`.
    as_of : datetime.date
        The last booking date looked at.
    program : str
        Hash of the versions of the program, its detectors and the packages that can change a result.
    sheet : mapping
        The run sheet without what was measured of the machine (`RunSheet.reproducible`).
    outputs : mapping of str to str
        SHA-256 of files that the run wrote, by name; `moneytrail verify` makes them again and compares.
    """

    ledger_version: int
    settings_hash: str
    as_of: date
    program: str
    sheet: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sheet: Mapping[str, Any], outputs: Mapping[str, str] | None = None) -> Run:
        """Make it from a run sheet, as `ScanFacts.run` holds it or `run.json` (what was measured is left out)."""
        kept = {name: value for name, value in sheet.items() if name != "measured"}
        program = {name: kept.get(name, {}) for name in ("versions", "detectors", "typologies")}
        return cls(
            ledger_version=kept["ledger"]["version"],
            settings_hash=kept["settings_hash"],
            as_of=date.fromisoformat(kept["ledger"]["as_of"]),
            program=digest(program),
            sheet=kept,
            outputs=dict(outputs or {}),
        )

    @cached_property
    def key(self) -> str:
        """Name made from ledger version, settings, day and program: equal runs, equal name."""
        return "R-" + digest([self.ledger_version, self.settings_hash, self.as_of.isoformat(), self.program])[:12]


def canonical(value: Any) -> str:
    """Write plain values as the one JSON text that hashes are made of."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any) -> str:
    """Give the SHA-256 of plain values, hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
