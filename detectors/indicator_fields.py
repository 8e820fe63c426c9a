"""The published indicators of the catalogue, and the tiers of data that each needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

TIERS: Final = {
    "D1": "payments with date, amount, currency, both sides and channel",
    "D2": "time of day",
    "D3": "merchant and place",
    "D4": "attributes of customers",
    "D5": "identifiers that link customers",
    "D6": "purpose or free text",
    "D7": "both sides of a payment in the same bank",
}
"""The tiers of data, in the order of the catalogue."""


@dataclass(frozen=True)
class IndicatorFields:
    """What one indicator needs.

    Parameters
    ----------
    id : str
        As in the catalogue, e.g. ``SEX-01``.
    name : str
        What it looks for.
    tiers : tuple of str
        Keys of `TIERS`.
    """

    id: str
    name: str
    tiers: tuple[str, ...]


@cache
def every_indicator() -> tuple[IndicatorFields, ...]:
    """List the indicators of the catalogue in its order."""
    text = files("detectors").joinpath("indicator_fields.json").read_text(encoding="utf-8")
    return tuple(IndicatorFields(one["id"], one["name"], tuple(one["tiers"])) for one in json.loads(text))
