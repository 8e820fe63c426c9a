"""Questions an investigator asks of traces: what is left, how fast it went, where it had to pass, who else is there.

Sums over a trail never add hops: each figure counts money once, at an endpoint or at one account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import networkx as nx
import numpy as np
import pyarrow.compute as pc

from flows.errors import InputError
from flows.payments import node_class
from flows.window import BEGINNING, Window
from graphs.temporal import temporal_graph
from graphs.trace import Bound, Trace, trace_account
from graphs.trace_record import BACK, STILL_THERE, Direction

GONE = ("cash", "card", "external", "crypto", "msb", "fee")
"""Classes of endpoint at which money has left the bank."""


@dataclass(frozen=True)
class Left:
    """Money of a trail that is still in an account.

    Parameters
    ----------
    node : str
        The account.
    amount_minor : int
        Under the rule asked.
    lo_minor, hi_minor : int or None
        Bounds under any rule; None if none were searched for this endpoint.
    payments : tuple of str
        The payments that brought it.
    """

    node: str
    amount_minor: int
    lo_minor: int | None
    hi_minor: int | None
    payments: tuple[str, ...]


def recoverable(found: Trace, rule: str) -> tuple[Left, ...]:
    r"""List what is still in accounts of the bank at the end of the data, the largest first.

    Money that came back to where the trail began, or that is followed from another payment of the start, is not in it.

    Parameters
    ----------
    found : Trace
        Forward; it should reach to today.
    rule : str
        The convention to go by.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> from graphs.trace import trace
    >>> window = whole(payments_from_arrows("day 0  ext:x -> anna  10 EUR\nday 1  anna -> ext:y  7 EUR"))
    >>> [(left.node, left.amount_minor) for left in recoverable(trace(window, ["p1"]), "fifo")]
    [('anna', 300)]
    """
    within: dict[str, Bound] = {bound.node: bound for bound in found.bounds if bound.end_class == "balance"}
    return tuple(
        Left(
            end.node,
            end.amount_minor,
            within[end.node].lo_minor if end.node in within else None,
            within[end.node].hi_minor if end.node in within else None,
            end.payments,
        )
        for end in found.endpoints[rule]
        if end.end_class == "balance" and end.amount_minor and STILL_THERE in end.what and BACK not in end.what
    )


@dataclass(frozen=True)
class Exits:
    """How fast money left the bank.

    Parameters
    ----------
    amount_minor : int
        What left.
    first_hours, half_hours, last_hours : float
        Hours from the first payment of the start to the first payment out, to the one by which half of what left was
        gone, and to the last.
    """

    amount_minor: int
    first_hours: float
    half_hours: float
    last_hours: float


def time_to_exit(found: Trace, rule: str) -> Exits | None:
    """Say how long the money of a trail stayed in the bank, counting what left it.

    Parameters
    ----------
    found : Trace
        Forward.
    rule : str
        The convention to go by.

    Returns
    -------
    Exits or None
        None if nothing left.
    """
    gone = {name for end in found.endpoints[rule] if end.end_class in GONE for name in end.payments}
    rows = found.payments.filter(pc.equal(found.payments["rule"], rule))
    begun = {seed.payment_id for seed in found.seeds}
    first = min(row["at"] for row in rows.to_pylist() if row["payment_id"] in begun)
    exits = [(row["at"], row["amount_minor"]) for row in rows.to_pylist() if row["payment_id"] in gone]
    total = sum(amount for _, amount in exits)
    if not total:
        return None
    hours = [(at - first).total_seconds() / 3600 for at, _ in exits]
    so_far = np.cumsum([amount for _, amount in exits])
    half = hours[int(np.searchsorted(2 * so_far, total))]
    return Exits(total, hours[0], half, hours[-1])


@dataclass(frozen=True)
class NarrowestCut:
    """The fewest accounts or payments through which money had to pass.

    Parameters
    ----------
    names : tuple of str
        Accounts, or payment ids, sorted; empty if nothing lies between the start and the ends.
    passed_minor : int
        How much of the money they stand between the start and its ends for; what went straight there, and the
        smallest ends beyond the share asked for, are not in it.
    total_minor : int
        What the trail begins with.
    """

    names: tuple[str, ...]
    passed_minor: int
    total_minor: int


@dataclass(frozen=True)
class _Step:
    """A payment of a trail in the direction of the trace."""

    name: str
    giver: str
    taker: str
    amount: int


def narrowest_cut(
    found: Trace, rule: str, *, of: Literal["accounts", "payments"] = "accounts", share: float = 0.9
) -> NarrowestCut:
    """Find the fewest accounts, or payments, through which most of the money of a trail passed.

    The payments the trail begins with would always do, and so would the ends, and the account they lead to if they all
    lead to one; none of them is counted. What went straight from there to an end passed nothing in between and is left
    out, so `NarrowestCut.passed_minor` may be much less than what the trail begins with: never give names without it.

    Parameters
    ----------
    found : Trace
        A trace in either direction.
    rule : str
        The convention to go by.
    of : {"accounts", "payments"}
        What is counted.
    share : float, 0 to 1
        How much of that money has to be covered: the smallest endpoints beyond it are left out.

    Notes
    -----
    A minimum cut of the payments that carried money under the rule, in which every account, or payment, costs one.
    Paths are taken without their times, so the cut may be wider than needed, never too narrow.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> from graphs.trace import trace
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0  ext:x -> anna  100 EUR
    ...     day 1  anna -> ben     60 EUR
    ...     day 1  anna -> eve     40 EUR
    ...     day 2  ben -> mule     60 EUR
    ...     day 2  eve -> mule     40 EUR
    ...     day 3  mule -> ext:y  100 EUR
    ... ''')
    ... )
    >>> narrowest_cut(trace(window, ["p1"]), "fifo").names
    ('mule',)
    """
    trail = _trail(found, rule)
    seeds = {seed.payment_id for seed in found.seeds}
    takers = {step.taker for step in trail if step.name in seeds}
    starts = takers if of == "accounts" and len(takers) == 1 else set()
    last, passed = _ends(found, rule, trail, seeds, starts, share)
    graph = nx.DiGraph()
    graph.add_nodes_from(["start", "end"])
    for step in trail:
        before, after = ("before", step.name), ("after", step.name)
        graph.add_edge(before, after, **({"capacity": 1} if of == "payments" and step.name not in seeds else {}))
        graph.add_edge(after, ("in", step.taker))
        graph.add_edge(("out", step.giver), before)
        graph.add_edge(
            ("in", step.taker),
            ("out", step.taker),
            **({"capacity": 1} if of == "accounts" and step.taker not in starts else {}),
        )
        if step.name in seeds:
            graph.add_edge("start", before)
        if step.name in last:
            graph.add_edge(after, "end")
    _, (near, _) = nx.minimum_cut(graph, "start", "end")
    first, second = ("in", "out") if of == "accounts" else ("before", "after")
    names = {name for kind, name in (near - {"start"}) if kind == first and (second, name) not in near}
    return NarrowestCut(tuple(sorted(names)) if last else (), passed, found.total_minor)


def _trail(found: Trace, rule: str) -> list[_Step]:
    """Give the payments that carried money under a rule, in the direction of the trace."""
    rows = found.payments.filter(pc.equal(found.payments["rule"], rule)).to_pylist()
    ends = ("payer", "payee") if found.direction == "forward" else ("payee", "payer")
    return [_Step(row["payment_id"], row[ends[0]], row[ends[1]], row["amount_minor"]) for row in rows]


def _ends(
    found: Trace, rule: str, trail: Sequence[_Step], seeds: set[str], starts: set[str], share: float
) -> tuple[set[str], int]:
    """Give every payment that can have brought the money of the largest endpoints, and how much ended there."""
    by_name = {step.name: step for step in trail}
    indirect: list[tuple[int, list[str]]] = []
    for end in found.endpoints[rule]:
        steps = [by_name[name] for name in end.payments if name in by_name and name not in seeds]
        steps = [step for step in steps if step.giver not in starts]
        amount = min(end.amount_minor, sum(step.amount for step in steps))
        if amount:
            indirect.append((amount, sorted(step.name for step in steps)))
    indirect.sort(key=lambda end: (-end[0], end[1]))
    wanted = share * sum(amount for amount, _ in indirect)
    last: set[str] = set()
    covered = 0
    for amount, names in indirect:
        if covered >= wanted:
            break
        covered += amount
        last.update(names)
    return last, covered


@dataclass(frozen=True)
class Meeting:
    """A node on the trails of several accounts.

    Parameters
    ----------
    node : str
        Where the trails meet.
    amounts : mapping of str to mapping of str to int
        Account, currency, minor units of the account's money that passed or reached the node.
    payments : tuple of str
        The payments that carried it there, sorted.
    """

    node: str
    amounts: Mapping[str, Mapping[str, int]]
    payments: tuple[str, ...]


PUBLIC = ("mer:", "gov:", "fee:")
"""Nodes where everybody's money meets."""


def shared_trail(
    window: Window,
    accounts: Iterable[str],
    *,
    direction: Direction = "forward",
    rule: str = "fifo",
    since: int = BEGINNING,
    least: int = 2,
) -> tuple[Meeting, ...]:
    """Find where the money of several accounts meets downstream, or has a common source upstream.

    Parameters
    ----------
    window : Window
        The ledger. Its hubs, shops and public offices are no meeting places.
    accounts : iterable of str
        Accounts; one without payments in this direction is passed over.
    direction : {"forward", "backward"}
        Downstream or upstream.
    rule : str
        The convention to go by.
    since : int
        Microseconds since 1970.
    least : int
        Accounts whose money must meet.

    Returns
    -------
    tuple of Meeting
        Where most accounts meet first; then by node.
    """
    amounts: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    by: dict[str, set[str]] = defaultdict(set)
    asked = sorted(set(accounts))
    for account in asked:
        try:
            traces = trace_account(window, account, since, direction=direction, rules=[rule])
        except InputError:
            continue
        for found in traces:
            for step in _trail(found, rule):
                if step.taker != account and not step.taker.startswith(PUBLIC) and step.taker not in window.hubs:
                    amounts[step.taker][account][found.currency] += step.amount
                    by[step.taker].add(step.name)
    meetings = [
        Meeting(node, {account: dict(money) for account, money in of.items()}, tuple(sorted(by[node])))
        for node, of in amounts.items()
        if len(of) >= least
    ]
    return tuple(sorted(meetings, key=lambda meeting: (-len(meeting.amounts), meeting.node)))


@dataclass(frozen=True)
class Alike:
    """An account in a similar position.

    Parameters
    ----------
    account : str
        The other account.
    similarity : float, 0 to 1
        Cosine of the counterparties of both: 1 if they are the same.
    shared_payers, shared_payees : tuple of str
        Counterparties in common, sorted.
    """

    account: str
    similarity: float
    shared_payers: tuple[str, ...]
    shared_payees: tuple[str, ...]


def same_position(
    window: Window, account: str, *, least_shared: int = 2, most_members: int = 25, most: int = 20
) -> tuple[Alike, ...]:
    """Find who else stands in the same position: paid by the same payers, paying the same payees.

    Structural equivalence: what counts is who the counterparties are, not how much they paid.

    Parameters
    ----------
    window : Window
        The ledger.
    account : str
        The account to compare with.
    least_shared : int
        Fewest counterparties in common. Ours: one may be chance.
    most_members : int
        Counterparties of more accounts than this on that side bind nobody, nor do hubs: the catalogue's limit for
        shared identifiers (its section 1, ``link``).
    most : int
        How many are given.

    Raises
    ------
    InputError
        If the account has no payment in the window.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0  ext:x -> anna  1 EUR
    ...     day 0  ext:x -> ben   2 EUR
    ...     day 1  anna -> eve    1 EUR
    ...     day 1  ben -> eve     2 EUR
    ... ''')
    ... )
    >>> [(alike.account, alike.similarity) for alike in same_position(window, "anna")]
    [('ben', 1.0)]
    """
    graph = temporal_graph(window)
    if account not in graph.number:
        raise InputError("the account has no payment here", where="window", try_="look at other dates, or check the id")
    own = _counterparties(window, graph.number[account], most_members)
    shared: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for side, node in own:
        rows = graph.out if side == "payers" else graph.into
        for other in np.unique(rows.neighbour[rows.start[node] : rows.start[node + 1]]).tolist():
            if other != graph.number[account]:
                shared[other].add((side, node))
    names = graph.names.to_pylist()
    alike = []
    for other, common in shared.items():
        if len(common) < least_shared or node_class(names[other]) != "account":
            continue
        theirs = _counterparties(window, other, most_members)
        alike.append(
            Alike(
                names[other],
                len(common) / sqrt(len(own) * len(theirs)),
                tuple(sorted(names[node] for side, node in common if side == "payers")),
                tuple(sorted(names[node] for side, node in common if side == "payees")),
            )
        )
    return tuple(sorted(alike, key=lambda one: (-one.similarity, one.account))[:most])


def _counterparties(window: Window, node: int, most_members: int) -> set[tuple[str, int]]:
    """Give the payers and payees of a node that are neither hubs nor everybody's."""
    graph = temporal_graph(window)
    found: set[tuple[str, int]] = set()
    for side, rows, back in (("payers", graph.into, graph.out), ("payees", graph.out, graph.into)):
        for other in np.unique(rows.neighbour[rows.start[node] : rows.start[node + 1]]).tolist():
            members = np.unique(back.neighbour[back.start[other] : back.start[other + 1]]).size
            if members <= most_members and not graph.hub[other] and other != node:
                found.add((side, other))
    return found
