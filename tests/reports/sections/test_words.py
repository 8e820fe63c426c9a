from __future__ import annotations

from reports.sections.words import Words
from reports.weighing import TIERS


def test_every_tier_is_explained(night):
    [table] = Words().blocks(night)
    said = {row[0].text: row[1].text for row in table.rows}
    assert {f"Tier: {tier}" for tier in TIERS} <= said.keys()
    assert "not a probability" in said["Score"]
