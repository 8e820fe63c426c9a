"""Cells of tables that leave the house: what a spreadsheet would run as a formula stays text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

# A spreadsheet takes a cell that begins so for a formula, also after it was saved and opened again as CSV (OWASP, "CSV
# Injection"): the ASCII signs, tab and line ends, and the full-width twins of the signs that some of them fold. The
# apostrophe is among them so that taking the first one off again is exact.
_RISKY = re.compile("[=+\\-@\t\r\n'\uff1d\uff0b\uff0d\uff20]")

# Characters that XML 1.0 cannot hold (its section 2.2), not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

EXACT_IN_A_SPREADSHEET = 2**53
"""Whole numbers beyond this are rounded by spreadsheets, which keep every number as a float."""


def neutral(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run.

    `restored` takes it off again; numbers that are written as numbers need none.

    Examples
    --------
    >>> neutral("=HYPERLINK(1)"), neutral("-12 Acacia Road"), neutral("40.00"), neutral("'t Hof")
    ("'=HYPERLINK(1)", "'-12 Acacia Road", '40.00', "''t Hof")
    """
    return f"'{text}" if _RISKY.match(text) else text


def restored(cell: str) -> str:
    """Give the text that `neutral` was given.

    Examples
    --------
    >>> restored("'=1+1"), restored("''t Hof"), restored("40.00")
    ('=1+1', "'t Hof", '40.00')
    """
    return cell.removeprefix("'")


def cell(value: str | int | bool | None) -> str:
    """Write a value as a cell: text neutral, truth as ``true`` and ``false``, nothing as an empty cell.

    Examples
    --------
    >>> [cell(value) for value in ("+49 30", -500, True, None)]
    ["'+49 30", '-500', 'true', '']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutral(value) if isinstance(value, str) else str(value)


def csv_bytes(header: Iterable[str], rows: Iterable[Iterable[str | int | bool | None]]) -> bytes:
    r"""Write a table as CSV (RFC 4180): UTF-8, commas, quotes where needed, every cell neutral.

    The header is written as it is: it is ours, and formats need it to the letter.

    Examples
    --------
    >>> csv_bytes(["id", "text"], [["p1", "=1+1"], ["p2", 'say "x", twice']])
    b'id,text\r\np1,\'=1+1\r\np2,"say ""x"", twice"\r\n'
    """
    text = io.StringIO(newline="")
    # Only characters of the line end are quoted, and a lone \r inside a cell must be.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def for_xml(text: str) -> str:
    r"""Show by their code the characters that XML cannot hold.

    Examples
    --------
    >>> for_xml("a\x01b"), for_xml("é & <x>")
    ('a⟨U+0001⟩b', 'é & <x>')
    """
    return _NOT_XML.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
