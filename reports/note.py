"""What a run left out, cut or could not do, said where a reader sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rejected", "capped", "skipped", "excluded", "failed", "missing"]

KINDS: dict[Kind, str] = {
    "rejected": "Rows not taken in",
    "capped": "Cut to a limit",
    "skipped": "Not done",
    "excluded": "Set aside on purpose",
    "failed": "Failed",
    "missing": "Not in the data",
}
"""Kinds of notes in the order they are printed."""


@dataclass(frozen=True, order=True)
class Note:
    """One thing a reader would otherwise have to guess.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    sentence : str
        What happened and why, in plain words; no account, name or amount.
    count : int
        How many rows, findings, accounts or questions it touched.
    """

    kind: Kind
    sentence: str
    count: int
