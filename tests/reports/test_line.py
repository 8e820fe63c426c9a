"""The line: help always above it, a share for what no rule names, and a fair lot below."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.alert import Alert, Indicator
from reports.line import JUST_BELOW, line

RARE = frozenset({"isolation-forest"})


def alert(number: int, tier: str, *detectors: str) -> Alert:
    values = dict.fromkeys(Alert.__dataclass_fields__)
    shown = tuple(Indicator(one, 0.5, 1, "", ("p",)) for one in detectors)
    return Alert(**{**values, "alert_id": f"A-{number:03d}", "tier": tier, "indicators": shown})


def night(told: int, novel: int, help_: int = 0) -> list[Alert]:
    return [
        *(alert(number, "enquire", "fan-in") for number in range(told)),
        *(alert(told + number, "enquire", "isolation-forest") for number in range(novel)),
        *(alert(told + novel + number, "support", "fan-in") for number in range(help_)),
    ]


def places(alerts: list[Alert], capacity: int | None, **more: float) -> Counter[str]:
    return Counter(line(alerts, capacity, outliers=RARE, **more).place_of.values())


def test_what_no_rule_names_has_its_share_of_the_capacity():
    drawn = line(night(60, 20), 40, outliers=RARE, novelty_share=0.1)
    assert Counter(drawn.place_of.values())["novelty"] == 4
    assert sum(place == "told" for place in drawn.place_of.values()) == 36
    assert [id_ for id_, place in drawn.place_of.items() if place == "novelty"] == ["A-060", "A-061", "A-062", "A-063"]


def test_what_novelty_leaves_goes_to_the_others_and_what_stands_high_is_not_marked():
    assert places(night(60, 1), 40, novelty_share=0.1) == {"told": 39, "novelty": 1, "just_below": 10, "below": 11}
    assert places(night(5, 20), 40, novelty_share=0.1) == {"told": 25}


def test_help_is_not_rationed_and_takes_nobodys_place():
    assert places(night(5, 0, help_=30), 3) == {"told": 3, "just_below": 2, "help": 30}


def test_the_lot_of_an_alert_does_not_depend_on_which_others_there_are():
    alerts = night(300, 0)
    drawn = line(alerts, 10, outliers=RARE, sampled=20, seed=7).place_of
    fewer = [one for one in alerts if drawn[one.alert_id] != "below"]
    again = line(fewer, 10, outliers=RARE, sampled=20, seed=7).place_of
    assert again == {id_: place for id_, place in drawn.items() if place != "below"}
    assert drawn != line(alerts, 10, outliers=RARE, sampled=20, seed=8).place_of


@settings(deadline=None)
@given(
    told=st.integers(0, 60),
    novel=st.integers(0, 30),
    help_=st.integers(0, 5),
    capacity=st.integers(1, 50),
    share=st.floats(0, 1),
    sampled=st.integers(0, 20),
)
def test_no_more_than_people_can_look_at_and_every_alert_has_one_place(told, novel, help_, capacity, share, sampled):
    alerts = night(told, novel, help_)
    counted = places(alerts, capacity, novelty_share=share, sampled=sampled)
    assert sum(counted.values()) == len(alerts)
    above = counted["told"] + counted["novelty"]
    assert above == min(capacity, told + novel)
    below = told + novel - above
    assert counted["just_below"] == min(below, JUST_BELOW)
    assert counted["sampled"] == min(max(below - JUST_BELOW, 0), sampled)


def test_without_a_limit_everything_is_told():
    assert places(night(60, 5, help_=1), None, novelty_share=0.1) == {"told": 65, "help": 1}
