"""Case files: what a detector finds and what it leaves alone, written so that an analyst can add one without Python.

A case file bears the name of its detector's file and lies in the folder of the same name here, e.g.
``tests/detectors/motifs/fan_in.toml``::

    [[case]]
    name = "five strangers pay one account in a day"     # a sentence
    payments = '''
    day 0 09:00  ext:a -> anna  40.00 EUR p2p            # p1
    ...
    '''
    finds = [{centre = "anna", payments = ["p1", "p2"]}] # [] where nothing may be found
    hubs = ["gov:tax"]                                   # optional: accounts that serve the public
    accounts = [{account_id = "anna", kind = "client"}]  # optional: rows of the side tables
    calendar = true                                      # optional: months or dates matter, so a shift by a week does
    money = true                                         # optional: a level in this currency matters
    [case.set]                                           # optional: parameters that differ from the defaults
    min_payers = 3
    within = "24h"                                       # a span of time: min, h or d

Payments are named p1, p2 ... by line; a finding's payments are compared in any order. A test that takes ``case`` runs
on every case of every file; one that takes ``motif`` runs on every id of the shelf.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from detectors.about import About, settable
from detectors.declared_pattern import Declaration, DeclaredPattern
from detectors.finding import Finding
from flows.arrows import payments_from_arrows
from flows.payments import ACCOUNTS, CUSTOMERS, LINKS
from flows.plugins import Shelf
from flows.window import SideTables, Window, whole

SHELVES = ("motifs",)
"""Shelves whose members answer by `find`; outlier detectors and indicators have tests of their own."""

KEYS = {"name", "payments", "finds", "set", "hubs", "accounts", "customers", "links", "calendar", "money"}
SPANS = {"min": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Case:
    """One case of a case file.

    Parameters
    ----------
    detector_class : type
        The detector it is about, found by the name of the file.
    finds : frozenset of (str, frozenset of str)
        Centre and payment ids of each finding.
    """

    detector_class: Any
    detector_id: str
    name: str
    payments: pa.Table
    finds: frozenset[tuple[str, frozenset[str]]]
    parameters: Mapping[str, Any]
    hubs: frozenset[str] = frozenset()
    side: SideTables = field(default_factory=SideTables)
    calendar: bool = False
    money: bool = False

    @cached_property
    def as_written(self) -> tuple[Finding, ...]:
        """What the detector finds in the case as it is, asked once for all tests that compare with it."""
        return tuple(self.detector().find(self.window()))

    def detector(self) -> Any:
        """Make the detector with the parameters of the case."""
        return self.detector_class(**self.parameters)

    def window(self, payments: pa.Table | None = None, hubs: Iterable[str] | None = None) -> Window:
        """Give the window that holds everything, with other payments or hubs if told so."""
        return whole(
            self.payments if payments is None else payments,
            cut=self.detector().reach.cut,
            hubs=self.hubs if hubs is None else hubs,
            side=self.side,
        )


@cache
def cases_of(shelf: str, plugin_id: str) -> tuple[Case, ...]:
    """Read the case file of one detector; an absent file gives no case (`test_contract.py` asks for it)."""
    path = Path(__file__).parent / shelf / f"{plugin_id.replace('-', '_')}.toml"
    if not path.exists():
        return ()
    detector_class = Shelf(f"detectors.{shelf}").load(plugin_id)
    with path.open("rb") as file:
        return tuple(_case(detector_class, plugin_id, row) for row in tomllib.load(file)["case"])


def _case(detector_class: Any, plugin_id: str, row: dict[str, Any]) -> Case:
    unknown = row.keys() - KEYS
    assert not unknown, f"{plugin_id}: {row.get('name')}: unknown key {sorted(unknown)}; known: {sorted(KEYS)}"
    fields = settable(detector_class)
    unknown = row.get("set", {}).keys() - fields.keys()
    assert not unknown, f"{plugin_id}: {row['name']}: no parameter {sorted(unknown)}; known: {sorted(fields)}"
    assert row["payments"].strip(), f"{plugin_id}: {row['name']}: a case without payments says nothing"
    return Case(
        detector_class=detector_class,
        detector_id=plugin_id,
        name=row["name"],
        payments=payments_from_arrows(row["payments"]),
        finds=frozenset((found["centre"], frozenset(found["payments"])) for found in row["finds"]),
        parameters={name: _value(value, fields[name].default) for name, value in row.get("set", {}).items()},
        hubs=frozenset(row.get("hubs", ())),
        side=SideTables(
            accounts=_table(row.get("accounts"), ACCOUNTS),
            customers=_table(row.get("customers"), CUSTOMERS),
            links=_table(row.get("links"), LINKS),
        ),
        calendar=row.get("calendar", False),
        money=row.get("money", False),
    )


def _table(rows: list[dict[str, Any]] | None, schema: pa.Schema) -> pa.Table | None:
    return None if rows is None else pa.Table.from_pylist(rows, schema=schema)


def _value(value: Any, default: Any) -> Any:
    if isinstance(default, timedelta):
        unit = value.lstrip("0123456789. ")
        return timedelta(**{SPANS[unit]: float(value.removesuffix(unit))})
    return tuple(value) if isinstance(default, tuple) else value


@dataclass(frozen=True)
class Declared:
    """Stands where a case holds the class of its detector: gives the one detector of a declared pattern."""

    made: DeclaredPattern

    @property
    def about(self) -> About:
        """What it says of itself."""
        return self.made.about

    def __call__(self) -> DeclaredPattern:
        return self.made


@cache
def written_patterns() -> list[dict[str, Any]]:
    """Read the patterns that are written as text, with their cases."""
    text = (Path(__file__).parent / "patterns.toml").read_text(encoding="utf-8")
    sections: list[dict[str, Any]] = tomllib.loads(text)["pattern"]
    return sections


def declared(section: Mapping[str, Any]) -> DeclaredPattern:
    """Make the detector of a pattern that is written as text."""
    said = {key: value for key, value in section.items() if key not in ("name", "case")}
    lists = {key: tuple(value) for key, value in said.items() if isinstance(value, list)}
    return DeclaredPattern(section["name"], Declaration(**{**said, **lists}))


def declared_cases(section: Mapping[str, Any]) -> Iterable[Case]:
    """Give the cases of a pattern that is written as text."""
    made = declared(section)
    for row in section["case"]:
        yield Case(
            detector_class=Declared(made),
            detector_id=made.id,
            name=row["name"],
            payments=payments_from_arrows(row["payments"]),
            finds=frozenset((found["centre"], frozenset(found["payments"])) for found in row["finds"]),
            parameters={},
            hubs=frozenset(row.get("hubs", ())),
        )


@cache
def _members() -> list[tuple[str, str]]:
    folder = Path(__file__).parents[2] / "detectors"
    there = [shelf for shelf in SHELVES if (folder / shelf).is_dir()]
    return [(shelf, plugin_id) for shelf in there for plugin_id in Shelf(f"detectors.{shelf}").ids()]


@cache
def _every_case() -> list[Case]:
    found = [case for shelf, plugin_id in _members() for case in cases_of(shelf, plugin_id)]
    return found + [case for section in written_patterns() for case in declared_cases(section)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every case, or on every detector."""
    if "case" in metafunc.fixturenames:
        cases = _every_case()
        metafunc.parametrize("case", cases, ids=[f"{case.detector_id}: {case.name}" for case in cases])
    if "motif" in metafunc.fixturenames:
        metafunc.parametrize(("shelf", "motif"), _members(), ids=[plugin_id for _, plugin_id in _members()])


@pytest.fixture
def cases(shelf: str, motif: str) -> tuple[Case, ...]:
    """All cases of one detector."""
    return cases_of(shelf, motif)
