"""The example of docs/cases.md runs, and what it shows is what the code gives."""

from __future__ import annotations

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "cases.md"


def test_the_worked_example_of_the_manual_runs():
    done = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert done.attempted >= 15
    assert done.failed == 0
