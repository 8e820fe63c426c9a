"""What is measured of accounts, and scores by what was learnt of an earlier period."""

from __future__ import annotations

import re
import sys
from datetime import timedelta

import numpy as np
import pyarrow.compute as pc
import pytest

from detectors.drift import MOVED
from flows.arrows import DAY_ZERO, payments_from_arrows
from flows.engines.local import Local
from flows.errors import SettingsError, StoreError
from flows.ledger import Ledger
from flows.population import Population
from flows.progress import Silent
from flows.window import whole
from moneytrail.rare import COLUMNS, LeftInLedger, keep, rare, references
from moneytrail.run_sheet import RunSheet
from moneytrail.scan import look
from moneytrail.searching import patterns
from moneytrail.settings import Settings, resolve

DRAW = np.random.default_rng(0)
LINES = [
    f"day {DRAW.integers(60)} {DRAW.integers(7, 24):02d}:00 p{DRAW.integers(60)} -> q{DRAW.integers(30)} "
    f"{DRAW.integers(5, 200)}.00 EUR sct"
    for _ in range(400)
]


def by(folder):
    return resolve({"scan": {"reference": folder.name}}, "test", folder.parent)


def test_a_kept_reference_scores_its_own_period_as_the_fit_did(tmp_path):
    window = whole(payments_from_arrows("\n".join(LINES)))
    keep(window, Settings(), tmp_path)
    fitted, kept = rare(window, Settings(), {}), rare(window, by(tmp_path), references(by(tmp_path)))
    assert kept.scores.keys() == fitted.scores.keys() == {"ensemble"}
    assert kept.scores["ensemble"].tobytes() == fitted.scores["ensemble"].tobytes()
    assert kept.findings == fitted.findings


def test_drift_is_nothing_against_the_period_itself_and_told_once_life_is_another(tmp_path):
    window = whole(payments_from_arrows("\n".join(LINES)))
    keep(window, Settings(), tmp_path)
    kept = references(by(tmp_path))
    still = rare(window, by(tmp_path), kept)
    assert set(still.drift) == {"ensemble"}
    assert not any(still.drift["ensemble"].values())
    at_night = whole(payments_from_arrows("\n".join(re.sub(r"\d\d:00", "02:00", line) for line in LINES)))
    moved = rare(at_night, by(tmp_path), kept)
    assert moved.drift["ensemble"]["night"] > MOVED
    assert any("elsewhere than in the reference" in note.one for note in moved.notes)
    assert not any("elsewhere than in the reference" in note.one for note in still.notes)


def test_a_reference_that_is_not_there_is_refused_before_anything_is_looked_at(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        look(Ledger.create(tmp_path / "ledger"), as_of=None, settings=by(tmp_path), carrier=None)


def test_a_model_that_could_not_learn_is_refused_before_anything_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    deep = resolve({"detectors": {"ensemble": {"models": ["copod", "autoencoder"]}}}, "test")
    with pytest.raises(SettingsError, match="needs torch"):
        look(Ledger.create(tmp_path / "ledger"), as_of=None, settings=deep, carrier=None)


BURSTS = [
    *(f"day {20 + day % 9} 22:{day:02d} p{day} -> pot 60.00 EUR p2p" for day in range(24)),
    *(f"day {31 + day} 23:00 pot -> ext:far 250.00 EUR instant" for day in range(4)),
    *(f"day {41 + day % 9} 22:{day:02d} p{day} -> kettle 60.00 EUR p2p" for day in range(24)),
    *(f"day {day} 21:30 p{30 + day % 20} -> pot 60.00 EUR p2p" for day in range(38, 52)),
]
AS_OF = DAY_ZERO + timedelta(days=38)


def booked(folder, payments):
    made = Ledger.create(folder)
    return made.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})


def measured(ledger, as_of=None, at_most=10**6):
    settings = resolve({"scan": {"payments_a_window": at_most, "shuffles": 20}}, "test")
    population, carrier = Population(ledger, as_of=as_of, at_most=at_most), Local(at_most)
    found = patterns(population, settings, carrier, sheet=RunSheet(), progress=Silent())
    left = None if population.in_memory else LeftInLedger(population, carrier)
    window = population.specimen if left else population.whole(COLUMNS)
    return rare(window, settings, {}, left, findings=found.findings, searched=found.ran).features


def test_the_future_deleted_changes_no_bit_of_what_is_measured_motifs_included(tmp_path):
    payments = payments_from_arrows("\n".join([*LINES, *BURSTS]))
    ledger = booked(tmp_path / "all", payments)
    past = booked(tmp_path / "past", payments.filter(pc.less_equal(payments["booked_on"], AS_OF)))
    known, blind, later = measured(ledger, AS_OF), measured(past), measured(ledger)
    assert (known.accounts, known.names) == (blind.accounts, blind.names)
    assert known.values.tobytes() == blind.values.tobytes()
    pot = known.row_of["pot"]
    assert known.column("fan_in_findings")[pot] == 1
    assert known.column("fan_in_strength")[pot] > 0
    assert "kettle" not in known.row_of
    # And there was a future to see: the same pattern goes on, and another account has one of its own.
    assert later.column("fan_in_findings")[later.row_of["kettle"]] == 1
    assert later.column("fan_in_findings")[later.row_of["p41"]] > known.column("fan_in_findings")[known.row_of["p41"]]


def test_however_small_the_windows_the_same_is_measured_motifs_included(tmp_path):
    ledger = booked(tmp_path / "all", payments_from_arrows("\n".join([*LINES, *BURSTS])))
    held, streamed = measured(ledger, AS_OF), measured(ledger, AS_OF, at_most=120)
    assert held.accounts == streamed.accounts
    assert held.values.tobytes() == streamed.values.tobytes()
    assert np.nansum(held.values[:, [held.names.index("fan_in_surprise")]]) > 0
