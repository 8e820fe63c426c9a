"""One rank: monotone in everything found, and blind to the order it was found in."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.finding import Finding, Reason
from detectors.ranking import rank, rarity
from flows.errors import PluginError, SettingsError

ACCOUNTS = ("c", "a", "b", "d", "e")


def finding(detector, centre, *others, strength=0.5):
    return Finding(
        detector=detector,
        version=1,
        centre=centre,
        accounts=(centre, *others),
        payments=("p1",),
        first_at=0,
        last_at=0,
        strength=strength,
        reasons=(Reason("{measured}", 1, None, "payments"),),
    )


def ranks(findings, scores=None):
    table = rank(findings, scores or {}, ACCOUNTS)
    return dict(zip(table["account_id"].to_pylist(), table["rank_score"].to_pylist(), strict=True))


FINDINGS = st.lists(
    st.builds(
        lambda detector, accounts, strength: finding(detector, *accounts, strength=strength),
        st.sampled_from(["fan-in", "round-trip"]),
        st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=4, unique=True),
        st.floats(0, 1),
    ),
    max_size=6,
)
SCORES = st.lists(st.floats(0, 1), min_size=5, max_size=5)


@settings(deadline=None)
@given(found=FINDINGS, more=FINDINGS, scores=SCORES)
def test_more_found_of_an_account_alone_never_lowers_it(found, more, scores):
    given_scores = {"isolation-forest": np.array(scores)}
    own = [dataclasses.replace(one, centre="a", accounts=("a",)) for one in more]
    before, after = ranks(found, given_scores), ranks([*found, *own], given_scores)
    assert after["a"] >= before["a"]
    assert all(0 <= score <= 1 for score in after.values())


@settings(deadline=None)
@given(found=FINDINGS, scores=SCORES, raised=st.floats(0, 1))
def test_a_rarer_account_never_falls(found, scores, raised):
    higher = [max(scores[0], raised), *scores[1:]]
    before = ranks(found, {"isolation-forest": np.array(scores)})
    assert ranks(found, {"isolation-forest": np.array(higher)})["c"] >= before["c"]


@settings(deadline=None)
@given(found=FINDINGS, scores=SCORES, held=st.floats(0, 1), more=st.floats(0, 1))
def test_a_typology_that_holds_more_strongly_never_lowers_anybody(found, scores, held, more):
    def scored(score):
        outliers = {"isolation-forest": np.array(scores)}
        return rank(found, outliers, ACCOUNTS, typologies={"T-01": {"a": score}})["rank_score"].to_numpy()

    assert (scored(max(held, more)) >= scored(held)).all()


@settings(deadline=None)
@given(found=FINDINGS, surprise=st.floats(0, 4), more=st.floats(0, 4))
def test_a_greater_surprise_never_lowers_the_account_it_is_about(found, surprise, more):
    def ranked(powers):
        return ranks([*found, dataclasses.replace(finding("fan-in", "a"), surprise=powers)])["a"]

    assert ranked(max(surprise, more)) >= ranked(surprise)


@settings(deadline=None)
@given(found=FINDINGS, scores=SCORES)
def test_the_order_of_findings_and_accounts_changes_nothing(found, scores):
    table = rank(found, {"isolation-forest": np.array(scores)}, ACCOUNTS)
    turned = rank(found[::-1], {"isolation-forest": np.array(scores[::-1])}, ACCOUNTS[::-1])
    assert table.equals(turned)


def test_every_account_has_a_place_with_a_column_for_each_outlier_detector():
    table = rank([], {"isolation-forest": np.linspace(0, 1, 5)}, ACCOUNTS)
    assert table.column_names == ["account_id", "isolation_forest", "rank_score"]
    assert table["account_id"].to_pylist() == sorted(ACCOUNTS)


def test_the_centre_of_a_finding_stands_above_those_who_share_it():
    score = ranks([finding("fan-in", "a", "b", "c", "d")])
    assert score["a"] > score["b"] == score["c"] == score["d"] > score["e"] == 0


def test_outside_nodes_and_findings_of_scored_detectors_are_passed_over():
    scores = {"isolation-forest": np.zeros(5)}
    assert set(ranks([finding("fan-in", "ext:x"), finding("isolation-forest", "a")], scores).values()) == {0.0}


def test_one_in_a_thousand_is_worth_a_half_and_nothing_is_worth_all():
    assert rarity(np.array([1e-3]))[0] == pytest.approx(0.5)
    assert rarity(np.array([0.0]))[0] < 1


@pytest.mark.parametrize("scores", [[0.1] * 4, [0.1, 0.2, 0.3, 0.4, 1.2], [0.1, 0.2, 0.3, 0.4, float("nan")]])
def test_scores_that_are_not_one_share_per_account_are_refused(scores):
    with pytest.raises(PluginError, match="not one share per account"):
        rank([], {"isolation-forest": np.array(scores)}, ACCOUNTS)


def test_a_weight_outside_0_to_1_is_refused():
    with pytest.raises(SettingsError, match="a weight outside"):
        rank([], {}, ACCOUNTS, weights={"fan-in": 2})
