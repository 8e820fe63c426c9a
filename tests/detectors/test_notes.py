"""Notes: what was left out is said, once, and adds up over windows."""

import pickle

import pytest

from detectors.notes import Note, added, note, notes_of
from flows.window import no_payments, whole

CUT = ("capped", "{count} chain was cut", "{count} chains were cut")


def test_a_window_nobody_searched_has_no_notes():
    assert notes_of(whole(no_payments())) == ()


def test_a_note_is_kept_and_saying_it_again_changes_nothing():
    window = whole(no_payments())
    for _ in range(2):
        note(window, "chain", *CUT, 1200)

    assert notes_of(window) == (Note(*CUT, 1200, "chain"),)


@pytest.mark.parametrize(
    ("count", "sentence"), [(1, "1 chain was cut (chain)."), (1200, "1,200 chains were cut (chain).")]
)
def test_a_note_reads_well_for_one_and_for_many(count, sentence):
    assert Note(*CUT, count, "chain").sentence == sentence


def test_nothing_left_out_is_not_worth_a_note():
    window = whole(no_payments())
    note(window, "chain", *CUT, 0)
    assert notes_of(window) == ()


def test_notes_of_several_windows_add_up_by_what_they_say():
    other = ("excluded", "{count} hub", "{count} hubs")
    notes = [Note(*CUT, 1, "chain"), Note(*other, 5), Note(*CUT, 2, "chain"), Note(*CUT, 4, "round-trip")]
    assert added(notes) == (Note(*CUT, 3, "chain"), Note(*CUT, 4, "round-trip"), Note(*other, 5))


def test_notes_travel():
    one = Note(*CUT, 1, "chain")
    assert pickle.loads(pickle.dumps(one)) == one
