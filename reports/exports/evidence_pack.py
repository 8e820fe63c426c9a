"""The evidence pack: one workbook and the same tables as CSV, for people who check figures one by one."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from flows.errors import InputError
from reports.cells import EXACT_IN_A_SPREADSHEET, cell, csv_bytes
from reports.extract import ENDPOINT_COLUMNS, NODE_COLUMNS, Extract, Value
from reports.report import BANNER, PROMISE

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading; a limit of the format."""

MOST_CHARACTERS: Final = 32_767
"""Characters of a cell; a limit of the format."""

_CUT: Final = " … (cut; the CSV of this sheet has all)"
_NEVER: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp in place of the clock; the format has no zone
_WIDEST: Final = 60


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
        return {"evidence_pack.xlsx": _workbook(extract.title, sheets), **made}


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


def _workbook(title: str, sheets: dict[str, tuple[Sequence[str], list[list[Value]]]]) -> bytes:
    written = io.BytesIO()
    asked = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(written, asked)
    book.set_properties({"title": title, "created": _NEVER})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for name, (header, rows) in sheets.items():
        sheet = book.add_worksheet(name.capitalize())
        for column, heading in enumerate(header):
            sheet.write_string(0, column, heading, bold)
            texts = [heading, *(cell(row[column]) for row in rows[:200])]
            sheet.set_column(
                column, column, min(_WIDEST, 2 + max(map(len, texts))), wrapped if name == "about" else None
            )
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT_IN_A_SPREADSHEET:
                    sheet.write_number(number, column, value)
                elif value is not None:
                    text = cell(value)
                    if len(text) > MOST_CHARACTERS:
                        text = text[: MOST_CHARACTERS - len(_CUT)] + _CUT
                    sheet.write_string(number, column, text)
        sheet.freeze_panes(1, 0)
        if rows and name != "about":
            sheet.autofilter(0, 0, len(rows), len(header) - 1)
        sheet.set_header("&L" + "Restricted" + "&RPage &P of &N")
        sheet.repeat_rows(0)
    book.close()
    return written.getvalue()
