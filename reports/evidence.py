"""The evidence of one alert as blocks: picture, time line, accounts and payments.

What is too much for an eye is folded or cut, and the note under it says how much is shown. Amounts of different
currencies are never added; they are only compared, in major units, to choose what is drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from flows.money import exponent, spoken
from flows.payments import node_class
from reports.alert import Alert
from reports.blocks import Arrow, Cell, Column, Event, Network, Node, Table, Timeline
from reports.facts import ScanFacts
from reports.known import Known
from reports.wording import SERVES_THE_PUBLIC, sums

# What a page can hold and an eye can follow; ours, chosen by looking at pictures of 10 to 300 payments.
MOST_ARROWS = 40
MOST_LEAVES = 8
HOURS_MATTER_DAYS = 1
MOST_EVENTS = 600
MOST_ROWS = 1000


@dataclass(frozen=True)
class Row:
    """One payment of the evidence, as the page needs it."""

    payment_id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    at: datetime
    hour_known: bool
    channel: str
    where: str
    local_time: str
    received: str

    @property
    def size(self) -> float:
        """Amount in major units: to choose and to scale, never to show or add."""
        return float(self.amount_minor / 10 ** exponent(self.currency))


def rows(facts: ScanFacts, alert: Alert) -> list[Row]:
    """Read the payments of an alert, in time order."""
    return [_row(row) for row in facts.evidence(alert).to_pylist()]


def _row(row: Mapping[str, Any]) -> Row:
    countries = dict.fromkeys(row[column] for column in ("payer_country", "payee_country") if row[column])
    # Within one country the arrow says nothing.
    where = [row["city"] or "", row["country"] or "", " → ".join(countries) if len(countries) > 1 else ""]
    return Row(
        payment_id=row["payment_id"],
        payer=row["payer"],
        payee=row["payee"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        at=row["at"].astimezone(UTC),
        hour_known=row["ts_quality"] != "date_only",
        channel=row["channel"].replace("_", " "),
        where=", ".join(part for part in where if part),
        local_time=_local_time(row),
        received=spoken(row["received_minor"], row["received_currency"]) if row["received_currency"] else "",
    )


def _local_time(row: Mapping[str, Any]) -> str:
    if row["sent_at"] is None or row["utc_offset_min"] is None:
        return ""
    local = row["sent_at"].astimezone(UTC) + timedelta(minutes=row["utc_offset_min"])
    return f"{local:%H:%M}"


def accounts_table(facts: ScanFacts, alert: Alert, payments: Sequence[Row]) -> Table:
    """List the accounts of an alert with their likely roles and what is known of them."""
    touched: dict[str, list[Row]] = defaultdict(list)
    for row in payments:
        for name in {row.payer, row.payee}:
            touched[name].append(row)
    table = []
    for account in alert.accounts:
        own = touched[account.account_id]
        taken_in = [row for row in own if row.payee == account.account_id]
        paid_out = [row for row in own if row.payer == account.account_id]
        table.append(
            (
                Cell(account.account_id),
                Cell(account.likely_role),
                _total(taken_in),
                _total(paid_out),
                Cell(f"{len(own):,}", len(own)),
                Cell(_on_file(facts.on_file, account.account_id)),
            )
        )
    columns = (
        Column("Account", "id"),
        Column("Likely role"),
        Column("Took in", "amount"),
        Column("Paid out", "amount"),
        Column("Payments", "number"),
        Column("On file"),
    )
    return _without_empty(Table("Accounts and what they seem to do", columns, tuple(table), tools=len(table) > 12))


def payments_table(alert: Alert, payments: Sequence[Row]) -> Table:
    """List the exact payments, with the reasons each of them belongs to."""
    reasons: dict[str, list[int]] = defaultdict(list)
    for number, indicator in enumerate(alert.indicators, 1):
        for payment_id in indicator.payments:
            reasons[payment_id].append(number)
    shown, note = _largest(payments, MOST_ROWS, "payments")
    table = tuple(
        (
            Cell(_when(row)),
            Cell(row.local_time),
            Cell(row.payer),
            Cell(row.payee),
            Cell(spoken(row.amount_minor, row.currency), row.size),
            Cell(row.received),
            Cell(row.channel),
            Cell(row.where),
            Cell(", ".join(str(number) for number in reasons[row.payment_id])),
            Cell(row.payment_id),
        )
        for row in shown
    )
    columns = (
        Column("Time (UTC)", "time"),
        Column("Local hour", "time"),
        Column("Payer", "id"),
        Column("Payee", "id"),
        Column("Amount", "amount"),
        Column("Received", "amount"),
        Column("Channel"),
        Column("Where"),
        Column("Reason", "number"),
        Column("Payment id", "id"),
    )
    hourless = "" if all(row.hour_known for row in payments) else " A date without an hour is a booking date."
    return _without_empty(Table("Payments", columns, table, (note + hourless).strip(), tools=True))


def _without_empty(table: Table) -> Table:
    """Leave out columns in which no row says anything."""
    kept = [place for place in range(len(table.columns)) if any(row[place].text for row in table.rows)]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def network(alert: Alert, payments: Sequence[Row]) -> Network:
    """Draw who paid whom: one arrow per pair, many small neighbours folded into one."""
    role = {account.account_id: account.likely_role for account in alert.accounts}
    pairs: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in payments:
        pairs[row.payer, row.payee].append(row)
    folded = _fold(pairs, alert.lead)
    # Ties by name, so that the picture is the same in any run.
    drawn = sorted(folded.items(), key=lambda item: (-_size(item[1]), item[0]))[:MOST_ARROWS]
    largest = max((_size(own) for _, own in drawn), default=0.0)
    arrows = tuple(
        Arrow(
            payer=payer,
            payee=payee,
            amount=_amount(own),
            when=_between(own),
            payments=len(own),
            share=_size(own) / largest if largest else 0.0,
            first_at=int(own[0].at.timestamp()),
        )
        for (payer, payee), own in drawn
    )
    names = dict.fromkeys(name for arrow in arrows for name in (arrow.payer, arrow.payee))
    nodes = tuple(_node(name, role, alert.lead) for name in names)
    count = sum(arrow.payments for arrow in arrows)
    note = "" if count == len(payments) else f"Showing {count:,} of {len(payments):,} payments, by amount. "
    folds = sum(node.look == "fold" for node in nodes)
    if folds:
        note += "Small payers or payees of one account are folded into one box; the table below lists each. "
    return Network("Who paid whom", nodes, arrows, note + "Money flows from left to right; times are UTC.")


def timeline(alert: Alert, payments: Sequence[Row]) -> Timeline:
    """Lay the payments out in time: into the group money passed through, within it, and out of it."""
    both = {row.payer for row in payments} & {row.payee for row in payments}
    group = both | {alert.lead}
    shown, note = _largest(payments, MOST_EVENTS, "payments")
    largest = max((row.size for row in shown), default=0.0)
    events = tuple(
        Event(
            at=int(row.at.timestamp()),
            lane=_lane(row, group),
            share=row.size / largest if largest else 0.0,
            amount=spoken(row.amount_minor, row.currency),
            label=f"{_when(row)}  {row.payer} → {row.payee}  {spoken(row.amount_minor, row.currency)}",
        )
        for row in shown
    )
    if len(group) > 1:
        note = f"The {len(group)} accounts that money passed through are taken as one group. {note}".strip()
    return Timeline("When", events, note)


def _lane(row: Row, group: set[str]) -> Any:
    if row.payer in group and row.payee in group:
        return "within"
    return "in" if row.payee in group else "out"


def _fold(pairs: Mapping[tuple[str, str], list[Row]], lead: str) -> dict[tuple[str, str], list[Row]]:
    """Fold the smallest of many neighbours that only pay, or are only paid by, one account."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for payer, payee in pairs:
        neighbours[payer].add(payee)
        neighbours[payee].add(payer)
    leaves: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for payer, payee in pairs:
        if (payee, payer) in pairs:
            continue
        if payer != lead and len(neighbours[payer]) == 1:
            leaves[payee, "payers"].append((payer, payee))
        elif payee != lead and len(neighbours[payee]) == 1:
            leaves[payer, "payees"].append((payer, payee))
    folded = dict(pairs)
    for (account, what), own in leaves.items():
        # A fold of one would hide a name and save nothing.
        small = sorted(own, key=lambda pair: (-_size(pairs[pair]), pair))[MOST_LEAVES:]
        if len(small) < 2:
            continue
        name = f"{len(small):,} more {what} of {account}"
        together = [row for pair in small for row in folded.pop(pair)]
        folded[(name, account) if what == "payers" else (account, name)] = sorted(
            together, key=lambda row: (row.at, row.payment_id)
        )
    return folded


def _largest(payments: Sequence[Row], most: int, what: str) -> tuple[list[Row], str]:
    if len(payments) <= most:
        return list(payments), ""
    largest = sorted(payments, key=lambda row: (-row.size, row.at, row.payment_id))[:most]
    kept = {row.payment_id for row in largest}
    return (
        [row for row in payments if row.payment_id in kept],
        f"Showing {most:,} of {len(payments):,} {what}, by amount; alerts.json names all.",
    )


def _on_file(on_file: Known, account_id: str) -> str:
    account = (on_file.accounts or {}).get(account_id, {})
    customer = (on_file.customers or {}).get(account.get("customer_id") or "", {})
    said = [customer.get("kind"), account.get("kind")]
    if customer.get("sector"):
        said.append(f"sector {customer['sector']}")
    if customer.get("occupation_group"):
        said.append(f"occupation group {customer['occupation_group']}")
    if account.get("opened_on"):
        said.append(f"opened {account['opened_on'].isoformat()}")
    if account.get("closed_on"):
        said.append(f"closed {account['closed_on'].isoformat()}")
    if customer.get("declared_income") is not None:
        said.append(f"declared income {customer['declared_income']:,} a year")
    if customer.get("declared_turnover") is not None:
        said.append(f"declared turnover {customer['declared_turnover']:,} a year")
    return ", ".join(str(part).replace("_", " ") for part in said if part)


def _node(name: str, role: Mapping[str, str], lead: str) -> Node:
    if name not in role:
        label, _, account = name.partition(" of ")
        return Node(name, label, f"of {account}", "fold")
    if name == lead:
        return Node(name, name, role[name], "lead")
    if role[name] == SERVES_THE_PUBLIC:
        return Node(name, name, role[name], "hub")
    looks: dict[str, Literal["account", "outside"]] = {"account": "account", "ext": "outside"}
    return Node(name, name, role[name], looks.get(node_class(name), "place"))


def _total(own: Iterable[Row]) -> Cell:
    own = list(own)
    if not own:
        return Cell("", 0.0)
    return Cell(sums(_by_currency(own)), _size(own))


def _by_currency(own: Iterable[Row]) -> dict[str, int]:
    money: dict[str, int] = defaultdict(int)
    for row in own:
        money[row.currency] += row.amount_minor
    return dict(money)


def _size(own: Iterable[Row]) -> float:
    return sum(row.size for row in own)


def _amount(own: Sequence[Row]) -> str:
    total = sums(_by_currency(own))
    return total if len(own) == 1 else f"{total} ({len(own):,}×)"


def _between(own: Sequence[Row]) -> str:
    first, last = own[0], own[-1]
    if len(own) == 1 or (not first.hour_known and first.at == last.at):
        return _short(first)
    if first.at.date() == last.at.date():
        return f"{_short(first)}–{last.at:%H:%M}"
    if (last.at - first.at).days >= HOURS_MATTER_DAYS:
        return f"{_day(first)} – {_day(last)}"
    return f"{_short(first)} – {_short(last)}"


def _short(row: Row) -> str:
    return f"{_day(row)} {row.at:%H:%M}" if row.hour_known else _day(row)


def _day(row: Row) -> str:
    return f"{row.at.day} {row.at:%b}"


def _when(row: Row) -> str:
    return f"{row.at:%Y-%m-%d %H:%M}" if row.hour_known else f"{row.at:%Y-%m-%d}"
