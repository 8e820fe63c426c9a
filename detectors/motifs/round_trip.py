"""Round trip: money that comes back to where it set out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pyarrow as pa

from detectors.about import About, microseconds, parameter
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.money import exponent
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import owned_edges, temporal_graph

SLABS = 8
"""Parts of `within` that share reachability labels where amounts are not compared. Ours: 3 to 32 cost the same."""

SHORT = 3
"""Hops up to which accounts are labelled one hop back only, where amounts are not compared. Ours: 3-cycles of a million
payments with large hubs took 0.6 of the time. By the question, not the data, so that bounds cut the same anywhere."""

CROWD = 20
"""Payments of the same payer that must follow for a first payment's round trips to be left to them, where there are
more than `most_cycles`. Ours: a flood among a few accounts then gives some thousand findings instead of millions."""


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    r"""Find money that returns to its starting point through other accounts, each payment later than the last.

    A finding is a temporal cycle: `least_hops` to `most_hops` payments a -> b -> ... -> a over different accounts, from
    the first to the last within `within`, each strictly later than the one before. Each payment is at most `keeps_most`
    times the one before and at least `keeps_least` times the first and, if that is asked, `keeps_each` times the one
    before; with both of them 0 no amounts are compared. They are compared in one currency only, and a hop into another
    currency is followed only if `across_currencies` says so. Every cycle is found once, from its first payment.

    Later means later: two payments of the same minute do not follow each other, and payments that bear a date only
    stand at midnight, so two of the same day do not either. Cycles of two payments are the wage kick-back of indicator
    LAB-03 or a friend repaying and are left to that indicator. Money is followed through accounts, here or elsewhere,
    but not through cash machines, shops, the state, carriers of money, or accounts that serve the public.

    What one first payment may cost is bounded; first payments that met a bound are counted and said. Where very many
    payments among few accounts all lead back, a first payment with more than `most_cycles` round trips is left to the
    20 payments of its payer that follow within `within`; these are counted and said as well.

    Definition: indicator FUN-08 of the catalogue, with the time from first to last instead of that of each hop.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> three = "day 0 09:00 a -> b 900 EUR\nday 0 20:00 b -> c 880 EUR\nday 1 08:00 c -> a 850 EUR"
    >>> [found.payments for found in RoundTrip().find(whole(payments_from_arrows(three)))]
    [('p1', 'p2', 'p3')]
    """

    least_hops: int = parameter(
        3, unit="hops", why="FUN-08: cycles of two are reported as LAB-03 instead", least=2, most=8
    )
    most_hops: int = parameter(6, unit="hops", why="FUN-08 looks at cycles of up to six", least=2, most=8)
    within: timedelta = parameter(
        timedelta(hours=72),
        unit="time",
        why="FUN-08 gives 72 hours; ours: for the whole trip, so that it stays one event",
        least=timedelta(minutes=1),
        most=timedelta(days=31),
    )
    keeps_least: float = parameter(
        0.7, unit="share", why="FUN-08: at least 70 % retained overall; 0 asks nothing of it", least=0.0, most=1.0
    )
    keeps_most: float = parameter(
        1.0, unit="share", why="ours: what comes back is not more than what went out", least=1.0, most=2.0
    )
    keeps_each: float = parameter(
        0.0,
        unit="share",
        why="FUN-08 bounds what is retained overall, not by hop; 0.9 asks every hop to pass on nine tenths",
        least=0.0,
        most=1.0,
    )
    least_amount: int = parameter(
        500,
        unit="currency units",
        why="FUN-08: cycle amount at least 500 u; 1 u is taken as one unit of the payment's currency",
        least=0,
    )
    across_currencies: bool = parameter(
        False, unit="yes or no", why="ours: amounts of two currencies cannot be compared without a dated rate"
    )
    most_cycles: int = parameter(
        50, unit="cycles", why="ours: more from one payment tell a reader nothing new; said if met", least=1
    )
    most_steps: int = parameter(
        2_000,
        unit="payments",
        why="ours: bounds the walk from one payment, so that a million payments of one account stay searchable",
        least=100,
    )

    about = About(
        title="Round trip",
        question="Does money return to its starting point through a chain of accounts?",
        meaning="Money went round and came back, which moves nothing but hides where it belongs.",
        sources=("TOOLS", "AMLTRIX"),
        innocent=(
            "friends repaying each other",
            "refunds",
            "cash pooling inside a group of firms",
            "a savings club that pays its members in turn",
        ),
        clears=(
            "a loan, invoice or refund that names the payments",
            "shared ownership of the firms",
            "a savings club's list of members and turns",
        ),
        leg="MOV",
        level="network",
        same_day="unseen",
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """The last payment is `within` of the first; without amounts, time cells that share labels stand out by one."""
        cell = self._slab if self.keeps_least == self.keeps_each == 0 else timedelta(0)
        return Reach(back=cell, ahead=self.within + cell)

    @property
    def _slab(self) -> timedelta:
        return max(self.within // SLABS, timedelta(microseconds=1))

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per cycle, in order of its payments."""
        if not window.payments.num_rows:
            return
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.cycles import GAIT, cycles

        graph = temporal_graph(window)
        first, last = owned_edges(window, graph)
        people = of_class(window, *PERSONS)
        least = np.array([self.least_amount * 10 ** exponent(code) for code in graph.currencies], np.int64)
        found = cycles(
            graph,
            people & ~graph.hub,
            after=graph.until(timedelta(0)),
            until=graph.until(self.within),
            first=first,
            last=last,
            least_hops=self.least_hops,
            most_hops=self.most_hops,
            keeps_least=self.keeps_least,
            keeps_most=self.keeps_most,
            keeps_each=self.keeps_each,
            least_amount=least,
            across=self.across_currencies,
            within=microseconds(self.within),
            slab=microseconds(self._slab),
            most_cycles=self.most_cycles,
            most_steps=self.most_steps,
            crowd=CROWD,
            gait=GAIT._replace(levels=1) if self.most_hops <= SHORT else GAIT,
        )
        note(
            window,
            "round-trip",
            "capped",
            "{count} first payment has more round trips than were looked for",
            "{count} first payments have more round trips than were looked for",
            found.capped,
        )
        note(
            window,
            "round-trip",
            "capped",
            "{count} first payment with very many round trips was left to later payments of the same payer",
            "{count} first payments with very many round trips were left to later payments of the same payer",
            found.crowded,
        )
        own = slice(first, last)
        at_hub = graph.hub[graph.payer[own]] | graph.hub[graph.payee[own]]
        note(
            window,
            "round-trip",
            "excluded",
            "{count} payment of an account that serves the public was not followed",
            "{count} payments of accounts that serve the public were not followed",
            int(np.count_nonzero(at_hub)),
        )
        lengths = np.count_nonzero(found.edges >= 0, axis=1)
        ids = window.payments["payment_id"].take(pa.array(found.edges[found.edges >= 0])).to_pylist()
        names = graph.names.take(pa.array(graph.payer[found.edges[found.edges >= 0]])).to_pylist()
        end = 0
        for number, hops in enumerate(lengths.tolist()):
            begin, end = end, end + hops
            edges = found.edges[number, :hops]
            amounts, units = graph.amount[edges].tolist(), graph.unit[edges].tolist()
            passed = names[begin:end]
            start, finish = int(graph.at[edges[0]]), int(graph.at[edges[-1]])
            hours = (finish - start) / 3.6e9
            currency = graph.currencies[units[0]]
            reasons = [
                Reason("The money came back after {measured}.", hops, None, "payments"),
                Reason("It took {measured} (at most {within}).", hours, None, "hours", (("within", self.within),)),
                Reason("It set out as {measured} (at least {limit}).", amounts[0], int(least[units[0]]), currency),
            ]
            strength = 1 - 0.5 * hours / (self.within / timedelta(hours=1))
            if units[0] == units[-1] and self.keeps_least:
                kept = amounts[-1] / amounts[0]
                reasons.append(Reason("{measured} of it came back (limit {limit}).", kept, self.keeps_least, "share"))
                strength *= min(kept, 1.0)
            hops_alike = [
                after / before
                for (before, unit), (after, other) in pairwise(zip(amounts, units, strict=True))
                if unit == other
            ]
            if self.keeps_each and hops_alike:
                reasons.append(
                    Reason(
                        "Each payment passed on at least {measured} of the one before (limit {limit}).",
                        min(hops_alike),
                        self.keeps_each,
                        "share",
                    )
                )
            yield Finding(
                detector="round-trip",
                version=self.about.version,
                centre=passed[0],
                accounts=(passed[0], *sorted(passed[1:])),
                payments=tuple(ids[begin:end]),
                first_at=start,
                last_at=finish,
                # Ours: quick and whole is strong; a trip of the longest time counts half.
                strength=strength,
                reasons=tuple(reasons),
                roles=((passed[0], "sends and gets back"), *((name, "passes money on") for name in sorted(passed[1:]))),
            )
