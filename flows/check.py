"""Which rows are payments: every raw row is kept, a duplicate, or rejected with a reason.

The rules are the same for every format, and exact: amounts go from text to integer minor units with no floating number
between, dates are dates or nothing, and no value is mended. Times without a zone are taken as UTC, as the contract
says. The first reason found decides, and a rejected row keeps its money where that could be read, so that what went in
can be balanced against what came out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from flows.delimited import numbered
from flows.expressions import listed, query
from flows.money import CURRENCIES, MAX_MINOR, exponent
from flows.payments import CHANNELS, PAYMENTS, REJECTS, SIDE_TABLES, STATUSES, TS_QUALITIES, UTC
from flows.reading import RawBatch

REASONS: Final = {
    "missing": "a value that every row needs is missing",
    "id_too_long": "an id has more than 256 characters",
    "id_bad_characters": "an id has spaces around it, or control or invisible characters in it",
    "id_damaged_by_excel": "an id reads like 1.23E+15: a spreadsheet has rounded it, and the digits are lost",
    "same_account": "payer and payee are the same account, so no money moved",
    "currency_unknown": "the currency is no ISO 4217 code",
    "amount_not_decimal": "the amount is no plain decimal number such as 1234.56",
    "amount_not_positive": "the amount is zero or negative; the arrow from payer to payee gives the direction",
    "amount_too_precise": "the amount has more decimals than its currency",
    "amount_out_of_range": "the amount is larger than any payment",
    "received_incomplete": "of the amount received and its currency, only one is given",
    "date_unreadable": "the date is no date of the calendar written as 2026-01-31",
    "date_out_of_range": "the date lies before 1970 or after 2100",
    "time_unreadable": "the time is not written as 2026-01-31T23:59:59Z",
    "time_out_of_range": "the time lies before 1970 or after 2100",
    "offset_out_of_range": "the offset from UTC is no whole number of minutes from -840 to 840",
    "ts_quality_unknown": "the quality of the time is none of " + ", ".join(TS_QUALITIES),
    "ts_quality_without_time": "the quality of the time says event or batch, but there is no time",
    "channel_unknown": "the channel is none of those of the contract",
    "status_unknown": "the status is none of " + ", ".join(STATUSES),
    "country_unknown": "the country is not written as two capital letters",
    "mcc_not_four_digits": "the merchant category code has not four digits",
    "balance_unreadable": "the balance is no plain decimal number of the currency",
    "text_too_long": "a text has more than 10,000 characters",
    "text_bad_characters": "a text has control characters in it",
    "kind_unknown": "the kind is none of those of the contract",
    "number_unreadable": "the number is no plain number",
    "flag_unreadable": "the value is neither true nor false",
    "id_conflict": "another payment has the same id and different content",
    "split": "the line has not as many columns as the header, or a quote in the wrong place",
    "not_text": "the line has bytes that are no text in the encoding of the file",
    "line_too_long": "the line has more than a million bytes, which no row of payments has",
}
"""Reason code of a reject -> what it means, in plain words."""

_BY_MAPPING: Final = "or read the file by a mapping (`moneytrail check FILE --propose mapping.toml`)"

MENDS: Final = {
    "missing": "fill in the column; if another one holds it, name that one in a mapping",
    "id_too_long": "see that this column holds an id and no text",
    "id_bad_characters": "export the ids again, without spaces around them and as text",
    "id_damaged_by_excel": "export the file again, and do not open it in a spreadsheet",
    "same_account": "see that payer and payee are not the same column; where they are right, nothing is lost",
    "currency_unknown": f"give the ISO code, {_BY_MAPPING}: [words.currency] or [constants]",
    "amount_not_decimal": f"write amounts as 1234.56, {_BY_MAPPING}: [numbers] names the mark before the cents",
    "amount_not_positive": f"give the direction by payer and payee, {_BY_MAPPING}: [sign] tells which rows are debits",
    "amount_too_precise": "round at the source, or see that the currency is right",
    "amount_out_of_range": "see the amount in the source: marks for thousands or cents may be lost",
    "received_incomplete": "give both, or neither",
    "date_unreadable": f"write dates as 2026-01-31, {_BY_MAPPING}: [dates] tells how a date is written",
    "date_out_of_range": "see the date in the source: 0000 and 9999 often stand for none",
    "time_unreadable": f"write times as 2026-01-31T23:59:59Z, {_BY_MAPPING}: [dates] tells how a time is written",
    "time_out_of_range": "see the time in the source: 0000 and 9999 often stand for none",
    "offset_out_of_range": "give minutes, not hours, or leave it empty",
    "ts_quality_unknown": "leave the column out: whether there is a time decides then",
    "ts_quality_without_time": "give the time, or date_only",
    "channel_unknown": f"use the words of docs/input.md, {_BY_MAPPING}: [words.channel]",
    "status_unknown": f"use the words of docs/input.md, {_BY_MAPPING}: [words.status]",
    "country_unknown": "use ISO 3166-1 alpha-2, e.g. DE",
    "mcc_not_four_digits": "keep leading zeros: read the column as text at the source",
    "balance_unreadable": "write balances as amounts are written",
    "text_too_long": "see the line for a quote that is never closed",
    "text_bad_characters": "export the text again as plain UTF-8",
    "kind_unknown": "use the words of docs/input.md",
    "number_unreadable": "write whole numbers without marks for thousands",
    "flag_unreadable": "write true or false",
    "id_conflict": "the same ids came before with other content: see that each payment has an id of its own, "
    "in all files and on all days",
    "split": "see that the delimiter is the file's own, and that all lines have as many columns as the header",
    "not_text": f"export the file in UTF-8, {_BY_MAPPING}: [file] names the encoding",
    "line_too_long": "see the line for a quote that is never closed, or a column that holds a whole document",
}
"""Reason code of a reject -> what to try."""

ID_CHARACTERS: Final = 256
TEXT_CHARACTERS: Final = 10_000
FIRST_DAY: Final = "1970-01-01"
LAST_DAY: Final = "2100-12-31"

KINDS: Final = {
    "accounts": ("current", "savings", "card", "business", "client"),
    "customers": ("person", "sole_trader", "firm", "npo"),
    "links": ("phone", "email", "address", "device", "ip", "introducer", "employer"),
}
"""The kinds that the contract names, by side table."""

_SHOWN = 200  # characters of one value kept in the rejects

_IDS = ("payment_id", "payer", "payee")
_COUNTRIES = ("payer_country", "payee_country", "country")
_TEXTS = [
    "merchant_name",
    "terminal_id",
    "city",
    "purpose_code",
    "narrative",
    "card_id",
    "device_id",
    "depositor_id",
    "employee_ref",
    "claimant_ref",
    "reversal_of",
]
RAW_COLUMNS: Final = (
    *_IDS,
    *("amount", "currency", "booked_on", "sent_at", "utc_offset_min", "ts_quality", "channel"),
    *(*_COUNTRIES, "mcc", *_TEXTS, "payer_balance_after", "payee_balance_after", "status"),
    *("received_amount", "received_currency"),
)
"""The columns of a payment as a reader gives it, by the names of the contract."""

MUST: Final = ("payment_id", "payer", "payee", "amount", "currency", "booked_on")
"""The columns without which a file holds no payments. The contract also asks for channel and status; where a file has
no such column at all they are ``other`` and ``booked``."""


@dataclass(frozen=True)
class Checked:
    """The rows of one batch, sorted into what they are.

    Parameters
    ----------
    table : str
        Which table of the contract the rows belong to.
    kept : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`, or of the side table, in the order they were read.
    rejects : pyarrow.Table
        Rows of `flows.payments.REJECTS`.
    duplicates : pyarrow.Table
        Payments that an earlier row of the batch repeats word for word; columns as in ``kept``.
    """

    table: str
    kept: pa.Table
    rejects: pa.Table = field(default_factory=REJECTS.empty_table)
    duplicates: pa.Table = field(default_factory=PAYMENTS.empty_table)


def check_rows(batch: RawBatch, file_name: str, source_hash: str) -> Checked:
    """Sort the rows of a batch into kept, duplicate and rejected.

    Every row of the batch is in exactly one of the three, as are the rejects it came with.

    Parameters
    ----------
    batch : RawBatch
        Text columns named as in the contract, and ``line``.
    file_name : str
        Name of the file without its folder, for the rejects.
    source_hash : str
        Content hash of the file, kept with each payment.

    Notes
    -----
    Ids are compared within the batch only. Whoever puts batches together compares them across batches, with
    `row_fingerprint`, and calls a second row of one id a duplicate where the content is the same and an
    ``id_conflict`` where it is not. Side tables are not compared: there, a later row replaces an earlier one.
    """
    if not batch.rows.num_rows:
        schema = PAYMENTS if batch.table == "payments" else SIDE_TABLES[batch.table]
        return Checked(batch.table, schema.empty_table(), batch.rejects, schema.empty_table())
    if batch.table != "payments":
        return _check_side_rows(batch, file_name)
    rows = _with_columns(batch.rows, RAW_COLUMNS)
    typed = query(_payments_sql(), rows=rows)
    verdict = typed["verdict"]
    kept = _typed(typed, PAYMENTS, source_hash).filter(pc.is_null(verdict))
    numbers = typed["n"].filter(pc.is_null(verdict))
    repeats = repeated_ids(kept)
    rejects = [batch.rejects, _rejects(rows, typed, pc.is_valid(verdict), file_name)]
    duplicates = PAYMENTS.empty_table()
    if repeats is not None:
        duplicates = kept.filter(pc.equal(repeats, "duplicate"))
        conflicts = pc.is_in(typed["n"], value_set=numbers.filter(pc.equal(repeats, "id_conflict")).combine_chunks())
        verdicts = pa.repeat("id_conflict|payment_id", typed.num_rows)
        typed = typed.set_column(typed.column_names.index("verdict"), "verdict", verdicts)
        rejects.append(_rejects(rows, typed, conflicts, file_name))
        kept = kept.filter(pc.equal(repeats, "first"))
    return Checked("payments", kept, _in_line_order(pa.concat_tables(rejects)), duplicates)


def repeated_ids(payments: pa.Table) -> pa.ChunkedArray | None:
    """Say of each payment whether it is the first of its id; None if no id comes twice.

    Parameters
    ----------
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`.

    Returns
    -------
    pyarrow.ChunkedArray or None
        For each row ``"first"``; ``"duplicate"`` if an earlier row has the same id and content; ``"id_conflict"`` if
        it has the same id and other content.
    """
    if pc.count_distinct(payments["payment_id"]).as_py() == payments.num_rows:
        return None
    marked = pa.table(
        {
            "payment_id": payments["payment_id"],
            "content": row_fingerprint(payments),
            "n": numbered(payments.num_rows),
        }
    )
    return query(
        """select case when n = min(n) over same_id then 'first'
                       when content = first_value(content) over same_id then 'duplicate'
                       else 'id_conflict' end as verdict
           from marked
           window same_id as (
               partition by payment_id order by n rows between unbounded preceding and unbounded following)
           order by n""",
        marked=marked,
    )["verdict"]


def row_fingerprint(kept: pa.Table) -> pa.Array:
    """Give a text for each payment that is equal exactly where the contents are.

    Where the row came from (``source_file``, ``source_line``) is left out, so that the same payment delivered twice has
    the same fingerprint. Not for keeping: compare fingerprints made by the same version.

    Parameters
    ----------
    kept : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`.

    Returns
    -------
    pyarrow.Array
        Text, one for each row.
    """
    names = [name for name in PAYMENTS.names if name not in ("source_file", "source_line")]
    columns = {
        name: kept[name].cast(pa.int64()) if pa.types.is_timestamp(kept[name].type) else kept[name] for name in names
    }
    # Ids and texts that passed the check hold no control characters, so these two cannot be confused with content.
    parts = ", ".join(f'coalesce(cast("{name}" as varchar), chr(30))' for name in names)
    rows = pa.table({**columns, "n": numbered(kept.num_rows)})
    answer = query(f"select md5(concat_ws(chr(31), {parts})) as content from rows order by n", rows=rows)
    return answer["content"].combine_chunks()


def _with_columns(rows: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Give the rows with exactly these columns, the missing ones null, and a number that keeps their order."""
    nothing = pa.nulls(rows.num_rows, pa.string())
    columns = {name: rows[name] if name in rows.column_names else nothing for name in names}
    return pa.table({**columns, "line": rows["line"], "n": numbered(rows.num_rows)})


def _typed(typed: pa.Table, schema: pa.Schema, source_hash: str) -> pa.Table:
    arrays = []
    for column in schema:
        if column.name == "source_file":
            arrays.append(pa.repeat(source_hash, typed.num_rows))
        elif pa.types.is_timestamp(column.type):
            arrays.append(typed[column.name].cast(pa.timestamp("us")).cast(UTC))
        else:
            arrays.append(typed[column.name].cast(column.type))
    # Not-null holds for the rows that pass; those that do not are filtered out by the caller.
    return pa.Table.from_arrays(arrays, schema=schema)


def _rejects(rows: pa.Table, typed: pa.Table, chosen: pa.ChunkedArray, file_name: str) -> pa.Table:
    picked = typed.filter(chosen)
    if not picked.num_rows:
        return REJECTS.empty_table()
    verdicts = [verdict.split("|") for verdict in picked["verdict"].to_pylist()]
    raw = rows.drop_columns(["n", "line"]).take(picked["n"])
    money = "readable_minor" in picked.column_names
    nothing = pa.nulls(picked.num_rows)
    return pa.Table.from_arrays(
        [
            pa.repeat(file_name, picked.num_rows),
            picked["source_line"].cast(pa.int64()),
            pa.array([column for _, column in verdicts], pa.string()),
            pa.array([reason for reason, _ in verdicts], pa.string()),
            pa.array([_shown(row) for row in raw.to_pylist()], pa.string()),
            picked["readable_minor"] if money else nothing.cast(pa.int64()),
            picked["readable_currency"] if money else nothing.cast(pa.string()),
        ],
        schema=REJECTS,
    )


def _shown(row: dict[str, str | None]) -> str:
    return json.dumps({name: value[:_SHOWN] for name, value in row.items() if value}, ensure_ascii=False)


def _in_line_order(rejects: pa.Table) -> pa.Table:
    return rejects.sort_by("line") if rejects.num_rows else rejects


# The rules, as SQL. Texts become numbers and dates in steps, each held in full (MATERIALIZED), since DuckDB would
# otherwise write a step into every rule that uses it and do its work many times over.

_PLAIN = r"'-?[0-9]{1,30}([.][0-9]{1,30})?'"
# No currency counts in smaller parts than these eight decimals; zeros after them say nothing.
_EXACT = r"'-?[0-9]{1,30}([.][0-9]{1,8}0{0,22})?'"
_DAY = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
_TIME = r"'[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6}0*)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?'"
_ZONE = r"'[+-][0-9]{2}:?[0-9]{2}$'"
# Control and invisible characters: they make two ids look alike, and break the files of others.
_UNSEEN = r"'[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]'"
# Line breaks and tabs are met in honest free text.
_UNPRINTABLE = r"'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]'"

_SCALE = 8
_SUMS = ("amount", "received_amount", "payer_balance_after", "payee_balance_after")


def _unit(currency: str) -> str:
    """Give the SQL for the smallest part of a currency, counted in hundred-millionths; null for an unknown one."""
    by_unit: dict[int, list[str]] = {}
    for code in sorted(CURRENCIES):
        by_unit.setdefault(10 ** (_SCALE - exponent(code)), []).append(code)
    cases = " ".join(f"when {currency} in {listed(codes)} then {unit}" for unit, codes in sorted(by_unit.items()))
    return f"case {cases} end"


def _scaled(name: str) -> str:
    """Give the SQL for a decimal text in hundred-millionths, exactly; null where it is no plain decimal."""
    # Text to decimal to text to integer: DuckDB would pass through a double if it were asked to multiply.
    digits = f"replace(cast(cast({name} as decimal(38, {_SCALE})) as varchar), '.', '')"
    return f"case when regexp_full_match({name}, {_EXACT}) then cast({digits} as hugeint) end"


def _minor(name: str, unit: str) -> str:
    scaled = f"{name}_scaled"
    fits = f"{scaled} % {unit} = 0 and abs({scaled} // {unit}) < {MAX_MINOR}"
    return f"case when {fits} then cast({scaled} // {unit} as bigint) end"


def _day(text: str) -> str:
    return f"case when regexp_full_match({text}, {_DAY}) then try_cast({text} as date) end"


def _payments_sql() -> str:
    texts = ", ".join((*_IDS, *_COUNTRIES, "mcc", *_TEXTS, "currency", "received_currency", "received_amount"))
    zone = f"regexp_extract(sent_at, {_ZONE})"
    ahead = f"""case when sent_at is null or sent_at[-6] not in ('+', '-') and sent_at[-5] not in ('+', '-') then 0
        else (cast({zone}[2:3] as integer) * 60 + cast(right({zone}, 2) as integer))
            * case when {zone}[1] = '-' then -1 else 1 end end"""
    return f"""
        with clean as materialized (
            select {", ".join(f"nullif({name}, '') as {name}" for name in RAW_COLUMNS)}, line, n from rows),
        sized as materialized (select *,
            {", ".join(f"{_scaled(name)} as {name}_scaled" for name in _SUMS)},
            {_unit("currency")} as unit,
            {_unit("received_currency")} as received_unit,
            case when regexp_full_match(sent_at, {_TIME}) then {ahead} end as ahead
            from clean),
        typed as materialized (select n, line as source_line, {texts}, unit, received_unit, amount, amount_scaled,
            received_amount_scaled,
            booked_on as booked_on_text, sent_at as sent_at_text, utc_offset_min as utc_offset_text,
            payer_balance_after, payee_balance_after,
            {_minor("amount", "unit")} as amount_minor,
            {_minor("received_amount", "received_unit")} as received_minor,
            {_minor("payer_balance_after", "unit")} as payer_balance_after_minor,
            {_minor("payee_balance_after", "unit")} as payee_balance_after_minor,
            {_day("booked_on")} as booked_on,
            case when ahead between -840 and 840
                then try_cast(regexp_replace(rtrim(sent_at, 'Z'), {_ZONE}, '') as timestamp) - to_minutes(ahead)
                end as sent_at,
            -- A time with the offset of a place tells the hour there; UTC tells none.
            case when utc_offset_min is null then nullif(ahead, 0)
                -- A table program writes 60.0 where other rows of the column are empty.
                when regexp_full_match(utc_offset_min, '[+-]?[0-9]{{1,4}}([.]0)?')
                    then try_cast(split_part(utc_offset_min, '.', 1) as smallint)
                end as utc_offset_min,
            coalesce(ts_quality, case when sent_at is null then 'date_only' else 'event' end) as ts_quality,
            coalesce(channel, 'other') as channel,
            coalesce(status, 'booked') as status
            from sized)
        select *, coalesce(sent_at, cast(booked_on as timestamp)) as at,
            amount_minor as readable_minor,
            case when amount_minor is not null then currency end as readable_currency,
            coalesce({", ".join(_payment_rules())}) as verdict
        from typed order by n"""


def _payment_rules() -> Iterator[str]:
    """Give the rules in groups, most telling first; a group says null where none of its rules is broken."""
    yield _rules(
        *(_rule(f"{name} is null", "missing", name) for name in (*_IDS, "amount", "currency")),
        _rule("booked_on_text is null", "missing", "booked_on"),
    )
    # Nearly every id is plain, and one test says so for all rules.
    for name in _IDS:
        yield _rules(
            *_id_rules(name), unless=f"regexp_full_match({name}, '[!-*,-~]+') and length({name}) < {ID_CHARACTERS}"
        )
    yield _rules(
        _rule("payer = payee", "same_account", "payee"),
        _rule("unit is null", "currency_unknown", "currency"),
        _rule("amount_minor <= 0", "amount_not_positive", "amount"),
    )
    yield _rules(*_amount_rules("amount", "unit"), unless="amount_minor is not null")
    yield _rules(
        _rule("(received_amount is null) <> (received_currency is null)", "received_incomplete", "received_amount"),
        _rule("received_unit is null", "currency_unknown", "received_currency"),
        _rule("received_minor <= 0", "amount_not_positive", "received_amount"),
        *_amount_rules("received_amount", "received_unit", "received_minor is null and "),
        unless="coalesce(received_amount, received_currency) is null",
    )
    for name in ("payer_balance_after", "payee_balance_after"):
        yield _rules(
            _rule(f"{name} is not null and {name}_minor is null", "balance_unreadable", name),
        )
    yield _rules(
        _rule("booked_on is null", "date_unreadable", "booked_on"),
        _rule(f"booked_on not between '{FIRST_DAY}' and '{LAST_DAY}'", "date_out_of_range", "booked_on"),
        _rule("sent_at_text is not null and sent_at is null", "time_unreadable", "sent_at"),
        _rule(f"cast(sent_at as date) not between '{FIRST_DAY}' and '{LAST_DAY}'", "time_out_of_range", "sent_at"),
        _rule("utc_offset_text is not null and utc_offset_min is null", "offset_out_of_range", "utc_offset_min"),
        _rule("abs(utc_offset_min) > 840", "offset_out_of_range", "utc_offset_min"),
        _rule(f"ts_quality not in {listed(TS_QUALITIES)}", "ts_quality_unknown", "ts_quality"),
        _rule("ts_quality <> 'date_only' and sent_at is null", "ts_quality_without_time", "ts_quality"),
        _rule(f"channel not in {listed(CHANNELS)}", "channel_unknown", "channel"),
        _rule(f"status not in {listed(STATUSES)}", "status_unknown", "status"),
        _rule("not regexp_full_match(mcc, '[0-9]{4}')", "mcc_not_four_digits", "mcc"),
    )
    for name in _COUNTRIES:
        yield _rules(_rule(f"not regexp_full_match({name}, '[A-Z]{{2}}')", "country_unknown", name))
    for name in _TEXTS:
        yield _rules(*_text_rules(name), unless=f"{name} is null")


def _rules(*rules: str, unless: str = "") -> str:
    return f"case {f'when {unless} then null ' if unless else ''}{' '.join(rules)} end"


def _rule(condition: str, reason: str, column: str) -> str:
    assert reason in REASONS
    return f"when {condition} then '{reason}|{column}'"


def _id_rules(name: str) -> list[str]:
    return [
        _rule(f"length({name}) > {ID_CHARACTERS}", "id_too_long", name),
        _rule(f"regexp_matches({name}, {_UNSEEN}) or {name} <> trim({name})", "id_bad_characters", name),
        _rule(rf"regexp_full_match({name}, '[0-9]([.,][0-9]+)?[eE][+][0-9]{{1,3}}')", "id_damaged_by_excel", name),
    ]


def _text_rules(name: str) -> list[str]:
    return [
        _rule(f"length({name}) > {TEXT_CHARACTERS}", "text_too_long", name),
        _rule(f"regexp_matches({name}, {_UNPRINTABLE})", "text_bad_characters", name),
    ]


def _amount_rules(name: str, unit: str, when: str = "") -> list[str]:
    """Give the rules that say why a sum could not become minor units."""
    huge = rf"regexp_full_match({name}, '-?[0-9.]+[eE][+]?(1[9]|[2-9][0-9]|[0-9]{{3,9}})')"
    return [
        # 1e400: a number, but no amount.
        _rule(f"{when}{huge}", "amount_out_of_range", name),
        _rule(f"{when}not regexp_full_match({name}, {_PLAIN})", "amount_not_decimal", name),
        _rule(f"{when}({name}_scaled is null or {name}_scaled % {unit} <> 0)", "amount_too_precise", name),
        _rule(f"{when}true", "amount_out_of_range", name),
    ]


def _check_side_rows(batch: RawBatch, file_name: str) -> Checked:
    schema = SIDE_TABLES[batch.table]
    rows = _with_columns(batch.rows, tuple(schema.names))
    typed = query(_side_sql(batch.table, schema), rows=rows)
    verdict = typed["verdict"]
    kept = _typed(typed, schema, "").filter(pc.is_null(verdict))
    rejects = pa.concat_tables([batch.rejects, _rejects(rows, typed, pc.is_valid(verdict), file_name)])
    return Checked(batch.table, kept, _in_line_order(rejects), schema.empty_table())


def _side_sql(table: str, schema: pa.Schema) -> str:
    clean = ", ".join(f"nullif({name}, '') as {name}" for name in schema.names)
    columns: list[str] = []
    rules = [_rule(f"{column.name} is null", "missing", column.name) for column in schema if not column.nullable]
    for column in schema:
        name, text = column.name, f"{column.name}_text"
        if pa.types.is_string(column.type):
            columns.append(name)
            rules += _id_rules(name) if name in _SIDE_IDS else _text_rules(name)
            continue
        sql, reason = _side_value(name, column.type)
        columns += [f"{name} as {text}", f"{sql} as {name}"]
        # What must be there and is not has been said above.
        rules.append(_rule(f"{text} is not null and {name} is null", reason, name))
        if pa.types.is_date(column.type):
            # An account may be older than 1970, and its opening date is not searched by time.
            rules.append(_rule(f"{name} not between '1800-01-01' and '{LAST_DAY}'", "date_out_of_range", name))
    if table in KINDS:
        rules.append(_rule(f"kind not in {listed(KINDS[table])}", "kind_unknown", "kind"))
    if table == "accounts":
        rules.append(_rule(f"currency not in {listed(sorted(CURRENCIES))}", "currency_unknown", "currency"))
        rules.append(_rule("not regexp_full_match(jurisdiction, '[A-Z]{2}')", "country_unknown", "jurisdiction"))
    if table == "customers":
        rules.append(_rule("not regexp_full_match(home_country, '[A-Z]{2}')", "country_unknown", "home_country"))
    return f"""
        with clean as (select {clean}, line, n from rows),
        typed as (select n, line as source_line, {", ".join(columns)} from clean)
        select *, case {" ".join(rules)} end as verdict from typed order by n"""


_SIDE_IDS = ("account_id", "customer_id", "subject", "value_hash", "household_id", "introducer_id")


def _side_value(name: str, kind: pa.DataType) -> tuple[str, str]:
    """Give the SQL that reads one typed column of a side table, and the reason where it cannot."""
    if pa.types.is_date(kind):
        return _day(name), "date_unreadable"
    if pa.types.is_boolean(kind):
        return f"case lower({name}) when 'true' then true when 'false' then false end", "flag_unreadable"
    if pa.types.is_decimal(kind):
        plain = f"regexp_full_match({name}, '[0-9]{{1,16}}([.][0-9]{{1,2}}0*)?')"
        return f"case when {plain} then cast({name} as decimal(18, 2)) end", "number_unreadable"
    return f"case when regexp_full_match({name}, '[0-9]{{1,12}}') then cast({name} as bigint) end", "number_unreadable"
