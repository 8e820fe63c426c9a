"""Many payers of one account whose amounts keep to a short price list."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detectors.about import About, microseconds, parameter
from detectors.evidence import sums
from detectors.finding import Finding, Reason
from flows.money import exponent
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.temporal import TemporalGraph, temporal_graph

MONTHLY = timedelta(days=25), timedelta(days=35)
"""How long before a payment the same one lies if it is monthly. Ours: a month, and a weekend either way."""


@dataclass(frozen=True, kw_only=True)
class PricePoints:
    """Find accounts that many people pay the same few round amounts, as from a menu.

    Take the peaks of payers as the fan-in does (`graphs.kernels.fan`), with `min_payers` and `within`. Of the payments
    of a peak, the `prices` most frequent amounts that are round (multiples of `round_to` in major units) are its price
    points; of amounts that are equally frequent, the smaller come first, then the earlier. A finding is a peak of
    `min_payments` or more where the price points hold at least `min_share` of all payments, monthly ones not
    counted: a payment is monthly if the same payer paid the same amount 25 to 35 days before (rent, subscriptions,
    fees). Its evidence is the payments at the price points that are not monthly.

    Payers are accounts, here or elsewhere, that do not serve the public (`Window.hubs`).

    Notes
    -----
    Amounts of different currencies are different prices. Indicator SEX-02 also asks for a median between 40 and 500
    units; that needs exchange rates and is left to whoever combines findings. Linear in an account's payments.

    Sources: indicator SEX-02 of the catalogue, after AUS22F and IMB18 (prices per service).

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 20:00  ext:a -> anna  80 EUR p2p
    ...     day 0 22:00  ext:b -> anna  150 EUR p2p
    ...     day 1 01:00  ext:c -> anna  80 EUR p2p
    ...     day 1 09:00  ext:d -> anna  17.30 EUR p2p
    ... ''')
    ... )
    >>> [finding] = PricePoints(min_payers=3, min_payments=4).find(window)
    >>> finding.payments, finding.reasons[0].sentence
    (('p1', 'p2', 'p3'), '75 % of what people paid keeps to 2 round amounts (limit 45 %).')
    """

    min_payers: int = parameter(8, unit="accounts", least=2, why="SEX-02, support: eight payers or more")
    min_payments: int = parameter(12, unit="payments", least=2, why="SEX-02, support: twelve eligible credits or more")
    min_share: float = parameter(0.45, unit="share", least=0.0, most=1.0, why="SEX-02, weak limit")
    strong_share: float = parameter(
        0.75, unit="share", least=0.05, most=1.0, why="SEX-02, strong limit: gives the full strength"
    )
    prices: int = parameter(3, unit="amounts", least=1, why="SEX-02: the three most frequent amounts")
    round_to: int = parameter(5, unit="major units", least=1, why="SEX-02: multiples of 10, or of 5 for small amounts")
    within: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(minutes=1), why="SEX-02, window of a month"
    )

    about = About(
        title="A short price list",
        question="Do many people pay one account the same few round amounts?",
        meaning="Payments look like those of customers who buy from a menu of services.",
        sources=("AUS22F", "IMB18", "FATF18"),
        innocent=(
            "a hairdresser, tutor, trainer or driving instructor with fixed prices",
            "a market stall, or a club whose dues are the same for all",
            "a collection where everybody gives a round amount",
        ),
        clears=(
            "a declared trade whose price list has these amounts",
            "a membership or class list that fits the payers",
        ),
        leg="REV",
        # A price list is a matter of amounts, not of when they were paid.
        shuffled=False,
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """The first payment at a price may lie a span after the peak begins, which itself looks a span back.

        A monthly payment is looked for up to 35 days before any payment of the peak.
        """
        return Reach(back=self.within + max(self.within, MONTHLY[1]), ahead=2 * self.within)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give at most one finding per peak, by account and time."""
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.fan import fans

        graph = temporal_graph(window)
        payers = of_class(window, *PERSONS) & ~graph.hub
        peaks = fans(
            graph.into,
            graph.at,
            payers[graph.payer] & of_class(window, "account")[graph.payee],
            least=self.min_payers,
            within=microseconds(self.within),
            past=0,
        )
        # Most peaks have too few round amounts for any price list; they are passed over before anything is listed.
        unit = np.array([self.round_to * 10 ** exponent(code) for code in graph.currencies], np.int64)
        rounds = np.concatenate(([0], np.cumsum(graph.amount[peaks.edge] % unit[graph.unit[peaks.edge]] == 0)))
        size = np.diff(peaks.start)
        enough = (size >= self.min_payments) & (np.diff(rounds[peaks.start]) / size >= self.min_share)
        for peak in np.flatnonzero(enough).tolist():
            node, edges = int(peaks.centre[peak]), peaks.payments(peak)
            monthly = _monthly(graph, node, edges)
            points = self._points(graph, edges)
            at_price = np.array([pair in points for pair in _amounts(graph, edges)]) & ~monthly
            share = float(np.count_nonzero(at_price)) / len(edges)
            if at_price.any() and share >= self.min_share:
                kept = {pair for pair, here in zip(_amounts(graph, edges), at_price, strict=True) if here}
                yield self._finding(window, graph, node, edges[at_price], share, len(kept))

    def _points(self, graph: TemporalGraph, edges: NDArray[np.int32]) -> set[tuple[int, int]]:
        """Give the price points of these payments: pairs of currency and amount."""
        count = Counter(
            (unit, amount)
            for unit, amount in _amounts(graph, edges)
            if amount % (self.round_to * 10 ** exponent(graph.currencies[unit])) == 0
        )
        # A Counter keeps the order of first appearance and sorted() is stable, so the earlier comes first.
        return set(sorted(count, key=lambda pair: (-count[pair], pair[1]))[: self.prices])

    def _finding(
        self, window: Window, graph: TemporalGraph, node: int, edges: NDArray[np.int32], share: float, points: int
    ) -> Finding:
        centre = graph.names[node].as_py()
        names = sorted(graph.names.take(np.unique(graph.payer[edges])).to_pylist())
        return Finding(
            detector="price-points",
            version=self.about.version,
            centre=centre,
            accounts=(centre, *names),
            payments=tuple(window.payments["payment_id"].take(edges).to_pylist()),
            first_at=int(graph.at[edges[0]]),
            last_at=int(graph.at[edges[-1]]),
            strength=min(1.0, share / self.strong_share),
            reasons=(
                Reason(
                    "{measured} of what people paid keeps to {points} round amount (limit {limit}).",
                    share,
                    self.min_share,
                    "share",
                    (("points", int(points)),),
                    many="{measured} of what people paid keeps to {points} round amounts (limit {limit}).",
                    count=int(points),
                ),
                Reason(
                    "{measured} paid these amounts within {within}.",
                    len(names),
                    None,
                    "accounts",
                    (("within", self.within),),
                ),
                *sums(graph, edges, "It received {measured} so."),
            ),
            roles=((centre, "is paid by a price list"), *((name, "pays in") for name in names)),
        )


def _amounts(graph: TemporalGraph, edges: NDArray[np.int32]) -> list[tuple[int, int]]:
    return list(zip(graph.unit[edges].tolist(), graph.amount[edges].tolist(), strict=True))


def _monthly(graph: TemporalGraph, node: int, edges: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Say of each payment whether the same payer paid the same amount about a month before."""
    least, most = (microseconds(span) for span in MONTHLY)
    row = graph.into.of(node)
    at = graph.at[row]
    row = row[
        np.searchsorted(at, graph.at[edges[0]] - most) : np.searchsorted(at, graph.at[edges[-1]] - least, "right")
    ]
    before: dict[tuple[int, int, int], list[int]] = {}
    for edge, (unit, amount) in zip(row.tolist(), _amounts(graph, row), strict=True):
        before.setdefault((int(graph.payer[edge]), unit, amount), []).append(int(graph.at[edge]))
    found = np.zeros(len(edges), np.bool_)
    for k, (edge, (unit, amount)) in enumerate(zip(edges.tolist(), _amounts(graph, edges), strict=True)):
        times = before.get((int(graph.payer[edge]), unit, amount), ())
        # They are in order of time: one account may have paid the same amount ten thousand times.
        place = bisect_left(times, int(graph.at[edge]) - most)
        found[k] = place < len(times) and times[place] <= int(graph.at[edge]) - least
    return found
