"""The evidence of one alert as blocks: picture, time line, accounts and payments.

What is too much for an eye is folded or cut, and the note under it says how much is shown. Amounts of different
currencies are never added; they are only compared, in major units, to choose what is drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from detectors.edges import MEMORY
from detectors.unusual_payments import UnusualPayment
from flows.language import figures, say
from flows.money import exponent, spoken
from reports.alert import Alert
from reports.blocks import Arrow, Cell, Column, Event, Movement, Moving, Network, Node, Table, Timeline
from reports.facts import ScanFacts
from reports.known import Known
from reports.network import look, moving
from reports.unusual import said
from reports.wording import SERVES_THE_PUBLIC, spoken_role, sums

# What a page can hold and an eye can follow; ours, chosen by looking at pictures of 10 to 300 payments.
MOST_ARROWS = 40
MOST_LEAVES = 8
HOURS_MATTER_DAYS = 1
MOST_EVENTS = 600
MOST_ROWS = 1000

READ = (
    "payment_id", "payer", "payee", "amount_minor", "currency", "at", "ts_quality", "channel", "payer_country",
    "payee_country", "city", "country", "received_minor", "received_currency", "sent_at", "utc_offset_min",
)  # fmt: skip
"""Columns of a payment that a page tells; to read the others takes longer than to tell these."""


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


@dataclass(frozen=True)
class Pair:
    """All payments from one account to another.

    Parameters
    ----------
    payer, payee : str
        Account ids.
    money : mapping of str to int
        Sum per currency, minor units.
    size : float
        Sum in major units: to choose and to scale, never to show.
    payments : int
        How many.
    first, last : int
        Place of the first and the last of them in the evidence.
    """

    payer: str
    payee: str
    money: Mapping[str, int]
    size: float
    payments: int
    first: int
    last: int


@dataclass(frozen=True)
class Evidence:
    """The payments of one alert as columns: there may be a million of them, and a page shows a thousand.

    Parameters
    ----------
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS` in time order, the columns `READ` of them.
    unusual : mapping of str to UnusualPayment
        What is unusual about a payment, by its id; perhaps of payments of other alerts, too.
    """

    payments: pa.Table
    unusual: Mapping[str, UnusualPayment] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.payments.num_rows)

    def rows(self, places: Sequence[int]) -> list[Row]:
        """Read some of the payments."""
        return [_row(row) for row in self.payments.take(pa.array(places, pa.int64())).to_pylist()]

    def largest(self, most: int) -> tuple[list[Row], str]:
        """Read the largest payments, in time order, and say it if they are not all."""
        note = ""
        if len(self) > most:
            note = say(
                "Showing {most} of {all} payments, by amount; alerts.json names all.",
                most=figures(f"{most:,}"),
                all=figures(f"{len(self):,}"),
            )
        return [self._largest[place] for place in sorted(islice(self._largest, most))], note

    @cached_property
    def _largest(self) -> dict[int, Row]:
        """The payments that the table, the time line and the moving picture show, the largest first, by place."""
        # Stable: of payments alike, the earlier.
        places = np.argsort(-self._size, kind="stable")[:MOST_ROWS].tolist()
        return dict(zip(places, self.rows(places), strict=True))

    @cached_property
    def pairs(self) -> dict[tuple[str, str], Pair]:
        """Who paid whom, how much."""
        grouped = (
            pa.table(
                {
                    "payer": self.payments["payer"],
                    "payee": self.payments["payee"],
                    "currency": self.payments["currency"],
                    # Arrow's sum of integers wraps round, that of decimals does not.
                    "minor": self.payments["amount_minor"].cast(pa.decimal128(19, 0)),
                    "size": self._size,
                    "place": np.arange(len(self)),
                }
            )
            # One thread, so that floats are added in one order.
            .group_by(["payer", "payee", "currency"], use_threads=False)
            .aggregate([("minor", "sum"), ("size", "sum"), ("place", "count"), ("place", "min"), ("place", "max")])
        )
        made: dict[tuple[str, str], Pair] = {}
        for row in grouped.to_pylist():
            pair = Pair(
                payer=row["payer"],
                payee=row["payee"],
                money={row["currency"]: int(row["minor_sum"])},
                size=row["size_sum"],
                payments=row["place_count"],
                first=row["place_min"],
                last=row["place_max"],
            )
            key = (pair.payer, pair.payee)
            made[key] = _together(pair.payer, pair.payee, [made[key], pair]) if key in made else pair
        return made

    @property
    def hours_known(self) -> bool:
        """Whether no payment has only its booking date."""
        return not pc.any(pc.equal(self.payments["ts_quality"], "date_only")).as_py()

    @cached_property
    def _size(self) -> npt.NDArray[np.float64]:
        """Amount of each payment in major units: to choose and to scale, never to show or add."""
        currencies = pc.dictionary_encode(self.payments["currency"].combine_chunks())
        units = np.array([10.0 ** exponent(currency) for currency in currencies.dictionary.to_pylist()])
        size: npt.NDArray[np.float64] = self.payments["amount_minor"].to_numpy() / units[currencies.indices.to_numpy()]
        return size


def gather(facts: ScanFacts, alert: Alert) -> Evidence:
    """Take the payments of an alert, in time order."""
    return Evidence(facts.evidence(alert, READ), facts.unusual)


def _together(payer: str, payee: str, pairs: Sequence[Pair]) -> Pair:
    """Take several pairs as one arrow."""
    money: dict[str, int] = defaultdict(int)
    for pair in pairs:
        for currency, minor in pair.money.items():
            money[currency] += minor
    return Pair(
        payer=payer,
        payee=payee,
        money=dict(money),
        size=sum(pair.size for pair in pairs),
        payments=sum(pair.payments for pair in pairs),
        first=min(pair.first for pair in pairs),
        last=max(pair.last for pair in pairs),
    )


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


def accounts_table(facts: ScanFacts, alert: Alert, payments: Evidence) -> Table:
    """List the accounts of an alert with their likely roles and what is known of them."""
    taken_in: dict[str, list[Pair]] = defaultdict(list)
    paid_out: dict[str, list[Pair]] = defaultdict(list)
    for pair in payments.pairs.values():
        taken_in[pair.payee].append(pair)
        paid_out[pair.payer].append(pair)
    table = []
    for account in alert.accounts[:MOST_ROWS]:
        name = account.account_id
        count = sum(pair.payments for pair in taken_in[name] + paid_out[name])
        table.append(
            (
                Cell(name),
                Cell(spoken_role(account.likely_role)),
                _total(taken_in[name]),
                _total(paid_out[name]),
                Cell(f"{count:,}", count),
                Cell(_on_file(facts.on_file, name)),
            )
        )
    note = ""
    if len(alert.accounts) > MOST_ROWS:
        note = say(
            "Showing {most} of {all} accounts; alerts.json names all.",
            most=figures(f"{MOST_ROWS:,}"),
            all=figures(f"{len(alert.accounts):,}"),
        )
    columns = (
        Column(say("Account"), "id"),
        Column(say("Likely role")),
        Column(say("Took in"), "amount"),
        Column(say("Paid out"), "amount"),
        Column(say("Payments"), "number"),
        Column(say("On file")),
    )
    title = say("Accounts and what they seem to do")
    return _without_empty(Table(title, columns, tuple(table), note, tools=len(table) > 12))


def payments_table(alert: Alert, payments: Evidence) -> Table:
    """List the exact payments, with the reasons each of them belongs to."""
    shown, note = payments.largest(MOST_ROWS)
    listed = {row.payment_id for row in shown}
    reasons: dict[str, list[int]] = defaultdict(list)
    for number, indicator in enumerate(alert.indicators, 1):
        for payment_id in listed.intersection(indicator.payments):
            reasons[payment_id].append(number)
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
            _unusual(payments.unusual.get(row.payment_id), row),
            Cell(row.payment_id),
        )
        for row in shown
    )
    columns = (
        Column(say("Time (UTC)"), "time"),
        Column(say("Local hour"), "time"),
        Column(say("Payer"), "id"),
        Column(say("Payee"), "id"),
        Column(say("Amount"), "amount"),
        Column(say("Received"), "amount"),
        Column(say("Channel")),
        Column(say("Where")),
        Column(say("Reason"), "number"),
        Column(say("Unusual"), "sentence"),
        Column(say("Payment id"), "id"),
    )
    hourless = "" if payments.hours_known else say(" A date without an hour is a booking date.")
    against = ""
    if any(row.payment_id in payments.unusual for row in shown):
        against = say(
            " Unusual: held against the earlier payments of the payer and of the payee; nothing is said of an account "
            "with fewer than {count}.",
            count=figures(f"{MEMORY}"),
        )
    return _without_empty(Table(say("Payments"), columns, table, (note + hourless + against).strip(), tools=True))


def _unusual(unusual: UnusualPayment | None, row: Row) -> Cell:
    return Cell("", 0.0) if unusual is None else Cell(said(unusual, row.channel), unusual.score)


def _without_empty(table: Table) -> Table:
    """Leave out columns in which no row says anything."""
    kept = [place for place in range(len(table.columns)) if any(row[place].text for row in table.rows)]
    return replace(
        table,
        columns=tuple(table.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in table.rows),
    )


def network(alert: Alert, payments: Evidence) -> Network:
    """Draw who paid whom: one arrow per pair, many small neighbours folded into one."""
    role = {account.account_id: account.likely_role for account in alert.accounts}
    folded = _fold(payments.pairs, alert.lead)
    # Ties by name, so that the picture is the same in any run.
    drawn = sorted(folded.values(), key=lambda pair: (-pair.size, pair.payer, pair.payee))[:MOST_ARROWS]
    largest = max((pair.size for pair in drawn), default=0.0)
    first = payments.rows([pair.first for pair in drawn])
    last = payments.rows([pair.last for pair in drawn])
    arrows = tuple(
        Arrow(
            payer=pair.payer,
            payee=pair.payee,
            amount=_amount(pair),
            when=_between(begins, ends),
            payments=pair.payments,
            share=pair.size / largest if largest else 0.0,
            first_at=int(begins.at.timestamp()),
        )
        for pair, begins, ends in zip(drawn, first, last, strict=True)
    )
    names = dict.fromkeys(name for arrow in arrows for name in (arrow.payer, arrow.payee))
    nodes = tuple(_node(name, role, alert.lead) for name in names)
    count = sum(arrow.payments for arrow in arrows)
    note = (
        ""
        if count == len(payments)
        else say(
            "Showing {count} of {all} payments, by amount. ",
            count=figures(f"{count:,}"),
            all=figures(f"{len(payments):,}"),
        )
    )
    folds = sum(node.look == "fold" for node in nodes)
    if folds:
        note += say("Small payers or payees of one account are folded into one box; the table below lists each. ")
    note += say("Money flows from left to right; times are UTC.")
    return Network(say("Who paid whom"), nodes, arrows, note, _moving(alert, payments, nodes, role))


def _moving(alert: Alert, payments: Evidence, drawn: Sequence[Node], role: Mapping[str, str]) -> Moving:
    """Hold the payments of the table for the moving picture, which begins with the accounts of the still one."""
    shown, _ = payments.largest(MOST_ROWS)
    movements = [
        Movement(
            payment_id=row.payment_id,
            payer=row.payer,
            payee=row.payee,
            amount_minor=row.amount_minor,
            currency=row.currency,
            at=int(row.at.timestamp()),
            hour_known=row.hour_known,
        )
        for row in shown
    ]
    names = dict.fromkeys(name for movement in movements for name in (movement.payer, movement.payee))
    return moving(
        movements,
        {name: _node(name, role, alert.lead) for name in names},
        middle=alert.lead,
        first=[node.name for node in drawn if node.name in names],
        accounts_in_all=len(alert.accounts),
        payments_in_all=len(payments),
    )


def timeline(alert: Alert, payments: Evidence) -> Timeline:
    """Lay the payments out in time: into the group money passed through, within it, and out of it."""
    both = {payer for payer, _ in payments.pairs} & {payee for _, payee in payments.pairs}
    group = both | {alert.lead}
    shown, note = payments.largest(MOST_EVENTS)
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
        grouped = say("The {count} accounts that money passed through are taken as one group.", count=str(len(group)))
        note = f"{grouped} {note}".strip()
    return Timeline(say("When"), events, note)


def _lane(row: Row, group: set[str]) -> Any:
    if row.payer in group and row.payee in group:
        return "within"
    return "in" if row.payee in group else "out"


MORE: Final = {"payers": "{count} more payers", "payees": "{count} more payees"}
"""Names of the boxes that small neighbours are folded into, without the account they belong to."""


def _fold(pairs: Mapping[tuple[str, str], Pair], lead: str) -> dict[tuple[str, str], Pair]:
    """Fold the smallest of many neighbours that only pay, or are only paid by, one account."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for payer, payee in pairs:
        neighbours[payer].add(payee)
        neighbours[payee].add(payer)
    leaves: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for (payer, payee), pair in pairs.items():
        if (payee, payer) in pairs:
            continue
        if payer != lead and len(neighbours[payer]) == 1:
            leaves[payee, "payers"].append(pair)
        elif payee != lead and len(neighbours[payee]) == 1:
            leaves[payer, "payees"].append(pair)
    folded = dict(pairs)
    for (account, what), own in leaves.items():
        # A fold of one would hide a name and save nothing.
        small = sorted(own, key=lambda pair: (-pair.size, pair.payer, pair.payee))[MOST_LEAVES:]
        if len(small) < 2:
            continue
        for pair in small:
            del folded[pair.payer, pair.payee]
        name = say(MORE[what], count=figures(f"{len(small):,}")) + say(" of ") + account
        ends = (name, account) if what == "payers" else (account, name)
        folded[ends] = _together(*ends, small)
    return folded


def _on_file(on_file: Known, account_id: str) -> str:
    account = (on_file.accounts or {}).get(account_id, {})
    customer = (on_file.customers or {}).get(account.get("customer_id") or "", {})
    said = [customer.get("kind"), account.get("kind")]
    if customer.get("sector"):
        said.append(say("sector {name}", name=customer["sector"]))
    if customer.get("occupation_group"):
        said.append(say("occupation group {name}", name=str(customer["occupation_group"])))
    if account.get("opened_on"):
        said.append(say("opened {day}", day=account["opened_on"].isoformat()))
    if account.get("closed_on"):
        said.append(say("closed {day}", day=account["closed_on"].isoformat()))
    if customer.get("declared_income") is not None:
        said.append(say("declared income {sum} a year", sum=figures(f"{customer['declared_income']:,}")))
    if customer.get("declared_turnover") is not None:
        said.append(say("declared turnover {sum} a year", sum=figures(f"{customer['declared_turnover']:,}")))
    return ", ".join(str(part).replace("_", " ") for part in said if part)


def _node(name: str, role: Mapping[str, str], lead: str) -> Node:
    if name not in role:
        label, of, account = name.partition(say(" of "))
        return Node(name, label, f"{of}{account}".strip(), "fold")
    if name == lead:
        return Node(name, name, spoken_role(role[name]), "lead")
    return Node(name, name, spoken_role(role[name]), look(name, role[name] == SERVES_THE_PUBLIC))


def _total(own: Sequence[Pair]) -> Cell:
    if not own:
        return Cell("", 0.0)
    whole = _together("", "", own)
    return Cell(sums(whole.money), whole.size)


def _amount(pair: Pair) -> str:
    total = sums(pair.money)
    return total if pair.payments == 1 else f"{total} ({pair.payments:,}×)"


def _between(first: Row, last: Row) -> str:
    if first.payment_id == last.payment_id or (not first.hour_known and first.at == last.at):
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
