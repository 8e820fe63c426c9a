"""Money of many that one account passes on to many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import compress, pairwise
from typing import ClassVar

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About, microseconds, parameter
from detectors.evidence import account_names, payment_ids, sums_of_each
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import TemporalGraph, temporal_graph


@dataclass(frozen=True, kw_only=True)
class GatherScatter:
    """Find accounts that collect from many and pass the value on to many others.

    An account's credits and debits of one currency are matched first in, first out; money that rests longer than
    `held` has come to rest. A finding is a span of `within` whose credits come from `least` or more payers, of which at
    least `share` was passed on to `least` or more payees, with few of them on both sides. Of spans that overlap, the
    one with the most counterparties is told; `graphs.kernels.gather_scatter` has the exact definition. The strength is
    the share passed on, times the counterparties of the thinner side against `full_strength_at`.

    Payers and payees are accounts, here or elsewhere. Cash, shops, the state and accounts that serve the public
    (`Window.hubs`) move the account's money like any other but count on neither side. Licensed intermediaries do this
    for a living and are left out, and counted. A collecting account is never left out for being a hub.

    Notes
    -----
    Needs an account's whole past, since what a debit took depends on all debits before it. Each currency by itself:
    money that is exchanged between coming and going is not matched. Linear in the payments of an account.

    Sources: indicator FUN-07 of the catalogue; TOOLS (AMLSim), AMLTRIX T0011.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 09:00  ext:a -> anna  500 EUR
    ...     day 0 10:00  ext:b -> anna  500 EUR
    ...     day 0 18:00  anna -> ext:x  700 EUR
    ...     day 1 09:00  anna -> ext:y  290 EUR
    ... '''),
    ...     cut="account",
    ... )
    >>> [finding] = GatherScatter(least=2).find(window)
    >>> finding.payments, finding.reasons[2].sentence
    (('p1', 'p2', 'p3', 'p4'), '99 % of it went on within 3 days (limit 70 %).')
    """

    least: int = parameter(5, unit="accounts", least=2, why="FUN-07: five or more on either side")
    share: float = parameter(0.7, unit="share", least=0.0, most=1.0, why="FUN-07: matched share of 0.7 or more")
    held: timedelta = parameter(
        timedelta(hours=72), unit="time", least=timedelta(0), why="FUN-07: matched within 72 hours"
    )
    within: timedelta = parameter(
        timedelta(days=14), unit="time", least=timedelta(minutes=1), why="FUN-07, window of two weeks"
    )
    overlap: float = parameter(
        0.1,
        unit="share",
        least=0.0,
        most=1.0,
        why="FUN-07: savings clubs pay back those who paid in; Jaccard below 0.1",
    )
    full_strength_at: int = parameter(
        10, unit="accounts", least=1, why="FUN-07: v = matched share x min(1, neighbours/10)"
    )

    about = About(
        title="From many to many",
        question="Does an account collect from many and pass the money on to many others within days?",
        meaning="The account is a crossing: money of many comes together here and is spread again.",
        sources=("TOOLS", "AMLTRIX"),
        innocent=(
            "an event organiser or a school treasurer who pays suppliers from collected money",
            "a letting agent's or solicitor's client account",
            "a small employer who pays wages from the customers' payments of the week",
        ),
        clears=(
            "a licence or a declared trade that holds other people's money",
            "invoices, wage slips or a budget that fits those paid",
        ),
        leg="MOV",
        same_day="in first",
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """What a debit took depends on the account's whole past."""
        return Reach(cut="account", whose="own")

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per span, by account, currency and time."""
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.gather_scatter import relays

        graph = temporal_graph(window)
        own, licensed = of_class(window, "account"), _licensed(window, graph)
        found = relays(
            graph,
            own,
            of_class(window, *PERSONS) & ~graph.hub,
            least=self.least,
            held=microseconds(self.held),
            within=microseconds(self.within),
            share=self.share,
            overlap=self.overlap,
        )
        left_out: set[str] = set()
        nodes = found.key // len(graph.currencies) if found.key.size else found.key
        number = np.repeat(np.arange(nodes.size), np.diff(found.start))
        row = np.sort(number * graph.edges + found.edge)
        edges = row % max(1, graph.edges)
        into = graph.payee[edges] == nodes[number]
        credits_from = np.concatenate(([0], np.cumsum(into)))[found.start]
        others = account_names(graph, np.where(into, graph.payer[edges], graph.payee[edges]))
        ids, came_in, went_out = payment_ids(window, edges), into.tolist(), (~into).tolist()
        columns = zip(
            nodes.tolist(),
            account_names(graph, nodes),
            pairwise(found.start.tolist()),
            found.payers.tolist(),
            found.payees.tolist(),
            found.share.tolist(),
            graph.at[edges[found.start[:-1]]].tolist(),
            graph.at[edges[found.start[1:] - 1]].tolist(),
            sums_of_each(graph, edges[into], credits_from, "It received {measured} from them."),
            strict=True,
        )
        within, held = (("within", self.within),), (("within", self.held),)
        for node, centre, (low, high), payers, payees, share, first_at, last_at, money in columns:
            if licensed[node]:
                left_out |= {centre} if window.owns(centre, 0) else set()
                continue
            paying = set(compress(others[low:high], came_in[low:high]))
            paid = set(compress(others[low:high], went_out[low:high]))
            roles = {
                **dict.fromkeys(paid, "is paid"),
                **dict.fromkeys(paying, "pays in"),
                **dict.fromkeys(paying & paid, "pays in and is paid"),
            }
            names = sorted(roles)
            yield Finding(
                detector="gather-scatter",
                version=self.about.version,
                centre=centre,
                accounts=(centre, *names),
                payments=tuple(ids[low:high]),
                first_at=first_at,
                last_at=last_at,
                strength=min(1.0, share) * min(1.0, min(payers, payees) / self.full_strength_at),
                reasons=(
                    Reason(
                        "{measured} paid it within {within} (limit {limit}).", payers, self.least, "accounts", within
                    ),
                    Reason("It passed the money on to {measured} (limit {limit}).", payees, self.least, "accounts"),
                    Reason(
                        "{measured} of it went on within {within} (limit {limit}).", share, self.share, "share", held
                    ),
                    *money,
                ),
                roles=((centre, "gathers and spreads"), *zip(names, map(roles.__getitem__, names), strict=True)),
            )
        note(
            window,
            "gather-scatter",
            "excluded",
            "{count} licensed intermediary was not told",
            "{count} licensed intermediaries were not told",
            len(left_out),
        )


def _licensed(window: Window, graph: TemporalGraph) -> NDArray[np.bool_]:
    """Say for each node whether it is a licensed intermediary; nobody is where no table of accounts is given."""
    accounts = window.side.accounts
    if accounts is None:
        return np.zeros(graph.nodes, np.bool_)
    names = accounts.filter(pc.fill_null(accounts["licensed_intermediary"], False))["account_id"]
    licensed: NDArray[np.bool_] = pc.is_in(graph.names, value_set=names.combine_chunks()).to_numpy(zero_copy_only=False)
    return licensed
