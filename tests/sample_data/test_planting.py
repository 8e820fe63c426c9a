"""Cases planted into a copy of a ledger speak its language, leave the original alone, and say what they are."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from flows.errors import SettingsError
from flows.ingest import ingest
from flows.ledger import PLANTED, Ledger
from moneytrail.scan import run_scan
from reports.report import TEST
from reports.trace_page import Asked, trace_page
from sample_data.plan import Planned
from sample_data.planting import MARK, plant
from sample_data.simulation import simulate

PLAN = [
    Planned("case", "funnel-account", 0, "plain", (0, 5), 30),
    Planned("case", "round-trip", 0, "plain", (0, 5), 30),
    Planned("innocent", "savings-club", 0, "plain", None, None),
    Planned("innocent", "cash-living-worker", 0, "plain", None, None),
]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    """Give a ledger of ordinary life."""
    folder = tmp_path_factory.mktemp("original")
    simulate(folder / "bank", customers=600, days=40, seed=21, plan=[])
    files = {
        "payments": "payments.parquet",
        "accounts": "accounts.csv",
        "customers": "customers.csv",
        "links": "links.csv",
    }
    ingest(folder / "ledger", {table: [folder / "bank" / name] for table, name in files.items()})
    return folder / "ledger"


@pytest.fixture(scope="module")
def planted(original, tmp_path_factory) -> Path:
    """Give the folder with a planted copy; the original is watched meanwhile."""
    out = tmp_path_factory.mktemp("planted") / "copy"
    before, version = digests(original), Ledger.open(original).version
    plant(Ledger.open(original), PLAN, out, seed=4)
    assert digests(original) == before
    assert Ledger.open(original).version == version
    return out


@pytest.fixture(scope="module")
def rows(planted) -> tuple[pa.Table, pa.Table]:
    """Give the copy's own and its planted payments."""
    truth = pq.read_table(planted / "truth" / "payments.parquet")
    payments = Ledger.open(planted / "ledger").payments()
    mask = pc.is_in(payments["payment_id"], truth["payment_id"].combine_chunks())
    return payments.filter(pc.invert(mask)), payments.filter(mask)


def test_every_planted_payment_is_in_the_copy_and_nothing_else_is_new(original, planted, rows):
    truth = pq.read_table(planted / "truth" / "payments.parquet")
    own, new = rows
    assert new.num_rows == truth.num_rows > 50
    assert own.equals(Ledger.open(original).payments())
    assert Ledger.open(planted / "ledger").rejected() == Ledger.open(original).rejected()
    assert set(truth["story"].to_pylist()) == {f"{one.kind}-1" for one in PLAN}


def test_the_copy_says_what_it_is_in_three_places(original, planted):
    copy = Ledger.open(planted / "ledger")
    assert copy.planted > 0 == Ledger.open(original).planted
    assert PLANTED in copy.sources()["file_name"].to_pylist()
    assert "copy" in (planted / "ledger" / MARK).read_text()
    assert set(copy.side("labels")["outcome"].to_pylist()) == {"planted"}


def test_a_planted_copy_is_not_planted_into_by_mistake(planted, tmp_path):
    with pytest.raises(SettingsError, match="planted copy already"):
        plant(Ledger.open(planted / "ledger"), PLAN, tmp_path / "twice", seed=4)
    assert not (tmp_path / "twice").exists()


def test_said_so_it_is_planted_into_again_and_other_rows_come(planted, tmp_path):
    plant(Ledger.open(planted / "ledger"), PLAN[2:], tmp_path / "twice", seed=5, again=True)
    first, second = (
        set(pq.read_table(folder / "truth" / "payments.parquet")["payment_id"].to_pylist())
        for folder in (planted, tmp_path / "twice")
    )
    assert first.isdisjoint(second)
    assert Ledger.open(tmp_path / "twice" / "ledger").planted == len(first) + len(second)


def test_the_same_seed_plants_the_same(original, planted, tmp_path):
    plant(Ledger.open(original), PLAN, tmp_path / "again", seed=4)
    for name in ("stories.csv", "roles.csv"):
        assert (tmp_path / "again" / "truth" / name).read_bytes() == (planted / "truth" / name).read_bytes()
    one, other = (pq.read_table(folder / "truth" / "payments.parquet") for folder in (planted, tmp_path / "again"))
    assert one.equals(other)


def test_planted_rows_speak_the_ledger_s_language(rows):
    own, new = rows
    for column in (
        "currency",
        "channel",
        "ts_quality",
        "mcc",
        "merchant_name",
        "terminal_id",
        "narrative",
        "purpose_code",
    ):
        assert set(new[column].to_pylist()) <= set(own[column].to_pylist()), column
    for column in ("payment_id", "payer", "payee", "depositor_id"):
        shapes = [{re.sub(r"\d", "9", text) for text in table[column].drop_null().to_pylist()} for table in (own, new)]
        assert shapes[1] <= shapes[0], column
        # Whether a story pays in over a counter depends on the ledger's channels.
        assert shapes[1] or column == "depositor_id"
    low, high = (pc.quantile(own["amount_minor"], [0.001, 0.9999])).to_pylist()
    assert all(low <= minor <= high for minor in new["amount_minor"].to_pylist())


def test_accounts_play_that_the_bank_has_and_that_live_meanwhile(original, planted, rows):
    _, new = rows
    accounts = set(Ledger.open(original).side("accounts")["account_id"].to_pylist())
    played = {node for end in ("payer", "payee") for node in new[end].to_pylist() if ":" not in node}
    assert played <= accounts
    for row in csv.read_csv(planted / "truth" / "roles.csv").to_pylist():
        assert row["account_id"] in accounts or row["account_id"].startswith("ext:")


def test_nobody_pays_what_they_do_not_have(rows):
    own, new = rows
    lowest: dict[str, int] = {}
    for row in own.select(["payer", "payer_balance_after_minor"]).to_pylist():
        if row["payer_balance_after_minor"] is not None:
            lowest[row["payer"]] = min(lowest.get(row["payer"], 0), row["payer_balance_after_minor"])
    known = [row for row in new.to_pylist() if row["payer_balance_after_minor"] is not None]
    assert known
    assert all(row["payer_balance_after_minor"] >= lowest.get(row["payer"], 0) for row in known)


def test_a_ledger_that_tells_no_hours_gets_none(original, tmp_path):
    columns = ["payment_id", "payer", "payee", "booked_on", "channel"]
    payments = Ledger.open(original).payments(columns=[*columns, "amount_minor", "currency", "status"])
    booked = payments.filter(pc.and_(pc.equal(payments["currency"], "EUR"), pc.equal(payments["status"], "booked")))
    amount = pa.array([f"{minor // 100}.{minor % 100:02}" for minor in booked["amount_minor"].to_pylist()])
    csv.write_csv(booked.select([*columns, "currency"]).append_column("amount", amount), tmp_path / "payments.csv")
    ingest(tmp_path / "ledger", {"payments": [tmp_path / "payments.csv"]})
    plant(Ledger.open(tmp_path / "ledger"), PLAN[:1], tmp_path / "copy", seed=4)
    ids = pq.read_table(tmp_path / "copy" / "truth" / "payments.parquet")["payment_id"]
    copy = Ledger.open(tmp_path / "copy" / "ledger").payments()
    new = copy.filter(pc.is_in(copy["payment_id"], ids.combine_chunks()))
    assert new.num_rows > 20
    assert set(new["ts_quality"].to_pylist()) == {"date_only"}
    assert new["sent_at"].null_count == new.num_rows


def test_page_one_says_that_payments_were_planted(rows, tmp_path):
    _, new = rows
    some = new.slice(0, 60)
    table = some.select(["payment_id", "payer", "payee", "currency", "booked_on", "channel"])
    amount = pa.array([minor / 100 for minor in some["amount_minor"].to_pylist()]).cast(pa.decimal128(18, 2))
    pq.write_table(table.append_column("amount", amount), tmp_path / PLANTED)
    ingest(tmp_path / "ledger", {"payments": [tmp_path / PLANTED]})
    scanned = run_scan(Ledger.open(tmp_path / "ledger"), tmp_path / "results")
    said = [note for note in scanned.facts.notes if note.kind == "planted"]
    assert [note.count for note in said] == [60]
    report = (tmp_path / "results" / "report.html").read_text()
    assert said[0].sentence in report
    assert TEST.strip() in report
    asked = {"direction": "forward", "rules": ("fifo",), "ledger_version": 1, "as_of": date(2026, 2, 1)}
    assert trace_page([], Asked(**asked, planted=True)).banner == scanned.page.banner
    assert TEST not in trace_page([], Asked(**asked)).banner
