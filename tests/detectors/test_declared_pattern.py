"""Declared patterns are detectors: each case of `patterns.toml` finds what it says and keeps a detector's contract."""

from __future__ import annotations

import pickle
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from detectors.catalogue import source_title
from detectors.declared_pattern import Declaration, DeclaredPattern
from detectors.surprise import with_surprise
from flows.arrows import payments_from_arrows
from flows.errors import SettingsError
from flows.window import no_payments, whole
from tests.detectors import test_contract as contract
from tests.detectors.conftest import Case
from tests.detectors.test_cases import test_the_case_finds_what_it_says_and_nothing_else as as_its_author_meant

with (Path(__file__).parent / "patterns.toml").open("rb") as file:
    WRITTEN = tomllib.load(file)["pattern"]


def declared(section):
    said = {key: value for key, value in section.items() if key not in ("name", "case")}
    lists = {key: tuple(value) for key, value in said.items() if isinstance(value, list)}
    return DeclaredPattern(section["name"], Declaration(**{**said, **lists}))


@dataclass(frozen=True)
class Declared:
    """Stands where a case holds the class of its detector: gives the one detector of a section."""

    made: DeclaredPattern

    @property
    def about(self):
        return self.made.about

    def __call__(self):
        return self.made


def cases_of(section):
    made = declared(section)
    for row in section["case"]:
        yield Case(
            detector_class=Declared(made),
            detector_id=made.id,
            name=row["name"],
            payments=payments_from_arrows(row["payments"]),
            finds=frozenset((found["centre"], frozenset(found["payments"])) for found in row["finds"]),
            parameters={},
            hubs=frozenset(row.get("hubs", ())),
        )


CASES = [case for section in WRITTEN for case in cases_of(section)]
every_case = pytest.mark.parametrize("one", CASES, ids=[f"{case.detector_id}: {case.name}" for case in CASES])
every_pattern = pytest.mark.parametrize("section", WRITTEN, ids=[section["name"] for section in WRITTEN])


@every_case
def test_a_case_finds_what_it_says_and_nothing_else(one):
    as_its_author_meant(one)


@every_case
def test_a_declared_pattern_keeps_the_contract_of_a_detector(one):
    contract.test_a_finding_names_its_detector_and_version(one)
    contract.test_evidence_lies_in_the_window_in_the_order_of_time(one)
    contract.test_every_reason_holds_its_number(one)
    contract.test_findings_travel(one)
    contract.test_the_same_window_gives_the_same_answer_twice(one)
    contract.test_the_order_of_rows_changes_nothing(one)
    for order in ("kept", "reversed"):
        contract.test_the_names_of_accounts_change_nothing(one, order)
    contract.test_a_shift_in_time_changes_nothing(one, timedelta(days=7))
    contract.test_another_currency_changes_nothing(one)
    contract.test_accounts_that_serve_the_public_do_not_trip_it(one)


@every_case
def test_cutting_loses_no_finding_and_doubles_none(one):
    contract.test_cutting_loses_no_finding_and_doubles_none(case=one)


@every_pattern
def test_every_written_pattern_has_a_case_that_finds_and_an_innocent_one(section):
    contract.test_it_has_a_case_that_finds_and_an_innocent_one(list(cases_of(section)))


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
