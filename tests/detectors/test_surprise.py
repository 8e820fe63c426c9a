"""Surprise tells a burst that breaks an account's habits from one that is its habit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.motifs.fan_in import FanIn
from detectors.motifs.pass_through import PassThrough
from detectors.motifs.round_trip import RoundTrip
from detectors.motifs.shared_identifier import SharedIdentifier
from detectors.surprise import with_surprise
from flows.arrows import payments_from_arrows
from flows.window import whole

SHUFFLES = 400

# Two payers all year, and then eleven strangers in four days.
BREAKS = "\n".join(
    [
        *(f"day {3 * i} 10:00  ext:friend{i % 2} -> anna  {20 + i}.00 EUR p2p" for i in range(60)),
        *(f"day {170 + i // 3} 2{i % 3}:10  ext:new{i} -> anna  {80 + i}.00 EUR p2p" for i in range(11)),
    ]
)

# A stall: a dozen strangers or so in any month.
HABIT = "\n".join(f"day {2 * i} 19:{i % 60:02d}  ext:guest{i} -> stall  {5 + i % 9}.00 EUR p2p" for i in range(90))

RING = "\n".join(
    [
        "day 100 08:00  r0 -> r1  900.00 EUR instant",
        "day 100 13:00  r1 -> r2  890.00 EUR instant",
        "day 100 18:00  r2 -> r3  880.00 EUR instant",
        "day 101 08:00  r3 -> r0  870.00 EUR instant",
        *(f"day {5 * i} 12:00  r{i % 4} -> mer:shop{i % 3}  {30 + i}.00 EUR card_pos" for i in range(40)),
        *(f"day {7 * i} 09:00  r{i % 4} -> r{(i + 2) % 4}  {40 + i}.00 EUR instant" for i in range(20)),
    ]
)


def measured(detector, text: str, **how):
    window = whole(payments_from_arrows(text))
    id_ = next(iter(detector.find(window))).detector
    return with_surprise(detector.find(window), window, {id_: detector}, **{"shuffles": SHUFFLES, **how})


def test_strangers_after_a_quiet_year_are_a_surprise():
    (finding,) = measured(FanIn(), BREAKS)
    assert finding.surprise > 1.5
    assert f"of {SHUFFLES} shuffles" in finding.reasons[-1].sentence


def test_a_stall_that_is_always_paid_by_strangers_is_none():
    assert all(finding.surprise < 1 for finding in measured(FanIn(), HABIT))


def test_a_ring_in_time_order_is_a_surprise():
    findings = measured(RoundTrip(), RING)
    assert max(finding.surprise for finding in findings) > 1


def test_an_account_that_did_nothing_else_has_no_rhythm_to_compare_with():
    text = "\n".join(f"day {i // 4} 1{i % 4}:00  ext:p{i} -> funnel  90.00 EUR p2p" for i in range(12))
    (finding,) = measured(FanIn(), text)
    assert finding.surprise is None


def test_the_same_seed_gives_the_same_surprise_whatever_else_was_found():
    alone = measured(FanIn(), BREAKS)
    together = measured(FanIn(), BREAKS + "\n" + HABIT)
    assert alone == measured(FanIn(), BREAKS)
    # The strength may differ: with others in the window there are peers to be held against.
    assert [finding.surprise for finding in together if finding.centre == "anna"] == [
        finding.surprise for finding in alone
    ]


def test_what_was_found_stays_what_it_was():
    window = whole(payments_from_arrows(BREAKS))
    before = list(FanIn().find(window))
    for was, finding in zip(before, measured(FanIn(), BREAKS), strict=True):
        assert replace(finding, surprise=None, reasons=was.reasons) == was
        assert finding.finding_id == was.finding_id


def test_no_shuffles_measure_nothing():
    assert all(finding.surprise is None for finding in measured(FanIn(), BREAKS, shuffles=0))


def test_a_detector_that_does_not_ask_when_is_passed_over():
    window = whole(payments_from_arrows(BREAKS))
    findings = list(FanIn().find(window))

    class Timeless(FanIn):
        about = replace(FanIn.about, shuffled=False)

    assert with_surprise(findings, window, {"fan-in": Timeless()}) == tuple(findings)
    assert not SharedIdentifier.about.shuffled


def test_money_that_always_leaves_at_once_is_less_of_a_surprise_than_money_that_left_at_once_for_a_week():
    always = "\n".join(
        f"day {2 * i} 09:00  ext:a{i % 3} -> hub  500.00 EUR sct\nday {2 * i} 11:00  hub -> ext:b  490.00 EUR sct"
        for i in range(40)
    )
    once = "\n".join(
        [
            *(f"day {3 * i} 09:00  ext:wage -> hub  500.00 EUR sct" for i in range(40)),
            *(f"day {3 * i + 2} 11:00  hub -> mer:shop{i % 5}  90.00 EUR card_pos" for i in range(40)),
            *(f"day {200 + i} 09:00  ext:a{i} -> hub  800.00 EUR instant" for i in range(7)),
            *(f"day {200 + i} 10:00  hub -> ext:b  795.00 EUR instant" for i in range(7)),
        ]
    )
    weekly = max(finding.surprise for finding in measured(PassThrough(), once))
    steady = [finding.surprise for finding in measured(PassThrough(), always)]
    assert weekly > 1
    assert all(surprise is None or surprise < weekly for surprise in steady)


@pytest.mark.parametrize("at_once", [200, 5_000])
def test_how_many_are_searched_at_once_changes_nothing(monkeypatch, at_once):
    # Batches cut each finding's random stream at the same places only if every shuffle draws for itself.
    expected = measured(FanIn(), BREAKS, shuffles=100)
    monkeypatch.setattr("detectors.surprise.AT_ONCE", at_once)
    assert measured(FanIn(), BREAKS, shuffles=100) == expected


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_how_many_detectors_are_asked_side_by_side_changes_nothing(monkeypatch, threads):
    window = whole(payments_from_arrows("\n".join([BREAKS, HABIT, RING])))
    detectors = {"fan-in": FanIn(), "round-trip": RoundTrip(), "pass-through": PassThrough()}
    found = [finding for detector in detectors.values() for finding in detector.find(window)]
    together = with_surprise(found, window, detectors, shuffles=SHUFFLES)
    monkeypatch.setattr("detectors.surprise.THREADS", threads)
    assert with_surprise(found, window, detectors, shuffles=SHUFFLES) == together
    assert {finding.detector for finding in together if finding.surprise is not None} >= {"fan-in", "round-trip"}


def test_of_too_many_findings_the_strongest_are_shuffled(monkeypatch):
    monkeypatch.setattr("detectors.surprise.MOST_FINDINGS", 1)
    findings = measured(FanIn(), BREAKS + "\n" + HABIT)
    shuffled = [finding for finding in findings if finding.surprise is not None]
    assert len(findings) > 1
    assert len(shuffled) == 1
    assert shuffled[0].strength == max(finding.strength for finding in findings)


def test_what_chance_does_every_time_weighs_half_and_what_is_rare_weighs_whole():
    (rare,) = measured(FanIn(), BREAKS)
    assert replace(rare, surprise=None).weight == rare.strength
    assert replace(rare, surprise=0.0).weight == rare.strength / 2
    assert replace(rare, surprise=2.0).weight == rare.strength
    assert replace(rare, surprise=3.3).weight == rare.strength
