"""FUN-01: Funnel account (geographic)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from detectors.about import parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.passing import passing
from detectors.presence import home_town
from detectors.sight import Sight
from detectors.stays import PRESENT
from graphs.legs import joined


@dataclass(frozen=True, kw_only=True)
class Fun01:
    """Count the towns away from home where cash is paid in, more so if it is spent in yet another town.

    Half as many are added if half of that cash or more is drawn or spent by card within three days in a town where none
    was paid in, and one if different people pay in away from home (ours; who pays in beside the holder at home is of
    the household or the shop). Without a map, a town is far if it is not the home town; where no home is known and no
    card says where it is, nothing is measured.
    """

    within: timedelta = parameter(timedelta(days=30), unit="time", least=timedelta(hours=1), why="FUN-01, window: 30 d")
    weak: float = parameter(2.0, unit="cities", why="FUN-01, weak value of the catalogue")
    strong: float = parameter(6.0, unit="cities", why="FUN-01, strong value of the catalogue")
    least_deposits: int = parameter(4, unit="payments", least=1, why="FUN-01, support: cash deposits")
    at_once: timedelta = parameter(
        timedelta(hours=72), unit="time", least=timedelta(minutes=1), why="FUN-01: withdrawn or spent within 72 h"
    )
    elsewhere: float = parameter(0.5, unit="share", least=0.0, most=1.0, why="FUN-01: half of it elsewhere")
    added: float = parameter(0.5, unit="per city", least=0.0, why="FUN-01: added per town if it is spent elsewhere")
    least_depositors: int = parameter(2, unit="people", least=2, why="FUN-01: two depositors count one more")

    about = IndicatorAbout(
        id="FUN-01",
        title="Funnel account (geographic)",
        question="Is cash paid in at many places away from the holder's home and taken out somewhere else?",
        meaning="Cash is paid in at many places far from the holder and taken out somewhere else soon after.",
        of=("all types (laundering)",),
        cited=(
            Citation(
                "FIN20", "read", "deposits where the customer does not live, same-day withdrawal; often below CTR"
            ),
            Citation("FIN14", "read", "funnel accounts"),
            Citation("FIN23S", "read", "deposits in many places unrelated to holder"),
            Citation("AMLTRIX", "read", "T0083, T0053"),
        ),
        innocent=(
            "travelling salesman",
            "franchise takings",
            "student whose parents pay in cash",
            "charity bucket collections",
        ),
        clears=(
            "the holder's work or business takes them to these towns and the takings are in the books",
            "parents or relatives in these towns pay in for a student or a person in need",
        ),
        leg="MOV",
        reliability="core",
        roles=("possible_launderer", "possibly_exploited"),
        safety="The account may bear the name of an exploited person (case in FIN-2020-A008).",
        tiers=("D1", "D3"),
        needs=("payments.city",),
        reduced={
            "customers.home_city": "Home is taken to be the town where the card is used most.",
            "payments.depositor_id": "Whether different people pay in is not seen.",
        },
        version=2,
        by="account",
        sentence=(
            "Cash was paid in {deposits} in {cities} away from home; {elsewhere} of it left within {span} in a town "
            "where none was paid in."
        ),
        numbers={"deposits": "times", "cities": "cities", "elsewhere": "share", "span": "hours"},
    )

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the weighed towns of each account into which cash is paid."""
        city = sight.codes("city")
        cash = sight.over(sight.credits().where(sight.cash_in & (city >= 0)), self.within)
        home = home_town(sight)[cash.own]
        away = cash.keep((home != -1) & (home != city[cash.row]))
        cities = away.distinct(city[away.row])
        spent = sight.debits().where((sight.channel(*PRESENT) | sight.cash_out) & (city >= 0))
        spent = sight.over(spent, self.within, like=cash)
        towns = np.unique((cash.group << 31) + city[cash.row])
        remote = spent.keep(~np.isin((spent.group << 31) + city[spent.row], towns))
        found = passing(sight, cash, remote, self.at_once)
        named = away.keep(sight.codes("depositor_id")[away.row] >= 0)
        depositors = named.distinct(sight.codes("depositor_id")[named.row])
        yield from sight.scores(
            self,
            joined(away, remote.keep(found.passing > 0)),
            cities + self.added * cities * (found.share >= self.elsewhere) + (depositors >= self.least_depositors),
            support=cash.count(),
            met=cash.count() >= self.least_deposits,
            numbers={
                "deposits": away.count(),
                "cities": cities,
                "elsewhere": found.share,
                "span": np.full(cash.groups, self.at_once / timedelta(hours=1)),
            },
        )
