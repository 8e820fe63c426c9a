"""A first `mapping.toml` for an unknown CSV, for a person to confirm.

It looks at the beginning of the file and says what it saw. Where that can be read in two ways (is 03/04 in March or
in April?), the proposal says so instead of choosing quietly.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.delimited import refuse_no_text
from flows.errors import InputError
from flows.plural import told
from flows.sniffing import HEAD_BYTES

_DELIMITERS = (",", ";", "\t", "|")
_NULLS = ("(null)", "null", "NULL", "NaN", "nan", "N/A", "n/a", "#N/A", "None", "-")

# Words by which files in a few languages call what the contract calls otherwise; the first that fits a header is taken,
# whole names before parts of names.
_NAMES: dict[str, tuple[str, ...]] = {
    "payment_id": ("payment id", "transaction id", "txn id", "trans id", "reference", "referenz", "uetr", "id", "ref"),
    "booked_on": (
        *("booking date", "booked on", "posting date", "value date", "transaction date", "buchungstag", "datum"),
        *("buchungsdatum", "date operation", "date d'operation", "fecha", "data", "date", "timestamp"),
    ),
    "time": ("time", "zeit", "uhrzeit", "heure", "hora", "ora"),
    "debit": ("debit", "soll", "lastschrift", "cargo", "paid out", "money out", "withdrawal", "dare", "af"),
    "credit": ("credit", "haben", "gutschrift", "abono", "paid in", "money in", "deposit", "avere", "bij"),
    "amount": ("amount", "betrag", "umsatz", "montant", "importe", "importo", "bedrag", "castka", "sum", "value"),
    "currency": ("currency", "ccy", "wahrung", "waehrung", "devise", "moneda", "divisa", "valuta", "mena"),
    "flag": ("d/c", "dc", "cr/dr", "dr/cr", "debit/credit", "soll/haben", "sens", "sign", "indicator"),
    "payer": ("payer", "sender", "from", "from account", "originator", "debtor", "ordering account", "source"),
    "payee": ("payee", "receiver", "to", "to account", "beneficiary", "creditor", "destination", "target"),
    "other_account": (
        *("counterparty", "counterparty account", "partner", "gegenkonto", "empfanger", "auftraggeber", "contrepartie"),
        *("contraparte", "tegenrekening", "protiucet", "counterparty iban"),
    ),
    "own_account": (
        "account",
        "account number",
        "iban",
        "konto",
        "kontonummer",
        "compte",
        "cuenta",
        "conto",
        "rekening",
    ),
    "balance": ("balance", "saldo", "solde", "running balance", "zustatek"),
    "narrative": (
        *("narrative", "description", "details", "purpose", "verwendungszweck", "libelle", "concepto", "memo"),
        *("causale", "omschrijving", "text", "remittance information"),
    ),
    "channel": ("channel", "payment type", "type", "buchungstext", "method"),
    "mcc": ("mcc", "merchant category code"),
    "merchant_name": ("merchant", "merchant name"),
    "city": ("city", "stadt", "ville", "ciudad"),
}

_FLAGS = {"D": "C", "DR": "CR", "S": "H", "DEBIT": "CREDIT", "DBIT": "CRDT", "-": "+"}

_DATES: tuple[tuple[str, str], ...] = (
    (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    (r"\d{4}/\d{2}/\d{2}", "%Y/%m/%d"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
)
_TIMES = (
    (r"\d{1,2}:\d{2}:\d{2}\.\d+", "%H:%M:%S.%f"),
    (r"\d{1,2}:\d{2}:\d{2}", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
)

_DAMAGED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Proposal:
    """A mapping to be confirmed.

    Parameters
    ----------
    toml : str
        Text of a `mapping.toml`, with a comment wherever a person has to look.
    doubts : tuple of str
        What could be read in two ways, is missing or is damaged, in plain words.
    """

    toml: str
    doubts: tuple[str, ...]


def propose(path: Path) -> Proposal:
    """Propose a mapping for a CSV of unknown form.

    Parameters
    ----------
    path : pathlib.Path
        The file; its first 64 KiB are looked at.

    Raises
    ------
    InputError
        If the file cannot be read, is no text or has no columns.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise InputError(
            f"the file cannot be read: {error.strerror}", where=path.name, try_="check the path and its permissions"
        ) from error
    refuse_no_text(head, path)
    return _Look(path.name, head).proposal()


@dataclass
class _Look:
    """What one look at the beginning of a file shows."""

    name: str
    head: bytes
    doubts: list[str] = field(default_factory=list)

    def proposal(self) -> Proposal:
        """Look, and write it down."""
        text, encoding = self.decoded()
        delimiter, rows = self.split(text)
        skip, header = self.header(rows)
        body = [row for row in rows[skip + 1 :] if len(row) == len(header)]
        values = {name: [row[at].strip() for row in body] for at, name in enumerate(header)}
        nulls = sorted({value for column in values.values() for value in column if value in _NULLS})
        values = {name: [value for value in column if value and value not in nulls] for name, column in values.items()}
        named = _named(header, values)
        decimal, grouping = self.marks([values[named[key]] for key in ("amount", "debit", "credit") if key in named])
        sign = self.sign(named, values, decimal)
        dates, dated = self.dates(named, values)
        columns = self.columns(named, sign, dated)
        self.ids(values)
        lines = [
            f"# Proposed by `moneytrail check` from the beginning of {self.name}. Read every line and mend it;",
            "# then run `moneytrail ingest ... --mapping` with this file.",
            *(f"# LOOK: {doubt}" for doubt in self.doubts),
            "",
            "[file]",
            f"delimiter = {_toml(delimiter)}",
            f"encoding = {_toml(encoding)}",
            f"skip_lines = {skip}",
            *([f"nulls = [{', '.join(_toml(word) for word in nulls)}]"] if nulls else []),
            "",
            "[numbers]",
            f"decimal = {_toml(decimal)}",
            f"grouping = {_toml(grouping)}",
            "",
            "[dates]",
            *dates,
            "",
            "[columns]",
            *columns,
            "",
            "[constants]",
            "# the same for every row, unless a column and [words.channel] tell channels apart",
            'channel = "other"',
            *([] if "currency" in named else [f'currency = ""  # {_MISSING}: the ISO code, if all rows have one']),
            "",
            "[sign]",
            *sign,
        ]
        return Proposal("\n".join(lines) + "\n", tuple(self.doubts))

    def decoded(self) -> tuple[str, str]:
        """Tell the encoding by what can be decoded; the last line may be cut."""
        whole = self.head.removeprefix(b"\xef\xbb\xbf")
        whole = whole[: whole.rfind(b"\n") + 1] or whole
        try:
            return whole.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            self.doubts.append("the file is no UTF-8; Windows-1252 is a guess: look at letters with accents")
            return whole.decode("windows-1252", errors="replace"), "windows-1252"

    def split(self, text: str) -> tuple[str, list[list[str]]]:
        """Tell the delimiter: the one that gives most lines the same number of columns, and the most of them."""
        best: tuple[float, int, str, list[list[str]]] = (0.0, 0, ",", [])
        for delimiter in _DELIMITERS:
            try:
                rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
            except csv.Error as error:
                raise InputError(
                    "the file is not text that can be split into columns",
                    where=self.name,
                    try_="export it as CSV in UTF-8, with line feeds between the lines",
                ) from error
            if not rows:
                continue
            width, count = Counter(map(len, rows)).most_common(1)[0]
            if width > 1 and (count / len(rows), width) > best[:2]:
                best = (count / len(rows), width, delimiter, rows)
        if not best[3]:
            raise InputError(
                "no columns can be told apart", where=self.name, try_="export the file as CSV with a header"
            )
        return best[2], best[3]

    def header(self, rows: list[list[str]]) -> tuple[int, list[str]]:
        """Tell the header: the first line of full width; what stands before it is passed over."""
        width = Counter(map(len, rows)).most_common(1)[0][0]
        wide = (number for number, row in enumerate(rows) if len(row) == width and sum(map(bool, row)) > width / 2)
        at = next(wide, None)
        if at is None:
            raise InputError("no line names the columns", where=self.name, try_="export the file as CSV with a header")
        header = [name.strip() for name in rows[at]]
        if any(re.fullmatch(r"[-+]?[\d.,]+", name) for name in header):
            self.doubts.append("the first line looks like a payment, not like a header: add a line with names")
        if at:
            passed = "{count} line before the header is passed over", "{count} lines before the header are passed over"
            self.doubts.append(told(*passed, at))
        return at, header

    def marks(self, columns: Sequence[Sequence[str]]) -> tuple[str, str]:
        """Tell the decimal mark and the mark between thousands."""
        values = [value for column in columns for value in column]
        commas = sum(bool(re.search(r",\d{1,2}-?$", value)) for value in values)
        points = sum(bool(re.search(r"\.\d{1,2}-?$", value)) for value in values)
        decimal, other = (",", ".") if commas > points else (".", ",")
        if commas and points:
            self.doubts.append(f"amounts end both in ',99' ({commas}) and '.99' ({points})")
        if not commas and not points and any(re.search(r"[.,]\d{3}$", value) for value in values):
            self.doubts.append("amounts such as 1.234 or 1,234: thousands, or three decimals?")
        grouping = other if any(other in value for value in values) else ""
        for space in (" ", "\u00a0", "\u202f", "'"):
            if any(re.search(rf"\d{re.escape(space)}\d{{3}}", value) for value in values):
                grouping = space
        return decimal, grouping

    def sign(self, named: dict[str, str], values: dict[str, list[str]], decimal: str) -> list[str]:
        """Tell how debits and credits are written."""
        own = _toml(named.get("own_account", ""))
        sides = [
            f"own_account = {own}"
            + ("" if "own_account" in named else f"  # {_MISSING}: the account of the statement"),
            f"other_account = {_toml(named.get('other_account') or named.get('payee', ''))}",
            *([f"balance = {_toml(named['balance'])}"] if "balance" in named else []),
        ]
        if "debit" in named and "credit" in named:
            pair = [f"debit = {_toml(named['debit'])}", f"credit = {_toml(named['credit'])}"]
            return ['rule = "two_columns"', *pair, *sides]
        amount = [f"amount = {_toml(named['amount'])}"] if "amount" in named else [f'amount = ""  # {_MISSING}']
        flagged = _flags(named, values)
        if flagged:
            column, debits, credits_ = flagged
            words = [f"debit_flags = {_toml_list(debits)}", f"credit_flags = {_toml_list(credits_)}"]
            return ['rule = "flag"', *amount, f"flag = {_toml(column)}", *words, *sides]
        if "payer" in named and "payee" in named:
            return ['rule = "as_arrow"']
        signed = any(value.startswith("-") or value.endswith("-") for value in values.get(named.get("amount", ""), []))
        if not signed:
            self.doubts.append("nothing tells debits from credits: no minus, no two columns, no payer and payee")
        return ['rule = "negative_is_debit"', *amount, *sides]

    def dates(self, named: dict[str, str], values: dict[str, list[str]]) -> tuple[list[str], dict[str, str]]:
        """Tell the form of dates, and whether there is a time of day."""
        column = named.get("booked_on", "")
        found = values.get(column, [])
        if not found:
            self.doubts.append("no column with dates was found")
            return [f'booked_on = "%Y-%m-%d"  # {_MISSING}'], {}
        form = _commonest(found, lambda value: _form(value, _DATES))
        day, rest = form or ("", "")
        if not day:
            self.doubts.append(f"the dates in {column!r} are of no known form")
            return [f'booked_on = "%Y-%m-%d"  # {_MISSING}'], {"booked_on": _toml(column)}
        day, comment = self.day_or_month_first(day, found, column)
        joint = "T" if any(re.match(r"\S+T\d", value) for value in found) else " "
        if rest:
            stamp = f"booked_on = {_toml(day + joint + rest)}{comment}"
            return (
                [stamp, f"sent_at = {_toml(day + joint + rest)}", 'time_zone = "UTC"  # LOOK: which clock is it?'],
                {"booked_on": _toml(column), "sent_at": _toml(column)},
            )
        lines, columns = [f"booked_on = {_toml(day)}{comment}"], {"booked_on": _toml(column)}
        clock = _commonest(values.get(named.get("time", ""), []), lambda value: _form(value, _TIMES))
        if clock:
            lines += [f"sent_at = {_toml(f'{day} {clock[0]}')}", 'time_zone = "UTC"  # LOOK: which clock is it?']
            columns["sent_at"] = f"[{_toml(column)}, {_toml(named['time'])}]"
        return lines, columns

    def day_or_month_first(self, form: str, found: list[str], column: str) -> tuple[str, str]:
        """Tell 31/12 from 12/31 by a part over 12, if there is one."""
        if not form.startswith(("%d/", "%d-")):
            return form, ""
        parts = [re.split(r"[/-]", value)[:2] for value in found if re.match(r"\d{1,2}[/-]\d{1,2}", value)]
        first, second = (any(int(part[at]) > 12 for part in parts) for at in (0, 1))
        if first and second:
            self.doubts.append(f"the dates in {column!r} are written both day first and month first")
        elif not first and not second:
            self.doubts.append(f"the dates in {column!r} can be read day first or month first: no part is over 12")
            return form, "  # LOOK: day first, or month first?"
        swapped = form.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
        return (swapped, "") if second and not first else (form, "")

    def ids(self, values: dict[str, list[str]]) -> None:
        """Say where a spreadsheet has rounded ids away."""
        for name, column in values.items():
            damaged = sum(bool(_DAMAGED.fullmatch(value)) for value in column)
            if damaged:
                self.doubts.append(
                    told(
                        "{count} value in {name} reads like 1.23E+15: a spreadsheet lost its digits; export again",
                        "{count} values in {name} read like 1.23E+15: a spreadsheet lost their digits; export again",
                        damaged,
                        name=repr(name),
                    )
                )

    def columns(self, named: dict[str, str], sign: list[str], dated: dict[str, str]) -> list[str]:
        """Write the columns, and name those that nothing was found for."""
        lines = [f"{name} = {column}" for name, column in dated.items()]
        arrow = sign[0] == 'rule = "as_arrow"'
        wanted = ["payment_id", *(("payer", "payee", "amount") if arrow else ()), "currency"]
        wanted += ["narrative", "mcc", "merchant_name", "city"]
        lines += [f"{name} = {_toml(named[name])}" for name in wanted if name in named]
        if "payment_id" not in named:
            # Said in the file too, since it decides whether two exports may overlap.
            lines.append(
                "# no payment_id: file content and line will name a payment, so overlapping exports count twice"
            )
            self.doubts.append("no column with an id of its own for each payment was found")
        if "channel" in named:
            lines.append(f"# channel = {_toml(named['channel'])}  # with [words.channel] for each word")
        return lines


_MISSING = "LOOK: not found"


def _plain(name: str) -> str:
    accents = str.maketrans("äöüéèêáàâíóôúñçčšžůý", "aoueeeaaaioouncaszuy")
    return re.sub(r"[_\s]+", " ", name.strip().lower().translate(accents))


def _named(header: list[str], values: dict[str, list[str]]) -> dict[str, str]:
    """Find the column for each thing, whole names first, each column once."""
    found: dict[str, str] = {}
    fits: tuple[Callable[[str, str], bool], ...] = (
        lambda column, word: _plain(column) == word,
        lambda column, word: len(word) > 3 and word in _plain(column),
    )
    for fit in fits:
        for name, words in _NAMES.items():
            if name in found:
                continue
            free = [column for column in header if column not in found.values()]
            hits = (column for word in words for column in free if fit(column, word))
            column = next(hits, None)
            if column is not None:
                found[name] = column
    ids = values[found["payment_id"]] if "payment_id" in found else []
    if len(set(ids)) < len(ids):
        del found["payment_id"]  # not one for each payment, so no id of a payment
    return found


def _flags(named: dict[str, str], values: dict[str, list[str]]) -> tuple[str, list[str], list[str]] | None:
    """Find a column that says debit or credit in a word, whatever it is called."""
    for column, found in values.items():
        words = set(found)
        if not words or column in (named.get("amount"), named.get("currency")):
            continue
        for debit, credit in _FLAGS.items():
            if {word.upper() for word in words} == {debit, credit}:
                debits = sorted(word for word in words if word.upper() == debit)
                return column, debits, sorted(words - set(debits))
    return None


def _form(value: str, forms: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Give the form of a date and of the time behind it, or of a time."""
    for pattern, form in forms:
        if re.fullmatch(pattern, value):
            return form, ""
        for clock, clock_form in _TIMES:
            if re.fullmatch(f"{pattern}[T ]{clock}", value):
                return form, clock_form
    return None


def _commonest(values: list[str], form: Callable[[str], tuple[str, str] | None]) -> tuple[str, str] | None:
    counts = Counter(found for value in values if (found := form(value)))
    return counts.most_common(1)[0][0] if counts else None


def _toml(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def _toml_list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(_toml(text) for text in texts) + "]"
