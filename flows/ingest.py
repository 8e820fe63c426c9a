"""Files into the ledger: read, checked, told apart from what is there, balanced, and committed in one step.

Nothing is written to the ledger before every file has been read to its end, checked and balanced; then there is one
commit (see `flows.ledger` for what makes it safe to kill). Until then the checked rows wait as Parquet in the
``staging`` folder of the ledger, so that memory does not grow with the files.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows import duck
from flows.check import MENDS, REASONS, check_rows, row_fingerprint
from flows.errors import BalanceError, InputError, StoreError
from flows.ledger import SOURCES, Ledger, as_store_errors
from flows.ledger_writing import spans
from flows.money import CURRENCIES, MAX_MINOR, exponent
from flows.partitions import columns_of_folders, files_of_table, name_of
from flows.payments import PAYMENTS, REJECTS, SIDE_KEYS, SIDE_TABLES
from flows.plugins import Shelf
from flows.progress import Progress, Silent, Stage
from flows.reading import RawBatch, Reader
from flows.sniffing import content_hash, files_in, guess

# Ours: more bad rows than good ones means a wrong mapping or a wrong file, not some bad rows.
SHARE_REJECTED_MAX: Final = 0.5

# Ours: sorting spills some 350 bytes a row to the disk.
SORTED_AT_ONCE: Final = 4_000_000

TABLES: Final = ("payments", *SIDE_TABLES)
"""What files can be given for."""

_STAGED: Final = PAYMENTS.append(pa.field("file_no", pa.int32())).append(pa.field("row_no", pa.int64()))


@dataclass
class Money:
    """What became of the money of one currency, in minor units.

    Parameters
    ----------
    came : int
        Sum of all amounts that can be read, added up by another route than the others.
    kept, duplicates, rejected : int
        Where it went.
    """

    came: int = 0
    kept: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass(eq=False)
class FileResult:
    """What became of the rows of one table in one file.

    Parameters
    ----------
    table : str
        Which table of the contract.
    file_name : str
        Name of the file, without its folder.
    source_hash : str
        Content hash of the file.
    format : str
        Id of the reader.
    already : bool
        The file was in already; its rows were not read again, and all numbers are zero.
    rows, kept, duplicates, rejected : int
        Rows that came, and where they went.
    money : dict of str to Money
        By currency; of payments only.
    reasons : dict of str to int
        Rejected rows by reason code.
    rejects_file : pathlib.Path or None
        Where the rejected rows are.
    """

    table: str
    file_name: str
    source_hash: str
    format: str
    already: bool = False
    rows: int = 0
    kept: int = 0
    duplicates: int = 0
    rejected: int = 0
    money: dict[str, Money] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    rejects_file: Path | None = None

    def money_of(self, currency: str) -> Money:
        """Give the money of one currency, to add to it."""
        return self.money.setdefault(currency, Money())


@dataclass(frozen=True)
class IngestResult:
    """What an ingest did.

    Parameters
    ----------
    files : tuple of FileResult
        In the order given.
    version_before, version_after : int
        Versions of the ledger; equal if there was nothing new.
    """

    files: tuple[FileResult, ...]
    version_before: int
    version_after: int

    def rows(self, what: str, table: str = "payments") -> int:
        """Give the sum of ``rows``, ``kept``, ``duplicates`` or ``rejected`` over the files of a table."""
        return sum(getattr(file, what) for file in self.files if file.table == table)

    @property
    def money(self) -> dict[str, Money]:
        """The money of all files by currency, in alphabetical order."""
        sums: dict[str, Money] = {}
        for file in self.files:
            for currency, money in file.money.items():
                total = sums.setdefault(currency, Money())
                for what, minor in vars(money).items():
                    setattr(total, what, getattr(total, what) + minor)
        return dict(sorted(sums.items()))


def ingest(
    ledger: Ledger | Path,
    files: Mapping[str, Sequence[Path]],
    *,
    format_id: str | None = None,
    mapping: Reader | None = None,
    share_rejected_max: float = SHARE_REJECTED_MAX,
    progress: Progress | None = None,
) -> IngestResult:
    """Take files into a ledger, all of them or none.

    A file of payments that is in already, by its content, is passed over. A payment that is in already, by its id and
    content, counts as a duplicate; another payment of the same id is rejected as ``id_conflict``. A row of a side table
    replaces the row of the same name.

    Parameters
    ----------
    ledger : Ledger or pathlib.Path
        Its newest version is added to. A folder without a ledger becomes one, if the files are there.
    files : mapping of str to sequence of pathlib.Path
        Files by the table they are given for. Of a folder, the files that hold that table; a Delta table or a folder of
        folders called ``name=value`` (Hive) is that table.
    format_id : str, optional
        Id of the reader of all files of payments; guessed for each file if not given.
    mapping : Reader, optional
        What reads the files of payments instead.
    share_rejected_max : float
        Stop if more than this share of the rows of a file is rejected.
    progress : Progress, optional
        Where to show how far it is.

    Returns
    -------
    IngestResult
        Rows and money in, and where they went.

    Raises
    ------
    InputError
        If a file cannot be read, holds something else than it was given for, changed while it was read, or has too many
        rejected rows. Nothing was written.
    LockedError
        If another ingest is under way.
    StoreError
        If the ledger cannot be written; it is still at its old version.
    BalanceError
        If rows or money do not add up. Nothing was written, unless the message names a new version.

    Notes
    -----
    Memory is bounded but for the side tables, which are merged whole. Their rows count as ``kept`` where they change
    the ledger, and as ``duplicates`` where it says the same already or a later row of the files replaces them.
    """
    unknown = [table for table in files if table not in TABLES]
    if unknown:
        raise InputError(f"no table {unknown[0]!r}", where="files", try_="one of: " + ", ".join(TABLES))
    paths = {
        table: [file for path in files.get(table, ()) for file in _files_of(table, Path(path))] for table in TABLES
    }
    if not any(paths.values()):
        raise InputError("no files", where="files", try_="name at least one file of payments")
    folder = ledger.path if isinstance(ledger, Ledger) else ledger
    with Ledger.for_writing(folder) as newest, _staging(newest) as staging:
        under_way = _Ingest(newest, staging, progress or Silent(), format_id, mapping, share_rejected_max)
        return under_way.run(paths)


@contextmanager
def _staging(ledger: Ledger) -> Iterator[Path]:
    """Make the folder for rows on their way, and clear away what is left over: by this ingest or by a dead one."""
    staging = ledger.path / "staging"
    with as_store_errors(ledger.path):
        if staging.exists():
            _clear(ledger, staging)
        staging.mkdir()
        # The time of a folder changes with its entries; one deeper, whatever comes and goes leaves it as it began.
        (staging / "rows").mkdir()
    try:
        yield staging / "rows"
    except StoreError:
        # A disk may be full of what could not be committed. Delta's own threads may still be writing some of it, so an
        # empty folder as old as this ingest stays, and the next one clears what came late.
        with suppress(OSError, StoreError):
            began = staging.stat().st_mtime_ns
            _clear(ledger, staging)
            staging.mkdir()
            os.utime(staging, ns=(began, began))
        raise
    except BaseException:
        # The first error is the one to hear of.
        with suppress(OSError, StoreError):
            _clear(ledger, staging)
        raise
    shutil.rmtree(staging, ignore_errors=True)


def _clear(ledger: Ledger, staging: Path) -> None:
    """Remove a staging folder, and first the files that no version points at, written since it was made."""
    for stray in ledger.newest().strays(since=staging.stat().st_mtime):
        stray.unlink()
    shutil.rmtree(staging)


class _Ingest:
    """One ingest under way."""

    def __init__(
        self,
        ledger: Ledger,
        staging: Path,
        progress: Progress,
        format_id: str | None,
        mapping: Reader | None,
        share_rejected_max: float,
    ) -> None:
        self.ledger = ledger
        self.staging = staging
        self.progress = progress
        self.format_id = format_id
        self.mapping = mapping
        self.share_rejected_max = share_rejected_max
        self.results: list[FileResult] = []
        self.side_rows: dict[str, list[pa.Table]] = {}
        self.row_count = 0

    def run(self, files: Mapping[str, Sequence[Path]]) -> IngestResult:
        """Do it."""
        for table, paths in files.items():
            for path in paths:
                self.take(table, path)
        with duck.connection(self.staging) as opened:
            with self.progress.stage("comparing with the ledger") as stage:
                self.tell_apart(opened)
                side = self.merge_side_tables(opened)
                stage.advance(sum(result.rows for result in self.results))
            for result in self.results:
                _balance(result)
                self.stop_if_too_many_rejected(result)
            return self.commit(opened, side)

    # --- reading ------------------------------------------------------------------------------------------------------

    def take(self, table: str, path: Path) -> None:
        """Read one file into the staging folder."""
        source_hash = _hashed(path)
        taken = {result.source_hash for result in self.results if result.table == "payments"}
        if table == "payments" and (source_hash in taken or self.ledger.has_source(source_hash)):
            self.results.append(FileResult(table, name_of(path), source_hash, "", already=True))
            return
        reader_id, reader = self.reader_of(table, path)
        of_table: dict[str, FileResult] = {table: FileResult(table, name_of(path), source_hash, reader_id)}
        with self.progress.stage(f"reading {name_of(path)}") as stage:
            self.read(path, reader, of_table, stage)
        if not of_table[table].rows and len(of_table) > 1:
            others = ", ".join(name for name in of_table if name != table)
            raise InputError(
                f"given for {table}, but the file holds {others}",
                where=path.name,
                try_=f"name it after --{others.split(', ')[0]}",
            )
        if _hashed(path) != source_hash:
            raise InputError(
                "the file changed while it was read",
                where=path.name,
                try_="wait until it is written whole, then run it again",
            )

    def reader_of(self, table: str, path: Path) -> tuple[str, Reader]:
        """Choose what reads a file."""
        if table == "payments" and self.mapping is not None:
            return "mapping", self.mapping
        if table == "payments" and self.format_id is not None:
            reader_id = self.format_id
        else:
            with _as_input_errors(path):
                reader_id, sureness, _ = guess(path)
            if not sureness:
                raise InputError(
                    "no reader knows this format",
                    where=path.name,
                    try_=f"run `moneytrail check {path.name} --propose mapping.toml`, and read what it proposes",
                )
        return reader_id, Shelf("flows.readers").load(reader_id)()

    def read(self, path: Path, reader: Reader, of_table: dict[str, FileResult], stage: Stage) -> None:
        """Check a file batch by batch and stage what is kept."""
        (main,) = of_table.values()
        self.results.append(main)
        writers = _Writers(self.staging)
        try:
            with _as_input_errors(path):
                for batch in reader.read(path):
                    result = of_table.get(batch.table)
                    if result is None:
                        result = FileResult(batch.table, main.file_name, main.source_hash, main.format)
                        of_table[batch.table] = result
                        self.results.append(result)
                    with as_store_errors(self.ledger.path):
                        self.stage_batch(batch, result, writers)
                    stage.advance(batch.rows.num_rows + batch.rejects.num_rows)
        finally:
            with as_store_errors(self.ledger.path):
                writers.close()

    def stage_batch(self, batch: RawBatch, result: FileResult, writers: _Writers) -> None:
        """Check one batch, count it, and put it where it waits."""
        checked = check_rows(batch, result.file_name, result.source_hash)
        number = self.results.index(result)
        result.rows += batch.rows.num_rows + batch.rejects.num_rows
        result.kept += checked.kept.num_rows
        result.duplicates += checked.duplicates.num_rows
        result.rejected += checked.rejects.num_rows
        if checked.rejects.num_rows:
            result.reasons.update(_counts(checked.rejects["reason"]))
            writers.write(f"rejects-{number}", checked.rejects)
        if batch.table != "payments":
            if checked.kept.num_rows:
                place = pa.array([number] * checked.kept.num_rows, pa.int32())
                self.side_rows.setdefault(batch.table, []).append(checked.kept.append_column("file_no", place))
            return
        for currency, minor in _read_independently(batch.rows).items():
            result.money_of(currency).came += minor
        for currency, minor in _sums(batch.rejects).items():
            result.money_of(currency).came += minor
        for what, rows in (("kept", checked.kept), ("duplicates", checked.duplicates), ("rejected", checked.rejects)):
            for currency, minor in _sums(rows).items():
                money = result.money_of(currency)
                setattr(money, what, getattr(money, what) + minor)
        if checked.kept.num_rows:
            rows = checked.kept.num_rows
            row_no = pa.array(range(self.row_count, self.row_count + rows), pa.int64())
            self.row_count += rows
            staged = checked.kept.append_column("file_no", pa.array([number] * rows, pa.int32()))
            writers.write(f"payments-{number}", staged.append_column("row_no", row_no).cast(_STAGED))

    # --- comparing ----------------------------------------------------------------------------------------------------

    def tell_apart(self, opened: Any) -> None:
        """Find the rows whose id came before, here or in the ledger, and say what they are (table ``repeated``)."""
        opened.execute("CREATE TABLE repeated (row_no BIGINT, verdict VARCHAR)")
        staged = sorted(str(path) for path in self.staging.glob("payments-*.parquet"))
        if not staged:
            return
        opened.execute(f"CREATE VIEW staged AS SELECT * FROM read_parquet({duck.files(staged)})")
        in_ledger = self.ledger.files()
        before = "SELECT NULL AS payment_id WHERE false"
        if in_ledger:
            before = f"SELECT payment_id FROM read_parquet({duck.files(in_ledger)})"
        opened.execute(
            f"""CREATE TABLE contested AS
                SELECT payment_id FROM staged GROUP BY payment_id HAVING count(*) > 1
                UNION
                SELECT payment_id FROM ({before}) WHERE payment_id IN (SELECT payment_id FROM staged)"""
        )
        if not duck.rows(opened, "SELECT payment_id FROM contested LIMIT 1"):
            return
        opened.execute("CREATE TABLE versions (payment_id VARCHAR, content VARCHAR, row_no BIGINT)")
        # What the ledger holds comes before every row of this ingest.
        names = duck.columns(PAYMENTS.names)
        which = "WHERE payment_id IN (SELECT payment_id FROM contested)"
        if in_ledger:
            held = duck.read_days(duck.files(in_ledger))
            _fingerprints(opened, f"SELECT {names}, CAST(-1 AS BIGINT) AS row_no FROM {held} {which}")
        _fingerprints(opened, f"SELECT {names}, row_no FROM staged {which}")
        opened.execute(
            """INSERT INTO repeated
               SELECT row_no, CASE WHEN content = first THEN 'duplicate' ELSE 'id_conflict' END
               FROM (SELECT row_no, content,
                            first_value(content) OVER same_id AS first, row_number() OVER same_id AS place
                     FROM versions WINDOW same_id AS (PARTITION BY payment_id ORDER BY row_no))
               WHERE place > 1 AND row_no >= 0"""
        )
        for number, verdict, currency, rows, minor in duck.rows(
            opened,
            """SELECT file_no, verdict, currency, count(*), CAST(sum(amount_minor) AS VARCHAR)
               FROM staged JOIN repeated USING (row_no) GROUP BY ALL ORDER BY ALL""",
        ):
            self.move(self.results[number], verdict, currency, rows, int(minor))
        self.stage_conflicts(opened)

    def move(self, result: FileResult, verdict: str, currency: str, rows: int, minor: int) -> None:
        """Count rows that the check kept as what they turned out to be."""
        money = result.money_of(currency)
        result.kept -= rows
        money.kept -= minor
        if verdict == "duplicate":
            result.duplicates += rows
            money.duplicates += minor
        else:
            result.rejected += rows
            money.rejected += minor
            result.reasons[verdict] += rows

    def stage_conflicts(self, opened: Any) -> None:
        """Put the rows of an id that is taken among the rejects of their files."""
        writers = _Writers(self.staging)
        query = """SELECT staged.* FROM staged JOIN repeated USING (row_no)
                   WHERE verdict = 'id_conflict' ORDER BY row_no"""
        with as_store_errors(self.ledger.path):
            try:
                for batch in duck.batches(opened, query):
                    rows = pa.Table.from_batches([batch])
                    for number in pc.unique(rows["file_no"]).to_pylist():
                        mine = rows.filter(pc.equal(rows["file_no"], number))
                        file_name = self.results[number].file_name
                        writers.write(f"rejects-{number}-conflicts", _as_rejects(mine, file_name))
            finally:
                writers.close()

    def merge_side_tables(self, opened: Any) -> dict[str, pa.Table]:
        """Give the new state of each side table that changed, and count what changed it."""
        changed: dict[str, pa.Table] = {}
        for table, pieces in sorted(self.side_rows.items()):
            schema = SIDE_TABLES[table]
            old = self.ledger.side(table)
            old = schema.empty_table() if old is None else old
            old = old.append_column("file_no", pa.array([-1] * old.num_rows, pa.int32()))
            rows = pa.concat_tables([old, *pieces])
            rows = rows.append_column("row_no", pa.array(range(rows.num_rows), pa.int64()))
            opened.register("side_rows", rows)
            columns, keys = duck.columns(schema.names), duck.columns(SIDE_KEYS[table])
            opened.execute(
                f"""CREATE OR REPLACE TABLE last_rows AS SELECT * FROM (
                        SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY row_no DESC) AS place,
                               min(file_no) OVER (PARTITION BY {columns}) AS first_seen
                        FROM side_rows)
                    WHERE place = 1"""
            )
            new: dict[int, int] = dict(
                duck.rows(
                    opened,
                    "SELECT file_no, count(*) FROM last_rows WHERE file_no >= 0 AND first_seen >= 0 GROUP BY 1",
                )
            )
            for number, result in enumerate(self.results):
                if result.table == table:
                    result.duplicates += result.kept - new.get(number, 0)
                    result.kept = new.get(number, 0)
            if new:
                changed[table] = duck.table(opened, f"SELECT {columns} FROM last_rows ORDER BY {keys}").cast(schema)
            opened.unregister("side_rows")
        return changed

    # --- committing ---------------------------------------------------------------------------------------------------

    def stop_if_too_many_rejected(self, result: FileResult) -> None:
        """Refuse a file most of whose rows are bad."""
        if result.rejected <= self.share_rejected_max * result.rows:
            return
        commonest = result.reasons.most_common(3)
        top = "; ".join(f"{reason}: {count:,} ({REASONS[reason]})" for reason, count in commonest)
        raise InputError(
            f"too many rows of {result.table} were rejected: {result.rejected:,} of {result.rows:,}, "
            f"more than {self.share_rejected_max:.0%}",
            where=f"{result.file_name}: {top}",
            try_=f"{MENDS[commonest[0][0]]}; only if those rows are to be left out, raise --share-rejected-max",
        )

    def commit(self, opened: Any, side: dict[str, pa.Table]) -> IngestResult:
        """Write the rejects, then make the one commit that counts."""
        before = self.ledger.version
        fresh = [result for result in self.results if not result.already]
        hashes = [result.source_hash for result in fresh if result.table == "payments"]
        if not hashes and not side:
            return IngestResult(tuple(self.results), before, before)
        self.write_rejects(opened)
        kept = sum(result.kept for result in fresh if result.table == "payments")
        known = self.ledger.sources()
        came = pa.Table.from_pylist(
            [
                {
                    "number": known.num_rows + number,
                    "source_file": result.source_hash,
                    "file_name": result.file_name,
                    "table": result.table,
                    "format": result.format,
                    "rows": result.rows,
                    "kept": result.kept,
                    "duplicates": result.duplicates,
                    "rejected": result.rejected,
                    "reasons": json.dumps(result.reasons, sort_keys=True),
                    "money_minor": json.dumps(result.money, default=vars, sort_keys=True),
                }
                for number, result in enumerate(fresh, 1)
            ],
            schema=SOURCES,
        )
        side = {**side, "sources": pa.concat_tables([known, came])}
        with self.progress.stage("writing the ledger", total=kept) as stage:
            payments = self.in_order(opened, stage) if kept else None
            after = self.ledger.commit(payments, rows=kept, source_hashes=hashes, side=side)
        return IngestResult(tuple(self.results), before, after.version)

    def in_order(self, opened: Any, stage: Stage) -> pa.RecordBatchReader:
        """Give the rows to keep by booking date, time and id: some days after the others, so sorting needs no room."""
        per_day = duck.rows(opened, "SELECT booked_on, count(*) FROM staged GROUP BY booked_on ORDER BY booked_on")
        readers = (
            duck.batches(
                opened,
                f"""SELECT {duck.columns(PAYMENTS.names)} FROM staged
                    WHERE row_no NOT IN (SELECT row_no FROM repeated)
                        AND booked_on BETWEEN DATE '{first}' AND DATE '{last}'
                    ORDER BY booked_on, "at", payment_id""",
            )
            for first, last in spans(per_day, SORTED_AT_ONCE)
        )
        first_reader = next(readers)

        def every() -> Iterator[pa.RecordBatch]:
            for batch in chain.from_iterable(chain([first_reader], readers)):
                yield batch
                stage.advance(batch.num_rows)

        return pa.RecordBatchReader.from_batches(first_reader.schema, every())

    def write_rejects(self, opened: Any) -> None:
        """Write the rejected rows of each file beside the ledger, in order of line.

        Before the commit: after a kill between the two they belong to no source of the ledger, and the same ingest run
        again writes the same file.
        """
        for number, result in enumerate(self.results):
            staged = sorted(str(path) for path in self.staging.glob(f"rejects-{number}*.parquet"))
            if not staged:
                continue
            name = f"{result.source_hash[:16]}{'' if result.table == 'payments' else '-' + result.table}.csv"
            result.rejects_file = self.ledger.path / "rejects" / name
            rows = duck.batches(opened, f"SELECT * FROM read_parquet({duck.files(staged)}) ORDER BY line")
            with as_store_errors(self.ledger.path):
                result.rejects_file.parent.mkdir(exist_ok=True)
                _write_csv(rows, self.staging / name)
                (self.staging / name).replace(result.rejects_file)


class _Writers:
    """Parquet files of the staging folder, opened when first written to."""

    def __init__(self, staging: Path) -> None:
        self._staging = staging
        self._open: dict[str, pq.ParquetWriter] = {}

    def write(self, name: str, rows: pa.Table) -> None:
        """Add rows to a file."""
        if name not in self._open:
            self._open[name] = pq.ParquetWriter(self._staging / f"{name}.parquet", rows.schema, compression="lz4")
        self._open[name].write_table(rows)

    def close(self) -> None:
        """Finish all files."""
        for writer in self._open.values():
            writer.close()


def _files_of(table: str, path: Path) -> Sequence[Path]:
    """Give the file itself, those of a folder that is a table, or those of a folder that hold one."""
    with _as_input_errors(path):
        if path.is_dir():
            parts = files_of_table(path)
            if parts:
                return parts
            return [file for file in files_in(path) if guess(file)[2] == table]
        # A name that is misspelt must not leave a new ledger behind.
        path.open("rb").close()
    return [path]


def _hashed(path: Path) -> str:
    with _as_input_errors(path):
        content = content_hash(path)
    beside = columns_of_folders(path)
    # Two files of the same bytes in folders of different days are not the same payments.
    return hashlib.sha256(f"{content} {json.dumps(beside)}".encode()).hexdigest() if beside else content


@contextmanager
def _as_input_errors(path: Path) -> Iterator[None]:
    """Say in our words why a file cannot be opened."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(path), try_="see how its name is spelt") from error
    except IsADirectoryError as error:
        raise InputError("this is a folder", where=str(path), try_="name the files in it") from error
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})", where=str(path), try_="see who may read it"
        ) from error


def _read_independently(rows: pa.Table) -> dict[str, int]:
    """Add up the raw amounts by currency, by another route than `flows.check` takes.

    Exact decimals in Arrow, where the check makes integers from text in DuckDB: a fault in one of them unbalances
    the file.
    """
    if not rows.num_rows or not {"amount", "currency"} <= set(rows.column_names):
        return {}
    amounts, currencies = rows["amount"], rows["currency"]
    plain = pc.fill_null(pc.match_substring_regex(amounts, r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$"), False)
    sums: dict[str, int] = {}
    for currency in pc.unique(currencies).to_pylist():
        if currency not in CURRENCIES:
            continue
        digits = exponent(currency)
        mine = amounts.filter(pc.and_(plain, pc.fill_null(pc.equal(currencies, currency), False)))
        # 30 digits before the point and 30 after it: any plain amount fits.
        exact = mine.cast(pa.decimal256(76, 30))
        whole = pc.equal(pc.round(exact, ndigits=digits), exact)
        small = pc.less(pc.abs(exact), pa.scalar(Decimal(MAX_MINOR).scaleb(-digits), pa.decimal256(76, 30)))
        total = pc.sum(exact.filter(pc.and_(whole, small))).as_py()
        if total is not None:
            sums[currency] = int(total.scaleb(digits))
    return sums


def _sums(rows: pa.Table) -> dict[str, int]:
    """Add up minor units by currency; rows whose amount could not be read are left out."""
    readable = rows.select(["currency", "amount_minor"]).filter(pc.is_valid(rows["amount_minor"]))
    # A sum of a batch may be larger than an int64, although no amount is.
    wide = readable.set_column(1, "amount_minor", readable["amount_minor"].cast(pa.decimal128(38, 0)))
    sums = wide.group_by("currency").aggregate([("amount_minor", "sum")])
    return {row["currency"]: int(row["amount_minor_sum"]) for row in sums.to_pylist()}


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(values).to_pylist()}


def _fingerprints(opened: Any, query: str) -> None:
    """Put the contents of payments into the table ``versions``, batch by batch."""
    # A connection that is asked anew ends the answer it was giving, so the answer comes through one of its own.
    with opened.cursor() as asked:
        for batch in duck.batches(asked, query):
            rows = pa.Table.from_batches([batch])
            marked = rows.select(["payment_id", "row_no"]).append_column("content", row_fingerprint(rows))
            opened.register("marked", marked)
            opened.execute("INSERT INTO versions SELECT payment_id, content, row_no FROM marked")
            opened.unregister("marked")


def _as_rejects(payments: pa.Table, file_name: str) -> pa.Table:
    """Write checked payments as rejects of ``id_conflict``."""
    left_out = ("source_file", "source_line", "file_no", "row_no", "at")
    texts = [
        json.dumps(
            {name: str(value) for name, value in row.items() if value is not None and name not in left_out},
            ensure_ascii=False,
        )
        for row in payments.to_pylist()
    ]
    same = {"file": file_name, "column": "payment_id", "reason": "id_conflict"}
    columns = {
        **{name: pa.array([text] * payments.num_rows, pa.string()) for name, text in same.items()},
        "line": payments["source_line"],
        "row": pa.array(texts, pa.string()),
        "amount_minor": payments["amount_minor"],
        "currency": payments["currency"],
    }
    return pa.table([columns[name] for name in REJECTS.names], schema=REJECTS)


def _write_csv(batches: pa.RecordBatchReader, path: Path) -> None:
    """Write rejects as CSV that a spreadsheet will not run."""
    names = ["file", "line", "column", "reason", "row"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for batch in batches:
            for row in batch.select(names).to_pylist():
                writer.writerow([_harmless(str(row[name])) for name in names])


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula (OWASP, CSV injection)."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _balance(result: FileResult) -> None:
    """Demand that every row and every minor unit that came is somewhere."""
    if result.rows != result.kept + result.duplicates + result.rejected:
        raise BalanceError(
            f"{result.rows} rows came, but {result.kept} kept + {result.duplicates} duplicates + "
            f"{result.rejected} rejected are not as many",
            where=f"{result.file_name}, {result.table}",
            try_="do not use this file; report it with the output of `moneytrail check`",
        )
    for currency, money in sorted(result.money.items()):
        if money.came != money.kept + money.duplicates + money.rejected:
            raise BalanceError(
                f"the money in {currency} that came is not the money kept, duplicate and rejected",
                where=f"{result.file_name}, {result.table}",
                try_="do not use this file; report it with the output of `moneytrail check`",
            )
