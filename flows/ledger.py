"""The ledger: every payment ever taken in, as Delta Lake tables in one folder.

::

    LEDGER/
      payments/     Delta, partitioned by booked_on: the rows, and the one log that says what is in
      accounts/ customers/ links/ labels/     Delta, a whole new state per ingest that changes them
      sources/      Delta: one row per file taken in
      rejects/      CSV: one file per source with rejected rows
      hashes.json   what each Parquet file held when it was written (`flows.ledger_hashes`)
      staging/      of the ingest under way, or of one that died: rows that wait for their commit
      lock          who writes (`flows.lock`)

What makes it safe to kill at any instant. Several Delta tables cannot be committed together, so only one of them
decides: the log of ``payments``. An ingest first writes the side tables and ``sources`` as new versions of their own
tables, which nobody looks at yet; then one commit to ``payments`` appends all rows of all files, and records in the
same log entry, as Delta application transactions, ``side:<table>`` = the version of each side table that belongs to
this state, and ``source:<sha256>`` for each file. Before that commit every reader sees the old state, after it the
new one; there is no instant between. A version of a side table, or a Parquet file, that no commit points at is left
over from a killed ingest: the same ingest run again builds on the state the log names, not on what lies about.

The version of the ledger is the version of ``payments``, and an older version brings its own side tables with it, so
an alert can be run again on the exact data it was raised on. Log entries are therefore never expired.

Application transactions were chosen over commit metadata because they survive checkpoints and answer for any version
without walking through the history. Safe against a kill, not against a power cut: that is left to the file system.

Read by others as what it is: ``duckdb.read_parquet(ledger.files())``, or Spark's ``format("delta")`` on the folder.
"""

from __future__ import annotations

import json
import shutil
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final
from urllib.parse import unquote

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError
from numpy.typing import NDArray

from flows import duck, ledger_hashes, ledger_writing
from flows.errors import BalanceError, StoreError
from flows.expressions import literal
from flows.lock import writing
from flows.payments import NOT_MEANT, PAYMENTS, SIDE_KEYS, SIDE_TABLES, Whose
from flows.plural import told
from flows.showing import Shown
from flows.window import BEGINNING, END, REVERSING, Cut, SideTables, Window, in_order

SOURCES: Final = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),  # counts the files from 1, in the order they came
        pa.field("source_file", pa.string(), nullable=False),  # sha256 of the file, hex
        pa.field("file_name", pa.string(), nullable=False),  # name without its folder
        pa.field("table", pa.string(), nullable=False),
        pa.field("format", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("kept", pa.int64(), nullable=False),
        pa.field("duplicates", pa.int64(), nullable=False),
        pa.field("rejected", pa.int64(), nullable=False),
        # Rejected rows by reason code, and money by currency and what became of it (minor units), both as JSON.
        pa.field("reasons", pa.string(), nullable=False),
        pa.field("money_minor", pa.string(), nullable=False),
    ]
)
"""One row per table of a file taken in."""

PLANTED: Final = "planted-payments.parquet"
"""Name of the file whose payments were planted for a test; a ledger with such a source is never a bank's own."""

_BESIDE: Final = {**SIDE_TABLES, "sources": SOURCES}
_KEYS: Final = {**SIDE_KEYS, "sources": ("number",)}

# Not `NOT EXISTS`: DuckDB 2.0 then keeps every payment and groups all their ids first, though few are reversed.
_BUT_UNDONE: Final = "ANTI JOIN reversed ON reversed.payment_id = p.payment_id"
_SETTINGS: Final = {
    # Time travel is a promise here, not a convenience: no log entry is ever expired.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    # Statistics of all columns would make the log the larger half of a ledger with many small days.
    "delta.dataSkippingStatsColumns": "payment_id,at",
}

Moment = int | date | datetime
"""Microseconds since 1970, a date (its midnight, UTC) or a datetime."""


_Bucketed = tuple[date | None, int, int, Whose]
"""Last day, first moment, number of buckets, and whose accounts bring payments into them."""


@dataclass(frozen=True)
class _File:
    path: str
    booked_on: date
    rows: int
    first_at: int
    last_at: int


class Ledger(Shown):
    """One version of a ledger; it does not change while others write to the folder.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    version : int, optional
        Which version to see; the newest if not given.

    Examples
    --------
    >>> import tempfile
    >>> ledger = Ledger.create(Path(tempfile.mkdtemp()) / "ledger")
    >>> ledger.version, ledger.payments().num_rows, ledger.side("accounts")
    (0, 0, None)
    """

    shown_as = "ledger"

    def __init__(self, path: Path, version: int | None = None) -> None:
        self.path = Path(path)
        with as_store_errors(self.path):
            if not _is_ledger(self.path):
                raise StoreError(
                    "there is no ledger here",
                    where=str(self.path),
                    try_="make one with `moneytrail ingest --ledger DIR --payments FILE`",
                )
        try:
            self._delta = DeltaTable(str(self.path / "payments"), version=version)
        except DeltaError as error:
            raise StoreError(
                "the ledger cannot be opened" if version is None else f"the ledger has no version {version}",
                where=str(self.path),
                try_="see that the folder is whole and readable"
                if version is None
                else "leave the version out for the newest",
            ) from error
        self.version: int = self._delta.version()
        # Ids of the payments that were undone, by the day looked from; asked for anew by every window of a cut.
        self._reversed: dict[date | None, pa.Table] = {}
        # Payments by bucket of account, by the span looked at and the number of buckets; gone with this object. Those
        # that were laid out are seen by other machines.
        self._bucketed: dict[_Bucketed, Path] = {}
        self._laid_out: dict[_Bucketed, Path] = {}

    @classmethod
    def open(cls, path: Path | str) -> Ledger:
        """Open the newest version of a ledger.

        Raises
        ------
        StoreError
            If the folder is absent or holds no ledger.
        """
        return cls(Path(path))

    @classmethod
    def create(cls, path: Path | str) -> Ledger:
        """Make an empty ledger, or open the one that is there.

        Raises
        ------
        StoreError
            If the folder cannot be written, or holds other things.
        """
        path = Path(path)
        with as_store_errors(path):
            if not _is_ledger(path):
                if path.is_dir() and not {entry.name for entry in path.iterdir()} <= {"lock", "payments"}:
                    raise StoreError(
                        "the folder holds something else",
                        where=str(path),
                        try_="name an empty or a new folder",
                    )
                # Whoever may not enter reads nothing of what people paid, whatever the mask of the program that writes.
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
                with writing(path):
                    DeltaTable.create(
                        str(path / "payments"),
                        PAYMENTS,
                        mode="ignore",
                        partition_by=["booked_on"],
                        name="payments",
                        configuration=_SETTINGS,
                    )
        return cls(path)

    @classmethod
    @contextmanager
    def for_writing(cls, path: Path | str) -> Iterator[Ledger]:
        """Open or make a ledger to write to, and hold the one right to do so.

        A ledger that was made here goes again, with the folders made for it, if what follows fails before its first
        commit: who mistypes an option finds nothing left behind.

        Raises
        ------
        LockedError
            If another run is writing to it.
        StoreError
            As `create`.
        """
        path = Path(path)
        absent = [folder for folder in (path, *path.parents) if not folder.exists()]
        with as_store_errors(path):
            made = not _is_ledger(path)
        ledger = cls.create(path)
        with writing(path):
            try:
                yield ledger.newest()
            except BaseException:
                # The first error is the one to hear of.
                with suppress(OSError, StoreError):
                    if made and ledger.newest().version == 0:
                        _unmake(path, absent)
                raise

    def __repr__(self) -> str:
        return f"Ledger({str(self.path)!r}, version={self.version})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Buckets that were laid out where all machines see them travel along; those of this process do not.
        return (_reopened, (type(self), self.path, self.version, self._laid_out))

    def at_version(self, version: int) -> Ledger:
        """Open another version of this ledger.

        Raises
        ------
        StoreError
            If there is no such version.
        """
        return type(self)(self.path, version)

    def newest(self) -> Ledger:
        """Open the newest version of this ledger."""
        return type(self)(self.path)

    def recorded(self) -> dict[int, datetime]:
        """Give when each version up to this one was written, by the clock of the machine that wrote it (UTC)."""
        with as_store_errors(self.path):
            written = {entry["version"]: entry["timestamp"] for entry in self._delta.history()}
        return {
            version: datetime.fromtimestamp(written[version] / 1000, UTC)
            for version in sorted(written)
            if version <= self.version
        }

    def known_on(self, day: date) -> Ledger:
        """Open the version that was the newest at the end of a day (UTC): what was known then, and nothing else.

        What was taken in later is not in it, however early it was booked. For what was booked by a day, as far as is
        known now, ask any version for `as_of`.

        Raises
        ------
        StoreError
            If nothing had been taken in by the end of that day.
        """
        versions = [version for version, at in self.recorded().items() if at.date() <= day and version]
        if not versions:
            raise StoreError(
                "nothing had been taken in by the end of that day",
                where=str(self.path),
                try_="ask what was booked by then instead, with as_of: that knows what was taken in later",
            )
        return self.at_version(versions[-1])

    @cached_property
    def _files(self) -> tuple[_File, ...]:
        actions = pa.table(self._delta.get_add_actions(flatten=True))
        if not actions.num_rows:
            return ()
        # Without statistics (a file another tool wrote) nothing can be said about the hour, so the file is always read.
        at = {
            name: pc.coalesce(actions[name].cast(pa.int64()), pa.scalar(otherwise)).to_pylist()
            if name in actions.column_names
            else [otherwise] * actions.num_rows
            for name, otherwise in (("min.at", BEGINNING), ("max.at", END))
        }
        columns = zip(
            actions["path"].to_pylist(),
            actions["partition.booked_on"].to_pylist(),
            actions["num_records"].to_pylist(),
            at["min.at"],
            # Delta cuts the statistics of timestamps to milliseconds.
            [last + 999 for last in at["max.at"]],
            strict=True,
        )
        root = self.path / "payments"
        return tuple(
            sorted(
                (_File(str(root / unquote(path)), *rest) for path, *rest in columns),
                key=lambda file: (file.booked_on, file.path),
            )
        )

    def files(self, since: Moment | None = None, until: Moment | None = None, as_of: date | None = None) -> list[str]:
        """Give the Parquet files that may hold payments of a span, for any reader of Parquet.

        ``booked_on`` is in the name of the folder, Hive style, not in the file. The largest file is the first, the
        others are in order of day: DuckDB takes the first for what all are like, and where that is a nearly empty day
        it holds everything in the ledger in memory, or on the disk, to be joined with what is small.

        Parameters
        ----------
        since, until : int, datetime.date or datetime.datetime, optional
            Only files with payments in ``[since, until)`` by ``at``.
        as_of : datetime.date, optional
            Only files booked on this date or before.
        """
        low, high = moment(since, BEGINNING), moment(until, END)
        files = [
            file
            for file in self._files
            if (as_of is None or file.booked_on <= as_of) and file.last_at >= low and file.first_at < high
        ]
        largest = max(files, key=lambda file: file.rows, default=None)
        return [file.path for file in sorted(files, key=lambda file: file is not largest)]

    def days(self, as_of: date | None = None) -> dict[date, int]:
        """Give the number of rows per booking date, in order of date; reads no payment."""
        rows: dict[date, int] = {}
        for file in self._files:
            if as_of is None or file.booked_on <= as_of:
                rows[file.booked_on] = rows.get(file.booked_on, 0) + file.rows
        return rows

    def payments(
        self,
        since: Moment | None = None,
        until: Moment | None = None,
        *,
        as_of: date | None = None,
        columns: Iterable[str] | None = None,
        accounts: Iterable[str] | pa.Array | None = None,
        version: int | None = None,
    ) -> pa.Table:
        """Give rows as they were taken in, booked or not.

        Parameters
        ----------
        since, until : int, datetime.date or datetime.datetime, optional
            Only rows with ``at`` in ``[since, until)``.
        as_of : datetime.date, optional
            Only rows booked on this date or before.
        columns : iterable of str, optional
            Only these columns, in the order of `flows.payments.PAYMENTS`.
        accounts : iterable of str, optional
            Only rows with one of these as payer or payee.
        version : int, optional
            Read this version instead.

        Returns
        -------
        pyarrow.Table
            Rows of `flows.payments.PAYMENTS`, sorted by ``at`` and ``payment_id``.
        """
        if version is not None:
            return self.at_version(version).payments(since, until, as_of=as_of, columns=columns, accounts=accounts)
        return self._read(since, until, as_of=as_of, columns=columns, accounts=accounts)

    def counted(
        self,
        as_of: date | None = None,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        columns: Iterable[str] | None = None,
        accounts: Iterable[str] | pa.Array | None = None,
    ) -> pa.Table:
        """Give the payments that moved money and stayed moved, as `flows.window.counted` does for a whole table.

        A payment reversed on a later day, as long as that day is not after `as_of`, is left out of every span.

        Parameters
        ----------
        as_of, since, until, columns, accounts
            As for `payments`.
        """
        return self._read(since, until, as_of=as_of, columns=columns, accounts=accounts, only_counted=True)

    def count(self, as_of: date | None = None) -> int:
        """Give the number of rows, booked or not; reads no payment."""
        return sum(self.days(as_of).values())

    def _read(
        self,
        since: Moment | None,
        until: Moment | None,
        *,
        as_of: date | None,
        columns: Iterable[str] | None,
        accounts: Iterable[str] | pa.Array | None,
        only_counted: bool = False,
    ) -> pa.Table:
        schema, read = _columns(columns)
        low, high = moment(since, BEGINNING), moment(until, END)
        files = self.files(since, until, as_of)
        if not files:
            return schema.empty_table()
        conditions = ["true"]
        values: dict[str, Any] = {"files": files}
        # The bounds of a span are compared as integers: they may lie outside what a timestamp can say.
        if low > BEGINNING:
            conditions.append('epoch_us("at") >= $low')
            values["low"] = low
        if high < END:
            conditions.append('epoch_us("at") < $high')
            values["high"] = high
        with duck.connection() as opened, as_store_errors(self.path):
            if accounts is not None:
                opened.register("of_accounts", pa.table({"name": _names(accounts)}))
                conditions.append(
                    "(payer IN (SELECT name FROM of_accounts) OR payee IN (SELECT name FROM of_accounts))"
                )
            if only_counted:
                if as_of not in self._reversed:
                    self._reversed[as_of] = self._undone(as_of)
                opened.register("reversed", self._reversed[as_of])
                conditions.append("status = 'booked' AND reversal_of IS NULL")
            but = _BUT_UNDONE if only_counted else ""
            rows = duck.table(
                opened,
                f"SELECT {duck.columns(read)} FROM {duck.read_days('$files')} AS p {but}"
                f" WHERE {' AND '.join(conditions)}",
                values,
            )
        return in_order(rows).select(schema.names).cast(schema)

    @contextmanager
    def asking(
        self,
        as_of: date | None = None,
        *,
        since: Moment | None = None,
        spill: Path | None = None,
        memory: str | None = None,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a database in which ``counted`` are the rows of `counted` and ``every`` all rows, read when asked for.

        Parameters
        ----------
        as_of : datetime.date, optional
            Only rows booked on this date or before.
        since : int, datetime.date or datetime.datetime, optional
            Only rows with ``at`` from then on.
        spill, memory : pathlib.Path, str, optional
            As for `flows.duck.connection`.
        """
        files = self.files(since, as_of=as_of)
        with duck.connection(spill, memory) as opened, as_store_errors(self.path):
            if files:
                opened.execute(
                    f"CREATE VIEW every AS SELECT * FROM {duck.read_days(duck.files(files))}"
                    f' WHERE epoch_us("at") >= {moment(since, BEGINNING)}'
                )
            else:
                opened.register("every", PAYMENTS.empty_table())
            if as_of not in self._reversed:
                self._reversed[as_of] = self._undone(as_of)
            opened.register("reversed", self._reversed[as_of])
            opened.execute(
                f"CREATE VIEW counted AS SELECT p.* FROM every AS p {_BUT_UNDONE}"
                " WHERE status = 'booked' AND reversal_of IS NULL"
            )
            yield opened

    def bucketed(
        self,
        of: Callable[[], pa.Table],
        wanted: Iterable[int],
        buckets: int,
        as_of: date | None = None,
        *,
        since: Moment | None = None,
        columns: Iterable[str] | None = None,
        whose: Whose = "all",
    ) -> pa.Table:
        """Give the counted payments of the accounts in some buckets.

        The first call writes the payments into one folder a bucket, gone with this object, so that each bucket reads
        its own payments and not the whole ledger once more; unless they were laid out (`lay_out`). What is there for
        accounts that nobody asked of yet is written when somebody does.

        Parameters
        ----------
        of : callable
            Gives every ``node`` with its ``bucket`` and ``whose`` it is (place in `flows.payments.NOT_MEANT`), the same
            for every call with this number of buckets.
        wanted, buckets : iterable of int, int
            Which of how many.
        as_of, since, columns
            As for `counted`.
        whose : {"own", "persons", "all"}
            Whose accounts.
        """
        schema, read = _columns(columns)
        begin = moment(since, BEGINNING)
        keys = [(as_of, begin, buckets, one) for one in _up_to(whose)]
        with as_store_errors(self.path):
            missing = [key for key in keys if key not in self._laid_out and key not in self._bucketed]
            if missing:
                folder = Path(mkdtemp(prefix="moneytrail-buckets-"))
                self._bucketed |= self._in_buckets(missing, of, folder, since)
            files: list[str] = []
            for key in keys:
                folder = self._laid_out.get(key) or self._bucketed[key]
                if not folder.is_dir():
                    raise StoreError(
                        "the payments that were laid out in buckets are gone or not to be seen from here",
                        where=str(folder),
                        try_="have every machine see the ledger's folder at the same path",
                    )
                for bucket in wanted:
                    files += sorted(map(str, folder.glob(f"bucket={bucket}/whose={key[-1]}/*.parquet")))
            if not files:
                return schema.empty_table()
            with duck.connection() as opened:
                rows = duck.table(
                    opened,
                    f"SELECT {duck.columns(read)} FROM read_parquet($files, hive_partitioning = false)",
                    {"files": files},
                )
        return _once(in_order(rows)).select(schema.names).cast(schema)

    def lay_out(
        self,
        of: Callable[[], pa.Table],
        buckets: int,
        folder: Path,
        as_of: date | None = None,
        *,
        since: Moment | None = None,
        whose: Whose = "all",
    ) -> None:
        """Write the counted payments in so many buckets where other machines see them, for `bucketed` to read.

        What was laid out before is not written again; it is gone with this object.

        Parameters
        ----------
        of : callable
            As for `bucketed`; not called if nothing is to be written.
        buckets : int
            How many there are.
        folder : pathlib.Path
            A new folder, made if it is needed.
        as_of, since
            As for `counted`.
        whose : {"own", "persons", "all"}
            Whose accounts will be asked of.
        """
        keys = [(as_of, moment(since, BEGINNING), buckets, one) for one in _up_to(whose)]
        missing = [key for key in keys if key not in self._laid_out]
        if missing:
            folder.mkdir(parents=True)
            self._laid_out |= self._in_buckets(missing, of, folder, since)

    def _in_buckets(
        self, missing: Sequence[_Bucketed], of: Callable[[], pa.Table], folder: Path, since: Moment | None
    ) -> dict[_Bucketed, Path]:
        """Write payments in buckets into a folder that is gone with this object; say where each lies."""
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            self._write_buckets(folder, of(), missing[0][0], since, [whose for *_, whose in missing])
        except BaseException:
            # Every window tries again: what each left behind would fill the disk.
            shutil.rmtree(folder, ignore_errors=True)
            raise
        # Not before they are whole: buckets that failed must not be read as empty ones.
        return dict.fromkeys(missing, folder)

    def _write_buckets(
        self, folder: Path, of: pa.Table, as_of: date | None, since: Moment | None, whose: Sequence[Whose]
    ) -> None:
        """Write payments by bucket and by who brings them there: the first, in `NOT_MEANT`, of those at their ends.

        Some days after the others. What is held of some days is joined with the buckets of its rows; all days together
        would go to the disk for that.
        """
        names = list(NOT_MEANT)
        wanted = [names.index(one) for one in whose]
        columns = duck.columns(PAYMENTS.names)
        with self.asking(as_of, since=since, spill=folder / "spill") as opened:
            opened.register("nodes", of)
            # Without the accounts that bring nothing: of the bank's own there are few, of all there are millions.
            opened.execute(f"CREATE TEMP TABLE bucket_of AS SELECT * FROM nodes WHERE whose <= {max(wanted)}")
            # Rows wait in memory for each bucket; how many is not bounded by the database's own limit.
            opened.execute(f"SET partitioned_write_flush_threshold = {_ROWS_THAT_WAIT}")
            opened.execute("SET preserve_insertion_order = false")  # `bucketed` sorts what it reads
            # What a join holds in memory is what is written on its right, and that is numbers and names only.
            opened.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
            for first, last in ledger_writing.spans(sorted(self.days(as_of).items()), _SPREAD_AT_ONCE):
                which = f"booked_on BETWEEN DATE '{first}' AND DATE '{last}'"
                opened.execute(f"CREATE TEMP TABLE held AS SELECT {columns} FROM counted WHERE {which}")
                opened.execute(_PLACES)
                opened.execute(
                    f"""COPY (
                        SELECT {columns}, bucket, ({names!r})[place + 1] AS whose
                        FROM held JOIN places ON held.rowid = places.number
                        WHERE place IN ({", ".join(map(str, wanted))})
                    ) TO {literal(str(folder))} (
                        FORMAT parquet, PARTITION_BY (bucket, whose), OVERWRITE_OR_IGNORE,
                        FILENAME_PATTERN 'from_{first}_{{i}}'
                    )"""
                )
                # Before the next are held: both together do not always fit.
                opened.execute("DROP TABLE held; DROP TABLE places")

    def _undone(self, as_of: date | None) -> pa.Table:
        """Give the ids of payments that a reversal undid."""
        with duck.connection() as opened:
            return duck.table(
                opened,
                f"SELECT DISTINCT reversal_of AS payment_id FROM {duck.read_days('$files')}"
                " WHERE list_contains($reversing, status) AND reversal_of IS NOT NULL ORDER BY 1",
                {"files": self.files(as_of=as_of), "reversing": list(REVERSING)},
            )

    def per_day(self, as_of: date | None = None, *, since: Moment | None = None) -> NDArray[np.int64]:
        """Give days since 1970, by ``at``, and the rows in them, as two columns in order of day; reads one column."""
        files = self.files(since, as_of=as_of)
        if not files:
            return np.empty((0, 2), np.int64)
        with duck.connection() as opened:
            rows = duck.table(
                opened,
                f"""SELECT CAST(floor(epoch_us("at") / 86400000000) AS BIGINT) AS day, count(*) AS rows
                    FROM {duck.read_days("$files")} WHERE epoch_us("at") >= $low GROUP BY 1 ORDER BY 1""",
                {"files": files, "low": moment(since, BEGINNING)},
            )
        return np.column_stack([rows["day"].to_numpy(), rows["rows"].to_numpy()])

    def ends(self, as_of: date | None = None, *, since: Moment | None = None) -> dict[Whose, int]:
        """Count the ends of rows that are at accounts that are meant, each row having two; reads two columns."""
        files = self.files(since, as_of=as_of)
        if not files:
            return dict.fromkeys(NOT_MEANT, 0)
        with duck.connection() as opened:
            counts = [
                " + ".join(
                    f"count(*) FILTER ({' AND '.join(['true', *_unlike(end, not_meant)])})"
                    for end in ("payer", "payee")
                )
                for not_meant in NOT_MEANT.values()
            ]
            [row] = opened.execute(
                f"SELECT {', '.join(counts)} FROM {duck.read_days('$files')}", {"files": files}
            ).fetchall()
        return dict(zip(NOT_MEANT, row, strict=True))

    def nodes(self, as_of: date | None = None, *, since: Moment | None = None) -> pa.Array:
        """Give every payer and payee once, sorted; reads two columns."""
        files = self.files(since, as_of=as_of)
        if not files:
            return pa.array([], pa.string())
        days = duck.read_days("$files")
        with duck.connection() as opened:
            rows = duck.table(
                opened,
                f"SELECT payer AS node FROM {days} UNION SELECT payee FROM {days} ORDER BY 1",
                {"files": files},
            )
        return rows["node"].combine_chunks()

    def side(self, name: str) -> pa.Table | None:
        """Give the accounts, customers, links, labels or sources that belong to this version.

        Returns
        -------
        pyarrow.Table or None
            Sorted by the columns that name a row; None if none were ever taken in.
        """
        if name not in _BESIDE:
            raise StoreError(f"the ledger keeps no table {name!r}", where="side", try_="one of: " + ", ".join(_BESIDE))
        version = self._delta.transaction_version(f"side:{name}")
        if version is None:
            return None
        with as_store_errors(self.path):
            rows = DeltaTable(str(self.path / name), version=version).to_pyarrow_table()
        # A ledger may be older than a column.
        for column in _BESIDE[name]:
            if column.name not in rows.column_names:
                rows = rows.append_column(column, pa.nulls(rows.num_rows, column.type))
        return rows.select(_BESIDE[name].names).sort_by([(key, "ascending") for key in _KEYS[name]]).cast(_BESIDE[name])

    def sources(self) -> pa.Table:
        """Give the files taken in, as `SOURCES`, in the order they came."""
        rows = self.side("sources")
        return SOURCES.empty_table() if rows is None else rows

    @property
    def planted(self) -> int:
        """How many payments were planted for a test; the log says so, whatever becomes of other marks."""
        return sum(row["kept"] for row in self.sources().to_pylist() if row["file_name"] == PLANTED)

    def rejected(self) -> dict[str, int]:
        """Give the rows rejected so far by reason code, the commonest first."""
        rows: Counter[str] = Counter()
        for reasons in self.sources()["reasons"].to_pylist():
            rows.update(json.loads(reasons))
        return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))

    def has_source(self, source_hash: str) -> bool:
        """Say whether a file of payments with this content hash is in."""
        return self._delta.transaction_version(f"source:{source_hash}") is not None

    def side_tables(self) -> SideTables:
        """Give the tables that a window carries."""
        return SideTables(self.side("accounts"), self.side("customers"), self.side("links"))

    def window(
        self,
        *,
        as_of: date | None = None,
        cut: Cut = "time",
        hubs: Iterable[str] = (),
        side: SideTables | None = None,
    ) -> Window:
        """Make the one window that holds and owns everything.

        Parameters
        ----------
        as_of : datetime.date, optional
            Look at nothing booked after this date; the last booking date if not given.
        cut : {"time", "account"}
            What the window is for.
        hubs : iterable of str
            Accounts that serve the public.
        side : SideTables, optional
            The side tables, where they were read already.
        """
        return Window(
            self.counted(as_of),
            cut=cut,
            hubs=frozenset(hubs),
            side=self.side_tables() if side is None else side,
            as_of=as_of or max(self.days(), default=None),
        )

    def commit(
        self,
        payments: pa.RecordBatchReader | None,
        *,
        rows: int,
        source_hashes: Iterable[str],
        side: dict[str, pa.Table],
    ) -> Ledger:
        """Add payments and set side tables, all or nothing; whoever calls holds the lock.

        Parameters
        ----------
        payments : pyarrow.RecordBatchReader or None
            New rows of `flows.payments.PAYMENTS`; best sorted by booking date.
        rows : int
            How many they are.
        source_hashes : iterable of str
            Content hashes of the files of payments they came from.
        side : dict of str to pyarrow.Table
            Whole new states of the tables that changed, ``sources`` among them.

        Returns
        -------
        Ledger
            The new version.

        Raises
        ------
        StoreError
            If the disk is full or may not be written; the ledger is then still at its old version.
        BalanceError
            If Delta wrote another number of rows than it was given.
        """
        marks = [Transaction(f"source:{source_hash}", 1) for source_hash in source_hashes]
        with as_store_errors(self.path):
            marks += [Transaction(f"side:{name}", self._set_side(name, side[name])) for name in sorted(side)]
            rows_of = PAYMENTS.empty_table().to_reader() if payments is None else payments
            with ledger_writing.written(rows_of, self.path, _SETTINGS, ledger_writing.AT_ONCE) as files:
                DeltaTable(str(self.path / "payments")).create_write_transaction(
                    [*files],
                    mode="append",
                    schema=PAYMENTS,
                    partition_by=["booked_on"],
                    commit_properties=CommitProperties(app_transactions=marks),
                )
            after = self.newest()
            written = after.count() - self.count()
        if written != rows:
            raise BalanceError(
                told(
                    "{count} row was given to the ledger and {written} written",
                    "{count} rows were given to the ledger and {written} written",
                    rows,
                    written=f"{written:,}",
                ),
                where=f"{self.path}, version {after.version}",
                try_="keep the ledger as it is and report this; the version before is whole",
            )
        with as_store_errors(self.path):
            ledger_hashes.record(self.path, after.sizes())
        return after

    def _set_side(self, name: str, rows: pa.Table) -> int:
        """Write a whole new state of a side table that nobody sees yet, and give its version."""
        folder = str(self.path / name)
        if not DeltaTable.is_deltatable(folder):
            DeltaTable.create(folder, _BESIDE[name], mode="ignore", name=name, configuration=_SIDE_SETTINGS)
        # The schema too: the table may be older than a column.
        write_deltalake(folder, rows.cast(_BESIDE[name]), mode="overwrite", schema_mode="overwrite")
        version: int = DeltaTable(folder).version()
        return version

    def sizes(self) -> dict[str, int]:
        """Give the Parquet files of this version, by path from it, with the bytes that the log says each has."""
        sizes: dict[str, int] = {}
        with as_store_errors(self.path):
            tables = {"payments": self._delta}
            for name in _BESIDE:
                version = self._delta.transaction_version(f"side:{name}")
                if version is not None:
                    tables[name] = DeltaTable(str(self.path / name), version=version)
        for name, table in tables.items():
            actions = pa.table(table.get_add_actions(flatten=True))
            paths = (f"{name}/{unquote(path)}" for path in actions["path"].to_pylist())
            sizes |= dict(zip(paths, actions["size_bytes"].to_pylist(), strict=True))
        return dict(sorted(sizes.items()))

    def erased(self) -> bool:
        """Say whether rows were ever taken out, as a rule of retention does."""
        with as_store_errors(self.path):
            return any(entry["operation"] == "DELETE" for entry in self._delta.history())

    def strays(self, since: float) -> Iterator[Path]:
        """Give the Parquet files that a dead ingest left behind and no version points at.

        Parameters
        ----------
        since : float
            When that ingest began, in seconds since 1970; older files are never given.
        """
        known = {file.path for file in self._files}
        for path in sorted((self.path / "payments").glob("booked_on=*/*.parquet")):
            if str(path) not in known and path.stat().st_mtime >= since:
                yield path


_PLACES: Final = """
    CREATE TEMP TABLE places AS
    WITH payers AS (
        SELECT number, bucket, whose FROM bucket_of JOIN (SELECT rowid AS number, payer AS node FROM held) USING (node)
    ), payees AS (
        SELECT number, bucket, whose FROM bucket_of JOIN (SELECT rowid AS number, payee AS node FROM held) USING (node)
    ), ends AS (
        SELECT number, one.bucket AS payers, one.whose AS payer, two.bucket AS payees, two.whose AS payee
        FROM payers AS one FULL JOIN payees AS two USING (number)
    )
    SELECT number, payers AS bucket, if(payers = payees, least(payer, payee), payer) AS place
    FROM ends WHERE payers IS NOT NULL
    UNION ALL
    SELECT number, payees, payee FROM ends WHERE payees IS NOT NULL AND payees IS DISTINCT FROM payers"""
"""In which bucket a payment lies and who brings it there; one between two buckets lies in both."""
_ROWS_THAT_WAIT: Final = 65_536
"""Of all buckets together, when payments are written in buckets."""
_SPREAD_AT_ONCE: Final = 500_000
"""Rows that are written in buckets at once, about: ours; with both ends of each they fit the database's memory."""
_SIDE_SETTINGS: Final = {name: value for name, value in _SETTINGS.items() if "Stats" not in name}


def _up_to(whose: Whose) -> list[Whose]:
    """Give the names of `NOT_MEANT` up to this one: who asks of more accounts asks of those before as well."""
    names = list(NOT_MEANT)
    return names[: names.index(whose) + 1]


def _once(payments: pa.Table) -> pa.Table:
    """Keep one row of each payment: between two buckets that are read together, it lies in both."""
    ids = payments["payment_id"].combine_chunks()
    if len(ids) < 2:
        return payments
    again = pc.equal(ids[1:], ids[:-1])
    return (
        payments.filter(pa.concat_arrays([pa.array([True]), pc.invert(again)])) if pc.any(again).as_py() else payments
    )


def _unlike(column: str, prefixes: Iterable[str]) -> list[str]:
    return [f"NOT starts_with({column}, {literal(prefix)})" for prefix in prefixes]


def _reopened(kind: type[Ledger], path: Path, version: int, laid_out: dict[_Bucketed, Path]) -> Ledger:
    ledger = kind(path, version)
    ledger._laid_out.update(laid_out)
    return ledger


def _is_ledger(path: Path) -> bool:
    return DeltaTable.is_deltatable(str(path / "payments"))


def _unmake(path: Path, absent: list[Path]) -> None:
    """Remove a ledger that holds nothing, and then the folders that were not there before it, innermost first."""
    for name in ("staging", "rejects", *_BESIDE, "payments"):
        if (path / name).exists():
            shutil.rmtree(path / name)
    for name in ("lock", ledger_hashes.NAME):
        (path / name).unlink(missing_ok=True)
    for folder in absent:
        folder.rmdir()


def _names(accounts: Iterable[str] | pa.Array) -> pa.Array:
    return accounts if isinstance(accounts, pa.Array) else pa.array(list(accounts), pa.string())


def _columns(wanted: Iterable[str] | None) -> tuple[pa.Schema, list[str]]:
    """Give the schema of the columns wanted, and what is read for them: what the order needs is dropped again."""
    names = set(PAYMENTS.names if wanted is None else wanted)
    unknown = names - set(PAYMENTS.names)
    if unknown:
        raise StoreError(
            f"payments have no column {min(unknown)!r}",
            where="columns",
            try_="one of: " + ", ".join(PAYMENTS.names),
        )
    schema = pa.schema([column for column in PAYMENTS if column.name in names])
    return schema, [name for name in PAYMENTS.names if name in names | {"at", "payment_id"}]


def moment(given: Moment | None, otherwise: int) -> int:
    """Give a moment as microseconds since 1970."""
    if given is None:
        return otherwise
    if isinstance(given, int):
        return given
    if not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day, tzinfo=UTC)
    micros: int = pa.scalar(given, PAYMENTS.field("at").type).value
    return micros


@contextmanager
def as_store_errors(path: Path) -> Iterator[None]:
    """Say in our words what the disk or Delta could not do."""
    try:
        yield
    except (OSError, DeltaError) as error:
        text = str(error)
        if "No space left" in text or "os error 28" in text or "code: 28" in text:
            what, try_ = "the disk is full", "free some space and run it again; the ledger is unchanged"
        elif "ermission denied" in text or isinstance(error, PermissionError):
            what, try_ = "the ledger may not be written or read by this user", "see who owns the folder"
        elif "ead-only file system" in text:
            what, try_ = "the ledger lies on a read-only file system", "name a folder that can be written"
        else:
            what, try_ = f"the ledger cannot be used ({type(error).__name__})", "see that the folder is whole"
        raise StoreError(what, where=str(path), try_=try_) from error
