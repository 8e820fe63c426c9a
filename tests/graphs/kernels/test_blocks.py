"""Blocks: all of the work, once, in order, for any number of threads."""

import threading

import numpy as np
import pytest

from graphs.kernels.blocks import MOST, SMALLEST, THREADS, even, even_rows, in_blocks


@pytest.mark.parametrize("total", [0, 1, SMALLEST - 1, 10 * SMALLEST + 7, 10**7])
def test_even_blocks_cover_everything_once(total):
    blocks = even(total)
    assert len(blocks) <= MOST
    assert [low for low, _ in blocks] == [0, *(high for _, high in blocks)][: len(blocks)]
    assert sum(high - low for low, high in blocks) == total


@pytest.mark.parametrize("seed", range(30))
def test_blocks_of_rows_cover_every_row_once(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 20, int(rng.integers(1, 3000)))
    sizes[rng.integers(0, sizes.size)] = 100_000 * (seed % 3)
    start = np.concatenate(([0], np.cumsum(sizes)))
    blocks = even_rows(start)
    assert [row for low, high in blocks for row in range(low, high)] == list(range(sizes.size))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_answers_come_in_the_order_of_the_blocks_and_scratch_space_is_not_shared(threads):
    token = THREADS.set(threads)
    owners = {}

    def work(space, low, high):
        owners.setdefault(id(space), set()).add(threading.get_ident())
        space[0] += 1
        return low, high

    blocks = even(50 * SMALLEST)
    kept = []

    def scratch():
        kept.append(np.zeros(1))
        return kept[-1]

    assert in_blocks(work, blocks, scratch) == blocks
    THREADS.reset(token)
    assert all(len(idents) == 1 for idents in owners.values())
    assert sum(int(space[0]) for space in kept) == len(blocks)


def test_a_failure_in_a_block_is_not_swallowed():
    def work(_, low, high):
        raise ArithmeticError(f"{low} {high}")

    with pytest.raises(ArithmeticError):
        in_blocks(work, even(5 * SMALLEST), lambda: None)
