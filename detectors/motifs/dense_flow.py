"""Much money from many sources through few middles to few sinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.about import About, parameter
from detectors.evidence import sums
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.money import exponent
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import TemporalGraph, temporal_graph

WEEK = 7 * 86_400_000_000
MONDAY = -3 * 86_400_000_000
"""The Monday before 1970-01-01, in microseconds since then."""


@dataclass(frozen=True, kw_only=True)
class DenseFlow:
    r"""Rank, for every calendar week, the flows that carry most money per account from many sources to few sinks.

    A flow has sources, `steps - 1` layers of middles and sinks; it is *dense* if its middles pass on much money for
    the number of accounts in it, and keep and add little: a middle that passes on less than 80 % of the larger of its
    in and out counts against it (`penalty` 4). Flows are found by the greedy peeling of FlowScope, week by week
    (Monday to Sunday, UTC) and currency by currency, at most `most_flows` a week. A middle of the first layer has
    at least `payers_of_middle` different payers in the flow, a sink at least two; there are at least `least_sources`
    sources and at least two middles, and fewer middles and fewer sinks than sources. Its evidence is every payment of
    the week between its layers.

    Exact is the week, not the optimum: every cut gives the same findings, because each week is searched alone and
    whole; but greed need not find the densest flow (a middle whose other payments unbalance it is given up early), a
    flow across a Sunday night shows in two parts or not at all, and the order of payments within the week is not
    asked. It ranks; `gather-scatter`, `scatter-gather` and `chain` prove order and retention payment by payment.

    Middles are accounts of this bank. Accounts that serve the public are nobody's step and are left out, and so are
    shops, the state, cash and carriers of money.

    Sources: Li et al., FlowScope: Spotting Money Laundering Based on Graphs, AAAI 2020; AMLTRIX. The demand for several
    payers, the week and the limits are ours.

    Notes
    -----
    O(most_flows * payments * log payments) a week.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> text = ""
    >>> for middle in ("mia", "max"):
    ...     for name in "abc":
    ...         text += f"day 5 09:00 ext:{middle}-{name} -> {middle} 1000 EUR\n"
    ...     text += f"day 6 09:00 {middle} -> ext:z 2950 EUR\n"
    >>> [finding] = DenseFlow().find(whole(payments_from_arrows(text)))
    >>> finding.centre, len(finding.payments), finding.reasons[0].sentence
    ('ext:z', 8, 'Money came from 6 sources (limit 5 sources).')
    """

    steps: int = parameter(
        2, unit="hops", least=2, most=5, why="FlowScope's tripartite case: source, middle, sink; more find longer flows"
    )
    least_sources: int = parameter(
        5, unit="sources", least=2, why="ours: fewer are a family or a few business partners"
    )
    strong_sources: int = parameter(20, unit="sources", least=2, why="ours: so many give the full strength")
    payers_of_middle: int = parameter(
        3, unit="accounts", least=1, why="ours: without it the heaviest chain of two firms would lead every week"
    )
    penalty: int = parameter(
        4, unit="times", least=0, most=20, why="ours: a middle that keeps more than a fifth then counts against a flow"
    )
    least_amount: int = parameter(
        1000,
        unit="currency units",
        least=0,
        why="FUN-04 asks for at least 1,000 u; 1 u is taken as one unit of the payment's currency",
    )
    most_flows: int = parameter(5, unit="flows", least=1, why="ours: a ranked list is read from its top")

    about = About(
        title="Dense flow from many to few",
        question="Which accounts pass most money on from many sources to few sinks in a week?",
        meaning="Money of many accounts runs together over a few accounts that keep little. It does not say why.",
        sources=("FLOWSCOPE", "AMLTRIX"),
        innocent=(
            "sales agents or branches of a firm that bank the takings and send them to head office",
            "payment agents, letting agents or notaries with client accounts",
            "collectors of a savings club or a charity who pay one treasurer",
        ),
        clears=(
            "contracts or a licence to collect for the sinks",
            "invoices, tenancies or member lists that fit sources and amounts",
        ),
        leg="MOV",
        level="network",
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """A whole calendar week on either side holds every week a finding's first payment can lie in."""
        return Reach(back=timedelta(days=7), ahead=timedelta(days=7))

    def find(self, window: Window) -> Iterator[Finding]:
        """Give the flows by week, currency and rank."""
        graph = temporal_graph(window)
        if not graph.edges:
            return
        step = of_class(window, *PERSONS) & ~graph.hub
        counted = step[graph.payer] & step[graph.payee] & (graph.payer != graph.payee)
        own = of_class(window, "account")
        week = (graph.at - MONDAY) // WEEK
        ends = np.flatnonzero(np.diff(week)) + 1
        capped = 0
        for low, high in zip([0, *ends.tolist()], [*ends.tolist(), graph.edges], strict=True):
            rows = low + np.flatnonzero(counted[low:high])
            for unit in sorted(set(graph.unit[rows].tolist()), key=graph.currencies.__getitem__):
                edges = rows[graph.unit[rows] == unit]
                findings, more = self._week(window, graph, edges, own, graph.currencies[unit])
                yield from findings
                capped += more and window.since <= int(week[low]) * WEEK + MONDAY < window.until
        note(
            window,
            "dense-flow",
            "capped",
            "{count} week may hold more than the {most} densest flows searched for in a currency",
            "{count} weeks may hold more than the {most} densest flows searched for in a currency",
            capped,
            most=str(self.most_flows),
        )

    def _week(
        self,
        window: Window,
        graph: TemporalGraph,
        edges: NDArray[np.int64],
        own: NDArray[np.bool_],
        currency: str,
    ) -> tuple[list[Finding], bool]:
        """Search one week and currency; accounts are numbered as they first appear in it, so that no cut shows."""
        from graphs.kernels.dense_flow import dense_flows
        from graphs.kernels.rows import first_seen

        node, which = first_seen(np.column_stack((graph.payer[edges], graph.payee[edges])).ravel(), graph.nodes)
        number = which.reshape(-1, 2)
        found = dense_flows(
            number[:, 0],
            number[:, 1],
            graph.amount[edges],
            own[node],
            steps=self.steps,
            payers_of_middle=self.payers_of_middle,
            payers_of_sink=2,
            penalty=self.penalty,
            rounds=self.most_flows,
        )
        findings: list[Finding] = []
        for flow in found.flows:
            sources, middles, sinks = flow.layer[0], np.unique(np.concatenate(flow.layer[1:-1])), flow.layer[-1]
            fits = sources.size >= self.least_sources and middles.size >= 2
            fits &= max(middles.size, sinks.size) < sources.size
            if not fits or flow.passed < self.least_amount * 10 ** exponent(currency) * (self.steps - 1):
                continue
            rows = edges[flow.row].astype(np.int32)
            # The sink that receives most, the first of equals.
            received = dict.fromkeys(node[sinks].tolist(), 0)
            for payee, amount in zip(graph.payee[rows].tolist(), graph.amount[rows].tolist(), strict=True):
                if payee in received:
                    received[payee] += amount
            centre = graph.names[max(received, key=received.__getitem__)].as_py()
            names = [self._names(graph, node[layer]) for layer in (middles, sinks, sources)]
            likely = dict.fromkeys(names[2], "pays in") | dict.fromkeys(names[1], "collects")
            likely |= dict.fromkeys(names[0], "passes money on")
            share = flow.passed / flow.most
            findings.append(
                Finding(
                    detector="dense-flow",
                    version=self.about.version,
                    centre=centre,
                    accounts=(centre, *sorted(set(likely) - {centre})),
                    payments=tuple(window.payments["payment_id"].take(pa.array(rows)).to_pylist()),
                    first_at=int(graph.at[rows[0]]),
                    last_at=int(graph.at[rows[-1]]),
                    strength=share * min(1.0, int(sources.size) / self.strong_sources),
                    reasons=(
                        Reason(
                            "Money came from {measured} (limit {limit}).",
                            int(sources.size),
                            self.least_sources,
                            "sources",
                        ),
                        Reason("It ran over {measured}.", int(middles.size), None, "accounts"),
                        Reason("It went to {measured}.", int(sinks.size), None, "accounts"),
                        Reason("{measured} of the larger of in and out was passed on.", share, None, "share"),
                        Reason("It is number {measured} of its week.", len(findings) + 1, None, ""),
                        *sums(graph, rows[np.isin(graph.payee[rows], node[sinks])], "The sinks received {measured}."),
                    ),
                    roles=tuple(sorted(likely.items())),
                )
            )
        return findings, found.capped

    @staticmethod
    def _names(graph: TemporalGraph, nodes: NDArray[np.int32]) -> list[str]:
        names: list[str] = graph.names.take(pa.array(nodes)).to_pylist()
        return names
