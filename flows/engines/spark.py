"""Many machines: Spark carries the specifications of windows, and each task reads its own piece of the ledger.

No row of a payment travels: the driver plans the windows from the number of payments a day, a Spark task is given the
number of one of them, opens it from the ledger's own files (partitions that it does not need are never read) and runs
the same functions as the local engine. What they find is written as Parquet by the machines that found it, and put
into the one order on the driver, so the answer is that of the local engine to the byte.

``mapInArrow`` over the payments themselves would be wrong: it hands out batches of 10,000 rows, and a pattern that
lies in two of them is lost without a word. Only numbers of windows are mapped here.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from flows.cutting import OfLedger, Piece, Source, source_of
from flows.engines.local import MAX_PAYMENTS, Answer, Failure, Local, Outcome, Task, ask, planned
from flows.errors import EngineError
from flows.ledger import Ledger, as_store_errors
from flows.progress import Progress, Silent, Stage
from flows.window import SideTables, Window

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANSWERS: Final = "window long, task string, answer binary"
"""What a Spark task gives, one row per window and question; an answer is a pickle of this very run."""
SCHEMA: Final = pa.schema([("window", pa.int64()), ("task", pa.string()), ("answer", pa.binary())])
# How often to ask Spark how many windows are done: ours.
TOLD_EVERY_S: Final = 1.0

LOOPBACK: Final = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
"""On this machine alone nothing listens to another; on a cluster the driver must be found by its workers."""
WANTED: Final = {
    "spark.app.name": "moneytrail",
    "spark.sql.session.timeZone": "UTC",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # One row, the number of a window, is all that a task is given.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1",
}
"""What is set where whoever starts Spark has not said otherwise."""


@dataclass(frozen=True)
class Carried:
    """What every task of a run is told, once a machine.

    Parameters
    ----------
    cut : OfLedger
        Where windows are opened.
    tasks : mapping of str to Task
        By id.
    plan : sequence of pairs
        The windows, and which tasks are asked of each.
    """

    cut: OfLedger
    tasks: Mapping[str, Task]
    plan: list[tuple[Piece, list[str]]]

    def answers(self, number: int) -> Iterator[tuple[int, str, bytes]]:
        """Open a window and ask what it is for."""
        piece, ids = self.plan[number]
        with ThreadPoolExecutor(1) as pool:  # Spark gives a task one core
            asked = ask(pool, self.cut, piece, {id_: self.tasks[id_] for id_ in ids})
        for id_ in ids:
            yield number, id_, pickle.dumps(asked[id_], pickle.HIGHEST_PROTOCOL)


class Spark:
    """Carries tasks to the windows of a ledger on a Spark cluster, or on the cores of one machine.

    Where Spark runs is said as for any Spark program: by ``spark-submit``, by ``PYSPARK_SUBMIT_ARGS`` or by the
    ``spark-defaults.conf`` of ``SPARK_CONF_DIR``; without a word it is ``local[*]``. The ledger must lie at the same
    path on every machine, and the machines need what this package needs (`docs/scale.md`).

    Parameters
    ----------
    max_payments : int
        About how many payments a window may hold, so what the memory of one task must bear.
    session : SparkSession, optional
        One that is there already; it is left running. If none is given, one is made for the run and stopped.
    """

    def __init__(self, max_payments: int = MAX_PAYMENTS, session: SparkSession | None = None) -> None:
        self.max_payments = max_payments
        self._session = session

    def run(
        self,
        source: Ledger | Window | Source,
        tasks: Mapping[str, Task],
        *,
        as_of: date | None = None,
        hubs: Iterable[str] = (),
        side: SideTables | None = None,
        progress: Progress | None = None,
    ) -> Outcome:
        """Ask every task of every window; see `flows.engines.local.Local.run`.

        A window that is in memory already is searched here: sending its rows about would take longer.

        Raises
        ------
        EngineError
            If Spark is not installed, does not start, or gives up on a window.
        """
        cut = source_of(source, as_of, hubs, side)
        if not isinstance(cut, OfLedger):
            return Local(self.max_payments).run(cut, tasks, progress=progress)
        plan = planned(cut, tasks, self.max_payments)
        if not plan:
            return Outcome((), (), 0)
        rows = self._carry(Carried(cut, tasks, plan), cut.ledger.path, progress or Silent())
        given = [pickle.loads(row) for row in rows["answer"].to_pylist()]  # noqa: S301 - written by this very run
        every = [answer for answer in given if isinstance(answer, Answer)]
        return Outcome(
            tuple(sorted((one for answer in every for one in answer.found), key=lambda one: one.order)),
            tuple(sorted(answer for answer in given if isinstance(answer, Failure))),
            len(plan),
            tuple(note for answer in every for note in answer.notes),
            tuple(answer.spent for answer in every),
        )

    def _carry(self, carried: Carried, beside: Path, progress: Progress) -> pa.Table:
        """Have the windows searched, and give the answers in order of task and window."""
        spark = self._session or started()
        # All machines see the ledger, so they can write beside it; one run does not meet another there.
        searching = beside.resolve() / "searching"
        folder = searching / uuid.uuid4().hex
        try:
            with as_store_errors(beside):
                # Once for all that is asked of this ledger, by whichever stage of a scan.
                carried.cut.lay_out((piece for piece, _ in carried.plan), searching)
            return self._search(spark, carried, folder, progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if self._session is None:
                spark.stop()

    def _search(self, spark: SparkSession, carried: Carried, folder: Path, progress: Progress) -> pa.Table:
        windows = len(carried.plan)
        told = spark.sparkContext.broadcast(carried)

        def search(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for number in batch.column(0).to_pylist():
                    for answer in told.value.answers(number):
                        yield pa.RecordBatch.from_pylist([dict(zip(SCHEMA.names, answer, strict=True))], SCHEMA)

        def write() -> None:
            numbers = spark.range(0, windows, 1, windows)
            with warnings.catch_warnings():
                # It says so of every pandas from 3.0 on; nothing crosses the border here but Arrow (SPARK-55965).
                warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
                searched = numbers.mapInArrow(search, ANSWERS)
            searched.write.parquet(folder.as_uri())

        try:
            with progress.stage("searching", windows, "searches") as stage:
                _watched(spark, write, stage, windows)
            return pq.read_table(folder, schema=SCHEMA).sort_by([("task", "ascending"), ("window", "ascending")])
        except Exception as error:
            raise _as_engine_error(error) from error
        finally:
            told.destroy()


def started(said: Mapping[str, str] | None = None) -> SparkSession:
    """Start Spark where Spark's own settings say, or on this machine.

    Parameters
    ----------
    said : mapping of str to str, optional
        Settings of Spark that come before all others, e.g. ``spark.master``.

    Raises
    ------
    EngineError
        If PySpark is not installed, or Spark does not start.
    """
    # Workers would else take whatever python3 comes first on their path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        from pyspark import SparkConf, SparkContext  # an extra, and two seconds of imports
        from pyspark.sql import SparkSession as Session

        # Only then does a SparkConf know what spark-submit, PYSPARK_SUBMIT_ARGS and spark-defaults.conf say.
        SparkContext._ensure_initialized()
        conf = SparkConf()
        conf.setAll(list((said or {}).items()))
        for key, value in WANTED.items():
            conf.setIfMissing(key, value)
        if conf.get("spark.master", "").startswith("local"):
            for key, value in LOOPBACK.items():
                conf.setIfMissing(key, value)
        spark = Session.builder.config(conf=conf).getOrCreate()
    except ImportError as error:
        raise EngineError(
            "the engine spark needs PySpark, which is not installed",
            where="--engine spark",
            try_="pip install 'moneytrail[spark]', with Java 17 on the machine",
        ) from error
    except Exception as error:
        raise EngineError(
            "Spark does not start",
            where=type(error).__name__,
            try_="see that Java 17 is there (`java -version`) and that the master can be reached",
        ) from error
    return spark


def _watched(spark: SparkSession, job: Callable[[], None], stage: Stage, windows: int) -> None:
    """Run a job and say meanwhile how many windows are done."""
    from pyspark import inheritable_thread_target

    group, context = uuid.uuid4().hex, spark.sparkContext
    done = 0

    def grouped() -> None:
        context.setJobGroup(group, "moneytrail: windows of the ledger", interruptOnCancel=True)
        job()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(inheritable_thread_target(spark)(grouped))
        while True:
            try:
                running.result(TOLD_EVERY_S)
                break
            except TimeoutError:
                if running.done():
                    raise
                now = _completed(context, group)
                stage.advance(now - done)
                done = now
            except KeyboardInterrupt:
                context.cancelJobGroup(group)
                raise
    stage.advance(windows - done)


def _completed(context: Any, group: str) -> int:
    tracker = context.statusTracker()
    jobs = (tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group))
    stages = (tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds)
    return sum(int(stage.numCompletedTasks) for stage in stages if stage)


def _as_engine_error(error: Exception) -> EngineError:
    """Say that Spark gave up, without the Java words around it; they are the cause, for whoever needs them."""
    return EngineError(
        "Spark gave up on a window",
        where=type(error).__name__,
        try_="see Spark's own log of the failed task, or run with --engine local",
    )
