"""Several people who pay one account the same sum at regular gaps, each their own."""

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
from flows.payments import PAID_REGULARLY
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.holders import holders
from graphs.sharing import ties
from graphs.temporal import temporal_graph


@dataclass(frozen=True, kw_only=True)
class Periodic:
    r"""Find accounts that several people pay in instalments: each the same sum, at regular gaps.

    A run is a row of payments of exactly one amount from one payer to one payee; each gap lies between `least_gap` and
    `most_gap` and differs from the run's first gap by at most `slack`; read from the first payment of that amount on,
    and with at least `least_times` payments. Two payers need not pay the same sum or on the same day. For an account
    let c(t) be the number of different payers with payments of a run in [t, t + within). A finding is a peak of c
    (higher than at any such payment in the `within` before, not lower than at any in the `within` after) in which at
    least `least_payers` payers each have at least `least_times` such payments. Its evidence is every payment of a run
    in that span.

    Where the table of links is there, only payers count who have something in common with another payer of the peak:
    an employer, an introducer, a device, an address. Tenants of one landlord seldom do.

    Payers and payees are accounts, here or elsewhere, of different households. Accounts that serve the public are not
    looked at on either side: their customers' standing orders are no pattern; nor are peaks of more than `most_payers`,
    which are counted. Payments marked as wages, pensions or benefits do not count. A payment twice, or a missed one,
    ends a run.

    A landlord with four tenants looks exactly like this; so do tuition and club dues.

    Sources: indicator LAB-09 of the catalogue (periodic fan-in), after FIN20 and POL18; SMG-02 after KOSER08. That the
    payments follow payday, and the payers' income, are not asked here: they lie in other accounts.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> text = ""
    >>> for month in range(3):
    ...     for day, name in enumerate(("ana", "bo", "cy", "dan")):
    ...         text += f"day {30 * month + day} 09:00 {name} -> kim {200 + day} EUR p2p\n"
    >>> [finding] = Periodic().find(whole(payments_from_arrows(text), cut="account"))
    >>> finding.centre, len(finding.payments), finding.reasons[1].sentence
    ('kim', 12, 'It was paid 12 instalments.')
    """

    least_payers: int = parameter(4, unit="payers", least=1, why="LAB-09, weak limit: at least four payers")
    strong_payers: int = parameter(12, unit="payers", least=2, why="LAB-09, strong limit: gives the full strength")
    most_payers: int = parameter(
        25, unit="payers", least=1, why="as section 1 of the catalogue: more is a utility or an insurer, not a person"
    )
    least_times: int = parameter(3, unit="payments", least=2, why="LAB-09 asks for three consecutive periods")
    within: timedelta = parameter(timedelta(days=120), unit="time", least=timedelta(days=1), why="LAB-09, 120 days")
    least_gap: timedelta = parameter(
        timedelta(days=6), unit="time", least=timedelta(0), why="ours: a week, paid a day early"
    )
    most_gap: timedelta = parameter(
        timedelta(days=35), unit="time", least=timedelta(days=1), why="ours: a month, paid over a weekend late"
    )
    slack: timedelta = parameter(
        timedelta(days=3), unit="time", least=timedelta(0), why="ours: months differ by three days, weekends by two"
    )

    about = About(
        title="Instalments of several payers",
        question="Do several people each pay one account the same sum at regular gaps?",
        meaning="These people seem to owe the account something. It does not say what, or whether they agreed.",
        sources=("FIN20", "POL18", "AMLTRIX", "KOSER08"),
        innocent=(
            "a landlord or head tenant with several tenants",
            "dues of a club, a union or a parish; tuition; a shared car",
            "a savings club whose payout goes round its members",
            "an employer's loans repaid by staff",
        ),
        clears=(
            "a tenancy, a membership or a loan that names the sum",
            "payouts of the account that go back to its payers in turn",
        ),
        leg="CTL",
        shuffled=False,  # who has an employer in common does not depend on when payments were made
    )
    columns: ClassVar[frozenset[str]] = frozenset({"channel", "purpose_code"})

    @property
    def reach(self) -> Reach:
        """By account: a run is read from its first payment on."""
        return Reach(cut="account", whose="persons")

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per peak, by payee and time."""
        graph = temporal_graph(window)
        if not graph.edges:
            return
        from graphs.kernels.fan import fans, rows_of
        from graphs.kernels.periodic import regular_runs

        holder = holders(window)
        side = of_class(window, *PERSONS) & ~graph.hub
        marked = pc.or_(
            pc.is_in(window.payments["purpose_code"], value_set=pa.array(PAID_REGULARLY)),
            pc.is_in(window.payments["channel"], value_set=pa.array(["payroll_file", "benefit"])),
        ).to_numpy()
        counted = side[graph.payer] & side[graph.payee] & ~marked & (holder[graph.payer] != holder[graph.payee])
        runs = regular_runs(
            graph,
            counted,
            least=self.least_times,
            least_gap=microseconds(self.least_gap),
            most_gap=microseconds(self.most_gap),
            slack=microseconds(self.slack),
        )
        regular = np.zeros(graph.edges, np.bool_)
        for start, end in zip(runs.start.tolist(), runs.end.tolist(), strict=True):
            regular[runs.edge[start:end]] = True
        # Holders are numbered above all payees: a fan passes over whoever pays itself by number.
        peaks = fans(
            rows_of(graph.payee, holder[graph.payer] + np.int32(graph.nodes), regular, 2 * graph.nodes),
            graph.at,
            regular,
            least=self.least_payers,
            within=microseconds(self.within),
            past=0,
        )
        public: set[int] = set()
        for peak, node in enumerate(peaks.centre):
            edges = peaks.payments(peak)
            times = Counter(holder[graph.payer[edges]].tolist())
            regulars = {person for person, number in times.items() if number >= self.least_times}
            if window.side.links is not None:
                regulars &= _tied(window, holder, np.unique(graph.payer[edges]))
            count = len(regulars)
            centre = graph.names[int(node)].as_py()
            if int(peaks.parties[peak]) > self.most_payers and window.owns(centre, int(graph.at[edges[0]])):
                public.add(int(node))
            if count < self.least_payers or int(peaks.parties[peak]) > self.most_payers:
                continue
            names = sorted(graph.names.take(pa.array(np.unique(graph.payer[edges]))).to_pylist())
            yield Finding(
                detector="periodic",
                version=self.about.version,
                centre=centre,
                accounts=(centre, *names),
                payments=tuple(window.payments["payment_id"].take(pa.array(edges)).to_pylist()),
                first_at=int(graph.at[edges[0]]),
                last_at=int(graph.at[edges[-1]]),
                strength=min(1.0, count / self.strong_payers),
                reasons=(
                    Reason(
                        "{measured} each paid it the same sum at least {times} times, at regular gaps, "
                        "within {within} (limit {limit}).",
                        count,
                        self.least_payers,
                        "payers",
                        (("times", self.least_times), ("within", self.within)),
                    ),
                    Reason("It was paid {measured}.", len(edges), None, "instalments"),
                    *sums(graph, edges, "It received {measured} from them."),
                ),
                roles=((centre, "collects"), *((name, "pays instalments") for name in names)),
            )
        note(
            window,
            "periodic",
            "excluded",
            "{count} account is paid instalments by over {most} payers at a time",
            "{count} accounts are paid instalments by over {most} payers at a time",
            len(public),
            most=str(self.most_payers),
        )


def _tied(window: Window, holder: NDArray[np.int32], payers: NDArray[np.int32]) -> set[int]:
    """Give the holders among these payers who have something in common with another of them."""
    held_by: dict[str, set[int]] = {}
    for node, identifiers in ties(window, payers).items():
        for identifier in identifiers:
            held_by.setdefault(identifier, set()).add(int(holder[node]))
    return set().union(*(people for people in held_by.values() if len(people) > 1))
