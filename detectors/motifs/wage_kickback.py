"""Workers of one employer who pass a share of their wages to the same account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
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
from graphs.kickbacks import Kickbacks, batches, kickbacks
from graphs.temporal import TemporalGraph, temporal_graph

WAGES = ("SALA", "PAYR", "BONU")
"""ISO 20022 purpose codes of salary, payroll and bonus."""


@dataclass(frozen=True, kw_only=True)
class WageKickback:
    r"""Find accounts that several workers of one employer pay a share of their wages to, soon after each payday.

    A wage is a payment marked as one (channel ``payroll_file`` or a purpose code of wages), or one of a batch: its
    payer pays at least `least_batch` accounts on that day (UTC). What a worker pays to account K strictly after a wage
    of employer E and at most `soon` later, in the same currency, goes back from the latest wage of E before it. It
    counts if it adds up to at least `least_share` of that wage. K may be E itself: then the star is one of 2-cycles.

    For E and K let c(t) be the number of different workers with a wage in [t, t + within) that counts. A finding is a
    peak of c (higher than at any such wage in the `within` before, not lower than at any in the `within` after) with at
    least `least_workers` workers who each did so for at least `least_times` wages. Its evidence is all those wages and
    what went back from them.

    Accounts of one household are one worker, and their own accounts are no K. A K that serves the public is not looked
    at (rent, instalments, the union), unless it is the employer itself. An account with more than `most_wages` wages in
    `soon` is nobody's wage account; its payments are left out and counted.

    Definition: indicator LAB-03 of the catalogue, after FIN14 (most of the pay returned to the employer), AMLTRIX
    (IND03003) and FORT. The batch rule and the two limits of work are ours.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> text = ""
    >>> for day in (0, 30):
    ...     for name in ("ana", "bo", "cy"):
    ...         text += f"day {day} 09:00 ext:works -> {name} 1000 EUR payroll_file\n"
    ...         text += f"day {day + 1} 20:00 {name} -> kim 400 EUR p2p\n"
    >>> [finding] = WageKickback().find(whole(payments_from_arrows(text)))
    >>> finding.centre, len(finding.payments), finding.reasons[1].sentence
    ('kim', 12, 'Half of them passed on at least 40 % of these wages (limit 15 %).')
    """

    soon: timedelta = parameter(
        timedelta(days=7), unit="time", least=timedelta(minutes=1), why="LAB-03 looks at the week after each wage"
    )
    least_share: float = parameter(0.15, unit="share", least=0.0, most=1.0, why="LAB-03, weak limit of the share")
    strong_share: float = parameter(0.4, unit="share", least=0.0, most=1.0, why="LAB-03, strong limit: full strength")
    least_workers: int = parameter(3, unit="workers", least=2, why="LAB-03 asks for three workers of one employer")
    least_times: int = parameter(2, unit="wages", least=1, why="LAB-03 asks for two pay periods")
    within: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(minutes=1), why="LAB-03, window of two months"
    )
    least_batch: int = parameter(
        5, unit="accounts", least=2, why="ours: a household does not pay five accounts of people on one day"
    )
    most_wages: int = parameter(
        20, unit="wages", least=1, why="ours: more wages than a worker and a household have in a week, all jobs counted"
    )

    about = About(
        title="Wages that flow back",
        question="Do several workers of one employer pass a share of each wage to the same account?",
        meaning="Part of what these workers are paid goes to one account soon after. It does not say what for.",
        sources=("FIN14", "AMLTRIX", "FORT"),
        innocent=(
            "a savings club or lottery syndicate of colleagues",
            "a canteen, a loan or rent repaid to the employer as the payslip says",
            "colleagues who share a flat and pay one landlord",
            "union dues or a collection for a colleague",
        ),
        clears=(
            "a payslip, loan or tenancy that names amount and payee",
            "club rules and a payout that goes round its members",
            "each worker, asked alone and in safety, knows the payee and the purpose",
        ),
        leg="CTL",
        level="network",
        same_day="unseen",
    )
    columns: ClassVar[frozenset[str]] = frozenset({"channel", "purpose_code"})

    @property
    def reach(self) -> Reach:
        """One span back and two ahead, the days after a wage on either side, and the whole day of a batch."""
        edge = self.soon + timedelta(days=1)
        return Reach(back=self.within + edge, ahead=2 * self.within + edge)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per peak, by employer, collector and time."""
        graph = temporal_graph(window)
        if not graph.edges:
            return
        from graphs.kernels.fan import fans, rows_of

        found = self._search(window, graph)
        holder = holders(window)
        employer, worker = graph.payer[found.wage], graph.payee[found.wage]
        counts = found.amount / graph.amount[found.wage] >= self.least_share
        counts &= ~graph.hub[found.collector] | (found.collector == employer)
        counts &= (holder[found.collector] != holder[worker]) & (holder[employer] != holder[worker])
        large = np.flatnonzero(counts).astype(np.int32)
        pairs, centre = np.unique(
            employer[large].astype(np.int64) * graph.nodes + found.collector[large], return_inverse=True, axis=None
        )
        party = (holder[worker[large]] + len(pairs)).astype(np.int32)
        every = np.ones(large.size, np.bool_)
        peaks = fans(
            rows_of(centre.astype(np.int32), party, every, len(pairs) + graph.nodes),
            graph.at[found.wage[large]],
            every,
            least=self.least_workers,
            within=microseconds(self.within),
            past=0,
        )
        for peak in range(len(peaks.centre)):
            finding = self._finding(window, graph, found, holder, large[peaks.payments(peak)])
            if finding:
                yield finding

    def _search(self, window: Window, graph: TemporalGraph) -> Kickbacks:
        persons = of_class(window, *PERSONS)
        between = persons[graph.payer] & persons[graph.payee]
        marked = pc.or_(
            pc.is_in(window.payments["purpose_code"], value_set=pa.array(WAGES)),
            pc.equal(window.payments["channel"], "payroll_file"),
        ).to_numpy()
        wage = between & (marked | batches(graph, between, self.least_batch))
        found = kickbacks(graph, wage, between, within=self.soon, most=self.most_wages)
        at = graph.at[found.left_out]
        note(
            window,
            "wage-kickback",
            "excluded",
            "{count} payment is by an account with over {most} wages in the {span} before",
            "{count} payments are by accounts with over {most} wages in the {span} before",
            int(np.count_nonzero((at >= window.since) & (at < window.until))),
            most=str(self.most_wages),
            span=spoken(self.soon),
        )
        return found

    def _finding(
        self,
        window: Window,
        graph: TemporalGraph,
        found: Kickbacks,
        holder: NDArray[np.int32],
        which: NDArray[np.int32],
    ) -> Finding | None:
        wages: dict[int, list[int]] = {}
        for kickback in which.tolist():
            wages.setdefault(int(holder[graph.payee[found.wage[kickback]]]), []).append(kickback)
        again = sum(len(own) >= self.least_times for own in wages.values())
        if again < self.least_workers:
            return None
        share = min(1.0, float(median(_share(graph, found, own) for own in wages.values())))
        backs = np.concatenate([found.edge[found.start[number] : found.start[number + 1]] for number in which])
        edges = np.union1d(found.wage[which], backs).astype(np.int32)
        employer = graph.names[int(graph.payer[found.wage[which[0]]])].as_py()
        centre = graph.names[int(found.collector[which[0]])].as_py()
        workers = sorted(graph.names.take(pa.array(np.unique(graph.payee[found.wage[which]]))).to_pylist())
        roles = [(centre, "collects"), *((name, "passes on a share of the wage") for name in workers)]
        return Finding(
            detector="wage-kickback",
            version=self.about.version,
            centre=centre,
            accounts=(centre, *sorted({employer, *workers} - {centre})),
            payments=tuple(window.payments["payment_id"].take(pa.array(edges)).to_pylist()),
            first_at=int(graph.at[edges[0]]),
            last_at=int(graph.at[edges[-1]]),
            # The catalogue's scale for the median share.
            strength=float(np.clip((share - self.least_share) / max(1e-9, self.strong_share - self.least_share), 0, 1)),
            reasons=(
                Reason(
                    "{measured} of one employer paid it after at least {times} wages each within {within} "
                    "(limit {limit}).",
                    again,
                    self.least_workers,
                    "workers",
                    (("times", self.least_times), ("within", self.within)),
                ),
                Reason(
                    "Half of them passed on at least {measured} of these wages (limit {limit}).",
                    share,
                    self.least_share,
                    "share",
                ),
                Reason("It followed {measured}.", len(set(found.wage[which].tolist())), None, "wages"),
                *sums(graph, np.unique(backs), "It received {measured} from them."),
            ),
            roles=tuple(roles if employer == centre else [*roles, (employer, "pays the wages")]),
        )


def _share(graph: TemporalGraph, found: Kickbacks, kickbacks: list[int]) -> float:
    """Give the share of a worker's wages that was passed on; of wages in several currencies, the smallest share."""
    paid: dict[int, int] = {}
    passed: dict[int, int] = {}
    # Python integers: a sum of many large amounts may not fit into int64.
    wages = found.wage[kickbacks]
    for unit, wage, back in zip(
        graph.unit[wages].tolist(), graph.amount[wages].tolist(), found.amount[kickbacks].tolist(), strict=True
    ):
        paid[unit] = paid.get(unit, 0) + wage
        passed[unit] = passed.get(unit, 0) + back
    return min(passed[unit] / paid[unit] for unit in paid)
