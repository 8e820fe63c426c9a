"""Who stands behind each account: accounts of one customer, and of one household, are one holder.

Several detectors count *different people*. Two accounts of one person, or of a couple, are not different; where the
side tables do not say, every account is a holder of its own.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.window import Window
from graphs.temporal import TemporalGraph, temporal_graph


def holder_labels(customers: pa.Table | None, customer: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give each customer a label that is the same for all of one household; null stays null.

    Parameters
    ----------
    customers : pyarrow.Table or None
        Rows of `flows.payments.CUSTOMERS`.
    customer : array of string
        Customer ids.

    Returns
    -------
    pyarrow.Array of string

    Examples
    --------
    >>> customers = pa.table({"customer_id": ["c1", "c2"], "household_id": ["h", None]})
    >>> holder_labels(customers, pa.array(["c1", "c2", "c3"])).to_pylist()
    ['household h', 'customer c2', 'customer c3']
    """
    alone = pc.binary_join_element_wise("customer", customer, " ")
    if customers is None:
        return _flat(alone)
    place = pc.index_in(customer, value_set=_flat(customers["customer_id"]))
    together = pc.binary_join_element_wise("household", customers["household_id"].take(place), " ")
    return _flat(pc.coalesce(together, alone))


def account_labels(window: Window) -> pa.Array:
    """Give the holder's label of each node of a window's temporal graph, null where it is not known."""
    graph = temporal_graph(window)
    accounts = window.side.accounts
    if accounts is None:
        return pa.nulls(graph.nodes, pa.string())
    place = pc.index_in(graph.names, value_set=_flat(accounts["account_id"]))
    return holder_labels(window.side.customers, accounts["customer_id"].take(place))


def holders(window: Window) -> NDArray[np.int32]:
    r"""Give the number of the holder of each node of a window's temporal graph; made once per window.

    Returns
    -------
    ndarray of int32, shape (nodes,)
        Equal where the holder is the same; below the number of nodes. The numbers themselves mean nothing.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import SideTables, whole
    >>> accounts = pa.table({"account_id": ["anna", "anna-card"], "customer_id": ["c1", "c1"]})
    >>> payments = payments_from_arrows("day 0 anna -> anna-card 5 EUR\nday 1 anna -> ben 5 EUR")
    >>> window = whole(payments, side=SideTables(accounts=accounts))
    >>> temporal_graph(window).names.to_pylist(), holders(window).tolist()
    (['anna', 'anna-card', 'ben'], [0, 0, 1])
    """
    return window.memo("holders", lambda: _holders(window, temporal_graph(window)))


def _holders(window: Window, graph: TemporalGraph) -> NDArray[np.int32]:
    alone = pc.binary_join_element_wise("account", graph.names, " ")
    encoded = _flat(pc.coalesce(account_labels(window), alone)).dictionary_encode()
    numbers: NDArray[np.int32] = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return numbers


def _flat(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
