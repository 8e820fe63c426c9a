"""Gates that ask less than the catalogue where two signs stand together, and how little keeps them shut.

Why each asks what it asks is in docs/decisions/0008.
"""

import pytest

from detectors.typology import Evidence
from flows.plugins import Shelf


def tier(typology_id, signs, *, same_hands=0, computed=None):
    """Give the tier of one customer who shows these signs; all indicators of the typology could be computed."""
    typology = Shelf("detectors.typologies").load(typology_id)()
    computed = typology.about.indicators if computed is None else frozenset(computed)
    evidence = Evidence(
        signs=signs,
        legs=typology.evidence_legs(signs, computed),
        computed=computed,
        by_customer=(signs,),
        same_hands=same_hands,
    )
    found = typology.tier(evidence)
    return found and found[0]


FUNNEL = {"SEX-01": 1.0, "SEX-10": 1.0, "FUN-01": 0.75, "FUN-04": 0.9}
CIRCUIT = {"SEX-01": 1.0, "SEX-03": 1.0, "SEX-07": 1.0, "CTL-01": 0.3}
WAGES = {"CTL-01": 0.6, "LAB-02": 1.0}
FRONT = {"SEX-12": 0.8, "SEX-05": 0.5, "SEX-11": 0.4, "LAB-07": 0.6}
KICKED_BACK = {"LAB-03": 1.0, "LAB-08": 0.5}
STRANGERS = {"CHI-01": 1.0, "CHI-02": 0.4}


def without(signs, name):
    return {id_: score for id_, score in signs.items() if id_ != name}


@pytest.mark.parametrize(
    ("story", "signs", "same_hands"),
    [
        ("t-01", (FUNNEL, ("FUN-01", "FUN-04")), 0),
        ("t-02", (CIRCUIT, ("CTL-01",)), 2),
        ("t-04", (FRONT, ("SEX-05", "SEX-11", "LAB-07")), 0),
        ("t-05", (KICKED_BACK, ("LAB-03", "LAB-08")), 0),
        ("t-07", (STRANGERS, ("CHI-01", "CHI-02")), 0),
    ],
)
def test_signs_that_stand_together_need_a_look_and_one_fewer_does_not(story, signs, same_hands):
    told, fewer = signs

    assert tier(story, told, same_hands=same_hands) == "review"
    for name in fewer:
        assert tier(story, without(told, name), same_hands=same_hands) is None, name


def test_a_card_used_at_home_while_its_owner_tours_is_no_control_by_itself():
    tour = {"SEX-03": 0.8, "SEX-05": 1.0, "SEX-07": 1.0, "CTL-07": 1.0}
    assert tier("t-02", tour) is None
    assert tier("t-02", {**tour, "CTL-01": 0.6}) == "review"


def test_a_stall_at_markets_in_several_towns_shops_at_chemists_there_and_that_makes_no_costs():
    stall = {"SEX-10": 1.0, "FUN-05": 1.0, "FUN-01": 0.75, "SEX-03": 0.4, "SEX-08": 0.4}
    assert tier("t-01", stall) is None
    assert tier("t-01", {**stall, "SEX-03": 0.6}) == "review"  # so many stays away carry them alone


def test_cash_in_several_towns_that_stays_is_a_tour_whatever_it_is_taken_for():
    assert tier("t-01", without(FUNNEL, "FUN-04")) is None


def test_a_wage_handed_on_whole_asks_for_help_only_where_three_hand_theirs_to_the_same():
    assert tier("t-03", WAGES, same_hands=3) == "support"
    assert tier("t-03", WAGES, same_hands=2) is None


def test_one_person_on_the_road_who_hands_on_a_part_is_not_told():
    assert tier("t-02", CIRCUIT, same_hands=1) is None


def test_much_cash_late_in_the_evening_is_a_restaurants_unless_its_books_lack_wages_or_supplies():
    late = {"FUN-15": 1.0, "SEX-11": 1.0, "LAB-07": 0.7}
    assert tier("t-04", late) is None
    assert tier("t-04", {**late, "LAB-08": 0.5}) == "review"


def test_a_salon_that_is_open_late_and_pays_for_no_adverts_is_not_told():
    assert tier("t-04", {**without(FRONT, "SEX-05"), "SEX-11": 0.6}) is None


def test_sponsors_of_many_by_day_are_not_told():
    assert tier("t-07", without(STRANGERS, "CHI-02")) is None


def test_hands_are_not_counted_where_nothing_could_be_said_of_handing_on():
    asked = Shelf("detectors.typologies").load("t-03").about.indicators - {"CTL-01", "CTL-02", "CTL-03", "CTL-06"}

    assert (
        tier("t-03", {"LAB-02": 1.0, "CTL-05": 1.0}, same_hands=3, computed=asked - {"LAB-06", "LAB-07"}) == "enquire"
    )
