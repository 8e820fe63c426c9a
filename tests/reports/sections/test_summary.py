from __future__ import annotations

from dataclasses import replace

from reports.facts import Scanned
from reports.sections.summary import Summary


def test_it_says_how_much_was_read_and_how_little_needs_a_look(night):
    tiles, told = Summary().blocks(night)
    assert [tile.value for tile in tiles.tiles] == ["4", "184,220", "9,310", "4"]
    assert "51,203,384.17 EUR and 219,041.00 USD" in told.text
    assert "4 alerts cover 30 payments of 30 accounts" in told.text


def test_a_quiet_night_is_said_plainly(night):
    tiles, told = Summary().blocks(replace(night, alerts=()))
    assert tiles.tiles[0].note == "nothing needs a look"
    assert told.text.endswith("No pattern came out that needs a look.")


def test_an_empty_ledger_is_said_plainly(night):
    nothing = Scanned(0, 0, 0, None, None, {})
    tiles, told = Summary().blocks(replace(night, alerts=(), scanned=nothing))
    assert tiles.tiles[1].note == "no booked payment"
    assert told.text == "There was no booked payment to look at."
