"""CSV for i2 Analyst's Notebook: entities, links, and a guide that says which column is which property."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Final

from reports.cells import csv_bytes
from reports.extract import NODE_COLUMNS, Extract, Value
from reports.report import BANNER

Row = Mapping[str, Value]

ENTITIES: Final[Mapping[str, tuple[str, Callable[[Row], Value]]]] = {
    "Identity": ("Identity", itemgetter("node")),
    "Label": ("Label", itemgetter("node")),
    "Type": ("Type (icon)", itemgetter("what")),
    **{name: (f"Attribute {name}", itemgetter(name)) for name in NODE_COLUMNS if name != "node"},
}
"""Column of the entities -> where it goes, and what is in it."""

LINKS: Final[Mapping[str, tuple[str, Callable[[Row], Value]]]] = {
    "Identity": ("Link identity", itemgetter("payment_id")),
    "From": ("Identity of end 1", itemgetter("payer")),
    "To": ("Identity of end 2", itemgetter("payee")),
    "Type": ("Type", lambda row: "Payment"),
    "Label": ("Label", lambda row: f"{row['amount']} {row['currency']}"),
    "Date": ("Date, format yyyy-MM-dd", lambda row: str(row["at"])[:10]),
    "Time": (
        "Time, format HH:mm:ss, UTC; empty where only the day is known",
        lambda row: None if row["ts_quality"] == "date_only" else str(row["at"])[11:19],
    ),
}
"""Column of the links -> where it goes, and what is in it; what else is known of the payment follows as attributes."""

_TAKEN: Final = ("payment_id", "payer", "payee")


class I2:
    """Write `i2_entities.csv`, `i2_links.csv` and `i2_columns.md`."""

    def files(self, extract: Extract) -> dict[str, bytes]:
        """Give the files; the same extract gives the same bytes."""
        entities = csv_bytes(ENTITIES, ([give(node) for _, give in ENTITIES.values()] for node in extract.nodes))
        others = [name for name in extract.columns if name not in _TAKEN]
        links = csv_bytes(
            [*LINKS, *others],
            ([*(give(row) for _, give in LINKS.values()), *(row[name] for name in others)] for row in extract.rows),
        )
        return {"i2_entities.csv": entities, "i2_links.csv": links, "i2_columns.md": _guide(extract).encode()}


def _guide(extract: Extract) -> str:
    lines = [
        "# Which column is which, for an import specification",
        "",
        BANNER,
        "",
        f"{extract.title} {len(extract.nodes):,} entities, {len(extract.rows):,} links.",
        "",
        "Both files are UTF-8, separated by commas, quoted with double quotes, with a header line. Import the entities",
        "first, then the links; ends of links match entities by identity. Set the multiplicity of connections to",
        "**multiple** and let the link identity decide whether two links are the same: otherwise payments between the",
        "same accounts are drawn as one. Set the direction of every link to: from end 1 to end 2.",
        "",
        "Do not let the wizard guess that an identity is a number: leading zeros are part of it. A text that a",
        "spreadsheet would run as a formula bears an apostrophe in front, in both files alike; in the wizard, remove",
        "the prefix ' from text columns if you need the bank's own spelling.",
        "",
    ]
    for name, columns in (("i2_entities.csv", ENTITIES), ("i2_links.csv", LINKS)):
        lines += [f"## {name}", "", "| column | goes to |", "|---|---|"]
        lines += [f"| {column} | {where} |" for column, (where, _) in columns.items()]
        if columns is LINKS:
            lines += [
                f"| {column} | Attribute {column} ({_WORDS[kind]}) |"
                for column, kind in extract.columns.items()
                if column not in _TAKEN
            ]
        lines.append("")
    lines += [
        "`amount_minor` is a whole number of the currency's smallest unit, and the column to add up, within one",
        "currency; `amount` is the same as decimal text.",
        "",
    ]
    return "\n".join(lines)


_WORDS: Final = {"text": "text", "whole": "number", "yes-no": "flag", "day": "date", "moment": "text, ISO 8601, UTC"}
