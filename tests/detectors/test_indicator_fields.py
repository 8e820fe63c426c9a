"""Which indicators which data allows: the counts of the catalogue (3.9)."""

from __future__ import annotations

import pytest

from detectors.indicator_fields import TIERS, every_indicator


@pytest.mark.parametrize(
    ("tiers", "computable"),
    [
        ("D1 D6", 13),
        ("D1 D6 D2", 19),
        ("D1 D6 D2 D3", 39),
        ("D1 D6 D2 D3 D4", 57),
        ("D1 D6 D2 D3 D4 D5", 66),
        ("D1 D6 D2 D3 D4 D5 D7", 70),
    ],
)
def test_the_counts_are_those_of_the_catalogue(tiers, computable):
    assert sum(set(one.tiers) <= set(tiers.split()) for one in every_indicator()) == computable


def test_every_tier_needed_has_a_meaning():
    assert {tier for one in every_indicator() for tier in one.tiers} == set(TIERS)
