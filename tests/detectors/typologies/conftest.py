"""Case files of typologies: what needs a look and what does not, in arrow notation, with every indicator of the shelf.

``tests/detectors/typologies/t_01.toml`` holds the cases of ``detectors/typologies/t_01.py``; cases are written as in
``tests/detectors/indicators/conftest.py``, but say ``hits`` instead of ``scores``::

    hits = [{tier = "review", accounts = {anna = "possibly_exploited", boss = "possible_controller"}}]   # [] for none
    kind = "positive"                                    # or "evading" or "innocent"

Accounts that are not named may be in a hit too; those named must have this role.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from detectors.combining import Hit, combine
from detectors.indicating import Measured, measure
from detectors.mitigations import mitigating
from flows.engines.local import Local
from flows.plugins import Shelf
from flows.window import Window
from tests.detectors.indicators.conftest import IndicatorCase, as_case

SHELF = Shelf("detectors.typologies")
INDICATORS = Shelf("detectors.indicators")
MOTIFS = Shelf("detectors.motifs")


@dataclass(frozen=True)
class TypologyCase:
    """One case of a case file."""

    typology_id: str
    name: str
    kind: str
    bank: IndicatorCase
    hits: tuple[Mapping[str, Any], ...]

    def measured(self, window: Window) -> Measured:
        """Ask every indicator, with the motifs that any of them stands on."""
        needed = {
            need.removeprefix("motif.")
            for id_ in INDICATORS.ids()
            for need in INDICATORS.load(id_).about.needs
            if need.startswith("motif.")
        }
        motifs = {id_: MOTIFS.load(id_)() for id_ in sorted(needed)}
        return measure(
            Local(threads=1),
            window,
            [INDICATORS.load(id_)() for id_ in INDICATORS.ids()],
            findings=[finding for motif in motifs.values() for finding in motif.find(self.bank.cut(motif.reach.cut))],
            motifs=motifs,
            lists=self.bank.lists,
            country=self.bank.country,
        )

    @cached_property
    def found(self) -> list[Hit]:
        """Ask every indicator and typology, and give the hits of this one."""
        window = self.bank.window()
        measured = self.measured(window)
        assert not measured.failures, measured.failures
        hits = combine(
            measured, window, [SHELF.load(id_)() for id_ in SHELF.ids()], mitigating(window, measured, self.bank.lists)
        )
        return [hit for hit in hits if hit.typology == self.typology_id.upper()]


@cache
def typology_cases(plugin_id: str) -> tuple[TypologyCase, ...]:
    """Read the case file of one typology; an absent file gives no case."""
    path = Path(__file__).parent / f"{plugin_id.replace('-', '_')}.toml"
    if not path.exists():
        return ()
    cases = []
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        own = {key: row.pop(key) for key in ("hits", "kind")}
        bank = as_case(None, plugin_id, {**row, "scores": []})
        cases.append(TypologyCase(plugin_id, row["name"], own["kind"], bank, tuple(own["hits"])))
    return tuple(cases)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every case, or on every typology."""
    if "typology_case" in metafunc.fixturenames:
        cases = [(id_, case) for id_ in SHELF.ids() for case in typology_cases(id_)]
        metafunc.parametrize("typology_case", [case for _, case in cases], ids=[f"{i}: {c.name}" for i, c in cases])
    if "typology_id" in metafunc.fixturenames:
        metafunc.parametrize("typology_id", SHELF.ids())
