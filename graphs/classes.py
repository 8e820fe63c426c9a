"""What kind of node each account of a graph is: the bank's own, an outside account, cash, a merchant, the state..."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.payments import OUTSIDE_PREFIXES
from flows.window import Window
from graphs.temporal import TemporalGraph, temporal_graph

CLASSES = ("account", *(prefix.removesuffix(":") for prefix in OUTSIDE_PREFIXES))
"""Node classes in the order of their numbers; `flows.payments.node_class` says what a class is."""

PERSONS = ("account", "ext")
"""Classes behind which a person or a firm may stand; the others are machines, shops, the state, carriers of money."""


def node_classes(window: Window) -> NDArray[np.int8]:
    """Give the class of each node of a window's temporal graph, as a position in `CLASSES`; made once per window."""
    return window.memo("node_classes", lambda: _classes(temporal_graph(window)))


def _classes(graph: TemporalGraph) -> NDArray[np.int8]:
    classes = np.zeros(graph.nodes, dtype=np.int8)
    for number, prefix in enumerate(OUTSIDE_PREFIXES, 1):
        classes[pc.starts_with(graph.names, prefix).to_numpy(zero_copy_only=False)] = number
    return classes


def of_class(window: Window, *classes: str) -> NDArray[np.bool_]:
    """Say for each node of a window's temporal graph whether it is of one of these classes.

    Parameters
    ----------
    window : Window
        Its temporal graph is made if it is not there yet.
    *classes : str
        Members of `CLASSES`.

    Returns
    -------
    ndarray of bool, shape (nodes,)

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(payments_from_arrows("day 0  ext:x -> anna  5 EUR"))
    >>> temporal_graph(window).names.to_pylist(), of_class(window, "account").tolist()
    (['ext:x', 'anna'], [False, True])
    """
    return np.isin(node_classes(window), [CLASSES.index(name) for name in classes])
