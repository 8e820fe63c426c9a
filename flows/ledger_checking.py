"""Whether a ledger still holds what was taken into it.

Every file is held against the log, by its presence and its size, and against the hash of what it held when it was
written; every file that was taken in against its own count: rows and money, per currency, must be what was kept of it.
A bit that turned, and an amount, a row or a file that was changed, taken out or put in by hand is found by one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flows import duck, ledger_hashes
from flows.errors import StoreError
from flows.ledger import Ledger


def wrong(ledger: Ledger) -> Iterator[str]:
    """Name every file of the ledger that is not as it was written; nothing if all are.

    Parameters
    ----------
    ledger : Ledger
        The version to look at.
    """
    damaged = False
    hashes: dict[str, str] = {}
    try:
        hashes = ledger_hashes.recorded(ledger.path)
    except StoreError as error:
        yield f"the record of what files held cannot be read: {error.what}"
    for name, size in ledger.sizes().items():
        path = ledger.path / name
        if not path.is_file():
            damaged = True
            yield f"ledger file {name} is missing"
        elif path.stat().st_size != size:
            damaged = True
            yield f"ledger file {name} was changed: it has another size than when it was written"
        elif name in hashes and ledger_hashes.hash_of(path) != hashes[name]:
            damaged = True
            yield f"ledger file {name} was changed: it does not hold what was written"
    if damaged:
        return
    try:
        held = _held(ledger)
    except StoreError as error:
        yield f"the payments of the ledger cannot be read: {error.what}"
        return
    if ledger.erased():
        # What a rule of retention took out is no longer there to be counted.
        return
    taken = [source for source in ledger.sources().to_pylist() if source["table"] == "payments"]
    for source in taken:
        rows, money = held.pop(source["source_file"], (0, {}))
        place = f"the payments taken in from {source['file_name']} ({source['source_file'][:12]})"
        if rows != source["kept"]:
            yield f"{place}: {rows:,} rows are there, and {source['kept']:,} were kept"
        recorded = {currency: one["kept"] for currency, one in json.loads(source["money_minor"]).items() if one["kept"]}
        for currency in sorted(money.keys() | recorded.keys()):
            if money.get(currency, 0) != recorded.get(currency, 0):
                yield f"{place}: the money in {currency} is not what was kept"
    if taken:
        yield from (f"payments of a file that was never taken in ({name[:12]}) are in the ledger" for name in held)


def _held(ledger: Ledger) -> dict[str, tuple[int, dict[str, int]]]:
    """Give rows and money by currency of each file that was taken in, as the payments themselves say."""
    files = ledger.files()
    if not files:
        return {}
    query = f"""SELECT source_file, currency, count(*), CAST(sum(amount_minor) AS VARCHAR)
        FROM read_parquet({duck.files(files)}, hive_partitioning = false) GROUP BY ALL ORDER BY ALL"""
    held: dict[str, tuple[int, dict[str, int]]] = {}
    with duck.connection() as opened:
        answers: list[tuple[Any, ...]] = duck.rows(opened, query)
    for name, currency, rows, minor in answers:
        before, money = held.get(name, (0, {}))
        held[name] = (before + rows, {**money, currency: int(minor)})
    return held
