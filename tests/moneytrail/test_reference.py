"""What is ordinary is learnt of a period by a command, and a later scan measures against it."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner

from detectors.reference import load as load_reference
from flows.arrows import payments_from_arrows
from flows.errors import InputError
from flows.ledger import Ledger
from moneytrail.commands.reference import reference
from moneytrail.rare import rare, references
from moneytrail.settings import load

LINES = "\n".join(f"day {day} p{day % 7} -> q{day % 5} {10 + day % 9}.00 EUR sct" for day in range(60))


@pytest.fixture
def ledger(tmp_path):
    payments = payments_from_arrows(LINES)
    made = Ledger.create(tmp_path / "ledger")
    return made.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})


def run(*arguments):
    found = CliRunner().invoke(reference, list(map(str, arguments)), standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.output


def test_what_was_learnt_up_to_a_day_is_what_a_later_scan_measures_by(ledger, tmp_path):
    said = run("--ledger", ledger.path, "--out", tmp_path / "kept", "--as-of", "2026-02-09")
    assert "40 payments of 12 accounts" in said
    settings = tmp_path / "bank.toml"
    settings.write_text('[scan]\nreference = "kept"\n', encoding="utf-8")
    later = rare(ledger.window(as_of=date(2026, 3, 1)), load(settings), references(load(settings)))
    learnt = load_reference(tmp_path / "kept" / "ensemble").fitted
    assert later.peers.groups == learnt.peers.groups
    assert set(later.scores) == {"ensemble"}


def test_nothing_is_learnt_from_no_payments(ledger, tmp_path):
    with pytest.raises(InputError, match="no booked payments"):
        run("--ledger", ledger.path, "--out", tmp_path / "kept", "--as-of", "2020-01-01")
    assert not (tmp_path / "kept").exists()
