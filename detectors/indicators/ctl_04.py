"""CTL-04: Co-travelling cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.about import microseconds, parameter
from detectors.indicator import Citation, IndicatorAbout, Score
from detectors.linked import numbered
from detectors.presence import card_uses, home_town, place_of
from detectors.sight import Sight
from detectors.survey import Survey
from graphs.legs import Floats, Ints, legs_of


@dataclass(frozen=True, kw_only=True)
class Ctl04:
    """Count how often the cards of two customers appear minutes apart in the same place, away from home, beyond chance.

    A meeting is a use of either card at one terminal or merchant within a quarter of an hour, in a city that is not
    home to both; meetings of a day at one place are one. Chance is what there would be if the other's uses fell on
    places and times as those of everybody else do; only pairs far beyond it count, with meetings in two cities or
    more. Members of one household, and pairs who pay each other, are left out. Colleagues on a trip look the same.
    Where no home town is known, it is the town where most is paid.
    """

    within: timedelta = parameter(timedelta(days=60), unit="time", least=timedelta(hours=1), why="CTL-04, window: 60 d")
    weak: float = parameter(3.0, unit="times", why="CTL-04, weak value of the catalogue")
    strong: float = parameter(8.0, unit="times", why="CTL-04, strong value of the catalogue")
    close: timedelta = parameter(
        timedelta(minutes=15), unit="time", least=timedelta(0), why="CTL-04: within 15 minutes"
    )
    next_uses: int = parameter(5, unit="payments", least=1, why="ours: uses that follow at one place and are compared")
    beyond: float = parameter(4.0, unit="deviations", least=0.0, why="CTL-04: z above which a pair counts")
    least_cities: int = parameter(2, unit="cities", least=1, why="CTL-04, support: cities")

    about = IndicatorAbout(
        id="CTL-04",
        title="Co-travelling cards",
        question="Do cards of unrelated customers appear minutes apart in the same places, far from home?",
        meaning="Cards of different unrelated customers keep appearing minutes apart in the same places far from home.",
        of=("sexual exploitation", "forced labour"),
        cited=(
            Citation("FIN20", "read", "movement pattern; third party escorting"),
            Citation("FATF18", "recalled", "exploited persons moved together"),
            Citation("ABN", "recalled", "network variables"),
        ),
        innocent=(
            "colleagues on a trip",
            "band",
            "sports club",
            "couple with separate accounts",
            "school trip",
        ),
        clears=(
            "they are colleagues, a band, a team or a couple on a trip they chose",
            "recordings show each card used by its holder",
        ),
        leg="CTL",
        reliability="supporting",
        roles=("possibly_exploited",),
        safety="A person decides; on its own this is no reason to act.",
        tiers=("D2", "D3"),
        needs=("payments.sent_at", "payments.city"),
        reduced={
            "payments.terminal_id": ("Uses at one merchant are taken for one place, however many tills it has."),
            "customers.home_city": "Home is taken to be the town where most is paid.",
            "customers.household_id": "Members of one household count as unrelated.",
        },
        by="account",
        sentence=(
            "The cards of two customers were used minutes apart {meetings} in {cities} away from home; chance "
            "would be {chance}."
        ),
        numbers={"meetings": "times", "cities": "cities", "chance": ""},
    )

    def concerns(self, sight: Sight) -> Ints:
        """Give the uses that meet, and what those who meet pay each other."""
        meetings = self._met(sight)
        self._span(sight)
        ids = pa.chunked_array([*meetings["one"].chunks, *meetings["other"].chunks], pa.string())
        met = np.asarray(pc.is_in(sight.window.payments["payment_id"], value_set=ids.combine_chunks()))
        low, high = (pc.unique(meetings[name]) for name in ("low", "high"))
        who = np.asarray(pc.is_in(sight.customer_name, value_set=pa.concat_arrays([low, high])))
        return np.flatnonzero(met | (who[sight.payer] & who[sight.payee]))

    def measure(self, sight: Sight) -> Iterator[Score]:
        """Give the meetings beyond chance, for both customers of each pair."""
        meetings, nodes = self._met(sight), sight.graph.nodes
        one, other, chance = self._strangers(sight, meetings)
        first, second = sight.customer[sight.payer[one]], sight.customer[sight.payer[other]]
        _, at, pair = np.unique(
            np.minimum(first, second) * nodes + np.maximum(first, second), return_index=True, return_inverse=True
        )
        _, day = np.unique(place_of(sight)[one] * 2**20 + sight.day[one], return_inverse=True)
        row = np.concatenate([one, other])
        order = np.argsort(row, kind="stable")
        both = [np.concatenate([part, part])[order] for part in (pair.ravel(), day.ravel())]
        met = sight.over(legs_of(both[0], row[order], both[1], sight.payer[row[order]]), self.within)
        by_chance = self._chance(sight, {name: of[at] for name, of in chance.items()}, np.bincount(pair.ravel()))
        expected = by_chance[met.subject]
        times = met.distinct(met.other)
        cities = met.distinct(sight.codes("city")[met.row])
        deviations = (times - expected) / np.sqrt(np.maximum(expected, LEAST_CHANCE))
        yield from sight.cluster_scores(
            self,
            met,
            times - expected,
            support=cities,
            met=(cities >= self.least_cities) & (deviations > self.beyond),
            numbers={"meetings": times, "cities": cities, "chance": np.round(expected, 1)},
            role="possibly_exploited",
        )

    def _met(self, sight: Sight) -> pa.Table:
        return sight.everybody(
            Survey(f"CTL-04 {self.close} {self.next_uses} {self.least_cities}", _uses, self._meetings)
        )

    def _meetings(self, uses: pa.Table) -> pa.Table:
        """Give the two uses of each meeting of two customers who meet in towns enough, and what chance is made of."""
        uses = uses.sort_by([("at", "ascending"), ("payment", "ascending")])
        place, customer, household, city = (numbered(uses[name].combine_chunks()) for name in PLACED)
        at, away = uses["at"].to_numpy(), np.asarray(uses["away"])
        order = np.argsort(place, kind="stable")
        found = [np.empty((0, 2), np.int64)]
        for step in range(1, self.next_uses + 1):
            one, other = order[:-step], order[step:]
            near = (place[one] == place[other]) & (at[other] - at[one] <= microseconds(self.close))
            near &= (household[one] != household[other]) & (away[one] | away[other])
            found.append(np.column_stack([one[near], other[near]]))
        one, other = np.concatenate(found).T
        low, high = np.minimum(customer[one], customer[other]), np.maximum(customer[one], customer[other])
        _, pair = np.unique(low * (customer.max(initial=0) + 1) + high, return_inverse=True)
        towns = np.unique(np.column_stack([np.tile(pair, 2), city[np.concatenate([one, other])]]), axis=0)[:, 0]
        often = np.bincount(towns, minlength=1)[pair] >= self.least_cities if pair.size else np.empty(0, np.bool_)
        one, other = one[often], other[often]
        used, beside = _beside(place, at, customer, microseconds(self.close))
        people = uses["customer"].cast(pa.string())
        names = {"low": people.take(pa.array(one)), "high": people.take(pa.array(other))}
        ids = {"one": uses["payment"].take(pa.array(one)), "other": uses["payment"].take(pa.array(other))}
        numbers = {
            f"{what} {name}": of[customer[end]]
            for name, end in (("one", one), ("other", other))
            for what, of in (("used", used), ("beside", beside))
        }
        return pa.table({**ids, **names, **numbers, "uses": np.full(one.size, len(uses))})

    def _strangers(self, sight: Sight, meetings: pa.Table) -> tuple[Ints, Ints, dict[str, Floats]]:
        """Give the uses of each meeting of two who never pay each other, and what chance is made of."""
        ids = sight.window.payments["payment_id"]
        one, other = (
            pc.index_in(meetings[name], value_set=ids.combine_chunks()).to_numpy().astype(np.int64)
            for name in ("one", "other")
        )
        nodes, customer = sight.graph.nodes, sight.customer
        first, second = customer[sight.payer[one]], customer[sight.payer[other]]
        payer, payee = customer[sight.payer], customer[sight.payee]
        paid = np.unique(np.minimum(payer, payee) * nodes + np.maximum(payer, payee))
        strange = ~np.isin(np.minimum(first, second) * nodes + np.maximum(first, second), paid)
        chance = {name: meetings[name].to_numpy()[strange] for name in CHANCE}
        return one[strange], other[strange], chance

    def _span(self, sight: Sight) -> int:
        """Give the time from the first payment of all to the last."""
        at = sight.everybody(ENDS)["at"]
        return int(pc.max(at).as_py() - pc.min(at).as_py())

    def _chance(self, sight: Sight, of: dict[str, Floats], met: Ints) -> Floats:
        """Give the meetings of each pair in a stretch if the uses of either fell where and when those of others do."""
        # The meetings of the pair itself say nothing of how the others fall.
        beside = [np.maximum(of[f"beside {end}"] - met, 0) for end in ("one", "other")]
        share = np.minimum(1.0, self.within / timedelta(microseconds=max(self._span(sight), 1)))
        either = of["used other"] * beside[0] + of["used one"] * beside[1]
        return np.asarray(share * either / (2 * np.maximum(of["uses"], 1)))


def _uses(sight: Sight) -> pa.Table:
    """Say where and when cards were used, by whom, and whether away from home."""
    uses = card_uses(sight)
    payer, payments = sight.payer[uses], sight.window.payments
    place = pc.coalesce(payments["terminal_id"], payments["payee"]).combine_chunks()
    # Terminals and payees are apart, whatever they are called.
    kind = pc.if_else(pc.is_valid(payments["terminal_id"]), "t", "p").combine_chunks()
    place = pc.binary_join_element_wise(kind, place, " ").take(pa.array(uses))
    told = {
        "place": place,
        "customer": sight.customer_name.take(pa.array(payer)),
        "household": sight.household_name.take(pa.array(payer)),
        "city": pa.array(sight.values("city"), pa.string()).take(pa.array(sight.codes("city")[uses])),
    }
    return pa.table(
        {
            "of": payer,
            "at": sight.at[uses],
            "payment": payments["payment_id"].take(pa.array(uses)),
            "away": home_town(sight)[payer] != sight.codes("city")[uses],
            # Few names, many uses: numbers with a dictionary are what is handed over.
            **{name: column.dictionary_encode() for name, column in told.items()},
        }
    )


def _beside(place: Ints, at: Ints, customer: Ints, close: int) -> tuple[Ints, Ints]:
    """Give how often each customer's cards were used, and how many other uses were beside these."""
    moments, moment = np.unique(at, return_inverse=True)
    size = moments.size + 1
    key = np.sort(place * size + moment)
    begin, end = np.searchsorted(moments, at - close, "left"), np.searchsorted(moments, at + close, "right")
    around = np.searchsorted(key, place * size + end) - np.searchsorted(key, place * size + begin) - 1
    return np.bincount(customer), np.bincount(customer, weights=around).astype(np.int64)


def _ends(sight: Sight) -> pa.Table:
    """Give the times of the first and the last payment of the window that one of its own accounts made or got."""
    mine = sight.own & sight.owned
    rows = np.flatnonzero(mine[sight.payer] | mine[sight.payee])
    rows = rows[[0, -1]] if rows.size else rows
    whose = np.where(mine[sight.payer[rows]], sight.payer[rows], sight.payee[rows])
    return pa.table({"of": whose, "at": sight.at[rows]})


PLACED: Final = ("place", "customer", "household", "city")
CHANCE: Final = ("used one", "used other", "beside one", "beside other", "uses")
ENDS: Final = Survey("first and last", _ends)
LEAST_CHANCE: Final = 0.25
"""Chance is never taken to be less: three meetings must still be far beyond it."""
