"""Which published indicators could be computed from which data: the tiers of data that each needs."""

from __future__ import annotations

import json
from collections.abc import Collection
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


def not_computable(tiers: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Say which indicators lack data, and which tiers they lack.

    Parameters
    ----------
    tiers : collection of str
        The tiers there are.

    Examples
    --------
    >>> not_computable({"D1", "D2", "D3", "D4", "D5", "D6"})["FUN-07"]
    ('D7',)
    """
    lacking = {one.id: tuple(tier for tier in one.tiers if tier not in tiers) for one in every_indicator()}
    return {indicator: missing for indicator, missing in lacking.items() if missing}
