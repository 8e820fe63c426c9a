"""What the bank has on file of the accounts in alerts, looked up once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.window import SideTables

Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Known:
    """Rows of the side tables by their key.

    Parameters
    ----------
    accounts : mapping of str to mapping, or None
        Row of each account by its id; None if no accounts table was given, which is not the same as unknown accounts.
    customers : mapping of str to mapping, or None
        Row of each holder by customer id; None if no customers table was given.
    """

    accounts: Rows | None
    customers: Rows | None


def known(side: SideTables, accounts: Iterable[str]) -> Known:
    """Look up accounts and their holders; one pass over each table, however many alerts ask."""
    if side.accounts is None:
        return Known(None, None)
    own = _by_key(side.accounts, "account_id", accounts)
    if side.customers is None:
        return Known(own, None)
    return Known(own, _by_key(side.customers, "customer_id", [row["customer_id"] for row in own.values()]))


def _by_key(table: pa.Table, key: str, wanted: Iterable[str | None]) -> dict[str, dict[str, Any]]:
    names = sorted({name for name in wanted if name is not None})
    kept = table.filter(pc.is_in(table[key], value_set=pa.array(names, pa.string())))
    return {row[key]: row for row in kept.to_pylist()}
