"""Work cut into blocks for a few threads, with the same result for any number of them.

Blocks depend on the data alone, never on the number of threads, and answers come back in the order of the blocks: one
thread and many give the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from itertools import pairwise
from threading import local
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

S = TypeVar("S")
T = TypeVar("T")

Block = tuple[int, int]

THREADS: ContextVar[int] = ContextVar("THREADS", default=0)
"""How many threads kernels may use; 0 for one per processor. An engine that runs windows side by side sets it to 1."""

SMALLEST = 4096
"""Payments in a block at least: below, handing out the work costs more than doing it. Ours."""

MOST = 256
"""Blocks at most; enough that the slowest one does not decide. Ours, weighed in benchmarks/speed."""


def even(total: int) -> list[Block]:
    """Cut ``0 .. total`` into ranges of about equal length.

    Examples
    --------
    >>> even(10_000)
    [(0, 5000), (5000, 10000)]
    """
    parts = max(1, min(MOST, total // SMALLEST))
    ends = [total * part // parts for part in range(parts + 1)]
    return [(low, high) for low, high in pairwise(ends) if high > low]


def even_rows(start: NDArray[np.int64]) -> list[Block]:
    """Cut rows into ranges of rows with about equally many entries; a long row is a range of its own.

    Parameters
    ----------
    start : ndarray of int64, shape (rows + 1,)
        Where each row begins.
    """
    parts = max(1, min(MOST, int(start[-1]) // SMALLEST))
    targets = start[-1] * np.arange(1, parts) // parts
    ends = np.unique(np.concatenate(([0], np.searchsorted(start, targets), [start.size - 1])))
    return [(int(low), int(high)) for low, high in pairwise(ends)]


def in_blocks(work: Callable[[S, int, int], T], blocks: Sequence[Block], scratch: Callable[[], S]) -> list[T]:
    """Do the work of every block and give the answers in the order of the blocks.

    Parameters
    ----------
    work : callable
        Takes scratch space, and the first and the last-but-one number of a block; leaves the scratch space as it was.
    blocks : sequence of (int, int)
        From `even` or `even_rows`.
    scratch : callable
        Makes the scratch space, once a thread.
    """
    threads = min(THREADS.get() or len(os.sched_getaffinity(0)), len(blocks))
    if threads <= 1:
        if not blocks:
            return []
        space = scratch()
        return [work(space, low, high) for low, high in blocks]
    kept: Any = local()

    def one(block: Block) -> T:
        if not hasattr(kept, "space"):
            kept.space = scratch()
        return work(kept.space, *block)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, blocks))
