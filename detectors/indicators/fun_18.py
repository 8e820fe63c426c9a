"""FUN-18: Trade or invoice anomaly in exposed sectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import parameter
from detectors.declared import in_sector, sectors
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import followed, to_individuals
from detectors.sight import RENT, Sight
from detectors.survey import Survey
from graphs.legs import Flags, Ints, Legs, gathered, legs_of


@dataclass(frozen=True, kw_only=True)
class Fun18:
    """Count four signs that a firm's payments to and from other firms do not follow its trade.

    Half of them or more are round sums of 1,000 and more; one and the same text stands six times or more on payments of
    different firms; sums go there and come back within a month, the same within a tenth; and a firm deals with a sector
    that no other firm of its own sector deals with. There is no public table of sectors that belong together: the
    ledger itself is one, where both sectors have five firms or more. Rent, wages and private persons do not count.
    """

    within: timedelta = parameter(
        timedelta(days=180), unit="time", least=timedelta(hours=1), why="FUN-18, window: 180 d"
    )
    weak: float = parameter(2.0, unit="signs", why="FUN-18, weak value of the catalogue")
    strong: float = parameter(4.0, unit="signs", why="FUN-18, strong value of the catalogue")
    least_invoices: int = parameter(6, unit="payments", least=1, why="FUN-18, support: invoices")
    round_to: int = parameter(100, unit="currency units", least=1, why="ours: a round sum is one of whole hundreds")
    round_from: float = parameter(1000.0, unit="u", least=0.0, why="FUN-18: round amounts from 1,000u")
    mostly: float = parameter(0.5, unit="share", least=0.0, most=1.0, why="FUN-18: half of the amounts")
    same_text: int = parameter(6, unit="payments", least=2, why="FUN-18: the same text six times or more")
    alike: float = parameter(0.1, unit="share", least=0.0, most=1.0, why="FUN-18: back within 10 %")
    back_within: timedelta = parameter(
        timedelta(days=30), unit="time", least=timedelta(days=1), why="FUN-18: back within 30 d"
    )
    least_firms: int = parameter(5, unit="firms", least=2, why="ours: fewer firms of a sector show no custom")

    about = IndicatorAbout(
        id="FUN-18",
        title="Trade or invoice anomaly in exposed sectors",
        question="Are payments between firms round, repeated or mirrored in a way that does not match the trade?",
        meaning="Round, repetitive or reciprocal B2B payments that do not match the firm's trade.",
        of=("forced labour", "all types (laundering)"),
        cited=(
            Citation("AMLTRIX", "read", "trade-based and daigou techniques"),
            Citation("FIN25C", "read", "trade-based laundering by networks"),
            Citation("FATF18", "recalled", "trade misuse mentioned"),
        ),
        innocent=(
            "retainers",
            "rent",
            "inter-company services",
        ),
        clears=(
            "contracts for retainers, rent or services within a group that fit the sums",
            "a change of trade, or a supplier that serves all sectors",
        ),
        leg="MOV",
        reliability="weak",
        roles=("possible_front",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4", "D6"),
        needs=("customers.kind|accounts.kind",),
        reduced={
            "payments.narrative": "Whether the same text comes again is not seen.",
            "customers.sector": "Whether the sectors belong together is not seen.",
        },
        by="account",
        sentence=(
            "Of {invoices} between firms within {span}, {round} are round, {same} bear the same text, {mirrored} "
            "were mirrored."
        ),
        numbers={"invoices": "payments", "span": "days", "round": "share", "same": "payments", "mirrored": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the signs of each account of a firm."""
        firms, dealings = sight.everybody(FIRMS), sight.everybody(DEALINGS)
        came, went = _trade(sight)
        both = sight.over(gathered(came, went), self.within)
        count = np.maximum(both.count(), 1)
        rounds = both.where(sight.multiple_of(self.round_to) & (sight.amount >= self.round_from))
        same = self._same_text(sight, both)
        mirrored = both.where(self._mirrored(sight, came, went))
        odd = both.keep(self._odd_sector(sight, both, firms, dealings))
        signs = (
            (rounds.count() >= self.mostly * count).astype(np.int64)
            + (same >= self.same_text)
            + (mirrored.count() > 0)
            + (odd.count() > 0)
        )
        yield from sight.scores(
            self,
            both,
            signs,
            support=both.count(),
            met=both.count() >= self.least_invoices,
            numbers={
                "invoices": both.count(),
                "span": np.full(both.groups, self.within.days),
                "round": rounds.count() / count,
                "same": same,
                "mirrored": mirrored.count(),
            },
        )

    def _same_text(self, sight: Sight, legs: Legs) -> Ints:
        """Give the most payments of each group with one text and different counterparties."""
        texts = {text: number for number, text in enumerate(dict.fromkeys(map(_plain, sight.values("narrative"))))}
        number = np.array([*(texts[_plain(text)] for text in sight.values("narrative")), -1], np.int64)
        text = number[sight.codes("narrative")][legs.row]
        known = legs.keep(text >= 0)
        by_text = legs_of((known.group << 31) + text[text >= 0], known.row, known.other, known.own)
        several = by_text.distinct(by_text.other) >= 2
        most = np.zeros(legs.groups, np.int64)
        np.maximum.at(most, by_text.subject[several] >> 31, by_text.count()[several])
        return most

    def _mirrored(self, sight: Sight, came: Legs, went: Legs) -> Flags:
        """Say which payments were sent to whom had just sent the like, or were so answered."""
        nodes = sight.graph.nodes
        pairs = [
            legs_of(legs.subject[legs.group] * nodes + legs.other, legs.row, legs.other, legs.own)
            for legs in (came, went)
        ]
        mirrored = np.zeros(sight.at.size, np.bool_)
        for first, then in (pairs, pairs[::-1]):
            before = followed(sight, first, then, self.back_within)
            found = np.flatnonzero(before >= 0)
            one, other = first.row[before[found]], then.row[found]
            like = np.abs(sight.amount[one] - sight.amount[other]) <= self.alike * sight.amount[one]
            mirrored[one[like]] = mirrored[other[like]] = True
        return mirrored

    def _odd_sector(self, sight: Sight, legs: Legs, firms: pa.Table, dealings: pa.Table) -> Flags:
        """Say which legs are the only dealings between two sectors, each of several firms."""
        one, other, between = _sectors(sight, legs)
        width = max(len(sectors(sight)), 1)
        size, times = (
            np.bincount(once.group_by(once.column_names).aggregate([])[name].to_numpy(), minlength=least)
            for once, name, least in ((firms, "sector", width), (dealings, "sectors", width * width))
        )
        large = (size[one] >= self.least_firms) & (size[other] >= self.least_firms)
        odd: Flags = (one >= 0) & (other >= 0) & (one != other) & large & (times[np.maximum(between, 0)] == 1)
        return odd


def _trade(sight: Sight) -> tuple[Legs, Legs]:
    """Give what firms are paid and pay by invoice."""
    firm = sight.is_kind("firm", "sole_trader") | sight.account_is("kind", "business")
    person = sight.own & sight.private
    trade = ~sight.wages & ~sight.benefits & ~sight.purpose(*RENT) & sight.channel("sct", "wire", "cheque", "instant")
    came, went = (
        legs.keep(firm[legs.own] & sight.of_class("account", "ext")[legs.other] & ~person[legs.other])
        for legs in (sight.credits().where(trade), sight.debits().where(trade))
    )
    return came, went.where(~to_individuals(sight))


def _sectors(sight: Sight, legs: Legs) -> tuple[Ints, Ints, Ints]:
    """Give the sectors at both ends of each leg, -1 where unknown, and one number for the two in either order."""
    one, other = in_sector(sight)[legs.own], in_sector(sight)[legs.other]
    return one, other, np.minimum(one, other) * max(len(sectors(sight)), 1) + np.maximum(one, other)


def _firms(sight: Sight) -> pa.Table:
    """Say who is in which sector."""
    placed = np.flatnonzero(sight.own & (in_sector(sight) >= 0))
    names = sight.household_name.take(pa.array(placed))
    return pa.table({"of": placed, "sector": in_sector(sight)[placed], "holder": names})


def _dealings(sight: Sight) -> pa.Table:
    """Say once who deals with whom, and the sectors of both."""
    legs = gathered(*_trade(sight))
    one, other, between = _sectors(sight, legs)
    known = np.flatnonzero((one >= 0) & (other >= 0))
    ends = [sight.household_name.take(pa.array(node[known])) for node in (legs.own, legs.other)]
    first, second = pc.min_element_wise(*ends), pc.max_element_wise(*ends)
    told = pa.table({"of": legs.own[known], "sectors": between[known], "one": first, "other": second})
    return told.group_by(told.column_names).aggregate([])


FIRMS: Final = Survey("firms of sectors", _firms)
DEALINGS: Final = Survey("dealings between sectors", _dealings)


def _plain(text: str) -> str:
    """Give a text without case and spaces; numbers stay, since those of invoices differ."""
    return "".join(text.casefold().split())
