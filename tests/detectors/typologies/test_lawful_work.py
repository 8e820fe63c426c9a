"""Who works lawfully and for themselves is told from a controlled person by who holds the money, and by nothing else.

Takings and costs of the two are the same (catalogue, section 10). The cases of T-02 are written so: to the cent the
same credits, rooms and adverts, with the hand-over in one and rent, food and tax in the other.
"""

from detectors.about import LEGS
from tests.detectors.typologies.conftest import INDICATORS, typology_cases

LAWFUL = "a lawful tour of one's own"


def signs(case):
    """Give the scores of the person by leg and indicator."""
    found = {leg: {} for leg in LEGS}
    for score in case.measured(case.bank.window()).scores:
        if score.centre == "anna":
            leg = INDICATORS.load(score.indicator.lower()).about.leg
            found[leg][score.indicator] = (score.value, score.score, score.sentence)
    return found


def test_takings_and_costs_are_the_same_and_only_control_and_movement_differ():
    cases = typology_cases("t-02")
    [controlled] = [signs(case) for case in cases if case.kind == "positive"]
    [lawful] = [signs(case) for case in cases if case.name.startswith(LAWFUL)]
    assert {"SEX-01", "SEX-02", "SEX-06"} <= lawful["REV"].keys()
    assert {"SEX-03", "SEX-05", "SEX-07"} <= lawful["OPS"].keys()
    assert (lawful["REV"], lawful["OPS"]) == (controlled["REV"], controlled["OPS"])
    assert controlled["CTL"]
    assert not lawful["CTL"]
    assert not lawful["MOV"]
