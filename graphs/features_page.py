"""The page on every feature, made from what the code declares: `python -m graphs.features_page docs/features.md`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Final

from graphs.feature_columns import COLUMNS, Column, Family, motif_columns

HEAD: Final = """# What is measured of an account

One row of numbers for each of the bank's own accounts, as of a day (`graphs.features.account_features`). Nothing booked
after that day counts: a test deletes it and asks for the same bytes. Nothing about the holder is measured; who is
compared with whom says `detectors/peers.py`, never by nationality or sex. What cannot be computed for an account is
missing (NaN), not zero.

A *short tie* is one whose payments all lie within two weeks. *Restricted*: measured and shown, never fitted, since the
indicator catalogue forbids that it makes a score by itself. *Powers of ten*: 3 is one chance in a thousand. *Amounts*
are multiples of the usual payment in the account's main currency. Indicators in brackets are in
[the list](detectors/README.md). Written by `python -m graphs.features_page docs/features.md`.
"""

MOTIFS: Final = """
Three for each motif of [the list](detectors/README.md), whether the settings enable it or not: M is its title and
`<motif>` its id. They count what a search of the same payments found, so they are as causal as it is: a test deletes
the future, searches again and asks for the same bytes. An account that lies in no such pattern has zero; where a motif
was not run to the end, and for accounts that serve the public, through which patterns do not run, they are missing. A
motif that asks nothing of times has no surprise; that of the weakest findings is not measured beyond the first 1,000.
The ensemble is not fitted on them unless the settings say so: with them it was far worse ([why](outliers.md)).
"""
"""What is said of the columns of patterns, which are as many as there are motifs."""


def features_page() -> str:
    """Write the page."""
    parts = [HEAD]
    every = sorted((*COLUMNS, *motif_columns([Family("<motif>", "M")])), key=lambda column: column.theme)
    for theme, columns in groupby(every, key=lambda column: column.theme):
        parts.append(f"\n## {theme}\n{MOTIFS if theme == 'motifs' else ''}\n")
        parts.append("| feature | unit | why | in a sentence |\n|---|---|---|---|\n")
        parts += map(_row, columns)
    return "".join(parts)


def _row(column: Column) -> str:
    why = column.why + (" Restricted." if column.restricted else "")
    says = column.says.format(measured="N", **dict(column.values))
    return f"| `{column.name}` | {column.unit} | {why} | {says} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(features_page(), encoding="utf-8")
