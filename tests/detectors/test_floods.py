"""A flood of equal payments among three accounts: bounded, said, and the same however the ledger is cut."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from detectors.motifs.round_trip import CROWD, RoundTrip
from detectors.notes import added, notes_of
from flows.arrows import payments_from_arrows
from flows.plugins import Shelf
from flows.window import cut_by_time, whole


@pytest.fixture(scope="module")
def flood():
    rng = np.random.default_rng(3)
    lines = []
    for minute in np.sort(rng.integers(0, 4 * 1440, 900)).tolist():
        payer, payee = rng.choice(["a", "b", "c"], 2, replace=False)
        lines.append(f"day {minute // 1440} {minute // 60 % 24:02}:{minute % 60:02} {payer} -> {payee} 1000 EUR")
    return payments_from_arrows("\n".join(lines))


@pytest.mark.parametrize("name", Shelf("detectors.motifs").ids())
def test_a_flood_among_three_accounts_gives_no_flood_of_findings(flood, name):
    assert len(list(Shelf("detectors.motifs").load(name)().find(whole(flood)))) < 3 * (CROWD + 30) * 50


def test_what_is_left_out_of_a_flood_is_said(flood):
    window = whole(flood)
    found = list(RoundTrip().find(window))
    says = {note.many: note.count for note in notes_of(window)}
    [crowded] = [count for says, count in says.items() if "were left to later payments" in says]
    [capped] = [count for says, count in says.items() if "than were looked for" in says]
    assert len(flood) / 2 < crowded < capped < len(flood)
    assert found


def test_cuts_of_a_flood_change_neither_findings_nor_notes(flood):
    uncut = whole(flood)
    expected, notes = Counter(RoundTrip().find(uncut)), notes_of(uncut)
    found, said = Counter(), []
    for window in cut_by_time(uncut, RoundTrip().reach, timedelta(hours=31)):
        found.update(each for each in RoundTrip().find(window) if window.owns(each.centre, each.first_at))
        said.append(notes_of(window))
    assert found == expected
    assert added(note for notes in said for note in notes) == notes
