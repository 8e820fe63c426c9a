"""Numbers for account names: a hash table over the bytes of Arrow's strings, several lookups in flight at once.

Arrow's own dictionary waits for memory at every name: 140 ns each among half a million. Here a few hundred names are
hashed first, then the places of all of them are read, then what these point to, so that the waits overlap; only then is
each name compared, byte for byte, with the one it seems to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled, inner

AT_ONCE = 512
"""Names looked up side by side. Ours: what they touch stays in the first cache."""
SMALLEST = 2 * AT_ONCE
"""Slots of the smallest table."""
MOST_BYTES = 2**31 - 1
"""Of all different names together: Arrow's strings count their bytes in 32 bits."""

MIX, SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
"""Odd numbers with about as many ones as noughts; which ones decides speed only, names are compared in the end."""
LOW = np.uint64(2**32 - 1)
HALF = np.uint64(32)
ONE, EMPTY = np.uint64(1), np.uint64(0)


def numbered(columns: Sequence[pa.ChunkedArray]) -> tuple[pa.Array, NDArray[np.int32]]:
    """Give the different names of some columns in order of first appearance, and which of them each row has.

    Parameters
    ----------
    columns : sequence of pyarrow.ChunkedArray of string
        Without nulls; read one after the other.

    Returns
    -------
    names : pyarrow.Array of string
        The different names.
    number : ndarray of int32, shape (rows of all columns,)
        Place of each row's name in `names`.

    Raises
    ------
    OverflowError
        If the different names have more bytes than an Arrow array of strings can hold.

    Examples
    --------
    >>> names, number = numbered([pa.chunked_array([["b", "a"], ["b"]]), pa.chunked_array([["c", "a"]])])
    >>> names.to_pylist(), number.tolist()
    (['b', 'a', 'c'], [0, 1, 0, 2, 1])
    """
    number = np.empty(sum(len(column) for column in columns), np.int32)
    table, used = np.zeros(SMALLEST, np.uint64), 0
    begin, text = np.zeros(SMALLEST // 2 + 2, np.int32), np.empty(16 * SMALLEST, np.uint8)
    done = 0
    for chunk in (chunk for column in columns for chunk in column.chunks if len(chunk)):
        ends, letters = _buffers(chunk)
        own, row = number[done : done + len(chunk)], 0
        while True:
            row, used = look_up(ends, letters, row, own, table, begin, text, used)
            if row == len(chunk):
                break
            if 2 * (used + AT_ONCE) > table.size:
                table = np.zeros(4 * table.size, np.uint64)
                begin = _longer(begin, table.size // 2 + 2)
                put_again(table, begin, text, used)
            else:
                text = _longer(text, max(2 * text.size, int(begin[used + 1]) + int(ends[-1] - ends[row])))
        done += len(chunk)
    buffers = [None, pa.py_buffer(begin[1 : used + 2]), pa.py_buffer(text[: begin[used + 1]])]
    return pa.Array.from_buffers(pa.string(), used, buffers), number


def _buffers(chunk: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Give where each string ends, after where the first begins, and the letters of all."""
    _, ends, letters = chunk.buffers()
    numbers = np.frombuffer(ends, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    bytes_ = np.frombuffer(letters, np.uint8) if letters else np.empty(0, np.uint8)
    # Arrow gives either kind, and numba would compile for both.
    numbers.flags.writeable = bytes_.flags.writeable = False
    return numbers, bytes_


def _longer(values: NDArray[Any], size: int) -> NDArray[Any]:
    if values.dtype == np.uint8 and size > MOST_BYTES:
        raise OverflowError("the different names of a window have more than 2 GB")
    longer = np.empty(size, values.dtype)
    longer[: values.size] = values
    return longer


@inner
def eight(letters: NDArray[np.uint8], at: int) -> np.uint64:
    """Give eight letters as a number; the compiler makes one load of it."""
    return (
        np.uint64(letters[at])
        | np.uint64(letters[at + 1]) << np.uint64(8)
        | np.uint64(letters[at + 2]) << np.uint64(16)
        | np.uint64(letters[at + 3]) << np.uint64(24)
        | np.uint64(letters[at + 4]) << np.uint64(32)
        | np.uint64(letters[at + 5]) << np.uint64(40)
        | np.uint64(letters[at + 6]) << np.uint64(48)
        | np.uint64(letters[at + 7]) << np.uint64(56)
    )


@inner
def hashed(letters: NDArray[np.uint8], at: int, end: int) -> np.uint64:
    """Mix the letters of a name; the last eight may overlap those before."""
    mixed = MIX ^ np.uint64(end - at)
    if end - at < 8:
        while at < end:
            mixed = (mixed ^ np.uint64(letters[at])) * SPREAD
            at += 1
    else:
        while at + 8 < end:
            mixed = (mixed ^ eight(letters, at)) * SPREAD
            mixed ^= mixed >> HALF
            at += 8
        mixed = (mixed ^ eight(letters, end - 8)) * SPREAD
    mixed ^= mixed >> HALF
    mixed *= MIX
    return mixed ^ (mixed >> HALF)


@inner
def equal(letters: NDArray[np.uint8], at: int, end: int, text: NDArray[np.uint8], begin: int) -> bool:
    """Say whether a name is the text of the same length that begins somewhere."""
    if end - at < 8:
        while at < end:
            if letters[at] != text[begin]:
                return False
            at += 1
            begin += 1
        return True
    last = begin + (end - at) - 8
    while at + 8 < end:
        if eight(letters, at) != eight(text, begin):
            return False
        at += 8
        begin += 8
    return bool(eight(letters, end - 8) == eight(text, last))


@compiled
def look_up(
    ends: NDArray[np.int32],
    letters: NDArray[np.uint8],
    first: int,
    number: NDArray[np.int32],
    table: NDArray[np.uint64],
    begin: NDArray[np.int32],
    text: NDArray[np.uint8],
    used: int,
) -> tuple[int, int]:
    """Give numbers to the names of some rows, until the table or the text has no room for the next few hundred.

    Parameters
    ----------
    ends : ndarray of int32, shape (rows + 1,)
        Where each name begins in `letters`, and where the last one ends.
    letters : ndarray of uint8
        The names of the rows, in UTF-8.
    first : int
        The first row that has no number.
    number : ndarray of int32, shape (rows,)
        Written: the number of each row's name.
    table : ndarray of uint64
        Slots, a power of two, at most half of them in use: the upper half of a name's hash, and its place counted from
        one; 0 if free. A name lies in the first slot that was free from its hash on. Written.
    begin, text : ndarray of int32, of uint8
        The different names, counted from one: where each begins, and their letters. Written.
    used : int
        How many different names there are.

    Returns
    -------
    row, used : int
        The first row that has no number now, and how many different names there are now.
    """
    mask = np.uint64(table.size - 1)
    mixed = np.empty(AT_ONCE, np.uint64)
    found = np.empty(AT_ONCE, np.uint64)
    where = np.empty(AT_ONCE, np.int64)
    while first < number.size:
        last = min(first + AT_ONCE, number.size)
        if 2 * (used + AT_ONCE) > table.size or int(begin[used + 1]) + ends[last] - ends[first] > text.size:
            break
        # Loads that do not wait for each other: the processor has many under way at a time.
        for row in range(first, last):
            mixed[row - first] = hashed(letters, int(ends[row]), int(ends[row + 1]))
        for place in range(last - first):
            found[place] = table[np.int64(mixed[place] & mask)]
        for place in range(last - first):
            where[place] = begin[np.int64(found[place] & LOW)]
        for row in range(first, last):
            slot, at, end = found[row - first], int(ends[row]), int(ends[row + 1])
            number[row] = -1
            if slot & ~LOW == mixed[row - first] & ~LOW:
                name, start = np.int64(slot & LOW), where[row - first]
                if begin[name + 1] - start == end - at and equal(letters, at, end, text, start):
                    number[row] = name - 1
        for row in range(first, last):
            if number[row] < 0:
                at, end = int(ends[row]), int(ends[row + 1])
                place = mixed[row - first] & mask
                while True:
                    slot = table[np.int64(place)]
                    if slot == EMPTY:
                        used += 1
                        table[np.int64(place)] = (mixed[row - first] & ~LOW) | np.uint64(used)
                        start = int(begin[used])
                        for letter in range(at, end):
                            text[start] = letters[letter]
                            start += 1
                        begin[used + 1] = start
                        number[row] = used - 1
                        break
                    if slot & ~LOW == mixed[row - first] & ~LOW:
                        name = np.int64(slot & LOW)
                        start = int(begin[name])
                        if begin[name + 1] - start == end - at and equal(letters, at, end, text, start):
                            number[row] = name - 1
                            break
                    place = (place + ONE) & mask
        first = last
    return first, used


@compiled
def put_again(table: NDArray[np.uint64], begin: NDArray[np.int32], text: NDArray[np.uint8], used: int) -> None:
    """Put every name into a larger, empty table."""
    mask = np.uint64(table.size - 1)
    for name in range(1, used + 1):
        mixed = hashed(text, int(begin[name]), int(begin[name + 1]))
        place = mixed & mask
        while table[np.int64(place)] != EMPTY:
            place = (place + ONE) & mask
        table[np.int64(place)] = (mixed & ~LOW) | np.uint64(name)
