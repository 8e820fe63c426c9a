"""Payments into the files of a ledger, portion by portion, for one commit.

Delta's writer keeps a file open for each day until it has seen the last row: ten million payments took 5.7 GB, and a
hundred million more than a machine has. So portions of days are written one after the other into a table that waits
beside the ledger; then its files move to where they belong, and one commit names them all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.transaction import AddAction

from flows.payments import PAYMENTS

AT_ONCE: Final = 500_000
"""Rows of a portion, about. Ours: with what Delta makes of them they take under a gigabyte."""


@contextmanager
def written(
    payments: pa.RecordBatchReader, ledger: Path, settings: Mapping[str, str], at_once: int
) -> Iterator[list[AddAction]]:
    """Write payments into Parquet files of the ledger, which no version points at yet.

    Parameters
    ----------
    payments : pyarrow.RecordBatchReader
        Rows of `flows.payments.PAYMENTS`; sorted by booking date, or a day is cut into several files.
    ledger : pathlib.Path
        Folder of the ledger.
    settings : mapping of str to str
        Properties of its Delta table: they say which columns have statistics.
    at_once : int
        Rows that are written at once, about; bounds memory.

    Yields
    ------
    list of AddAction
        What a commit has to name. Where it is not made, the files are left over, as after a kill
        (`flows.ledger.Ledger.strays`).
    """
    waiting = ledger / "staging" / "rows" / "portions"
    waiting.mkdir(parents=True)
    try:
        table = DeltaTable.create(str(waiting), PAYMENTS, partition_by=["booked_on"], configuration=dict(settings))
        for portion in portions(payments, at_once):
            write_deltalake(table, portion, mode="append")
        files = list(_added(waiting))
        for file in files:
            here, there = (folder / unquote(file.path) for folder in (waiting, ledger / "payments"))
            there.parent.mkdir(exist_ok=True)
            here.replace(there)
        yield files
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
        # An ingest has more in these folders, and clears them away itself.
        with suppress(OSError):
            waiting.parent.rmdir()
            waiting.parent.parent.rmdir()


def portions(payments: pa.RecordBatchReader, at_once: int) -> Iterator[pa.Table]:
    """Cut sorted rows between two days into tables of about so many; a larger day is cut as it comes.

    Examples
    --------
    >>> days = pa.array([1, 1, 2, 2, 2, 2, 2, 3], pa.date32())
    >>> reader = pa.table({"booked_on": days}).to_reader(max_chunksize=2)
    >>> [table["booked_on"].cast(pa.int32()).to_pylist() for table in portions(reader, 3)]
    [[1, 1], [2, 2, 2, 2], [2, 3]]
    """
    held: list[pa.RecordBatch] = []
    for batch in payments:
        held.append(batch)
        if sum(each.num_rows for each in held) < at_once:
            continue
        table = pa.Table.from_batches(held)
        # The last day waits for the rest of it.
        whole = pc.index(table["booked_on"], table["booked_on"][-1]).as_py() or table.num_rows
        yield table.slice(0, whole)
        held = table.slice(whole).to_batches()
    if any(batch.num_rows for batch in held):
        yield pa.Table.from_batches(held)


def spans(per_day: Sequence[tuple[date, int]], at_most: int) -> Iterator[tuple[date, date]]:
    """Cut days in order into spans of at most so many rows, of one day at least; give the first and last day of each.

    Examples
    --------
    >>> days = [(date(2026, 1, day), rows) for day, rows in ((1, 5), (2, 4), (3, 20), (7, 1))]
    >>> [(first.day, last.day) for first, last in spans(days, 10)]
    [(1, 2), (3, 3), (7, 7)]
    """
    first, before, held = None, None, 0
    for day, rows in per_day:
        if first is not None and before is not None and held + rows > at_most:
            yield first, before
            first, held = None, 0
        first, before, held = first or day, day, held + rows
    if first is not None and before is not None:
        yield first, before


def _added(table: Path) -> Iterator[AddAction]:
    """Give the files of a table that was only ever added to, as its log names them."""
    for entry in sorted((table / "_delta_log").glob("*.json")):
        for line in entry.read_text(encoding="utf-8").splitlines():
            if add := json.loads(line).get("add"):
                yield AddAction(
                    path=add["path"],
                    size=add["size"],
                    partition_values=add["partitionValues"],
                    modification_time=add["modificationTime"],
                    data_change=add["dataChange"],
                    stats=add["stats"],
                )
