"""Reporting levels: read exactly, with dates, and refused when they make no sense."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from detectors.motifs.structuring import Structuring
from detectors.notes import added, notes_of
from detectors.thresholds import thresholds
from flows.arrows import payments_from_arrows
from flows.errors import SettingsError
from flows.window import cut_by_account, whole

CZECH = "CZ,cash,270000,at,CZK,single,each,,,,our-counsel,yes"


def rule(country, instrument="cash", own=()):
    [found] = [each for each in thresholds(own) if (each.country, each.instrument) == (country, instrument)]
    return found


def test_a_level_is_exact_and_says_whether_the_level_itself_is_reported():
    assert rule("US").most_unreported == 1_000_000
    assert rule("CA").most_unreported == 999_999
    assert rule("ZA").most_unreported == 4_999_999


def test_a_rule_knows_its_window_its_floor_and_its_dates():
    assert (rule("IT").window_type, rule("IT").floor_minor) == ("calendar_month", 100_000)
    assert (rule("FR").since, rule("FR").until) == (date(2016, 1, 1), None)
    assert rule("CA").directions == ("in",)
    assert rule("US").directions == ("in", "out")


@pytest.mark.parametrize(
    ("country", "adds_up"), [("US", True), ("CA", True), ("FR", True), ("AU", False), ("NL", False)]
)
def test_some_rules_add_up_before_they_compare(country, adds_up):
    assert rule(country).adds_up is adds_up


def test_what_was_read_cites_where_and_the_rest_says_it_was_recalled():
    listed = tomllib.loads((Path(__file__).parents[2] / "detectors" / "sources.toml").read_text(encoding="utf-8"))
    for each in thresholds():
        assert (each.source in listed) if each.verified == "yes" else each.verified == "recalled"


def test_an_institution_adds_its_own_rule():
    assert rule("CZ", own=(CZECH,)).level_minor == 27_000_000
    assert len(thresholds((CZECH,))) == len(thresholds()) + 1


def test_an_own_rule_replaces_the_bundled_one():
    assert rule("US", own=(CZECH.replace("CZ,", "US,").replace("CZK", "USD"),)).level_minor == 27_000_000


@pytest.mark.parametrize(
    "line",
    [
        "CZ,cash,270000",
        CZECH.replace("270000", "2.7e5"),
        CZECH.replace("CZK", "XYZ"),
        CZECH.replace("single", "fortnight"),
        CZECH.replace(",at,", ",near,"),
        CZECH.replace("each", "sideways"),
        CZECH.replace(",,,,", ",,1.1.2026,,"),
        CZECH.replace("cash", "gold"),
        CZECH.replace("yes", "perhaps"),
    ],
)
def test_a_line_that_is_no_rule_is_refused_with_its_place(line):
    with pytest.raises(SettingsError, match="own thresholds, rule 1"):
        thresholds((line,))


def test_a_rule_holds_from_its_first_day_on():
    pieces = """
        day 0 10:00  cash:m1 -> anna 3200 EUR cash_adm country=FR
        day 1 10:00  cash:m2 -> anna 3300 EUR cash_adm country=FR
        day 2 10:00  cash:m1 -> anna 3100 EUR cash_adm country=FR
    """
    before, after = date(2015, 12, 1), date(2016, 1, 1)
    found = {
        day: len(list(Structuring().find(whole(payments_from_arrows(pieces, day_zero=day), cut="account"))))
        for day in (before, after)
    }
    assert found == {before: 0, after: 1}


def test_cash_that_names_no_country_is_counted_once_however_the_ledger_is_cut():
    window = whole(
        payments_from_arrows("""
            day 0 10:00  cash:m1 -> anna 3200 EUR cash_adm
            day 0 11:00  cash:m1 -> ben 3200 EUR cash_adm
            day 0 12:00  ben -> msb:x 50 EUR msb
            day 0 13:00  ben -> anna 50 EUR sct
            day 0 14:00  cash:m1 -> ben 3200 EUR cash_adm country=FR
            day 0 15:00  cash:m1 -> ben 3200 USD cash_adm
        """),
        cut="account",
    )
    for pieces in ([window], list(cut_by_account(window, 3))):
        for piece in pieces:
            assert not list(Structuring().find(piece))
        [told] = added(note for piece in pieces for note in notes_of(piece))
        assert told.count == 3


def test_the_banks_own_country_answers_for_cash_that_names_none():
    window = whole(payments_from_arrows("day 0 10:00  cash:m1 -> anna 3200 EUR cash_adm"), cut="account")
    assert not list(Structuring(jurisdiction="FR").find(window))
    assert not notes_of(window)
