"""The local engine: the same answer for any cut and any number of threads; what breaks is told, not hidden."""

import gc
import random
import threading
import weakref
from dataclasses import dataclass
from datetime import timedelta

import pytest

from flows.arrows import payments_from_arrows
from flows.engines.local import Failure, Local, Outcome
from flows.errors import EngineError
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.window import Reach, no_payments, whole

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Found:
    centre: str
    first_at: int
    payments: tuple[str, ...]

    @property
    def order(self):
        return self.first_at, self.centre, self.payments


@dataclass(frozen=True)
class PassedOn:
    """In and out again within a time."""

    within: timedelta = 30 * HOUR

    @property
    def reach(self):
        return Reach(ahead=self.within)

    def find(self, window):
        rows = window.payments.select(["payment_id", "payer", "payee", "at"]).to_pylist()
        for first in rows:
            for second in rows:
                if first["payee"] == second["payer"] and timedelta(0) < second["at"] - first["at"] < self.within:
                    at = int(first["at"].timestamp()) * 1_000_000
                    yield Found(first["payee"], at, (first["payment_id"], second["payment_id"]))


class EverPaid:
    """Everything an account ever paid, which needs its whole past."""

    reach = Reach(cut="account")

    def find(self, window):
        paid = {}
        for row in window.payments.select(["payment_id", "payer", "at"]).to_pylist():
            paid.setdefault(row["payer"], []).append((int(row["at"].timestamp()) * 1_000_000, row["payment_id"]))
        for payer, payments in paid.items():
            yield Found(payer, payments[0][0], tuple(payment for _, payment in payments))


class Breaks:
    reach = Reach()

    def find(self, window):
        yield Found("a", 0, ())
        raise KeyError("canary-account")


class BreaksInOurWords(Breaks):
    def find(self, window):
        raise EngineError("the window is too narrow", where="here")


@pytest.fixture(scope="module")
def payments():
    chance = random.Random(11)
    lines = []
    for number in range(150):
        payer, payee = chance.sample("abcdefghij", 2)
        lines.append(
            f"day {chance.randrange(40)} {chance.randrange(24):02d}:00 {payer} -> {payee} 1 EUR payment_id=p{number}"
        )
    return payments_from_arrows("\n".join(lines))


@pytest.fixture(scope="module")
def ledger(payments, tmp_path_factory):
    ledger = Ledger.create(tmp_path_factory.mktemp("engines") / "ledger")
    return ledger.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[], side={})


TASKS = {"ever-paid": EverPaid(), "passed-on": PassedOn(), "passed-on-soon": PassedOn(3 * HOUR)}


@pytest.fixture(scope="module")
def uncut(payments):
    return Local(threads=1).run(whole(payments), TASKS)


def test_uncut_there_is_one_window_and_something_is_found(uncut):
    assert uncut.windows == 1
    assert len(uncut.found) > 50
    assert uncut.failures == ()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("max_payments", [1, 30, 1000])
def test_any_cut_and_any_number_of_threads_gives_the_same(payments, uncut, max_payments, threads):
    outcome = Local(max_payments, threads).run(whole(payments), TASKS)
    assert outcome.found == uncut.found
    assert outcome.failures == ()
    assert (outcome.windows == 1) == (max_payments == 1000)


@pytest.mark.parametrize("max_payments", [60, 1000])
def test_a_ledger_on_disk_gives_the_same_as_its_window(ledger, uncut, max_payments):
    outcome = Local(max_payments).run(ledger, TASKS)
    assert outcome.found == uncut.found
    assert (outcome.windows == 1) == (max_payments == 1000)


def test_what_breaks_does_not_stop_the_others_and_is_told_without_naming_an_account(payments, uncut):
    outcome = Local().run(whole(payments), {**TASKS, "breaks": Breaks(), "says-why": BreaksInOurWords()})
    assert outcome.found == uncut.found
    assert [(failure.task, failure.window) for failure in outcome.failures] == [
        ("breaks", "all payments"),
        ("says-why", "all payments"),
    ]
    told, said = (failure.error for failure in outcome.failures)
    assert told.startswith("KeyError in tests/flows/test_engines_local.py, line ")
    assert "canary" not in told
    assert said == "the window is too narrow"


def test_every_window_in_which_a_task_broke_is_told(payments):
    outcome = Local(max_payments=40).run(whole(payments), {"breaks": Breaks()})
    assert len({failure.window for failure in outcome.failures}) == outcome.windows > 3


def test_nothing_is_found_where_nothing_is(tmp_path):
    nothing = Outcome((), (), 1)
    assert Local().run(whole(no_payments()), TASKS) == nothing
    assert Local().run(Ledger.create(tmp_path / "ledger"), TASKS) == nothing
    assert Local().run(whole(no_payments()), {}) == Outcome((), (), 0)


def test_a_ledger_can_be_searched_as_of_an_earlier_day(ledger):
    as_of = sorted(ledger.days())[10]
    early = Local().run(ledger, TASKS, as_of=as_of)
    assert early.found == Local().run(ledger.window(as_of=as_of), TASKS).found
    assert early.found != Local().run(ledger, TASKS).found


def test_what_tasks_share_is_made_once_per_window(payments):
    made = []

    class Shares(EverPaid):
        def find(self, window):
            window.memo("graph", lambda: made.append(threading.get_ident()))
            return ()

    Local(threads=4).run(whole(payments), {f"task-{number}": Shares() for number in range(6)})
    assert len(made) == 1


def test_the_engine_is_found_by_its_name():
    assert Shelf("flows.engines").load("local") is Local


def test_failures_stand_in_one_order():
    failures = [Failure("b", "w", "e"), Failure("a", "x", "e"), Failure("a", "w", "e")]
    assert [(failure.task, failure.window) for failure in sorted(failures)] == [("a", "w"), ("a", "x"), ("b", "w")]


class Sees:
    """Makes something that knows its window, as indicators do."""

    reach = Reach(cut="account")

    def __init__(self):
        self.windows = weakref.WeakSet()

    def find(self, window):
        self.windows.add(window)
        window.memo("seen", lambda: [window])
        return iter(())


def test_a_window_is_gone_when_it_was_searched_though_python_does_not_look_for_circles():
    chance = random.Random(5)
    lines = [f"day {day} a{chance.randrange(9)} -> b{chance.randrange(9)} 1 EUR" for day in range(40)]
    window, task = whole(payments_from_arrows("\n".join(lines))), Sees()
    gc.disable()
    try:
        assert Local(10).run(window, {"sees": task}).windows > 3
        assert list(task.windows) == []
        # The whole is its owner's, with all that was made of it.
        assert Local(10**6).run(window, {"sees": task}).windows == 1
        assert list(task.windows) == [window]
        assert window.memo("seen", list) == [window]
    finally:
        gc.enable()
