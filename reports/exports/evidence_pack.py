"""The evidence pack: one workbook and the same tables as CSV, for people who check figures one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flows.errors import InputError
from reports.cells import csv_bytes
from reports.extract import ENDPOINT_COLUMNS, NODE_COLUMNS, Extract, Value
from reports.report import BANNER, PROMISE
from reports.workbook import MOST_ROWS, workbook


class EvidencePack:
    """Write `evidence_pack.xlsx`, and each of its sheets as CSV: about, payments, nodes, and endpoints of traces.

    Every payment bears the hash of the file it came from and its line there. Amounts are decimal text, and beside them
    whole numbers of the minor unit, which a spreadsheet adds up exactly; what it could not keep exactly is text.
    """

    def files(self, extract: Extract) -> dict[str, bytes]:
        """Give the files; the same extract gives the same bytes."""
        sheets: dict[str, tuple[Sequence[str], list[list[Value]]]] = {
            "about": (("what", "value"), [[what, value] for what, value in _about(extract)]),
            "payments": (tuple(extract.columns), [[row[name] for name in extract.columns] for row in extract.rows]),
            "nodes": (tuple(NODE_COLUMNS), [[node[name] for name in NODE_COLUMNS] for node in extract.nodes]),
        }
        if extract.endpoints:
            sheets["endpoints"] = (
                ENDPOINT_COLUMNS,
                [[end[name] for name in ENDPOINT_COLUMNS] for end in extract.endpoints],
            )
        longest = max(len(rows) for _, rows in sheets.values())
        if longest > MOST_ROWS:
            raise InputError(
                f"{longest:,} rows do not fit into a sheet of a workbook, which holds {MOST_ROWS:,}",
                where="evidence-pack",
                try_="export fewer payments (filter the case), or choose neo4j or graphml",
            )
        made = {f"evidence_{name}.csv": csv_bytes(header, rows) for name, (header, rows) in sheets.items()}
        return {"evidence_pack.xlsx": workbook(extract.title, sheets), **made}


def _about(extract: Extract) -> Iterable[tuple[str, Value]]:
    yield "Restricted", BANNER
    yield "What this is", extract.title
    yield "What this is not", PROMISE
    yield "Payments", len(extract.rows)
    yield "Nodes", len(extract.nodes)
    yield from extract.facts
    for carried in extract.carried:
        yield (
            f"Column {carried.column}",
            (
                f"Minor units of the followed money that each payment carried; {carried.convention}. Never add these "
                "up: the same money is in every payment it passed."
            ),
        )
