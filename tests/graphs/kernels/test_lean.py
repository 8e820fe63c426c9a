"""What our cut of numba's compiler makes of a function does as Python does."""

import sys

import numpy as np

from graphs.kernels.compiled import compiled, inner


@inner
def longer(array):
    more = np.empty(array.size + 1, array.dtype)
    for place in range(array.size):
        more[place] = array[place]
    more[array.size] = 7
    return more


@compiled
def moved(flags, bytes_, shorts, numbers, table, cube, shares):
    kept = numbers
    for row in range(numbers.size):
        flags[row] = not flags[row]
        bytes_[row] = shorts[row] - numbers[row]
        for column in range(table.shape[1]):
            table[row, column] += cube[row, column, shorts[row]] * shares[column]
        if flags[row] and numbers[row] in (row, 1):
            kept = longer(kept)
    return kept, shares[1:]


@compiled
def either(one, other, first):
    return one if first else other


def arguments():
    draw = np.random.default_rng(3)
    kinds = (np.bool_, np.int8, np.int16, np.int64)
    rows = [draw.integers(0, 2, 6).astype(kind) for kind in kinds]
    return *rows, draw.random((6, 3)), draw.random((6, 3, 2)).astype(np.float32), draw.random(3)


def test_places_of_arrays_of_every_kind_and_shape_are_read_and_written_as_in_python():
    ours, python = arguments(), arguments()
    given, expected = moved(*ours), moved.py_func(*python)
    for one, other in zip((*ours, *given), (*python, *expected), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_an_array_that_is_handed_in_belongs_to_the_caller_afterwards_as_before():
    one, other = np.arange(3), np.arange(4)
    held = sys.getrefcount(one), sys.getrefcount(other)
    given = [either(one, other, first) for first in (True, False) * 50]
    assert all(np.shares_memory(each, one if number % 2 == 0 else other) for number, each in enumerate(given))
    del given
    assert (sys.getrefcount(one), sys.getrefcount(other)) == held
