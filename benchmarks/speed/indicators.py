"""Measure the indicators: ``python benchmarks/speed/indicators.py --payments 1000000``.

The bundled bank is taken as often as it takes to reach that many payments, each copy with accounts, customers and
identifiers of its own, so that what indicators ask of (terminals, merchants, links, hours) is there as in a bank.
Prints, for each indicator, the CPU and wall seconds and how many accounts it scored, the motifs they stand on and what
all share measured apart, then the typologies. The first round compiles and is not counted.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import pyarrow as pa
import pyarrow.compute as pc

from detectors.combining import combine
from detectors.indicating import Asked, available, end_of, last_day, measure
from detectors.mitigations import mitigating
from detectors.run import search
from detectors.sight import Given, sight
from flows.engines.local import Local
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.window import SideTables, Window, in_order
from graphs.hubs import hubs
from moneytrail.bundled import copy_to

IDENTIFIERS = ("payment_id", "card_id", "device_id", "depositor_id", "employee_ref", "claimant_ref", "terminal_id")


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Give the CPU and wall seconds of a call, and what it gave."""
    cpu, wall = time.process_time(), time.perf_counter()
    answer = work()
    return time.process_time() - cpu, time.perf_counter() - wall, answer


def bank(payments: int) -> Window:
    """Give a window of about so many payments: the bundled bank beside itself."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.create(Path(folder) / "ledger")
        ingest(ledger, copy_to(Path(folder) / "input"))
        one = ledger.newest().window()
    copies = max(1, round(payments / one.payments.num_rows))
    rows = in_order(pa.concat_tables([renamed(one.payments, number) for number in range(copies)]))
    side = SideTables(
        *(
            pa.concat_tables([suffixed(table, number) for number in range(copies)])
            for table in (one.side.accounts, one.side.customers, one.side.links)
        )
    )
    return Window(rows, side=side, as_of=one.as_of, hubs=frozenset(hubs(rows)["account"].to_pylist()))


def renamed(payments: pa.Table, number: int) -> pa.Table:
    """Give the accounts and identifiers of a copy names of their own; merchants and offices are the same for all."""
    for column in ("payer", "payee"):
        names = payments[column]
        shared = pc.or_kleene(*(pc.starts_with(names, prefix) for prefix in ("mer:", "gov:")))
        payments = put(payments, column, pc.if_else(shared, names, joined(names, number)))
    for column in IDENTIFIERS:
        payments = put(payments, column, joined(payments[column], number))
    return payments


def suffixed(table: pa.Table, number: int) -> pa.Table:
    """Give the accounts, customers and identifiers of a side table the names of their copy."""
    for column in {"account_id", "customer_id", "value_hash", "household_id", "opening_device_id"} & {
        *table.column_names
    }:
        table = put(table, column, joined(table[column], number))
    return table


def joined(names: pa.ChunkedArray, number: int) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(names, str(number), "~") if number else names


def put(table: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(column), values)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--payments", type=int, default=1_000_000)
    asked.add_argument("--only", nargs="*", help="ids of indicators, e.g. sex-01")
    options = asked.parse_args()
    shelf = Shelf("detectors.indicators")
    indicators = {id_: shelf.load(id_)() for id_ in options.only or shelf.ids()}
    needed = {need for one in indicators.values() for need in one.about.needs if need.startswith("motif.")}
    motifs = {need[6:]: Shelf("detectors.motifs").load(need[6:])() for need in sorted(needed)}

    warm = bank(1)
    found = search(Local(), warm, motifs).findings
    measure(Local(), warm, indicators.values(), findings=found, motifs=motifs)

    window = bank(options.payments)
    print(f"{window.payments.num_rows:,} payments")
    cpu, wall, searched = timed(lambda: search(Local(), window, motifs))
    print(f"{'motifs':24}{cpu:8.2f} s CPU{wall:8.2f} s   {len(searched.findings):,} findings of {', '.join(motifs)}")
    by_motif = {id_: tuple(one for one in searched.findings if one.detector == id_) for id_ in motifs}
    given = Given(available(window, motifs, {}), end_of(last_day(window)), findings=by_motif)
    seen = sight(window, given)
    cpu, wall, _ = timed(lambda: (seen.credits(), seen.debits(), seen.mutual, seen.related, seen.cents, seen.night))
    total = cpu
    print(f"{'what all share':24}{cpu:8.2f} s CPU{wall:8.2f} s")
    for id_, indicator in indicators.items():
        task = Asked(indicator, given)
        cpu, wall, scores = timed(lambda task=task: list(task.find(window)))
        total += cpu
        print(f"{id_:24}{cpu:8.2f} s CPU{wall:8.2f} s   {len(scores):,} accounts")
    print(f"{'all indicators':24}{total:8.2f} s CPU")

    fresh = Window(window.payments, side=window.side, as_of=window.as_of, hubs=window.hubs)
    cpu, wall, measured = timed(
        lambda: measure(Local(), fresh, indicators.values(), findings=searched.findings, motifs=motifs)
    )
    print(f"{'together, by the engine':24}{cpu:8.2f} s CPU{wall:8.2f} s   {len(measured.scores):,} scores")
    typologies = [Shelf("detectors.typologies").load(id_)() for id_ in Shelf("detectors.typologies").ids()]
    cpu, wall, hits = timed(lambda: combine(measured, fresh, typologies, mitigating(fresh, measured)))
    print(f"{'typologies':24}{cpu:8.2f} s CPU{wall:8.2f} s   {len(hits):,} hits")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB")


if __name__ == "__main__":
    main()
