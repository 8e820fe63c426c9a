"""Windows: cut anywhere, every finding is owned once, by a window that holds all of it."""

import pickle
import threading
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.arrows import payments_from_arrows
from flows.payments import PAYMENTS
from flows.window import (
    Reach,
    bucket_of,
    counted,
    cut_by_account,
    cut_by_time,
    left_out,
    no_payments,
    no_side_table,
    times,
    whole,
)

HOUR = timedelta(hours=1)
accounts = st.sampled_from(["a", "b", "c", "d", "ext:x"])


@st.composite
def ledgers(draw):
    moves = draw(
        st.lists(st.tuples(st.integers(0, 300), accounts, accounts).filter(lambda m: m[1] != m[2]), max_size=25)
    )
    return payments_from_arrows(
        "\n".join(f"day {h // 24} {h % 24:02d}:00 {payer} -> {payee} 1 EUR" for h, payer, payee in moves)
    )


@dataclass(frozen=True)
class Passed:
    """In and out again within `within`: about the account in the middle, dated by the first payment."""

    within: timedelta

    def find(self, window):
        rows = window.payments.select(["payment_id", "payer", "payee", "at"]).to_pylist()
        for first in rows:
            for second in rows:
                if first["payee"] == second["payer"] and timedelta(0) < second["at"] - first["at"] <= self.within:
                    micros = int(first["at"].timestamp() * 1_000_000)
                    yield first["payee"], micros, first["payment_id"], second["payment_id"]


def owned(detector, windows):
    return [found for window in windows for found in detector.find(window) if window.owns(found[0], found[1])]


@settings(deadline=None, derandomize=True)
@given(ledgers(), st.integers(1, 200), st.integers(0, 60))
def test_a_cut_by_time_finds_each_thing_exactly_once(payments, slice_hours, within_hours):
    window = whole(payments)
    detector = Passed(within_hours * HOUR)
    reach = Reach("time", ahead=within_hours * HOUR)
    pieces = owned(detector, cut_by_time(window, reach, slice_hours * HOUR))
    assert sorted(pieces) == sorted(owned(detector, [window]))


@settings(deadline=None, derandomize=True)
@given(ledgers(), st.integers(1, 7))
def test_a_cut_by_account_finds_each_thing_exactly_once(payments, buckets):
    window = whole(payments, cut="account")
    detector = Passed(100 * HOUR)
    pieces = owned(detector, cut_by_account(window, buckets))
    assert sorted(pieces) == sorted(owned(detector, [window]))


@settings(deadline=None, derandomize=True)
@given(ledgers(), st.integers(1, 200))
def test_slices_own_every_payment_once(payments, slice_hours):
    window = whole(payments)
    own = [
        at
        for piece in cut_by_time(window, Reach(), slice_hours * HOUR)
        for at in times(piece.payments).tolist()
        if piece.owns("", at)
    ]
    assert own == times(window.payments).tolist()


@settings(deadline=None, derandomize=True)
@given(ledgers(), st.integers(1, 7))
def test_a_bucket_holds_every_payment_of_its_accounts(payments, buckets):
    window = whole(payments)
    for piece in cut_by_account(window, buckets):
        mine = [
            row["payment_id"]
            for row in window.payments.to_pylist()
            if bucket_of(row["payer"], buckets) == piece.bucket or bucket_of(row["payee"], buckets) == piece.bucket
        ]
        assert piece.payments["payment_id"].to_pylist() == mine


def test_slices_without_a_payment_to_own_are_left_out():
    window = whole(payments_from_arrows("day 0 a -> b 1 EUR\nday 90 a -> b 1 EUR"))
    assert len(list(cut_by_time(window, Reach(ahead=HOUR), timedelta(days=1)))) == 2


def test_an_empty_window_has_no_slices():
    assert list(cut_by_time(whole(no_payments()), Reach(), HOUR)) == []


def test_a_whole_window_owns_everything():
    window = whole(no_payments())
    assert window.owns("anyone", -(10**17))
    assert window.owns("anyone", 10**17)


def test_pending_attempted_and_reversed_payments_do_not_count():
    payments = payments_from_arrows(
        """
        day 0 a -> b 1 EUR
        day 0 a -> c 1 EUR status=pending
        day 0 a -> d 1 EUR status=attempted
        day 1 a -> e 2 EUR payment_id=wrong
        day 3 e -> a 2 EUR reversal_of=wrong
        """
    )
    assert counted(payments)["payment_id"].to_pylist() == ["p1"]


def test_a_reversal_undoes_its_payment_whether_it_is_booked_or_called_reversed():
    payments = payments_from_arrows(
        "day 0 a -> b 1 EUR payment_id=wrong\nday 1 b -> a 1 EUR reversal_of=wrong status=reversed"
    )
    assert counted(payments).num_rows == 0


def test_a_reversal_that_is_pending_undoes_nothing():
    payments = payments_from_arrows(
        "day 0 a -> b 1 EUR payment_id=kept\nday 1 b -> a 1 EUR reversal_of=kept status=pending"
    )
    assert counted(payments)["payment_id"].to_pylist() == ["kept"]


def test_payments_of_one_instant_stand_in_order_of_id():
    payments = payments_from_arrows("day 0 a -> b 1 EUR payment_id=z\nday 0 a -> b 1 EUR payment_id=B")
    assert counted(payments)["payment_id"].to_pylist() == ["B", "z"]


def test_a_view_is_made_once():
    window = whole(no_payments())
    made = []
    for _ in range(2):
        window.memo("view", lambda: made.append(1) or [])
    assert made == [1]


def test_threads_that_make_a_view_at_once_go_on_with_the_same_one():
    window = whole(no_payments())
    both_inside = threading.Barrier(2)
    given_views = []

    def make():
        both_inside.wait(timeout=10)
        return []

    askers = [threading.Thread(target=lambda: given_views.append(window.memo("view", make))) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert given_views[0] is given_views[1]


def test_a_window_travels_without_its_views():
    window = whole(payments_from_arrows("day 0 a -> b 1 EUR"), hubs={"b"})
    window.memo("view", threading.Lock)
    again = pickle.loads(pickle.dumps(window))
    assert again.payments.equals(window.payments)
    assert again.hubs == {"b"}
    assert again.memo("view", lambda: "made anew") == "made anew"


def test_the_bucket_of_an_account_is_the_same_everywhere():
    # Written down, so that a change of the hash, which would move accounts between machines mid-run, is noticed.
    assert [bucket_of(name, 16) for name in ("a", "b", "ext:x", "é")] == [15, 5, 13, 15]


def test_empty_tables_have_the_columns_of_full_ones():
    assert no_payments().schema == PAYMENTS
    assert all(isinstance(no_side_table(name), pa.Table) for name in ("accounts", "customers", "links"))
    with pytest.raises(KeyError):
        no_side_table("labels")


def test_what_is_not_counted_is_counted_by_reason():
    payments = payments_from_arrows(
        """
        day 0 09:00  a -> b  10 EUR sct
        day 1 09:00  a -> b  11 EUR sct
        day 1 10:00  b -> a  11 EUR sct reversal_of=p2
        day 2 09:00  a -> b  12 EUR sct
        day 2 10:00  b -> a  12 EUR sct reversal_of=p4 status=reversed
        day 3 09:00  a -> b  13 EUR sct status=attempted
        day 3 09:30  a -> b  14 EUR sct status=pending
        day 4 09:00  a -> b  15 EUR sct status=reversed
        """
    )
    assert counted(payments)["payment_id"].to_pylist() == ["p1"]
    assert left_out(payments) == {
        "undone": 2,
        "reversal": 2,
        "marked as reversed": 1,
        "attempted": 1,
        "pending": 1,
    }
