"""IBM AMLworld: the transaction files, and the pattern files with the planted attempts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from flows.delimited import Chunk, read_delimited, refuse_no_text, rejected_lines
from flows.errors import InputError
from flows.expressions import translated
from flows.reading import RawBatch, Sample, Table
from flows.translation import content_and_line, expecting, found, rounded, translate, without_rejects

# The header calls the fifth column "Account" too.
_COLUMNS = (
    "Timestamp",
    "From Bank",
    "Account",
    "To Bank",
    "To Account",
    "Amount Received",
    "Receiving Currency",
    "Amount Paid",
    "Payment Currency",
    "Payment Format",
    "Is Laundering",
)

_CURRENCIES = {
    "US Dollar": "USD",
    "Euro": "EUR",
    "UK Pound": "GBP",
    "Swiss Franc": "CHF",
    "Canadian Dollar": "CAD",
    "Australian Dollar": "AUD",
    "Mexican Peso": "MXN",
    "Brazil Real": "BRL",
    "Saudi Riyal": "SAR",
    "Shekel": "ILS",
    "Ruble": "RUB",
    "Rupee": "INR",
    "Yen": "JPY",
    "Yuan": "CNY",
    "Bitcoin": "XBT",
}

_CHANNELS = {
    "ACH": "sct",
    "Wire": "wire",
    "Cheque": "cheque",
    "Credit Card": "card_pos",
    "Cash": "cash_branch",
    "Bitcoin": "crypto",
    "Reinvestment": "internal",
}

_BEGIN = re.compile(r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)")
_END = "END LAUNDERING ATTEMPT"
_LINE_BYTES = 1 << 16
_PATTERN_LINES = 50_000  # lines of a pattern file handed on at a time


class Amlworld:
    """Read ``*_Trans.csv`` and ``*_Patterns.txt``.

    An account is its bank and number, as numbers repeat between banks. The amount is the one paid; where the payee
    received another currency or sum, that is kept beside it. Amounts are simulated, and rounded where the currency has
    fewer decimals. Ids are content and line. Labels come from both files; only patterns name case and typology.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        if sample.head.lstrip().startswith(b"BEGIN LAUNDERING ATTEMPT"):
            return 1.0
        return found(Sample(sample.path, sample.head, tuple(_told_apart(list(sample.columns)))), _COLUMNS)

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file holds."""
        return "payments"

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size."""
        payments = _payments(path)
        if _is_patterns(path):
            labels = {**_LABELS, "typology": "typology", "case_id": "case_id"}
            for chunk in _pattern_chunks(path):
                yield translate(chunk, "payments", payments)
                yield without_rejects(translate(chunk, "labels", labels, distinct=True))
            return
        labels = {**_LABELS, "typology": "'laundering'"}
        chunks = read_delimited(path, rename=_told_apart)
        for chunk in expecting(_COLUMNS, chunks, path, "amlworld"):
            yield translate(chunk, "payments", payments)
            planted = translate(chunk, "labels", labels, where="\"Is Laundering\" = '1'", distinct=True)
            yield without_rejects(planted)


_LABELS = {
    "subject": """unnest(["From Bank" || '-' || Account, "To Bank" || '-' || "To Account"])""",
    "outcome": "'planted'",
}


def _payments(path: Path) -> dict[str, str]:
    paid, received = translated('"Payment Currency"', _CURRENCIES), translated('"Receiving Currency"', _CURRENCIES)
    paid_amount, received_amount = rounded('"Amount Paid"', paid), rounded('"Amount Received"', received)
    exchanged = '"Payment Currency" <> "Receiving Currency" or "Amount Paid" <> "Amount Received"'
    return {
        "payment_id": content_and_line(path),
        "payer": "\"From Bank\" || '-' || Account",
        "payee": '"To Bank" || \'-\' || "To Account"',
        "amount": paid_amount,
        "currency": paid,
        "booked_on": "replace(left(Timestamp, 10), '/', '-')",
        "sent_at": "replace(Timestamp, '/', '-')",
        "channel": translated('"Payment Format"', _CHANNELS),
        "received_amount": f"case when {exchanged} then {received_amount} end",
        "received_currency": f"case when {exchanged} then {received} end",
    }


def _told_apart(names: list[str]) -> list[str]:
    """Name the payee's account, which the header calls as the payer's (and pandas ``Account.1``)."""
    if len(names) > 4 and names[2] == "Account" and names[4] in ("Account", "Account.1"):
        return [*names[:4], "To Account", *names[5:]]
    return names


def _is_patterns(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return False  # said where the file is read
    return head.lstrip().startswith(b"BEGIN LAUNDERING ATTEMPT")


def _pattern_chunks(path: Path) -> Iterator[Chunk]:
    """Split a pattern file: blocks of payments between BEGIN and END lines, numbered as attempts."""
    rows: list[list[str | int]] = []
    bad: list[tuple[int, str, str]] = []
    attempt, typology = 0, ""
    try:
        with path.open("rb") as file:
            refuse_no_text(file.peek(65_536)[:65_536], path)
            for number, line in enumerate(iter(lambda: file.readline(_LINE_BYTES), b""), 1):
                text = line.decode("utf-8", errors="replace").strip()
                begun = _BEGIN.match(text)
                if begun:
                    attempt += 1
                    typology = begun[1].lower().replace("-", "_")
                elif text.startswith(_END):
                    typology = ""
                elif text:
                    columns = text.split(",")
                    if typology and len(columns) == len(_COLUMNS):
                        rows.append([*columns, typology, f"attempt-{attempt}", number])
                    else:
                        bad.append((number, "split", text))
                if len(rows) >= _PATTERN_LINES:
                    yield _pattern_chunk(rows, bad, path)
                    rows, bad = [], []
    except OSError as error:
        raise InputError("the file cannot be read", where=path.name, try_="check the path") from error
    yield _pattern_chunk(rows, bad, path)


def _pattern_chunk(rows: list[list[str | int]], bad: list[tuple[int, str, str]], path: Path) -> Chunk:
    names = (*_COLUMNS, "typology", "case_id")
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in (*names, "line")]
    arrays = [pa.array(column, pa.string()) for column in columns[:-1]]
    table = pa.table([*arrays, pa.array(columns[-1], pa.int64())], names=[*names, "line"])
    return Chunk(table, rejected_lines(path.name, bad))
