"""An account long asleep that suddenly handles far more than it ever did."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import About, parameter
from detectors.finding import Finding, Reason
from flows.money import exponent
from flows.window import Reach, Window
from graphs.classes import of_class
from graphs.dormancy import Awakenings, awakenings
from graphs.holders import holders
from graphs.temporal import TemporalGraph, temporal_graph


@dataclass(frozen=True, kw_only=True)
class DormantBurst:
    r"""Find accounts that wake from a long sleep into traffic far above what is expected of them.

    An account sleeps while it has no payment with anybody else for at least `asleep`; fees and payments between
    accounts of one household are no sign of life. Its first payment after that wakes it. A finding is an account,
    a waking and a currency: at least `least_payments` payments in the `within` that begins there, with a turnover (in
    and out together) at least 2 to the power of `least_doublings` times what is expected. Expected is the largest of:
    the account's own mean turnover per `within` from its first payment to its sleep (at least one such span), twice
    the customer's declared income or turnover over that time where it is known, and `ordinary`; units of the declared
    sum are taken for units of the currency at hand. Its evidence is every counted payment of the span in that currency.

    What lies before an account's first payment in the ledger is not known to be sleep, so a new account is not found
    here, nor is one that slept when the ledger began. Peers are not asked.

    Sources: indicator FUN-14 of the catalogue, after MULE and AMLTRIX, its half about dormant accounts; the floor
    instead of the peers' median is ours.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> text = "day 0 10:00 ext:works -> leo 300 EUR\nday 9 10:00 leo -> mer:food 250 EUR\n"
    >>> text += "day 150 09:00 ext:a -> leo 4000 EUR\nday 151 09:00 ext:b -> leo 4000 EUR\n"
    >>> text += "day 151 20:00 leo -> ext:z 7900 EUR\n"
    >>> [finding] = DormantBurst().find(whole(payments_from_arrows(text), cut="account"))
    >>> finding.centre, finding.payments, finding.reasons[0].sentence
    ('leo', ('p3', 'p4', 'p5'), 'It had slept for 141.0 days (limit 120.0 days).')
    """

    asleep: timedelta = parameter(
        timedelta(days=120), unit="time", least=timedelta(days=1), why="FUN-14: dormant for at least 120 days"
    )
    within: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-14: turnover of 30 days"
    )
    least_doublings: float = parameter(
        3.0, unit="doublings", least=0.0, why="FUN-14, weak limit: three doublings, eight times what is expected"
    )
    strong_doublings: float = parameter(
        8.0, unit="doublings", least=0.0, why="FUN-14, strong limit: gives the full strength"
    )
    least_payments: int = parameter(
        3, unit="payments", least=1, why="ours: one sale or inheritance in and out is two payments"
    )
    ordinary: int = parameter(
        500,
        unit="currency units",
        least=1,
        why="ours: below eight times this nobody is told, whatever little the account moved before; 1 u is one unit",
    )

    about = About(
        title="Burst after dormancy",
        question="Does an account that was silent for months suddenly handle heavy traffic?",
        meaning="The account was put to a use that its past does not explain. It does not say by whom.",
        sources=("MULE", "AMLTRIX"),
        innocent=(
            "an inheritance, a house sale or a settled claim",
            "somebody back from abroad, from hospital or from prison, or with a new job",
            "a seasonal business, or a company that starts trading again",
        ),
        clears=(
            "a notary's, insurer's or employer's paper that fits the money in",
            "the holder, asked in safety, explains the payments in their own words",
        ),
        leg="CTX",
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """By account: sleep and expectation need its whole past."""
        return Reach(cut="account", whose="own")

    def find(self, window: Window) -> Iterator[Finding]:
        """Give the findings by account, time and currency."""
        graph = temporal_graph(window)
        if not graph.edges:
            return
        holder = holders(window)
        fee = of_class(window, "fee")
        alive = (holder[graph.payer] != holder[graph.payee]) & ~fee[graph.payer] & ~fee[graph.payee]
        found = awakenings(graph, alive, of_class(window, "account"), asleep=self.asleep, within=self.within)
        declared = _declared(window, graph, found)
        for number in np.flatnonzero(found.end - found.wake >= self.least_payments).tolist():
            yield from self._of_waking(window, graph, found, number, declared.get(int(found.node[number]), 0.0))

    def _of_waking(
        self, window: Window, graph: TemporalGraph, found: Awakenings, number: int, declared: float
    ) -> Iterator[Finding]:
        before = found.leg[found.begin[number] : found.wake[number]]
        burst = found.leg[found.wake[number] : found.end[number]]
        name = graph.names[int(found.node[number])].as_py()
        slept = timedelta(microseconds=int(graph.at[burst[0]] - graph.at[before[-1]]))
        lived = max(self.within, timedelta(microseconds=int(graph.at[before[-1]] - graph.at[before[0]])))
        for unit in sorted(set(graph.unit[burst].tolist()), key=graph.currencies.__getitem__):
            currency = graph.currencies[unit]
            edges = burst[graph.unit[burst] == unit]
            turnover = sum(graph.amount[edges].tolist())
            own = sum(graph.amount[before[graph.unit[before] == unit]].tolist())
            expected = max(
                own * (self.within / lived),
                2 * declared * (self.within / YEAR) * 10 ** exponent(currency),
                self.ordinary * 10 ** exponent(currency),
            )
            doublings = math.log2(turnover / expected)
            if len(edges) < self.least_payments or doublings < self.least_doublings:
                continue
            others = np.unique(np.concatenate((graph.payer[edges], graph.payee[edges])))
            accounts = sorted(set(graph.names.take(pa.array(others)).to_pylist()) - {name})
            span = max(1e-9, self.strong_doublings - self.least_doublings)
            yield Finding(
                detector="dormant-burst",
                version=self.about.version,
                centre=name,
                accounts=(name, *accounts),
                payments=tuple(window.payments["payment_id"].take(pa.array(edges)).to_pylist()),
                first_at=int(graph.at[edges[0]]),
                last_at=int(graph.at[edges[-1]]),
                strength=float(np.clip((doublings - self.least_doublings) / span, 0, 1)),
                reasons=(
                    Reason(
                        "It had slept for {measured} (limit {limit}).",
                        slept / timedelta(days=1),
                        self.asleep / timedelta(days=1),
                        "days",
                    ),
                    Reason(
                        "{measured} followed within {within} (limit {limit}).",
                        len(edges),
                        self.least_payments,
                        "payments",
                        (("within", self.within),),
                    ),
                    Reason("In and out together they move {measured}.", turnover, None, currency),
                    Reason(
                        "That is {measured} what was expected of it (limit {limit}).",
                        turnover / expected,
                        2.0**self.least_doublings,
                        "times",
                    ),
                ),
                roles=((name, "wakes after a long sleep"),),
            )


YEAR = timedelta(days=365)


def _declared(window: Window, graph: TemporalGraph, found: Awakenings) -> dict[int, float]:
    """Give the declared yearly income or turnover of the waking accounts' customers, major units."""
    accounts, customers = window.side.accounts, window.side.customers
    if accounts is None or customers is None:
        return {}
    number = {graph.names[node].as_py(): node for node in set(found.node.tolist())}
    rows = accounts.filter(pc.is_in(accounts["account_id"], value_set=pa.array(sorted(number), pa.string())))
    place = pc.index_in(rows["customer_id"], value_set=customers["customer_id"].combine_chunks())
    known = pc.max_element_wise(customers["declared_income"], customers["declared_turnover"]).take(place)
    declared = zip(rows["account_id"].to_pylist(), known.cast(pa.float64()).to_pylist(), strict=True)
    return {number[account]: most for account, most in declared if most is not None}
