"""What ties that do not last say together: who strays from habit, and where such ties come closer than chance has them.

Nobody is asked how many accounts are unusual, and no label was fitted: everything is the chance of a coincidence at
the pace of the accounts themselves, as powers of ten.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY: Final = 86_400_000_000
NEAR: Final = 14 * DAY
"""Ties begun at most two weeks apart come together; ours, the span of a tie that does not last."""
SHAPED: Final = 21 * DAY
"""Span of a square, and of each end of two ways: half as long again, since money has to arrive first; ours."""
MOST: Final = 100
"""Ties of an account looked at within a span: more is a trade with strangers, in which nothing comes together by
itself. Bounds the work on an account of a million payments; ours."""


def fresh_ties(payer: Ints, payee: Ints, at: Ints, life: Ints, nodes: int) -> dict[str, Floats]:
    """Measure every account by its ties that do not last.

    Parameters
    ----------
    payer, payee, at : ndarray of int64, shape (ties,)
        Who paid whom, and when first, in order of time; each direction of a tie once.
    life : ndarray of int64, shape (nodes,)
        Microseconds each account has been seen.
    nodes : int
        Number of accounts.

    Returns
    -------
    dict of str to ndarray of float64, shape (nodes,)
        Columns of `graphs.feature_columns` by name; 0 for an account without such ties.

    Notes
    -----
    Costs at most `MOST` squared steps for each tie, and a handful on average.
    """
    # numba is imported by whoever measures, not by whoever lists detectors.
    from graphs.kernels import ties as kernels

    began, got = np.bincount(payer, minlength=nodes), np.bincount(payee, minlength=nodes)
    rate_out, rate_into = (np.maximum(ties - 1, 1) / life for ties in (began, got))
    rate = np.maximum(began + got - 1, 1) / life
    ends = np.concatenate([payer, payee])
    order = np.argsort(ends * max(at.size, 1) + np.tile(np.arange(at.size), 2), kind="stable")
    every = _starts(ends, nodes), order
    out = _starts(payer, nodes), np.argsort(payer, kind="stable")
    into = _starts(payee, nodes), np.argsort(payee, kind="stable")

    def lent(value: Floats) -> Floats:
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import ties as kernels

        given = kernels.lent(*every, at, rate, value, NEAR, MOST)
        return given[: at.size] + given[at.size :]

    strayed = 1 / np.maximum(began[payer], 1)
    together = strayed + lent(strayed)
    close = lent(np.ones(at.size))
    of_ties = {
        "strayed": strayed,
        "strayed_together": together,
        "strayed_around": lent(together),
        "close_ties": close,
        "close_around": lent(1 + close),
        "square": kernels.squares(*out, *into, payer, payee, at, rate_out, rate_into, SHAPED, MOST),
        "two_ways": kernels.two_ways(*out, payee, at, rate_out, rate_into, SHAPED, MOST),
    }
    return {name: _most(payer, payee, value, nodes) for name, value in of_ties.items()}


def _most(payer: Ints, payee: Ints, value: Floats, nodes: int) -> Floats:
    most = np.zeros(nodes)
    np.maximum.at(most, payer, value)
    np.maximum.at(most, payee, value)
    return most


def _starts(node: Ints, nodes: int) -> Ints:
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(node, minlength=nodes), out=start[1:])
    return start
