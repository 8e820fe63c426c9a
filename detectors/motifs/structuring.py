"""Cash or remittances in pieces that stay under the country's reporting level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import accumulate, pairwise
from typing import ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.about import About, microseconds, parameter
from detectors.evidence import account_names, different_of_each, payment_ids, sums_of_each
from detectors.finding import Finding, Reason, Value
from detectors.levels import ruled_by
from detectors.notes import note
from detectors.thresholds import Direction, Instrument, Threshold, thresholds
from flows.window import Reach, Window
from graphs.classes import of_class
from graphs.temporal import TemporalGraph, temporal_graph

INSTRUMENTS: Final[dict[Instrument, tuple[str, ...]]] = {
    "cash": ("cash_branch", "cash_adm", "atm_wd"),
    "remittance": ("msb",),
}
"""Channels of each instrument; a counterparty of the class ``cash:`` or ``msb:`` says the same."""

NODES: Final[dict[Instrument, str]] = {"cash": "cash", "remittance": "msb"}

DIRECTIONS: Final[tuple[Direction, ...]] = ("in", "out")

ASKED: Final[dict[Direction, list[str]]] = {
    "in": ["payee", "payee_country", "country", "booked_on", "terminal_id", "depositor_id"],
    "out": ["payer", "payer_country", "country", "booked_on", "terminal_id", "depositor_id"],
}
"""Columns of a payment that rules ask for."""

COUNTED = {
    "single": "one by one",
    "linked": "as linked operations",
    "business_day": "by business day",
    "rolling_24h": "by 24 hours",
    "calendar_month": "by calendar month",
}


@dataclass(frozen=True, kw_only=True)
class Structuring:
    """Find accounts whose cash or remittances come in pieces that stay under the country's reporting level.

    Each rule of `detectors.thresholds` is held to the pieces it is about, in its own window (single operation, linked
    operations, business day, 24 hours, calendar month), over all branches and machines, and for its own dates; into
    and out of the account apart. A finding is a stretch that shows, with a half each: three or more pieces near the
    level; two or more windows whose sum is near it; near pieces far more frequent than amounts just above; pieces at
    several places or by several depositors in one window. `graphs.kernels.structuring` has the exact definition. The
    strength is the halves against `strong`; nearness alone never gives more than one half, since being near a level is
    no sign by itself (L-FAQ).

    The country of a piece is the one chosen for the account (``accounts.jurisdiction``), else where the piece took
    place (``country``), else the account's side of the payment (``payee_country`` or ``payer_country``), else
    `jurisdiction`, else the one country whose level is in that currency.

    Notes
    -----
    Needs an account's whole past: windows follow one another, and a rolling one may begin with any piece. A piece in
    another currency than the rule's is passed over. The comparison with peers that FUN-02 asks for is made with the
    account's own amounts above the level.

    Sources: indicator FUN-02 of the catalogue; L-US, L-FAQ, L-FR, L-IT, L-AU; AMLTRIX T0016.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.window import whole
    >>> window = whole(
    ...     payments_from_arrows('''
    ...     day 0 09:00  cash:north -> anna  4700 CAD cash_branch country=CA
    ...     day 0 11:00  cash:south -> anna  4900 CAD cash_branch country=CA
    ...     day 3 09:00  cash:north -> anna  4600 CAD cash_branch country=CA
    ...     day 3 12:00  cash:east  -> anna  4800 CAD cash_branch country=CA
    ... '''),
    ...     cut="account",
    ... )
    >>> [finding] = Structuring().find(window)
    >>> finding.payments, round(finding.strength, 2)
    (('p1', 'p2', 'p3', 'p4'), 0.67)
    >>> print(finding.reasons[0].sentence)
    9,600.00 CAD in one window came closest to the level of CA (10,000.00 CAD, counted by 24 hours).
    """

    near_share: float = parameter(0.8, unit="share", least=0.5, most=1.0, why="FUN-02: near is [0.8T, T)")
    above_share: float = parameter(
        0.2, unit="share", least=0.0, most=1.0, why="FUN-02: just above is [T, 1.2T), the band to compare with"
    )
    least_near: int = parameter(3, unit="payments", least=1, why="FUN-02: three single deposits near the level")
    least_pieces: int = parameter(3, unit="payments", least=1, why="FUN-02, support: three near-threshold events")
    strong: float = parameter(
        1.5, unit="score", least=0.5, most=2.0, why="FUN-02, strong limit: so much gives the full strength"
    )
    within: timedelta = parameter(
        timedelta(days=30),
        unit="time",
        least=timedelta(days=1),
        why="FUN-02, window; rules that count by month use within_months",
    )
    within_months: int = parameter(
        3, unit="months", least=1, most=12, why="ours: two months near the level cannot show in 30 days"
    )
    linked_within: timedelta = parameter(
        timedelta(hours=24),
        unit="time",
        least=timedelta(minutes=1),
        why="ours: the laws leave open what is linked; a day is what the rules that do say use",
    )
    jurisdiction: str = parameter(
        "", unit="country code", why="ours: the bank's own country, for payments that name none; empty where unknown"
    )
    own_thresholds: tuple[str, ...] = parameter(
        (), unit="rules", why="ours: an institution's counsel decides; columns as in detectors/thresholds.csv"
    )

    about = About(
        title="Pieces under the reporting level",
        question="Is cash or a remittance split so that each piece, day or month stays just under the local level?",
        meaning="Pieces keep under the amount the bank must report. It says nothing of where the money is from.",
        sources=("L-US", "L-FAQ", "L-FR", "L-IT", "L-AU", "AMLTRIX"),
        innocent=(
            "a shop banking takings of similar size every day",
            "an insurance that covers only so much cash on the way to the bank",
            "a deposit machine that takes only so many notes at a time",
        ),
        clears=(
            "takings in the books that fit the deposits, day by day",
            "the insurance's or the machine's limit, where the pieces keep to it",
        ),
        leg="MOV",
        # What keeps under a level is the amounts; the same amounts at other times keep under it too.
        shuffled=False,
        version=3,
    )
    columns: ClassVar[frozenset[str]] = frozenset(
        {"booked_on", "channel", "country", "depositor_id", "payee_country", "payer_country", "terminal_id"}
    )

    @property
    def reach(self) -> Reach:
        """Windows follow one another through an account's whole past."""
        return Reach(cut="account", whose="own")

    def find(self, window: Window) -> Iterator[Finding]:
        """Give one finding per stretch, by account and time; of rules that show the same payments, the stronger."""
        graph = temporal_graph(window)
        found: dict[tuple[str, tuple[str, ...]], Finding] = {}
        for rule in thresholds(self.own_thresholds):
            if rule.currency not in graph.currencies:
                continue
            for direction in rule.directions:
                for finding in self._under(rule, direction, window, graph):
                    same = found.get((finding.centre, finding.payments))
                    if same is None or same.strength < finding.strength:
                        found[finding.centre, finding.payments] = finding
        yield from sorted(found.values(), key=lambda finding: finding.order)
        note(
            window,
            "structuring",
            "excluded",
            "{count} cash payment or remittance names no country, so no reporting level applied; set jurisdiction",
            "{count} cash payments and remittances name no country, so no reporting level applied; set jurisdiction",
            self._nowhere(window, graph),
        )

    def _nowhere(self, window: Window, graph: TemporalGraph) -> int:
        """Count the payments of owned accounts that no rule could be about, for want of a country."""
        rules = thresholds(self.own_thresholds)
        unclear = [code for code in graph.currencies if len({r.country for r in rules if r.currency == code}) > 1]
        if self.jurisdiction or not unclear:
            return 0
        count = 0
        for direction in DIRECTIONS:
            both = [_handovers(window, instrument, direction) for instrument in INSTRUMENTS]
            nowhere = np.unique(np.concatenate([each.edge[pc.is_null(each.country).to_numpy()] for each in both]))
            nowhere = nowhere[np.isin(graph.unit[nowhere], [graph.currencies.index(code) for code in unclear])]
            account = graph.payee if direction == "in" else graph.payer
            nodes, payments = np.unique(account[nowhere], return_counts=True)
            for node, number in zip(nodes.tolist(), payments.tolist(), strict=True):
                count += number if window.owns(graph.names[node].as_py(), 0) else 0
        return count

    def _under(self, rule: Threshold, direction: Direction, window: Window, graph: TemporalGraph) -> Iterator[Finding]:
        # numba is imported by whoever searches, not by whoever lists detectors.
        from graphs.kernels.structuring import stretches

        handed = _handovers(window, rule.instrument, direction)
        account, amount = handed.account, graph.amount[handed.edge]
        looked_at = self._covered(rule, handed, graph)
        clock, span, within = self._clock(rule, handed, graph)
        most = rule.most_unreported
        pieces = _by_account(looked_at & (amount <= most), account, clock)
        owner = account[pieces]
        owners = owner[np.flatnonzero(np.diff(owner, prepend=-1))]
        just_above = looked_at & (amount > most) & (amount <= most + round(self.above_share * rule.level_minor))
        above = _by_account(just_above, account, clock)
        above = above[np.isin(account[above], owners)]
        found = stretches(
            _starts(owner, owners),
            clock[pieces],
            amount[pieces],
            handed.place[pieces],
            handed.depositor[pieces],
            _starts(account[above], owners),
            clock[above],
            span,
            within,
            round(self.near_share * rule.level_minor),
            most if rule.adds_up else 2**62,
            self.least_near,
            self.least_pieces,
        )
        if not found.account.size:
            return
        spans = zip(found.first.tolist(), found.last.tolist(), strict=True)
        shown = [pieces[low:high][found.hot[low:high]] for low, high in spans]
        start = np.concatenate(([0], np.cumsum([each.size for each in shown])))
        edges = handed.edge[np.concatenate([np.sort(each) for each in shown])]
        parties, begin = different_of_each(graph, (graph.payer if direction == "in" else graph.payee)[edges], start)
        ids, others = payment_ids(window, edges), account_names(graph, parties)
        columns = zip(
            account_names(graph, owners[found.account]),
            shown,
            pairwise(start.tolist()),
            pairwise(begin.tolist()),
            found.halves.tolist(),
            found.near_pieces.tolist(),
            found.near_windows.tolist(),
            graph.at[edges[start[:-1]]].tolist(),
            graph.at[edges[start[1:] - 1]].tolist(),
            sums_of_each(graph, edges, start, "They come to {measured}."),
            strict=True,
        )
        role = "receives in pieces" if direction == "in" else "pays out in pieces"
        for name, each, (low, high), (first, last), halves, singles, windows, first_at, last_at, money in columns:
            closest = _closest(clock[each], amount[each], span, most)
            places = len(set(handed.place[each].tolist()))
            yield Finding(
                detector="structuring",
                version=self.about.version,
                centre=name,
                accounts=(name, *others[first:last]),
                payments=tuple(ids[low:high]),
                first_at=first_at,
                last_at=last_at,
                strength=min(1.0, 0.5 * halves / self.strong),
                reasons=(*self._reasons(rule, closest, singles, windows, places), *money),
                roles=((name, role),),
            )

    def _clock(self, rule: Threshold, handed: Handovers, graph: TemporalGraph) -> tuple[NDArray[np.int64], int, int]:
        """Give when each payment was on the rule's own clock, the length of its window, and of a stretch."""
        if rule.window_type == "business_day":
            return handed.day, 1, max(1, self.within // timedelta(days=1))
        if rule.window_type == "calendar_month":
            months = handed.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            return months, 1, self.within_months
        span = timedelta(hours=24) if rule.window_type == "rolling_24h" else self.linked_within
        return graph.at[handed.edge], microseconds(span), microseconds(self.within)

    def _covered(self, rule: Threshold, handed: Handovers, graph: TemporalGraph) -> NDArray[np.bool_]:
        """Say for each payment whether a rule is about it."""
        covered: NDArray[np.bool_] = graph.unit[handed.edge] == graph.currencies.index(rule.currency)
        covered &= graph.amount[handed.edge] >= rule.floor_minor
        if rule.since is not None:
            covered &= handed.day >= np.datetime64(rule.since, "D").astype(np.int64)
        if rule.until is not None:
            covered &= handed.day <= np.datetime64(rule.until, "D").astype(np.int64)
        countries = {each.country for each in thresholds(self.own_thresholds) if each.currency == rule.currency}
        fallback = self.jurisdiction or (countries.pop() if len(countries) == 1 else "")
        covered &= pc.equal(pc.fill_null(handed.country, fallback), rule.country).to_numpy()
        return covered

    def _reasons(
        self, rule: Threshold, closest: int, near_pieces: int, near_windows: int, places: int
    ) -> Iterator[Reason]:
        of_months = rule.window_type == "calendar_month"
        period: Value = (self.within_months, "months") if of_months else self.within
        yield Reason(
            "{measured} in one window came closest to the level of {country} ({limit}, counted {counted}).",
            closest,
            rule.level_minor,
            rule.currency,
            (("country", rule.country), ("counted", COUNTED[rule.window_type])),
        )
        if near_pieces:
            yield Reason(
                "{measured} in {period} lay just under it by itself (limit {limit}).",
                near_pieces,
                self.least_near,
                "payments",
                (("period", period),),
                many="{measured} in {period} lay just under it by themselves (limit {limit}).",
                count=near_pieces,
            )
        if near_windows:
            yield Reason(
                "{measured} was near it when its pieces are added up (limit {limit}).",
                near_windows,
                2,
                "windows",
                many="{measured} were near it when their pieces are added up (limit {limit}).",
                count=near_windows,
            )
        if places > 1:
            yield Reason("The pieces were handed over at {measured}.", places, None, "places")


@dataclass(frozen=True, eq=False)
class Handovers:
    """Cash or remittances into or out of the accounts of a window, and what rules ask of them.

    Parameters
    ----------
    edge : ndarray of int64
        Which payments, ascending; none of an account to itself.
    account : ndarray of int32
        Whose account each goes into, or comes out of.
    country : pyarrow.ChunkedArray of string
        Whose rules hold for it, null where nothing says.
    day : ndarray of int64
        When it was booked, days since 1970.
    place : ndarray of int32
        Where, as a number: its terminal where it names one, else its counterparty.
    depositor : ndarray of int32
        By whom, as a number; -1 where it is not known.
    """

    edge: NDArray[np.int64]
    account: NDArray[np.int32]
    country: pa.ChunkedArray
    day: NDArray[np.int64]
    place: NDArray[np.int32]
    depositor: NDArray[np.int32]


def _handovers(window: Window, instrument: Instrument, direction: Direction) -> Handovers:
    """Give the payments of an instrument in one direction; made once a window, for there are several rules."""
    return window.memo(("handovers", instrument, direction), lambda: _handed_over(window, instrument, direction))


def _handed_over(window: Window, instrument: Instrument, direction: Direction) -> Handovers:
    graph = temporal_graph(window)
    account, other = (graph.payee, graph.payer) if direction == "in" else (graph.payer, graph.payee)
    # By its channel, or by its counterparty.
    wanted = of_class(window, NODES[instrument])[other] | window.memo(
        ("channel", instrument),
        lambda: pc.is_in(window.payments["channel"], value_set=pa.array(INSTRUMENTS[instrument])).to_numpy(),
    )
    edge = np.flatnonzero(wanted)
    # These are few among all payments, and what rules ask is text: only they are read.
    edge = edge[of_class(window, "account")[account[edge]] & (account[edge] != other[edge])]
    rows = window.payments.select(ASKED[direction]).take(pa.array(edge))
    terminal = _numbers(rows["terminal_id"])
    return Handovers(
        edge=edge,
        account=account[edge],
        country=ruled_by(replace(window, payments=rows, _memo={}), direction),
        day=rows["booked_on"].cast(pa.int32()).to_numpy().astype(np.int64),
        place=np.where(terminal >= 0, graph.nodes + terminal, other[edge]).astype(np.int32),
        depositor=_numbers(rows["depositor_id"]),
    )


def _by_account(wanted: NDArray[np.bool_], account: NDArray[np.int32], clock: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the wanted places by account and clock; those of one moment of the clock in the order of the window."""
    places = np.flatnonzero(wanted)
    return places[np.lexsort((clock[places], account[places]))]


def _starts(of: NDArray[np.int32], owners: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give where the row of each owner begins in a sorted column, and the end."""
    return np.append(np.searchsorted(of, owners), len(of)).astype(np.int64)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int32]:
    """Give the values of a column as numbers, -1 where there is none."""
    encoded = column.combine_chunks().dictionary_encode()
    return np.require(pc.fill_null(encoded.indices, -1).to_numpy(), np.int32, ["C", "W", "O"])


def _closest(clock: NDArray[np.int64], amount: NDArray[np.int64], span: int, most: int) -> int:
    """Give the largest sum of a window that is not above the level, nor within one that is; else the largest piece."""
    # Python integers: a sum of many large amounts may not fit into int64.
    up_to = [0, *accumulate(amount.tolist())]
    best, reported = int(amount.max()), 0
    for first, last in enumerate(np.searchsorted(clock, clock + span).tolist()):
        together = up_to[last] - up_to[first]
        if together > most:
            reported = last
        elif last > reported:
            best = max(best, together)
    return best
