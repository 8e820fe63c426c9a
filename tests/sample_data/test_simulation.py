"""The simulated bank is the same every time, keeps to the contract and to arithmetic, and lives like people do."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest

from flows.errors import SettingsError
from flows.payments import CHANNELS, OUTSIDE_PREFIXES
from sample_data import tables
from sample_data.faults import Faults
from sample_data.simulation import simulate

from .conftest import DAYS

LEAST = {"customers": 400, "seed": 11, "plan": []}


def digests(folder) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def payments(simulated) -> list[dict]:
    """Give the rows in the order of the file, those delivered twice once."""
    seen, rows = set(), []
    for row in pq.read_table(simulated / "payments.parquet").to_pylist():
        if row["payment_id"] not in seen:
            seen.add(row["payment_id"])
            rows.append(row)
    return rows


@pytest.fixture(scope="module")
def accounts(simulated) -> dict[str, dict]:
    return {row["account_id"]: row for row in csv.read_csv(simulated / "accounts.csv").to_pylist()}


def test_two_runs_write_the_same_bytes(tmp_path):
    for turn in ("first", "second"):
        simulate(tmp_path / turn, customers=1_000, days=20, seed=5)
    assert digests(tmp_path / "first") == digests(tmp_path / "second")


def test_another_seed_gives_another_bank(tmp_path):
    for seed in (1, 2):
        simulate(tmp_path / str(seed), customers=400, days=3, seed=seed, plan=[])
    one, other = (pq.read_table(tmp_path / str(seed) / "payments.parquet")["payer"].to_pylist() for seed in (1, 2))
    assert set(one).isdisjoint({node for node in other if not node.startswith("gov:")})


def test_a_longer_bank_begins_like_a_shorter_one(tmp_path):
    for days in (12, 20):
        simulate(tmp_path / str(days), days=days, **LEAST)
    short, long = (pq.read_table(tmp_path / str(days) / "payments.parquet").to_pylist() for days in (12, 20))
    # On its last day the bank leaves card payments pending.
    settled = [row for row in short if row["status"] != "pending"]
    ids = {row["payment_id"] for row in settled}
    assert settled == [row for row in long[: len(short)] if row["payment_id"] in ids]


def test_pieces_of_the_file_do_not_depend_on_days(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "ROWS_AT_ONCE", 1_000)
    simulate(tmp_path / "small", days=8, **LEAST)
    meta = pq.read_metadata(tmp_path / "small" / "payments.parquet")
    sizes = [meta.row_group(i).num_rows for i in range(meta.num_row_groups)]
    assert set(sizes[:-1]) == {1_000}
    assert sum(sizes) == json.loads((tmp_path / "small" / "simulation.json").read_text())["payments"]


def test_columns_and_values_are_those_of_the_contract(payments):
    assert list(payments[0]) == tables.PAYMENTS.names
    assert {row["channel"] for row in payments} <= set(CHANNELS)
    assert {row["status"] for row in payments} == {"booked", "pending", "reversed", "attempted"}
    assert {row["ts_quality"] for row in payments} == {"event", "batch", "date_only"}
    assert all(row["amount"] > 0 and row["payer"] != row["payee"] for row in payments)
    assert all((row["sent_at"] is None) == (row["ts_quality"] == "date_only") for row in payments)
    assert all(row["country"] is not None for row in payments if row["city"] is not None)
    assert all((row["received_amount"] is None) == (row["received_currency"] is None) for row in payments)


def test_every_node_is_an_own_account_or_says_what_it_is(payments, accounts):
    nodes = {node for row in payments for node in (row["payer"], row["payee"])}
    assert [node for node in nodes if node not in accounts and not node.startswith(OUTSIDE_PREFIXES)] == []


def test_every_balance_follows_from_the_one_before(payments, accounts):
    """Money is conserved: what one account shows after a payment is what it showed before, and the payment."""
    known: dict[str, int | None] = {}
    checked = 0
    for row in payments:
        moves = row["status"] != "attempted"
        paid = row["amount"] if row["currency"] == "EUR" else row["received_amount"]
        got = paid if row["received_currency"] in (None, "EUR") and row["currency"] != "EUR" else row["amount"]
        for node, change, after in (
            (row["payer"], -row["amount"], row["payer_balance_after"]),
            (row["payee"], got, row["payee_balance_after"]),
        ):
            if node not in accounts or not moves:
                assert after is None
                continue
            before = known.get(node)
            if before is not None and after is not None:
                assert after == before + change
                checked += 1
            known[node] = after if after is not None else (None if before is None else before + change)
    assert checked > 0.8 * len(payments)


def test_people_never_owe_more_than_the_bank_lends_them(payments, accounts):
    people = {name for name, row in accounts.items() if row["kind"] in ("current", "savings")}
    low = [
        row["payer_balance_after"]
        for row in payments
        if row["payer"] in people and row["payer_balance_after"] is not None
    ]
    assert min(low) >= -1_000
    assert min(low) < 0


def test_nothing_is_booked_before_an_account_opens_or_after_it_closes(payments, accounts):
    for row in payments:
        for node in (row["payer"], row["payee"]):
            account = accounts.get(node)
            if account is not None:
                assert account["opened_on"] <= row["booked_on"]
                assert account["closed_on"] is None or row["booked_on"] <= account["closed_on"]


def test_rows_are_in_time_order_and_ids_are_not(payments):
    moments = [row["sent_at"] for row in payments if row["sent_at"] is not None]
    assert moments == sorted(moments)
    numbers = np.array([int(row["payment_id"][1:]) for row in payments])
    assert abs(np.corrcoef(numbers, np.arange(len(numbers)))[0, 1]) < 0.02


def test_account_numbers_say_nothing_of_age_or_kind(accounts):
    rows = sorted(accounts.values(), key=lambda row: row["account_id"])
    age = np.array([row["opened_on"].toordinal() for row in rows])
    business = np.array([row["kind"] == "business" for row in rows])
    for what in (age, business):
        assert abs(np.corrcoef(what, np.arange(len(rows)))[0, 1]) < 0.06


def test_a_card_is_one_customer_s_whichever_account_it_draws_on(payments, accounts):
    used: dict[str, set[str]] = defaultdict(set)
    for row in payments:
        if row["card_id"] is not None and row["payer"] in accounts:
            used[row["card_id"]].add(accounts[row["payer"]]["customer_id"])
    assert len(used) > 100
    assert {len(holders) for holders in used.values()} == {1}


def test_a_refund_gives_back_what_its_payment_took(payments):
    by_id = {row["payment_id"]: row for row in payments}
    refunds = [row for row in payments if row["reversal_of"] is not None]
    assert len(refunds) > 50
    for row in refunds:
        undone = by_id[row["reversal_of"]]
        assert (row["payer"], row["payee"]) == (undone["payee"], undone["payer"])
        assert row["amount"] == undone["amount"] if undone["currency"] == "EUR" else undone["received_amount"]


def test_faults_come_at_their_stated_rates(simulated, payments):
    rates = Faults()
    rows = pq.read_table(simulated / "payments.parquet").num_rows
    cards = [row for row in payments if row["channel"] == "card_pos" and row["terminal_id"]]
    transfers = [row for row in payments if row["channel"] == "sct" and row["ts_quality"] != "batch"]
    seen = {
        "delivered_twice": (rows - len(payments)) / len(payments),
        "mcc_lost": np.mean([row["mcc"] is None for row in cards]),
        "city_lost": np.mean([row["city"] is None for row in cards]),
        "hour_lost": np.mean([row["ts_quality"] == "date_only" for row in transfers]),
    }
    for name, share in seen.items():
        assert share == pytest.approx(getattr(rates, name), rel=0.6, abs=1e-4), name


def test_life_has_its_rhythms(payments):
    local = [
        (row["sent_at"].timestamp() / 3_600 + row["utc_offset_min"] / 60) % 24
        for row in payments
        if row["ts_quality"] == "event" and row["channel"] == "card_pos"
    ]
    by_hour = np.histogram(local, bins=24, range=(0, 24))[0]
    assert by_hour[10:20].min() > 4 * by_hour[2:6].max()
    weekday = np.bincount([row["booked_on"].weekday() for row in payments if row["channel"] == "card_pos"], minlength=7)
    assert weekday[5] > 1.15 * weekday[0] > 1.15 * weekday[6]
    wages = {row["booked_on"] for row in payments if row["purpose_code"] == "SALA"}
    assert all(day.weekday() < 5 for day in wages)


def test_people_are_where_they_say_they_are(payments):
    """Card payments of one person in two cities abroad within two hours would be magic."""
    last: dict[str, tuple] = {}
    jumps = abroad = 0
    for row in payments:
        if (
            row["channel"] == "card_pos"
            and row["country"] not in (None, "FR")
            and row["sent_at"] is not None
            and row["city"]
        ):
            abroad += 1
            where, when = last.get(row["card_id"], (None, None))
            city = row["city"].title()
            if where not in (None, city) and (row["sent_at"] - when).total_seconds() < 7_200:
                jumps += 1
            last[row["card_id"]] = (city, row["sent_at"])
    assert abroad > 100
    assert jumps / abroad < 0.01


def test_money_abroad_is_another_s_currency(payments):
    foreign = [
        row
        for row in payments
        if row["country"] == "GB" and row["channel"] == "card_pos" and row["reversal_of"] is None
    ]
    assert foreign
    assert {row["received_currency"] for row in foreign} == {"GBP"}
    assert {row["currency"] for row in foreign} == {"EUR"}


def test_payments_last_for_the_whole_period(payments):
    days = sorted({row["booked_on"] for row in payments})
    assert len(days) == DAYS
    assert all((after - before).days == 1 for before, after in pairwise(days))


@pytest.mark.parametrize(
    "wrong",
    [{"customers": 80}, {"days": 0}, {"seed": -1}, {"seed": 10**13}, {"start": date(1850, 1, 1)}, {"days": 10**9}],
)
def test_a_bank_that_cannot_live_is_refused_before_anything_is_written(tmp_path, wrong):
    with pytest.raises(SettingsError):
        simulate(tmp_path / "out", **{"customers": 400, "days": 5, "seed": 1} | wrong)
    assert not (tmp_path / "out").exists()
