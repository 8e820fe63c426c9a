"""Which findings belong to one alert: one network, one alert.

Findings are the nodes of a graph. Two of them are joined

- by an account that *carries* both, if they are close in time;
- by two accounts that both carry both, also over a longer time: the same two again, a month later.

An account carries a finding if it is its centre, or if it takes part in a good share of the finding's payments or
money. Without this a customer who once paid two shops would join them, and everybody whose wages pass through quickly
would join the shop; with it the person to whom three collectors pass everything on still joins the three. A shared
payment alone does not join: where it matters to both findings, one of its ends carries both. Hubs never join, nor do
places many people use: cash machines, shops, fees, remittance and crypto outlets, public offices.

Each connected component is one alert, up to a limit on accounts. A larger one cannot be read by anybody, so it is
split, and the split is counted: into communities of findings (Louvain, seeded), and where even one community is too
large, in order of time.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import networkx as nx

from detectors.about import microseconds, parameter
from detectors.finding import Finding
from flows.payments import node_class

JOINING_CLASSES = frozenset({"account", "ext"})
"""Classes of node that stand for one holder; the others are places where strangers meet."""


@dataclass(frozen=True)
class Paid:
    """One payment as far as joining and wording need it.

    Parameters
    ----------
    payer, payee : str
        Account ids.
    amount_minor : int
        Minor units of `currency`.
    currency : str
        ISO 4217.
    at : int
        Microseconds since 1970.
    ts_quality : str
        Whether the hour is real.
    place : int
        Place among all payments of all findings, in order of time and id.
    """

    payer: str
    payee: str
    amount_minor: int
    currency: str
    at: int
    ts_quality: str
    place: int


@dataclass(frozen=True, kw_only=True)
class Joining:
    """How findings are put together to alerts.

    Parameters
    ----------
    within : timedelta
        How close in time two findings lie that one account carries.
    within_again : timedelta
        How close, if two accounts both carry both.
    carries : float
        From which share of a finding's payments or money on an account carries it. Share.
    least_score : float
        What a group of findings must weigh to be an alert. Share.
    most_accounts : int
        How many accounts an alert may hold before it is split. Accounts.
    """

    within: timedelta = parameter(
        timedelta(days=7),
        unit="time",
        why="ours: wages and takings repeat by the week, so a week's silence ends an episode",
        least=timedelta(0),
    )
    within_again: timedelta = parameter(
        timedelta(days=35),
        unit="time",
        why="ours: the same two accounts a month later are the same arrangement; wages, rents and debts are monthly",
        least=timedelta(0),
    )
    carries: float = parameter(
        0.25,
        unit="share",
        why="ours: the end of a chain of up to four payments carries it, one of five payers of a collector does not",
        least=0.0,
        most=1.0,
    )
    least_score: float = parameter(
        0.05,
        unit="share",
        why="ours: below, one detector just over its limit; the findings are kept, and counted on page one",
        least=0.0,
        most=1.0,
    )
    most_accounts: int = parameter(
        150,
        unit="accounts",
        why="ours: about what one reader can follow on one picture and one table",
        least=2,
    )


USUAL = Joining()
"""The limits unless the settings say otherwise."""


@dataclass(frozen=True)
class Group:
    """Findings of one alert-to-be.

    Parameters
    ----------
    findings : tuple of Finding
        In the one order of findings.
    of_split : int or None
        Number of the component it was split from; None if it is a whole component.
    beside : frozenset of str
        Ids of the findings of other pieces that one of its own is joined with; empty if it is a whole component.
    """

    findings: tuple[Finding, ...]
    of_split: int | None = None
    beside: frozenset[str] = frozenset()


def groups(
    findings: Iterable[Finding],
    payments: Mapping[str, Paid],
    hubs: Collection[str] = frozenset(),
    joining: Joining = USUAL,
    together: Iterable[Sequence[str]] = (),
) -> list[Group]:
    """Put findings together that show one network.

    Parameters
    ----------
    findings : iterable of Finding
        In any order; the same finding twice counts once.
    payments : mapping of str to Paid
        Every payment that a finding names.
    hubs : collection of str
        Accounts that serve the public.
    joining : Joining
        Limits.
    together : iterable of sequence of str
        Ids of findings that are joined whatever else: those that one typology rests on.

    Returns
    -------
    list of Group
        In order of the earliest finding; the same for any order of findings.

    Notes
    -----
    Linear in payments of findings: a shared account joins neighbours in time, not all pairs.
    """
    ordered = _once(findings)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(ordered)))
    graph.add_edges_from(_joins(ordered, payments, hubs, joining))
    place = {finding.finding_id: index for index, finding in enumerate(ordered)}
    for first, *others in together:
        graph.add_edges_from((place[first], place[other]) for other in others if other != first)
    result = []
    for number, component in enumerate(sorted(nx.connected_components(graph), key=min)):
        pieces = list(_small_enough(graph.subgraph(component), ordered, joining.most_accounts))
        split = number if len(pieces) > 1 else None
        for piece in pieces:
            beside = {other for index in piece for other in graph[index]} - piece
            result.append(
                Group(
                    tuple(ordered[index] for index in sorted(piece)),
                    split,
                    frozenset(ordered[index].finding_id for index in beside),
                )
            )
    return sorted(result, key=lambda group: (group.findings[0].order, group.findings[0].finding_id))


def carriers(finding: Finding, payments: Mapping[str, Paid], carries: float) -> list[str]:
    """List the accounts that carry a finding: its centre, and whoever takes part in much of its payments or money.

    Examples
    --------
    See `tests/reports/test_joining.py`.
    """
    count: dict[str, int] = defaultdict(int)
    money: dict[tuple[str, str], int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for payment_id in finding.payments:
        leg = payments[payment_id]
        total[leg.currency] += leg.amount_minor
        for account in {leg.payer, leg.payee}:
            count[account] += 1
            money[account, leg.currency] += leg.amount_minor
    chosen = {finding.centre}
    chosen |= {account for account, seen in count.items() if seen >= carries * len(finding.payments)}
    chosen |= {account for (account, currency), moved in money.items() if moved >= carries * total[currency]}
    return sorted(chosen)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    by_id = {finding.finding_id: finding for finding in findings}
    return sorted(by_id.values(), key=lambda finding: (finding.order, finding.finding_id))


def _joins(
    findings: Sequence[Finding], payments: Mapping[str, Paid], hubs: Collection[str], joining: Joining
) -> Iterator[tuple[int, int]]:
    carried: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        joining_accounts = [
            account
            for account in carriers(finding, payments, joining.carries)
            if account not in hubs and node_class(account) in JOINING_CLASSES
        ]
        for key in (*((account,) for account in joining_accounts), *itertools.combinations(joining_accounts, 2)):
            carried[key].append(index)
    for key in sorted(carried):
        yield from _close(carried[key], findings, joining.within if len(key) == 1 else joining.within_again)


def _close(indices: Sequence[int], findings: Sequence[Finding], within: timedelta) -> Iterator[tuple[int, int]]:
    gap = microseconds(within)
    # Findings are in order of their beginning, so it is enough to remember the one that ended last.
    latest = indices[0]
    for index in indices[1:]:
        if findings[index].first_at - findings[latest].last_at <= gap:
            yield latest, index
        if findings[index].last_at > findings[latest].last_at:
            latest = index


def _small_enough(graph: nx.Graph, findings: Sequence[Finding], most_accounts: int) -> Iterator[set[int]]:
    whole = set(graph.nodes)
    if _accounts(whole, findings) <= most_accounts or len(whole) == 1:
        yield whole
        return
    # A graph of its own, in one order: communities must not depend on how the view iterates.
    ordered = nx.Graph()
    ordered.add_nodes_from(sorted(whole))
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.edges))
    pieces = list(nx.community.louvain_communities(ordered, seed=0))
    if len(pieces) == 1:
        yield from _in_time_order(sorted(whole), findings, most_accounts)
        return
    for piece in sorted(pieces, key=min):
        yield from _small_enough(ordered.subgraph(piece), findings, most_accounts)


def _in_time_order(indices: Sequence[int], findings: Sequence[Finding], most_accounts: int) -> Iterator[set[int]]:
    piece: set[int] = set()
    accounts: set[str] = set()
    for index in indices:
        grown = accounts | set(findings[index].accounts)
        if piece and len(grown) > most_accounts:
            yield piece
            piece, grown = set(), set(findings[index].accounts)
        piece.add(index)
        accounts = grown
    yield piece


def _accounts(indices: Iterable[int], findings: Sequence[Finding]) -> int:
    return len({account for index in indices for account in findings[index].accounts})
