"""Several people with one device, phone or address who all pay the same account."""

from __future__ import annotations

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
from flows.window import Reach, Window
from graphs.classes import PERSONS, of_class
from graphs.holders import account_labels, holders
from graphs.sharing import Sharing, sharing
from graphs.temporal import TemporalGraph, temporal_graph


@dataclass(frozen=True, kw_only=True)
class SharedIdentifier:
    r"""Find customers of different households who share identifiers and all pay the same account.

    Customers are joined if they hold, at the same time, one device or e-mail address in common, or two lesser kinds
    (phone, address, introducer, network address); members of one household are one. For a group of customers so joined
    and an account, let c(t) be the number of different members who pay the account in [t, t + within). A finding is a
    peak of c: at least `min_senders`, higher than at any such payment in the `within` before, and not lower than at any
    in the `within` after. Its evidence is every payment of the group's members to the account in that span. The
    account paid may belong to a member, whose own payments then do not count. The strength grows with the senders and
    shrinks where the senders are less than `full_share` of all who paid the account in that span: a landlord has other
    tenants.

    An identifier held by more than `most_customers` is dropped: a hall of residence, a shelter, a branch kiosk. It is
    listed in the notes, where the payments of its holders are counted; so are those of
    groups of more than `most_group`, which hang together by chains of accidents. Accounts that
    serve the public are not looked at as payees: their customers do not meet there. Without the tables of links and of
    accounts nothing can be found.

    A shelter for survivors and the case-worker who helps on one laptop look exactly like this.

    Sources: indicators LAB-07, CTL-02 and FUN-10 of the catalogue, after FIN20 and ABN; what ABN used of sex and origin
    is not used here.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.payments import ACCOUNTS, LINKS
    >>> from flows.window import SideTables, whole
    >>> names = ("ana", "bo", "cy")
    >>> accounts = [{"account_id": name, "customer_id": "c-" + name} for name in names]
    >>> links = [{"customer_id": "c-" + name, "kind": "device", "value_hash": "d1"} for name in names]
    >>> window = whole(
    ...     payments_from_arrows("day 0 ana -> ext:x 90 EUR\nday 2 bo -> ext:x 80 EUR\nday 3 cy -> ext:x 95 EUR"),
    ...     side=SideTables(pa.Table.from_pylist(accounts, ACCOUNTS), None, pa.Table.from_pylist(links, LINKS)),
    ... )
    >>> [finding] = SharedIdentifier().find(window)
    >>> finding.centre, finding.payments, finding.reasons[1].sentence
    ('ext:x', ('p1', 'p2', 'p3'), 'Their group shares 1 identifier (device).')
    """

    min_senders: int = parameter(3, unit="customers", least=2, why="FUN-10 asks for at least three senders as support")
    strong_senders: int = parameter(6, unit="customers", least=3, why="FUN-10, strong limit: gives the full strength")
    full_share: float = parameter(
        0.25, unit="share", least=0.01, most=1.0, why="ours: so many of an account's payers are no accident any more"
    )
    within: timedelta = parameter(
        timedelta(days=60), unit="time", least=timedelta(minutes=1), why="FUN-10, window of two months"
    )
    most_customers: int = parameter(
        25, unit="customers", least=2, why="section 1 of the catalogue drops identifiers of more than 25 customers"
    )
    most_group: int = parameter(
        100, unit="customers", least=3, why="ours: ten times LAB-07's strong group; larger ones are chained by accident"
    )

    about = About(
        title="Shared device, phone or address; one payee",
        question="Do customers who share a device or contact details, and are no household, all pay the same account?",
        meaning="One person may be acting for several customers, or they know each other. It does not say which.",
        sources=("FIN20", "FIN14", "ABN", "AMLTRIX"),
        innocent=(
            "a shared flat or student house paying one landlord",
            "an extended family that sends money through one agent or to one relative",
            "a shelter, a reception centre or a case-worker who helps several people on one device",
            "employees in lawful housing of their employer",
        ),
        clears=(
            "a tenancy, a family tie or an institution at the address that names these people",
            "each customer, asked alone and in safety, knows the payee and the purpose",
        ),
        leg="CTL",
        level="network",
        # Who shares an identifier does not depend on when they paid.
        shuffled=False,
    )
    columns: ClassVar[frozenset[str]] = frozenset()

    @property
    def reach(self) -> Reach:
        """The definition looks one span back and two ahead."""
        return Reach(back=self.within, ahead=2 * self.within, links=True)

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per peak, by payee, group and time."""
        links, graph = window.side.links, temporal_graph(window)
        if links is None or window.side.accounts is None or not graph.edges:
            return
        from graphs.kernels.fan import fans, rows_of

        found = sharing(links, window.side.customers, most_customers=self.most_customers)
        labels = account_labels(window)
        self._tell_crowds(window, labels, found)
        if not len(found.labels):
            return
        member = pc.fill_null(pc.index_in(labels, value_set=found.labels), -1).to_numpy(zero_copy_only=False)
        small = (np.bincount(found.group) <= self.most_group)[found.group]
        group = np.where((member >= 0) & small[member], found.group[member], -1)
        self._tell_chains(window, (member >= 0) & ~small[member])
        holder = holders(window)
        payees = of_class(window, *PERSONS) & ~graph.hub
        counted = (group[graph.payer] >= 0) & payees[graph.payee] & (holder[graph.payer] != holder[graph.payee])
        # The centre of a fan is here a payee together with a group; holders are numbered above all of them.
        key = graph.payee.astype(np.int64) * (int(found.group.max()) + 1) + np.maximum(group[graph.payer], 0)
        centres, centre = np.unique(key, return_inverse=True)
        party = (holder[graph.payer] + len(centres)).astype(np.int32)
        peaks = fans(
            rows_of(centre.astype(np.int32), party, counted, len(centres) + graph.nodes),
            graph.at,
            counted,
            least=self.min_senders,
            within=microseconds(self.within),
            past=0,
        )
        for peak in range(len(peaks.centre)):
            edges = peaks.payments(peak)
            payers = np.unique(graph.payer[edges])
            name = graph.names[int(graph.payee[edges[0]])].as_py()
            count = int(peaks.parties[peak])
            share = count / self._payers(graph, holder, edges)
            number = int(group[payers[0]])
            shared = found.shared[number]
            senders = sorted(set(graph.names.take(pa.array(payers)).to_pylist()) - {name})
            yield Finding(
                detector="shared-identifier",
                version=self.about.version,
                centre=name,
                accounts=(name, *senders),
                payments=tuple(window.payments["payment_id"].take(pa.array(edges)).to_pylist()),
                first_at=int(graph.at[edges[0]]),
                last_at=int(graph.at[edges[-1]]),
                # The catalogue's scale, weak at two senders.
                strength=min(1.0, share / self.full_share)
                * float(np.clip((count - WEAK) / (self.strong_senders - WEAK), 0, 1)),
                reasons=(
                    Reason(
                        "{measured} of different households paid it within {within} (limit {limit}).",
                        count,
                        self.min_senders,
                        "customers",
                        (("within", self.within),),
                    ),
                    Reason(
                        "Their group shares {measured} ({kinds}).",
                        len(shared),
                        None,
                        "identifiers",
                        (("kinds", ", ".join(sorted(set(shared)))),),
                    ),
                    Reason(
                        "The group has {measured}, each of another household.",
                        int(np.count_nonzero(found.group == number)),
                        None,
                        "customers",
                    ),
                    Reason("They are {measured} of those who paid it then.", share, None, "share"),
                    *sums(graph, edges, "It received {measured} from them."),
                ),
                roles=((name, "collects"), *((sender, "shares an identifier") for sender in senders)),
            )

    def _payers(self, graph: TemporalGraph, holder: NDArray[np.int32], edges: NDArray[np.int32]) -> int:
        """Count everybody who paid the payee of these payments within the span that begins with them."""
        into = graph.into.of(int(graph.payee[edges[0]]))
        begin = graph.at[edges[0]]
        then = into[(graph.at[into] >= begin) & (graph.at[into] < begin + microseconds(self.within))]
        return int(np.unique(holder[graph.payer[then]]).size)

    def _tell_chains(self, window: Window, chained: NDArray[np.bool_]) -> None:
        """Count the payments of those whose group is too large to mean anything."""
        graph = temporal_graph(window)
        owned = (graph.at >= window.since) & (graph.at < window.until)
        note(
            window,
            "shared-identifier",
            "excluded",
            "{count} payment is by a member of a group of over {most} customers, chained by identifiers",
            "{count} payments are by members of groups of over {most} customers, chained by identifiers",
            int(np.count_nonzero(owned & chained[graph.payer])),
            most=str(self.most_group),
        )

    def _tell_crowds(self, window: Window, labels: pa.Array, found: Sharing) -> None:
        """Count the payments of those whose identifier is too crowded to mean anything."""
        graph = temporal_graph(window)
        crowd = pc.is_in(labels, value_set=pa.array(sorted(found.crowd), pa.string())).to_numpy(zero_copy_only=False)
        owned = (graph.at >= window.since) & (graph.at < window.until)
        note(
            window,
            "shared-identifier",
            "excluded",
            "{count} payment is by a customer with an identifier that more than {most} customers hold; such "
            "identifiers were not used: {identifiers}",
            "{count} payments are by customers with an identifier that more than {most} customers hold; such "
            "identifiers were not used: {identifiers}",
            int(np.count_nonzero(owned & crowd[graph.payer])),
            most=str(self.most_customers),
            # All of them in every window, for links come whole: the notes of all windows add up.
            identifiers=", ".join(f"{row['kind']} {row['value_hash']}" for row in found.crowded.to_pylist()),
        )


WEAK = 2
"""FUN-10: the number of senders at which the indicator begins to count."""
