"""The page on every feature, made from what the code declares: `python -m graphs.features_page docs/features.md`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Final

from graphs.feature_columns import COLUMNS

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


def features_page() -> str:
    """Write the page."""
    parts = [HEAD]
    for theme, columns in groupby(sorted(COLUMNS, key=lambda column: column.theme), key=lambda column: column.theme):
        parts.append(f"\n## {theme}\n\n| feature | unit | why | in a sentence |\n|---|---|---|---|\n")
        for column in columns:
            why = column.why + (" Restricted." if column.restricted else "")
            says = column.says.replace("{measured}", "N")
            parts.append(f"| `{column.name}` | {column.unit} | {why} | {says} |\n")
    return "".join(parts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(features_page(), encoding="utf-8")
