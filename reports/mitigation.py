"""What in the data speaks for an ordinary story, computed with the same care as what speaks against it.

A few of the catalogue's mitigating features (`typologies/catalogue.md` 3.10) can be read off the accounts and customers
tables; the others come with the indicators they need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.window import SideTables


@dataclass(frozen=True)
class Mitigation:
    """A fact that speaks for an ordinary story.

    Parameters
    ----------
    id : str
        Id of the mitigating feature.
    sentence : str
        What the data say.
    """

    id: str
    sentence: str


@dataclass(frozen=True)
class Mitigations:
    """What was found, and what could not be looked for."""

    found: tuple[Mitigation, ...] = ()
    not_computable: tuple[str, ...] = ()


def mitigations(lead: str, accounts: Sequence[str], side: SideTables) -> Mitigations:
    """Look for facts that speak for an ordinary story.

    Parameters
    ----------
    lead : str
        The account an alert is about.
    accounts : sequence of str
        All accounts in it.
    side : SideTables
        Accounts and customers; a table that is None makes what needs it not computable.
    """
    if side.accounts is None:
        return Mitigations(not_computable=("Licences, households and kinds of customer: no accounts table was given.",))
    rows = {row["account_id"]: row for row in _rows(side.accounts, "account_id", accounts)}
    found = []
    if rows.get(lead, {}).get("licensed_intermediary"):
        found.append(Mitigation("MIT-03", "The account is registered as that of a licensed intermediary."))
    if side.customers is None:
        return Mitigations(tuple(found), ("Households and kinds of customer: no customers table was given.",))
    customer_of = {account: row["customer_id"] for account, row in rows.items() if row["customer_id"] is not None}
    customers = {row["customer_id"]: row for row in _rows(side.customers, "customer_id", list(customer_of.values()))}
    holder = customers.get(customer_of.get(lead, ""), {})
    found += _related_to(lead, holder, customer_of, customers)
    if holder.get("kind") == "npo":
        found.append(
            Mitigation("MIT-07", "The holder is registered as a club, charity or other body that collects for others.")
        )
    return Mitigations(tuple(found))


def _related_to(
    lead: str,
    holder: dict[str, Any],
    customer_of: dict[str, str],
    customers: dict[str, dict[str, Any]],
) -> list[Mitigation]:
    household = holder.get("household_id")
    related = [
        account
        for account, customer in customer_of.items()
        if account != lead
        and (
            customer == customer_of.get(lead)
            or (household is not None and customers.get(customer, {}).get("household_id") == household)
        )
    ]
    if not related:
        return []
    accounts = "account belongs" if len(related) == 1 else "accounts belong"
    return [Mitigation("MIT-05", f"{len(related)} of the other {accounts} to the same holder or the same household.")]


def _rows(table: pa.Table, key: str, wanted: Sequence[str]) -> list[dict[str, Any]]:
    kept = table.filter(pc.is_in(table[key], value_set=pa.array(sorted(set(wanted)), pa.string())))
    rows: list[dict[str, Any]] = kept.to_pylist()
    return rows
