"""CSV for the bulk import of Neo4j: nodes, payments as relationships, and the command that takes them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reports.cells import csv_bytes
from reports.extract import NODE_COLUMNS, Extract, Kind
from reports.report import BANNER

_TYPES: Final[Mapping[Kind, str]] = {
    "text": "",
    "whole": ":long",
    "yes-no": ":boolean",
    "day": ":date",
    "moment": ":datetime",
}
_ENDS: Final = {"payer": ":START_ID", "payee": ":END_ID"}

GUIDE: Final = f"""# Into Neo4j

{BANNER}

    neo4j-admin database import full --nodes=neo4j_nodes.csv --relationships=neo4j_payments.csv \\
        --multiline-fields=true DATABASE

The database must not exist yet. Each payment is a relationship of its own, `PAID`, with the property `payment_id`; two
payments between the same accounts stay two. `amount_minor` is a whole number of the currency's smallest unit and the
one to add up, within one `currency`; `amount` is the same as text.

A text that a spreadsheet would run as a formula bears an apostrophe in front, also in the ids, in both files alike. To
have the bank's own ids back:

    MATCH (n) WHERE n.node STARTS WITH "'" SET n.node = substring(n.node, 1)

and the same for other texts. Then: `CREATE CONSTRAINT FOR (n:Node) REQUIRE n.node IS UNIQUE`.
"""


class Neo4j:
    """Write `neo4j_nodes.csv`, `neo4j_payments.csv` and `neo4j_import.md`."""

    def files(self, extract: Extract) -> dict[str, bytes]:
        """Give the files; the same extract gives the same bytes."""
        own = [name for name in NODE_COLUMNS if name != "node"]
        nodes = csv_bytes(
            ["node:ID", ":LABEL", *(name + _TYPES[NODE_COLUMNS[name]] for name in own)],
            ([node["node"], _label(str(node["node_class"])), *(node[name] for name in own)] for node in extract.nodes),
        )
        header = [_ENDS.get(name, name + _TYPES[kind]) for name, kind in extract.columns.items()]
        payments = csv_bytes(
            [*header, ":TYPE"],
            ([*(row[name] for name in extract.columns), "PAID"] for row in extract.rows),
        )
        return {"neo4j_nodes.csv": nodes, "neo4j_payments.csv": payments, "neo4j_import.md": GUIDE.encode()}


def _label(node_class: str) -> str:
    return f"Node;{node_class.capitalize()}"
