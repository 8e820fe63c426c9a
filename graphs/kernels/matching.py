"""Money in matched with money out, payment by payment: what of each was passed on, and what each passed on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.kernels.compiled import compiled

Ints = NDArray[np.int64]


@compiled
def matched(
    into_start: Ints,
    into_row: NDArray[Any],
    out_start: Ints,
    out_row: NDArray[Any],
    at: Ints,
    amount: Ints,
    within: int,
) -> tuple[Ints, Ints]:
    """Match money in with strictly later money out, first in first out, within a span: the primitive ``pt``.

    As `graphs.kernels.legs.passed_on`, which gives sums by account only. Rows are grouped in compressed sparse rows,
    each group by itself, and in time order.

    Returns
    -------
    passed : ndarray of int64
        What of each place of `into_row` was passed on.
    passing : ndarray of int64
        What each place of `out_row` passed on.
    """
    passed = np.zeros(into_row.size, np.int64)
    passing = np.zeros(out_row.size, np.int64)
    for group in range(into_start.size - 1):
        head = into_start[group]
        end = into_start[group + 1]
        left = amount[into_row[head]] if head < end else 0
        for place in range(out_start[group], out_start[group + 1]):
            spend = amount[out_row[place]]
            when = at[out_row[place]]
            while spend > 0 and head < end and at[into_row[head]] < when:
                if when - at[into_row[head]] <= within and left > 0:
                    taken = min(left, spend)
                    passed[head] += taken
                    passing[place] += taken
                    spend -= taken
                    left -= taken
                else:
                    left = 0
                if left == 0:
                    head += 1
                    left = amount[into_row[head]] if head < end else 0
    return passed, passing
