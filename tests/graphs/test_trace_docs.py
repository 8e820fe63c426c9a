"""The figures of docs/tracing.md are those the code gives."""

from __future__ import annotations

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tracing.md"


def test_the_worked_example_of_the_manual_runs_and_its_figures_hold():
    done = doctest.testfile(str(PAGE), module_relative=False)
    assert done.attempted >= 8
    assert done.failed == 0
