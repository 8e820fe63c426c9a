"""The same payments as networkx graphs: for notebooks, cases, drawings, and as the slow, plain oracle of the kernels.

A payment is one edge of a `MultiDiGraph`, named by its payment id: none is ever merged with another. A `DiGraph` holds
totals between accounts and never stands for payments. What a window gives is made once and shared by everybody who
asks, so it is frozen: take a ``copy()`` to change it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any, ClassVar, Literal

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.errors import InputError
from flows.payments import node_class
from flows.showing import Shown
from flows.window import Window
from graphs.temporal import TemporalGraph, temporal_graph

Direction = Literal["both", "out", "in"]

_NOT_ATTRIBUTES = frozenset(["payment_id", "payer", "payee", "source_file", "source_line"])


class PaymentGraph(Shown, nx.MultiDiGraph):  # type: ignore[misc]  # networkx has no types
    """A networkx multigraph of payments, one edge per payment, that draws itself in a notebook.

    Subgraphs and copies are of the same class, so what a reader picks out of it draws itself too.
    """

    shown_as: ClassVar[str] = "graph"


def payment_graph(window: Window) -> PaymentGraph:
    """Give the payments of a window as a multigraph, one edge per payment; made once per window.

    Parameters
    ----------
    window : Window
        What it owns plays no part: all its payments are drawn.

    Returns
    -------
    PaymentGraph
        A `networkx.MultiDiGraph`. Edge key: payment id. Edge attributes: every column of `flows.payments.PAYMENTS`
        that has a value, such as ``amount_minor``, ``currency``, ``at`` (datetime, UTC), ``channel``. Node attributes:
        ``node_class`` and ``hub``. Frozen.

    Notes
    -----
    About 2 kB per payment: for neighbourhoods and cases, not for ledgers. `ego` builds a neighbourhood directly.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(payments_from_arrows("day 0 09:00  anna -> mer:kiosk  40.00 EUR card_pos"))
    >>> payment_graph(window).edges["anna", "mer:kiosk", "p1"]["amount_minor"]
    4000
    """
    made: PaymentGraph = window.memo("payment_graph", lambda: nx.freeze(_multigraph(window.payments, window.hubs)))
    return made


def _multigraph(payments: pa.Table, hubs: frozenset[str]) -> PaymentGraph:
    graph = PaymentGraph()
    for row in payments.to_pylist():
        attributes = {name: value for name, value in row.items() if value is not None and name not in _NOT_ATTRIBUTES}
        graph.add_edge(row["payer"], row["payee"], key=row["payment_id"], **attributes)
    for node, attributes in graph.nodes(data=True):
        attributes["node_class"] = node_class(node)
        attributes["hub"] = node in hubs
    return graph


def account_graph(window: Window) -> nx.DiGraph:
    """Give who paid whom, how often and how much; made once per window.

    Returns
    -------
    networkx.DiGraph
        Edge attributes: ``payments`` (how many), ``amount_minor`` (a dict from currency to the sum, since amounts of
        different currencies are never added), ``first_at`` and ``last_at`` (microseconds since 1970). Node attributes
        as in `payment_graph`. Frozen.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 09:00  anna -> ben  40.00 EUR
    ...     day 3 09:00  anna -> ben  10.00 EUR
    ... ''')
    ... )
    >>> edge = account_graph(window).edges["anna", "ben"]
    >>> edge["payments"], edge["amount_minor"]
    (2, {'EUR': 5000})
    """
    return window.memo("account_graph", lambda: nx.freeze(_totals(window)))


def _totals(window: Window) -> nx.DiGraph:
    table = temporal_graph(window)
    names = table.names.to_pylist()
    graph = nx.DiGraph()
    for name in names:
        graph.add_node(name, node_class=node_class(name), hub=name in window.hubs)
    columns = (table.payer, table.payee, table.at, table.amount, table.unit)
    for payer, payee, at, amount, unit in zip(*(column.tolist() for column in columns), strict=True):
        ends = names[payer], names[payee]
        if not graph.has_edge(*ends):
            graph.add_edge(*ends, payments=0, amount_minor={}, first_at=at, last_at=at)
        edge = graph.edges[ends]
        currency = table.currencies[unit]
        edge["payments"] += 1
        edge["amount_minor"][currency] = edge["amount_minor"].get(currency, 0) + amount
        edge["last_at"] = at
    return graph


def ego(
    window: Window,
    account: str,
    hops: int = 1,
    *,
    direction: Direction = "both",
    through_hubs: bool = False,
) -> PaymentGraph:
    """Give the neighbourhood of an account: everybody within so many hops, and all payments among them.

    Parameters
    ----------
    window : Window
        Where to look.
    account : str
        The account in the middle.
    hops : int
        How far to go; 0 gives the account alone.
    direction : {"both", "out", "in"}
        Follow payments either way, only to payees, or only to payers.
    through_hubs : bool
        Walk through accounts that serve the public. They are shown but not walked through unless told so: two hops
        around a power company are the whole ledger. The account in the middle is always walked from.

    Returns
    -------
    PaymentGraph
        Edges and attributes as in `payment_graph`; nodes also bear ``hops``, the distance from the middle, and the
        graph itself ``account``, the middle.

    Raises
    ------
    InputError
        If the account has no payment in the window.
    """
    table = temporal_graph(window)
    if account not in table.number:
        raise InputError("the account has no payment here", where="window", try_="look at other dates, or check the id")
    distance = _distances(table, table.number[account], hops, direction, through_hubs)
    inside = distance >= 0
    edges = np.flatnonzero(inside[table.payer] & inside[table.payee])
    graph = _multigraph(window.payments.take(pa.array(edges)), window.hubs)
    names = table.names.to_pylist()
    for node in np.flatnonzero(inside).tolist():
        name = names[node]
        graph.add_node(name, node_class=node_class(name), hub=name in window.hubs, hops=int(distance[node]))
    graph.graph["account"] = account
    return graph


def _distances(
    table: TemporalGraph, centre: int, hops: int, direction: Direction, through_hubs: bool
) -> NDArray[np.int64]:
    """Give each node's hops from the centre, -1 where it lies further away."""
    distance = np.full(table.nodes, -1, dtype=np.int64)
    distance[centre] = 0
    front = [centre]
    for hop in range(1, hops + 1):
        met: list[int] = []
        for node in front:
            if table.hub[node] and node != centre and not through_hubs:
                continue
            if direction != "in":
                met += table.payee[table.out.of(node)].tolist()
            if direction != "out":
                met += table.payer[table.into.of(node)].tolist()
        front = sorted({node for node in met if distance[node] < 0})
        distance[front] = hop
    return distance


def shared(
    window: Window,
    of: str = "payer",
    by: str = "payee",
    *,
    least: int = 2,
    most_members: int = 25,
) -> nx.Graph:
    """Join accounts that have things in common: payers that share payees, cards used at the same machines, ...

    Parameters
    ----------
    window : Window
        Where to look.
    of, by : str
        Columns of the payments: members that are joined, and what they share. ``("payer", "payee")`` joins payers with
        payees in common; ``("payer", "device_id")`` payers that used the same devices.
    least : int
        Fewest shared things that join two members.
    most_members : int
        Things shared by more members than this join nobody: a public machine or a shop is no bond, and the pairs
        would grow with the square. 25 is the catalogue's limit for shared identifiers (its section 1, ``link``).

    Returns
    -------
    networkx.Graph
        Edge attribute ``shared``: the things in common, a sorted tuple. Graph attribute ``passed_over``: how many
        things had too many members or were hubs. Members without a bond are not in it.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0  anna -> x  1 EUR
    ...     day 0  ben -> x  1 EUR
    ...     day 1  anna -> y  1 EUR
    ...     day 1  ben -> y  1 EUR
    ... ''')
    ... )
    >>> shared(window).edges["anna", "ben"]["shared"]
    ('x', 'y')
    """
    pairs = window.payments.select([of, by]).filter(pc.is_valid(window.payments[by])).group_by([of, by]).aggregate([])
    members: dict[str, list[str]] = defaultdict(list)
    for member, thing in zip(pairs[of].to_pylist(), pairs[by].to_pylist(), strict=True):
        if member is not None:
            members[thing].append(member)
    graph = nx.Graph(passed_over=0)
    common: dict[tuple[str, str], list[str]] = defaultdict(list)
    for thing in sorted(members):
        if thing in window.hubs or len(members[thing]) > most_members:
            graph.graph["passed_over"] += 1
            continue
        for pair in combinations(sorted(members[thing]), 2):
            common[pair].append(thing)
    graph.add_edges_from(_bonds(common, least))
    return graph


def _bonds(common: dict[tuple[str, str], list[str]], least: int) -> Iterable[tuple[str, str, dict[str, Any]]]:
    return ((*pair, {"shared": tuple(things)}) for pair, things in sorted(common.items()) if len(things) >= least)
