"""Legs, gates and tiers, by hand."""

import dataclasses

import pytest

from detectors.combining import combine, would_clear
from detectors.indicating import Measured
from detectors.indicator import Score
from detectors.typology import Evidence
from flows.arrows import payments_from_arrows
from flows.plugins import Shelf
from flows.window import whole

EVERYTHING = frozenset(
    one
    for id_ in Shelf("detectors.typologies").ids()
    for one in Shelf("detectors.typologies").load(id_).about.indicators
)
REST = {"LAB-05": 1.0, "FUN-14": 1.0, "FUN-04": 1.0, "FUN-11": 1.0}


def typology(id_):
    return Shelf("detectors.typologies").load(id_)()


def evidence(id_, signs, computed=EVERYTHING, **more):
    own = typology(id_)
    return Evidence(signs, own.evidence_legs(signs, computed), computed, **{"by_customer": (signs,), **more})


def score(indicator, centre, points=1.0, others=()):
    return Score(indicator, 1, centre, 1.0, 1, points, "It is so.", (), ("p1",), 0, 0, others=others)


def measured(*scores, lacking=()):
    missing = dict.fromkeys(lacking, ("payments.mcc",))
    return Measured(tuple(scores), EVERYTHING - set(lacking), missing, {}, {})


def test_a_leg_is_weighed_by_noisy_or():
    legs = typology("t-01").evidence_legs({"SEX-01": 1.0, "SEX-02": 0.5}, EVERYTHING)
    assert legs["REV"] == pytest.approx(1 - (1 - 0.9) * (1 - 0.5 * 0.5))
    assert legs["MOV"] == 0.0


def test_a_leg_nobody_could_compute_is_unknown_and_leaves_the_mean():
    no_cards = EVERYTHING - {"SEX-03", "SEX-05", "SEX-07", "SEX-09", "SEX-08"}
    own = typology("t-01")
    legs = own.evidence_legs({"SEX-01": 1.0}, no_cards)
    assert legs["OPS"] is None
    assert own.score(legs) == pytest.approx(30 * 0.9 / 80, abs=1e-6)


def test_what_speaks_for_an_ordinary_story_lowers_the_score_up_to_a_cap():
    own = typology("t-01")
    legs = dict.fromkeys(("REV", "OPS", "MOV", "CTL"), 1.0)
    assert [own.score(legs, count) for count in (0, 1, 3, 9)] == [1.0, 0.85, 0.55, 0.55]


def test_revenue_and_cost_alone_never_need_a_look():
    """A lawful independent night worker has both; only control or movement tells her from a controlled person."""
    signs = dict.fromkeys(("SEX-01", "SEX-02", "SEX-10", "SEX-03", "SEX-05", "SEX-07", "SEX-09"), 1.0)
    for id_ in ("t-01", "t-02"):
        assert typology(id_).tier(evidence(id_, signs)) is None


def test_three_strong_legs_are_a_priority_and_a_missing_one_named_in_the_gate_is_a_question():
    signs = {"SEX-01": 1.0, "FUN-04": 1.0, "FUN-01": 1.0, "CTL-01": 1.0}
    assert typology("t-01").tier(evidence("t-01", signs))[0] == "priority"
    blind = EVERYTHING - {"SEX-01", "SEX-02", "SEX-10", "FUN-05", "SEX-06"}
    tier, _ = typology("t-01").tier(evidence("t-01", {key: signs[key] for key in signs.keys() & blind}, blind))
    assert tier == "enquire"


def test_one_fact_of_control_is_not_two():
    own = typology("t-03")
    assert own.tier(evidence("t-03", {"CTL-02": 1.0, "LAB-07": 1.0, **REST})) is None
    assert own.tier(evidence("t-03", {"CTL-01": 1.0, "LAB-06": 1.0, **REST}))[0] == "support"


def test_whoever_lives_on_cash_is_no_controlled_worker():
    """All that a wage drawn on payday can show is one fact; without what joins several people nobody is asked to look.

    A bank that keeps no identifiers must not make it a question either.
    """
    own = typology("t-03")
    cash = {"CTL-01": 1.0, "LAB-02": 1.0, "CTL-05": 1.0, **REST}
    assert own.tier(evidence("t-03", cash)) is None
    no_identifiers = EVERYTHING - {"CTL-02", "CTL-03", "LAB-07"}
    assert own.tier(evidence("t-03", cash, no_identifiers)) is None
    assert own.tier(evidence("t-03", {**cash, "LAB-06": 0.2}, no_identifiers))[0] == "support"


def test_a_shelter_is_no_cohort():
    """One helper's device and one address are one fact, however many indicators it raises and for however many."""
    window = whole(payments_from_arrows("day 0 09:00 a -> cash:atm 5 EUR\nday 0 09:01 b -> cash:atm 5 EUR"))
    people = [f"r{number}" for number in range(9)]
    signs = [score(id_, one, others=tuple(people)) for one in people for id_ in ("CTL-02", "LAB-07", "LAB-12")]
    typologies = [typology(one) for one in ("t-03", "t-06", "t-12", "t-13")]
    assert combine(measured(*signs), window, typologies) == ()
    taken = [score("LAB-06", one, others=tuple(people)) for one in people]
    assert {hit.typology for hit in combine(measured(*signs, *taken), window, typologies)} == {"T-03", "T-06", "T-13"}


def test_workers_of_a_broker_are_not_shown_as_the_business():
    window = whole(payments_from_arrows("day 0 09:00 broker -> w1 50 EUR instant"))
    paid = [score("LAB-03", one, others=("broker", "w1", "kim")) for one in ("broker", "w1")]
    signs = [score("LAB-08", "broker"), score("LAB-10", "broker"), score("LAB-01", "lead", others=("broker",)), *paid]
    [hit] = combine(measured(*signs), window, [typology("t-05")])
    roles = dict(hit.accounts)
    assert (roles["broker"], roles["w1"], roles["lead"]) == ("business", "possibly_exploited", "possibly_exploited")
    assert roles["kim"] == "possible_controller"


def test_a_frightened_payer_is_helped_whatever_the_score():
    tier, path = typology("t-09").tier(evidence("t-09", {"CHI-08": 1.0}))
    assert tier == "support"
    assert dict(path.roles)["subject"] == "possibly_exploited"
    # All parts but one are those of friends who pay each other in an evening, unless the customer is under 25.
    assert typology("t-09").tier(evidence("t-09", {"CHI-08": 0.7})) is None


def test_a_broker_of_organs_is_never_ranked():
    signs = {"ORG-01": 1.0, "ORG-02": 1.0, "ORG-03": 1.0, "SCM-04": 1.0}
    assert typology("t-11").tier(evidence("t-11", signs))[0] == "enquire"


def test_a_cohort_needs_four_people_joined_by_something():
    window = whole(payments_from_arrows("day 0 09:00 a -> cash:atm 5 EUR\nday 0 09:01 b -> cash:atm 5 EUR"))
    people = [f"w{number}" for number in range(5)]
    signs = [
        score(id_, person, others=("aunt",)) for person in people for id_ in ("LAB-06", "LAB-02", "CTL-06", "LAB-07")
    ]

    hits = combine(measured(*signs), window, [typology("t-06")])
    assert [hit.subjects for hit in hits] == [5]
    assert {role for account, role in hits[0].accounts if account in people} == {"possibly_exploited"}
    assert ("aunt", "possible_controller") in hits[0].accounts

    apart = [dataclasses.replace(one, others=()) for one in signs]
    assert combine(measured(*apart), window, [typology("t-06")]) == ()


def test_whom_many_pay_is_not_one_of_them():
    window = whole(payments_from_arrows("day 0 09:00 w0 -> kim 50 EUR instant"))
    people = [f"w{number}" for number in range(4)]
    paid = [score("SMG-02", one, others=("kim",)) for one in people] + [score("LAB-09", one) for one in people]
    paid = [dataclasses.replace(one, roles=(("kim", "possible_controller"),), others=("kim",)) for one in paid]
    [hit] = combine(measured(*paid, score("SMG-01", "kim"), score("SMG-03", "kim")), window, [typology("t-12")])
    roles = dict(hit.accounts)
    assert roles["kim"] == "possible_controller"
    assert {roles[one] for one in people} == {"possibly_exploited"}


def test_debts_are_joined_by_who_collects_and_not_by_an_address():
    window = whole(payments_from_arrows("day 0 09:00 w0 -> kim 50 EUR instant"))
    people, residents = [f"w{number}" for number in range(3)], [f"r{number}" for number in range(30)]
    paid = [score(id_, one, others=("kim",)) for id_ in ("LAB-09", "SMG-02", "SMG-01") for one in people]
    housed = [score("LAB-07", one, others=(*people, *residents)) for one in [*people, *residents]]
    [hit] = combine(measured(*paid, *housed), window, [typology("t-12")])
    assert {account for account, _ in hit.accounts[: hit.subjects]} == set(people)


def test_what_is_shared_tells_of_nobody_who_shows_nothing_else():
    """A worker whose telephone a shelter shares is looked at with the workers, and the residents with nobody."""
    window = whole(payments_from_arrows("day 0 09:00 w0 -> kim 50 EUR instant"))
    people, residents = [f"w{number}" for number in range(5)], [f"r{number}" for number in range(9)]
    together = (*people, *residents)
    taken = [score(id_, one, others=("kim",)) for id_ in ("LAB-02", "LAB-06", "CTL-06") for one in people]
    shared = [score(id_, one, others=together) for id_ in ("CTL-02", "LAB-07") for one in together]
    for hit in combine(measured(*taken, *shared), window, [typology(id_) for id_ in ("t-03", "t-06", "t-13")]):
        assert not {account for account, _ in hit.accounts} & set(residents)
        assert not {other for one in hit.scores for other in one.others} & set(residents)


def test_a_student_whom_many_pay_is_none_of_the_cohort_whose_device_was_lent():
    window = whole(payments_from_arrows("day 0 09:00 w0 -> kim 50 EUR instant"))
    people = [f"w{number}" for number in range(3)]
    taken = [score(id_, one, others=("kim",)) for id_ in ("CTL-05", "CTL-06") for one in people]
    shared = [score("CTL-02", one, others=("student", *people)) for one in ("student", *people)]
    for also, named in (("FUN-05", False), ("CTL-05", True)):
        signs = measured(*taken, *shared, score(also, "student"))
        [hit] = combine(signs, window, [typology("t-13")])
        assert ("student" in dict(hit.accounts)) is named, also


def test_an_identifier_shared_with_many_who_show_nothing_counts_for_nobody():
    """One resident of a shelter who lives on cash is not confirmed by the shelter's telephone."""
    window = whole(payments_from_arrows("day 0 09:00 a -> cash:atm 5 EUR"))
    residents = [f"r{number}" for number in range(12)]
    shared = [score("CTL-02", one, others=tuple(residents)) for one in residents]
    living = [score(id_, one) for id_ in ("CTL-01", "LAB-02", "FUN-04") for one in residents[:2]]
    assert combine(measured(*shared, *living), window, [typology("t-03")]) == ()
    several = [score(id_, one) for id_ in ("CTL-01", "LAB-02", "FUN-04") for one in residents[:6]]
    assert len(combine(measured(*shared, *several), window, [typology("t-03")])) == 6


def test_a_worker_through_whom_wages_go_back_is_no_mule():
    window = whole(payments_from_arrows("day 0 09:00 broker -> w1 50 EUR instant"))
    through = dataclasses.replace(
        score("FUN-07", "w1", others=("broker", "kim")),
        roles=(("broker", "possible_launderer"), ("kim", "possible_launderer"), ("w1", "possible_mule")),
    )
    signs = [score("LAB-03", "broker", others=("w1",)), score("LAB-08", "broker"), score("LAB-10", "broker"), through]
    [hit] = combine(measured(*signs), window, [typology("t-05")])
    assert dict(hit.accounts)["w1"] == "possibly_exploited"


def test_who_only_pays_mules_is_none_of_them():
    window = whole(payments_from_arrows("day 0 09:00 vera -> m1 900 EUR instant\nday 0 09:30 m1 -> m2 890 EUR instant"))
    mules = [
        score(id_, one, others=("m1", "m2", "vera")) for id_ in ("SCM-02", "FUN-09", "FUN-12") for one in ("m1", "m2")
    ]
    [hit] = combine(measured(*mules, score("SCM-01", "vera", others=("m1",))), window, [typology("t-10")])
    assert dict(hit.accounts).keys() == {"m1", "m2"}


def test_a_front_is_one_business_and_not_two_halves():
    """A cohort beside whom somebody advertises a service of her own makes no front of them."""
    front = evidence("t-04", {"SEX-12": 1.0, "SEX-11": 1.0, "LAB-03": 1.0})
    halves = dataclasses.replace(front, by_customer=({"SEX-12": 1.0, "LAB-03": 1.0}, {"SEX-11": 1.0}))
    assert typology("t-04").tier(front) is not None
    assert typology("t-04").tier(halves) is None


def test_a_debt_is_told_as_one_only_where_no_work_is_seen():
    window = whole(payments_from_arrows("day 0 09:00 w0 -> kim 50 EUR instant"))
    people = [f"w{number}" for number in range(4)]
    owed = [score(id_, one, others=("kim",)) for id_ in ("SMG-02", "LAB-09") for one in people] + [
        score("SMG-01", "kim")
    ]
    worked = [score("LAB-03", one, others=("kim",)) for one in people] + [score("LAB-08", "w0")]
    both = [typology("t-05"), typology("t-12")]
    assert {hit.typology for hit in combine(measured(*owed), window, both)} == {"T-12"}
    assert {hit.typology for hit in combine(measured(*owed, *worked), window, both)} == {"T-05"}


def test_a_vendor_is_no_hub_because_of_one_buyer():
    payments = ["day 0 09:00 anna -> hub 5 EUR instant", "day 0 10:00 ext:others -> hub 900 EUR instant"]
    payments += ["day 0 11:00 hub -> ext:supplier 900 EUR instant", "day 0 12:00 anna -> ext:shop 500 EUR instant"]
    window = whole(payments_from_arrows("\n".join(payments)))
    moving = [score(one, "hub") for one in typology("t-14").about.indicators]
    worse = [score(one, "anna") for one in ("SEX-01", "FUN-01", "FUN-04", "CTL-01", "SEX-03", "SEX-05")]
    hits = combine(measured(*moving, *worse), window, [typology("t-01"), typology("t-14")])
    assert {hit.typology for hit in hits} == {"T-01"}


def test_a_hub_matters_by_the_exploitation_beside_it():
    window = whole(payments_from_arrows("day 0 09:00 anna -> hub 50 EUR instant"))
    moving = [score(one, "hub") for one in typology("t-14").about.indicators]
    worse = [score(one, "anna") for one in ("SEX-01", "FUN-01", "FUN-04", "CTL-01", "CTL-02", "SEX-03", "SEX-05")]
    typologies = [typology("t-01"), typology("t-14")]

    assert "T-14" not in {hit.typology for hit in combine(measured(*moving), window, typologies)}
    hits = combine(measured(*moving, *worse), window, typologies)
    assert {hit.typology for hit in hits} == {"T-01", "T-14"}


def test_what_would_clear_it_clears_it():
    own = typology("t-01")
    held = evidence("t-01", {"SEX-01": 1.0, "FUN-04": 1.0, "FUN-01": 1.0, "CTL-01": 1.0})
    gone = would_clear(own, held, 0)
    left = {one: points for one, points in held.signs.items() if one not in gone}
    assert gone
    assert own.tier(evidence("t-01", left)) is None


def test_missing_indicators_are_named():
    window = whole(payments_from_arrows("day 0 09:00 anna -> boss 50 EUR instant"))
    signs = [score(one, "anna") for one in ("SEX-01", "FUN-01", "FUN-04", "CTL-01")]
    [hit] = combine(measured(*signs, lacking=("SEX-03",)), window, [typology("t-01")])
    assert hit.not_computable == ("SEX-03",)
    assert hit.would_clear
