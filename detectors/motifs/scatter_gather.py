"""Scatter-gather: money split over several accounts and joined again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from detectors.about import About, microseconds, parameter
from detectors.evidence import account_names, payment_ids
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import TemporalGraph, owned_edges, temporal_graph

if TYPE_CHECKING:  # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.scatter_gather import Peaks

STRONG = 10
"""FUN-07: middles from which on their number no longer adds to the strength."""


@dataclass(frozen=True, kw_only=True)
class ScatterGather:
    r"""Find one account whose money reaches another through several middles, each passing on nearly all it got.

    A middle counts if it gets a payment from the source and, strictly later and at most `within` after, pays the sink
    between `keeps_least` and `keeps_most` times that amount in the same currency. A finding is a peak of the number of
    middles whose first payment lies in a span of `spread`: at least `least_middles`, more than at any time in the
    `spread` before, and no less than in the `spread` after (payments at the same time are one). Its evidence is, for
    each payment to a middle, the earliest payment out that fits and is not used yet; altogether the sink must get what
    the source sent within `tolerance`, in each currency.

    A middle that passes a payment on in several parts is not counted: that is fan-out of the middle. Payments that bear
    dates only stand at midnight, so a middle that passes money on the same day is missed. Source, middles and sink are
    accounts, here or elsewhere; where everybody's money mixes (cash machines, shops, the state, carriers of money,
    accounts that serve the public), nothing is followed.

    What one payment to a middle may cost is bounded; payments that met the bound are counted and said.

    Definition: second half of indicator FUN-07 of the catalogue.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> out = [f"day 0 09:0{i} s -> m{i} 500 EUR\nday 0 2{i}:00 m{i} -> t 480 EUR" for i in range(3)]
    >>> [finding] = ScatterGather().find(whole(payments_from_arrows("\n".join(out))))
    >>> finding.centre, finding.accounts, len(finding.payments)
    ('s', ('s', 'm0', 'm1', 'm2', 't'), 6)
    """

    least_middles: int = parameter(3, unit="accounts", why="FUN-07 asks for at least 3 middle accounts", least=2)
    within: timedelta = parameter(
        timedelta(hours=72),
        unit="time",
        why="FUN-07: each middle forwards within 72 hours",
        least=timedelta(minutes=1),
        most=timedelta(days=31),
    )
    spread: timedelta = parameter(
        timedelta(hours=72),
        unit="time",
        why="ours: the source pays its middles in one go of days, FUN-07 looks at 14 days in all",
        least=timedelta(minutes=1),
        most=timedelta(days=31),
    )
    keeps_least: float = parameter(
        0.8, unit="share", why="FUN-07: each middle forwards at least 0.8", least=0.01, most=1.0
    )
    keeps_most: float = parameter(
        1.1, unit="share", why="FUN-07: amounts are conserved within 10 %", least=1.0, most=2.0
    )
    tolerance: float = parameter(
        0.1, unit="share", why="FUN-07: amounts are conserved within 10 % overall", least=0.0, most=1.0
    )
    most_steps: int = parameter(
        2_000,
        unit="payments",
        why="ours: bounds the search from one payment, so that a million payments of one account stay searchable",
        least=100,
    )

    about = About(
        title="Split and joined again",
        question="Does one account's money reach another account through several middles?",
        meaning="Money was split over several accounts and joined again, which makes a large sum look like small ones.",
        sources=("TOOLS", "AMLTRIX"),
        innocent=(
            "a parent pays the children's share and each pays the same landlord or club",
            "a firm funds its branches, each of which pays the same supplier",
            "flatmates reimbursed by one of them pay the same holiday organiser",
        ),
        clears=(
            "an invoice, lease or booking of the receiving side that names the middles",
            "shared ownership of the firms in the middle",
        ),
        leg="MOV",
        level="network",
        same_day="unseen",
        version=2,
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """The definition looks one spread back, and two and a middle's delay ahead."""
        return Reach(back=self.spread, ahead=2 * self.spread + self.within)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per peak of a source and a sink, by source, sink and time."""
        if not window.payments.num_rows:
            return
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.scatter_gather import peaks

        graph = temporal_graph(window)
        first, last = owned_edges(window, graph)
        found = peaks(
            graph,
            of_class(window, *PERSONS) & ~graph.hub,
            after=graph.until(timedelta(0)),
            until=graph.until(self.within),
            spread=microseconds(self.spread),
            first=first,
            last=last,
            least=self.least_middles,
            keeps_least=self.keeps_least,
            keeps_most=self.keeps_most,
            most_steps=self.most_steps,
        )
        note(
            window,
            "scatter-gather",
            "capped",
            "{count} payment to a middle has more payments after it than were looked at",
            "{count} payments to a middle have more payments after them than were looked at",
            found.capped,
        )
        own = slice(first, last)
        at_hub = graph.hub[graph.payer[own]] | graph.hub[graph.payee[own]]
        note(
            window,
            "scatter-gather",
            "excluded",
            "{count} payment of an account that serves the public was not followed",
            "{count} payments of accounts that serve the public were not followed",
            int(np.count_nonzero(at_hub)),
        )
        yield from self._findings(window, graph, found)

    def _findings(self, window: Window, graph: TemporalGraph, found: Peaks) -> Iterator[Finding]:
        number, scattered, gathered = self._paired(graph, found)
        start = np.searchsorted(number, np.arange(found.start.size + 1))
        row = np.unique(number * graph.edges + np.stack([scattered, gathered]))
        of, edges = row // max(1, graph.edges), row % max(1, graph.edges)
        rows = np.searchsorted(of, np.arange(found.start.size + 1))
        ids = payment_ids(window, edges)
        middles = account_names(graph, graph.payee[scattered])
        # Python integers: a sum of many large amounts may not fit into int64.
        out, back = graph.amount[scattered].tolist(), graph.amount[gathered].tolist()
        first = start[:-1]
        columns = zip(
            pairwise(start.tolist()),
            pairwise(rows.tolist()),
            account_names(graph, graph.payer[scattered[first]]),
            account_names(graph, graph.payee[gathered[first]]),
            graph.at[edges[rows[:-1]]].tolist(),
            graph.at[edges[rows[1:] - 1]].tolist(),
            np.maximum.reduceat(graph.at[gathered] - graph.at[scattered], first).tolist() if first.size else (),
            strict=True,
        )
        units = graph.unit[scattered].tolist()
        for (low, high), (begin, end), source, sink, first_at, last_at, slowest in columns:
            sent: dict[str, int] = {}
            arrived: dict[str, int] = {}
            for unit, there, here in zip(units[low:high], out[low:high], back[low:high], strict=True):
                currency = graph.currencies[unit]
                sent[currency] = sent.get(currency, 0) + there
                arrived[currency] = arrived.get(currency, 0) + here
            if any(abs(arrived[money] - sent[money]) > self.tolerance * sent[money] for money in sent):
                continue
            between, currencies = sorted(set(middles[low:high])), sorted(sent)
            kept = min(arrived[money] / sent[money] for money in sent)
            yield Finding(
                detector="scatter-gather",
                version=self.about.version,
                centre=source,
                accounts=(source, *sorted([*between, sink])),
                payments=tuple(ids[begin:end]),
                first_at=first_at,
                last_at=last_at,
                strength=min(1.0, kept) * min(1.0, len(between) / STRONG),
                reasons=(
                    Reason(
                        "{measured} got money and sent nearly all of it to the same account within {within} "
                        "(limit {limit}).",
                        len(between),
                        self.least_middles,
                        "accounts",
                        (("within", self.within),),
                    ),
                    *(Reason("Together they got {measured}.", sent[money], None, money) for money in currencies),
                    *(Reason("Together they sent on {measured}.", arrived[money], None, money) for money in currencies),
                    Reason("The slowest of them took {measured}.", slowest / 3.6e9, None, "hours"),
                ),
                roles=((source, "splits"), *((name, "passes money on") for name in between), (sink, "collects")),
            )

    def _paired(self, graph: TemporalGraph, found: Peaks) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]:
        """Give, for the links of all peaks, the number of the peak and both payments, no payment out twice in one."""
        size = found.stop - found.start
        place = np.repeat(found.start - np.cumsum(size) + size, size) + np.arange(size.sum())
        number = np.repeat(np.arange(size.size), size)
        scattered, gathered = found.scattered[place], found.gathered[place].copy()
        # Rows of one peak, middle and payment out lie side by side; where there are two, the middle is paired anew.
        middle = graph.payee[scattered]
        order = np.lexsort((gathered, middle, number))
        again = (np.diff(number[order]) == 0) & (np.diff(middle[order]) == 0)
        begin = np.flatnonzero(np.append(True, ~again)) if order.size else order
        twice = np.append(again & (np.diff(gathered[order]) == 0), False)
        after, until = graph.until(timedelta(0)), graph.until(self.within)
        for low, high in pairwise([*begin.tolist(), order.size]):
            if twice[low:high].any():
                own = np.sort(order[low:high])
                gathered[own] = self._each_once(graph, scattered[own], int(graph.payee[gathered[own[0]]]), after, until)
        kept = gathered >= 0
        return number[kept], scattered[kept], gathered[kept]

    def _each_once(
        self,
        graph: TemporalGraph,
        scattered: NDArray[np.int32],
        sink: int,
        after: NDArray[np.int32],
        until: NDArray[np.int32],
    ) -> NDArray[np.int64]:
        """Give each payment to a middle the earliest payment from it to the sink that fits and is not taken yet.

        So many are paired as can be where all amounts are alike. None (-1) where all are taken.
        """
        middle, pairs = int(graph.payee[scattered[0]]), graph.pairs
        begin, end = int(pairs.start[middle]), int(pairs.start[middle + 1])
        first, last = np.searchsorted(pairs.neighbour[begin:end], (sink, sink + 1)).tolist()
        row = pairs.edge[begin + first : begin + last]
        amount, unit = graph.amount[row], graph.unit[row]
        free = np.ones(row.size, np.bool_)
        given = np.full(scattered.size, -1, np.int64)
        least, most = round(self.keeps_least * 1_000_000), round(self.keeps_most * 1_000_000)
        for place, edge in enumerate(scattered.tolist()):
            low, high = np.searchsorted(row, (after[edge], until[edge])).tolist()
            # As the search has it: in millionths, and exact.
            sent = int(graph.amount[edge])
            fits = free[low:high] & (unit[low:high] == graph.unit[edge])
            fits &= (amount[low:high] >= -(-sent * least // 1_000_000)) & (amount[low:high] <= sent * most // 1_000_000)
            if fits.any():
                taken = low + int(np.argmax(fits))
                given[place], free[taken] = row[taken], False
        return given
