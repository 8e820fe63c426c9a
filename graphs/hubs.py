"""Accounts that serve the public: utilities, tax offices, big employers, shops, payment services.

Money that meets in a hub says nothing about the people who pay it: two customers of one power company are not
connected. Hubs are labels, not paths. They are found on the whole ledger, by rule, and every one of them is listed with
its reason (`hubs`), so that nobody is hidden in silence.

An account that collects from many is also what the detectors look for, so the rule for an account without a telling
class is strict: very many counterparties, far more than others have, nearly all on one side, most of whom *return* over
months. Clients of a collecting account come for weeks and go; customers of a utility pay every month. Even so a
fan-in is never dropped because its centre is a hub (`detectors.motifs.fan_in`): a hub is left out only as somebody's
counterparty or as a step of a path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.plural import told
from flows.window import Window

HUBS = pa.schema(
    [
        pa.field("account", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("counterparties", pa.int64(), nullable=False),
        pa.field("payments", pa.int64(), nullable=False),
        pa.field("days", pa.int64(), nullable=False),
        pa.field("returning_share", pa.float64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
"""One row per hub; `counterparties`, `payments`, `days` and `returning_share` are of the side that the rule looked
at."""

PUBLIC = ("mer:", "gov:", "fee:", "cash:", "msb:", "vasp:")
"""Prefixes of nodes that are open to the public by their class."""


@dataclass(frozen=True, kw_only=True)
class HubRule:
    """When an account counts as serving the public.

    Parameters
    ----------
    least_public : int, counterparties
        From how many on a node of a public class (shop, state, fee, machine, carrier of money) is listed. Ours: below
        this, two people who meet there may well know each other; the catalogue drops shared identifiers at the same
        number (its section 1, ``link``).
    least_counterparties : int
        From how many on an account without such a class may be a hub. Ours: more than the collecting accounts of the
        published cases have, which count tens of payers.
    times_ordinary : int
        How many times the counterparties of the account that stands at `ordinary_share` of all accounts. Ours: keeps
        the rule from labelling the merely busy in a small or dense ledger.
    ordinary_share : float, 0 to 1
        Share of accounts that are taken for ordinary.
    least_days : int, days
        From first to last payment of the account. Ours: two monthly bills and a third begun.
    least_returning : float, 0 to 1
        Share of the counterparties whose payments lie at least `returns_after` apart. Ours.
    returns_after : int, days
        Ours: a monthly bill paid twice, early the second time.
    least_one_sided : float, 0 to 1
        Share of the account's counterparties that are on the one side. Ours: an account that collects from many *and*
        pays many is a carrier of money, and stays in sight.
    """

    least_public: int = 25
    least_counterparties: int = 200
    times_ordinary: int = 10
    ordinary_share: float = 0.99
    least_days: int = 60
    least_returning: float = 0.5
    returns_after: int = 20
    least_one_sided: float = 0.95


def hubs(payments: pa.Table, rule: HubRule = HubRule()) -> pa.Table:
    """List the accounts that serve the public, with the reason for each.

    Parameters
    ----------
    payments : pyarrow.Table
        The counted payments of the whole ledger, rows of `flows.payments.PAYMENTS`.
    rule : HubRule
        The limits.

    Returns
    -------
    pyarrow.Table
        Rows of `HUBS`, ordered by account; ``rule`` is ``"public class"``, ``"many pay it"`` or ``"it pays many"``.

    Notes
    -----
    Two groupings of the payments; memory grows with the number of pairs of accounts. An employer or utility with few
    customers in this ledger is not found; a subscription service run by a controller of people could be.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> payments = payments_from_arrows('''
    ...     day 0  anna -> mer:shop  5 EUR
    ...     day 1  ben -> mer:shop  5 EUR
    ... ''')
    >>> hubs(payments, HubRule(least_public=2)).select(["account", "reason"]).to_pylist()
    [{'account': 'mer:shop', 'reason': 'open to the public by its class; 2 counterparties'}]
    """
    between = payments.filter(pc.not_equal(payments["payer"], payments["payee"]))
    sides = {
        "many pay it": _side(between, "payee", "payer", rule),
        "it pays many": _side(between, "payer", "payee", rule),
    }
    both = pa.concat_tables(sides.values()).group_by("account").aggregate([("counterparties", "sum")])
    rows = [*_public(pa.concat_tables(sides.values()), rule)]
    limit = max(rule.least_counterparties, rule.times_ordinary * _ordinary(both, rule))
    for name, side in sides.items():
        rows += _busy(name, side, both, limit, rule)
    rows.sort(key=lambda row: (row["account"], row["rule"]))
    return pa.Table.from_pylist(rows, schema=HUBS)


def labels(found: pa.Table) -> frozenset[str]:
    """Give the accounts of a hub table, the form `flows.window.Window` takes."""
    return frozenset(found["account"].to_pylist())


def labelled(window: Window, rule: HubRule = HubRule()) -> Window:
    """Give a window its hubs: those found in all of its payments, and licensed intermediaries."""
    found = labels(hubs(window.payments, rule))
    accounts = window.side.accounts
    if accounts is not None:
        licensed = accounts.filter(pc.fill_null(accounts["licensed_intermediary"], False))
        found |= frozenset(licensed["account_id"].to_pylist())
    return replace(window, hubs=found, _memo={})


def _side(between: pa.Table, account: str, other: str, rule: HubRule) -> pa.Table:
    """Count, per account, the counterparties and payments on one side, its days, and who returned."""
    pairs = between.group_by([account, other]).aggregate(
        [("payment_id", "count"), ("booked_on", "min"), ("booked_on", "max")]
    )
    first, last = pairs["booked_on_min"].cast(pa.int32()), pairs["booked_on_max"].cast(pa.int32())
    returned = pc.greater_equal(pc.subtract(last, first), rule.returns_after).cast(pa.int64())
    table = pa.table(
        {
            "account": pairs[account],
            "payments": pairs["payment_id_count"],
            "first": first,
            "last": last,
            "back": returned,
        }
    )
    sums = table.group_by("account").aggregate(
        [("payments", "count"), ("payments", "sum"), ("first", "min"), ("last", "max"), ("back", "sum")]
    )
    counterparties = sums["payments_count"]
    return pa.table(
        {
            "account": sums["account"],
            "counterparties": counterparties,
            "payments": sums["payments_sum"],
            "days": pc.add(pc.subtract(sums["last_max"], sums["first_min"]), 1).cast(pa.int64()),
            "returning_share": pc.divide(sums["back_sum"].cast(pa.float64()), counterparties.cast(pa.float64())),
        }
    )


def _public(sides: pa.Table, rule: HubRule) -> list[dict[str, object]]:
    """Give the nodes of a public class with enough counterparties on either side."""
    found: dict[str, dict[str, object]] = {}
    for row in sides.filter(_is_public(sides["account"])).sort_by("counterparties").to_pylist():
        if row["counterparties"] >= rule.least_public:
            reason = told(
                "open to the public by its class; {count} counterparty",
                "open to the public by its class; {count} counterparties",
                row["counterparties"],
            )
            found[row["account"]] = {**row, "rule": "public class", "reason": reason}
    return list(found.values())


def _busy(name: str, side: pa.Table, both: pa.Table, limit: int, rule: HubRule) -> list[dict[str, object]]:
    """Give the accounts without a public class that pass every limit on one side."""
    enough = side.filter(
        pc.and_(pc.greater_equal(side["counterparties"], limit), pc.invert(_is_public(side["account"])))
    )
    of_both = both.filter(pc.is_in(both["account"], value_set=enough["account"].combine_chunks()))
    of_all = dict(zip(of_both["account"].to_pylist(), of_both["counterparties_sum"].to_pylist(), strict=True))
    return [
        {
            **row,
            "rule": name,
            "reason": f"{name}: {row['counterparties']} counterparties on this side (limit {limit}) "
            f"over {row['days']} days, {100 * row['returning_share']:.0f} % of them again "
            f"after {rule.returns_after} days or more",
        }
        for row in enough.to_pylist()
        if row["days"] >= rule.least_days
        and row["returning_share"] >= rule.least_returning
        and row["counterparties"] >= rule.least_one_sided * of_all[row["account"]]
    ]


def _ordinary(both: pa.Table, rule: HubRule) -> int:
    """Give the counterparties of the account that stands at the ordinary share of all accounts; 0 without any."""
    counts = np.sort(both.filter(pc.invert(_is_public(both["account"])))["counterparties_sum"].to_numpy())
    return int(counts[int(rule.ordinary_share * (len(counts) - 1))]) if len(counts) else 0


def _is_public(accounts: pa.ChunkedArray) -> pa.ChunkedArray:
    found = pc.starts_with(accounts, PUBLIC[0])
    for prefix in PUBLIC[1:]:
        found = pc.or_(found, pc.starts_with(accounts, prefix))
    return found
