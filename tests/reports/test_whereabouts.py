"""Where the money was: at every moment all of it is somewhere, and at the end it is where the trace says."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.trace import RULES, trace
from reports import whereabouts as module
from reports.picture_time import LEFT, RIGHT, THICK, WIDTH, draw
from reports.whereabouts import OTHERS, START, whereabouts

TRAIL = """
day 0 09:00  ext:salary -> anna  100 EUR  payee_balance_after_minor=10000
day 1 09:00  ext:x -> anna       300 EUR
day 2 09:00  anna -> ben         200 EUR  payee_balance_after_minor=20000
day 3 09:00  ext:salary -> anna  150 EUR
day 4 09:00  anna -> cash:atm    250 EUR
"""


def found(start="p2", direction="forward", text=TRAIL):
    return trace(whole(payments_from_arrows(text)), [start], direction=direction)


def at_every_moment(block):
    """Sum what all stays hold after each moment."""
    sums = []
    for moment in sorted({at for stay in block.stays for at, _ in stay.held}):
        held = 0
        for stay in block.stays:
            # What it begins with, then the last step up to the moment.
            steps = [amount for at, amount in stay.held[1:] if at <= moment]
            held += steps[-1] if steps else stay.held[0][1]
        sums.append(held)
    return sums


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("rule", RULES)
def test_all_of_the_money_is_somewhere_at_every_moment(rule, direction):
    made = found("p2" if direction == "forward" else "p5", direction)
    assert set(at_every_moment(whereabouts(made, rule))) == {made.total_minor}


STEPS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["a", "b", "c", "d", "cash:x", "mer:y"]), st.integers(1, 40)),
    min_size=1,
    max_size=25,
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(STEPS)
def test_in_any_ledger_it_ends_where_the_trace_says(steps):
    lines = ["day 0 00:00  ext:x -> a  50 EUR"]
    lines += [
        f"day {1 + number} 09:00  {payer} -> {payee}  {amount} EUR"
        for number, (payer, payee, amount) in enumerate(steps)
        if payer != payee
    ]
    made = found("p1", text="\n".join(lines))
    for rule in RULES:
        block = whereabouts(made, rule)
        assert set(at_every_moment(block)) == {made.total_minor}
        left = Counter({stay.name: stay.held[-1][1] for stay in block.stays if stay.held[-1][1]})
        ends = Counter()
        for end in made.endpoints[rule]:
            ends[end.node] += end.amount_minor
        assert left == ends


def test_the_beginning_is_a_place_of_its_own_on_top():
    block = whereabouts(found(), "fifo")
    assert (block.stays[0].name, block.stays[0].what) == ("ext:x", START)
    assert block.stays[0].held[0][1] == 30000
    assert block.stays[0].held[-1][1] == 0
    assert [stay.name for stay in block.stays] == ["ext:x", "anna", "ben", "cash:atm"]


def test_small_places_are_one_band_and_the_note_says_so(monkeypatch):
    monkeypatch.setattr(module, "MOST_STAYS", 3)
    block = whereabouts(found(), "fifo")
    assert OTHERS in {stay.name for stay in block.stays}
    assert len(block.stays) == 3
    assert "2 accounts with little of it are one band." in block.note
    assert set(at_every_moment(block)) == {30000}


def test_payments_beyond_the_cap_are_counted(monkeypatch):
    monkeypatch.setattr(module, "MOST_PASSINGS", 2)
    block = whereabouts(found(), "fifo")
    assert [passing.payment_id for passing in block.passings] == ["p2", "p5"]
    assert "Showing 2 of 3 payments between them, by amount." in block.note


def test_the_picture_is_as_thick_as_the_money_and_stays_on_its_sheet():
    course = draw(whereabouts(found(), "fifo"))
    begins, anna = course.bands[:2]
    assert begins.path.split()[1] == f"V{begins.y + THICK:.1f}"
    assert f"V{anna.y + THICK:.1f}" in anna.path
    assert [band.left for band in course.bands] == ["", "", "100.00 EUR", "200.00 EUR"]
    assert [band.look for band in course.bands] == ["begins", "passes", "stays", "ends"]
    for ribbon in course.ribbons:
        assert ribbon.label is None or LEFT <= ribbon.label[0] <= WIDTH - RIGHT
    assert all(LEFT <= tick.x <= WIDTH - RIGHT for tick in course.ticks)


def test_the_same_trace_gives_the_same_picture():
    assert draw(whereabouts(found(), "prorata")) == draw(whereabouts(found(), "prorata"))


def test_who_still_holds_the_money_is_told_apart_from_where_it_was_spent():
    text = f"{TRAIL}day 3 09:00  ben -> mer:shop  50 EUR"
    looks = {band.stay.name: band.look for band in draw(whereabouts(found(text=text), "taint_first")).bands}
    assert looks == {"ext:x": "begins", "anna": "passes", "ben": "passes", "cash:atm": "ends", "mer:shop": "ends"}
    assert {band.stay.name: band.look for band in draw(whereabouts(found(), "lifo")).bands}["ben"] == "stays"
