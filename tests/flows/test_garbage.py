"""Looking seldom for what only holds itself frees it all the same."""

import gc
import weakref

import pytest

from flows.garbage import SELDOM, look_seldom


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
