"""Accounts that wake: the payments after a long silence, and those before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from graphs.temporal import TemporalGraph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Awakenings:
    """Every first payment after a long silence.

    Parameters
    ----------
    node : ndarray of int32, shape (awakenings,)
        Accounts, ascending; the awakenings of one in order of time.
    begin, wake, end : ndarray of int64, shape (awakenings,)
        ``leg[begin:wake]`` are all payments of the account before it woke, ``leg[wake:end]`` those of the span that
        begins with its waking.
    leg : ndarray of int32
        Edge numbers of the counted payments of each account, in and out together, in time order.
    """

    node: Numbers
    begin: Ints
    wake: Ints
    end: Ints
    leg: Numbers


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
    # Legs by account and time as one ascending number: sorting two columns takes twice the memory and time.
    legs = []
    for side in (graph.payer, graph.payee):
        mine = edge[own[side[edge]]]
        legs.append(side[mine].astype(np.int64) * (graph.edges + 1) + mine)
    place = np.concatenate(legs)
    del legs
    place.sort()
    node, leg = np.empty((2, place.size), np.int32)
    np.divmod(place, graph.edges + 1, out=(node, leg), casting="unsafe")  # both are below 2**31
    same = node[1:] == node[:-1]
    wake = np.flatnonzero(same) + 1
    silence = graph.at[leg[wake]]
    silence -= graph.at[leg[wake - 1]]
    wake = wake[silence >= asleep // timedelta(microseconds=1)]
    limit = np.searchsorted(graph.at, graph.at[leg[wake]] + within // timedelta(microseconds=1), "left")
    end = np.searchsorted(place, place[wake] - leg[wake] + limit, "left")
    return Awakenings(node[wake], np.searchsorted(node, node[wake], "left"), wake, end, leg)
