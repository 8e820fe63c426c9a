"""The facts about a file of payments: what is in it, what is missing, and what would be rejected.

Read-only: nothing is kept. Memory is bounded as in an ingest; ids are compared on disk.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from flows import duck
from flows.check import MENDS, MUST, RAW_COLUMNS, REASONS, Checked, check_rows, row_fingerprint
from flows.delimited import numbered
from flows.errors import BalanceError, InputError
from flows.money import CURRENCIES, MAX_MINOR, exponent, major
from flows.payments import OUTSIDE_PREFIXES, PAYMENTS, REJECTS, SIDE_TABLES, with_values
from flows.plugins import Shelf
from flows.reading import RawBatch, Reader
from flows.sniffing import content_hash, guess, sample

LINES_SHOWN: Final = 5
GAPS_SHOWN: Final = 5

KNOWN_ENOUGH: Final = 0.5
"""Below this sureness a format is not known: some columns of the contract are no payments."""

# Columns that are filled for every row, so that a share of nulls would say nothing.
_ALWAYS = ("payment_id", "payer", "payee", "amount_minor", "currency", "booked_on", "at", "source_file", "source_line")
_ALWAYS_PRESENT = (*_ALWAYS, "ts_quality", "status")

# The contract has these in major units.
_AS_CONTRACT = {
    "received_minor": "received_amount",
    "payer_balance_after_minor": "payer_balance_after",
    "payee_balance_after_minor": "payee_balance_after",
}

_TIERS_OF_COLUMNS = {
    "D3": ("mcc", "merchant_name", "terminal_id", "city"),
    "D5": ("device_id",),
    "D6": ("purpose_code", "narrative"),
}


@dataclass
class Reason:
    """How often a reason rejected a row, and where first."""

    column: str
    code: str
    count: int = 0
    first_lines: list[int] = field(default_factory=list)

    @property
    def meaning(self) -> str:
        """What the code means, in plain words."""
        return REASONS[self.code]

    @property
    def mend(self) -> str:
        """What to try."""
        return MENDS[self.code]


@dataclass
class Sums:
    """What became of the money of one currency, in minor units."""

    came: int = 0
    kept: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass
class Inspection:
    """What a file holds.

    Parameters
    ----------
    file : str
        Its name.
    format : str
        Id of the reader, or ``"mapping"``.
    table : str or None
        What it mainly holds; None if no table of the contract, and then nothing was read.
    rows, kept, duplicates, rejected : int
        Rows of that table; ``rows`` is the sum of the other three.
    side_rows : dict of str to int
        Rows of other tables found in the same file, such as labels.
    reasons : list of Reason
        Most frequent first.
    first_day, last_day : datetime.date or None
        Of the payments kept.
    days : int
        Days with at least one payment.
    gaps : list of (datetime.date, datetime.date)
        First and last day of each stretch without payments, the longest first.
    gap_count : int
        How many such stretches there are.
    money : dict of str to Sums
        By currency.
    amounts_unread : int
        Rejected rows whose amount could not be read; they are in no sum.
    own_accounts, outside_nodes : int
        Different ids among payers and payees.
    missing : dict of str to float
        Share of the kept rows without a value, 0 to 1, by column.
    unused : list of str
        Columns of a file in the contract's format that the contract does not have.
    tiers : list of str
        Tiers of data found, D1 to D7 (catalogue, 3.9).
    filled : list of str
        Columns of any table that hold a value in some kept row, as ``table.column``.
    """

    file: str
    format: str
    table: str | None
    sureness: float = 1.0
    rows: int = 0
    kept: int = 0
    duplicates: int = 0
    rejected: int = 0
    side_rows: dict[str, int] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None
    days: int = 0
    gaps: list[tuple[date, date]] = field(default_factory=list)
    gap_count: int = 0
    money: dict[str, Sums] = field(default_factory=dict)
    amounts_unread: int = 0
    own_accounts: int = 0
    outside_nodes: int = 0
    missing: dict[str, float] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give the facts as plain values; sums are decimal texts in major units."""
        return {
            **vars(self),
            "reasons": [{**vars(reason), "meaning": reason.meaning, "try": reason.mend} for reason in self.reasons],
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "gaps": [[first.isoformat(), last.isoformat()] for first, last in self.gaps],
            "money": {
                currency: {what: major(minor, currency) for what, minor in vars(sums).items()}
                for currency, sums in self.money.items()
            },
        }


def inspect(
    path: Path,
    *,
    format_id: str | None = None,
    mapping: Reader | None = None,
    rejects: Callable[[pa.Table], None] | None = None,
    advance: Callable[[int], None] | None = None,
) -> Inspection:
    """Read a file to its end and say what is in it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    format_id : str, optional
        Id of the reader; guessed if not given.
    mapping : Reader, optional
        What reads the file instead.
    rejects : callable, optional
        Is given the rejected rows, batch by batch.
    advance : callable, optional
        Is told of rows read.

    Raises
    ------
    InputError
        If the file cannot be read, no reader knows it, or it changed while it was read.
    BalanceError
        If rows or money that came in are not among those kept, duplicate and rejected.
    """
    if mapping is not None:
        facts, reader = Inspection(path.name, "mapping", "payments"), mapping
    else:
        facts, reader = _recognised(path, format_id)
    if facts.table is None:
        return facts
    before, source_hash = path.stat(), content_hash(path)
    with tempfile.TemporaryDirectory(prefix="moneytrail-") as spill, duck.connection(Path(spill)) as opened:
        gathering = _Gathering(facts, opened, rejects or (lambda rows: None))
        for batch in reader.read(path):
            gathering.take(batch, check_rows(batch, path.name, source_hash))
            if advance is not None:
                advance(batch.rows.num_rows + batch.rejects.num_rows)
        gathering.finish()
    after = path.stat()
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise InputError(
            "the file changed while it was read", where=path.name, try_="wait until it is written whole, then try again"
        )
    _balance(facts)
    return facts


def write_rejects(path: Path) -> RejectsFile:
    """Begin a CSV of rejected rows; a context manager to be called with each batch of them."""
    return RejectsFile(path)


class RejectsFile:
    """A CSV of rejected rows that a spreadsheet may open safely.

    Parameters
    ----------
    path : pathlib.Path
        Where to; replaced if it is there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> RejectsFile:
        try:
            self.file = self.path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise InputError(
                f"the rejects cannot be written: {error.strerror}", where=self.path.name, try_="name another file"
            ) from error
        self.writer = csv.writer(self.file)
        self.writer.writerow(REJECTS.names)
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __call__(self, rows: pa.Table) -> None:
        """Write some rejected rows."""
        for row in rows.to_pylist():
            self.writer.writerow([neutral(value) for value in row.values()])


def neutral(value: object) -> object:
    """Give a value that a spreadsheet will not run as a formula: a quote goes before = + - @ and their like.

    Examples
    --------
    >>> neutral("=HYPERLINK(1)"), neutral(12)
    ("'=HYPERLINK(1)", 12)
    """
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def _recognised(path: Path, format_id: str | None) -> tuple[Inspection, Reader]:
    beginning = sample(path)
    if format_id is None:
        format_id, sureness, table = guess(path)
        reader: Reader = Shelf("flows.readers").load(format_id)()
        if sureness < KNOWN_ENOUGH:
            missing = [name for name in MUST if name not in beginning.columns]
            raise InputError(
                "no reader knows this format"
                + (f"; for the contract it lacks {', '.join(missing)}" if 0 < len(missing) < len(MUST) else ""),
                where=path.name,
                try_="run `moneytrail check FILE --propose mapping.toml` on it, and read what it proposes",
            )
    else:
        reader = Shelf("flows.readers").load(format_id)()
        sureness = reader.recognises(beginning)
        table = reader.table(beginning) if sureness else "payments"
    facts = Inspection(path.name, format_id, table, sureness)
    if format_id == "contract" and table is not None:
        known = RAW_COLUMNS if table == "payments" else SIDE_TABLES[table].names
        facts.unused = [name for name in beginning.columns if name not in known]
    return facts, reader


class _Gathering:
    """Adds up the facts batch by batch."""

    def __init__(
        self, facts: Inspection, opened: duckdb.DuckDBPyConnection, write_rejected: Callable[[pa.Table], None]
    ) -> None:
        self.facts = facts
        self.opened = opened
        self.write_rejected = write_rejected
        self.nulls: Counter[str] = Counter()
        self.days: Counter[date] = Counter()
        self.reasons: dict[tuple[str, str], Reason] = {}
        self.kept_rows = 0
        self.tiers: set[str] = set()
        self.filled: frozenset[str] = frozenset()
        opened.execute(
            """CREATE TABLE seen (
                payment_id VARCHAR, content VARCHAR, line BIGINT, n BIGINT, currency VARCHAR, minor BIGINT)"""
        )
        opened.execute("CREATE TABLE nodes (node VARCHAR)")

    def take(self, batch: RawBatch, checked: Checked) -> None:
        facts = self.facts
        for rejected in checked.rejects.select(["column", "reason", "line"]).to_pylist():
            self.count_reason(rejected["column"], rejected["reason"], rejected["line"])
        if checked.rejects.num_rows:
            self.write_rejected(checked.rejects)
        rows = batch.rows.num_rows + batch.rejects.num_rows
        self.filled |= with_values(batch.table, checked.kept)
        if batch.table != facts.table:
            facts.side_rows[batch.table] = facts.side_rows.get(batch.table, 0) + rows
            return
        facts.rows += rows
        facts.kept += checked.kept.num_rows
        facts.duplicates += checked.duplicates.num_rows
        facts.rejected += checked.rejects.num_rows
        for name in checked.kept.column_names:
            self.nulls[name] += checked.kept[name].null_count
        self.kept_rows += checked.kept.num_rows
        if batch.table == "payments":
            self.take_payments(batch, checked)
        else:
            self.tiers |= {"customers": {"D4"}, "accounts": {"D4"}, "links": {"D5"}}.get(batch.table, set())

    def take_payments(self, batch: RawBatch, checked: Checked) -> None:
        facts, kept = self.facts, checked.kept
        for currency, minor in money_in(batch.rows).items():
            self.sums(currency).came += minor
        for what, rows in (("kept", kept), ("duplicates", checked.duplicates), ("rejected", checked.rejects)):
            for currency, minor in _by_currency(rows).items():
                setattr(self.sums(currency), what, getattr(self.sums(currency), what) + minor)
        facts.amounts_unread += checked.rejects["amount_minor"].null_count
        for day in pc.value_counts(kept["booked_on"]).to_pylist():
            self.days[day["values"]] += day["counts"]
        self.opened.register(
            "batch",
            pa.table(
                {
                    "payment_id": kept["payment_id"],
                    "content": row_fingerprint(kept),
                    "line": kept["source_line"],
                    "n": numbered(kept.num_rows, self.kept_rows),
                    "currency": kept["currency"],
                    "minor": kept["amount_minor"],
                    "payer": kept["payer"],
                    "payee": kept["payee"],
                }
            ),
        )
        self.opened.execute("INSERT INTO seen SELECT payment_id, content, line, n, currency, minor FROM batch")
        self.opened.execute("INSERT INTO nodes SELECT payer FROM batch UNION SELECT payee FROM batch")
        self.opened.unregister("batch")
        self.note_tiers(kept)

    def note_tiers(self, kept: pa.Table) -> None:
        if kept.num_rows == 0:
            return
        self.tiers.add("D1")
        if pc.any(pc.not_equal(kept["ts_quality"], "date_only")).as_py():
            self.tiers.add("D2")
        for tier, names in _TIERS_OF_COLUMNS.items():
            if any(kept[name].null_count < kept.num_rows for name in names):
                self.tiers.add(tier)
        inside = pc.and_(_inside(kept["payer"]), _inside(kept["payee"]))
        if pc.any(inside).as_py():
            self.tiers.add("D7")

    def finish(self) -> None:
        facts = self.facts
        if facts.table == "payments":
            self.compare_ids()
            for own, count in duck.rows(
                self.opened,
                f"""SELECT NOT ({" OR ".join(f"starts_with(node, '{prefix}')" for prefix in OUTSIDE_PREFIXES)}) AS own,
                count(DISTINCT node) FROM nodes GROUP BY own""",
            ):
                setattr(facts, "own_accounts" if own else "outside_nodes", count)
            self.note_days()
        facts.reasons = sorted(self.reasons.values(), key=lambda reason: (-reason.count, reason.code, reason.column))
        facts.missing = {
            _AS_CONTRACT.get(name, name): count / self.kept_rows
            for name, count in self.nulls.items()
            if count and self.kept_rows and name not in _ALWAYS_PRESENT
        }
        facts.tiers = sorted(self.tiers)
        facts.filled = sorted(self.filled)
        facts.money = dict(sorted(facts.money.items()))

    def compare_ids(self) -> None:
        """Find the ids that come twice in different batches; within one they were found already."""
        repeated = duck.rows(
            self.opened,
            """SELECT * FROM (
                SELECT payment_id, line, currency, minor, n = min(n) OVER same AS first,
                    content = first_value(content) OVER same AS alike
                FROM seen WHERE payment_id IN (SELECT payment_id FROM seen GROUP BY payment_id HAVING count(*) > 1)
                WINDOW same AS (PARTITION BY payment_id ORDER BY n
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
            ) WHERE NOT first ORDER BY line""",
        )
        facts = self.facts
        conflicts = []
        for payment_id, line, currency, minor, _, alike in repeated:
            sums = self.sums(currency)
            facts.kept, sums.kept = facts.kept - 1, sums.kept - minor
            if alike:
                facts.duplicates, sums.duplicates = facts.duplicates + 1, sums.duplicates + minor
                continue
            facts.rejected, sums.rejected = facts.rejected + 1, sums.rejected + minor
            self.count_reason("payment_id", "id_conflict", line)
            conflicts.append(
                {
                    "file": facts.file,
                    "line": line,
                    "column": "payment_id",
                    "reason": "id_conflict",
                    "row": json.dumps({"payment_id": payment_id}),
                    "amount_minor": minor,
                    "currency": currency,
                }
            )
        if conflicts:
            self.write_rejected(pa.Table.from_pylist(conflicts, schema=REJECTS))

    def count_reason(self, column: str, code: str, line: int) -> None:
        reason = self.reasons.setdefault((column, code), Reason(column, code))
        reason.count += 1
        if len(reason.first_lines) < LINES_SHOWN:
            reason.first_lines.append(line)

    def note_days(self) -> None:
        facts = self.facts
        if not self.days:
            return
        ordered = sorted(self.days)
        facts.first_day, facts.last_day, facts.days = ordered[0], ordered[-1], len(ordered)
        gaps = list(_gaps(ordered))
        facts.gap_count = len(gaps)
        facts.gaps = sorted(gaps, key=lambda gap: (gap[0] - gap[1], gap))[:GAPS_SHOWN]

    def sums(self, currency: str) -> Sums:
        return self.facts.money.setdefault(currency, Sums())


def _gaps(days: list[date]) -> Iterator[tuple[date, date]]:
    one = timedelta(days=1)
    for day, following in pairwise(days):
        if following - day > one:
            yield day + one, following - one


def _inside(nodes: pa.ChunkedArray) -> pa.ChunkedArray:
    outside = pc.match_substring_regex(nodes, "^(" + "|".join(OUTSIDE_PREFIXES) + ")")
    return pc.invert(outside)


_WIDE = pa.decimal256(76, 30)


def money_in(rows: pa.Table) -> dict[str, int]:
    """Add up the raw amounts of payments by currency, in minor units, by another route than the check.

    Exact decimals in Arrow, where the check makes integers of text in DuckDB: a fault in one of them unbalances the
    file. Amounts that cannot be read, or not be held, are in no sum.

    Parameters
    ----------
    rows : pyarrow.Table
        Rows of a `RawBatch` of payments.
    """
    if not rows.num_rows or not {"amount", "currency"} <= set(rows.column_names):
        return {}
    plain = pc.fill_null(pc.match_substring_regex(rows["amount"], r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$"), fill_value=False)
    sums: dict[str, int] = {}
    for currency in pc.unique(rows["currency"]).to_pylist():
        if currency not in CURRENCIES:
            continue
        mine = pc.and_(plain, pc.fill_null(pc.equal(rows["currency"], currency), fill_value=False))
        digits = exponent(currency)
        # 30 digits before the point and 30 behind it: any plain amount fits.
        exact = rows["amount"].filter(mine).cast(_WIDE)
        bound = pa.scalar(Decimal(MAX_MINOR).scaleb(-digits), _WIDE)
        held = pc.and_(pc.equal(pc.round(exact, ndigits=digits), exact), pc.less(pc.abs(exact), bound))
        total = pc.sum(exact.filter(held)).as_py()
        if total is not None:
            with localcontext(prec=_WIDE.precision):
                sums[currency] = int(total.scaleb(digits))
    return sums


def _by_currency(rows: pa.Table) -> dict[str, int]:
    readable = rows.select(["currency", "amount_minor"]).filter(pc.is_valid(rows["amount_minor"]))
    # A sum may be larger than an int64, although no amount is.
    wide = readable.set_column(1, "amount_minor", readable["amount_minor"].cast(pa.decimal128(38, 0)))
    sums = wide.group_by("currency").aggregate([("amount_minor", "sum")])
    return {row["currency"]: int(row["amount_minor_sum"]) for row in sums.to_pylist()}


def _balance(facts: Inspection) -> None:
    if facts.rows != facts.kept + facts.duplicates + facts.rejected:
        raise BalanceError(
            "rows read are not all among those kept, duplicate and rejected",
            where=facts.file,
            try_="send the file's format to whoever keeps this tool",
        )
    for currency, sums in facts.money.items():
        if sums.came != sums.kept + sums.duplicates + sums.rejected:
            raise BalanceError(
                f"money in {currency} read is not all among that kept, duplicate and rejected",
                where=facts.file,
                try_="send the file's format to whoever keeps this tool",
            )


assert set(_ALWAYS_PRESENT) <= set(PAYMENTS.names)
