"""A window as sorted integer arrays: the form every compiled search works on.

Edges are payments in the one order of the window (time, then payment id), so edge ``i`` is row ``i`` of
``window.payments``. Compressed sparse rows index them by payer and by payee, each row in time order because the edges
are. Two more indexes hold the payments of a payer by payee and by amount.

Time is compared through edge numbers. Edges ascend in time, so with ``after = graph.until(timedelta(0))``, edge ``f``
is strictly later than edge ``e`` exactly if ``f >= after[e]``, and with ``until = graph.until(span)`` at most ``span``
later exactly if ``f < until[e]``. Nothing is rounded, a row needs no copy of its times, and equal times stay equal: a
search that needs *later* asks ``after``, never the position.

The rule for equal times, everywhere: a payment *follows* another only if it is strictly later, so nothing is handed on
within one moment (chains, cycles, scatter-gather, patterns, wages that flow back). Where the payments of one account
are matched first in first out, what came in at a moment is there for what goes out at the same one: credits go first
(pass-through, gather-scatter). Spans include both ends or their beginning only as each detector says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.window import Window, times


@dataclass(frozen=True, eq=False)
class Rows:
    """One compressed sparse row index: the edges of each node, in a stated order.

    Parameters
    ----------
    start : ndarray of int64, shape (nodes + 1,)
        Where the row of each node begins in `edge`.
    edge : ndarray of int32, shape (edges,)
        Edge numbers, row after row.
    neighbour : ndarray of int32, shape (edges,)
        The node at the other end of each.
    """

    start: NDArray[np.int64]
    edge: NDArray[np.int32]
    neighbour: NDArray[np.int32]

    def of(self, node: int) -> NDArray[np.int32]:
        """Give the edges of one node."""
        return self.edge[self.start[node] : self.start[node + 1]]


@dataclass(frozen=True, eq=False)
class TemporalGraph:
    """Payments as arrays.

    Parameters
    ----------
    names : pyarrow.Array of string, shape (nodes,)
        Account of each node, in order of first appearance (payers before payees).
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
    _until: dict[timedelta, NDArray[np.int32]] = field(default_factory=dict, repr=False)

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
        """Payments by payer, each row in time order."""
        start, edge = _grouped(self.payer, self.nodes)
        return Rows(start, edge, self.payee[edge])

    @cached_property
    def into(self) -> Rows:
        """Payments by payee, each row in time order."""
        start, edge = _grouped(self.payee, self.nodes)
        return Rows(start, edge, self.payer[edge])

    @cached_property
    def pairs(self) -> Rows:
        """Payments by payer, each row in order of payee and then time: where two accounts meet."""
        order = self.into.edge
        start, place = _grouped(self.payer[order], self.nodes)
        edge = order[place]
        return Rows(start, edge, self.payee[edge])

    @cached_property
    def bucket(self) -> NDArray[np.int32]:
        """Amount bucket of each payment, apart for each currency (`graphs.kernels.rows.buckets`)."""
        from graphs.kernels.rows import BUCKETS, buckets

        return buckets(self.amount) + np.multiply(self.unit, BUCKETS, dtype=np.int32)

    @cached_property
    def amounts(self) -> Rows:
        """Payments by payer, each row in order of `bucket` and then time: for rows too long to walk."""
        from graphs.kernels.rows import BUCKETS

        _, order = _grouped(self.bucket, BUCKETS * len(self.currencies))
        start, place = _grouped(self.payer[order], self.nodes)
        edge = order[place]
        return Rows(start, edge, self.payee[edge])

    @cached_property
    def out_amount(self) -> NDArray[np.int64]:
        """Amounts in the order of `out`: a row is read from one end to the other, not all over memory."""
        return self.amount[self.out.edge]

    @cached_property
    def in_amount(self) -> NDArray[np.int64]:
        """Amounts in the order of `into`."""
        return self.amount[self.into.edge]

    @cached_property
    def onward(self) -> NDArray[np.int32]:
        r"""Per edge, the place in `out` of the first payment that its payee makes strictly later.

        Where there is none, it is the end of the payee's row. All are found in one pass; looked for one by one each
        would be searched in a row that lies elsewhere in memory.

        Examples
        --------
        >>> from flows.arrows import payments_from_arrows
        >>> from flows.window import whole
        >>> day = "day 0 09:00 a -> b 1 EUR\nday 0 09:00 b -> c 1 EUR\nday 0 10:00 b -> a 1 EUR"
        >>> graph = temporal_graph(whole(payments_from_arrows(day)))
        >>> graph.out.edge[graph.onward[0]], graph.onward[1] == graph.out.start[graph.payee[1] + 1]
        (np.int32(2), np.True_)
        """
        from graphs.kernels.rows import onward

        return onward(self.into.start, self.into.edge, self.out.start, self.out.edge, self.until(timedelta(0)))

    @cached_property
    def number(self) -> dict[str, int]:
        """Node number by account."""
        return {name: index for index, name in enumerate(self.names.to_pylist())}

    def until(self, span: timedelta) -> NDArray[np.int32]:
        r"""Give, per edge, the number of the first edge more than `span` later; made once a span.

        Examples
        --------
        >>> from flows.arrows import payments_from_arrows
        >>> from flows.window import whole
        >>> day = "day 0 09:00 a -> b 1 EUR\nday 0 09:00 b -> c 1 EUR\nday 0 10:00 c -> a 1 EUR"
        >>> graph = temporal_graph(whole(payments_from_arrows(day)))
        >>> graph.until(timedelta(0)).tolist(), graph.until(timedelta(hours=1)).tolist()
        ([2, 2, 3], [3, 3, 3])
        """
        from graphs.kernels.rows import until

        if span not in self._until:
            self._until[span] = until(self.at, span // timedelta(microseconds=1))
        return self._until[span]


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
    return window.memo("temporal_graph", lambda: _build(window))


def owned_edges(window: Window, graph: TemporalGraph) -> tuple[int, int]:
    """Give the first and last-but-one edge whose time a window owns: a search starts from these only.

    Under an account cut, these are all edges.
    """
    if window.cut == "account":
        return 0, graph.edges
    first, last = np.searchsorted(graph.at, [window.since, window.until])
    return int(first), int(last)


def copies(
    graph: TemporalGraph, edge: NDArray[np.int64], at: NDArray[np.int64], copy: NDArray[np.int64], marks: pa.Array
) -> TemporalGraph:
    """Give the graph of payments of another, each among accounts of its own copy: as if made from a table of them.

    Parameters
    ----------
    graph : TemporalGraph
        Where payer, payee and amount come from.
    edge : ndarray of int64, shape (edges,)
        Which payment of it each is.
    at : ndarray of int64, shape (edges,)
        When it is made in this one, ascending.
    copy : ndarray of int64, shape (edges,)
        The copy it belongs to.
    marks : pyarrow.Array of string, shape (copies,)
        What stands behind the names of accounts in each copy.
    """
    key = np.concatenate([copy, copy]) * graph.nodes + np.concatenate([graph.payer[edge], graph.payee[edge]])
    numbers = pa.array(key).dictionary_encode()
    of_copy, node = np.divmod(numbers.dictionary.to_numpy(), max(1, graph.nodes))
    number = _array(numbers.indices.to_numpy(), np.int32)
    units = pa.array(graph.unit[edge]).dictionary_encode()
    return TemporalGraph(
        names=pc.binary_join_element_wise(graph.names.take(node), marks.take(of_copy), ""),
        payer=number[: edge.size],
        payee=number[edge.size :],
        at=at,
        amount=graph.amount[edge],
        unit=_array(units.indices.to_numpy(), np.int16),
        currencies=tuple(graph.currencies[unit] for unit in units.dictionary.to_pylist()),
        hub=graph.hub[node],
    )


def _build(window: Window) -> TemporalGraph:
    # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.names import numbered

    payments = window.payments
    names, number = numbered([payments["payer"], payments["payee"]])
    currencies, unit = numbered([payments["currency"]])
    hub = np.zeros(len(names), dtype=np.bool_)
    if window.hubs:
        hub = pc.is_in(names, value_set=pa.array(sorted(window.hubs), pa.string())).to_numpy(zero_copy_only=False)
    return TemporalGraph(
        names=names,
        payer=number[: payments.num_rows],
        payee=number[payments.num_rows :],
        at=_array(times(payments), np.int64),
        amount=_array(payments["amount_minor"].to_numpy(), np.int64),
        unit=unit.astype(np.int16),
        currencies=tuple(currencies.to_pylist()),
        hub=_array(hub, np.bool_),
    )


def _array(values: NDArray[Any], kind: Any) -> NDArray[Any]:
    """Make an array of our own: numba compiles once more for a read-only one, and Arrow's are."""
    return np.require(values, kind, ["C", "W", "O"])


def _grouped(key: NDArray[np.int32], keys: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    from graphs.kernels.rows import grouped

    return grouped(key, keys)
