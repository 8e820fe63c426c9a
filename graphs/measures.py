"""How the features of `graphs.feature_columns` are measured: all accounts at once, integers as long as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.payments import OUTSIDE_PREFIXES
from flows.window import times
from graphs.between import DAY, FLEETING, Between
from graphs.temporal import TemporalGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR: Final = 3_600_000_000
SHORTEST_LIFE: Final = 4 * FLEETING
"""An account younger than eight weeks has no pace of its own yet; ours."""
NEW_DAYS: Final = 30
RECENT: Final = 28 * DAY
"""The last four weeks, in which every weekday stands as often, are held against everything before; ours."""
DIGITS: Final = 100
"""Fewest amounts whose first digits are looked at; ours: with fewer, chance alone strays farther than people do."""
BENFORD: Final = np.log10(1 + 1 / np.arange(1, 10))
"""Shares of the first digits 1 to 9 in amounts that grow of themselves (Benford 1938)."""
CASH: Final = ("cash_branch", "cash_adm", "atm_wd")
NIGHT: Final = (22, 6)
"""Local hours from which and until which it is night: the 10 p.m. to 6 a.m. band of FINTRAC-2016-OA003 (FTR16)."""


class Measures:
    """The payments of a graph seen from both ends: each is a leg of its payer and a leg of its payee.

    Parameters
    ----------
    graph : TemporalGraph
        The payments that count, in time order.
    payments : pyarrow.Table
        Their rows.
    last_day : datetime.date
        The day up to whose end idle time runs.
    scale : mapping of str to int
        Minor units that count as 1, per currency; the median payment where a currency is not in it.
    begin : int, optional
        When the first payment of all was made, microseconds since 1970; the first of these unless given.
    """

    def __init__(
        self,
        graph: TemporalGraph,
        payments: pa.Table,
        last_day: date,
        scale: Mapping[str, int],
        begin: int | None = None,
    ) -> None:
        self.graph = graph
        self.payments = payments
        self.nodes = max(graph.nodes, 1)
        self.end = int(datetime.combine(last_day + timedelta(days=1), time(), UTC).timestamp()) * 1_000_000
        if begin is None:
            begin = int(graph.at[0]) if graph.edges else self.end - DAY
        self.days = max((self.end - begin + DAY - 1) // DAY, 1)
        # A payment of an account to itself has no counterparty and moves nothing.
        self.edges = np.flatnonzero(graph.payer != graph.payee)
        self.payer = graph.payer[self.edges].astype(np.int64)
        self.payee = graph.payee[self.edges].astype(np.int64)
        self.at, self.amount, self.unit = graph.at[self.edges], graph.amount[self.edges], graph.unit[self.edges]
        self.legs_in, self.legs_out = self._count(self.payee), self._count(self.payer)
        self.legs = self.legs_in + self.legs_out
        outside = [_prefixed(graph.names, prefix) for prefix in OUTSIDE_PREFIXES]
        self.own = ~np.logical_or.reduce(outside)
        self.scale = {money: scale.get(money) or self._median(money) for money in sorted(graph.currencies)}
        self.main_unit = self._main_unit()
        # A window without payments has no currency; one node, of which nothing is measured, stands for none.
        self.per = np.array([*self.scale_by_unit(), 1], dtype=np.int64)[self.main_unit]
        self.in_main = self.unit == self.main_unit[self.payee]
        self.out_main = self.unit == self.main_unit[self.payer]
        # A shop, an office or a machine paid once is ordinary; ties are between accounts, here or elsewhere.
        self.tied = (self.own | _prefixed(graph.names, "ext:")) & ~graph.hub

    def scale_by_unit(self) -> list[int]:
        """Give the scale of each unit of the graph."""
        return [self.scale[money] for money in self.graph.currencies]

    def by_name(self) -> dict[str, Floats]:
        """Give every feature, one number per node, NaN where it cannot be computed."""
        return {**self.of_accounts(), **self.between().by_name()}

    def of_accounts(self) -> dict[str, Floats]:
        """Give the features for which an account's own payments are enough."""
        return {
            **self._volumes(),
            **self._amounts(),
            **self._held(),
            **self._clock(),
            **self._rhythm(),
            **self._change(),
            **self._ties(),
            **self._ways(),
        }

    def _volumes(self) -> dict[str, Floats]:
        came, went = self._sum(self.payee, self.in_main), self._sum(self.payer, self.out_main)
        other = self._count(self.payee[~self.in_main]) + self._count(self.payer[~self.out_main])
        return {
            "in_count": self.legs_in.astype(np.float64),
            "out_count": self.legs_out.astype(np.float64),
            "in_amount": came / self.per,
            "out_amount": went / self.per,
            "surplus": _share(came - went, came + went),
            "other_currency": _share(other, self.legs),
        }

    def _amounts(self) -> dict[str, Floats]:
        node = np.concatenate([self.payer[self.out_main], self.payee[self.in_main]])
        amount = np.concatenate([self.amount[self.out_main], self.amount[self.in_main]])
        middle, largest = _median_and_most(node, amount, self.nodes)
        return {
            "largest_to_median": largest / middle,
            "round_amounts": self._share_of(is_round(self.amount)),
            "benford": self._benford(),
        }

    def _benford(self) -> Floats:
        first = np.concatenate([first_digit(self.amount)] * 2)
        key = np.concatenate([self.payer, self.payee]) * 10 + first
        count = np.bincount(key, minlength=self.nodes * 10).reshape(self.nodes, 10)[:, 1:]
        share = count / np.maximum(self.legs, 1)[:, np.newaxis]
        return np.where(self.legs >= DIGITS, np.abs(share - BENFORD).sum(axis=1) / 2, np.nan)

    def _change(self) -> dict[str, Floats]:
        since = self.end - RECENT
        born = self._born()
        # One more payment of the usual size on both sides: nobody's first payment is a change without bounds.
        before = np.maximum(since - born, 0)
        late = self.at >= since
        count = self._count(self.payer[late]) + self._count(self.payee[late])
        paid_in, paid_out = self.in_main & late, self.out_main & late
        moved = self._sum(self.payee, paid_in) + self._sum(self.payer, paid_out)
        every = self._sum(self.payee, self.in_main) + self._sum(self.payer, self.out_main)
        known = (before >= RECENT) & (self.legs > 0)
        part = RECENT / np.maximum(before, RECENT)
        return {
            "count_change": np.where(known, (count + 1) / ((self.legs - count) * part + 1), np.nan),
            "amount_change": np.where(known, (moved + self.per) / ((every - moved) * part + self.per), np.nan),
        }

    def _held(self) -> dict[str, Floats]:
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import legs as kernels

        into, out = self._rows(self.payee, self.in_main), self._rows(self.payer, self.out_main)
        came = self._sum(self.payee, self.in_main)
        # Money can only have been passed on by an account that pays at all.
        came = np.where(self.legs_out > 0, came, 0)
        result = {}
        for days in (1, 3, 14):
            matched, held = kernels.passed_on(*into, *out, self.at, self.amount, days * DAY)
            result[f"passed_on_{days}d"] = _share(matched, came)
        result["held_hours"] = _share(held, matched)
        wait = kernels.waited(*self._rows(self.payee), *self._rows(self.payer), self.at)
        waited = wait >= 0
        middle, _ = _median_and_most(self.payee[waited], wait[waited], self.nodes)
        result["next_out_hours"] = middle / HOUR
        return result

    def _clock(self) -> dict[str, Floats]:
        known, night, weekend = (flag[self.edges] for flag in clock(self.payments))
        return {"night": self._share_of(night, known), "weekend": self._share_of(weekend, known)}

    def _rhythm(self) -> dict[str, Floats]:
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import legs as kernels

        node = np.concatenate([self.payer, self.payee])
        at = np.concatenate([self.at, self.at])
        order = np.lexsort((at, node))
        node, at = node[order], at[order]
        same = node[1:] == node[:-1]
        # Whole seconds: their squares still fit 64 bits over any life of a bank.
        gap, of = (at[1:] - at[:-1])[same] // 1_000_000, node[1:][same]
        gaps, total = self._count(of), kernels.summed(of, gap, self.nodes)
        mean = _share(total, gaps)
        spread = np.sqrt(np.maximum(_share(kernels.summed(of, gap * gap, self.nodes), gaps) - mean * mean, 0))
        longest, last = np.zeros(self.nodes, np.int64), np.zeros(self.nodes, np.int64)
        np.maximum.at(longest, of, gap)
        np.maximum.at(last, node, at)
        start = np.zeros(self.nodes + 1, np.int64)
        np.cumsum(self.legs, out=start[1:])
        week = kernels.busiest(start, np.arange(at.size), at, 7 * DAY)
        days = np.unique(node * (1 << 24) + at // DAY) >> 24
        return {
            "burstiness": np.where(gaps > 1, _share(spread - mean, spread + mean), np.nan),
            "busiest_week": _share(week, self.legs),
            "active_days": self._count(days).astype(np.float64),
            "longest_silence": np.where(gaps > 0, longest // 86_400, np.nan),
            "idle_days": np.where(self.legs > 0, (self.end - 1 - last) // DAY, np.nan),
        }

    def _ties(self) -> dict[str, Floats]:
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import legs as kernels

        directed, first, count = self._first
        pair, pair_of = self._pairs
        one, other = pair // self.nodes, pair % self.nodes
        begun, _ = self._spans
        mutual = np.bincount(pair_of[first], minlength=pair.size) == 2
        ties = self._count(one) + self._count(other)
        new = begun >= self.end - NEW_DAYS * DAY
        began = np.full(self.nodes, self.end)
        np.minimum.at(began, np.concatenate([one, other]), np.concatenate([begun, begun]))
        settled = np.where(began < self.end - NEW_DAYS * DAY, ties, 0)
        payer, payee = directed // self.nodes, directed % self.nodes
        passed, _ = kernels.passed_on(
            *self._rows(self.payee, self.fleeting & self.in_main),
            *self._rows(self.payer, self.fleeting & self.out_main),
            self.at,
            self.amount,
            FLEETING,
        )
        return {
            "payers": self._count(payee).astype(np.float64),
            "payees": self._count(payer).astype(np.float64),
            "payer_bits": _bits(payee, count, self.nodes),
            "payee_bits": _bits(payer, count, self.nodes),
            "mutual": _share(self._count(one[mutual]) + self._count(other[mutual]), ties),
            "new_counterparties": _share(self._count(one[new]) + self._count(other[new]), settled),
            "fleeting_share": self._share_of(self.fleeting),
            "fleeting_passed_on": passed / self.per,
        }

    @cached_property
    def fleeting(self) -> Flags:
        """Payments of ties that do not last."""
        pair, pair_of = self._pairs
        begun, ended = self._spans
        short = ended - begun <= FLEETING
        flags: Flags = (short & self.tied[pair // self.nodes] & self.tied[pair % self.nodes])[pair_of]
        return flags

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """Give the pairs of accounts that ever dealt with each other, and the pair of each payment."""
        low, high = np.minimum(self.payer, self.payee), np.maximum(self.payer, self.payee)
        pair, pair_of = np.unique(low * self.nodes + high, return_inverse=True)
        return pair, pair_of

    @cached_property
    def _spans(self) -> tuple[Ints, Ints]:
        """Give the first and the last payment of each pair."""
        pair, pair_of = self._pairs
        begun, ended = np.full(pair.size, self.end), np.full(pair.size, -self.end)
        np.minimum.at(begun, pair_of, self.at)
        np.maximum.at(ended, pair_of, self.at)
        return begun, ended

    @cached_property
    def _first(self) -> tuple[Ints, Ints, Ints]:
        """Give who paid whom, the first payment of each, and how many."""
        return np.unique(self.payer * self.nodes + self.payee, return_index=True, return_counts=True)

    def _moved(self) -> Floats:
        return (self._sum(self.payee, self.in_main) + self._sum(self.payer, self.out_main)) / self.per

    def between(self) -> Between:
        """Give what lies between accounts: who dealt with whom, and the payments of ties that do not last."""
        pair, _ = self._pairs
        rows = np.flatnonzero(self.fleeting)
        # One payment stands for each direction of a tie, so that counting payments counts accounts.
        stands = np.zeros(self.at.size, np.bool_)
        stands[self._first[1]] = True
        return Between(
            one=pair // self.nodes,
            other=pair % self.nodes,
            moved=self._moved(),
            life=self._life(),
            payer=self.payer[rows],
            payee=self.payee[rows],
            at=self.at[rows],
            amount=self.amount[rows],
            unit=self.unit[rows],
            stands=stands[rows],
        )

    def _life(self) -> Ints:
        life = np.maximum(self.end - self._born(), SHORTEST_LIFE)
        return np.asarray(life, dtype=np.int64)

    def _born(self) -> Ints:
        born = np.full(self.nodes, self.end)
        np.minimum.at(born, self.payer, self.at)
        np.minimum.at(born, self.payee, self.at)
        return born

    def _ways(self) -> dict[str, Floats]:
        channel = self.payments["channel"].combine_chunks().dictionary_encode()
        number = channel.indices.to_numpy(zero_copy_only=False).astype(np.int64)[self.edges]
        kinds = max(len(channel.dictionary), 1)
        cash = np.isin(number, [index for index, name in enumerate(channel.dictionary.to_pylist()) if name in CASH])
        machine = _prefixed(self.graph.names, "cash:")
        here, there = self.payments["payer_country"], self.payments["payee_country"]
        crossed = pc.not_equal(here, there)
        return {
            "cash": self._share_of(cash | machine[self.payer] | machine[self.payee]),
            "cross_border": self._share_of(
                np.asarray(crossed.fill_null(False))[self.edges], np.asarray(pc.is_valid(crossed))[self.edges]
            ),
            "channel_bits": self._mixed(number, kinds),
            "country_bits": self._countries(),
        }

    def _mixed(self, number: Ints, kinds: int, of_payee: Ints | None = None) -> Floats:
        """Give how evenly the legs of each account spread over numbered kinds; -1 is unknown."""
        kind = np.concatenate([number, number if of_payee is None else of_payee])
        node = np.concatenate([self.payer, self.payee])[kind >= 0]
        used, count = np.unique(node * kinds + kind[kind >= 0], return_counts=True)
        return _bits(used // kinds, count, self.nodes)

    def _countries(self) -> Floats:
        # The country of the other end: the payee's for a payer, the payer's for a payee.
        sides = [self.payments[side].combine_chunks() for side in ("payee_country", "payer_country")]
        names = pa.array(sorted({name for side in sides for name in pc.unique(side).to_pylist()} - {None}), pa.string())
        there, here = (
            np.asarray(pc.index_in(side, value_set=names).fill_null(-1), dtype=np.int64)[self.edges] for side in sides
        )
        return self._mixed(there, max(len(names), 1), here)

    def _main_unit(self) -> Ints:
        money = max(len(self.graph.currencies), 1)
        key = np.concatenate([self.payer, self.payee]) * money + np.concatenate([self.unit, self.unit])
        used = np.bincount(key, minlength=self.nodes * money).reshape(self.nodes, money)
        by_letter = np.array(sorted(range(money), key=lambda unit: self.graph.currencies[unit : unit + 1]))
        return np.asarray(by_letter[used[:, by_letter].argmax(axis=1)])

    def _median(self, money: str) -> int:
        amounts = np.sort(self.graph.amount[self.graph.unit == self.graph.currencies.index(money)])
        return max(int(amounts[amounts.size // 2]), 1)

    def _rows(self, node: Ints, which: Flags | None = None) -> tuple[Ints, Ints]:
        edges = np.arange(node.size) if which is None else np.flatnonzero(which)
        start = np.zeros(self.nodes + 1, dtype=np.int64)
        np.cumsum(self._count(node[edges]), out=start[1:])
        return start, edges[np.argsort(node[edges], kind="stable")]

    def _count(self, node: Ints) -> Ints:
        count: Ints = np.bincount(node, minlength=self.nodes)
        return count

    def _sum(self, node: Ints, which: Flags) -> Ints:
        # numba is imported by whoever measures, not by whoever lists detectors.
        from graphs.kernels import legs as kernels

        return kernels.summed(node[which], self.amount[which], self.nodes)

    def _share_of(self, flag: Flags, known: Flags | None = None) -> Floats:
        known = np.ones_like(flag) if known is None else known
        some = flag & known
        return _share(
            self._count(self.payer[some]) + self._count(self.payee[some]),
            self._count(self.payer[known]) + self._count(self.payee[known]),
        )


def clock(payments: pa.Table) -> tuple[Flags, Flags, Flags]:
    """Say of each payment whether the time of the event is known, whether it was night, whether a weekend.

    Local time, where the offset is known; else UTC.
    """
    offset = payments["utc_offset_min"].fill_null(0).to_numpy().astype(np.int64)
    local = times(payments) + offset * (HOUR // 60)
    hour = local // HOUR % 24
    # 1970-01-01 was a Thursday: day 3 of a week that begins on Monday.
    weekday = (local // DAY + 3) % 7
    known = np.asarray(pc.equal(payments["ts_quality"], "event"))
    return known, known & ((hour >= NIGHT[0]) | (hour < NIGHT[1])), known & (weekday >= 5)


def is_round(amount: Ints) -> Flags:
    """Say which amounts have at most two leading digits that are not zero, in whatever currency.

    Examples
    --------
    >>> is_round(np.array([4000, 15000, 12500, 99]))
    array([ True,  True, False,  True])
    """
    powers = 10 ** np.arange(1, 18, dtype=np.int64)
    digits = np.searchsorted(powers, amount, side="right") + 1
    return np.asarray(amount % 10 ** np.maximum(digits - 2, 0) == 0)


def first_digit(amount: Ints) -> Ints:
    """Give the first digit of each amount.

    Examples
    --------
    >>> first_digit(np.array([4000, 15000, 9]))
    array([4, 1, 9])
    """
    powers = 10 ** np.arange(1, 18, dtype=np.int64)
    return np.asarray(amount // 10 ** np.searchsorted(powers, amount, side="right"))


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    result = np.full(len(part), np.nan)
    np.divide(part, whole, out=result, where=np.asarray(whole) != 0)
    return result


def _bits(node: Ints, count: Ints, nodes: int) -> Floats:
    # Sorted by count, so that the float sum of a node is the same whatever its counterparties are called. Written as a
    # sum of terms that are never negative, so that a single counterparty is exactly zero bits.
    order = np.lexsort((count, node))
    total = np.zeros(nodes, np.int64)
    np.add.at(total, node, count)
    terms = (count * (np.log2(total[node]) - np.log2(count)))[order]
    return _share(np.bincount(node[order], weights=terms, minlength=nodes), total)


def _median_and_most(node: Ints, value: Ints, nodes: int) -> tuple[Floats, Floats]:
    order = np.lexsort((value, node))
    value = value[order]
    count = np.bincount(node, minlength=nodes)
    end = np.cumsum(count)
    some = count > 0
    middle, most = np.full(nodes, np.nan), np.full(nodes, np.nan)
    low, high = (end - count + (count - 1) // 2)[some], (end - count + count // 2)[some]
    middle[some] = (value[low] + value[high]) / 2
    most[some] = value[end[some] - 1]
    return middle, most


def _prefixed(names: pa.Array, prefix: str) -> Flags:
    return np.asarray(pc.starts_with(names, prefix), dtype=np.bool_)
