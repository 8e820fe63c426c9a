"""Patterns as text made to detectors: what they say of themselves, and what is refused.

That each case of `patterns.toml` finds what it says and keeps the contract of a detector is asked by `test_cases.py`
and `test_contract.py`, which take these cases with those of the shelves.
"""

from __future__ import annotations

import pickle

import pytest

from detectors.catalogue import source_title
from detectors.declared_pattern import Declaration, DeclaredPattern
from detectors.surprise import with_surprise
from flows.arrows import payments_from_arrows
from flows.errors import SettingsError
from flows.window import no_payments, whole
from tests.detectors.conftest import declared, declared_cases, written_patterns

WRITTEN = written_patterns()
every_pattern = pytest.mark.parametrize("section", WRITTEN, ids=[section["name"] for section in WRITTEN])


@every_pattern
def test_every_written_pattern_has_a_case_that_finds_and_an_innocent_one(section):
    cases = list(declared_cases(section))
    assert any(case.finds for case in cases), "write a case that finds something"
    assert any(not case.finds and case.payments.num_rows for case in cases), "write an innocent case with finds = []"


@every_pattern
def test_it_is_a_frozen_value_that_travels(section):
    made = declared(section)
    assert pickle.loads(pickle.dumps(made)) == made
    assert not list(made.find(whole(no_payments())))


ONE = {
    "text": "a -> b within 6h keeps 0.9..1 -> c",
    "title": "Handed on",
    "innocent": ("a broker",),
    "clears": ("a contract",),
}


def test_it_says_who_declared_it_and_how_it_was_read():
    about = DeclaredPattern("p", Declaration(**ONE)).about
    assert [source_title(key) for key in about.sources] == ["Declared by the institution in its own settings"]
    assert about.meaning.endswith("2. b pays c: at most 6 hours later, 0.9 to 1 of the amount before.")
    assert about.question == "Do payments follow the declared pattern 'Handed on'?"


def test_chance_is_not_asked_of_a_single_payment():
    assert DeclaredPattern("p", Declaration(**ONE)).about.shuffled
    assert not DeclaredPattern("p", Declaration(**{**ONE, "text": "a amount >= 5000 -> b"})).about.shuffled


@pytest.mark.parametrize("key", ["text", "title", "innocent", "clears"])
def test_what_must_be_given_is_asked_for(key):
    for empty in (type(ONE[key])(), ("",) if isinstance(ONE[key], tuple) else " "):
        with pytest.raises(SettingsError, match=f"says nothing of its {key}[\\s\\S]*try:   {key} = "):
            DeclaredPattern("p", Declaration(**{**ONE, key: empty}))


def test_an_unknown_leg_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match="one of: REV \\(proceeds coming in\\)"):
        DeclaredPattern("p", Declaration(**{**ONE, "leg": "MOVE"}))


def test_reasons_say_how_long_it_took_and_what_was_left():
    window = whole(payments_from_arrows("day 0 09:00 x -> y 500 EUR\nday 0 12:00 y -> z 475 EUR"))
    (finding,) = DeclaredPattern("p", Declaration(**ONE)).find(window)
    assert [reason.sentence for reason in finding.reasons] == [
        "2 payments followed the declared pattern in its order.",
        "The first was of 500.00 EUR.",
        "From the first to the last it took 3.0 hours (at most 6 hours).",
        "The last was 95 % of the first.",
    ]


def test_the_surprise_of_a_match_can_be_measured():
    rare = [f"day {day} 10:00  y -> z{day} 475.00 EUR" for day in range(2, 20)]
    window = whole(payments_from_arrows("\n".join(["day 0 09:00 x -> y 500 EUR", "day 0 12:00 y -> z 475 EUR", *rare])))
    made = DeclaredPattern("p", Declaration(**ONE))
    (finding,) = with_surprise(made.find(window), window, {made.id: made}, shuffles=100, seed=1)
    assert finding.surprise is not None
    assert finding.surprise >= 0
