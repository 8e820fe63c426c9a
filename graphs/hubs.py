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
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows import duck
from flows.language import say
from flows.plural import told
from flows.window import Window

MOST_PARTS = 256
"""Parts in which pairs of accounts are counted before memory is said not to suffice. Ours."""

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

RULES = ("public class", "many pay it", "it pays many")
"""By which rule an account is one, as in the column ``rule``."""

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
    An employer or utility with few customers in this ledger is not found; a subscription service run by a controller
    of people could be.

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
    with duck.connection() as opened:
        opened.register("counted", payments)
        return hubs_in(opened, rule)


def hubs_in(opened: duckdb.DuckDBPyConnection, rule: HubRule = HubRule()) -> pa.Table:
    """List the accounts that serve the public, as `hubs` does, without holding the payments.

    Parameters
    ----------
    opened : duckdb.DuckDBPyConnection
        A database with the counted payments as ``counted``. What does not fit its memory goes where it spills to.
    rule : HubRule
        The limits.
    """
    # Each row has its group, so no order of rows need be kept, which takes memory.
    opened.execute("SET preserve_insertion_order = false")
    _pair(opened)
    returns_after = {"returns_after": rule.returns_after}
    opened.execute(f"CREATE OR REPLACE TEMP TABLE sides AS {_side('many pay it', 'payee')}", returns_after)
    opened.execute(f"INSERT INTO sides {_side('it pays many', 'payer')}", returns_after)
    opened.execute("DROP TABLE pairs")
    limit = max(rule.least_counterparties, rule.times_ordinary * _ordinary(opened, rule))
    least = min(rule.least_public, limit)
    found = duck.table(
        opened,
        """SELECT *, sum(counterparties) OVER (PARTITION BY account)::BIGINT AS of_both FROM sides
           QUALIFY max(counterparties) OVER (PARTITION BY account) >= $least
           ORDER BY counterparties, rule DESC, account""",
        {"least": least},
    ).to_pylist()
    rows = [*_public(found, rule), *_busy(found, limit, rule)]
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


_PAIRS = """
    SELECT payer, payee, count(*) AS payments, min(booked_on) AS first, max(booked_on) AS last
    FROM counted WHERE payer <> payee AND hash(payer) % $parts = $part GROUP BY payer, payee"""
"""Who paid whom. Both sides are counted from it, one after the other: side by side they need twice the memory."""


def _pair(opened: duckdb.DuckDBPyConnection, parts: int = 1) -> None:
    """Make the table of pairs, in as few turns as memory allows.

    Groups spill to disk, but not all that belongs to them: a hundred million payments did not always fit 800 MB.
    Every turn reads the payments once more, so it is first tried in one.
    """
    try:
        opened.execute(f"CREATE OR REPLACE TEMP TABLE pairs AS {_PAIRS}", {"parts": parts, "part": 0})
        for part in range(1, parts):
            opened.execute(f"INSERT INTO pairs {_PAIRS}", {"parts": parts, "part": part})
    except duckdb.OutOfMemoryException:
        if 4 * parts > MOST_PARTS:
            raise
        _pair(opened, 4 * parts)


def _side(rule: str, account: str) -> str:
    """Count, per account, the counterparties and payments on one side, its days, and who returned."""
    return f"""
        SELECT '{rule}' AS rule, {account} AS account, count(*) AS counterparties, sum(payments)::BIGINT AS payments,
            (max(last) - min(first) + 1)::BIGINT AS days,
            sum(CASE WHEN last - first >= $returns_after THEN 1 ELSE 0 END)::DOUBLE / count(*) AS returning_share,
            {" OR ".join(f"starts_with({account}, '{prefix}')" for prefix in PUBLIC)} AS public
        FROM pairs GROUP BY {account}"""


def _public(found: list[dict[str, Any]], rule: HubRule) -> list[dict[str, Any]]:
    """Give the nodes of a public class with enough counterparties on either side, by the side with more."""
    chosen: dict[str, dict[str, Any]] = {}
    for row in found:
        if row["public"] and row["counterparties"] >= rule.least_public:
            reason = told(
                "open to the public by its class; {count} counterparty",
                "open to the public by its class; {count} counterparties",
                row["counterparties"],
            )
            chosen[row["account"]] = {**row, "rule": "public class", "reason": reason}
    return list(chosen.values())


def _busy(found: list[dict[str, Any]], limit: int, rule: HubRule) -> list[dict[str, Any]]:
    """Give the accounts without a public class that pass every limit on one side."""
    return [
        {
            **row,
            "reason": say(
                "{rule}: {counterparties} counterparties on this side (limit {limit}) over {days} days, {share} % of "
                "them again after {after} days or more",
                rule=say(row["rule"]),
                counterparties=str(row["counterparties"]),
                limit=str(limit),
                days=str(row["days"]),
                share=f"{100 * row['returning_share']:.0f}",
                after=str(rule.returns_after),
            ),
        }
        for row in found
        if not row["public"]
        and row["counterparties"] >= limit
        and row["days"] >= rule.least_days
        and row["returning_share"] >= rule.least_returning
        and row["counterparties"] >= rule.least_one_sided * row["of_both"]
    ]


def _ordinary(opened: duckdb.DuckDBPyConnection, rule: HubRule) -> int:
    """Give the counterparties of the account that stands at the ordinary share of all accounts; 0 without any."""
    counts = duck.table(
        opened,
        """SELECT counterparties::BIGINT AS counterparties, count(*) AS accounts FROM (
               SELECT sum(counterparties) AS counterparties FROM sides WHERE NOT public GROUP BY account
           ) GROUP BY 1 ORDER BY 1""",
    )
    up_to = np.cumsum(counts["accounts"].to_numpy())
    if not up_to.size:
        return 0
    place = np.searchsorted(up_to, int(rule.ordinary_share * (up_to[-1] - 1)), "right")
    return int(counts["counterparties"][int(place)].as_py())
