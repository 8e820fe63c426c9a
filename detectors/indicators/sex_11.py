"""SEX-11: Business takings outside opening hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import microseconds, parameter
from detectors.declared import in_sector
from detectors.indicator import Citation, IndicatorAbout, Score, wilson
from detectors.sight import CARD, DAY, HOUR, Sight
from detectors.survey import Survey
from graphs.legs import Ints, Legs


@dataclass(frozen=True, kw_only=True)
class Sex11:
    """Measure how sure it is that a business takes money at hours when it is closed.

    Money counts as taken outside the hours if it comes more than an hour before opening or after closing: by the hours
    that the customer gave, else by those between which most takings of its sector lie. Sales (by card, telephone or
    instant payment) and cash paid in at a machine are looked at apart, and the surer of the two is told. The bank is
    seldom the one that settles the cards of a business, so that card sales proper are mostly not seen.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="SEX-11, window: 60 d")
    weak: float = parameter(0.2, unit="share", why="SEX-11, weak value of the catalogue")
    strong: float = parameter(0.5, unit="share", why="SEX-11, strong value of the catalogue")
    least_sales: int = parameter(40, unit="payments", least=1, why="SEX-11, support: card sales")
    least_cash: int = parameter(10, unit="payments", least=1, why="SEX-11, support: cash deposits")
    margin: timedelta = parameter(timedelta(hours=1), unit="time", least=timedelta(0), why="SEX-11: an hour either way")
    least_peers: int = parameter(5, unit="businesses", least=2, why="ours: businesses that make the hours of a sector")
    middle: float = parameter(
        0.8, unit="share", least=0.1, most=1.0, why="SEX-11: from the 10th to the 90th percentile"
    )

    about = IndicatorAbout(
        id="SEX-11",
        title="Business takings outside opening hours",
        question="Does this business take money at hours when such a business is closed?",
        meaning=(
            "A salon, spa, clinic or restaurant takes card payments or deposits cash at hours when such a "
            "business is closed."
        ),
        of=("sexual exploitation", "labour"),
        cited=(
            Citation("FIN20", "read", "transactions outside business hours"),
            Citation("AMLTRIX", "read", "IND01865 irregular hours in hospitality/agriculture/construction"),
        ),
        innocent=(
            "24 h pharmacy",
            "delivery kitchen",
            "sports-night opening",
            "delayed batch posting (use authorisation time)",
            "time-zone error",
        ),
        clears=(
            ("hours that are known to the bank are wrong: it opens late, delivers, or is open around the clock"),
            "sales are booked in batches or in another time zone",
        ),
        leg="REV",
        reliability="supporting",
        roles=("business",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D1", "D2", "D3", "D4"),
        needs=(
            "payments.sent_at",
            "customers.opening_hours|customers.sector",
            "customers.kind|accounts.kind",
        ),
        reduced={"customers.opening_hours": "Hours are those of the sector, not of the business."},
        by="account",
        sentence="{outside} of {takings} came more than an hour before opening or after closing.",
        numbers={"outside": "share", "takings": "payments"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the share of takings at closed hours, held low where there are few, for each business."""
        told = [sight.everybody(survey) for survey in (SALES_TOLD, CASH_TOLD)]
        found = []
        for takings, minutes, least in zip((_sales, _cash), told, (self.least_sales, self.least_cash), strict=True):
            legs = takings(sight)
            opens, closes = self._hours(sight, minutes)
            stretch = sight.over(legs, self.within)
            of_day = sight.minute[stretch.row]
            # Minutes since opening, around the clock: a bar closes after midnight.
            open_for = (closes - opens)[stretch.own] % DAY_MINUTES
            margin = microseconds(self.margin) // MINUTE
            since = (of_day - opens[stretch.own] + margin) % DAY_MINUTES
            outside = stretch.keep((since > open_for + 2 * margin) & (opens[stretch.own] >= 0))
            known = stretch.keep(opens[stretch.own] >= 0).count()
            found += list(
                sight.scores(
                    self,
                    outside,
                    wilson(outside.count(), known),
                    support=known,
                    met=known >= least,
                    numbers={"outside": outside.count() / np.maximum(known, 1), "takings": known},
                )
            )
        best: dict[str, Score] = {}
        for score in found:
            if score.centre not in best or score.value > best[score.centre].value:
                best[score.centre] = score
        yield from best.values()

    def _hours(self, sight: Sight, told: pa.Table) -> tuple[Ints, Ints]:
        """Give the minute of the day at which each node opens and closes, -1 where neither it nor its sector tells."""
        opens, closes = _known_hours(sight)
        sector, of_told = in_sector(sight), told["sector"].to_numpy()
        for number in np.unique(of_told).tolist():
            peers = told.filter(pa.array(of_told == number))
            if pc.count_distinct(peers["customer"]).as_py() < self.least_peers:
                continue
            # The day of a sector begins at four in the morning, when the last bars are closed.
            minute = (np.repeat(peers["minute"].to_numpy(), peers["payments"].to_numpy()) - DAWN) % DAY_MINUTES
            low, high = np.quantile(minute, [(1 - self.middle) / 2, (1 + self.middle) / 2])
            usual = (sector == number) & (opens < 0)
            opens[usual], closes[usual] = (int(low) + DAWN) % DAY_MINUTES, (int(high) + DAWN) % DAY_MINUTES
        return opens, closes


SALES: Final = (*CARD, "instant", "p2p", "e_transfer")
"""Channels by which guests and customers pay a business at once."""
MINUTE: Final = HOUR // 60
DAY_MINUTES: Final = DAY // MINUTE
DAWN: Final = 4 * 60


def _sales(sight: Sight) -> Legs:
    """Give the takings of businesses by the ways that guests and customers pay at once."""
    return _taken(sight).where(sight.channel(*SALES) & ~sight.related)


def _cash(sight: Sight) -> Legs:
    """Give the cash that businesses pay in."""
    return _taken(sight).where(sight.cash_in)


def _taken(sight: Sight) -> Legs:
    business = sight.is_kind("firm", "sole_trader") | sight.account_is("kind", "business")
    taken = sight.credits().where(sight.timed)
    return taken.keep(business[taken.own])


def _minutes_of(takings: Callable[[Sight], Legs], sight: Sight) -> pa.Table:
    """Count the takings of each customer with a sector in each minute of the day."""
    legs = takings(sight)
    legs = legs.keep(in_sector(sight)[legs.own] >= 0)
    told = pa.table(
        {
            "of": legs.own,
            "sector": in_sector(sight)[legs.own],
            "customer": sight.customer_name.take(pa.array(legs.own)),
            "minute": sight.minute[legs.row],
        }
    )
    counted = told.group_by(told.column_names).aggregate([([], "count_all")])
    return counted.rename_columns([*told.column_names, "payments"])


SALES_TOLD: Final = Survey("minutes of sales", partial(_minutes_of, _sales))
CASH_TOLD: Final = Survey("minutes of cash", partial(_minutes_of, _cash))


def _known_hours(sight: Sight) -> tuple[Ints, Ints]:
    """Read opening hours, ``HH:MM-HH:MM``; -1 where they are not known or not written so."""
    found = pc.extract_regex(sight.customer_text("opening_hours"), r"^(?P<a>\d\d):(?P<b>\d\d)-(?P<c>\d\d):(?P<d>\d\d)$")
    number = [
        pc.fill_null(pc.struct_field(found, name).cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        for name in "abcd"
    ]
    opens, closes = number[0] * 60 + number[1], number[2] * 60 + number[3]
    known = number[0] >= 0
    return np.where(known, opens, -1), np.where(known, closes, -1)
