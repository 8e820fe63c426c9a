"""Chain: one sum relayed through several accounts in hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

import numpy as np

from detectors.about import About, parameter
from detectors.evidence import account_names, different_of_each, payment_ids, reasons_of_each, roles_of
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.money import exponent
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import owned_edges, temporal_graph

MOUTHS = ("cash", "msb", "vasp")
"""Classes at which money enters or leaves the accounts: a chain may begin or end there, not pass through."""

WEAK, STRONG = 1, 5
"""FUN-09: hops - 1, and one more for an end in cash, transfer or crypto, is strong at 5. Its weak end is 2; ours is one
lower, so that the shortest chain still counts for something."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    r"""Find a sum that is relayed from account to account, each time within hours and a little smaller.

    A payment relays another if the payee of that one makes it strictly later, at most `delay` after, in the same
    currency, with `keeps_least` to `keeps_most` of the amount, and not back to the payer. A finding is a chain of
    `least_hops` to `most_hops` such payments over different accounts. It starts with a payment that relays none (of at
    least `least_amount`, from an account that the chain does not pass itself) and ends where no payment to a fresh
    account relays its last; so no finding is part of another. A chain that is longer still is shown up to `most_hops`;
    such chains are counted and said.

    Money is followed through accounts, here or elsewhere, but not through cash machines, shops, the state, carriers of
    money, or accounts that serve the public; cash, money transfer and crypto may be its beginning or its end. Payments
    that bear dates only stand at midnight, so a chain within a day cannot be seen in them.

    What one first payment may cost is bounded; first payments that met a bound are counted and said.

    Definition: indicator FUN-09 of the catalogue, without the age of the accounts and without its bonus for parallel
    chains.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> three = "day 0 09:00 a -> b 900 EUR\nday 0 11:00 b -> c 850 EUR\nday 0 14:00 c -> vasp:x 800 EUR"
    >>> [found.payments for found in Chain().find(whole(payments_from_arrows(three)))]
    [('p1', 'p2', 'p3')]
    """

    least_hops: int = parameter(3, unit="hops", why="FUN-09 asks for at least 3 hops", least=2, most=8)
    most_hops: int = parameter(8, unit="hops", why="ours: longer chains are shown up to here", least=2, most=8)
    delay: timedelta = parameter(
        timedelta(hours=6),
        unit="time",
        why="FUN-09: at most 6 hours for each hop",
        least=timedelta(minutes=1),
        most=timedelta(days=7),
    )
    keeps_least: float = parameter(0.8, unit="share", why="FUN-09: each hop retains 0.8 to 1.0", least=0.01, most=1.0)
    keeps_most: float = parameter(1.0, unit="share", why="FUN-09: each hop retains 0.8 to 1.0", least=1.0, most=2.0)
    least_amount: int = parameter(
        500,
        unit="currency units",
        why="ours, after FUN-08: smaller sums relay each other by chance; 1 u is one unit of the currency",
        least=0,
    )
    most_chains: int = parameter(
        20, unit="chains", why="ours: more from one payment tell a reader nothing new; said if met", least=1
    )
    most_steps: int = parameter(
        2_000,
        unit="payments",
        why="ours: bounds the walk from one payment, so that a million payments of one account stay searchable",
        least=100,
    )

    about = About(
        title="Relayed in hours",
        question="Is one sum relayed through several accounts within hours?",
        meaning="The sum was handed from account to account, which puts distance between its origin and its end.",
        sources=("MULE", "UNODC25", "TOOLS"),
        innocent=(
            "cash pooling inside a group of firms",
            "a broker or notary between buyer and seller",
            "a family passing a gift or a deposit on",
        ),
        clears=(
            "shared ownership of the firms",
            "a purchase contract that names the amounts",
            "family ties that all sides confirm",
        ),
        leg="MOV",
        level="network",
        same_day="unseen",
        version=2,
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """One delay back shows that nothing comes before; one after the last hop, whether it goes on."""
        return Reach(back=self.delay, ahead=self.most_hops * self.delay)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per chain, in order of its payments."""
        if not window.payments.num_rows:
            return
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.chains import chains

        graph = temporal_graph(window)
        first, last = owned_edges(window, graph)
        least = np.array([self.least_amount * 10 ** exponent(code) for code in graph.currencies], np.int64)
        found = chains(
            graph,
            of_class(window, *PERSONS) & ~graph.hub,
            of_class(window, *PERSONS, *MOUTHS) & ~graph.hub,
            after=graph.until(timedelta(0)),
            until=graph.until(self.delay),
            first=first,
            last=last,
            least_hops=self.least_hops,
            most_hops=self.most_hops,
            keeps_least=self.keeps_least,
            keeps_most=self.keeps_most,
            least_amount=least,
            most_chains=self.most_chains,
            most_steps=self.most_steps,
        )
        note(
            window,
            "chain",
            "capped",
            "{count} first payment has more chains than were looked for",
            "{count} first payments have more chains than were looked for",
            found.capped,
        )
        note(
            window,
            "chain",
            "capped",
            "{count} chain goes on after the last payment that is shown",
            "{count} chains go on after the last payment that is shown",
            found.longer,
        )
        own = slice(first, last)
        at_hub = graph.hub[graph.payer[own]] | graph.hub[graph.payee[own]]
        note(
            window,
            "chain",
            "excluded",
            "{count} payment of an account that serves the public was not followed",
            "{count} payments of accounts that serve the public were not followed",
            int(np.count_nonzero(at_hub)),
        )
        edges = found.edges[found.edges >= 0]
        lengths = np.count_nonzero(found.edges >= 0, axis=1)
        start = np.concatenate(([0], np.cumsum(lengths)))
        begun, ended = edges[start[:-1]], edges[start[1:] - 1]
        source, goal = graph.payer[begun], graph.payee[ended]
        # All but the first are paid, each once: middles and goal.
        paid, _ = different_of_each(graph, graph.payee[edges], start)
        middle = paid != np.repeat(goal, lengths)
        ids, names = payment_ids(window, edges), account_names(graph, paid)
        took, amount = graph.at[ended] - graph.at[begun], graph.amount[begun]
        value = lengths - 1 + of_class(window, *MOUTHS)[goal]
        columns = zip(
            account_names(graph, source),
            pairwise(start.tolist()),
            graph.at[begun].tolist(),
            graph.at[ended].tolist(),
            np.minimum(1.0, (value - WEAK) / (STRONG - WEAK)).tolist(),
            reasons_of_each(
                "The sum was handed on in {measured}, each at most {delay} after the last (limit {limit}).",
                lengths.tolist(),
                self.least_hops,
                "payments",
                (("delay", self.delay),),
            ),
            reasons_of_each("From the first to the last it took {measured}.", (took / 3.6e9).tolist(), None, "hours"),
            amount.tolist(),
            graph.unit[begun].tolist(),
            reasons_of_each(
                "{measured} of it arrived at the end.", (graph.amount[ended] / amount).tolist(), None, "share"
            ),
            roles_of(graph, source, "sends"),
            pairwise((start - np.arange(start.size)).tolist()),
            roles_of(graph, goal, "is paid at the end"),
            strict=True,
        )
        passing, limits = roles_of(graph, paid[middle], "passes money on"), least.tolist()
        for centre, (
            low,
            high,
        ), first_at, last_at, strength, hops, hours, sent, unit, share, sends, span, last in columns:
            yield Finding(
                detector="chain",
                version=self.about.version,
                centre=centre,
                accounts=(centre, *names[low:high]),
                payments=tuple(ids[low:high]),
                first_at=first_at,
                last_at=last_at,
                strength=strength,
                reasons=(
                    hops,
                    hours,
                    Reason("It set out as {measured} (at least {limit}).", sent, limits[unit], graph.currencies[unit]),
                    share,
                ),
                roles=(sends, *passing[span[0] : span[1]], last),
            )
