from __future__ import annotations

from dataclasses import replace

from reports.blocks import Fold, Table
from reports.sections.drift import Drift


def test_every_index_is_listed_and_those_that_moved_are_counted(night):
    run = {**night.run, "drift": {"ensemble": {"at_night": 0.31, "weekend": 0.02, "score": 0.25}}}
    said, _, fold = Drift().blocks(replace(night, run=run))
    assert said.text == "2 of 3 columns have moved: their index is 0.25 or more."
    assert isinstance(fold, Fold)
    [table] = fold.blocks
    assert isinstance(table, Table)
    assert [(row[0].text, row[2].text) for row in table.rows] == [
        ("at night", "0.310"),
        ("score", "0.250"),
        ("weekend", "0.020"),
    ]


def test_without_a_reference_there_is_no_drift_to_tell(night):
    assert Drift().blocks(night) == ()
