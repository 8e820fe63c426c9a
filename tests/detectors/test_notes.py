"""Notes: what was left out is said, once, and adds up over windows."""

import pickle

from detectors.notes import Note, added, note, notes_of
from flows.window import no_payments, whole


def test_a_window_nobody_searched_has_no_notes():
    assert notes_of(whole(no_payments())) == ()


def test_a_note_is_kept_and_saying_it_again_changes_nothing():
    window = whole(no_payments())
    for _ in range(2):
        note(window, "chain", "capped", "{count} chains were cut", 1200)

    assert notes_of(window) == (Note("chain", "capped", "{count} chains were cut", 1200),)
    assert notes_of(window)[0].sentence == "1,200 chains were cut"


def test_nothing_left_out_is_not_worth_a_note():
    window = whole(no_payments())
    note(window, "chain", "capped", "{count} chains were cut", 0)
    assert notes_of(window) == ()


def test_notes_of_several_windows_add_up_by_what_they_say():
    capped, other = ("chain", "capped", "{count} chains were cut"), ("chain", "excluded", "{count} hubs")
    assert added([Note(*capped, 1), Note(*other, 5), Note(*capped, 2)]) == (Note(*capped, 3), Note(*other, 5))


def test_notes_travel():
    one = Note("chain", "capped", "{count} chains were cut", 1)
    assert pickle.loads(pickle.dumps(one)) == one
