"""Accounts that wake: the payments after a long silence, and those before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Awakenings:
    """Every first payment after a long silence.

    Parameters
    ----------
    node : ndarray of int64, shape (awakenings,)
        Accounts, ascending; the awakenings of one in order of time.
    begin, wake, end : ndarray of int64, shape (awakenings,)
        ``leg[begin:wake]`` are all payments of the account before it woke, ``leg[wake:end]`` those of the span that
        begins with its waking.
    leg : ndarray of int64
        Edge numbers of the counted payments of each account, in and out together, in time order.
    """

    node: Ints
    begin: Ints
    wake: Ints
    end: Ints
    leg: Ints


def awakenings(
    graph: TemporalGraph, counted: NDArray[np.bool_], own: NDArray[np.bool_], *, asleep: timedelta, within: timedelta
) -> Awakenings:
    """Find where accounts that had payments had none for so long, and then had some again.

    Parameters
    ----------
    counted : ndarray of bool, shape (edges,)
        Which payments are a sign of life. Payments to oneself never are.
    own : ndarray of bool, shape (nodes,)
        Accounts to look at.
    asleep : timedelta
        Shortest silence.
    within : timedelta
        Span after waking: a payment belongs if it comes less than this after the first.

    Notes
    -----
    O(edges log edges). What lies before an account's first payment is not known to be silence.
    """
    edge = np.flatnonzero(counted & (graph.payer != graph.payee))
    node = np.concatenate((graph.payer[edge], graph.payee[edge])).astype(np.int64)
    leg = np.concatenate((edge, edge))
    mine = own[node]
    order = np.lexsort((leg[mine], node[mine]))
    node, leg = node[mine][order], leg[mine][order]
    same = node[1:] == node[:-1]
    silent = np.diff(graph.at[leg]) >= asleep // timedelta(microseconds=1)
    wake = np.flatnonzero(same & silent) + 1
    # Legs by account and time as one ascending number.
    place = node * (graph.edges + 1) + leg
    limit = np.searchsorted(graph.at, graph.at[leg[wake]] + within // timedelta(microseconds=1), "left")
    end = np.searchsorted(place, node[wake] * (graph.edges + 1) + limit, "left")
    return Awakenings(node[wake], np.searchsorted(node, node[wake], "left"), wake, end, leg)
