"""FUN-15: Cash mixing in a front business."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from detectors.about import parameter
from detectors.comparing import Everybody, robust_z, shared
from detectors.declared import in_sector
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.paydays import spread
from detectors.sight import Sight
from detectors.survey import Survey
from graphs.legs import Floats, Ints, Legs


@dataclass(frozen=True, kw_only=True)
class Fun15:
    """Compare how much cash a business pays in, and how uneven the sums are, with businesses like it.

    The mean of two distances in robust deviations: that of the share of cash in all money in, and that of the spread of
    the deposits (deviation against mean). Half a deviation is added where the weekdays of the deposits are far from
    those of the others. Like it are businesses of the same sector with about the same takings, within a factor of four;
    their region plays no part, as too few would be left. All other money in stands for card takings.
    """

    within: timedelta = parameter(timedelta(days=90), unit="time", least=timedelta(hours=1), why="FUN-15, window: 90 d")
    weak: float = parameter(2.0, unit="deviations", why="FUN-15, weak value of the catalogue")
    strong: float = parameter(4.0, unit="deviations", why="FUN-15, strong value of the catalogue")
    least_deposits: int = parameter(12, unit="payments", least=3, why="FUN-15, support: deposits")
    least_peers: int = parameter(5, unit="businesses", least=3, why="ours: businesses of the sector to compare with")
    floor: float = parameter(0.05, unit="share", least=0.001, why="ours: a cash share 5 points off says nothing")
    weekdays: float = parameter(0.3, unit="distance", least=0.0, most=1.0, why="FUN-15: Jensen-Shannon above 0.3")
    added: float = parameter(0.5, unit="deviations", least=0.0, why="FUN-15: what odd weekdays add")

    about = IndicatorAbout(
        id="FUN-15",
        title="Cash mixing in a front business",
        question="Does a shop pay in much more cash, at odder times, than comparable shops of its size?",
        meaning="A shop deposits much more cash, at odder times, than comparable shops of its size.",
        of=("all types (laundering)",),
        cited=(
            Citation("FIN20", "read", "front companies commingling"),
            Citation("EUROPOL15", "read", "legal business structures"),
            Citation("FATF18", "recalled", "cash-intensive fronts"),
        ),
        innocent=(
            "tourist season",
            "cash discount policy",
            "broken card terminal",
        ),
        clears=(
            "a season, a discount for cash or a card machine out of order, as the till shows",
            "the books show the takings day by day",
        ),
        leg="CTX",
        reliability="supporting",
        roles=("possible_front",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D4"),
        needs=("customers.sector", "customers.kind"),
        by="account",
        sentence=(
            "{share} of the money in is cash, in {deposits} within {span}; among {peers} like it half have at most "
            "{usual}."
        ),
        numbers={"share": "share", "deposits": "payments", "span": "days", "peers": "businesses", "usual": "share"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the deviation of each business from those of its sector and size."""
        everybody = sight.everybody(Survey(f"FUN-15 {self.within}", self._told))
        came, cash = self._takings(sight)
        own = self._told(sight)
        peers, others = shared(*([table[name].to_numpy() for name in LIKE] for table in (own, everybody)))
        share, uneven = (Everybody(everybody[name].to_numpy(), others) for name in ("share", "uneven"))
        often = cash.count() >= self.least_deposits
        seldom = everybody["deposits"].to_numpy() < self.least_deposits
        regular = replace(uneven, group=np.where(seldom, -1, others))
        least, floor = self.least_peers, self.floor
        away = robust_z(own["share"].to_numpy(), peers, least=least, floor=floor, among=share)
        sums = robust_z(own["uneven"].to_numpy(), np.where(often, peers, -1), least=least, floor=floor, among=regular)
        odd = _distance(own, peers, everybody, others) > self.weekdays
        yield from sight.scores(
            self,
            cash,
            # What cannot be compared does not count.
            np.where(np.isnan(sums), away, (away + sums) / 2) + self.added * odd,
            support=cash.count(),
            met=often & (away > 0),
            numbers={
                "share": own["share"].to_numpy(),
                "deposits": cash.count(),
                "span": np.full(came.groups, self.within.days),
                "peers": share.count(peers) - 1,
                "usual": share.medians(peers),
            },
        )

    def _takings(self, sight: Sight) -> tuple[Legs, Legs]:
        """Give all money into the accounts of businesses with a sector, and what of it is cash."""
        business = sight.is_kind("firm", "sole_trader") & (in_sector(sight) >= 0)
        came = sight.credits()
        came = sight.over(came.keep(business[came.own]), self.within)
        return came, came.where(sight.cash_in)

    def _told(self, sight: Sight) -> pa.Table:
        """Give what businesses are compared by."""
        came, cash = self._takings(sight)
        takings = came.total(sight.amount)
        weekdays = np.zeros((7, cash.groups), np.int64)
        np.add.at(weekdays, (sight.day[cash.row] % 7, cash.group), 1)
        return pa.table(
            {
                "of": came.subject,
                "stretch": came.stretch,
                "sector": in_sector(sight)[came.subject],
                "band": np.floor(np.log2(np.maximum(takings, 1.0)) / 2).astype(np.int64),
                "share": cash.total(sight.amount) / np.maximum(takings, 0.01),
                "deposits": cash.count(),
                "uneven": spread(sight, cash),
                **dict(zip(WEEKDAYS, weekdays, strict=True)),
            }
        )


LIKE: Final = ("stretch", "sector", "band")
"""What is alike among those who are compared."""
WEEKDAYS: Final = tuple(f"weekday {number}" for number in range(7))


def _distance(told: pa.Table, peers: Ints, everybody: pa.Table, others: Ints) -> Floats:
    """Give the Jensen-Shannon distance of the weekdays of each group's deposits from those of its peers together."""
    own, every = (np.column_stack([table[name].to_numpy() for name in WEEKDAYS]) for table in (told, everybody))
    whole = np.zeros((int(max(peers.max(initial=-1), others.max(initial=-1))) + 1, 7))
    np.add.at(whole, others, every)
    rest = whole[peers] - own
    one, other = (part / np.maximum(part.sum(axis=1, keepdims=True), 1.0) for part in (own, rest))
    middle = (one + other) / 2
    ratio = [np.log2(np.maximum(part, 1e-12) / np.maximum(middle, 1e-12)) for part in (one, other)]
    distance: Floats = np.sqrt(np.maximum((one * ratio[0] + other * ratio[1]).sum(axis=1) / 2, 0.0))
    return distance
