"""A workbook of plain tables: no formula, no link, the same bytes for the same cells."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from reports.cells import EXACT_IN_A_SPREADSHEET, cell

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading; a limit of the format."""

MOST_CHARACTERS: Final = 32_767
"""Characters of a cell; a limit of the format."""

_CUT: Final = " … (cut; the CSV of this sheet has all)"
_NEVER: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp in place of the clock; the format has no zone
_WIDEST: Final = 60

Value = str | int | bool | None
Sheets = Mapping[str, tuple[Sequence[str], Sequence[Sequence[Value]]]]
"""Heading and rows of each sheet by its name, in small letters; ``about`` is set in wrapped lines."""


def workbook(title: str, sheets: Sheets) -> bytes:
    """Write tables as an XLSX workbook.

    Parameters
    ----------
    title : str
        Of the file.
    sheets : mapping
        At most `MOST_ROWS` rows each; numbers beyond what a spreadsheet keeps exactly become text.
    """
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
