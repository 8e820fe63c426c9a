r"""`mapping.toml`: how the columns of any CSV become those of the contract.

::

    [file]
    delimiter = ";"
    encoding = "windows-1252"
    skip_lines = 0                      # lines before the header
    nulls = ["(null)"]                  # words that mean: no value

    [numbers]
    decimal = ","
    grouping = "."

    [dates]
    booked_on = "%d.%m.%Y"
    sent_at = "%d.%m.%Y %H:%M"
    time_zone = "Europe/Paris"          # of sent_at; UTC if not given

    [columns]                           # column of the contract = column of the file, or several to be joined
    payment_id = "Reference"            # file content and line, if left out
    booked_on = "Date"
    sent_at = ["Date", "Time"]
    narrative = "Details"

    [constants]                         # column of the contract = its value in every row
    currency = "EUR"

    [sign]
    rule = "negative_is_debit"          # or as_arrow, two_columns, flag
    amount = "Amount"
    own_account = "IBAN"
    other_account = "Counterparty"

    [words.channel]                     # word of the file = word of the contract
    "Virement" = "sct"

Rules of sign: ``as_arrow`` has payer, payee and amount among the columns. In the others each row is a booking of an own
account: a debit pays the other side, a credit is paid by it. ``two_columns`` has ``debit`` and ``credit`` instead of
``amount``; ``flag`` has a column ``flag`` beside ``amount``, with the words ``debit_flags`` and ``credit_flags``.
"""

from __future__ import annotations

import codecs
import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from flows.check import RAW_COLUMNS
from flows.delimited import read_delimited
from flows.errors import InputError, SettingsError
from flows.expressions import listed, literal, query, quoted
from flows.payments import OUTSIDE_PREFIXES
from flows.reading import RawBatch, Sample, Table
from flows.translation import content_and_line, translate

RULES: Final = ("as_arrow", "negative_is_debit", "two_columns", "flag")

UNNAMED: Final = "ext:unnamed"
"""The other side of a booking that does not name it."""

_SUMS = ("amount", "received_amount", "payer_balance_after", "payee_balance_after")


@dataclass(frozen=True, kw_only=True)
class File:
    """How the file is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    skip_lines: int = 0
    nulls: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How numbers are written."""

    decimal: str = "."
    grouping: str = ""


@dataclass(frozen=True, kw_only=True)
class Dates:
    """How dates and times are written, as strptime has it, and where the clock of ``sent_at`` hangs."""

    booked_on: str = "%Y-%m-%d"
    sent_at: str = "%Y-%m-%d %H:%M:%S"
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Sign:
    """How direction is written."""

    rule: str = "as_arrow"
    amount: str = ""
    debit: str = ""
    credit: str = ""
    flag: str = ""
    debit_flags: Sequence[str] = ("D",)
    credit_flags: Sequence[str] = ("C",)
    own_account: str = ""
    other_account: str = ""
    balance: str = ""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A whole `mapping.toml`; see the head of this file."""

    file: File = field(default_factory=File)
    numbers: Numbers = field(default_factory=Numbers)
    dates: Dates = field(default_factory=Dates)
    columns: dict[str, str | list[str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    sign: Sign = field(default_factory=Sign)
    words: dict[str, dict[str, str]] = field(default_factory=dict)


_SECTIONS: Final[dict[str, type[Any]]] = {"file": File, "numbers": Numbers, "dates": Dates, "sign": Sign}


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    SettingsError
        If it cannot be read, is no TOML, has an unknown key or lacks a value; the message names the key, and the
        nearest one that exists.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(
            f"the mapping cannot be read: {error.strerror}", where=path.name, try_="check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the mapping is no TOML: {error}", where=path.name, try_="mend that line") from error
    return mapping_from(found, path.name)


def mapping_from(found: dict[str, Any], where: str = "mapping") -> Mapping:
    """Make a mapping of what TOML gave.

    Raises
    ------
    SettingsError
        As `load_mapping`.

    Examples
    --------
    >>> mapping_from({"numbers": {"decimel": ","}})
    Traceback (most recent call last):
    ...
    flows.errors.SettingsError: SettingsError: unknown key 'decimel'
      where: mapping, [numbers]
      try:   did you mean 'decimal'?
    """
    _known(found, (*_SECTIONS, "columns", "constants", "words"), where)
    parts: dict[str, Any] = {}
    for name, kind in _SECTIONS.items():
        section = _table(found, name, where)
        known = {one.name: str(one.type) for one in fields(kind)}
        _known(section, tuple(known), f"{where}, [{name}]")
        for key, value in section.items():
            _of_kind(value, known[key], f"{where}, {name}.{key}")
        parts[name] = kind(**section)
    parts["columns"] = _table(found, "columns", where)
    parts["constants"] = _table(found, "constants", where)
    parts["words"] = _table(found, "words", where)
    for name in ("columns", "constants", "words"):
        _known(parts[name], RAW_COLUMNS, f"{where}, [{name}]")
    for key, value in parts["columns"].items():
        _of_kind(value, "str or list", f"{where}, columns.{key}")
    for key, value in parts["constants"].items():
        _of_kind(value, "str", f"{where}, constants.{key}")
    for key, value in parts["words"].items():
        if not isinstance(value, dict) or not all(isinstance(ours, str) for ours in value.values()):
            raise SettingsError("not a table of words", where=f"{where}, words.{key}", try_='write "theirs" = "ours"')
    mapping = Mapping(**parts)
    _complete(mapping, where)
    return mapping


def _known(found: dict[str, Any], names: Sequence[str], where: str) -> None:
    for name in found:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            raise SettingsError(
                f"unknown key {name!r}",
                where=where,
                try_=f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(names),
            )


def _table(found: dict[str, Any], name: str, where: str) -> dict[str, Any]:
    section = found.get(name, {})
    if not isinstance(section, dict):
        raise SettingsError(f"{name!r} is no section", where=where, try_=f"write it as [{name}]")
    return section


def _of_kind(value: Any, kind: str, where: str) -> None:
    texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
    fits = {
        "str": isinstance(value, str),
        "int": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "Sequence[str]": texts,
        "str or list": isinstance(value, str) or texts,
    }
    if not fits[kind]:
        spoken = {"str": "a text", "int": "a whole number from 0"}.get(kind, "a text or a list of texts")
        raise SettingsError(f"not {spoken}", where=where, try_=f"write {spoken}")


def _complete(mapping: Mapping, where: str) -> None:
    sign = mapping.sign
    _one_of("sign.rule", sign.rule, RULES, where)
    needed = {
        "as_arrow": (),
        "negative_is_debit": ("amount", "own_account"),
        "two_columns": ("debit", "credit", "own_account"),
        "flag": ("amount", "flag", "own_account"),
    }[sign.rule]
    for name in needed:
        if not getattr(sign, name):
            raise SettingsError(
                f"sign.{name} is not filled in", where=f"{where}, [sign]", try_=f"name the column for rule {sign.rule}"
            )
    given = {name for part in (mapping.columns, mapping.constants) for name, value in part.items() if value}
    must = {"as_arrow": ("payer", "payee", "amount")}.get(sign.rule, ())
    for name in (*must, "currency"):
        if name not in given:
            raise SettingsError(
                f"columns.{name} is not filled in",
                where=f"{where}, [columns]",
                try_="name the column of the file, or give one value for all rows in [constants]",
            )
    if not given & {"booked_on", "sent_at"}:
        raise SettingsError(
            "columns.booked_on is not filled in", where=f"{where}, [columns]", try_="name the column with the date"
        )
    if len(mapping.file.delimiter) != 1:
        raise SettingsError("not one character", where=f"{where}, file.delimiter", try_='e.g. ";", or "\\t" for tabs')
    if mapping.numbers.decimal not in (".", ",") or mapping.numbers.decimal == mapping.numbers.grouping:
        raise SettingsError(
            "the decimal mark is neither . nor ,, or the same as the grouping mark",
            where=f"{where}, [numbers]",
            try_='e.g. decimal = "," and grouping = "."',
        )
    try:
        codecs.lookup(mapping.file.encoding)
        ascii_alike = "a;\n".encode(mapping.file.encoding) == b"a;\n"
    except LookupError:
        ascii_alike = False
    if not ascii_alike:
        raise SettingsError(
            "not an encoding that can be read here", where=f"{where}, file.encoding", try_="utf-8 or windows-1252"
        )
    for key in ("booked_on", "sent_at"):
        try:
            query(f"select try_strptime('', {literal(getattr(mapping.dates, key))}) as day")
        except duckdb.Error as error:
            raise SettingsError(
                "not a form of dates", where=f"{where}, dates.{key}", try_="write it as strptime has it, e.g. %d.%m.%Y"
            ) from error
    try:
        ZoneInfo(mapping.dates.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            "unknown time zone", where=f"{where}, dates.time_zone", try_="e.g. UTC or Europe/Paris"
        ) from error


def _one_of(key: str, value: str, names: Sequence[str], where: str) -> None:
    if value not in names:
        near = difflib.get_close_matches(value, names, n=1)
        raise SettingsError(
            f"{key} is unknown",
            where=where,
            try_=f"did you mean {near[0]!r}?" if near else "one of: " + ", ".join(names),
        )


class MappedReader:
    """Read any CSV by a mapping.

    Parameters
    ----------
    mapping : Mapping
        As `load_mapping` gives it.

    Notes
    -----
    What does not fit the mapping (a date of another form, ``1.23,4``) is handed on marked so that the check rejects it
    with its reason, even where it would be a number or a time by the rules of the contract: ``12.34`` in a file with
    decimal commas is not twelve.
    """

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping

    def recognises(self, sample: Sample) -> float:
        """Say 0: a mapping is chosen by a person, never guessed."""
        return 0.0

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file holds: a mapping is for payments."""
        return "payments"

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size.

        Raises
        ------
        InputError
            If the file cannot be read, or lacks a column that the mapping names.
        """
        expressions = _Translation(self.mapping).expressions(path)
        chunks = read_delimited(
            path,
            delimiter=self.mapping.file.delimiter,
            encoding=self.mapping.file.encoding,
            skip_lines=self.mapping.file.skip_lines,
        )
        named = _columns_named(self.mapping)
        for chunk in chunks:
            _refuse_missing(named, chunk.rows.column_names, path)
            yield translate(chunk, "payments", expressions)


def _refuse_missing(named: Sequence[str], there: Sequence[str], path: Path) -> None:
    """Stop at a file without a column that the mapping names."""
    missing = [name for name in named if name not in there]
    if not missing:
        return
    # Only what is like a name that was looked for is shown: without a header, the first line is somebody's payment.
    # A file read by the wrong encoding has the column by a name of some other letters.
    near = {hit for name in missing for hit in difflib.get_close_matches(name, there, n=1, cutoff=0.5)}
    has = "it has " + ", ".join(map(repr, sorted(near))) if near else "it has none of a like name"
    foreign = not all(name.isascii() for name in (*missing, *near))
    raise InputError(
        "not in the format of the mapping: no column " + ", ".join(map(repr, missing)),
        where=f"{path.name}, header: {has}",
        try_="see `encoding` in [file] of the mapping: letters with accents are read by another one than written"
        if foreign
        else "name the columns as the file has them, and see `delimiter` and `skip_lines` in [file] of the mapping",
    )


def _columns_named(mapping: Mapping) -> list[str]:
    named: list[str] = []
    for column in mapping.columns.values():
        named += [column] if isinstance(column, str) else column
    if mapping.sign.rule != "as_arrow":
        sign = mapping.sign
        named += [sign.amount, sign.debit, sign.credit, sign.flag, sign.own_account, sign.other_account, sign.balance]
    return list(dict.fromkeys(name for name in named if name))


def _unfit(sql: str) -> str:
    return f"'not as mapped: ' || {sql}"


class _Translation:
    """Writes the SQL that a mapping stands for."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping

    def expressions(self, path: Path) -> dict[str, str]:
        mapping = self.mapping
        found = {name: self.worded(name, self.text(column)) for name, column in mapping.columns.items() if column}
        found |= {name: literal(value) for name, value in mapping.constants.items() if value}
        for name in _SUMS:
            if name in mapping.columns:
                found[name] = self.number(found[name])
        if mapping.sign.rule != "as_arrow":
            found |= self.directed()
        found |= self.dated(found)
        found.setdefault("payment_id", content_and_line(path))
        return found

    def text(self, column: str | list[str]) -> str:
        """Give the text of a column, or of several with a blank between; null for the words that mean so."""
        names = [column] if isinstance(column, str) else column
        gone = listed(["", *self.mapping.file.nulls])
        trimmed = [f"trim({quoted(name)})" for name in names]
        texts = [f"case when {text} in {gone} then null else {text} end" for text in trimmed]
        return texts[0] if len(texts) == 1 else f"nullif(concat_ws(' ', {', '.join(texts)}), '')"

    def worded(self, name: str, sql: str) -> str:
        words = self.mapping.words.get(name)
        if not words:
            return sql
        cases = " ".join(f"when {literal(theirs)} then {literal(ours)}" for theirs, ours in words.items())
        return f"case {sql} {cases} else {sql} end"

    def number(self, sql: str) -> str:
        """Give a number written plainly, where its marks are where they belong."""
        marks = self.mapping.numbers
        point, group = re.escape(marks.decimal), re.escape(marks.grouping)
        grouped = f"[0-9]{{1,3}}({group}[0-9]{{3}})+|" if group else ""
        form = literal(f"[+-]?({grouped}[0-9]+)({point}[0-9]+)?-?")
        plain = f"replace({sql}, {literal(marks.grouping)}, '')" if group else sql
        plain = f"replace({plain}, {literal(marks.decimal)}, '.')"
        # A minus behind the number is an old habit of ledgers.
        signed = f"case when {plain} like '%-' then '-' || rtrim({plain}, '-') else ltrim({plain}, '+') end"
        return f"case when regexp_full_match({sql}, {form}) then {signed} else {_unfit(sql)} end"

    def directed(self) -> dict[str, str]:
        """Give payer, payee and amount of a booking of an own account."""
        sign = self.mapping.sign
        own = self.text(sign.own_account)
        if sign.rule == "two_columns":
            debit, credit = self.number(self.text(sign.debit)), self.number(self.text(sign.credit))
            # Some write 0,00 in the other column, and some a debit with a minus though its column says so.
            nothing = "'[+-]?0*([.]0*)?'"
            debit, credit = (
                f"case when not regexp_full_match({side}, {nothing}) then {side} end" for side in (debit, credit)
            )
            amount = f"case when ({debit}) is not null and ({credit}) is not null then 'both' "
            amount += f"else coalesce(ltrim({debit}, '-'), {credit}) end"
            is_debit = f"({debit}) is not null"
        elif sign.rule == "flag":
            number, flag = self.number(self.text(sign.amount)), self.text(sign.flag)
            is_debit = f"{flag} in {listed(sign.debit_flags)}"
            flagged = f"{flag} in {listed([*sign.debit_flags, *sign.credit_flags])}"
            amount = f"case when {flagged} then ltrim({number}, '-') else 'no flag' end"
        else:
            number = self.number(self.text(sign.amount))
            is_debit = f"{number} like '-%'"
            amount = f"ltrim({number}, '-')"
        other = self.other_side()
        found = {
            "payer": f"case when {is_debit} then {own} else {other} end",
            "payee": f"case when {is_debit} then {other} else {own} end",
            "amount": amount,
        }
        if sign.balance:
            balance = self.number(self.text(sign.balance))
            found["payer_balance_after"] = f"case when {is_debit} then {balance} end"
            found["payee_balance_after"] = f"case when not {is_debit} then {balance} end"
        return found

    def other_side(self) -> str:
        """Give the node of the other side: outside, as only the own account is known to be the bank's."""
        if not self.mapping.sign.other_account:
            return literal(UNNAMED)
        other = self.text(self.mapping.sign.other_account)
        known = " or ".join(f"starts_with({other}, {literal(prefix)})" for prefix in OUTSIDE_PREFIXES)
        return f"case when {other} is null then {literal(UNNAMED)} when {known} then {other} else 'ext:' || {other} end"

    def dated(self, found: dict[str, str]) -> dict[str, str]:
        """Give booking date, time in UTC and the offset of the place."""
        dates = self.mapping.dates
        dated: dict[str, str] = {}
        if "sent_at" in self.mapping.columns:
            text = found["sent_at"]
            local = f"try_strptime({text}, {literal(dates.sent_at)})"
            utc = f"timezone('UTC', timezone({literal(dates.time_zone)}, {local}))"
            dated["sent_at"] = f"coalesce(strftime({utc}, '%Y-%m-%dT%H:%M:%S.%fZ'), {_unfit(text)})"
            if dates.time_zone != "UTC" and "utc_offset_min" not in found:
                dated["utc_offset_min"] = f"datediff('minute', {utc}, {local})"
            if "booked_on" not in found:
                dated["booked_on"] = f"coalesce(cast(cast({local} as date) as varchar), {_unfit(text)})"
        if "booked_on" in self.mapping.columns:
            text = found["booked_on"]
            day = f"cast(try_strptime({text}, {literal(dates.booked_on)}) as date)"
            dated["booked_on"] = f"coalesce(cast({day} as varchar), {_unfit(text)})"
        return dated
