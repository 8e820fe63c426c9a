"""Everything a scan looks at: in memory where it fits, else left in the ledger and asked for piece by piece.

What a question needs of all payments is not the payments: who serves the public, how many there are, which payments
these findings name. Such things are asked of a database that reads the ledger's files (`Population.asking`) and spills
to disk what does not fit; the rest is searched window by window (`Population.source`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from flows import duck
from flows.cutting import OfLedger, Source
from flows.expressions import literal, quoted
from flows.garbage import give_back
from flows.ledger import Ledger
from flows.payments import PAYMENTS, node_class
from flows.window import REVERSING, SideTables, Window, in_order, no_payments


@dataclass(frozen=True)
class Totals:
    """What all payments come to.

    Parameters
    ----------
    payments : int
        Payments that count.
    accounts, own_accounts : int
        Payers and payees, and how many of them are the bank's own accounts.
    first_day, last_day : datetime.date or None
        First and last booking date; None without payments.
    money : dict of str to int
        Sum per currency, minor units.
    dateless : int
        Payments that bear a date and no time of day.
    """

    payments: int
    accounts: int
    own_accounts: int
    first_day: date | None
    last_day: date | None
    money: dict[str, int]
    dateless: int


class Population:
    """The counted payments of a ledger up to a day, with the tables beside them.

    Parameters
    ----------
    ledger : Ledger
        One version of a ledger.
    as_of : datetime.date, optional
        Look at nothing booked after this date; the last booking date if not given.
    since : datetime.date, optional
        Look at nothing with ``at`` before this day.
    at_most : int
        With no more rows than this in the ledger all payments are held in memory.
    memory : str, optional
        What the database may use, e.g. ``"800MB"``; `flows.duck.MEMORY` if not given.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        as_of: date | None = None,
        since: date | None = None,
        at_most: int,
        memory: str | None = None,
    ) -> None:
        self.ledger = ledger
        self._as_of, self._since, self._memory = as_of, since, memory
        held = no_payments()
        self.in_memory = ledger.count(as_of) <= at_most
        if self.in_memory:
            held = ledger.counted(as_of, since=since)
            give_back()
        last_day = as_of or max(ledger.days(), default=None)
        self._window = Window(held, side=ledger.side_tables(), as_of=last_day)

    @property
    def as_of(self) -> date | None:
        """The last day looked at; None where the ledger is empty."""
        return self._window.as_of

    @property
    def hubs(self) -> frozenset[str]:
        """Accounts that serve the public, once they are `labelled`."""
        return self._window.hubs

    @property
    def side(self) -> SideTables:
        """Accounts, customers and links, whole."""
        return self._window.side

    def labelled(self, hubs: Iterable[str]) -> None:
        """Say which accounts serve the public; windows opened from now on know it."""
        self._window = replace(self._window, hubs=frozenset(hubs), _memo={})

    @property
    def source(self) -> Window | Source:
        """What an engine cuts windows from."""
        if self.in_memory:
            return self._window
        return OfLedger(self.ledger, self.as_of, self.hubs, self.side, self._since)

    @contextmanager
    def asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a database with all payments as ``counted``."""
        if self.in_memory:
            with duck.connection() as opened:
                opened.register("counted", self._window.payments)
                yield opened
            return
        with (
            TemporaryDirectory(prefix="moneytrail-") as spill,
            self.ledger.asking(self._as_of, since=self._since, spill=Path(spill), memory=self._memory) as opened,
        ):
            yield opened

    @cached_property
    def totals(self) -> Totals:
        """What all payments come to."""
        with self.asking() as opened:
            [(payments, first, last, dateless)] = duck.rows(
                opened,
                "SELECT count(*), min(booked_on), max(booked_on), count(*) FILTER (ts_quality = 'date_only')"
                " FROM counted",
            )
            money = duck.rows(
                opened, "SELECT currency, sum(amount_minor)::BIGINT FROM counted GROUP BY currency ORDER BY currency"
            )
            nodes = duck.table(opened, "SELECT payer AS node FROM counted UNION SELECT payee FROM counted")["node"]
        own = sum(node_class(node) == "account" for node in nodes.to_pylist())
        return Totals(payments, len(nodes), own, first, last, dict(money), dateless)

    @cached_property
    def left_out(self) -> dict[str, int]:
        """Rows that do not count, by reason, as `flows.window.left_out` counts them."""
        took_effect = f"reversal_of IS NOT NULL AND status IN {REVERSING}"
        reasons = {
            "undone": "status = 'booked' AND reversal_of IS NULL AND payment_id IN (SELECT id FROM undone)",
            "reversal": took_effect,
            "marked as reversed": "status = 'reversed' AND reversal_of IS NULL",
            "attempted": "status = 'attempted'",
            "pending": "status = 'pending'",
        }
        with (
            TemporaryDirectory(prefix="moneytrail-") as spill,
            self.ledger.asking(self._as_of, since=self._since, spill=Path(spill), memory=self._memory) as opened,
        ):
            opened.execute(
                f"CREATE TEMP TABLE undone AS SELECT DISTINCT reversal_of AS id FROM every WHERE {took_effect}"
            )
            counted = ", ".join(f"count(*) FILTER ({which})" for which in reasons.values())
            [row] = duck.rows(opened, f"SELECT {counted} FROM every")
        return dict(zip(reasons, row, strict=True))

    @cached_property
    def specimen(self) -> Window:
        """A window of one row, which has a value wherever any payment has one: what the ledger *has*, and no more."""
        telling = {
            # The hour of one event says that hours are known; a channel, that purposes are (`payments.with_values`).
            "ts_quality": "ts_quality = 'event'",
            "channel": "channel IN ('payroll_file', 'benefit')",
        }
        values = ", ".join(
            f"coalesce(any_value({column}) FILTER ({telling[name]}), any_value({column})) AS {column}"
            if name in telling
            else f"any_value({column}) AS {column}"
            for name, column in zip(PAYMENTS.names, map(duck.columns, ([name] for name in PAYMENTS.names)), strict=True)
        )
        with self.asking() as opened:
            row = duck.table(opened, f"SELECT {values} FROM counted HAVING count(*) > 0")
        return replace(self._window, payments=row.select(PAYMENTS.names).cast(PAYMENTS), _memo={})

    def named(self, payment_ids: Iterable[str]) -> pa.Table:
        """Give these payments, in order of time and id."""
        ids = pa.array(sorted(set(payment_ids)), pa.string())
        if self.in_memory:
            return self._window.payments.filter(pc.is_in(self._window.payments["payment_id"], value_set=ids))
        with self.asking() as opened:
            found = [duck.table(opened, part) for part in _named_in(opened, ids)]
        rows = pa.concat_tables([PAYMENTS.empty_table(), *found], promote_options="permissive")
        return in_order(rows.filter(pc.is_in(rows["payment_id"], value_set=ids)).select(PAYMENTS.names)).cast(PAYMENTS)

    def named_each(self, groups: Sequence[pa.Array]) -> Iterator[pa.Table]:
        """Give the payments of each of these groups of ids in turn, each in order of time and id.

        They are brought together from the ledger once for all of them, in files that last as long as this iterator.
        """
        if self.in_memory or not groups:
            for ids in groups:
                yield self._window.payments.filter(pc.is_in(self._window.payments["payment_id"], value_set=ids))
            return
        with TemporaryDirectory(prefix="moneytrail-") as folder:
            kept: list[str] = []
            with self.asking() as opened:
                opened.execute("SET preserve_insertion_order = false")
                for part in _named_in(opened, pa.chunked_array(groups, pa.string()).unique()):
                    kept.append(str(Path(folder) / f"named-{len(kept)}.parquet"))
                    opened.execute(f"COPY ({part}) TO {literal(kept[-1])} (FORMAT parquet, COMPRESSION zstd)")
            for ids in groups:
                with duck.connection(Path(folder), self._memory) as opened:
                    opened.register("wanted", pa.table({"name": ids}))
                    rows = duck.table(
                        opened,
                        "SELECT * FROM read_parquet($kept) WHERE hash(payment_id) IN (SELECT hash(name) FROM wanted)",
                        {"kept": kept},
                    )
                rows = rows.filter(pc.is_in(rows["payment_id"], value_set=ids))
                yield in_order(rows.select(PAYMENTS.names)).cast(PAYMENTS)
                del rows
                give_back()

    def around(self, accounts: Iterable[str], payers: Iterable[str] = (), *, without: Iterable[str] = ()) -> Window:
        """Give a window with every payment of these accounts and every payment that these payers make.

        Parameters
        ----------
        accounts : iterable of str
            Of these every payment is there.
        payers : iterable of str
            Of these every payment they make is there, but for payers that serve the public: of theirs, those to
            `accounts` and `payers`. There may be others.
        without : iterable of str
            Columns that nobody will read; they may be empty.
        """
        if self.in_memory:
            return self._window
        both, out = set(accounts), set(payers)
        tables = {
            "wanted": both,
            "paying": out - self.hubs,
            "public": out & self.hubs,
            "inside": both | out,
        }
        rows = self._rows(
            " OR ".join(
                (
                    _is_in("payer", "wanted"),
                    _is_in("payee", "wanted"),
                    _is_in("payer", "paying"),
                    f"({_is_in('payer', 'public')} AND {_is_in('payee', 'inside')})",
                )
            ),
            without=frozenset(name for name in without if PAYMENTS.field(name).nullable),
            **{name: pa.array(sorted(values), pa.string()) for name, values in tables.items()},
        )
        return replace(self._window, payments=rows, _memo={})

    def moved(self, accounts: Iterable[str]) -> Window:
        """Give a window with all the money that moved between these accounts, from them and to them, and perhaps more.

        Its rows may be payments added up: one for each two accounts and each currency. Amounts and who is at their ends
        can be asked of it, times and numbers of payments cannot.
        """
        if self.in_memory:
            return self._window
        # One narrow row for each: whole rows of all payments would be spilled to find the first of each pair.
        asked = {
            "payer": "payer",
            "payee": "payee",
            "currency": "currency",
            "amount_minor": "sum(amount_minor)::BIGINT",
            "at": 'min("at")',
            "payment_id": """min({'at': "at", 'id': payment_id}).id""",
        }
        empty = frozenset(name for name in PAYMENTS.names if PAYMENTS.field(name).nullable and name not in asked)
        kept = [name for name in PAYMENTS.names if name not in empty]
        rows = self._rows(
            " OR ".join(_is_in(end, "wanted") for end in ("payer", "payee")) + " GROUP BY payer, payee, currency",
            ", ".join(f"{asked.get(name, f'min({quoted(name)})')} AS {quoted(name)}" for name in kept),
            without=empty,
            wanted=pa.array(sorted(set(accounts)), pa.string()),
        )
        return replace(self._window, payments=rows, _memo={})

    def whole(self, columns: Iterable[str]) -> Window:
        """Give a window with all payments, of which only these columns are sure to be there.

        It grows with the ledger: for what can be asked of all payments at once only.
        """
        if self.in_memory:
            return self._window
        rows = self.ledger.counted(self._as_of, since=self._since, columns=columns)
        return replace(self._window, payments=rows, _memo={})

    def _rows(self, which: str, what: str = "", without: Collection[str] = (), **tables: Any) -> pa.Table:
        what = what or duck.columns(name for name in PAYMENTS.names if name not in without)
        with self.asking() as opened:
            for name, values in tables.items():
                _numbered(opened, name, values)
            rows = duck.table(opened, f"SELECT {what} FROM counted WHERE {which}")
        for name in without:
            rows = rows.append_column(PAYMENTS.field(name), pa.nulls(rows.num_rows, PAYMENTS.field(name).type))
        return in_order(rows.select(PAYMENTS.names)).cast(PAYMENTS)


_NAMED_AT_ONCE: Final = 2_000_000
"""Names that payments are held against in one reading of the ledger: ours; where more of them are joined than the
database has memory for, all payments are written to the disk to be joined in parts."""


def _numbered(opened: duckdb.DuckDBPyConnection, table: str, names: pa.Array | pa.ChunkedArray) -> None:
    """Make a table of these names, as numbers of 64 bits: names in full take several times the memory."""
    opened.register("names", pa.table({"name": names}))
    opened.execute(f"CREATE TEMP TABLE {table} AS SELECT DISTINCT hash(name) AS number FROM names ORDER BY number")
    opened.unregister("names")


def _is_in(column: str, table: str) -> str:
    """Say that a name is among those of a table, or happens to have the same number as one of them."""
    return f"hash({column}) IN (SELECT number FROM {table})"


def _named_in(opened: duckdb.DuckDBPyConnection, ids: pa.Array | pa.ChunkedArray) -> Iterator[str]:
    """Give queries that between them find the payments of these ids, each once, and perhaps more."""
    _numbered(opened, "wanted", ids)
    [(count,)] = duck.rows(opened, "SELECT count(*) FROM wanted")
    for first in range(0, count, _NAMED_AT_ONCE):
        some = f"SELECT number FROM wanted WHERE rowid BETWEEN {first} AND {first + _NAMED_AT_ONCE - 1}"
        yield f"SELECT * FROM counted WHERE hash(payment_id) IN ({some})"
