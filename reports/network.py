"""Who paid whom as a network: the still picture of the largest arrows, and the facts the moving picture is drawn from.

The still picture (`reports.picture`) is what paper and readers without scripts see. The moving one, in
`assets/picture.js`, is drawn in the browser from the same payments. Neither shows everything: what is left out is
chosen by amount and counted. Amounts of different currencies are compared in major units to choose what is drawn, never
added.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import networkx as nx

from flows.money import exponent
from flows.payments import node_class
from reports.blocks import Arrow, Cell, Column, Event, Movement, Moving, Network, Node, Table, Timeline
from reports.visible import visible
from reports.wording import days, likely_role, sums

Look = Literal["lead", "account", "outside", "place", "hub"]

MOST_ARROWS = 40
"""Arrows of a still picture, the largest first. Ours: more cannot be read on one page."""

SHOWN = 120
"""Accounts a moving picture begins with. Ours: names and amounts of about so many still find room on a screen."""

MOST_KEPT = 2000
"""Accounts a moving picture holds, so that neighbours can be opened. Ours: a browser stays quick with as many drawn."""

MOST_MOVEMENTS = 10_000
"""Payments a moving picture holds; about 60 bytes each."""

MOST_ROWS = 1000
"""Payments listed beside a picture, the largest first."""


def network(
    title: str,
    movements: Sequence[Movement],
    nodes: Mapping[str, Node],
    *,
    middle: str = "",
    note: str = "",
    shown: int = SHOWN,
) -> Network:
    """Draw payments as a still and as a moving picture.

    Parameters
    ----------
    title : str
        What is seen.
    movements : sequence of Movement
        The payments; at best in order of time.
    nodes : mapping of str to Node
        What each payer and payee is.
    middle : str
        The account the picture is about, if there is one.
    note : str
        What to know when reading it.
    shown : int
        Accounts the moving picture begins with.
    """
    pairs: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for movement in sorted(movements, key=lambda movement: (movement.at, movement.payment_id)):
        pairs[movement.payer, movement.payee].append(movement)
    size = {pair: sum(movement.size for movement in own) for pair, own in pairs.items()}
    largest = sorted(pairs, key=lambda pair: (-size[pair], pair))[:MOST_ARROWS]
    arrows = tuple(
        _arrow(pair, pairs[pair], size[pair] / (size[largest[0]] or 1.0))
        for pair in sorted(largest, key=lambda pair: (pairs[pair][0].at, pair))
    )
    names = dict.fromkeys(name for arrow in arrows for name in (arrow.payer, arrow.payee))
    if len(pairs) > len(arrows):
        note = f"{note} Still picture: {len(arrows)} of {len(pairs):,} arrows, by amount.".strip()
    return Network(
        title,
        tuple(nodes[name] for name in names),
        arrows,
        note,
        moving(movements, nodes, middle=middle, shown=shown),
    )


def _arrow(pair: tuple[str, str], own: Sequence[Movement], share: float) -> Arrow:
    money: dict[str, int] = defaultdict(int)
    for movement in own:
        money[movement.currency] += movement.amount_minor
    amount = sums(money)
    return Arrow(
        *pair,
        amount if len(own) == 1 else f"{amount} ({len(own):,}×)",
        days(own[0].at * 1_000_000, own[-1].at * 1_000_000),
        len(own),
        share,
        own[0].at,
    )


def moving(
    movements: Sequence[Movement],
    nodes: Mapping[str, Node],
    *,
    middle: str = "",
    first: Iterable[str] = (),
    shown: int = SHOWN,
    accounts_in_all: int | None = None,
    payments_in_all: int | None = None,
) -> Moving:
    """Choose what a moving picture holds, and what of it is seen at first.

    Parameters
    ----------
    movements, nodes, middle, shown
        As for `network`.
    first : iterable of str
        Accounts seen at first, where they are known; else `shown` of them, from the middle along the largest amounts.
    accounts_in_all, payments_in_all : int, optional
        How many there are, if not all of them are given.
    """
    chosen = dict.fromkeys(first)
    seen = len(chosen) or min(shown, len(nodes))
    for name in _along_the_money(movements, [*chosen] or [middle] * (middle in nodes)):
        chosen.setdefault(name)
    names = list(chosen)[: max(MOST_KEPT, seen)]
    kept = set(names)
    inside = [movement for movement in movements if movement.payer in kept and movement.payee in kept]
    largest = sorted(inside, key=lambda movement: (-movement.size, movement.at, movement.payment_id))[:MOST_MOVEMENTS]
    return Moving(
        nodes=tuple(nodes[name] for name in names),
        movements=tuple(sorted(largest, key=lambda movement: (movement.at, movement.payment_id))),
        shown=min(seen, len(names)),
        middle=middle if middle in kept else "",
        accounts_in_all=len(nodes) if accounts_in_all is None else accounts_in_all,
        payments_in_all=len(movements) if payments_in_all is None else payments_in_all,
    )


def _along_the_money(movements: Iterable[Movement], starts: Sequence[str]) -> list[str]:
    """Order accounts as they are met from the starts, always along the largest amount; without any, from the largest.

    What is cut off at any place hangs together, and what is left out lies behind smaller amounts.
    """
    between: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for movement in movements:
        between[movement.payer][movement.payee] += movement.size
        between[movement.payee][movement.payer] += movement.size
    met: dict[str, None] = {}
    size = {name: sum(own.values()) for name, own in between.items()}
    for begin in (*starts, *sorted(size, key=lambda name: (-size[name], name))):
        waiting = [(0.0, begin)]
        while waiting:
            _, name = heapq.heappop(waiting)
            if name in met or name not in between:
                continue
            met[name] = None
            for other, amount in between[name].items():
                if other not in met:
                    heapq.heappush(waiting, (-amount, other))
    return list(met)


def packed(picture: Moving) -> dict[str, Any]:
    """Give the facts of a moving picture as `assets/picture.js` reads them: plain, short, every text visible."""
    number = {node.name: place for place, node in enumerate(picture.nodes)}
    currencies = sorted({movement.currency for movement in picture.movements})
    place = {currency: number for number, currency in enumerate(currencies)}
    return {
        "nodes": [[visible(node.label), visible(node.role), node.look] for node in picture.nodes],
        "payments": [
            [
                number[movement.payer],
                number[movement.payee],
                # Beyond 2**53 a number of JavaScript is no longer exact.
                movement.amount_minor if movement.amount_minor < 2**53 else str(movement.amount_minor),
                place[movement.currency],
                movement.at,
                int(movement.hour_known),
                visible(movement.payment_id),
            ]
            for movement in picture.movements
        ],
        "currencies": [[currency, exponent(currency)] for currency in currencies],
        "shown": picture.shown,
        "of": picture.accounts_in_all,
        "payments_of": picture.payments_in_all,
        "middle": number.get(picture.middle, -1),
        "hours": any(movement.hour_known for movement in picture.movements),
    }


def movements_of(graph: nx.MultiDiGraph) -> list[Movement]:
    """Read the payments of a graph of `graphs.views`, in order of time."""
    made = [
        Movement(
            payment_id=str(key),
            payer=str(payer),
            payee=str(payee),
            amount_minor=edge["amount_minor"],
            currency=edge["currency"],
            at=int(edge["at"].astimezone(UTC).timestamp()),
            hour_known=edge.get("ts_quality") != "date_only",
        )
        for payer, payee, key, edge in graph.edges(keys=True, data=True)
    ]
    return sorted(made, key=lambda movement: (movement.at, movement.payment_id))


def nodes_of(graph: nx.MultiDiGraph) -> dict[str, Node]:
    """Say what each account of a graph is: its ``role`` or ``finding`` if it bears one, else what its money does."""
    hubs = {name for name, hub in graph.nodes(data="hub") if hub}
    middle = graph.graph.get("account")
    made = {}
    for name, known in graph.nodes(data=True):
        role = (
            known.get("role")
            or known.get("finding")
            or likely_role(
                str(name), (), takes_in=graph.in_degree(name) > 0, pays=graph.out_degree(name) > 0, hubs=hubs
            )
        )
        made[str(name)] = Node(str(name), str(name), role, "lead" if name == middle else look(str(name), name in hubs))
    return made


def look(name: str, hub: bool) -> Look:
    """Say what kind of node a name stands for."""
    if hub:
        return "hub"
    kinds: dict[str, Look] = {"account": "account", "ext": "outside"}
    return kinds.get(node_class(name), "place")


def graph_network(graph: nx.MultiDiGraph, shown: int = SHOWN) -> Network:
    """Draw a graph of `graphs.views` or `graphs.neighbourhood`.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Edge key: payment id. A node may bear ``role`` or ``finding``, the words it is coloured by.
    shown : int
        Accounts the moving picture begins with.
    """
    middle = str(graph.graph.get("account", ""))
    movements = movements_of(graph)
    # The account stands in the note, not in the title: that goes along when a picture is taken away without names.
    note = f"Around {middle}. " if middle else ""
    note += "Money flows from left to right where it does not turn back; times are UTC."
    return network("Who paid whom", movements, nodes_of(graph), middle=middle, note=note, shown=shown)


def graph_timeline(graph: nx.MultiDiGraph) -> Timeline:
    """Lay the payments of a graph out in time: to the account in the middle, beside it, and from it."""
    middle = str(graph.graph.get("account", ""))
    movements = movements_of(graph)
    shown, note = _largest(movements)
    largest = max((movement.size for movement in shown), default=0.0)
    events = []
    for movement in shown:
        lane: Literal["in", "within", "out"] = "within"
        if middle in (movement.payer, movement.payee) and movement.payer != movement.payee:
            lane = "in" if movement.payee == middle else "out"
        amount = sums({movement.currency: movement.amount_minor})
        label = f"{when(movement)}  {movement.payer} → {movement.payee}  {amount}"
        events.append(Event(movement.at, lane, movement.size / largest if largest else 0.0, amount, label))
    return Timeline("When", tuple(events), note)


def graph_table(graph: nx.MultiDiGraph) -> Table:
    """List the payments of a graph in order of time."""
    movements = movements_of(graph)
    shown, note = _largest(movements)
    channel = {key: known.get("channel", "") for *_, key, known in graph.edges(keys=True, data=True)}
    rows = tuple(
        (
            Cell(when(movement)),
            Cell(movement.payer),
            Cell(movement.payee),
            Cell(sums({movement.currency: movement.amount_minor}), movement.size),
            Cell(channel[movement.payment_id].replace("_", " ")),
            Cell(movement.payment_id),
        )
        for movement in shown
    )
    columns = (
        Column("Time (UTC)", "time"),
        Column("Payer", "id"),
        Column("Payee", "id"),
        Column("Amount", "amount"),
        Column("Channel"),
        Column("Payment id", "id"),
    )
    return Table("Payments", columns, rows, note, tools=True)


def _largest(movements: Sequence[Movement]) -> tuple[list[Movement], str]:
    if len(movements) <= MOST_ROWS:
        return list(movements), ""
    largest = sorted(movements, key=lambda movement: (-movement.size, movement.at, movement.payment_id))[:MOST_ROWS]
    said = f"Showing {MOST_ROWS:,} of {len(movements):,} payments, by amount."
    return sorted(largest, key=lambda movement: (movement.at, movement.payment_id)), said


def when(movement: Movement) -> str:
    """Write the time of a payment; a date alone where no more is known."""
    at = datetime.fromtimestamp(movement.at, UTC)
    return f"{at:%Y-%m-%d %H:%M}" if movement.hour_known else f"{at:%Y-%m-%d}"
