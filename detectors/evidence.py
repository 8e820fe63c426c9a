"""Evidence in words and sums: what the findings of several detectors say in the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.finding import Reason
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
    wanted = np.zeros(graph.nodes, np.bool_)
    wanted[nodes] = True
    texts = np.empty(graph.nodes, object)
    texts[wanted] = graph.names.filter(pa.array(wanted)).to_numpy(zero_copy_only=False)
    names: list[str] = texts[nodes].tolist()
    return names


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
