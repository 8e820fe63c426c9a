"""Several cards at one cash machine within minutes, on several days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About, microseconds, parameter
from detectors.evidence import sums
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.plural import spoken
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.holders import holders
from graphs.sessions import Company, Sessions, companies, sessions
from graphs.temporal import TemporalGraph, temporal_graph


@dataclass(frozen=True, kw_only=True)
class CoCashOut:
    """Find groups whose cards are used one after another at the same cash machine, on several days.

    A session is a row of withdrawals at one machine, each at most `gap` after the one before and all within `length`,
    by at least three and at most `most_cards` different people (accounts of one customer or household are one; so are
    those of which nothing is known, each by itself). Three people of a session recur there if they meet in sessions on
    at least `least_days` different days of the `within` that begins with it; all recurring threes of a session together
    are its company. Of companies with two people in common that begin less than `within` apart the one with the most
    meetings is told, the earliest of equals. Its evidence is every withdrawal of its members in sessions where at least
    three of them meet; machines may differ from day to day.

    The strength counts days. How easily a machine brings the same people together is not yet weighed: where a village
    has one machine and one payday, its neighbours meet there too.

    Withdrawals without a time of day cannot show minutes and are left out and counted. So are runs that are too long or
    hold too many cards: at a busy machine a company hides among strangers.

    Notes
    -----
    Linear in the number of sessions, times the threes in a session (220 at most by default).

    Its permutation test is that of every finding (`detectors.surprise`): the withdrawals and other payments of each
    member exchange their times, and it is counted how often they meet as often.

    Sources: indicator LAB-06 of the catalogue, after FORT and FATF18: its sessions, its support and its scale.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 17:00  ana -> cash:atm1  300 EUR atm_wd
    ...     day 0 17:02  bo  -> cash:atm1  300 EUR atm_wd
    ...     day 0 17:03  cy  -> cash:atm1  300 EUR atm_wd
    ... ''')
    ... )
    >>> [finding] = CoCashOut(least_days=1).find(window)
    >>> finding.centre, finding.payments, finding.reasons[0].sentence
    ('ana', ('p1', 'p2', 'p3'), 'The cards of 3 people were used together.')
    """

    gap: timedelta = parameter(
        timedelta(minutes=4), unit="time", least=timedelta(0), why="LAB-06: withdrawals at most four minutes apart"
    )
    length: timedelta = parameter(
        timedelta(minutes=10), unit="time", least=timedelta(0), why="LAB-06: a session lasts at most ten minutes"
    )
    most_cards: int = parameter(12, unit="people", least=3, most=20, why="LAB-06: a session has three to twelve cards")
    least_days: int = parameter(3, unit="days", least=1, why="LAB-06 asks for three sessions on distinct dates")
    strong_days: int = parameter(5, unit="days", least=2, why="LAB-06, strong limit: gives the full strength")
    within: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(minutes=1), why="LAB-06, window of two months"
    )

    about = About(
        title="Several cards at one machine",
        question="Are the cards of the same people used one after another at one cash machine, on several days?",
        meaning="One person may hold several people's cards, or they go together. It does not say which.",
        sources=("FORT", "FATF18", "POL18"),
        innocent=(
            "colleagues at the only cash machine of a village or site on payday",
            "students at the machine of their campus",
            "one member of a family on an errand for the others",
            "a care-home assistant who withdraws for residents under a mandate",
        ),
        clears=(
            "recordings of the machine show each holder with their own card; ask for preservation, not the customer",
            "a mandate or a household that covers these cards",
        ),
        leg="CTL",
        level="network",
    )
    columns: ClassVar[frozenset[str]] = frozenset({"channel", "terminal_id", "ts_quality", "utc_offset_min"})

    @property
    def reach(self) -> Reach:
        """The span before, two after; and a session and the silence that ends it, so that none is seen in part."""
        edge = self.length + self.gap
        return Reach(back=self.within + edge, ahead=2 * self.within + edge)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per company, in order of its first session."""
        graph = temporal_graph(window)
        edge = self._withdrawals(window, graph)
        if not edge.size:
            return
        holder = holders(window)[graph.payer[edge]].astype(np.int64)
        found = sessions(
            _machines(window, graph, edge),
            holder,
            graph.at[edge],
            _local_days(window, graph, edge),
            gap=microseconds(self.gap),
            length=microseconds(self.length),
            most=self.most_cards,
        )
        self._tell(window, found, holder)
        for company in companies(found, holder, least_days=self.least_days, within=microseconds(self.within)):
            yield self._finding(window, graph, edge, found, holder, company)

    def _withdrawals(self, window: Window, graph: TemporalGraph) -> NDArray[np.int64]:
        """Give the withdrawals with a time of day, and count the others."""
        drawn = pc.equal(window.payments["channel"], "atm_wd").to_numpy()
        drawn &= of_class(window, "cash")[graph.payee] & of_class(window, *PERSONS)[graph.payer]
        timed = pc.equal(window.payments["ts_quality"], "event").to_numpy()
        owned = (graph.at >= window.since) & (graph.at < window.until)
        note(
            window,
            "co-cash-out",
            "excluded",
            "{count} withdrawal has no time of day and was not compared",
            "{count} withdrawals have no time of day and were not compared",
            int(np.count_nonzero(drawn & ~timed & owned)),
        )
        return np.flatnonzero(drawn & timed)

    def _tell(self, window: Window, found: Sessions, holder: NDArray[np.int64]) -> None:
        """Count the runs that are no sessions because too many people came or they came for too long."""
        run = np.repeat(np.arange(len(found.fits)), np.diff(found.start))
        different = np.unique(np.column_stack((run, holder[found.order])), axis=0)[:, 0]
        crowd = (np.bincount(different, minlength=len(found.fits)) >= 3) & ~found.fits
        owned = (found.at >= window.since) & (found.at < window.until)
        note(
            window,
            "co-cash-out",
            "excluded",
            "{count} row of withdrawals lasted over {span} or held over {most} cards",
            "{count} rows of withdrawals lasted over {span} or held over {most} cards",
            int(np.count_nonzero(crowd & owned)),
            most=str(self.most_cards),
            span=spoken(self.length),
        )

    def _finding(
        self,
        window: Window,
        graph: TemporalGraph,
        edge: NDArray[np.int64],
        found: Sessions,
        holder: NDArray[np.int64],
        company: Company,
    ) -> Finding:
        rows = np.concatenate([found.rows(run) for run in company.runs])
        edges = np.sort(edge[rows[np.isin(holder[rows], list(company.holders))]])
        payers = graph.payer[edges].tolist()
        times = Counter(payers)
        # Whose card is used most, the earliest of equals: a name for the finding, not a role.
        centre = graph.names[max(times, key=times.__getitem__)].as_py()
        cards = sorted(graph.names.take(pa.array(sorted(times))).to_pylist())
        machines = sorted(graph.names.take(pa.array(np.unique(graph.payee[edges]))).to_pylist())
        return Finding(
            detector="co-cash-out",
            version=self.about.version,
            centre=centre,
            accounts=(centre, *sorted({*cards, *machines} - {centre})),
            payments=tuple(window.payments["payment_id"].take(pa.array(edges)).to_pylist()),
            first_at=int(graph.at[edges[0]]),
            last_at=int(graph.at[edges[-1]]),
            # The catalogue's scale, weak at two days.
            strength=float(np.clip((company.days - WEAK) / max(1, self.strong_days - WEAK), 0, 1)),
            reasons=(
                Reason("The cards of {measured} were used together.", len(company.holders), None, "people"),
                Reason(
                    "They met on {measured} within {within} (limit {limit}).",
                    company.days,
                    self.least_days,
                    "days",
                    (("within", self.within),),
                ),
                Reason("They met in {measured}.", len(company.runs), None, "sessions"),
                Reason("They used {measured}.", len(machines), None, "machines"),
                *sums(graph, edges, "They drew {measured}."),
            ),
            roles=tuple((name, "cashes out in company") for name in cards),
        )


WEAK = 2
"""LAB-06: the number of days at which the indicator begins to count."""

DAY = 86_400_000_000


def _machines(window: Window, graph: TemporalGraph, edge: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the number of the machine: a terminal of a payee, or the payee itself where no terminal is named."""
    terminal = pc.fill_null(window.payments["terminal_id"].take(pa.array(edge)), "").combine_chunks()
    number = terminal.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    machines: NDArray[np.int64] = graph.payee[edge].astype(np.int64) * (int(number.max()) + 1) + number
    return machines


def _local_days(window: Window, graph: TemporalGraph, edge: NDArray[np.int64]) -> NDArray[np.int64]:
    offset = pc.fill_null(window.payments["utc_offset_min"].take(pa.array(edge)), 0).to_numpy().astype(np.int64)
    days: NDArray[np.int64] = (graph.at[edge] + offset * 60_000_000) // DAY
    return days
