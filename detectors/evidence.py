"""Evidence in words and sums: what the findings of several detectors say in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.finding import Reason, Value
from flows.window import Window
from graphs.temporal import TemporalGraph


def sums(graph: TemporalGraph, edges: NDArray[np.int32], says: str) -> tuple[Reason, ...]:
    """Give one reason per currency with the sum of these payments, currencies in alphabetical order.

    Parameters
    ----------
    says : str
        The sentence with ``{measured}`` in it.
    """
    by_currency: dict[str, int] = {}
    # Python integers: a sum of many large amounts may not fit into int64.
    for unit, amount in zip(graph.unit[edges].tolist(), graph.amount[edges].tolist(), strict=True):
        currency = graph.currencies[unit]
        by_currency[currency] = by_currency.get(currency, 0) + amount
    return tuple(Reason(says, amount, None, currency) for currency, amount in sorted(by_currency.items()))


def payment_ids(window: Window, edges: NDArray[Any]) -> list[str]:
    """Give the ids of many payments at once: the rows of every finding end to end, to be cut into slices."""
    ids: list[str] = window.payments["payment_id"].take(pa.array(edges)).to_pylist()
    return ids


def account_names(graph: TemporalGraph, nodes: NDArray[Any]) -> list[str]:
    """Give the names of many nodes at once; a node that comes again is not made a new string."""
    return _told(graph, nodes, np.asarray)


def roles_of(graph: TemporalGraph, nodes: NDArray[Any], role: str) -> list[tuple[str, str]]:
    """Give the names of many nodes, each with the one role; a node that comes again is not made a new pair."""
    return _told(graph, nodes, lambda names: np.fromiter(zip(names, repeat(role), strict=False), object, len(names)))


def _told(graph: TemporalGraph, nodes: NDArray[Any], tell: Callable[[NDArray[np.object_]], Any]) -> list[Any]:
    wanted = np.zeros(graph.nodes, np.bool_)
    wanted[nodes] = True
    told = np.empty(graph.nodes, object)
    told[wanted] = tell(graph.names.filter(pa.array(wanted)).to_numpy(zero_copy_only=False))
    each: list[Any] = told[nodes].tolist()
    return each


def different_of_each(
    graph: TemporalGraph, nodes: NDArray[Any], start: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    r"""Give the different nodes of each of many findings, whose nodes lie end to end, in order of their names.

    Names are put in order once, and the nodes of each finding by their places in that: they are many, and the same
    ones come again and again.

    Parameters
    ----------
    start : ndarray of int64, shape (findings + 1,)
        Where the nodes of each finding begin.

    Returns
    -------
    nodes : ndarray of int64
        Those of one finding after another.
    start : ndarray of int64, shape (findings + 1,)
        Where those of each finding begin.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> from graphs.temporal import temporal_graph
    >>> graph = temporal_graph(whole(payments_from_arrows("day 0 c -> b 5 EUR\nday 1 c -> a 5 EUR")))
    >>> nodes, start = different_of_each(graph, np.array([0, 2, 0, 1]), np.array([0, 3, 4]))
    >>> account_names(graph, nodes), start.tolist()
    (['a', 'c', 'b'], [0, 2, 3])
    """
    wanted = np.zeros(graph.nodes, np.bool_)
    wanted[nodes] = True
    in_order = np.flatnonzero(wanted)
    in_order = in_order[pc.sort_indices(graph.names.filter(pa.array(wanted))).to_numpy()]
    place = np.empty(graph.nodes, np.int64)
    place[in_order] = np.arange(in_order.size)
    findings = np.arange(start.size)
    key = np.repeat(findings[:-1] * in_order.size, np.diff(start)) + place[nodes]
    key.sort()
    key = key[np.flatnonzero(np.diff(key, prepend=-1))]
    return in_order[key % max(1, in_order.size)], np.searchsorted(key, findings * in_order.size)


def reasons_of_each(
    says: str,
    measured: Sequence[int | float],
    limit: int | float | None,
    unit: str,
    values: tuple[tuple[str, Value], ...] = (),
) -> list[Reason]:
    """Give one reason for each of many findings; where the same was measured, it is the same object."""
    made = {number: Reason(says, number, limit, unit, values) for number in set(measured)}
    return [made[number] for number in measured]


def sums_of_each(
    graph: TemporalGraph, edges: NDArray[Any], start: NDArray[np.int64], says: str
) -> list[tuple[Reason, ...]]:
    """Give `sums` for each of many findings, whose payments lie end to end.

    Parameters
    ----------
    edges : ndarray of int32
        Payments of all findings.
    start : ndarray of int64, shape (findings + 1,)
        Where those of each finding begin; no finding is without.
    says : str
        The sentence with ``{measured}`` in it.
    """
    units = len(graph.currencies)
    key = np.repeat(np.arange(start.size - 1) * units, np.diff(start)) + graph.unit[edges]
    amount = graph.amount[edges]
    if units > 1:
        order = np.argsort(key, kind="stable")
        key, amount = key[order], amount[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if not first.size:
        return []
    # Halves of 32 bits: a sum of many large amounts may not fit into int64, those of its halves do.
    low = np.add.reduceat(amount & 0xFFFF_FFFF, first).tolist()
    high = np.add.reduceat(amount >> 32, first).tolist()
    said: list[list[tuple[str, int]]] = [[] for _ in range(start.size - 1)]
    for which, upper, lower in zip(key[first].tolist(), high, low, strict=True):
        said[which // units].append((graph.currencies[which % units], (upper << 32) + lower))
    return [tuple(Reason(says, amount, None, currency) for currency, amount in sorted(each)) for each in said]
