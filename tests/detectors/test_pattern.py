"""A pattern is read as it is written, refused with a finger on the word, and found exactly."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.about import settable
from detectors.declared_pattern import Declaration
from detectors.notes import added, notes_of
from detectors.pattern import Pattern
from detectors.pattern_grammar import KINDS, Account, Hop, Range
from detectors.pattern_words import KEYWORDS
from flows.arrows import payments_from_arrows
from flows.errors import SettingsError
from flows.payments import CHANNELS
from flows.window import cut_by_time, whole
from tests.detectors.plain_patterns import patterns, plain_search, random_payments


def test_what_stands_before_an_arrow_is_about_its_payment():
    pattern = Pattern.parse("a amount >= 500 EUR by wire or sct -> b within 6h keeps 0.9..1 -> c in 2d")
    assert pattern.hops == (
        Hop("a", "b", amount=Range(Decimal(500), None), currency="EUR", channels=("sct", "wire")),
        Hop("b", "c", within=timedelta(hours=6), keeps=Range(Decimal("0.9"), Decimal(1))),
    )
    assert pattern.span == timedelta(days=2)


def test_accounts_are_described_where_they_are_named_or_on_a_line_of_their_own():
    inline = Pattern.parse("a -> b: account as collector within 1h -> c: vasp or cash")
    apart = Pattern.parse("a -> b within 1h -> c\nb as collector\nc: cash or vasp; b: account  # a comment")
    assert inline == apart
    assert inline.accounts == (
        Account("a"),
        Account("b", ("account",), "collector"),
        Account("c", ("cash", "vasp")),
    )


def test_a_path_may_go_on_over_lines():
    assert Pattern.parse("a -> b\n  within 60 min\n  keeps <= 1\n  ->\n c") == Pattern.parse(
        "a -> b within 1h keeps <= 1 -> c"
    )


def test_spans_are_read_in_every_unit():
    for text, hours in (("7200s", 2), ("120 min", 2), ("2 hours", 2), ("1.5d", 36), ("1 day", 24)):
        assert Pattern.parse(f"a -> b within {text} -> c").hops[1].within == timedelta(hours=hours)


def test_it_is_explained_in_words_as_it_was_read():
    text = "a amount 80..120 -> b within 6h keeps >= 0.9 by atm_wd -> c; b -> a; c: cash; in 3d"
    assert Pattern.parse(text).explained.splitlines() == [
        "1. a pays b: 80 to 120 units of its currency.",
        "2. b pays c: at most 6 hours later, at least 0.9 of the amount before, by atm_wd.",
        "3. b pays a: later.",
        "c is of the kind cash.",
        "From the first payment to the last: at most 3 days.",
    ]


@pytest.mark.parametrize(
    ("text", "caret", "what", "try_"),
    [
        ("", "", "no payment", "a -> b"),
        ("a -> b withn 6h -> c", "withn", "not understood", "did you mean 'within'?"),
        ("a -> b within 6h -> c keep 0.9..1 -> d", "keep", "not understood", "did you mean 'keeps'?"),
        ("a -> b within 6 -> c", "->", "no unit", "within 6h"),
        ("a -> b within 6 our -> c", "our", "no unit", "did you mean 'hour'?"),
        ("a -> b within soon -> c", "soon", "number should be", "within 6h"),
        ("a -> b within 0.5s -> c", "0.5", "out of range", "whole seconds"),
        (f"a -> b within {'9' * 40}s -> c", "9" * 40, "out of range", "366d"),
        (f"a -> b keeps >= 0.9{'0' * 40}1 -> c in 3d", ">=", "six decimals", "six"),
        ("a -> b within 400d -> c", "400", "out of range", "366d"),
        ("a -> b within 200d -> c within 200d -> d", "->", "more than 366 days", "in 90d"),
        ("a -> b keeps 0.9 -> c in 3d", "->", "no end", "keeps >= 5"),
        ("a -> b keeps 1..0.9 -> c in 3d", "1", "above its end", "smaller number first"),
        ("a -> b keeps 80..120 -> c in 3d", "80", "too large", "0.9 is 90 %"),
        ("a -> b keeps 90% -> c in 3d", "%", "no meaning", "0.9 is 90 %"),
        ("a -> b keeps >= 0.1234567 -> c in 3d", ">=", "six decimals", "six"),
        ("a -> b -> c", "->", "how long", "within 24h"),
        ("a within 6h -> b", "within", "the first", "before the next arrow"),
        ("a -> b within 6h", "within", "after the last account", "before their arrow"),
        ("a -> b by atm_wd in 3d", "by", "after the last account", "before their arrow"),
        ("a amount >= 500 euro -> b", "euro", "no currency", "ISO 4217"),
        ("a amount >= 500 eur -> b", "eur", "no currency", "write EUR"),
        ("a amount >= 1,000 -> b", ",", "no meaning", "without commas"),
        ("a by atm_wt -> b", "atm_wt", "no channel", "did you mean 'atm_wd'?"),
        ("a by -> b", "->", "no channel", "one of: cash_branch"),
        ("a -> b: zoo", "zoo", "no kind of account", "one of: account"),
        ("a -> b: vaps", "vaps", "no kind of account", "did you mean 'vasp'?"),
        ("a -> b: cash; b: ext", "b", "said twice", "say it once"),
        ("a -> b as x; b as y", "b", "said twice", "say it once"),
        ("a -> b as 5", "5", "no role", "quotation marks"),
        ("a by sct by wire -> b", "by", "said twice", "once"),
        ("a -> b; in 3d; in 4d", "in", "said twice", "in 72h"),
        ("a -> a", "a", "pays itself", "two accounts"),
        ("a -> by", "by", "an account should be named", "not with within"),
        ("a ->", "", "the pattern ends", "letters and digits"),
        ("a -> b; c -> d in 3d", "c", "was in a payment before", "share an account"),
        ("a -> b; bb: cash", "bb", "in no payment", "did you mean 'b'?"),
        ("a -> b; in 3d; kiosk: mer", "kiosk", "in no payment", "the accounts are a, b"),
        ("a → b", "→", "no meaning", "as ->"),
        ("a <- b", "<", "no meaning", "a -> b"),
        ("a -> b c -> d", "c", "not understood", "new line"),
        ("a -> b -> c -> d -> e -> f -> g -> h -> i -> j in 3d", "->", "more than 8", "tells most"),
        ('a -> b as "x', '"', "no meaning", "quotation mark"),
    ],
)
def test_a_mistake_is_pointed_at_and_the_mend_is_named(text, caret, what, try_):
    with pytest.raises(SettingsError) as raised:
        Pattern.parse(text, "bank.toml [patterns.p]")
    said = str(raised.value).splitlines()
    assert what in said[0]
    assert "bank.toml [patterns.p], line 1, column" in said[1]
    begin, length = said[3].index("^"), said[3].count("^")
    assert said[2][begin : begin + length] == caret
    assert int(said[1].rpartition(" ")[2]) == begin - len("  where: ") + 1
    assert said[4].startswith("  try:   ")
    assert try_ in said[4]


def test_a_mistake_further_down_is_pointed_at_in_its_own_line():
    with pytest.raises(SettingsError) as raised:
        Pattern.parse("a -> b within 6h -> c\n\tc: cahs  # a machine\n")
    said = str(raised.value).splitlines()
    assert "line 2, column 5" in said[1]
    assert said[2].strip() == "c: cahs  # a machine"
    assert said[3] == "         \t   ^^^^"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(pattern=patterns())
def test_a_pattern_that_is_written_down_and_read_again_is_the_same(pattern):
    assert Pattern.parse(str(pattern)) == pattern


@pytest.mark.parametrize("chunk", range(4))
def test_random_patterns_find_what_trying_every_payment_finds(chunk):
    several = []

    @settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(pattern=patterns())
    def compare(pattern):
        for seed in range(chunk * 5, chunk * 5 + 5):
            window = random_payments(seed)
            expected = plain_search(pattern, window)
            found = [match.payments for match in pattern.find(window, most_found=10**6, most_steps=10**9)]
            assert found == expected, f"seed {seed}"
            several.append(len(expected) > 1)

    compare()
    assert sum(several) > 30, "the random patterns are too strict to test anything"


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pattern=patterns(), seed=st.integers(0, 30), hours=st.integers(1, 30), found=st.integers(1, 3))
def test_cutting_changes_nothing_even_where_bounds_are_met(pattern, seed, hours, found):
    bounds = {"most_found": found, "most_steps": 10 * found}
    window = random_payments(seed)
    expected = [match.payments for match in pattern.find(window, **bounds)]
    pieces = list(cut_by_time(window, pattern.reach, timedelta(hours=hours)))

    pieced = [match.payments for piece in pieces for match in pattern.find(piece, **bounds)]

    assert pieced == expected
    assert added(note for piece in pieces for note in notes_of(piece)) == notes_of(window)


def found_in(text, *lines, hubs=()):
    window = whole(payments_from_arrows("\n".join(lines)), hubs=hubs)
    return [match.payments for match in Pattern.parse(text).find(window)]


def test_one_name_is_one_account_and_two_names_are_two():
    lines = ("day 0 09:00 x -> y 9 EUR", "day 0 10:00 y -> x 9 EUR", "day 0 11:00 y -> z 9 EUR")
    assert found_in("a -> b -> a in 1d", *lines) == [("p1", "p2")]
    assert found_in("a -> b -> c in 1d", *lines) == [("p1", "p3")]


def test_payments_of_the_same_minute_do_not_follow_each_other():
    assert found_in("a -> b -> c in 1d", "day 0 09:00 x -> y 9 EUR", "day 0 09:00 y -> z 9 EUR") == []


def test_a_share_at_its_bound_belongs_and_a_cent_beside_it_does_not():
    text = "a -> b within 1h keeps 0.9..1 -> c"
    first = "day 0 09:00 x -> y 100.01 EUR"  # 0.9 of it is 90.009
    assert found_in(text, first, "day 0 10:00 y -> z 90.01 EUR") == [("p1", "p2")]
    assert found_in(text, first, "day 0 10:00 y -> z 90.00 EUR") == []
    assert found_in(text, first, "day 0 10:00 y -> z 100.01 EUR") == [("p1", "p2")]
    assert found_in(text, first, "day 0 10:00 y -> z 100.02 EUR") == []


def test_a_share_is_of_the_same_currency_and_without_one_currencies_may_change():
    lines = ("day 0 09:00 x -> y 100 EUR", "day 0 10:00 y -> z 100 USD")
    assert found_in("a -> b within 1h keeps 0.5..2 -> c", *lines) == []
    assert found_in("a -> b within 1h -> c", *lines) == [("p1", "p2")]


def test_amounts_are_in_units_of_the_payments_currency_unless_one_is_named():
    lines = ("day 0 x -> y 500 JPY", "day 0 x -> y 500 EUR", "day 0 x -> y 499.99 EUR")
    assert found_in("a amount >= 500 -> b", *lines) == [("p1",), ("p2",)]
    assert found_in("a amount >= 500 EUR -> b", *lines) == [("p2",)]


def test_a_channel_nobody_knows_is_found_only_where_none_is_asked_for():
    payments = payments_from_arrows("day 0 x -> y 9 EUR sct")
    place = payments.schema.get_field_index("channel")
    window = whole(payments.set_column(place, payments.schema.field(place), pa.array(["pigeon"])))
    assert [match.payments for match in Pattern.parse("a -> b").find(window)] == [("p1",)]
    everything = " or ".join(CHANNELS)
    assert not list(Pattern.parse(f"a by {everything} -> b").find(window))


def test_accounts_that_serve_the_public_are_found_only_where_the_pattern_says_so():
    line = "day 0 09:00 x -> gov:tax 9 EUR"
    assert found_in("a -> b: gov", line) == [("p1",)]
    assert found_in("a -> b: gov", line, hubs=["gov:tax"]) == []
    assert found_in("a -> b: any", line, hubs=["gov:tax"]) == []
    assert found_in("a -> b: public", line, hubs=["gov:tax"]) == [("p1",)]


def test_what_was_not_looked_for_is_noted_once_for_each_first_payment():
    lines = ["day 0 09:00 x -> y 9 EUR", *(f"day 0 10:{minute:02d} y -> z{minute} 9 EUR" for minute in range(30))]
    window = whole(payments_from_arrows("\n".join(lines)))
    matches = list(Pattern.parse("a -> b within 2h -> c").find(window, id_="pattern-p"))
    assert len(matches) == 20
    assert [(note.detector, note.kind, note.count) for note in notes_of(window)] == [("pattern-p", "capped", 1)]


def test_an_exact_number_of_matches_is_not_called_capped():
    lines = ["day 0 09:00 x -> y 9 EUR", *(f"day 0 10:{minute:02d} y -> z{minute} 9 EUR" for minute in range(20))]
    window = whole(payments_from_arrows("\n".join(lines)))
    assert len(list(Pattern.parse("a -> b within 2h -> c").find(window))) == 20
    assert notes_of(window) == ()


def manual():
    return (Path(__file__).parents[2] / "docs" / "patterns.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", manual(), re.DOTALL)


def test_the_examples_of_the_manual_are_patterns():
    examples = [
        *blocks("pattern"),
        *(section["text"] for section in tomllib.loads(blocks("toml")[0])["patterns"].values()),
    ]
    assert len(examples) > 5
    for example in examples:
        pattern = Pattern.parse(example)
        assert Pattern.parse(str(pattern)) == pattern


def test_the_manual_shows_the_error_as_it_is():
    with pytest.raises(SettingsError) as raised:
        Pattern.parse("a -> b withn 6h -> c")
    assert f"{raised.value}\n" in blocks("text")


def test_the_manual_names_every_word_kind_channel_and_setting():
    grammar = blocks("text")[-1]
    for word in (*KEYWORDS, *KINDS, *CHANNELS):
        assert re.search(rf"\b{word}\b", grammar), word
    for key in settable(Declaration):
        assert f"`{key}`" in manual(), key
