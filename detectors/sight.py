"""What an indicator sees: the payments of a window as arrays, who is behind them, and what the ledger has at all.

Every array is made once per window, on first use, for all accounts at once. Arrays *of payments* have one entry per row
of the window; arrays *of nodes* one per node of its temporal graph. An indicator takes legs (`credits`, `debits`),
keeps those it wants, groups them in stretches of its span and gives values per group to `scores`.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from importlib.resources import files
from math import log10
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from detectors.finding import Finding
from detectors.indicator import Indicator, Level, Score, scaled
from detectors.survey import Survey, Unanswered
from flows.money import exponent
from flows.payments import CHANNELS, PAID_REGULARLY
from flows.window import Window
from graphs.classes import PERSONS, of_class
from graphs.holders import holder_labels
from graphs.legs import Flags, Floats, Ints, Legs, joined, legs_of
from graphs.temporal import TemporalGraph, temporal_graph

T = TypeVar("T")

DAY: Final = 86_400_000_000
HOUR: Final = DAY // 24
NIGHT: Final = (22, 6)
"""Local hours from and until which it is night: FINTRAC's band (FTR16); catalogue, section 1."""
TIE_DAYS: Final = 180
"""Days within which a payment back makes a tie; catalogue, section 1."""
MOST_EVIDENCE: Final = 300
"""Payments listed for one score: ours. The latest are kept and the others counted."""
RENT: Final = ("RENT", "HLRP")
BENEFITS: Final = ("GOVT", "BENE", "SSBE", "PENS")
WAGES: Final = ("SALA", "PAYR", "BONU")
CARD: Final = ("card_pos", "card_cnp")
PERSON_TO_PERSON: Final = ("p2p", "e_transfer", "instant", "sct")
CASH_IN: Final = ("cash_branch", "cash_adm")


@dataclass(frozen=True)
class Given:
    """What an indicator is told beside the window, the same for every piece of the ledger.

    Parameters
    ----------
    columns : frozenset of str
        What the ledger has a value of: ``"payments.mcc"``, ``"links.value_hash"``, ``"motif.round-trip"``...
    end : int
        End of the last day looked at, microseconds since 1970.
    findings : mapping of str to tuple of Finding
        What each motif found.
    lists : mapping of str to tuple of str
        The institution's own lists, by name: parts of merchants' names or of references, in lower case.
    looks : int
        How many stretches overlap at any time (`graphs.legs.Legs.over`).
    country : str
        The jurisdiction whose reporting rules hold, ISO 3166-1 alpha-2.
    surveys : mapping of str to pyarrow.Table
        What everybody answered, by name of the survey, where the window does not hold everybody.
    """

    columns: frozenset[str]
    end: int
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    looks: int = 4
    country: str = ""
    surveys: Mapping[str, pa.Table] = field(default_factory=dict)

    @cached_property
    def named(self) -> pa.Array:
        """Ids of the payments of all findings, each once; every window looks for its own among them."""
        names = {name for findings in self.findings.values() for one in findings for name in one.payments}
        return pa.array(sorted(names), pa.string())

    def __getstate__(self) -> dict[str, Any]:
        """Travel without what is worked out of the rest."""
        return {key: value for key, value in self.__dict__.items() if key != "named"}


class Sight:
    """A window as an indicator sees it.

    Parameters
    ----------
    window : Window
        The payments that count, and the tables beside them.
    given : Given
        What holds for the whole ledger.
    """

    def __init__(self, window: Window, given: Given) -> None:
        self.window = window
        self.given = given
        self.graph: TemporalGraph = temporal_graph(window)
        self.payer, self.payee = self.graph.payer.astype(np.int64), self.graph.payee.astype(np.int64)
        self.at: Ints = self.graph.at
        self.end = given.end
        self._made: dict[Any, Any] = {}

    def has(self, *names: str) -> bool:
        """Say whether the ledger has a value of every one of these columns, motifs or lists."""
        return all(any(one in self.given.columns for one in name.split("|")) for name in names)

    def findings(self, motif: str) -> tuple[Finding, ...]:
        """Give what a motif found in the whole ledger."""
        return self.given.findings.get(motif, ())

    # Of everybody, also where the window holds a portion of the accounts.

    def everybody(self, survey: Survey) -> pa.Table:
        """Give the answers of all accounts of the ledger, in no particular order.

        Ask before anything is measured: where answers are not there yet, all work until then is done again.

        Raises
        ------
        Unanswered
            If they have to be waited for.
        """
        if survey.name in self.given.surveys:
            return self.given.surveys[survey.name]
        if not self.window.everything:
            raise Unanswered(survey)
        return self.once(("survey", survey.name), lambda: survey.together([self.part(survey)]))

    def part(self, survey: Survey) -> pa.Table:
        """Give the answers of the bank's own accounts that this window owns: nobody else is asked."""
        table = survey.answered(self)
        return table.filter(pa.array((self.own & self.owned)[table["of"].to_numpy()])).drop_columns("of")

    @cached_property
    def owned(self) -> Flags:
        """Nodes whose payments are all here: everybody, unless accounts are looked at in portions."""
        if self.window.cut == "time" or self.window.everything:
            return np.ones(self.graph.nodes, np.bool_)
        return np.array([self.window.owns(name, 0) for name in self.graph.names.to_pylist()], np.bool_)

    def mine(self, legs: Legs) -> Ints:
        """Give the payments of the legs of accounts that this window owns."""
        return legs.row[self.owned[legs.own]]

    def all_of(self, nodes: Flags) -> Ints:
        """Give all payments, in and out, of those of some accounts that this window owns."""
        wanted = nodes & self.owned
        return np.flatnonzero(wanted[self.payer] | wanted[self.payee])

    def latest(self, within: timedelta) -> Flags:
        """Say which payments lie in the latest stretch of a span (`graphs.legs.Legs.over`)."""
        age = self.end - 1 - self.at
        stretch = self.given.looks * -(-(within // timedelta(microseconds=1)) // self.given.looks)
        return (age >= 0) & (age < stretch)

    def rows_of_motifs(self, *motifs: str) -> Ints:
        """Give the payments of all findings of some motifs."""
        return self.rows_of([name for motif in motifs for one in self.findings(motif) for name in one.payments])

    # Of payments.

    @cached_property
    def amount(self) -> Floats:
        """Amount of each payment in u, about a euro."""
        units = self.graph.currencies
        per = np.array([_rates().get(code, 1.0) / 10 ** exponent(code) for code in units] or [1.0])
        amount: Floats = self.graph.amount * per[self.graph.unit]
        return amount

    @cached_property
    def cents(self) -> Ints:
        """Amount of each payment in hundredths of u, whole: to match money in with money out."""
        return np.rint(self.amount * 100).astype(np.int64)

    @cached_property
    def _local(self) -> Ints:
        offset = self.window.payments["utc_offset_min"].fill_null(0).to_numpy().astype(np.int64)
        local: Ints = self.at + offset * 60_000_000
        return local

    @cached_property
    def timed(self) -> Flags:
        """Whether the time is that of the event itself; only then is there an hour."""
        return _flags(pc.equal(self.window.payments["ts_quality"], "event"))

    @cached_property
    def hour(self) -> Ints:
        """Local hour of each payment, -1 where it is not known."""
        return np.where(self.timed, self._local // HOUR % 24, -1)

    @cached_property
    def minute(self) -> Ints:
        """Local minute of the day of each payment, -1 where it is not known."""
        return np.where(self.timed, self._local // (HOUR // 60) % (24 * 60), -1)

    @cached_property
    def night(self) -> Flags:
        """Whether a payment is known to be made at night."""
        return self.timed & ((self.hour >= NIGHT[0]) | (self.hour < NIGHT[1]))

    @cached_property
    def day(self) -> Ints:
        """Local day of each payment since 1970; its booking date where the time is not that of the event."""
        booked = self.window.payments["booked_on"].cast(pa.int32()).to_numpy().astype(np.int64)
        return np.where(self.timed, self._local // DAY, booked)

    @cached_property
    def night_of(self) -> Ints:
        """The evening a payment belongs to, as a day since 1970: until noon, that of the day before."""
        return np.where(self.timed, (self._local - 12 * HOUR) // DAY, self.day)

    def multiple_of(self, size: int) -> Flags:
        """Say which amounts are multiples of so many units, scaled by tens to what they buy: 10 EUR, 100 SEK."""
        steps = [size * 10 ** (exponent(code) + max(0, round(-log10(rate(code))))) for code in self.graph.currencies]
        flags: Flags = self.graph.amount % np.array(steps or [1])[self.graph.unit] == 0
        return flags

    def codes(self, column: str) -> Ints:
        """Give each payment the number of its value in a text column, -1 where it has none; see `values`."""
        return self._encoded(column)[0]

    def values(self, column: str) -> list[str]:
        """Give the different values of a text column, by number."""
        return self._encoded(column)[1]

    def _encoded(self, column: str) -> tuple[Ints, list[str]]:
        return self.once(("codes", column), lambda: _encode(self._written(column)))

    def _written(self, column: str) -> pa.ChunkedArray:
        """Give a text column; towns without their capitals, which terminals write as they like."""
        values = self.window.payments[column]
        return pc.utf8_lower(values) if column == "city" else values

    def is_in(self, column: str, values: Sequence[str]) -> Flags:
        """Say which payments have one of these values in a text column."""
        wanted = set(values)
        return self._by_value(column, (tuple(values),), lambda value: value in wanted)

    def channel(self, *names: str) -> Flags:
        """Say which payments went through one of these channels."""
        assert set(names) <= set(CHANNELS), names
        return self.is_in("channel", names)

    def purpose(self, *codes: str) -> Flags:
        """Say which payments have one of these ISO 20022 purpose codes."""
        return self.is_in("purpose_code", codes)

    def merchants(self, *groups: str) -> Flags:
        """Say which payments have a merchant category of one of these groups of `mcc_groups.toml`."""
        wanted = frozenset().union(*(mcc_group(name) for name in groups))
        return self._by_value("mcc", ("groups", *groups), lambda code: code in wanted)

    def listed(self, name: str, column: str = "merchant_name") -> Flags:
        """Say which payments have a part in a text column that is on one of the institution's lists."""
        parts = self.given.lists.get(name, ())
        return self._by_value(column, ("list", name), lambda value: any(part in value.casefold() for part in parts))

    @cached_property
    def adverts(self) -> Flags:
        """Payments for adverts: MCC 7273, a listed merchant, or an advertising MCC with a listed merchant's name."""
        return self.merchants("adult_ad") | self.listed("adverts")

    @cached_property
    def wages(self) -> Flags:
        """Payments of a wage: by purpose or from a payroll file."""
        return self.purpose(*WAGES) | self.channel("payroll_file")

    @cached_property
    def benefits(self) -> Flags:
        """Payments of a state benefit or pension."""
        return self.purpose(*BENEFITS) | self.channel("benefit")

    @cached_property
    def cash_in(self) -> Flags:
        """Cash paid in at a machine or a counter."""
        return self.channel(*CASH_IN) & self.of_class("cash")[self.payer]

    @cached_property
    def cash_out(self) -> Flags:
        """Cash drawn at a machine or a counter."""
        return self.of_class("cash")[self.payee]

    @cached_property
    def to_crypto(self) -> Flags:
        """Money to an exchange or crypto outlet."""
        return self.of_class("vasp")[self.payee] | self.channel("crypto") | self.merchants("crypto")

    @cached_property
    def to_remitter(self) -> Flags:
        """Money to a money-service business."""
        return self.of_class("msb")[self.payee] | self.channel("msb")

    @cached_property
    def abroad(self) -> Flags:
        """Whether the two sides are known to be in different countries."""
        here, there = self.window.payments["payer_country"], self.window.payments["payee_country"]
        return _flags(pc.not_equal(here, there))

    # Of nodes.

    def of_class(self, *names: str) -> Flags:
        """Say which nodes are of one of these classes (`graphs.classes.CLASSES`)."""
        return self.once(("class", names), lambda: of_class(self.window, *names))

    @cached_property
    def own(self) -> Flags:
        """The bank's own accounts."""
        return self.of_class("account")

    @cached_property
    def private(self) -> Flags:
        """Accounts, here or elsewhere, behind which a private person may stand: not known as a firm or a hub."""
        firm = self.is_kind("firm", "npo") | self.account_is("kind", "business", "client")
        return self.of_class(*PERSONS) & ~self.graph.hub & ~firm & ~self.licensed

    @cached_property
    def licensed(self) -> Flags:
        """Accounts of licensed payment intermediaries."""
        licensed: Flags = np.nan_to_num(self.account_number("licensed_intermediary")) > 0
        return licensed

    @cached_property
    def _account_row(self) -> Ints:
        return _places(self.graph.names, self.window.side.accounts, "account_id")

    @cached_property
    def _customer_id(self) -> pa.Array:
        return _taken(self.window.side.accounts, "customer_id", self._account_row, self.graph.nodes)

    @cached_property
    def _customer_row(self) -> Ints:
        return _places(self._customer_id, self.window.side.customers, "customer_id")

    def account_text(self, column: str) -> pa.Array:
        """Give each node a text of its row in the accounts table, null where there is none."""
        return _taken(self.window.side.accounts, column, self._account_row, self.graph.nodes)

    def customer_text(self, column: str) -> pa.Array:
        """Give each node a text of its holder's row in the customers table, null where there is none."""
        return _taken(self.window.side.customers, column, self._customer_row, self.graph.nodes)

    def account_number(self, column: str) -> Floats:
        """Give each node a number of its row in the accounts table (dates as days since 1970), NaN where none."""
        return self.once(("account", column), lambda: _number(self.account_text(column)))

    def customer_number(self, column: str) -> Floats:
        """Give each node a number of its holder's row in the customers table, NaN where there is none."""
        return self.once(("customer", column), lambda: _number(self.customer_text(column)))

    def account_is(self, column: str, *values: str) -> Flags:
        """Say which nodes have one of these values in a column of the accounts table."""
        return _flags(pc.is_in(self.account_text(column), value_set=pa.array(values, pa.string())))

    def customer_is(self, column: str, *values: str) -> Flags:
        """Say which nodes have a holder with one of these values in a column of the customers table."""
        return _flags(pc.is_in(self.customer_text(column), value_set=pa.array(values, pa.string())))

    def is_kind(self, *kinds: str) -> Flags:
        """Say which nodes are held by a customer of one of these kinds: person, sole_trader, firm, npo."""
        return self.customer_is("kind", *kinds)

    @cached_property
    def household_name(self) -> pa.Array:
        """Household, else the customer, else the account behind each node: the same in every window."""
        alone = pc.binary_join_element_wise("account", self.graph.names, " ")
        return pc.coalesce(holder_labels(self.window.side.customers, self._customer_id), alone)

    @cached_property
    def household(self) -> Ints:
        """Number of the household, else the customer, else the account behind each node."""
        return _encode(self.household_name)[0]

    @cached_property
    def customer_name(self) -> pa.Array:
        """Customer, else the account, behind each node: the same in every window."""
        alone = pc.binary_join_element_wise("account", self.graph.names, " ")
        return pc.coalesce(pc.binary_join_element_wise("customer", self._customer_id, " "), alone)

    @cached_property
    def customer(self) -> Ints:
        """Number of the customer, else the account, behind each node."""
        return _encode(self.customer_name)[0]

    @cached_property
    def home_city(self) -> Ints:
        """Home city of the holder of each node as a number of the payments' column ``city``; -1 unknown, -2 another."""
        home = pc.utf8_lower(self.customer_text("home_city"))
        place = pc.index_in(home, value_set=pa.array(self.values("city"), pa.string()))
        number = place.fill_null(-2).to_numpy(zero_copy_only=False).astype(np.int64)
        return np.where(_flags(home.is_null()), -1, number)

    # Of ties between two accounts.

    @cached_property
    def pair(self) -> Ints:
        """Number of the directed pair of each payment, by payer and then payee."""
        return self._pairs[0]

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        # numba is imported by whoever measures, not by whoever lists indicators.
        from graphs.kernels.rows import pair_numbers

        return pair_numbers(self.payer, self.payee, self.graph.nodes)

    @cached_property
    def first_seen(self) -> Ints:
        """Time of the first payment in the window between the same two accounts in the same direction."""
        first = np.full(int(self.pair.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, self.pair, self.at)
        of_payment: Ints = first[self.pair]
        return of_payment

    @cached_property
    def mutual(self) -> Flags:
        """Whether the payee paid the payer within 180 days before or after."""
        from graphs.kernels.rows import grouped

        number, one = self._pairs
        pair = self.payer[one] * self.graph.nodes + self.payee[one]
        back = self.payee * self.graph.nodes + self.payer
        span = TIE_DAYS * DAY
        # Sorted by pair and then by time: the next payment back from `span` before on.
        start, order = grouped(number.astype(np.int32), pair.size)
        place = np.searchsorted(pair, back)
        place[place == pair.size] = 0
        found = np.flatnonzero(pair[place] == back) if pair.size else np.empty(0, np.int64)
        result = np.zeros(self.at.size, np.bool_)
        at, low, high = self.at[order], start[place[found]], start[place[found] + 1]
        low = _first_at_least(at, low, high, self.at[found] - span)
        result[found[low < high]] = at[low[low < high]] <= self.at[found[low < high]] + span
        return result

    @cached_property
    def regular(self) -> Flags:
        """Whether the payer pays the payee monthly: in six months or more, not much oftener than once in each."""
        from graphs.kernels.rows import pair_numbers

        month = self.window.payments["booked_on"]
        number = (pc.year(month).to_numpy() * 12 + pc.month(month).to_numpy()).astype(np.int64)
        number -= number.min() if number.size else 0
        pairs = self._pairs[1].size
        _, once = pair_numbers(self.pair, number, max(pairs, int(number.max(initial=0)) + 1))
        months = np.bincount(self.pair[once], minlength=pairs)
        payments = np.bincount(self.pair, minlength=pairs)
        monthly: Flags = (months >= 6) & (payments <= 1.5 * months)
        of_payment: Flags = monthly[self.pair]
        return of_payment

    @cached_property
    def related(self) -> Flags:
        """Whether payer and payee are one household, or one pays the other wages, a benefit or rent."""
        together = self.household[self.payer] == self.household[self.payee]
        bound = self.wages | self.benefits | self.purpose(*PAID_REGULARLY, *RENT)
        from graphs.kernels.rows import pair_numbers

        number, one = pair_numbers(
            np.minimum(self.payer, self.payee), np.maximum(self.payer, self.payee), self.graph.nodes
        )
        tied = np.bincount(number[bound], minlength=one.size) > 0
        related: Flags = together | tied[number]
        return related

    @cached_property
    def tied(self) -> Flags:
        """The primitive ``tie``: a payment back, monthly payments, or known to each other for 180 days."""
        return self.mutual | self.regular | self.related | (self.at - self.first_seen >= TIE_DAYS * DAY)

    def unrelated(self, legs: Legs) -> Flags:
        """Say of each leg whether the counterparty passes ``unrel``.

        It is an account, no hub and no licensed intermediary, no payment went back within 180 days, no household is
        shared, and neither pays the other wages, benefits or rent. Names are never compared.
        """
        stranger = self.of_class(*PERSONS) & ~self.graph.hub & ~self.licensed
        unrelated: Flags = stranger[legs.other] & ~(self.mutual | self.related)[legs.row]
        return unrelated

    # Legs and answers.

    def subject(self, by: Level) -> Ints:
        """Give each node its subject: the account itself, or the customer who holds it."""
        return np.arange(self.graph.nodes) if by == "account" else self.customer

    def credits(self, by: Level = "account") -> Legs:
        """Give all money into the bank's accounts, without transfers between accounts of one customer and fees."""
        return self.once(("credits", by), lambda: self._legs(by, self.payee, self.payer))

    def debits(self, by: Level = "account") -> Legs:
        """Give all money out of the bank's accounts, without transfers between accounts of one customer and fees."""
        return self.once(("debits", by), lambda: self._legs(by, self.payer, self.payee))

    def _legs(self, by: Level, own: Ints, other: Ints) -> Legs:
        fee = self.channel("fee") | self.of_class("fee")[other]
        row = np.flatnonzero(self.own[own] & (self.customer[own] != self.customer[other]) & ~fee)
        return legs_of(self.subject(by)[own[row]], row, other[row], own[row])

    def balance(self, legs: Legs) -> Floats:
        """Give the balance of the subject's own account after each leg, in u; NaN where it is not known."""
        side = np.where(self.payee[legs.row] == legs.own, 0, 1)
        known = [
            self._balances(column)[legs.row] for column in ("payee_balance_after_minor", "payer_balance_after_minor")
        ]
        return np.where(side == 0, known[0], known[1])

    def _balances(self, column: str) -> Floats:
        def made() -> Floats:
            # Minor units of the payment's currency, as its amount.
            per = self.amount / np.maximum(self.graph.amount, 1)
            minor = self.window.payments[column].cast(pa.float64()).fill_null(np.nan).to_numpy()
            return np.asarray(minor * per)

        return self.once(("balance", column), made)

    def over(self, legs: Legs, within: timedelta, like: Legs | None = None) -> Legs:
        """Group legs in stretches of a span up to the last day looked at (`graphs.legs.Legs.over`)."""
        return legs.over(within, self.end, self.at, self.given.looks, like)

    def scores(
        self,
        indicator: Indicator,
        evidence: Legs,
        value: NDArray[Any],
        *,
        support: NDArray[Any],
        met: Flags,
        numbers: Mapping[str, NDArray[Any]],
        others: Ints | Legs | None = None,
        other_role: str | None = None,
    ) -> Iterator[Score]:
        """Give one score per subject: that of its stretch with the highest value on the scale, the latest of equals.

        Parameters
        ----------
        indicator : Indicator
            Whose scale and words.
        evidence : Legs
            The legs that show it, in the same groups as the arrays.
        value, support : ndarray, shape (groups,)
            What was measured, and how much of it there was.
        met : ndarray of bool, shape (groups,)
            Where there is enough to measure at all.
        numbers : mapping of str to ndarray, shape (groups,)
            The numbers of the sentence.
        others : ndarray of int64 (groups,) or Legs, optional
            A further node of each group (-1 none), or all counterparties of these legs in the same groups.
        other_role : str, optional
            Their likely role.
        """
        points = np.where(met, scaled(np.asarray(value, np.float64), indicator.weak, indicator.strong), 0.0)
        shown = np.flatnonzero((points > 0) & (evidence.count() > 0))
        order = np.lexsort(
            (evidence.stretch[shown], -np.asarray(value)[shown], -points[shown], evidence.subject[shown])
        )
        _, first = np.unique(evidence.subject[shown][order], return_index=True)
        best = np.sort(shown[order][first])
        start, place = _places_of(evidence, best)
        for number, group in enumerate(best.tolist()):
            legs = place[start[number] : start[number + 1]]
            if isinstance(others, Legs):
                beside = np.unique(others.other[others.group == group]).tolist()
            else:
                beside = [] if others is None or others[group] < 0 else [int(others[group])]
            score = self.score(
                indicator,
                rows=evidence.row[legs],
                centre=_commonest(evidence.own[legs]),
                value=float(value[group]),
                support=int(support[group]),
                numbers={name: values[group].item() for name, values in numbers.items()},
                others=beside,
                other_role=other_role,
            )
            if score is not None:
                yield score

    def cluster_scores(
        self,
        indicator: Indicator,
        evidence: Legs,
        value: NDArray[Any],
        *,
        support: NDArray[Any],
        met: Flags,
        numbers: Mapping[str, NDArray[Any]],
        others: Ints | None = None,
        other_role: str | None = None,
        role: str | None = None,
        apart: bool = False,
    ) -> Iterator[Score]:
        """Give the members of each group a score: its subject is what they share (a device, a payee), not an account.

        Members are the bank's own accounts at the subject's end of the evidence (`Legs.own`). Each has the score of the
        group with the highest value, the latest of equals; the other members stand beside it.

        Parameters
        ----------
        indicator, evidence, value, support, met, numbers, others, other_role
            As for `scores`.
        role : str, optional
            Likely role of the members; that of somebody who stands beside them goes before.
        apart : bool
            Whether each member is shown its own payments only: who shares an address has no part in what others pay.
        """
        points = np.where(met, scaled(np.asarray(value, np.float64), indicator.weak, indicator.strong), 0.0)
        shown = np.flatnonzero((points > 0) & (evidence.count() > 0))
        start, place = _places_of(evidence, shown)
        number = np.argsort(shown)[np.lexsort((start[:-1], evidence.stretch[shown], -np.asarray(value)[shown]))]
        done: set[int] = set()
        for which in number.tolist():
            group, legs = int(shown[which]), place[start[which] : start[which + 1]]
            members = np.unique(evidence.own[legs])
            members = members[self.own[members]].tolist()
            beside = [] if others is None or others[group] < 0 else [int(others[group])]
            roles = [(one, role) for one in members if role] + [(one, other_role) for one in beside if other_role]
            for member in members:
                if member in done:
                    continue
                done.add(member)
                score = self.score(
                    indicator,
                    rows=evidence.row[legs[evidence.own[legs] == member] if apart else legs],
                    centre=member,
                    value=float(value[group]),
                    support=int(support[group]),
                    numbers={name: values[group].item() for name, values in numbers.items()},
                    others=[*members, *beside],
                    roles=roles,
                )
                if score is not None:
                    yield score

    def score(
        self,
        indicator: Indicator,
        *,
        rows: Ints,
        centre: int,
        value: float,
        support: int,
        numbers: Mapping[str, float],
        others: Sequence[int] = (),
        other_role: str | None = None,
        roles: Sequence[tuple[int, str]] = (),
    ) -> Score | None:
        """Give one score from payments and nodes by number; None where the value scores nothing.

        Parameters
        ----------
        rows : ndarray of int64
            Payments that show it; at least one.
        others : sequence of int
            Further nodes that belong to it.
        other_role : str, optional
            Likely role of all of them.
        roles : sequence of (int, str)
            Likely roles of single nodes.
        """
        about = indicator.about
        rows = np.unique(rows)
        kept = rows[-MOST_EVIDENCE:]
        name = self.graph.names[centre].as_py()
        beside = sorted(set(self.graph.names.take(pa.array(list(others), pa.int64())).to_pylist()) - {name})
        points = round(float(scaled(np.array([value]), indicator.weak, indicator.strong)[0]), 6)
        if points == 0:
            return None
        named = dict.fromkeys(beside, other_role) if other_role else {}
        named |= {self.graph.names[node].as_py(): role for node, role in roles}
        return Score(
            indicator=about.id,
            version=about.version,
            centre=name,
            value=value,
            support=support,
            score=points,
            says=about.sentence,
            numbers=tuple((key, numbers[key], unit) for key, unit in about.numbers.items()),
            payments=tuple(self.window.payments["payment_id"].take(pa.array(kept)).to_pylist()),
            first_at=int(self.at[kept[0]]),
            last_at=int(self.at[kept[-1]]),
            others=tuple(beside),
            roles=tuple(sorted((one, role) for one, role in named.items() if role)),
            left_out=int(rows.size - kept.size),
            degraded=any(not self.has(column) for column in about.reduced),
        )

    def rows_of(self, payments: Sequence[str]) -> Ints:
        """Give the rows of payments that findings name, ascending; those that are not in the window are left out."""
        row = self.once("rows of findings", self._named)
        return np.array(sorted(row[name] for name in payments if name in row), np.int64)

    def _named(self) -> dict[str, int]:
        ids = self.window.payments["payment_id"]
        rows = np.flatnonzero(_flags(pc.is_in(ids, value_set=self.given.named)))
        return dict(zip(ids.take(pa.array(rows)).to_pylist(), rows.tolist(), strict=True))

    def _by_value(self, column: str, key: tuple[Any, ...], wanted: Callable[[str], bool]) -> Flags:
        def flags() -> Flags:
            number, values = self._encoded(column)
            # One place more than there are values: -1, for no value, is the last.
            table = np.array([*(wanted(value) for value in values), False], np.bool_)
            of_payment: Flags = table[number]
            return of_payment

        return self.once((column, key), flags)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what `make` made for this key, making it on the first call only: what several indicators measure."""
        if key not in self._made:
            self._made.setdefault(key, make())
        made: T = self._made[key]
        return made


def sight(window: Window, given: Given) -> Sight:
    """Give what indicators see of a window; made once per window."""
    seen: Sight = window.memo("sight", lambda: Sight(window, given))
    return seen


def rate(currency: str) -> float:
    """Give what a unit of a currency is worth in u, about and at any time; 1 where it is not known.

    `price_levels.csv` says where each comes from: the catalogue gives SEK alone (90 to 300 SEK are 8 to 27 u), the
    others are ours, rounded and from memory. They place an amount among broad ranges of u and are no rates of exchange.
    """
    return _rates().get(currency, 1.0)


def both(first: Legs, second: Legs) -> Legs:
    """Put legs of the same groups together: money in and money out of the same stretches."""
    return joined(first, second)


@cache
def mcc_group(name: str) -> frozenset[str]:
    """Give the merchant-category codes of a group of `mcc_groups.toml`.

    Examples
    --------
    >>> "3600" in mcc_group("lodging"), "7011" in mcc_group("lodging"), "5411" in mcc_group("lodging")
    (True, True, False)
    """
    codes: set[str] = set()
    for one in _groups()[name]:
        low, _, high = one.partition("-")
        codes.update(f"{code:04d}" for code in range(int(low), int(high or low) + 1))
    return frozenset(codes)


@cache
def _groups() -> dict[str, list[str]]:
    return tomllib.loads(files("detectors").joinpath("mcc_groups.toml").read_text(encoding="utf-8"))


@cache
def _rates() -> dict[str, float]:
    text = files("detectors").joinpath("price_levels.csv").read_text(encoding="utf-8")
    return {row["currency"]: float(row["eur"]) for row in csv.DictReader(text.splitlines())}


def _encode(values: pa.Array | pa.ChunkedArray) -> tuple[Ints, list[str]]:
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = flat.dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def _flags(values: Any) -> Flags:
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(flat.fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _places(names: pa.Array, table: pa.Table | None, key: str) -> Ints:
    if table is None:
        return np.full(len(names), -1, np.int64)
    place = pc.index_in(names, value_set=table[key].combine_chunks())
    # A null of the names must not find a null of the table.
    found = pc.if_else(pc.is_valid(names), place, None).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False)).astype(np.int64)


def _taken(table: pa.Table | None, column: str, place: Ints, nodes: int) -> pa.Array:
    if table is None:
        return pa.nulls(nodes, pa.string())
    return table[column].combine_chunks().take(pa.array(place, mask=place < 0))


def _number(values: pa.Array) -> Floats:
    if pa.types.is_string(values.type):
        return np.full(len(values), np.nan)
    if pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    return np.asarray(values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False))


def _first_at_least(values: Ints, low: Ints, high: Ints, wanted: Ints) -> Ints:
    """Give, in each ascending piece ``values[low:high]``, the place of the first value that is large enough."""
    low, high = low.copy(), high.copy()
    while True:
        open_ = low < high
        if not open_.any():
            return low
        middle = (low + high) // 2
        less = open_ & (values[np.minimum(middle, values.size - 1)] < wanted)
        low = np.where(less, middle + 1, low)
        high = np.where(open_ & ~less, middle, high)


def _places_of(legs: Legs, groups: Ints) -> tuple[Ints, Ints]:
    """Give the places of the legs of some groups, group after group, and where each begins."""
    number = np.full(legs.groups, -1, np.int64)
    number[groups] = np.arange(groups.size)
    of = number[legs.group]
    place = np.flatnonzero(of >= 0)
    place = place[np.argsort(of[place], kind="stable")]
    return np.concatenate([[0], np.cumsum(np.bincount(of[place], minlength=groups.size))]), place


def _commonest(nodes: Ints) -> int:
    """Give the node that occurs most often, the earliest of equals."""
    values, first, count = np.unique(nodes, return_index=True, return_counts=True)
    return int(values[np.lexsort((first, -count))[0]])
