"""What in the data speaks for an ordinary story, computed with the same care as what speaks against it.

These are read off the accounts and customers tables, for any alert; what a typology counts is looked for in the
payments too (`detectors.mitigations`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.language import say
from flows.plural import told
from reports.known import Known, Rows


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


def mitigations(lead: str, accounts: Sequence[str], on_file: Known) -> Mitigations:
    """Look for facts that speak for an ordinary story.

    Parameters
    ----------
    lead : str
        The account an alert is about.
    accounts : sequence of str
        All accounts in it.
    on_file : Known
        Accounts and customers; a table that was not given makes what needs it not computable.
    """
    if on_file.accounts is None:
        return Mitigations(
            not_computable=(say("Licences, households and kinds of customer: no accounts table was given."),)
        )
    found = []
    if on_file.accounts.get(lead, {}).get("licensed_intermediary"):
        found.append(Mitigation("MIT-03", say("The account is registered as that of a licensed intermediary.")))
    if on_file.customers is None:
        return Mitigations(tuple(found), (say("Households and kinds of customer: no customers table was given."),))
    customer_of = {
        account: row["customer_id"]
        for account in accounts
        if (row := on_file.accounts.get(account)) and row["customer_id"] is not None
    }
    holder = on_file.customers.get(customer_of.get(lead, ""), {})
    found += _related_to(lead, holder, customer_of, on_file.customers)
    if holder.get("kind") == "npo":
        found.append(
            Mitigation(
                "MIT-07", say("The holder is registered as a club, charity or other body that collects for others.")
            )
        )
    return Mitigations(tuple(found))


def _related_to(
    lead: str,
    holder: Mapping[str, Any],
    customer_of: Mapping[str, str],
    customers: Rows,
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
    said = told(
        "{count} of the other accounts belongs to the same holder or the same household.",
        "{count} of the other accounts belong to the same holder or the same household.",
        len(related),
    )
    return [Mitigation("MIT-05", said)]
