from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.about import LEGS
from reports import weighing

strengths = st.fixed_dictionaries(
    {name: st.floats(0, 1) for name in ("fan-in", "pass-through", "structuring", "isolation-forest")}
)


@given(strengths, st.sampled_from(["fan-in", "pass-through", "structuring", "isolation-forest"]), st.floats(0, 1))
def test_a_stronger_finding_never_lowers_the_score(example, before, raised, by):
    after = {**before, raised: max(before[raised], by)}
    one, other = (
        weighing.score(weighing.weigh_legs(found, example.about_of, ["isolation-forest"])) for found in (before, after)
    )
    assert 0 <= one <= other <= 1


def test_a_leg_nobody_asked_about_is_not_zero(example):
    legs = weighing.weigh_legs({"fan-in": 0.5}, example.about_of)
    assert legs["REV"] == pytest.approx(0.3)
    assert legs["MOV"] == 0.0
    assert legs["CTL"] is None


def test_one_leg_alone_never_makes_a_review_however_strong():
    for leg in LEGS:
        assert weighing.tier({leg: 1.0}, 1.0) == "enquire"


def test_two_legs_are_a_review_if_movement_or_control_is_one_of_them():
    assert weighing.tier({"MOV": 0.5, "CTL": 0.5}, 0.6) == "review"
    assert weighing.tier({"REV": 0.5, "MOV": 0.5}, 0.6) == "review"
    assert weighing.tier({"REV": 1.0, "OPS": 1.0}, 1.0) == "enquire"


def test_context_is_no_leg_of_its_own():
    assert weighing.tier({"MOV": 1.0, "CTX": 1.0}, 1.0) == "enquire"


def test_a_priority_needs_three_strong_legs():
    assert weighing.tier({"REV": 0.5, "MOV": 0.5, "CTL": 0.4}, 0.8) == "priority"
    assert weighing.tier({"REV": 0.5, "MOV": 0.5, "CTL": 0.39}, 0.8) == "review"


def test_what_is_rare_lifts_nothing_into_another_tier(example):
    found = {"fan-in": 1.0, "isolation-forest": 1.0}
    kept = weighing.without_outliers(found, ["isolation-forest"])
    assert kept == {"fan-in": 1.0}
    assert weighing.tier(weighing.weigh_legs(kept, example.about_of), 0.99) == "enquire"


def test_mitigations_lower_a_score_up_to_a_limit():
    scores = [weighing.score({"MOV": 0.6}, mitigations=count) for count in range(6)]
    assert scores[0] > scores[1] > scores[3]
    assert scores[3] == scores[5]
