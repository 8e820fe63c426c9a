"""A store is made, brought up to date, written by several and killed at any instant, and is whole after all of it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.errors import StoreError
from reports import store_opening
from reports.store import Store
from tests.reports.made_alerts import evening, made, record

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.add_column("notes", sa.Column("colour", sa.Text()))
    op.create_table("colours", sa.Column("name", sa.Text()))
"""

# On each kind of database; hundreds where somebody asks for them.
KILLS = int(os.environ.get("MONEYTRAIL_KILLS", "8"))


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """Let a test say which step a version of tomorrow adds to those of today."""
    today = Path(store_opening.__file__).parent / "migrations"

    def add(text):
        shutil.copytree(today, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "migrations" / "r0003_tomorrow.py").write_text(text)
        monkeypatch.setattr(store_opening, "files", lambda package: tmp_path)

    return add


def test_a_store_of_an_older_version_is_brought_up_to_date_with_all_it_holds(database, steps, monkeypatch):
    with Store.open(database) as store:
        record(store, 1, made("A-a", "abc"))
        before = store.present(), store.log()
    steps(NEXT)
    with Store.open(database) as store:
        assert (store.present(), store.log()) == before
        assert "colours" in sa.inspect(store._engine).get_table_names()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="newer moneytrail"):
        Store.open(database)


def test_a_step_that_fails_leaves_the_store_as_it_was(database, steps, monkeypatch):
    steps(NEXT + "    raise RuntimeError('no power')\n")
    with pytest.raises(RuntimeError, match="no power"):
        Store.open(database)
    monkeypatch.undo()
    with Store.open(database) as store:
        record(store, 1, made("A-a", "abc"))
        assert store.wrong() == ()
        assert "colours" not in sa.inspect(store._engine).get_table_names()


def test_a_new_store_opened_by_several_at_once_is_made_once(empty_database):
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(lambda _: Store.open(empty_database), range(4)):
            assert store.runs() == ()
            store.close()


def test_several_people_at_once_write_one_unbroken_log(database):
    with Store.open(database) as store:
        record(store, 1, made("A-a", "abc"))

        def write(number):
            store.desk(f"person {number}", evening(1)).note("A-a", f"note {number}")

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(20)))
        assert len(store.log()) == 21
        assert store.wrong() == ()


# The child runs no thread of ours and ends by os._exit.
@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_killed_at_any_instant_the_store_holds_the_night_before_or_this_one(database):
    """Nights and judgements are written by a process that is killed again and again, and goes on where it stopped."""
    seeded = random.Random(8)
    with Store.open(database) as store:
        _night(store, 1)
    last, judged = 1, 0
    for number in range(KILLS):
        begun, begins = os.pipe()
        child = os.fork()
        if not child:
            _write_on(database, last, begins)
        os.close(begins)
        # One night at least, so that it goes on, and then some part of the next, however slow this machine is.
        assert os.read(begun, 1) == b"!"
        asked = time.perf_counter()
        assert os.read(begun, 1) == b"!"
        time.sleep(seeded.uniform(0.0, time.perf_counter() - asked))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(begun)
        with Store.open(database) as store:
            runs, alert = len(store.runs()), store.alert("A-a")
            assert runs >= last
            assert len(alert.judgements) >= judged
            assert alert.content["payments"] == _payments(runs)
            assert alert.version == runs
            last, judged = runs, len(alert.judgements)
            if number % 10 == 0:
                assert store.wrong() == ()
            # The same night again changes nothing.
            assert store.delta() == _night(store, last)
    assert last > KILLS
    assert judged > KILLS


def _payments(day):
    return [f"p{number}" for number in range(1, day + 1)]


def _night(store, day):
    return record(store, 1, made("A-a", _payments(day)), ledger_version=day)


def _write_on(database, last, begins):
    """Write nights and judgements until killed; never comes back."""
    try:
        with Store.open(database) as store:
            for day in range(last + 1, last + 1000):
                _night(store, day)
                store.desk("ann", evening(1)).judge("A-a", "unsure", "other_opinion")
                os.write(begins, b"!")
    finally:
        # Nothing of the test that made this process may run on in it.
        os._exit(1)
