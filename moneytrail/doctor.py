"""Whether the six packages are ours, whole and together (decision 0001)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

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
