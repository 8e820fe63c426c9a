"""Typologies told in alerts: one alert, the typology's tier and route, and support kept apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.combining import Hit
from detectors.finding import Reason
from detectors.indicator import ROLES, Score
from detectors.typologies.t_01 import T01
from detectors.typologies.t_03 import T03
from flows.arrows import payments_from_arrows
from flows.plugins import Shelf
from flows.window import times
from reports.alert import join
from reports.stories import roles_in, stories

PAYMENTS = payments_from_arrows(
    "\n".join(
        [
            *(f"day {day} 23:10 ext:n-{day} -> anna 80.00 EUR p2p" for day in range(6)),
            *(f"day {day} 09:00 anna -> bela 75.00 EUR instant" for day in range(1, 6)),
            "day 30 10:00 carl -> dora 10.00 EUR p2p",
        ]
    )
)
INDICATORS = {id_: Shelf("detectors.indicators").load(id_.lower()).about for id_ in ("SEX-01", "CTL-01", "CTL-02")}
TYPOLOGIES = {one.about.id: one.about for one in (T01, T03)}


def score(indicator, centre, strength=0.8, others=()):
    """Give what an indicator says of everything an account took in or paid."""
    at = dict(zip(PAYMENTS["payment_id"].to_pylist(), times(PAYMENTS).tolist(), strict=True))
    own = [row["payment_id"] for row in PAYMENTS.to_pylist() if centre in (row["payer"], row["payee"])]
    return Score(
        indicator=indicator,
        version=1,
        centre=centre,
        value=0.5,
        support=len(own),
        score=strength,
        says="It took in {count}.",
        numbers=(("count", len(own), "payments"),),
        payments=tuple(own),
        first_at=at[own[0]],
        last_at=at[own[-1]],
        others=tuple(others),
    )


def hit(typology, tier, scores, accounts, weight=0.7, **more):
    said = {
        "legs": {"REV": 0.7, "MOV": 0.6, "CTL": 0.8, "OPS": None},
        "mitigations": (),
        "would_clear": ("CTL-01",),
        "not_computable": (),
    }
    return Hit(typology, tier, weight, tuple(accounts), 1, scores=tuple(scores), **{**said, **more})


FUNNEL = hit(
    "T-01",
    "review",
    [score("SEX-01", "anna"), score("CTL-01", "anna", 0.6, ["bela"])],
    [("anna", "possibly_exploited"), ("bela", "possible_controller")],
    mitigations=("MIT-09",),
    not_computable=("CTL-02",),
)
HELP = hit("T-03", "support", [score("CTL-01", "anna", 0.6, ["bela"])], [("anna", "possibly_exploited")])


def told(*hits, findings=()):
    made = stories(hits, TYPOLOGIES, INDICATORS, {"CTL-02": ("payments.device_id",)})
    return join(findings, PAYMENTS, (), INDICATORS, stories=made).alerts


def test_a_typology_gives_its_alert_tier_score_legs_and_route():
    [alert] = told(FUNNEL)
    assert (alert.tier, alert.score, alert.route) == ("review", 0.7, T01.about.route)
    assert alert.typology == "Consistent with: funnel account for proceeds of sexual exploitation"
    assert alert.legs["CTL"] == 0.8
    assert alert.legs["OPS"] is None
    assert alert.caution == T01.about.caution


def test_its_indicators_speak_in_their_own_sentences():
    [alert] = told(FUNNEL)
    assert [(one.id, one.sentence) for one in alert.indicators] == [
        ("SEX-01", "It took in 11 payments."),
        ("CTL-01", "It took in 11 payments."),
    ]


def test_likely_roles_are_those_of_the_typology_and_its_subject_comes_first():
    [alert] = told(FUNNEL)
    roles = {account.account_id: account.likely_role for account in alert.accounts}
    assert alert.lead == "anna"
    assert (roles["anna"], roles["bela"]) == (ROLES["possibly_exploited"], ROLES["possible_controller"])
    assert roles["ext:n-0"] == "pays in (account elsewhere)"


def test_whoever_may_be_exploited_has_no_other_role_in_a_stronger_story():
    suspected = hit("T-01", "priority", [score("SEX-01", "anna")], [("anna", "possible_controller")])
    likely = roles_in(stories([FUNNEL, suspected], TYPOLOGIES, INDICATORS, {"CTL-02": ("payments.device_id",)}))
    assert likely["anna"] == ROLES["possibly_exploited"]


def test_whoever_is_to_be_helped_in_one_alert_is_shown_in_no_other_role_in_another():
    other = hit("T-01", "priority", [score("SEX-01", "anna", others=["bela"])], [("anna", "possible_mule")])
    alerts = told(other, HELP)
    assert {alert.tier for alert in alerts} == {"priority", "support"}
    roles = {one.likely_role for alert in alerts for one in alert.accounts if one.account_id == "anna"}
    assert roles == {ROLES["possibly_exploited"]}


def test_it_says_what_would_clear_it_what_speaks_for_it_and_what_could_not_be_asked():
    [alert] = told(FUNNEL)
    assert INDICATORS["CTL-01"].title in alert.would_clear[0]
    assert "it would fall below review" in alert.would_clear[0]
    assert [one.id for one in alert.mitigations] == ["MIT-09"]
    assert any("CTL-02" in said and "payments.device_id" in said for said in alert.not_computable)


def test_what_is_only_to_be_asked_does_not_fall_below_review_and_what_is_wanting_is_said_in_words():
    asked = replace(FUNNEL, tier="enquire")
    [story] = stories([asked], TYPOLOGIES, INDICATORS, {"CTL-02": ("payments.mcc|list.short-lets",)})
    assert "nothing to ask" in story.would_clear[0]
    assert any("payments.mcc or the list short-lets (" in said for said in story.not_computable)


def test_somebody_to_be_helped_has_an_alert_apart_that_names_the_other():
    review, support = told(FUNNEL, HELP)
    assert (review.tier, support.tier) == ("review", "support")
    assert support.alert_id != review.alert_id
    assert support.related == (review.alert_id,)
    assert review.related == (support.alert_id,)
    assert {one.likely_role for one in support.accounts if one.account_id == "anna"} == {ROLES["possibly_exploited"]}


def test_what_a_motif_found_joins_the_story_and_changes_neither_tier_nor_score(example):
    reason = Reason("{measured} paid in.", 6, None, "payments")
    found = example.finding("fan-in", "anna", FUNNEL.scores[0].payments, 0.9, [reason], PAYMENTS)
    made = stories([FUNNEL], TYPOLOGIES, INDICATORS, {"CTL-02": ("payments.device_id",)})
    [alert] = join([found], PAYMENTS, (), {**INDICATORS, **example.about_of}, stories=made).alerts
    assert "fan-in" in {one.id for one in alert.indicators}
    assert (alert.tier, alert.score) == ("review", 0.7)


@pytest.mark.parametrize("order", [(FUNNEL, HELP), (HELP, FUNNEL)])
def test_the_order_of_hits_changes_nothing(order):
    assert told(*order) == told(FUNNEL, HELP)


def test_help_is_not_rationed_by_what_people_can_look_into(night):
    others = [replace(alert, alert_id=f"A-{number}") for number, alert in enumerate(night.alerts)]
    facts = replace(night, alerts=(*told(FUNNEL, HELP), *others), capacity=1)
    assert {alert.tier for alert in facts.to_read} == {"review", "support"}
    assert facts.below_the_line == tuple(others)
