"""Findings and notes as text, to be kept and read back exactly as they were.

JSON and no pickle: a file that lies about should be able to lie, never to run.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from detectors.finding import Finding, Reason
from detectors.notes import Note

KINDS: Final[dict[str, type[Any]]] = {kind.__name__: kind for kind in (Finding, Reason, Note)}
"""What can be kept beside plain values, tuples and spans of time."""


def written(*values: Sequence[Any]) -> str | None:
    """Write sequences of findings, notes or plain values; None where one holds something that could not be read back.

    Examples
    --------
    >>> read(written([Note("capped", "{count} cut", "{count} cut", 2)], []))[0][0].count
    2
    >>> written([{1, 2}]) is None
    True
    """
    try:
        return json.dumps([[_plain(value) for value in some] for some in values], ensure_ascii=False)
    except TypeError:
        return None


def read(text: str) -> list[list[Any]]:
    """Give back what was written."""
    return [[_made(value) for value in some] for some in json.loads(text)]


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, tuple):
        return {"tuple": [_plain(part) for part in value]}
    if isinstance(value, timedelta):
        return {"microseconds": value // timedelta(microseconds=1)}
    if type(value).__name__ in KINDS and dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {type(value).__name__: {name: _plain(getattr(value, name)) for name in names}}
    # A numpy integer is refused as well: sentences write it differently from a whole number of Python's.
    raise TypeError


def _made(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tuple":
        return tuple(_made(part) for part in content)
    if kind == "microseconds":
        return timedelta(microseconds=content)
    return KINDS[kind](**{name: _made(part) for name, part in content.items()})
