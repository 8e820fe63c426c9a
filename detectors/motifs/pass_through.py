"""Pass-through: money that does not rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from operator import mul
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About, microseconds, parameter
from detectors.evidence import account_names, payment_ids
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.money import exponent
from flows.window import Reach, Window
from graphs.classes import of_class
from graphs.temporal import TemporalGraph, temporal_graph

if TYPE_CHECKING:  # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.pass_through import Stretches


@dataclass(frozen=True, kw_only=True)
class PassThrough:
    r"""Find accounts where nearly everything that arrives leaves again within a day.

    An account's credits queue as lots, apart for each currency; a debit takes from the oldest lot that is not yet older
    than `within` (first in, first out; at equal times the credit comes first). A finding is a stretch of credits, each
    at most `quiet` after the one before, of which at least `share` was passed on; it and all its beginnings and ends
    are above that share, and it cannot be made longer. Its payments are the stretch's credits and the debits that took
    from them.

    It says nothing of where money went next, and a debit of other money that happens to follow counts as passing on.
    Times of day decide what is within a day: an account whose payments bear dates only looks as if every payment of a
    day came before every debit of that day. Licensed payment intermediaries and accounts that serve the public pass
    money on by trade; they are left out and counted. Where balances are known, the median balance after a debit must be
    small beside what came in.

    Definition: indicator FUN-04 of the catalogue; the stretches are the maximal scoring subsequences of Ruzzo and
    Tompa (1999).

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(payments_from_arrows("day 0 09:00 ext:a -> mia 400 EUR\nday 0 20:00 mia -> ext:b 390 EUR"))
    >>> [found.payments for found in PassThrough(least_credits=1, least_inflow=100).find(window)]
    [('p1', 'p2')]
    """

    within: timedelta = parameter(
        timedelta(hours=24),
        unit="time",
        why="FUN-04 asks what leaves within 24 hours",
        least=timedelta(0),
        most=timedelta(days=31),
    )
    share: float = parameter(
        0.7, unit="share", why="FUN-04, the weak end; the strong end is 0.95", least=0.0, most=0.999
    )
    least_credits: int = parameter(5, unit="payments", why="FUN-04 asks for at least 5 credits as support", least=1)
    least_inflow: int = parameter(
        1000,
        unit="currency units",
        why="FUN-04 asks for at least 1,000 u coming in; 1 u is taken as one unit of the payment's currency",
        least=0,
    )
    quiet: timedelta = parameter(
        timedelta(days=7),
        unit="time",
        why="ours: FUN-04 looks at 30 days and asks for 5 credits, so longer silences separate stretches",
        least=timedelta(hours=1),
    )
    rest: float = parameter(
        0.1,
        unit="share",
        why="FUN-04: median balance below a tenth of what came in, where balances are known",
        least=0.0,
    )

    about: ClassVar[About] = About(
        title="Pass-through",
        question="Does nearly everything that arrives on an account leave again within a day?",
        meaning="The account looks like a stop on the way: money comes in and goes on without resting.",
        sources=("FATF18", "AMLTRIX", "FTR22"),
        innocent=(
            "a salary account at low income",
            "payroll clearing",
            "a letting agent's client account",
            "a seller paid out by a marketplace who pays suppliers at once",
        ),
        clears=(
            "invoices, tenancy or payroll lists that name both sides of the payments",
            "a licence or contract to pay for others",
        ),
        leg="MOV",
        same_day="in first",
    )
    columns: ClassVar[frozenset[str]] = frozenset({"payer_balance_after_minor"})

    @property
    def reach(self) -> Reach:
        """By account: first-in-first-out matching needs an account's whole past."""
        return Reach(cut="account", whose="own")

    def find(self, window: Window) -> Iterator[Finding]:
        """Yield one finding per account, currency and stretch, in order of account and time."""
        if not window.payments.num_rows:
            return
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.pass_through import stretches

        graph = temporal_graph(window)
        found = stretches(
            graph,
            of_class(window, "account"),
            within=microseconds(self.within),
            share=self.share,
            quiet=microseconds(self.quiet),
            least_credits=self.least_credits,
            least_inflow=np.array([self.least_inflow * 10 ** exponent(code) for code in graph.currencies], np.int64),
        )
        licensed = _licensed(window, graph)
        left_out: dict[str, set[int]] = {"licensed": set(), "hub": set()}
        stretch = _Stretches(window, graph, found)
        for number, node in enumerate(found.node.tolist()):
            if licensed[node] or graph.hub[node]:
                if window.owns(stretch.names[number], int(graph.at[found.credit[found.start[number]]])):
                    left_out["licensed" if licensed[node] else "hub"].add(node)
                continue
            finding = self._finding(stretch, number, graph.currencies[found.unit[number]])
            if finding:
                yield finding
        for which, (one, many) in EXCLUDED.items():
            note(window, "pass-through", "excluded", one, many, len(left_out[which]))

    def _finding(self, stretch: _Stretches, number: int, currency: str) -> Finding | None:
        inflow, passed, weighed = (each[number] for each in (stretch.inflow, stretch.passed, stretch.weighed))
        span = slice(stretch.start[number], stretch.start[number + 1])
        balances = sorted(balance for balance in stretch.balances[span] if balance is not None)
        balance = balances[len(balances) // 2] if balances else None
        if balance is not None and balance >= self.rest * inflow:
            return None
        share, received, name = passed / inflow, stretch.received[number], stretch.names[number]
        reasons = [
            Reason("{measured} came in.", received, None, "payments"),
            Reason(
                "It brings {measured} (at least {limit}).",
                inflow,
                self._least(currency),
                currency,
                many="Together they bring {measured} (at least {limit}).",
                count=received,
            ),
            Reason("{measured} of it left again in time (limit {limit}).", share, self.share, "share"),
            Reason(
                "On average the money stayed {measured} (at most {limit}).",
                weighed / passed / 3.6e9,
                self._hours,
                "hours",
            ),
        ]
        if balance is not None:
            reasons.append(
                Reason("Half of the time the balance afterwards was below {measured}.", balance, None, currency)
            )
        return Finding(
            detector="pass-through",
            version=self.about.version,
            centre=name,
            accounts=(name, *sorted({*stretch.others[span]} - {name})),
            payments=tuple(stretch.ids[span]),
            first_at=stretch.first_at[number],
            last_at=stretch.last_at[number],
            strength=self._strength(share),
            reasons=tuple(reasons),
            roles=((name, "passes money on"),),
        )

    def _strength(self, share: float) -> float:
        """Put the share on the catalogue's scale: weak at the limit, strong at `STRONG`."""
        if share >= STRONG or self.share >= STRONG:
            return 1.0
        return max(0.0, (share - self.share) / (STRONG - self.share))

    def _least(self, currency: str) -> int:
        return int(self.least_inflow * 10 ** exponent(currency))

    @property
    def _hours(self) -> float:
        return self.within / timedelta(hours=1)


STRONG = 0.95
"""FUN-04: the share passed on at which the indicator is at its strongest."""

EXCLUDED = {
    "licensed": ("{count} licensed intermediary passed money on", "{count} licensed intermediaries passed money on"),
    "hub": (
        "{count} account that serves the public passed money on",
        "{count} accounts that serve the public passed money on",
    ),
}


class _Stretches:
    """What findings are told with, for all stretches at once: one number each, or rows from `start` on."""

    def __init__(self, window: Window, graph: TemporalGraph, found: Stretches) -> None:
        number = np.repeat(np.arange(found.node.size), np.diff(found.start))
        begins = np.ones(number.size, np.bool_)
        begins[1:] = (number[1:] != number[:-1]) | (found.credit[1:] != found.credit[:-1])
        took = found.debit >= 0
        # No payment is credit and debit of one account, so a debit comes twice only if it took from two credits.
        debits = np.unique(number[took] * graph.edges + found.debit[took])
        rows = np.sort(np.concatenate([number[begins] * graph.edges + found.credit[begins], debits]))
        of, edges = rows // max(1, graph.edges), rows % max(1, graph.edges)
        debit = graph.payer[edges] == found.node[of]
        balances = np.full(edges.size, None, object)
        known = window.payments["payer_balance_after_minor"].take(pa.array(edges[debit]))
        balances[debit] = known.to_pylist()

        begin = found.start[:-1]
        self.names = account_names(graph, found.node)
        self.received = np.add.reduceat(begins, begin, dtype=np.int64).tolist() if begin.size else []
        # Python integers: sums of amounts, and of amounts times microseconds, need not fit into int64.
        amounts, waits = found.amount.tolist(), (graph.at[found.debit] - graph.at[found.credit]).tolist()
        came = np.where(begins, graph.amount[found.credit], 0).tolist()
        spans = list(pairwise(found.start.tolist()))
        self.inflow = [sum(came[low:high]) for low, high in spans]
        self.passed = [sum(amounts[low:high]) for low, high in spans]
        self.weighed = [sum(map(mul, waits[low:high], amounts[low:high])) for low, high in spans]

        start = np.searchsorted(of, np.arange(found.node.size + 1))
        self.start = start.tolist()
        self.first_at = graph.at[edges[start[:-1]]].tolist()
        self.last_at = graph.at[edges[start[1:] - 1]].tolist()
        self.ids = payment_ids(window, edges)
        self.others = account_names(graph, np.where(debit, graph.payee[edges], graph.payer[edges]))
        self.balances = balances.tolist()


def _licensed(window: Window, graph: TemporalGraph) -> NDArray[np.bool_]:
    accounts = window.side.accounts
    if accounts is None:
        return np.zeros(graph.nodes, np.bool_)
    names = accounts.filter(pc.fill_null(accounts["licensed_intermediary"], False))["account_id"]
    licensed: NDArray[np.bool_] = pc.is_in(graph.names, value_set=names.combine_chunks()).to_numpy(zero_copy_only=False)
    return licensed
