"""What an indicator sees, against plain loops and by hand."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.indicating import available, end_of, lacks, last_day
from detectors.sight import Given, Sight
from flows.arrows import payments_from_arrows
from flows.payments import ACCOUNTS, CUSTOMERS
from flows.window import SideTables, whole

PAID = st.tuples(st.integers(0, 400), st.sampled_from("abcd"), st.sampled_from("abcd"))


def seen(text, side=SideTables(), lists=None):  # noqa: B008 - frozen
    window = whole(payments_from_arrows(text), side=side)
    return Sight(window, Given(available(window, (), lists or {}), end_of(last_day(window)), lists=lists or {}))


@settings(deadline=None)
@given(st.lists(PAID, min_size=1, max_size=25))
def test_a_payment_back_within_half_a_year_makes_a_tie(paid):
    sight = seen("\n".join(f"day {day}  {payer} -> {payee}  5 EUR" for day, payer, payee in paid))
    names = sight.graph.names.to_pylist()
    rows = [(int(at), names[a], names[b]) for at, a, b in zip(sight.at, sight.payer, sight.payee, strict=True)]
    span = timedelta(days=180) // timedelta(microseconds=1)
    for index, (at, payer, payee) in enumerate(rows):
        back = any((a, b) == (payee, payer) and abs(other - at) <= span for other, a, b in rows)
        assert sight.mutual[index] == back
        assert sight.first_seen[index] == min(other for other, a, b in rows if (a, b) == (payer, payee))


def test_night_is_local_and_unknown_without_the_time_of_the_event():
    sight = seen(
        """
        day 0 20:30  a -> b  5 EUR p2p utc_offset_min=120
        day 0 20:45  a -> b  5 EUR p2p
        day 0 23:30  a -> b  5 EUR p2p ts_quality=batch
        day 1 03:00  a -> b  5 EUR p2p
        """
    )
    assert sight.night.tolist() == [True, False, False, True]
    assert sight.hour.tolist() == [22, 20, -1, 3]
    assert sight.night_of[3] == sight.night_of[0]


def test_own_transfers_and_fees_are_no_legs():
    accounts = pa.Table.from_pylist(
        [{"account_id": "a", "customer_id": "c"}, {"account_id": "a2", "customer_id": "c"}], schema=ACCOUNTS
    )
    sight = seen(
        "day 0 a -> a2 5 EUR internal\nday 1 ext:x -> a2 7 EUR p2p\nday 2 a -> fee:bank 1 EUR fee",
        SideTables(accounts=accounts),
    )
    assert sight.credits().row.tolist() == [1]
    assert sight.debits().row.tolist() == []
    assert sight.credits("customer").count().tolist() == [1]


def test_whoever_pays_a_wage_or_shares_a_household_is_no_stranger():
    accounts = pa.Table.from_pylist(
        [{"account_id": name, "customer_id": f"c-{name}"} for name in ("a", "b")], schema=ACCOUNTS
    )
    customers = pa.Table.from_pylist(
        [{"customer_id": f"c-{name}", "household_id": "h"} for name in ("a", "b")], schema=CUSTOMERS
    )
    text = """
        day 0  ext:works -> a  900 EUR sct purpose_code=SALA
        day 1  ext:works -> a  50 EUR p2p
        day 2  b -> a  50 EUR p2p
        day 3  ext:x -> a  50 EUR p2p
        day 4  mer:shop -> a  50 EUR card_pos
        """
    sight = seen(text, SideTables(accounts=accounts, customers=customers))
    credits_ = sight.credits()
    strangers = credits_.row[sight.unrelated(credits_) & (credits_.own == sight.graph.number["a"])]
    assert strangers.tolist() == [3]


def test_amounts_are_put_on_one_scale_and_kept_exact_beside_it():
    sight = seen("day 0 a -> b 10 EUR\nday 0 a -> b 100 SEK\nday 0 a -> b 1000 JPY")
    assert np.allclose(np.sort(sight.amount), np.sort([10.0, 9.0, 5.8]))


def test_the_time_of_a_batch_is_no_hour_and_an_empty_column_is_absent():
    window = whole(payments_from_arrows("day 0 09:00  a -> b  5 EUR p2p ts_quality=batch city=Lyon"))
    columns = available(window, ("chain",), {"adverts": (), "exempt": ("x",)})
    assert lacks(("payments.sent_at", "payments.city", "payments.mcc", "customers.kind"), columns) == (
        "payments.sent_at",
        "payments.mcc",
        "customers.kind",
    )
    assert not lacks(("motif.chain", "list.exempt", "payments.mcc|payments.city"), columns)
    assert lacks(("list.adverts",), columns)
