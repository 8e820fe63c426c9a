"""Rows, clocks and amount buckets beside numpy."""

import numpy as np
import pytest

from graphs.kernels.rows import BUCKETS, RATIO, buckets, grouped, until


@pytest.mark.parametrize("seed", range(50))
def test_rows_are_a_stable_sort_by_key(seed):
    rng = np.random.default_rng(seed)
    keys = int(rng.integers(1, 30))
    key = rng.integers(0, keys, int(rng.integers(0, 200))).astype(np.int32)
    start, order = grouped(key, keys)
    assert order.tolist() == np.argsort(key, kind="stable").tolist()
    assert start.tolist() == np.searchsorted(np.sort(key), np.arange(keys + 1)).tolist()


@pytest.mark.parametrize("seed", range(50))
def test_the_clock_is_a_search_for_the_first_later_payment(seed):
    rng = np.random.default_rng(seed)
    at = np.sort(rng.integers(-(10**15), 10**15, int(rng.integers(0, 200))))
    at[at.size // 2 :] = np.sort(rng.choice(at, at.size - at.size // 2)) if at.size else at
    at = np.sort(at)
    for span in (0, 1, 10**14):
        assert until(at, span).tolist() == np.searchsorted(at, at + span, "right").tolist()


def test_buckets_ascend_with_the_amount_and_fit_their_number():
    amount = np.unique(np.geomspace(1, 2**62, 5000).astype(np.int64))
    number = buckets(amount)
    assert (np.diff(number) >= 0).all()
    assert number[0] >= 0
    assert number[-1] < BUCKETS


def test_a_bucket_holds_amounts_within_its_ratio():
    amount = np.arange(1, 100_000, dtype=np.int64)
    number = buckets(amount)
    for bucket in np.unique(number):
        held = amount[number == bucket]
        assert held[-1] <= held[0] * RATIO * 1.0001 or held[-1] - held[0] <= 1
