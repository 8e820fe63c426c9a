"""An extract: the payments of a case or a trace, taken out of the ledger to be handed on, and what must go with them.

Exporters (`reports.exports`) read it and nothing else. One payment is one row and one edge in every format: none is
added up with another. Amounts are integers of the minor unit, and beside them the decimal text; never floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Final, Literal, Protocol

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc

from flows.errors import InputError
from flows.money import major
from flows.payments import PAYMENTS, node_class
from flows.plugins import Shelf
from flows.window import in_order
from graphs.trace import Trace
from graphs.trace_assumptions import CONVENTIONS
from reports.trace_page import Asked

EXPORTS = Shelf("reports.exports")

Kind = Literal["text", "whole", "yes-no", "day", "moment"]
Value = str | int | bool | None

NODE_COLUMNS: Final[Mapping[str, Kind]] = {
    "node": "text",
    "node_class": "text",
    "what": "text",
    "hub": "yes-no",
    "payments_in": "whole",
    "payments_out": "whole",
    "first_at": "moment",
    "last_at": "moment",
}
"""Columns of the nodes, and what kind of value each holds."""

ENDPOINT_COLUMNS: Final = (
    "trace",
    "rule",
    "currency",
    "node",
    "ended_as",
    "amount",
    "amount_minor",
    "least_minor",
    "most_minor",
    "bound_least_minor",
    "bound_most_minor",
    "payments",
)
"""Columns of the endpoints. Least and most: over the orders that times leave open; bounds: what no rule can leave."""

CLASSES: Final = {
    "account": "Account of the bank",
    "ext": "Account elsewhere",
    "cash": "Cash point",
    "mer": "Merchant",
    "fee": "Fee",
    "msb": "Money service business",
    "vasp": "Crypto outlet",
    "gov": "Public office",
}
"""Class of a node -> what it is, in words."""

_AMOUNTS: Final = {"amount_minor": ("amount", "currency"), "received_minor": ("received", "received_currency")}
_ALWAYS: Final = (
    "payment_id",
    "payer",
    "payee",
    "amount_minor",
    "currency",
    "booked_on",
    "at",
    "ts_quality",
    "channel",
)


@dataclass(frozen=True)
class Carried:
    """What each payment carried of money that was followed, under one rule.

    Parameters
    ----------
    column : str
        Name of the column, such as ``fifo_eur_minor``.
    convention : str
        The rule in words.
    of_payment : mapping of str to int
        Minor units by payment id; payments that carried none are not in it.
    """

    column: str
    convention: str
    of_payment: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Extract:
    """Payments to hand on.

    Parameters
    ----------
    title : str
        What they are.
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS`; kept in order of time and id.
    hubs : frozenset of str
        Accounts that serve the public.
    carried : tuple of Carried
        One per trace and rule.
    facts : tuple of (str, str)
        What a reader must know: version of the ledger, dates, conventions, assumptions.
    endpoints : tuple of mapping
        Where followed money ended or began, as plain values by the columns of `ENDPOINT_COLUMNS`.

    Raises
    ------
    InputError
        If a payment is in it twice.
    """

    title: str
    payments: pa.Table
    hubs: frozenset[str] = frozenset()
    carried: tuple[Carried, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    endpoints: tuple[Mapping[str, Value], ...] = ()

    def __post_init__(self) -> None:
        if pc.count_distinct(self.payments["payment_id"]).as_py() != self.payments.num_rows:
            raise InputError(
                "a payment is in the extract twice",
                where="payment_id",
                try_="give each payment once; a payment that was reversed is a payment of its own",
            )
        object.__setattr__(self, "payments", in_order(self.payments))

    @cached_property
    def columns(self) -> Mapping[str, Kind]:
        """Columns of the payments that hold anything, and what kind of value each holds."""
        kinds: dict[str, Kind] = {}
        for column in PAYMENTS:
            if column.name not in _ALWAYS and self.payments[column.name].null_count == self.payments.num_rows:
                continue
            if column.name in _AMOUNTS:
                kinds[_AMOUNTS[column.name][0]] = "text"
            kinds[column.name] = _kind(column.type)
        return {**kinds, **{carried.column: "whole" for carried in self.carried}}

    @cached_property
    def rows(self) -> tuple[Mapping[str, Value], ...]:
        """The payments as plain values by column: whole numbers, and text; times in ISO 8601, UTC."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[Mapping[str, Value]]:
        for row in self.payments.to_pylist():
            plain: dict[str, Value] = {}
            for name in self.columns:
                plain[name] = _plain(row.get(name))
            for name, (decimal, currency) in _AMOUNTS.items():
                if decimal in self.columns and row[name] is not None:
                    plain[decimal] = major(row[name], row[currency])
            for carried in self.carried:
                plain[carried.column] = carried.of_payment.get(row["payment_id"])
            yield plain

    @cached_property
    def nodes(self) -> tuple[Mapping[str, Value], ...]:
        """Payers and payees by id, as plain values by the columns of `NODE_COLUMNS`."""
        taken: dict[str, list[datetime]] = {}
        ways = {"payer": dict[str, int](), "payee": dict[str, int]()}
        rows = self.payments.select(["payer", "payee", "at"]).to_pylist()
        for row in rows:
            for way, count in ways.items():
                count[row[way]] = count.get(row[way], 0) + 1
                taken.setdefault(row[way], []).append(row["at"])
        return tuple(
            {
                "node": node,
                "node_class": node_class(node),
                "what": CLASSES[node_class(node)],
                "hub": node in self.hubs,
                "payments_in": ways["payee"].get(node, 0),
                "payments_out": ways["payer"].get(node, 0),
                "first_at": moment(min(taken[node])),
                "last_at": moment(max(taken[node])),
            }
            for node in sorted(taken)
        )

    def graph(self) -> nx.MultiDiGraph:
        """Give the extract as a multigraph of plain values, one edge per payment, keyed by payment id."""
        graph = nx.MultiDiGraph()
        for node in self.nodes:
            graph.add_node(node["node"], **{name: value for name, value in node.items() if name != "node"})
        for row in self.rows:
            known = {name: value for name, value in row.items() if value is not None and name not in ("payer", "payee")}
            graph.add_edge(row["payer"], row["payee"], key=row["payment_id"], **known)
        return graph


class Exporter(Protocol):
    """A format: an extract in, files out."""

    def files(self, extract: Extract) -> dict[str, bytes]:
        """Give the bytes of each file by name; the same extract gives the same bytes."""


def exported(extract: Extract, formats: Iterable[str]) -> dict[str, bytes]:
    """Give the files of an extract in several formats.

    Raises
    ------
    PluginError
        If there is no such format; the nearest one is named.
    """
    made: dict[str, bytes] = {}
    for id_ in formats:
        exporter: Exporter = EXPORTS.load(id_)()
        made |= exporter.files(extract)
    return made


def of_traces(traces: Sequence[Trace], payments: pa.Table, asked: Asked, hubs: Iterable[str] = ()) -> Extract:
    """Take out the payments that carried some of the money of a trace.

    Payments that the rule "poison" alone reaches are in it only if no other rule was asked for: they can be most of the
    ledger, and carry no amount.

    Parameters
    ----------
    traces : sequence of Trace
        One per currency.
    payments : pyarrow.Table
        Rows of `flows.payments.PAYMENTS` with at least those of the trace.
    asked : Asked
        What was asked, of which version of the ledger.
    hubs : iterable of str
        Accounts that serve the public.
    """
    carried = carried_by(traces)
    names = {name for one in carried for name in one.of_payment}
    if not carried:
        names = {name for found in traces for name in found.payments["payment_id"].to_pylist()}
    facts = [
        ("Question", asked.question),
        *(("The trail begins with payment", name) for name in asked.payments),
        ("Version of the ledger", str(asked.ledger_version)),
        ("Nothing booked after", asked.as_of.isoformat()),
        *([("Nothing taken in after", asked.known_on.isoformat())] if asked.known_on else []),
        *(("Rule " + rule, CONVENTIONS[rule]) for rule in asked.rules),
        *(
            ("Taken for granted", said)
            for said in dict.fromkeys(said for found in traces for said in found.assumptions)
        ),
    ]
    return Extract(
        title=asked.question,
        payments=only(payments, names),
        hubs=frozenset(hubs),
        carried=carried,
        facts=tuple(facts),
        endpoints=endpoints_of(traces),
    )


def endpoints_of(traces: Iterable[Trace], of: str = "") -> tuple[Mapping[str, Value], ...]:
    """List the endpoints of traces under every rule, the largest first, with the payments that reached each.

    Parameters
    ----------
    of : str
        Which trace, to tell several apart.
    """
    rows: list[Mapping[str, Value]] = []
    for found in traces:
        within = {(bound.node, bound.end_class): bound for bound in found.bounds}
        for rule, ends in found.endpoints.items():
            for end in ends:
                bound = within.get((end.node, end.end_class))
                values = (
                    of,
                    rule,
                    found.currency,
                    end.node,
                    end.end_class,
                    major(end.amount_minor, found.currency),
                    end.amount_minor,
                    end.least_minor,
                    end.most_minor,
                    None if bound is None else bound.lo_minor,
                    None if bound is None else bound.hi_minor,
                    " ".join(end.payments),
                )
                rows.append(dict(zip(ENDPOINT_COLUMNS, values, strict=True)))
    return tuple(rows)


def carried_by(traces: Iterable[Trace], before: str = "") -> tuple[Carried, ...]:
    """Give what each payment carried under each rule that attributes amounts.

    Parameters
    ----------
    before : str
        Put before the name of each column, to tell several traces apart.
    """
    columns = []
    for found in traces:
        for rule in found.endpoints:
            rows = found.payments.filter(pc.equal(found.payments["rule"], rule))
            parts = dict(zip(rows["payment_id"].to_pylist(), rows["amount_minor"].to_pylist(), strict=True))
            columns.append(Carried(f"{before}{rule}_{found.currency.lower()}_minor", CONVENTIONS[rule], parts))
    return tuple(columns)


def only(payments: pa.Table, names: Iterable[str]) -> pa.Table:
    """Keep the payments of these ids."""
    wanted = pa.array(sorted(names), pa.string())
    return payments.filter(pc.is_in(payments["payment_id"], value_set=wanted))


def moment(at: datetime) -> str:
    """Write a time in ISO 8601, UTC, with microseconds only where there are any.

    Examples
    --------
    >>> moment(datetime(2026, 3, 3, 9, tzinfo=UTC))
    '2026-03-03T09:00:00Z'
    """
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _plain(value: datetime | date | str | int | None) -> Value:
    if isinstance(value, datetime):
        return moment(value)
    return value.isoformat() if isinstance(value, date) else value


def _kind(type_: pa.DataType) -> Kind:
    if pa.types.is_timestamp(type_):
        return "moment"
    if pa.types.is_date(type_):
        return "day"
    return "whole" if pa.types.is_integer(type_) else "text"
