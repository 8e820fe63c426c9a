"""The lock: one writer per folder, among processes, and free when its holder dies."""

import os
import signal
import subprocess
import sys

import pytest

from flows.errors import LockedError, StoreError
from flows.lock import writing

HOLDER = """
import sys, time
from pathlib import Path
from flows.lock import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_process_is_turned_away_and_told_who_holds_it(tmp_path, holder):
    with pytest.raises(LockedError, match=f"process {holder.pid}, since 20") as refused, writing(tmp_path):
        pass
    assert refused.value.exit_code == 5


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with writing(tmp_path):
        assert str(os.getpid()) in (tmp_path / "lock").read_text()


def test_the_lock_is_free_again_after_use(tmp_path):
    for _ in range(2):
        with writing(tmp_path):
            assert str(os.getpid()) in (tmp_path / "lock").read_text()


def test_the_lock_is_free_again_after_an_error_and_the_error_goes_on(tmp_path):
    with pytest.raises(OSError, match="mine"), writing(tmp_path):
        raise OSError("mine")
    with writing(tmp_path):
        pass


def test_the_same_process_cannot_hold_it_twice(tmp_path):
    with writing(tmp_path), pytest.raises(LockedError), writing(tmp_path):
        pass


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path):
    with pytest.raises(StoreError, match="lock cannot be taken"), writing(tmp_path / "nowhere"):
        pass
