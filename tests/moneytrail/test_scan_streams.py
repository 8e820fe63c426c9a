"""A scan of a ledger larger than memory gives the same bytes as one that holds it whole, and says what it cost."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from flows import population
from flows.engines.local import Local
from flows.engines.spark import Spark
from flows.errors import SettingsError
from flows.ingest import ingest
from flows.ledger import Ledger
from flows.plugins import Shelf
from flows.population import Population
from flows.window import left_out
from graphs.hubs import hubs, hubs_in
from moneytrail import bundled
from moneytrail.fitting import payments_within
from moneytrail.scan import look
from moneytrail.settings import resolve

AS_OF = date(2026, 2, 6)
"""The first five weeks of the bundled bank: some 20 thousand payments, and much of what is planted in it."""
AT_MOST = 6_000


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    ingest(folder / "ledger", bundled.copy_to(folder / "files"))
    return Ledger.open(folder / "ledger")


def scanned(ledger, at_most, carrier=None):
    # Few shuffles: what is compared is that they are the same, not how sure they make anybody.
    settings = resolve({"scan": {"payments_a_window": at_most, "shuffles": 20}}, "test")
    scan = look(ledger, as_of=AS_OF, settings=settings, carrier=carrier or Local(at_most))
    shelf = Shelf("reports.exchange")
    writers = {id_: shelf.load(id_)() for id_ in ("alerts-json", "findings-parquet", "account-scores")}
    files = {writer.file_name: writer.write(scan.facts) for writer in writers.values()}
    return SimpleNamespace(scan=scan, files=files, steps={step["step"]: step for step in scan.sheet.steps})


@pytest.fixture(scope="module")
def held(ledger):
    return scanned(ledger, 10**6)


@pytest.fixture(scope="module")
def streamed(ledger):
    return scanned(ledger, AT_MOST)


def test_however_small_the_windows_the_results_are_the_same_to_the_byte(held, streamed):
    assert streamed.steps["searching"]["windows"] > 3 > held.steps["searching"]["windows"] == 1
    assert {"alerts.json", "findings.parquet", "account_scores.parquet"} <= held.files.keys()
    assert held.scan.facts.alerts
    assert [name for name in held.files if streamed.files[name] != held.files[name]] == []
    assert streamed.scan.facts.notes == held.scan.facts.notes
    assert streamed.scan.told.measured == held.scan.told.measured
    assert streamed.scan.facts.payments.equals(held.scan.facts.payments)
    assert streamed.scan.facts.scanned == held.scan.facts.scanned
    assert held.scan.facts.unusual
    assert streamed.scan.facts.unusual == held.scan.facts.unusual


def test_on_spark_the_results_are_the_same_to_the_byte(ledger, streamed, spark):
    there = scanned(ledger, AT_MOST, Spark(AT_MOST, spark))
    assert there.steps["searching"]["windows"] == streamed.steps["searching"]["windows"]
    assert {name: there.files[name] == streamed.files[name] for name in there.files} == dict.fromkeys(there.files, True)
    assert there.scan.facts.notes == streamed.scan.facts.notes


def test_the_run_sheet_says_how_the_time_of_single_tasks_lies_and_keeps_it_out_of_what_is_reproducible(streamed):
    [searching] = [step for step in streamed.scan.sheet.whole()["measured"]["steps"] if step["step"] == "searching"]
    spread = searching["task_seconds"]
    assert spread["tasks"] > streamed.steps["searching"]["windows"]
    assert 0 <= spread["median"] <= spread["p90"] <= spread["p99"] <= spread["longest"]["seconds"] <= spread["total"]
    assert spread["longest"]["task"] in streamed.scan.sheet.facts["detectors"]
    assert all("task_seconds" not in step for step in streamed.scan.sheet.reproducible()["steps"])


def test_what_is_asked_of_the_files_is_what_is_asked_of_the_payments(ledger):
    held, left = (Population(ledger, as_of=AS_OF, at_most=at_most) for at_most in (10**6, 0))
    assert (held.in_memory, left.in_memory) == (True, False)
    assert left.totals == held.totals
    payments = ledger.payments(as_of=AS_OF, columns=("payment_id", "status", "reversal_of"))
    assert left.left_out == held.left_out == left_out(payments)
    with left.asking() as opened:
        assert hubs_in(opened) == hubs(ledger.counted(AS_OF))
    one = held.source.payments.slice(7, 1)
    assert left.named(one["payment_id"].to_pylist()) == one
    payer = one["payer"][0].as_py()
    around = left.around([payer]).payments
    assert around == ledger.counted(AS_OF, accounts=[payer])
    others = around["payee"].unique().to_pylist()[:3]
    left.labelled(others[:1])
    some = left.around([payer], others, without=["narrative", "sent_at"]).payments
    assert set(around["payment_id"].to_pylist()) <= set(some["payment_id"].to_pylist())
    assert (some.schema, some["narrative"].null_count) == (around.schema, some.num_rows)
    inside = {payer, *others}
    for row in ledger.counted(AS_OF, accounts=others).to_pylist():
        paid = row["payer"] in others and (row["payer"] != others[0] or row["payee"] in inside)
        assert (row["payment_id"] in some["payment_id"].to_pylist()) == (paid or payer in (row["payer"], row["payee"]))
    groups = [held.source.payments["payment_id"].slice(first, 40).combine_chunks() for first in (100, 5, 90)]
    assert list(left.named_each(groups)) == list(held.named_each(groups))
    assert [table.num_rows for table in left.named_each(groups)] == [40, 40, 40]
    assert list(left.named_each([])) == []
    with patch.object(population, "_NAMED_AT_ONCE", 7):
        assert left.named(groups[0].to_pylist()) == held.named(groups[0].to_pylist())
        assert list(left.named_each(groups)) == list(held.named_each(groups))
    ends = ["payer", "payee", "currency"]
    between = left.moved([payer, *others]).payments
    assert between.num_rows == between.select(ends).group_by(ends).aggregate([]).num_rows
    summed = held.moved([]).payments.group_by(ends).aggregate([("amount_minor", "sum")]).to_pylist()
    expected = [row for row in summed if not {row["payer"], row["payee"]}.isdisjoint([payer, *others])]
    assert sorted((*(row[end] for end in ends), row["amount_minor"]) for row in between.to_pylist()) == sorted(
        (*(row[end] for end in ends), row["amount_minor_sum"]) for row in expected
    )
    # A payment that was undone has no part in it, and a day is a bound below as well.
    late = Population(ledger, as_of=AS_OF, since=date(2026, 1, 20), at_most=0)
    assert late.totals.payments == ledger.counted(AS_OF, since=date(2026, 1, 20)).num_rows


def test_buckets_of_accounts_leave_nothing_behind(ledger):
    from flows.cutting import OfLedger, Piece

    mine = Ledger.open(ledger.path)
    assert OfLedger(mine, AS_OF).open(Piece("account", bucket=1, buckets=3)).payments.num_rows
    [folder] = set(mine._bucketed.values())
    assert folder.is_dir()
    del mine
    assert not folder.exists()


@pytest.mark.parametrize(("memory", "says"), [("four", "not a size"), ("100MB", "does not hold the program")])
def test_memory_that_cannot_be_is_refused_in_words(memory, says):
    with pytest.raises(SettingsError, match=says):
        payments_within(memory, "--memory")


def test_memory_of_the_settings_says_how_large_windows_are_and_is_not_said_twice():
    assert resolve({"scan": {"memory": "4GB"}}, "test").scan.payments_a_window == payments_within("4 GB", "test")
    with pytest.raises(SettingsError, match="one thing twice"):
        resolve({"scan": {"memory": "4GB", "payments_a_window": 5}}, "test")
