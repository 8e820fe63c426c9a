"""Case files of indicators: whom an indicator scores and whom it leaves alone, written so that an analyst can add one.

``tests/detectors/indicators/sex_01.toml`` holds the cases of ``detectors/indicators/sex_01.py``::

    [[case]]
    name = "twelve strangers pay at night"               # a sentence
    payments = '''
    day 0 23:00  ext:a -> anna  80.00 EUR p2p            # p1
    ...
    '''
    again = {every = 7, times = 4}                       # optional: all lines once more after 7 days, 4 times in all
    scores = [{centre = "anna", least = 0.5, most = 0.9, payments = ["p1"]}]   # [] where nobody may score
    not_computable = ["payments.sent_at"]                # optional: what the data lack, where nothing can be said
    degraded = true                                      # optional: that a reduced form is measured
    hubs = ["gov:tax"]                                   # optional, and rows of the side tables:
    accounts = [{account_id = "anna", customer_id = "c1"}]
    customers = [{customer_id = "c1", household_id = "h1"}]
    links = [{customer_id = "c1", kind = "phone", value_hash = "x"}]
    lists = {adverts = ["some merchant"]}                # optional: the institution's own lists
    [case.set]                                           # optional: parameters that differ from the defaults
    least_payers = 3

``most``, ``payments`` and ``others`` are checked where they are given; payments are those named, or more if the name
ends in ``...``. Payments are named p1, p2 ... by line; those that come again p1+1, p1+2 ... Motifs that an indicator
stands on are run with their defaults.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from detectors.about import settable
from detectors.indicating import Measured, measure
from flows.arrows import payments_from_arrows
from flows.engines.local import Local
from flows.payments import ACCOUNTS, CUSTOMERS, LINKS
from flows.plugins import Shelf
from flows.window import Cut, SideTables, Window, whole

SHELF = Shelf("detectors.indicators")
KEYS = {"name", "payments", "again", "scores", "not_computable", "degraded", "hubs", "lists", "set", "country"}
TABLES = {"accounts": ACCOUNTS, "customers": CUSTOMERS, "links": LINKS}
SPANS = {"min": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class IndicatorCase:
    """One case of a case file."""

    indicator_class: Any
    name: str
    payments: pa.Table
    scores: tuple[Mapping[str, Any], ...]
    not_computable: tuple[str, ...] = ()
    degraded: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    hubs: frozenset[str] = frozenset()
    side: SideTables = field(default_factory=SideTables)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    country: str = ""

    @cached_property
    def as_written(self) -> Measured:
        """What the indicator says of the case as it is, asked once for all tests that compare with it."""
        return self.measured()

    def window(self) -> Window:
        """Give the window that holds everything."""
        return whole(self.payments, hubs=self.hubs, side=self.side)

    def cut(self, cut: Cut) -> Window:
        """Give that window for a detector of another cut."""
        return dataclasses.replace(self.window(), cut=cut, _memo={})

    def measured(self, window: Window | None = None, *, max_payments: int = 10**9) -> Measured:
        """Ask the indicator, with the motifs it stands on."""
        window = self.window() if window is None else window
        motifs = {
            need.removeprefix("motif."): Shelf("detectors.motifs").load(need.removeprefix("motif."))()
            for need in self.indicator_class.about.needs
            if need.startswith("motif.")
        }
        findings = [finding for motif in motifs.values() for finding in motif.find(self.cut(motif.reach.cut))]
        return measure(
            Local(max_payments, threads=1),
            window,
            [self.indicator_class(**self.parameters)],
            findings=findings,
            motifs=motifs,
            lists=self.lists,
            country=self.country,
        )


@cache
def indicator_cases(plugin_id: str) -> tuple[IndicatorCase, ...]:
    """Read the case file of one indicator; an absent file gives no case (the contract asks for it)."""
    path = Path(__file__).parent / f"{plugin_id.replace('-', '_')}.toml"
    if not path.exists():
        return ()
    kind = SHELF.load(plugin_id)
    return tuple(as_case(kind, plugin_id, row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["case"])


def as_case(kind: Any, plugin_id: str, row: dict[str, Any]) -> IndicatorCase:
    """Make a case of a row of a case file."""
    unknown = row.keys() - KEYS - TABLES.keys()
    assert not unknown, f"{plugin_id}: {row.get('name')}: unknown key {sorted(unknown)}"
    fields = settable(kind) if kind else {}
    unknown = row.get("set", {}).keys() - fields.keys()
    assert not unknown, f"{plugin_id}: {row['name']}: no parameter {sorted(unknown)}; known: {sorted(fields)}"
    return IndicatorCase(
        indicator_class=kind,
        name=row["name"],
        payments=repeated(payments_from_arrows(row["payments"]), **row.get("again", {"every": 1, "times": 1})),
        scores=tuple(row["scores"]),
        not_computable=tuple(row.get("not_computable", ())),
        degraded=row.get("degraded", False),
        parameters={name: _value(value, fields[name].default) for name, value in row.get("set", {}).items()},
        hubs=frozenset(row.get("hubs", ())),
        side=SideTables(**{name: _table(row.get(name), schema) for name, schema in TABLES.items()}),
        lists={name: tuple(parts) for name, parts in row.get("lists", {}).items()},
        country=row.get("country", ""),
    )


def repeated(payments: pa.Table, *, every: int, times: int) -> pa.Table:
    """Give the payments again and again, so many days apart."""
    parts = [payments]
    for number in range(1, times):
        part, days = payments, pa.scalar(timedelta(days=every * number), pa.duration("us"))
        for column in ("at", "sent_at"):
            part = part.set_column(part.schema.get_field_index(column), column, pc.add(part[column], days))
        booked = pc.add(part["booked_on"].cast(pa.timestamp("us")), days).cast(pa.date32())
        part = part.set_column(part.schema.get_field_index("booked_on"), "booked_on", booked)
        ids = pc.binary_join_element_wise(part["payment_id"], str(number), "+")
        part = part.set_column(part.schema.get_field_index("payment_id"), "payment_id", ids)
        parts.append(part.cast(payments.schema))
    return pa.concat_tables(parts)


def _table(rows: list[dict[str, Any]] | None, schema: pa.Schema) -> pa.Table | None:
    return None if rows is None else pa.Table.from_pylist(rows, schema=schema)


def _value(value: Any, default: Any) -> Any:
    if isinstance(default, timedelta):
        unit = value.lstrip("0123456789. ")
        return timedelta(**{SPANS[unit]: float(value.removesuffix(unit))})
    return tuple(value) if isinstance(default, tuple) else value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every case, or on every indicator."""
    if "indicator_case" in metafunc.fixturenames:
        cases = [(id_, case) for id_ in SHELF.ids() for case in indicator_cases(id_)]
        metafunc.parametrize("indicator_case", [case for _, case in cases], ids=[f"{i}: {c.name}" for i, c in cases])
    if "indicator_id" in metafunc.fixturenames:
        metafunc.parametrize("indicator_id", SHELF.ids())
