"""The Spark engine against a real Spark: on the cores of this machine, and on a cluster that loses a worker."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from flows.arrows import payments_from_arrows
from flows.engines.local import Local
from flows.engines.spark import Spark
from flows.ledger import Ledger
from flows.window import Reach, no_payments, whole
from tests.conftest import SHORT_LIVED_JAVA
from tests.flows.test_engines_local import TASKS, Breaks, Found, PassedOn

ROOT = Path(__file__).parents[2]
WITHIN_S = 240
"""Longer than a cluster on a busy machine takes to start; a test that waits longer has failed."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Make a ledger of ten accounts over forty days."""
    lines = [
        f"day {(7 * number) % 40} {number % 24:02d}:00 {'abcdefghij'[number % 10]} -> "
        f"{'abcdefghij'[(number * 3 + 1 + number // 10) % 10]} 1 EUR payment_id=p{number}"
        for number in range(150)
        if number % 10 != (number * 3 + 1 + number // 10) % 10
    ]
    payments = payments_from_arrows("\n".join(lines))
    made = Ledger.create(tmp_path_factory.mktemp("spark") / "ledger")
    return made.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})


def test_windows_on_spark_give_what_they_give_here(spark, ledger):
    here = Local(80).run(ledger, TASKS)
    there = Spark(80, spark).run(ledger, TASKS)
    assert here.windows > 5
    assert len(here.found) > 20
    assert there == here
    assert sorted(spent.task for spent in there.spent) == sorted(spent.task for spent in here.spent)


def test_a_day_and_hubs_reach_the_machines(spark, ledger):
    context = {"as_of": sorted(ledger.days())[10], "hubs": ("a", "b")}
    here = Local(80).run(ledger, {"hubs": SeesHubs()}, **context)
    assert {one.payments for one in here.found} == {("a", "b")}
    assert Spark(80, spark).run(ledger, {"hubs": SeesHubs()}, **context) == here


def test_what_breaks_is_told_and_the_others_are_kept(spark, ledger):
    tasks = {**TASKS, "breaks": Breaks()}
    there = Spark(1000, spark).run(ledger, tasks)
    assert there == Local(1000).run(ledger, tasks)
    assert [failure.task for failure in there.failures] == ["breaks"]


def test_payments_are_laid_out_once_for_all_that_is_asked_and_nothing_is_left_beside_the_ledger(spark, ledger):
    mine, beside = Ledger.open(ledger.path), set((ledger.path / "searching").glob("*"))

    def laid_out():
        folders = set((ledger.path / "searching").glob("*")) - beside
        return {file: file.stat().st_mtime_ns for folder in folders for file in folder.rglob("*.parquet")}

    first = Spark(80, spark).run(mine, TASKS)
    written = laid_out()
    assert written
    assert Spark(80, spark).run(mine, TASKS) == first
    assert laid_out() == written
    del mine
    gc.collect()
    assert set((ledger.path / "searching").glob("*")) == beside


def test_a_window_in_memory_is_searched_here():
    assert Spark().run(whole(no_payments()), TASKS) == Local().run(whole(no_payments()), TASKS)


def test_a_machine_without_java_is_told_in_our_words(tmp_path, pyspark_home):
    code = "from flows.engines.spark import started; started()"
    bare = {**os.environ, "JAVA_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=bare, capture_output=True, text=True, check=False)
    assert "EngineError: Spark does not start" in done.stderr


# A cluster: one master and two workers on the loopback, as separate processes.


@dataclass(frozen=True)
class SeesHubs:
    """Tells which hubs it was given."""

    @property
    def reach(self):
        return Reach()

    def find(self, window):
        if window.payments.num_rows:
            yield Found("hubs", window.since, tuple(sorted(window.hubs)))


@dataclass(frozen=True)
class Slow:
    """Takes its time over every window, so that there is an instant to kill a worker in."""

    within: timedelta = timedelta(hours=3)
    seconds: float = 1

    @property
    def reach(self):
        return Reach(ahead=self.within)

    def find(self, window):
        time.sleep(self.seconds)
        yield from PassedOn(self.within).find(window)


@pytest.fixture
def cluster(tmp_path, pyspark_home):
    """Start a master and two workers of one core each; whatever happens, they end with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    surroundings = {
        **os.environ,
        **SHORT_LIVED_JAVA,
        "PYTHONPATH": str(ROOT),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
    }

    def start(what, *words):
        with (tmp_path / f"{what}-{len(processes)}.log").open("w") as log:
            return subprocess.Popen(
                [pyspark_home / "bin" / "spark-class", f"org.apache.spark.deploy.{what}", *words],
                env=surroundings,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    processes = []
    master = f"spark://127.0.0.1:{port}"
    try:
        processes.append(start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"))
        for _ in range(2):
            words = ("--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0", master)
            processes.append(start("worker.Worker", *words))
        yield master, processes[1:], surroundings
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


SEARCH = """
import json, sys
from flows.engines.spark import Spark
from flows.ledger import Ledger
from tests.flows.test_engines_spark import Slow
from tests.flows.test_engines_local import TASKS

outcome = Spark(40).run(Ledger.open(sys.argv[1]), {**TASKS, "slow": Slow()})
print(json.dumps([outcome.windows, [str(one) for one in outcome.found], [str(one) for one in outcome.failures]]))
"""


def searches(worker):
    """Say whether a process of a worker's session is one of Spark's Pythons, which have a group of their own."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getsid(int(process.name)) == worker.pid and b"pyspark.daemon" in (process / "cmdline").read_bytes():
                return True
    return False


def test_a_worker_killed_in_mid_run_changes_nothing(cluster, ledger):
    master, workers, surroundings = cluster
    here = Local(40).run(ledger, {**TASKS, "slow": Slow(seconds=0)})
    # Nothing begins before both workers are there, or the first would do it all.
    waits = {"minRegisteredResourcesRatio": "1", "maxRegisteredResourcesWaitingTime": "2m"}
    both = " ".join(f"--conf spark.scheduler.{key}={value}" for key, value in waits.items())
    # A standalone master knows only by this how many there shall be.
    both += " --conf spark.cores.max=2"
    submit = f"--master {master} --conf spark.executor.memory=512m {both} pyspark-shell"
    driver = subprocess.Popen(
        [sys.executable, "-c", SEARCH, str(ledger.path)],
        env={**surroundings, "PYSPARK_SUBMIT_ARGS": submit},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + WITHIN_S
        # Both are searching: Spark is in the middle of it.
        while not all(map(searches, workers)):
            assert driver.poll() is None, driver.stderr.read()
            assert time.monotonic() < until, "the search has not begun"
            time.sleep(0.2)
        os.killpg(workers[0].pid, signal.SIGKILL)
        said, errors = driver.communicate(timeout=WITHIN_S)
    finally:
        driver.kill()
        driver.wait()
        driver.stdout.close()
        driver.stderr.close()
    assert driver.returncode == 0, errors
    assert "Lost executor" in errors
    windows, found, failures = json.loads(said.splitlines()[-1])
    assert (windows, found, failures) == (here.windows, [str(one) for one in here.found], [])
