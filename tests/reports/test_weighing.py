from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_mitigations_lower_a_score_up_to_a_limit():
    scores = [weighing.score({"MOV": 0.6}, mitigations=count) for count in range(6)]
    assert scores[0] > scores[1] > scores[3]
    assert scores[3] == scores[5]
