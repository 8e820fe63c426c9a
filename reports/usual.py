"""What is usual for the accounts an alert is about: their own past, and what accounts alike do.

An alert is read against this: 9,000 in six days is a lot for somebody with a wage of 1,800 a month, and nothing for a
shop. Everything here is in the units of the bank: sums a month in the account's currency, payments, shares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from detectors.peers import Peers
from flows.payments import node_class
from graphs.features import Features
from graphs.habits import Habit, Stretch
from reports.alert import Alert

MOST_ASKED: Final = 3
"""Accounts of one alert whose habits are told; ours: those it is about come first, and a page holds three tables."""
MONTH_DAYS: Final = 30
MIDDLE_HALF: Final = (0.25, 0.75)

AMOUNTS: Final = ("in_amount", "out_amount")
DIFFERENT: Final = ("payers", "payees")
SHARES: Final = ("night", "cash", "cross_border")


@dataclass(frozen=True)
class Alike:
    """What accounts alike do, as what the middle half of them does.

    Parameters
    ----------
    group : str
        Name of the group, `detectors.peers.Peers`.
    accounts : int
        How many are in it and deal in the same currency.
    days : int
        How long they were looked at.
    ranges : mapping of str to (float, float)
        A quarter of them is below the first, a quarter above the second; by the features `AMOUNTS` (minor units
        a month), ``payments`` (a month), `DIFFERENT` and `SHARES`, those that can be measured.
    """

    group: str
    accounts: int
    days: int
    ranges: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Usual:
    """What is usual for the accounts of a scan's alerts.

    Parameters
    ----------
    habits : mapping of Stretch to Habit
        By account and the time of an alert.
    alike : mapping of str to Alike
        By account.
    """

    habits: Mapping[Stretch, Habit] = field(default_factory=dict)
    alike: Mapping[str, Alike] = field(default_factory=dict)

    def under(self, name: Callable[[str], str]) -> Usual:
        """Give the same with other names for the accounts."""
        return Usual(
            {replace(one, account=name(one.account)): habit for one, habit in self.habits.items()},
            {name(account): group for account, group in self.alike.items()},
        )


def asked_of(alert: Alert) -> tuple[Stretch, ...]:
    """Give the accounts of the bank that an alert is about, with its time: whose habits are to be measured."""
    about = [one.account_id for one in alert.accounts if one.account_id in alert.subjects]
    own = [account for account in about if node_class(account) == "account"]
    return tuple(Stretch(account, alert.first_at, alert.last_at) for account in own[:MOST_ASKED])


def alike(accounts: Iterable[str], features: Features, peers: Peers) -> dict[str, Alike]:
    """Say what the peers of some accounts do; nothing of an account that was not measured."""
    known = sorted(account for account in set(accounts) if account in features.row_of)
    if not known:
        return {}
    rows = np.array([features.row_of[account] for account in known])
    groups = peers.of(features.of(rows)).tolist()
    currencies = np.array(features.currencies, dtype=object)
    made: dict[tuple[str, str], Alike] = {}
    members = {group: peers.compared_with(features, group) for group in sorted(set(groups))}
    for group, currency in sorted({(group, currencies[row]) for group, row in zip(groups, rows, strict=True)}):
        compared = features.of(np.flatnonzero(members[group] & (currencies == currency)))
        made[group, currency] = Alike(group, len(compared.accounts), features.days, _ranges(compared, currency))
    return {account: made[group, currencies[row]] for account, group, row in zip(known, groups, rows, strict=True)}


def _ranges(compared: Features, currency: str) -> dict[str, tuple[float, float]]:
    a_month = MONTH_DAYS / compared.days
    payments = compared.column("in_count") + compared.column("out_count")
    columns = {
        **{name: compared.column(name) * compared.scale[currency] * a_month for name in AMOUNTS},
        "payments": payments * a_month,
        **{name: compared.column(name) for name in (*DIFFERENT, *SHARES)},
    }
    ranges = {}
    for name, values in columns.items():
        there = values[~np.isnan(values)]
        if there.size:
            low, high = np.quantile(there, MIDDLE_HALF, method="nearest").tolist()
            ranges[name] = (low, high)
    return ranges
