"""Several people who all pay the same several people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About, parameter
from detectors.evidence import sums
from detectors.finding import Finding, Reason
from detectors.notes import note
from flows.payments import PAID_REGULARLY
from flows.window import Reach, Window
from graphs.bicliques import Sides, bicliques, by_chance, modest
from graphs.classes import PERSONS, of_class
from graphs.holders import holders
from graphs.temporal import TemporalGraph, temporal_graph

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Biclique:
    r"""Find groups of people who, within a calendar quarter, all pay the same several people.

    In each quarter (UTC) a link says that one person paid another: accounts here or elsewhere, accounts of one
    household being one; neither marked as a wage, pension or benefit, nor paid back by the other in that quarter
    (friends settle up both ways). Accounts that serve the public are no link. Payers of more than `most_payees` and
    payees of more than `most_payers` are left out and counted.

    The biclique of two payees is everybody who paid both, and everybody whom all of these paid. A finding is one with
    at least `least_payers` payers and `least_payees` payees; of those with a link in common the largest is told. Its
    evidence is every payment of the quarter along its links. It is told only if its payees, drawing as many payers as
    they have from all payers by how many each pays, have as many in common in at most `most_chance` of `shuffles`
    draws; those that chance explains are counted. The finding's surprise is that share.

    Sources: indicator CHI-07 of the catalogue, after AUSCASE, EGM20 and POL23; its analytic null is replaced by the
    seeded draw. The quarter and the demand for three payees are ours: two friends in common are everywhere.

    Notes
    -----
    Linear in the links times `most_payees`. A group whose payments lie across the end of a quarter shows in parts or
    not at all. A larger biclique that is that of no two payees is not told.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> text = ""
    >>> for payer in ("ana", "bo", "cy"):
    ...     for payee in ("ext:x", "ext:y", "ext:z"):
    ...         text += f"day 3 09:00 {payer} -> {payee} 30 EUR p2p\n"
    >>> for number in range(30):
    ...     text += f"day 4 09:00 p{number} -> ext:q{number} 30 EUR p2p\n"
    >>> [finding] = Biclique().find(whole(payments_from_arrows(text)))
    >>> finding.centre, len(finding.payments), finding.reasons[0].sentence
    ('ext:x', 9, '3 payers paid all of them (limit 3 payers).')
    """

    least_payers: int = parameter(
        3, unit="payers", least=2, why="ours: CHI-07 asks for two, which every couple of friends is"
    )
    least_payees: int = parameter(
        3, unit="payees", least=2, why="ours: CHI-07 asks for two; two friends in common are everywhere"
    )
    strong_links: int = parameter(25, unit="links", least=4, why="ours: five payers by five payees, full strength")
    most_payees: int = parameter(
        50, unit="payees", least=2, why="ours: more private payees than a household has in a quarter"
    )
    most_payers: int = parameter(
        25,
        unit="payers",
        least=2,
        why="section 1 of the catalogue drops what more than 25 share; CHI-07's 200 tell of landlords and utilities",
    )
    most_chance: float = parameter(0.01, unit="share", least=0.0, most=1.0, why="ours: one draw in a hundred at most")
    shuffles: int = parameter(999, unit="draws", least=99, most=99_999, why="ours: resolves one in a thousand")
    seed: int = parameter(20260101, unit="seed", least=0, why="ours: any fixed number gives the same answer again")

    about = About(
        title="Payers who share payees",
        question="Do several people who do not live together all pay the same several people?",
        meaning="These payers may buy from the same group, or act for the same person. It does not say which.",
        sources=("AUSCASE", "EGM20", "POL23"),
        innocent=(
            "members of a club, parish or team who pay the same organisers",
            "a diaspora that pays the same shop, school or agent at home",
            "players of one game or colleagues who settle rounds of lunch one way",
        ),
        clears=(
            "an association, event or seller that these payees stand for",
            "the payers know each other and the purpose, asked apart",
        ),
        leg="MOV",
        level="network",
        shuffled=False,  # it asks chance about counterparties itself; times within a quarter hardly matter
    )
    columns: ClassVar[frozenset[str]] = frozenset({"channel", "purpose_code"})

    @property
    def reach(self) -> Reach:
        """The longest quarter on either side holds every quarter a finding's first payment can lie in."""
        return Reach(back=timedelta(days=92), ahead=timedelta(days=92))

    def find(self, window: Window) -> Iterator[Finding]:
        """Give the findings by quarter, the largest first."""
        graph = temporal_graph(window)
        if not graph.edges:
            return
        holder = holders(window)
        payer, payee = holder[graph.payer], holder[graph.payee]
        counted = self._counted(window, graph) & (payer != payee)
        quarter = graph.at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) // 3
        ends = [0, *(np.flatnonzero(np.diff(quarter)) + 1).tolist(), graph.edges]
        left_out = chance = 0
        for low, high in pairwise(ends):
            links = _Links.of(low + np.flatnonzero(counted[low:high]), payer, payee, self.most_payees, self.most_payers)
            left_out += self._owned(window, graph.at[links.left_out])
            for found in bicliques(
                links.payer, links.payee, least_payers=self.least_payers, least_payees=self.least_payees
            ):
                edges = links.edges(found)
                share = by_chance(links.payer, links.payee, found, shuffles=self.shuffles, seed=self.seed)
                if share <= self.most_chance:
                    yield self._finding(window, graph, found, edges, share)
                else:
                    chance += self._owned(window, graph.at[edges[:1]])
        note(
            window,
            "biclique",
            "excluded",
            "{count} payment is by a payer of over {payees} or to a payee of over {payers} in a quarter",
            "{count} payments are by payers of over {payees} or to payees of over {payers} in a quarter",
            left_out,
            payees=str(self.most_payees),
            payers=str(self.most_payers),
        )
        note(
            window,
            "biclique",
            "excluded",
            "{count} group shares payees no more than chance would have it",
            "{count} groups share payees no more than chance would have it",
            chance,
        )

    def _counted(self, window: Window, graph: TemporalGraph) -> NDArray[np.bool_]:
        side = of_class(window, *PERSONS) & ~graph.hub
        marked = pc.or_(
            pc.is_in(window.payments["purpose_code"], value_set=pa.array(PAID_REGULARLY)),
            pc.is_in(window.payments["channel"], value_set=pa.array(["payroll_file", "benefit"])),
        ).to_numpy()
        counted: NDArray[np.bool_] = side[graph.payer] & side[graph.payee] & ~marked
        return counted

    @staticmethod
    def _owned(window: Window, at: Ints) -> int:
        return int(np.count_nonzero((at >= window.since) & (at < window.until)))

    def _finding(self, window: Window, graph: TemporalGraph, found: Sides, edges: Ints, share: float) -> Finding:
        # The payee who is paid most often, the first of equals: a name for the finding, not a role.
        times = Counter(graph.payee[edges].tolist())
        centre = graph.names[max(times, key=times.__getitem__)].as_py()
        payees = sorted(graph.names.take(pa.array(np.unique(graph.payee[edges]))).to_pylist())
        payers = sorted(graph.names.take(pa.array(np.unique(graph.payer[edges]))).to_pylist())
        links = len(found.payers) * len(found.payees)
        likely = dict.fromkeys(payers, "pays the same people") | dict.fromkeys(payees, "is paid by the same people")
        return Finding(
            detector="biclique",
            version=self.about.version,
            centre=centre,
            accounts=(centre, *sorted(set(likely) - {centre})),
            payments=tuple(window.payments["payment_id"].take(pa.array(edges)).to_pylist()),
            first_at=int(graph.at[edges[0]]),
            last_at=int(graph.at[edges[-1]]),
            strength=min(1.0, links / self.strong_links),
            reasons=(
                Reason("{measured} paid all of them (limit {limit}).", len(found.payers), self.least_payers, "payers"),
                Reason("They share {measured} (limit {limit}).", len(found.payees), self.least_payees, "payees"),
                Reason(
                    "By chance as many would meet in {measured} of draws (limit {limit}).",
                    share,
                    self.most_chance,
                    "share",
                ),
                *sums(graph, edges.astype(np.int32), "Together they paid {measured}."),
            ),
            roles=tuple(sorted(likely.items())),
            surprise=-math.log10(share),
        )


@dataclass(frozen=True, eq=False)
class _Links:
    """The links of one quarter, each once, in the order they were seen; people are numbered in that order too."""

    payer: Ints
    payee: Ints
    rows: Ints
    payer_of_row: Numbers
    payee_of_row: Numbers
    left_out: Ints

    @classmethod
    def of(cls, rows: Ints, payer: Numbers, payee: Numbers, most_payees: int, most_payers: int) -> _Links:
        from graphs.kernels.rows import first_seen

        rows, sides, pair, pairs = _one_way(rows, payer, payee)
        seen, _ = first_seen(pair, pairs)
        # All payments of such a pair go the same way, so the pair is the link.
        links = np.empty((pairs, 2), np.int32)
        links[pair] = sides
        kept = modest(*links[seen].T, most_payees=most_payees, most_payers=most_payers)
        linked = np.zeros(pairs, np.bool_)
        linked[seen[kept]] = True
        inside = linked[pair]
        payers, payees = links[seen[kept]].astype(np.int64).T
        return cls(payers, payees, rows[inside], sides[inside, 0], sides[inside, 1], rows[~inside])

    def edges(self, found: Sides) -> Ints:
        """Give the payments along the links of a biclique, in time order."""
        inside = np.isin(self.payer_of_row, found.payers) & np.isin(self.payee_of_row, found.payees)
        return self.rows[inside]


def _one_way(rows: Ints, payer: Numbers, payee: Numbers) -> tuple[Ints, Numbers, Ints, int]:
    """Give the payments between two people of whom one never pays the other, their two people, pair, and all pairs."""
    # numba is imported by whoever searches, not by whoever lists detectors.
    from graphs.kernels.rows import first_seen, pair_numbers

    ends = np.column_stack((payer[rows], payee[rows])).ravel()
    people, which = first_seen(ends, int(ends.max(initial=-1)) + 1)
    sides = which.astype(np.int32).reshape(-1, 2)
    del ends, which  # of a window of a far reach these are a tenth of what it holds
    low, high = sides.min(axis=1), sides.max(axis=1)
    pair, one = pair_numbers(low, high, people.size)
    upward = sides[:, 0] == low
    both = np.bincount(pair[upward], minlength=one.size).astype(np.bool_)
    both &= np.bincount(pair[~upward], minlength=one.size).astype(np.bool_)
    one_way = ~both[pair]
    return rows[one_way], sides[one_way], pair[one_way], one.size
