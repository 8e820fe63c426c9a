"""A window as sorted integer arrays: the form every compiled search works on.

Edges are payments in the one order of the window (time, then payment id), so edge ``i`` is row ``i`` of
``window.payments``. Two compressed sparse rows index them by payer and by payee; rows are in time order because the
edges are. Equal times stay equal: a search that needs *later* compares times, never positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from flows.window import Window, times


@dataclass(frozen=True, eq=False)
class Rows:
    """One compressed sparse row index: the edges of each node, in time order.

    Parameters
    ----------
    start : ndarray of int64, shape (nodes + 1,)
        Where the row of each node begins in `edge`.
    edge : ndarray of int32, shape (edges,)
        Edge numbers, row after row.
    """

    start: NDArray[np.int64]
    edge: NDArray[np.int32]

    def of(self, node: int) -> NDArray[np.int32]:
        """Give the edges of one node in time order."""
        return self.edge[self.start[node] : self.start[node + 1]]


@dataclass(frozen=True, eq=False)
class TemporalGraph:
    """Payments as arrays.

    Parameters
    ----------
    names : pyarrow.Array of string, shape (nodes,)
        Account of each node, in order of first appearance.
    payer, payee : ndarray of int32, shape (edges,)
        Nodes of each payment.
    at : ndarray of int64, shape (edges,)
        Microseconds since 1970, ascending.
    amount : ndarray of int64, shape (edges,)
        Minor units of the payment's currency.
    unit : ndarray of int16, shape (edges,)
        Number of the currency; amounts are compared only where it is equal.
    currencies : tuple of str
        Currency of each unit.
    hub : ndarray of bool, shape (nodes,)
        True for accounts of `Window.hubs`.
    """

    names: pa.Array
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    at: NDArray[np.int64]
    amount: NDArray[np.int64]
    unit: NDArray[np.int16]
    currencies: tuple[str, ...]
    hub: NDArray[np.bool_]

    @property
    def nodes(self) -> int:
        """Number of accounts."""
        return len(self.names)

    @property
    def edges(self) -> int:
        """Number of payments."""
        return len(self.at)

    @cached_property
    def out(self) -> Rows:
        """Payments by payer."""
        return _rows(self.payer, self.nodes)

    @cached_property
    def into(self) -> Rows:
        """Payments by payee."""
        return _rows(self.payee, self.nodes)

    @cached_property
    def number(self) -> dict[str, int]:
        """Node number by account."""
        return {name: index for index, name in enumerate(self.names.to_pylist())}


def temporal_graph(window: Window) -> TemporalGraph:
    """Turn a window into arrays; made once per window.

    Parameters
    ----------
    window : Window
        Its payments are sorted by time and id already.

    Returns
    -------
    TemporalGraph
        Edge ``i`` is row ``i`` of ``window.payments``.
    """
    return window.memo("temporal_graph", lambda: _build(window))  # type: ignore[no-any-return]


def _build(window: Window) -> TemporalGraph:
    payments = window.payments
    both = pa.chunked_array([*payments["payer"].chunks, *payments["payee"].chunks], type=pa.string())
    encoded = both.combine_chunks().dictionary_encode()
    numbers = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    money = payments["currency"].combine_chunks().dictionary_encode()
    names: pa.Array = encoded.dictionary
    hub = np.zeros(len(names), dtype=np.bool_)
    if window.hubs:
        hub = np.isin(np.asarray(names.to_numpy(zero_copy_only=False), dtype=object), list(window.hubs))
    count = payments.num_rows
    return TemporalGraph(
        names=names,
        payer=numbers[:count],
        payee=numbers[count:],
        at=times(payments),
        amount=payments["amount_minor"].to_numpy(),
        unit=money.indices.to_numpy(zero_copy_only=False).astype(np.int16),
        currencies=tuple(money.dictionary.to_pylist()),
        hub=hub,
    )


def _rows(key: NDArray[Any], nodes: int) -> Rows:
    start = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=nodes), out=start[1:])
    return Rows(start, np.argsort(key, kind="stable").astype(np.int32))
