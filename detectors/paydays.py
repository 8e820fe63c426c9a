"""Paydays: who is paid by whom, what leaves an account soon after a wage, and the least that a month must bring."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import pyarrow.compute as pc

from detectors.about import microseconds
from detectors.linked import contacts, linked, numbered
from detectors.sight import DAY, RENT, TIE_DAYS, Sight, rate
from graphs.legs import Flags, Floats, Ints, Legs, legs_of

SWEEP: Final = timedelta(hours=48)
"""LAB-02: hours after a wage in which it is swept away."""
LEFT: Final = timedelta(hours=72)
"""LAB-02: when the balance is looked at."""
BALANCES: Final = "payments.payee_balance_after_minor|payments.payer_balance_after_minor"
"""Columns of which one must be there for a balance to be known."""
MONTH_DAYS: Final = 30.44
NET: Final = 0.75
"""Share of a gross minimum wage that is paid out: ours, what income tax and contributions leave of the least wages."""
EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Sweeps:
    """Wages of private accounts, and what of each left soon after in cash or to one receiver.

    Parameters
    ----------
    wages : Legs
        All wages, by account.
    share : ndarray of float64, shape (payments,)
        Of a wage, what left in cash and to the receiver of the most, at most 1; 0 for other payments.
    route : ndarray of int64, shape (payments,)
        Of a wage, the receiver of most of it; the number of nodes for cash, -1 where nothing left.
    left : ndarray of float64, shape (payments,)
        Of a wage, the balance three days later as a share of it; NaN where it is not known.
    leaving : Legs
        What left.
    receiver : ndarray of int64, shape (payments,)
        Of what left, the receiver; the number of nodes for cash.
    """

    wages: Legs
    share: Floats
    route: Ints
    left: Floats
    leaving: Legs
    receiver: Ints


def sweeps(sight: Sight) -> Sweeps:
    """Follow every wage of the private accounts for two days; made once."""
    return sight.once("sweeps", lambda: _sweeps(sight))


def _sweeps(sight: Sight) -> Sweeps:
    rows, nodes = sight.at.size, sight.graph.nodes
    wages = sight.credits().where(sight.wages)
    wages = wages.keep(sight.private[wages.own])
    debits = sight.debits()
    cash = sight.cash_out[debits.row]
    # A remittance to somebody who has been sent money for half a year is a family's living, as far as one can know.
    remitted = sight.abroad & (sight.at - sight.first_seen >= TIE_DAYS * DAY)
    leaving = debits.keep(cash | (sight.unrelated(debits) & ~remitted[debits.row]))
    after = followed(sight, wages, leaving, SWEEP)
    leaving, after = leaving.keep(after >= 0), after[after >= 0]

    receiver = np.full(rows, -1, np.int64)
    receiver[leaving.row] = np.where(sight.cash_out[leaving.row], nodes, leaving.other)
    by_wage = Legs(
        np.arange(wages.row.size), np.zeros(wages.row.size, np.int64), after, leaving.row, leaving.other, leaving.own
    )
    drawn = by_wage.where(sight.cash_out).total(sight.amount)
    to_one = by_wage.where(~sight.cash_out)
    one, most = to_one.top(to_one.other, sight.amount[to_one.row])
    paid = np.maximum(sight.amount[wages.row], 0.01)
    share, route, left = np.zeros(rows), np.full(rows, -1, np.int64), np.full(rows, np.nan)
    share[wages.row] = np.minimum((drawn + most) / paid, 1.0)
    route[wages.row] = np.where((drawn > 0) & (drawn >= most), nodes, one)
    left[wages.row] = balance_at(sight, wages.own, sight.at[wages.row] + microseconds(LEFT)) / paid
    return Sweeps(wages, share, route, left, leaving, receiver)


def followed(sight: Sight, first: Legs, then: Legs, within: timedelta) -> Ints:
    """Give, of each leg of `then`, the latest leg of `first` of the same subject strictly before it.

    Parameters
    ----------
    first, then : Legs
        By the same kind of subject.
    within : timedelta
        How long before it at most.

    Returns
    -------
    ndarray of int64
        Places in `first`; -1 where there is none.
    """
    size = sight.at.size + 1
    # The first payment at the same instant: whatever bears the same time is not before it.
    now = np.searchsorted(sight.at, sight.at[then.row], "left")
    key = first.subject[first.group] * size + first.row
    order = np.argsort(key, kind="stable")
    subject = then.subject[then.group]
    place = np.searchsorted(key[order], subject * size + now, "left") - 1
    found = np.append(order, -1)[place]
    known = found >= 0
    known[known] &= first.subject[first.group[found[known]]] == subject[known]
    known[known] &= sight.at[then.row[known]] - sight.at[first.row[found[known]]] <= microseconds(within)
    return np.where(known, found, -1)


def balance_at(sight: Sight, node: Ints, at: Ints) -> Floats:
    """Give the balance of accounts at given times, in u: that after the last payment until then; NaN if unknown."""
    rows = np.arange(sight.at.size)
    both = legs_of(
        np.concatenate([sight.payer, sight.payee]),
        np.concatenate([rows, rows]),
        np.concatenate([sight.payee, sight.payer]),
        np.concatenate([sight.payer, sight.payee]),
    )
    balance = sight.balance(both)
    known = np.flatnonzero(~np.isnan(balance))
    size = sight.at.size + 1
    key = both.own[known] * size + both.row[known]
    order = np.argsort(key, kind="stable")
    until = np.searchsorted(sight.at, at, "right")
    place = np.searchsorted(key[order], node * size + until, "left") - 1
    found = np.append(known[order], -1)[place]
    there = (found >= 0) & (both.own[found] == node) if known.size else np.zeros(node.size, np.bool_)
    return np.where(there, np.append(balance, np.nan)[found], np.nan)


def each_other(legs: Legs, nodes: int) -> Legs:
    """Group the legs of each group by their counterparty: the subject is then ``group * nodes + counterparty``."""
    return legs_of(legs.group * nodes + legs.other, legs.row, legs.other, legs.own)


def of_groups(legs: Legs, value: Floats, subject: Ints, stretch: Ints) -> Floats:
    """Give the value that the group of a subject and stretch has; 0 where there is no such group."""
    width = int(max(legs.stretch.max(initial=0), stretch.max(initial=0))) + 1
    key, wanted = legs.subject * width + legs.stretch, subject * width + stretch
    order = np.argsort(key, kind="stable")
    place = np.searchsorted(key[order], wanted)
    found = np.append(order, -1)[place]
    return np.where(np.append(key, -1)[found] == wanted, np.append(value, 0.0)[found], 0.0)


def address(sight: Sight) -> Ints:
    """Give the number of the address of each node's holder, the last known; -1 where none is or it is exempt."""
    links = contacts(sight, "address")
    held = links["customer_id"].combine_chunks()[::-1]
    place = pc.index_in(sight.account_text("customer_id"), value_set=held)
    place = pc.if_else(pc.is_valid(sight.account_text("customer_id")), place, None)
    return numbered(links["value_hash"].combine_chunks()[::-1].take(place))


def spread(sight: Sight, legs: Legs) -> Floats:
    """Give the coefficient of variation of the amounts of each group; 0 for groups without legs."""
    count = np.maximum(legs.count(), 1)
    mean = np.maximum(legs.total(sight.amount) / count, 0.01)
    return np.asarray(np.sqrt(np.maximum(legs.total(sight.amount**2) / count - mean**2, 0)) / mean)


def uneven(sight: Sight, legs: Legs) -> Floats:
    """Give the coefficient of variation of the gaps between the legs of each group; infinite below two gaps."""
    order = np.argsort(legs.group, kind="stable")
    group, at = legs.group[order], sight.at[legs.row[order]]
    same = np.diff(group) == 0
    gap = np.diff(at)[same] / DAY
    count = np.bincount(group[1:][same], minlength=legs.groups)
    some = np.maximum(count, 1)
    mean = np.bincount(group[1:][same], weights=gap, minlength=legs.groups) / some
    square = np.bincount(group[1:][same], weights=gap**2, minlength=legs.groups) / some
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return np.where(count >= 2, deviation / np.maximum(mean, 1e-9), np.inf)


def months(sight: Sight) -> Ints:
    """Give each payment the calendar month in which it was booked, as a number; made once."""

    def found() -> Ints:
        booked = sight.window.payments["booked_on"]
        number: Ints = (pc.year(booked).to_numpy() * 12 + pc.month(booked).to_numpy()).astype(np.int64)
        return number

    return sight.once("months", found)


def begins(sight: Sight, legs: Legs, within: timedelta) -> Ints:
    """Give when the stretch of each group begins, microseconds since 1970."""
    step = -(-microseconds(within) // sight.given.looks)
    begin: Ints = sight.end - (legs.stretch + sight.given.looks) * step
    return begin


def shared_with_another(sight: Sight, legs: Legs) -> Flags:
    """Say which legs are of an own account that shares something with another of the same group.

    That is the employer, the week in which the account was opened, or enough identifiers (`detectors.linked`).
    """
    opened = sight.account_number("opened_on")
    week = np.where(np.isnan(opened), -1, np.nan_to_num(opened) // 7).astype(np.int64)
    first, _ = legs.first_of(legs.own)
    shared = np.zeros(legs.row.size, np.bool_)
    for of_node in (employers(sight), week, linked(sight).group):
        value = of_node[legs.own]
        key = (legs.group << 31) + value
        once = first[value[first] >= 0]
        keys, people = np.unique(key[once], return_counts=True)
        shared |= (value >= 0) & np.isin(key, keys[people > 1])
    return shared


def holders_of(sight: Sight) -> Ints:
    """Give how many customers may dispose of each account: those of its holder's household, one where none is known."""

    def found() -> Ints:
        customers = sight.window.side.customers
        if customers is None:
            return np.ones(sight.graph.nodes, np.int64)
        counted = pc.value_counts(customers["household_id"].drop_null().combine_chunks())
        place = pc.index_in(sight.customer_text("household_id"), value_set=counted.field("values"))
        size = pc.fill_null(counted.field("counts").take(place), 1)
        return np.asarray(size.to_numpy(zero_copy_only=False)).astype(np.int64)

    return sight.once("holders", found)


def employers(sight: Sight) -> Ints:
    """Give the node that paid each node its latest wage, -1 where none did; made once."""

    def found() -> Ints:
        employer = np.full(sight.graph.nodes, -1, np.int64)
        rows = np.flatnonzero(sight.wages)
        _, last = np.unique(sight.payee[rows][::-1], return_index=True)
        rows = rows[::-1][last]
        employer[sight.payee[rows]] = sight.payer[rows]
        return employer

    return sight.once("employers", found)


def a_month(sight: Sight, paid: Legs, pair: Legs) -> Floats:
    """Give what half of the workers of each group earn less than in a month; NaN where nobody was paid on two days.

    Parameters
    ----------
    paid : Legs
        Wages by employer.
    pair : Legs
        The same legs by employer and worker (`each_other`).
    """
    count = pair.count()
    first = np.full(pair.groups, np.iinfo(np.int64).max)
    np.minimum.at(first, pair.group, sight.day[pair.row])
    gaps = pair.largest(sight.day) - first
    known = (count >= 2) & (gaps > 0)
    month = pair.total(sight.amount)[known] / count[known] * (count[known] - 1) * MONTH_DAYS / gaps[known]
    group = pair.subject[known] // sight.graph.nodes
    return Legs(paid.subject, paid.stretch, group, group, group, group).median(month)


def living_costs(sight: Sight) -> dict[str, Flags]:
    """Give payments for each kind of living costs; LAB-05."""
    kinds = {name: sight.merchants(name) for name in ("groceries", "telecom", "transport", "utilities", "pharmacy")}
    return {**kinds, "meals": sight.merchants("meals"), "rent": sight.merchants("rent") | sight.purpose(*RENT)}


def payroll_tax(sight: Sight) -> Flags:
    """Give payments of payroll tax or social contributions: to the state, but not of VAT."""
    state = sight.of_class("gov")[sight.payee] | sight.purpose("TAXS", "WHLD", "SSBE")
    return state & ~sight.purpose("VATX")


def to_individuals(sight: Sight) -> Flags:
    """Give payments to private persons; at other banks, where they are paid as such."""
    as_such = sight.wages | sight.channel("p2p", "e_transfer", "instant")
    return sight.private[sight.payee] & (sight.own[sight.payee] | as_such)


def sector_is(sight: Sight, *divisions: str) -> Flags:
    """Say which nodes are held by a customer of one of these NACE divisions or groups.

    Sectors may be written with section and points or without (``N78``, ``78.20``, ``7820``); one that names only the
    division of a wanted group counts.
    """
    sector = pc.replace_substring_regex(sight.customer_text("sector"), r"[^0-9]", "")
    inside = np.zeros(sight.graph.nodes, np.bool_)
    for division in divisions:
        code = division.replace(".", "")
        found = pc.or_(pc.starts_with(sector, code), pc.equal(sector, code[:2]))
        inside |= pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return inside


def minimum_wage(country: str, day: int) -> float:
    """Give what a month at the statutory minimum wage leaves in the hand, in u; NaN where no rule is known.

    Parameters
    ----------
    country : str
        The jurisdiction, ISO 3166-1 alpha-2.
    day : int
        Days since 1970.

    Examples
    --------
    >>> round(minimum_wage("FR", 20400)), round(minimum_wage("FR", 20600)), minimum_wage("IT", 20500)
    (1351, 1367, nan)
    """
    known = [(since, gross) for code, since, gross in _minimum_wages() if code == country and since <= day]
    return NET * max(known)[1] if known else float("nan")


@cache
def _minimum_wages() -> tuple[tuple[str, int, float], ...]:
    text = files("detectors").joinpath("minimum_wages.csv").read_text(encoding="utf-8")
    return tuple(
        (
            row["country"],
            (date.fromisoformat(row["effective_from"]) - EPOCH).days,
            float(row["monthly"]) * rate(row["currency"]),
        )
        for row in csv.DictReader(text.splitlines())
    )
