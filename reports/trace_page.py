"""The page of a trace: what was asked, where the money went under each rule, the trail itself, what was assumed.

Built from the same blocks as the nightly report, so that a reader knows their way, and rendered by the same renderer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from flows.money import spoken
from flows.payments import node_class
from flows.plural import told
from graphs.trace import RULES, Trace
from graphs.trace_assumptions import CONVENTIONS
from graphs.trace_bounds import Place
from graphs.trace_questions import narrowest_cut, recoverable, time_to_exit
from graphs.trace_record import Direction, EndClass
from reports.blocks import (
    Block,
    Bullets,
    Cell,
    Column,
    Event,
    Fold,
    Movement,
    Network,
    Node,
    Page,
    Paragraph,
    Part,
    Table,
    Tile,
    Tiles,
    Timeline,
)
from reports.network import look, network
from reports.report import PROMISE, banner
from reports.whereabouts import START, whereabouts
from reports.wording import day, span

MOST_DOTS = 200
"""Payments on a time line, the largest first."""

MOST_ROWS = 500
"""Rows of a table in the page, the largest first."""

MOST_NAMED = 200
"""Nodes of poison and payments of one endpoint that are listed in the page."""

BESIDE_THE_PAGE = "the files beside this page have all"
IN_THE_TRACE = "the trace itself has all"
"""Where to find what a page of its own, or a piece in a notebook, leaves out."""

CLASS_WORDS = {
    "balance": "still in an account",
    "cash": "cash",
    "card": "spent by card",
    "external": "accounts elsewhere",
    "crypto": "crypto assets",
    "msb": "money services",
    "fee": "fees",
    "hub": "accounts that serve the public",
    "overdraft_repaid": "overdrafts paid back",
    "dust": "too small to follow",
    "unordered": "times contradict each other",
}
"""Classes of endpoint in words, for money that went there."""

SOURCE_WORDS = {**CLASS_WORDS, "balance": "in an account before the data begins", "card": "merchants"}
"""Classes of endpoint in words, for money that came from there."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked.

    Parameters
    ----------
    direction : {"forward", "backward"}
        Which way.
    rules : tuple of str
        Of `graphs.trace_assumptions.CONVENTIONS`.
    ledger_version : int
        Which state of the ledger.
    as_of : datetime.date
        The last booking date in it.
    account : str
        Where an account was asked about, else empty.
    since : datetime.date or None
        From which day on.
    planted : bool
        Whether the ledger is a copy with planted payments.
    payments : tuple of str
        Where payments were asked about.
    known_on : datetime.date or None
        The day at whose end that version was the newest, where it was chosen by a day.
    """

    direction: Direction
    rules: tuple[str, ...]
    ledger_version: int
    as_of: date
    account: str = ""
    since: date | None = None
    planted: bool = False
    payments: tuple[str, ...] = ()
    known_on: date | None = None

    @property
    def basis(self) -> str:
        """What was looked at: booked up to which day, and as known when."""
        known = f": what had been taken in by the end of {day(self.known_on)} (UTC)" if self.known_on else ""
        return f"Payments booked up to {day(self.as_of)}; ledger version {self.ledger_version}{known}"

    @property
    def question(self) -> str:
        """The question in a sentence."""
        forward = self.direction == "forward"
        if self.account:
            side = "that left" if forward else "that reached"
            where = "go" if forward else "come from"
            since = "" if self.since is None else f" since {day(self.since)}"
            return f"Where did the money {where} {side} {self.account}{since}?"
        of = f"payment {self.payments[0]}" if len(self.payments) == 1 else "these payments"
        return f"Where did the money of {of} {'go' if forward else 'come from'}?"


def end_words(direction: Direction, end_class: str) -> str:
    """Say what a class of endpoint is, in the direction asked."""
    return (CLASS_WORDS if direction == "forward" else SOURCE_WORDS)[end_class]


def trace_blocks(found: Trace) -> tuple[Block, ...]:
    """Give the heart of the page: where the money ended under every rule, the trail, what was taken for granted."""
    by_class, *details = _ends([found], IN_THE_TRACE) or (Paragraph("No rule that attributes amounts was asked for."),)
    more = (Fold("Rule by rule, and every endpoint with its payments", tuple(details)),) if details else ()
    return (by_class, *_trail([found], IN_THE_TRACE), *more, *_assumptions([found]))


def trace_page(traces: Sequence[Trace], asked: Asked, rest: str = BESIDE_THE_PAGE) -> Page:
    """Turn a trace into a page of neutral blocks.

    Parameters
    ----------
    traces : sequence of Trace
        One per currency.
    asked : Asked
        What was asked.
    rest : str
        Where to find what the page leaves out, as the end of a sentence.
    """
    parts = [
        Part("start", "What was asked", _start(traces, asked)),
        Part("endpoints", "Where it ended" if asked.direction == "forward" else "Where it began", _ends(traces, rest)),
        Part("trail", "The trail", _trail(traces, rest)),
        Part("questions", "What is left, and how fast it went", _questions(traces, asked, rest)),
        Part("touched", "Everything any of it can have touched", _touched(traces, asked, rest)),
        Part("assumptions", "What was taken for granted", _assumptions(traces)),
    ]
    return Page(
        title="Money trail: one trace",
        subtitle=f"{asked.question} {asked.basis}",
        banner=banner(asked.planted),
        promise=PROMISE,
        parts=tuple(part for part in parts if part.blocks),
    )


def _start(traces: Sequence[Trace], asked: Asked) -> tuple[Block, ...]:
    tiles = []
    rows = []
    for found in traces:
        begins = pc.is_in(found.payments["payment_id"], value_set=pa.array([seed.payment_id for seed in found.seeds]))
        moved = {row["payment_id"]: row for row in found.payments.filter(begins).to_pylist()}
        tiles += [
            Tile(
                "followed",
                spoken(found.total_minor, found.currency),
                told("{count} payment", "{count} payments", len(found.seeds)),
            ),
            Tile(
                "endpoints" if asked.direction == "forward" else "sources",
                f"{len({(end.node, end.end_class) for ends in found.endpoints.values() for end in ends}):,}",
                "under any of the rules shown",
            ),
            Tile("payments touched", f"{found.reached_payments:,}", "by any of the money, at most"),
        ]
        for seed in found.seeds:
            row = moved.get(seed.payment_id)
            rows.append(
                (
                    Cell(seed.payment_id),
                    Cell(_time(row["at"]) if row else "", None if row is None else row["at"].isoformat()),
                    Cell(row["payer"] if row else ""),
                    Cell(row["payee"] if row else ""),
                    Cell(spoken(seed.amount_minor, seed.currency), seed.amount_minor),
                )
            )
    columns = (
        Column("Payment", "id"),
        Column("Time (UTC)", "time"),
        Column("From", "id"),
        Column("To", "id"),
        Column("Followed", "amount"),
    )
    return (
        Paragraph(asked.question, "lead"),
        Tiles(tuple(tiles)),
        Paragraph(
            "Which payment out was made with which payment in is a convention. The rules stand side by side; which of "
            "them applies is a question of law, and this page does not answer it."
        ),
        Table("Payments the trail begins with", columns, tuple(rows), tools=len(rows) > 10),
    )


def _ends(traces: Sequence[Trace], rest: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for found in traces:
        if found.endpoints or found.bounds:
            blocks += [_by_class(found), _by_place(found, rest)]
        for rule, ends in found.endpoints.items():
            rows = tuple(
                (
                    Cell(end.node),
                    Cell(end.what),
                    Cell(spoken(end.amount_minor, found.currency), end.amount_minor),
                    Cell(_range(end.least_minor, end.most_minor, found.currency), end.most_minor),
                    Cell(_named(end.payments, rest)),
                )
                for end in ends[:MOST_ROWS]
            )
            columns = (
                Column("Node", "id"),
                Column("What happened"),
                Column("Amount", "amount"),
                Column("Range where times leave the order open", "amount"),
                Column("Payments", "id"),
            )
            title = f"{rule}: endpoints with their payments, {found.currency}"
            note = CONVENTIONS[rule] + "." + _left_out(len(rows), len(ends), rest)
            blocks.append(Fold(title, (Table(title, columns, rows, note=note, tools=True),)))
    return tuple(blocks)


def _by_class(found: Trace) -> Table:
    sums: dict[EndClass, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for rule, ends in found.endpoints.items():
        for end in ends:
            sums[end.end_class][rule] += end.amount_minor
    within = {bound.end_class: (bound.lo_minor, bound.hi_minor) for bound in found.class_bounds}
    rows = [
        (
            Cell(end_words(found.direction, kind)),
            *_amounts(sums[kind], found),
            *_between(within.get(kind), found.currency),
        )
        for kind in sorted(sums.keys() | within.keys(), key=lambda kind: (-max(sums[kind].values(), default=0), kind))
    ]
    total = dict.fromkeys(found.endpoints, found.total_minor)
    rows.append((Cell("all of it"), *_amounts(total, found), *_between((found.total_minor,) * 2, found.currency)))
    return Table(
        f"By kind of {'endpoint' if found.direction == 'forward' else 'source'}, {found.currency}",
        (Column("Kind"), *_columns(found)),
        tuple(rows),
        note="Every column of a rule sums to the start, to the minor unit; this is checked in every run.",
    )


def _by_place(found: Trace, rest: str) -> Table:
    amounts: dict[Place, dict[str, int]] = defaultdict(dict)
    for rule, ends in found.endpoints.items():
        for end in ends:
            amounts[end.node, end.end_class][rule] = end.amount_minor
    within = {(bound.node, bound.end_class): (bound.lo_minor, bound.hi_minor) for bound in found.bounds}
    places = sorted(amounts.keys() | within.keys(), key=lambda place: (-max(amounts[place].values(), default=0), place))
    rows = tuple(
        (
            Cell(node),
            Cell(end_words(found.direction, kind)),
            *_amounts(amounts[node, kind], found),
            *_between(within.get((node, kind)), found.currency),
        )
        for node, kind in places[:MOST_ROWS]
    )
    return Table(
        f"Rule by rule, {found.currency}",
        (Column("Node", "id"), Column("Kind"), *_columns(found)),
        rows,
        note="Least and most: what no rule that conserves money can leave. Which payments each amount rests on stands "
        "in the tables of the rules below." + _left_out(len(rows), len(places), rest),
        tools=True,
    )


def _columns(found: Trace) -> tuple[Column, ...]:
    return (*(Column(rule, "amount") for rule in found.endpoints), Column("least", "amount"), Column("most", "amount"))


def _amounts(of_rule: Mapping[str, int], found: Trace) -> Iterable[Cell]:
    for rule in found.endpoints:
        amount = of_rule.get(rule, 0)
        yield Cell(spoken(amount, found.currency) if amount else "–", amount)


def _between(pair: tuple[int, ...] | None, currency: str) -> Iterable[Cell]:
    if pair is None:
        return (Cell("not searched", -1), Cell("not searched", -1))
    return tuple(Cell(spoken(amount, currency), amount) for amount in pair)


def _trail(traces: Sequence[Trace], rest: str) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for found in traces:
        for place, rule in enumerate(found.endpoints):
            picture = _picture(found, rule)
            drawn: tuple[Block, ...] = (picture, whereabouts(found, rule), _timeline(found, rule, rest))
            blocks += drawn if not place else [Fold(picture.title, drawn)]
        if found.endpoints:
            blocks.append(_payments(found, rest))
    return tuple(blocks)


def _picture(found: Trace, rule: str) -> Network:
    """Draw who passed the money on under a rule, left to right, with amounts and times."""
    rows = _rows(found, rule)
    movements = [
        Movement(
            payment_id=row["payment_id"],
            payer=row["payer"],
            payee=row["payee"],
            amount_minor=row["amount_minor"],
            currency=found.currency,
            at=_micros(row["at"]) // 1_000_000,
        )
        for row in rows
    ]
    begins = {row["payer"] if found.direction == "forward" else row["payee"] for row in rows if _begins(found, row)}
    stays = {end.node: end.amount_minor for end in found.endpoints[rule] if end.end_class == "balance"}
    kept = "stays" if found.direction == "forward" else "was there before"
    nodes = {}
    for name in dict.fromkeys(end for row in rows for end in (row["payer"], row["payee"])):
        ends = [end for end in found.endpoints[rule] if end.node == name and end.end_class != "balance"]
        role = ends[0].what if ends else "passes on"
        if stays.get(name):
            role = kept
        kind = "lead" if name in begins else look(name, bool(ends) and ends[0].end_class == "hub")
        nodes[name] = Node(name, name, START if name in begins else role, kind)
    note = f"{CONVENTIONS[rule]}. Amounts are what is attributed to each payment, not the payments' own."
    middle = min(begins) if len(begins) == 1 else ""
    title = f"The trail under the rule {rule}, {found.currency} attributed"
    drawn = network(title, movements, nodes, middle=middle, note=note)
    # The still picture has room to say how much stays; the moving one colours by the words alone.
    said = tuple(
        replace(node, role=f"{spoken(stays[node.name], found.currency)} {kept}") if node.role == kept else node
        for node in drawn.nodes
    )
    return replace(drawn, nodes=said)


def _timeline(found: Trace, rule: str, rest: str) -> Timeline:
    """Draw when the money moved under a rule: where the trail begins, within the bank, and where it ends."""
    rows = _rows(found, rule)
    shown = sorted(rows, key=lambda row: (-row["amount_minor"], row["payment_id"]))[:MOST_DOTS]
    largest = max((row["amount_minor"] for row in shown), default=1)
    events = []
    for row in sorted(shown, key=lambda row: (row["at"], row["payment_id"])):
        lane: Literal["in", "within", "out"] = "within"
        if node_class(row["payee"]) != "account":
            lane = "out"
        elif node_class(row["payer"]) != "account":
            lane = "in"
        amount = spoken(row["amount_minor"], found.currency)
        label = f"{row['payment_id']}: {row['payer']} → {row['payee']}, {amount} of the money, {_time(row['at'])}"
        events.append(Event(_micros(row["at"]) // 1_000_000, lane, row["amount_minor"] / largest, amount, label))
    note = "Each dot is a payment, as large as what it carried of the money." + _left_out(len(shown), len(rows), rest)
    return Timeline(f"When the money moved under the rule {rule}, {found.currency}", tuple(events), note)


def _begins(found: Trace, row: Mapping[str, Any]) -> bool:
    return any(seed.payment_id == row["payment_id"] for seed in found.seeds)


def _payments(found: Trace, rest: str) -> Table:
    """List every payment some rule attributes money to, with what each rule attributes."""
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    by_name: dict[str, Mapping[str, Any]] = {}
    for row in _rows(found, None):
        parts[row["payment_id"]][row["rule"]] = row["amount_minor"]
        by_name[row["payment_id"]] = row
    shown = sorted(by_name, key=lambda name: (-max(parts[name].values()), name))[:MOST_ROWS]
    rows = tuple(
        (
            Cell(row["payment_id"]),
            Cell(_time(row["at"]), row["at"].isoformat()),
            Cell(row["payer"]),
            Cell(row["payee"]),
            Cell(spoken(row["payment_amount_minor"], row["payment_currency"]), row["payment_amount_minor"]),
            *_amounts(parts[row["payment_id"]], found),
        )
        for row in sorted((by_name[name] for name in shown), key=lambda row: (row["at"], row["payment_id"]))
    )
    columns = (
        Column("Payment", "id"),
        Column("Time (UTC)", "time"),
        Column("From", "id"),
        Column("To", "id"),
        Column("Payment's amount", "amount"),
        *(Column(rule, "amount") for rule in found.endpoints),
    )
    return Table(
        f"Every payment of the trail, and how much of the money it carried, {found.currency}",
        columns,
        rows,
        note="Never add these up: the same money is in every payment it passed."
        + _left_out(len(shown), len(by_name), rest),
        tools=True,
    )


def _questions(traces: Sequence[Trace], asked: Asked, rest: str) -> tuple[Block, ...]:
    if asked.direction == "backward":
        return ()
    blocks: list[Block] = []
    for found in traces:
        rows = []
        for rule in found.endpoints:
            left = sum(one.amount_minor for one in recoverable(found, rule))
            exits = time_to_exit(found, rule)
            cut = narrowest_cut(found, rule)
            rows.append(
                (
                    Cell(rule),
                    Cell(spoken(left, found.currency), left),
                    Cell(
                        spoken(exits.amount_minor if exits else 0, found.currency), exits.amount_minor if exits else 0
                    ),
                    *(
                        Cell(span(0, round(hours * 3_600_000_000)), hours) if hours is not None else Cell("–", -1)
                        for hours in (
                            (exits.first_hours, exits.half_hours, exits.last_hours) if exits else (None, None, None)
                        )
                    ),
                    Cell(_named(cut.names, rest) or "–"),
                    Cell(spoken(cut.passed_minor, found.currency) if cut.names else "–", cut.passed_minor),
                )
            )
        columns = (
            Column("Rule"),
            Column("Still in accounts", "amount"),
            Column("Left the bank", "amount"),
            Column("The first after", "time"),
            Column("Half of that after", "time"),
            Column("The last after", "time"),
            Column("Fewest accounts in between", "id"),
            Column("Passed them", "amount"),
        )
        note = (
            "Still in accounts at the end of the data; what became of it since is not known here. In between: the "
            "fewest accounts through which went nine tenths of what did not go straight to where it ended; the account "
            "that all of it reached first is not counted."
        )
        blocks += [Table(f"What is left, and how fast it went, {found.currency}", columns, tuple(rows), note=note)]
    return tuple(block for block in blocks if not isinstance(block, Table) or block.rows)


def _touched(traces: Sequence[Trace], asked: Asked, rest: str) -> tuple[Block, ...]:
    if "poison" not in asked.rules:
        return ()
    nodes = sorted({node for found in traces for node in found.reached})
    rows = [found.payments.filter(pc.equal(found.payments["rule"], "poison")) for found in traces]
    names = sorted({name for table in rows for name in table["payment_id"].to_pylist()})
    return (
        Paragraph(
            told("{count} node", "{count} nodes", len(nodes))
            + told(" and {count} payment. ", " and {count} payments. ", sum(found.reached_payments for found in traces))
            + "This is the rule poison: it says what can have been touched, never how much, and grows with every hop."
        ),
        _listed("Nodes", nodes, rest),
        _listed("Payments", names, rest),
    )


def _listed(title: str, names: Sequence[str], rest: str) -> Fold:
    if len(names) > MOST_NAMED:
        title += f": {MOST_NAMED} of {len(names):,}, by name; {rest}"
    return Fold(title, (Bullets(tuple(names[:MOST_NAMED])),))


def _assumptions(traces: Sequence[Trace]) -> tuple[Block, ...]:
    return (Bullets(tuple(dict.fromkeys(said for found in traces for said in found.assumptions))),)


def _rows(found: Trace, rule: str | None) -> list[dict[str, Any]]:
    """Give the payments to which a rule attributes an amount, or any rule, in order of time."""
    chosen = pc.is_valid(found.payments["amount_minor"]) if rule is None else pc.equal(found.payments["rule"], rule)
    rows: list[dict[str, Any]] = found.payments.filter(chosen).to_pylist()
    return sorted(rows, key=lambda row: (row["at"], row["payment_id"], RULES.index(row["rule"])))


def _left_out(shown: int, all_of_them: int, rest: str) -> str:
    return f" Showing {shown:,} of {all_of_them:,}, by amount; {rest}." if shown < all_of_them else ""


def _named(names: Sequence[str], rest: str) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more; {rest}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _range(least: int, most: int, currency: str) -> str:
    return "" if least == most else f"{spoken(least, currency)} to {spoken(most, currency)}"


def _time(at: datetime) -> str:
    return f"{day(at.date())}, {at:%H:%M}"


def _micros(at: datetime) -> int:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
