"""How often a payment closes a small shape of fresh payments: squares, triangles, circles, two ways that meet again.

*Fresh* is the first payment ever from a payer to a payee; only those of the last `SHAPE_DAYS` up to the look make
shapes. Written A -> B for a fresh payment, and u -> v for the one that is asked about:

=================  ====================================================================================================
``square``         another payer of v pays somebody else whom u pays: the same payers pay the same payees
``two ways in``    a payer of u also reaches v by another payment and one more: v -> ... is where two ways meet
``two ways out``   v pays somebody whom u reaches by another way of two payments: u is where they part
``between``        u pays somebody who pays v
``same payee``     u and v pay the same account
``same payer``     u and v are paid by the same account
``back in 2``      v pays somebody who pays u: a circle of three
``back in 3``      the same by one payment more: a circle of four
=================  ====================================================================================================

All are counts of ways, by products of sparse matrices; the trivial ways over the payment itself are taken off.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from detectors.edge_history import Ints
from graphs.between import DAY
from graphs.temporal import TemporalGraph

SHAPE_DAYS: Final = 21
"""How far back a shape reaches; ours: AMLworld's and AMLSim's cases last two to four weeks, and so do the relays of the
catalogue."""
MOST_TIES: Final = 100
"""Fresh payments out of, or into, one account within the span; more is a trade with strangers, in which shapes close by
themselves, and what bounds the work."""
SHAPES: Final = (
    "square", "two ways in", "two ways out", "between", "same payee", "same payer", "back in 2", "back in 3",
)  # fmt: skip


def shapes(graph: TemporalGraph, fresh: NDArray[Any], looks: Ints) -> dict[str, Ints]:
    """Count, for every payment, the shapes it closes with what is fresh at its look.

    Parameters
    ----------
    graph : TemporalGraph
        The payments, in order of time.
    fresh : ndarray of bool or int
        Which of them are the first from their payer to their payee.
    looks : ndarray of int64
        The look of each payment, ascending; payments of one look are counted together.

    Returns
    -------
    dict of str to ndarray of int64, shape (payments,)
        By the names of `SHAPES`.

    Notes
    -----
    A handful of sparse products for each look; at most `MOST_TIES` squared ways from each account.
    """
    made = {name: np.zeros(graph.edges, np.int64) for name in SHAPES}
    begins = np.flatnonzero(np.diff(looks, prepend=-1))
    for begin, end in zip(begins, [*begins[1:], graph.edges], strict=True):
        since = int(np.searchsorted(graph.at, graph.at[begin] - SHAPE_DAYS * DAY))
        known = since + np.flatnonzero(fresh[since:end])
        tied = _without_trades(graph.payer[known], graph.payee[known], graph.nodes)
        for name, count in _of_batch(tied, graph.payer[begin:end], graph.payee[begin:end]).items():
            made[name][begin:end] = count
    return made


def _without_trades(payer: NDArray[Any], payee: NDArray[Any], nodes: int) -> csr_array:
    out, into = np.bincount(payer, minlength=nodes), np.bincount(payee, minlength=nodes)
    few = (out[payer] <= MOST_TIES) & (into[payee] <= MOST_TIES)
    # Two first payments of one pair at the same instant are one tie.
    pair = np.unique(payer[few].astype(np.int64) * nodes + payee[few])
    return csr_array((np.ones(pair.size, np.int64), (pair // nodes, pair % nodes)), shape=(nodes, nodes))


def _of_batch(out: csr_array, payer: NDArray[Any], payee: NDArray[Any]) -> dict[str, Ints]:
    into = out.T.tocsr()
    ways, same_payee, same_payer = out @ out, out @ into, into @ out
    paid, got = np.asarray(out.sum(axis=1)), np.asarray(out.sum(axis=0))
    own = np.asarray(out[payer, payee]).ravel()
    return {
        "square": _pairs(same_payee, into, payer, payee) - own * (paid[payer] + got[payee] - 1),
        "two ways in": _pairs(same_payer, into, payer, payee) - own * got[payer],
        "two ways out": _pairs(ways, out, payer, payee) - own * paid[payee],
        "between": _pairs(out, into, payer, payee),
        "same payee": _pairs(out, out, payer, payee),
        "same payer": _pairs(into, into, payer, payee),
        "back in 2": _pairs(out, into, payee, payer),
        "back in 3": _pairs(ways, into, payee, payer) - own * np.asarray(out[payee, payer]).ravel(),
    }


def _pairs(one: csr_array, other: csr_array, left: NDArray[Any], right: NDArray[Any]) -> Ints:
    """Sum, for each pair, the products of a row of the one and a row of the other."""
    return np.asarray(one[left].multiply(other[right]).sum(axis=1)).ravel().astype(np.int64)
