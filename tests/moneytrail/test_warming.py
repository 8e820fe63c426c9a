"""A process beside compiles from the other end, on a machine where nothing is compiled yet."""

import os
import subprocess
import sys

import pytest

from detectors.run import search
from flows.arrows import payments_from_arrows
from flows.engines.local import Local
from flows.errors import InputError
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.window import whole
from moneytrail import warming
from moneytrail.scan import look
from moneytrail.settings import Settings


@pytest.fixture
def begun(monkeypatch):
    """Give the commands that were begun, which only wait to be ended."""
    commands = []
    plain = subprocess.Popen

    def begin(command, **given):
        commands.append((command, given["env"]))
        return plain([sys.executable, "-c", "import time; time.sleep(60)"])

    monkeypatch.setattr(subprocess, "Popen", begin)
    return commands


def test_a_machine_with_nothing_compiled_gets_one_process_beside_which_ends_with_the_search(begun, monkeypatch):
    monkeypatch.setattr(warming, "_cold", lambda: True)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    with warming.compiling_beside():
        [(command, _)] = begun
    assert command[1:] == ["-P", "-m", "moneytrail.warming"]


def test_whatever_looks_at_a_ledger_has_it_a_scan_or_a_night(begun, monkeypatch, tmp_path):
    monkeypatch.setattr(warming, "_cold", lambda: True)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    with pytest.raises(InputError, match="no booked payments"):
        look(Ledger.create(tmp_path / "ledger"), as_of=None, settings=Settings(), carrier=Local())
    assert len(begun) == 1


@pytest.mark.parametrize(("cold", "processors"), [(False, {0, 1}), (True, {0})])
def test_none_is_begun_where_code_lies_ready_or_there_is_no_second_processor(begun, monkeypatch, cold, processors):
    monkeypatch.setattr(warming, "_cold", lambda: cold)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: processors)
    with warming.compiling_beside():
        pass
    assert not begun


def test_what_it_asks_about_gives_every_search_something_to_go_through():
    window = whole(payments_from_arrows(warming._payments()))
    motifs = Shelf("detectors.motifs")
    found = search(Local(threads=1), window, {motif: motifs.load(motif)() for motif in motifs.ids()})
    assert not found.failures
    assert {"fan-in", "pass-through"} <= {finding.detector for finding in found.findings}
