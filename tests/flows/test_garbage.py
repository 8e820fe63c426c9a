"""Looking seldom for what only holds itself frees it all the same, and what Arrow keeps is given back."""

import gc
import weakref
from pathlib import Path

import pyarrow as pa
import pytest

from flows.garbage import SELDOM, give_back, look_seldom


@pytest.fixture
def seldom():
    usual = gc.get_threshold()
    look_seldom()
    yield
    gc.set_threshold(*usual)


class Circle:
    def __init__(self):
        self.itself = self


def test_a_circle_goes_once_enough_is_new_and_not_before(seldom):
    gc.collect()
    circle = weakref.ref(Circle())
    kept = [[] for _ in range(SELDOM[0] // 2)]
    assert circle() is not None
    kept += [[] for _ in range(SELDOM[0])]
    assert circle() is None
    assert len(kept) > SELDOM[0]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux says how much memory is held")
def test_memory_of_tables_that_are_gone_goes_back_to_the_machine():
    table = pa.concat_arrays([pa.array(range(1_000_000))] * 40)
    held = pages()
    del table
    give_back()
    assert pages() < held - 2 * 10**8 // PAGE


PAGE = 4096


def pages():
    """Give the pages of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1])
