"""Chance that is the same every time: named streams of draws, hashes of numbers, and shuffled serial numbers."""

from __future__ import annotations

import zlib

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Give the generator of draws that belongs to a name.

    What one part of the bank draws never disturbs another: each has a stream of its own name and, where it lives from
    day to day, of its day. So the first thirty days are the same whether thirty or three hundred are asked for.

    Examples
    --------
    >>> bool(stream(7, "shopping", 3).random() == stream(7, "shopping", 3).random())
    True
    """
    return np.random.default_rng([seed, *(zlib.crc32(n.encode()) if isinstance(n, str) else n for n in names)])


def mixed(key: int, *columns: np.ndarray) -> np.ndarray:
    """Hash rows of integers to 64 bits (splitmix64), the same on every machine."""
    with np.errstate(over="ignore"):
        state = np.asarray(np.uint64(key) * _STEP)
        for column in columns:
            state = (state ^ np.asarray(column).astype(np.uint64)) + _STEP
            state = (state ^ (state >> np.uint64(30))) * _FIRST
            state = (state ^ (state >> np.uint64(27))) * _SECOND
            state = state ^ (state >> np.uint64(31))
    return state


def share_of(key: int, *columns: np.ndarray) -> np.ndarray:
    """Hash rows of integers to a number from 0 to 1: a draw that needs no memory."""
    return (mixed(key, *columns) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def shuffled(numbers: np.ndarray, key: int, digits: int) -> np.ndarray:
    """Give each serial number another of so many digits that nobody else has and that says nothing about order.

    A Feistel network of four rounds over the next power of four, walked on until the result has the digits.

    Examples
    --------
    >>> len(set(shuffled(np.arange(1000), 7, 3).tolist()))
    1000
    """
    limit = 10**digits
    half = np.uint64((limit.bit_length() + 1) // 2)
    mask = (np.uint64(1) << half) - np.uint64(1)
    value = np.asarray(numbers).astype(np.uint64)
    if value.size and int(value.max()) >= limit:
        raise ValueError(f"{int(value.max()):,} is no number of {digits} digits")
    walking = np.ones(value.shape, dtype=bool)
    while walking.any():
        left, right = value[walking] >> half, value[walking] & mask
        for turn in range(4):
            left, right = right, left ^ (mixed(key * 4 + turn, right) & mask)
        value[walking] = (left << half) | right
        walking = value >= limit
    return value.astype(np.int64)


def picked(rng: np.random.Generator, options: np.ndarray, count: int) -> np.ndarray:
    """Draw so many of the options, with repeats."""
    return np.asarray(options)[rng.integers(0, len(options), count)]
