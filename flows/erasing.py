"""Erasing payments from a ledger: for good, by a rule, and with those kept that somebody still needs.

The rows go, and so do the older versions of the ledger that hold them: what was erased cannot be read again at any
version. A night that looked at them can therefore not be run again; its results stay until their own time is over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from flows import ledger_hashes
from flows.ledger import Ledger, as_store_errors
from flows.lock import writing


@dataclass(frozen=True)
class Erased:
    """What was, or would be, erased.

    Parameters
    ----------
    payments : int
        Rows.
    kept : int
        Rows of that age that somebody still needs.
    first, last : datetime.date or None
        Booking dates of the first and last erased row.
    version : int
        The version of the ledger afterwards.
    """

    payments: int
    kept: int
    first: date | None
    last: date | None
    version: int


def erase_payments(path: Path, before: date, needed: Collection[str], *, dry_run: bool = False) -> Erased:
    """Erase the payments booked before a day, but for those that are needed.

    Parameters
    ----------
    path : pathlib.Path
        The folder of the ledger.
    before : datetime.date
        Payments booked on this day or later stay.
    needed : collection of str
        Ids of payments that stay whatever their age.
    dry_run : bool
        Count, and change nothing.

    Raises
    ------
    LockedError
        If somebody is writing to the ledger.
    StoreError
        If it cannot be read or written.
    """
    ledger = Ledger.open(path)
    with writing(path), as_store_errors(path):
        table = DeltaTable(path / "payments")
        old = _booked_before(table, before)
        stay = pc.is_in(old["payment_id"], value_set=pa.array(sorted(needed), pa.string()))
        going, kept = old.filter(pc.invert(stay)), old.filter(stay)
        if going.num_rows and not dry_run:
            names = ", ".join("'" + id_.replace("'", "''") + "'" for id_ in kept["payment_id"].to_pylist())
            table.delete(f"booked_on < '{before.isoformat()}'" + (f" AND payment_id NOT IN ({names})" if names else ""))
            # Delta keeps the files of older versions for their readers; here that would be keeping what was erased.
            table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
            ledger_hashes.record(path, ledger.newest().sizes())
        days = going["booked_on"]
        return Erased(
            payments=going.num_rows,
            kept=kept.num_rows,
            first=pc.min(days).as_py(),
            last=pc.max(days).as_py(),
            version=ledger.version if dry_run else table.version(),
        )


def _booked_before(table: DeltaTable, before: date) -> pa.Table:
    return table.to_pyarrow_table(columns=["payment_id", "booked_on"], filters=[("booked_on", "<", before)])
