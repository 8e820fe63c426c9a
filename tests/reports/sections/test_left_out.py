from __future__ import annotations

from dataclasses import replace

from reports.blocks import Bullets, Fold, Paragraph
from reports.facts import Scanned
from reports.sections.left_out import LeftOut


def test_everything_left_out_is_counted(night):
    said = " ".join(item for block in LeftOut().blocks(night) if isinstance(block, Bullets) for item in block.items)
    assert "104 rows could not be read as payments" in said
    assert "3 rows came twice" in said
    assert "(fan-out) was not answered: a window could not be searched" in said
    assert "2 accounts that serve the public" in said
    assert "stopped at 100,000 partial paths" in said
    assert "empty in 112,374 payments" in said


def test_rejects_and_hubs_are_listed(night):
    rejects, hubs = [block for block in LeftOut().blocks(night) if isinstance(block, Fold)]
    assert [cell.text for cell in rejects.blocks[0].rows[0]] == ["amount is not a number", "71"]
    assert [cell.text for cell in hubs.blocks[0].rows[0]] == ["gov:tax", "paid by 2,110 accounts", "6,310"]


def test_nothing_left_out_is_said_too(night):
    clean = replace(
        night,
        notes=(),
        rejects={},
        failures={},
        hubs=None,
        scanned=Scanned(1, 2, 2, night.as_of, night.as_of, {"EUR": 1}),
    )
    [only] = LeftOut().blocks(clean)
    assert isinstance(only, Paragraph)
    assert only.text.startswith("Nothing:")
