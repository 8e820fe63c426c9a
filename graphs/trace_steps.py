"""What a trace walks on: every purse's money in and out, in order, with its running balance.

A *purse* is one account's money of one currency: balances of different currencies never mix. Its *steps* are the
opening balance, credits, debits, overdrafts drawn and repaid, and the closing balance, so that what comes in equals
what goes out, to the minor unit, and the balance never falls below zero.

Laid end to end on one axis, the steps that bring money in and the steps that take it out cover the same length in
every purse. First in, first out is then the identity on that axis: the money at a place of the axis of inflows leaves
at the same place of the axis of outflows. Two sorted arrays answer a trace in either direction (`graphs.trace_fifo`).

The order of the legs of an account decides a trace. It is the order of the ledger (time, then payment id) unless
another is asked for; where the data does not tell the order, the two extremes are `credits-first` and
`credits-last`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from flows.errors import InputError
from flows.window import Window
from graphs.classes import node_classes
from graphs.kernels import steps as kernel
from graphs.kernels.rows import grouped
from graphs.temporal import temporal_graph

Order = Literal["booked", "credits-first", "credits-last"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""Orders of payments whose times do not tell which came first."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAY = 86_400_000_000

LARGEST = 2**62
"""Sum of all amounts up to which positions on the axis are exact in int64."""


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of all purses of a window under one order.

    Legs are numbered ``2 * row`` (a payment leaves its payer) and ``2 * row + 1`` (it reaches its payee), where ``row``
    is the row of ``window.payments``.

    Parameters
    ----------
    payer, payee : ndarray of int32, shape (payments,)
        Node of each end; names as in the temporal graph.
    paid, received : ndarray of int64, shape (payments,)
        Minor units that left the payer and that reached the payee; they differ by a fee or an exchange of currency.
    exchanged : ndarray of bool, shape (payments,)
        Whether the payee received another currency, or more than was sent: amounts scale instead of losing a fee.
    purse : ndarray of int64, shape (2 * payments,)
        Purse of each leg; -1 for a leg outside the bank, at a hub, or of a payment that an account makes to itself.
    node_of_purse, unit_of_purse : ndarray
        Account and currency number of each purse.
    known : ndarray of bool, shape (purses,)
        Whether the opening balance follows from balances the bank reported; else it is the least possible one.
    first, kind, leg, moved, after, step_of_leg : ndarray
        As `graphs.kernels.steps.laid_out` gives them.
    sequence : ndarray of int64, shape (2 * payments,)
        All legs, every cause before its effect.
    looped : ndarray of bool, shape (payments,)
        Payments that would have to arrive before they leave; a trace ends in them.
    unclear : ndarray of bool, shape (purses,)
        Whether some credit and some debit have times that do not tell which came first.
    reported, differing : int
        Balances the bank reported, and those that do not follow from the payments.
    """

    names: pa.Array
    currencies: tuple[str, ...]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    paid: Ints
    received: Ints
    exchanged: Flags
    purse: Ints
    node_of_purse: Ints
    unit_of_purse: Ints
    known: Flags
    first: Ints
    kind: NDArray[np.int8]
    leg: Ints
    moved: Ints
    after: Ints
    step_of_leg: Ints
    sequence: Ints
    looped: Flags
    unclear: Flags
    reported: int
    differing: int

    @cached_property
    def when(self) -> Ints:
        """Place of each leg in `sequence`."""
        when = np.empty(self.sequence.size, np.int64)
        when[self.sequence] = np.arange(self.sequence.size)
        return when

    @cached_property
    def purse_of_step(self) -> Ints:
        """Purse of each step."""
        return np.repeat(np.arange(self.first.size - 1), np.diff(self.first))

    @cached_property
    def inflows(self) -> Axis:
        """Steps that bring money in, end to end."""
        return self._axis(self.kind < kernel.DEBIT)

    @cached_property
    def outflows(self) -> Axis:
        """Steps that take money out, end to end; each purse lies where its inflows lie."""
        return self._axis(self.kind >= kernel.DEBIT)

    def purses_of(self, rows: Iterable[int]) -> Ints:
        """Give the purses that some payments leave or reach."""
        numbers = np.array(sorted(rows), np.int64)
        found = np.unique(self.purse[np.concatenate([2 * numbers, 2 * numbers + 1])])
        return found[found >= 0]

    def _axis(self, these: Flags) -> Axis:
        step = np.flatnonzero(these)
        edge = np.zeros(step.size + 1, np.int64)
        np.cumsum(self.moved[step], out=edge[1:])
        start = np.full(self.kind.size, -1, np.int64)
        start[step] = edge[:-1]
        return Axis(edge, step, start)


@dataclass(frozen=True, eq=False)
class Axis:
    """Steps end to end.

    Parameters
    ----------
    edge : ndarray of int64, shape (steps + 1,)
        Where each begins and the last one ends, in minor units.
    step : ndarray of int64
        Their numbers.
    start : ndarray of int64, shape (all steps,)
        Where each step of the purses begins; -1 for steps of the other axis.
    """

    edge: Ints
    step: Ints
    start: Ints


def steps(window: Window, order: Order = "booked") -> Steps:
    """Lay out the steps of every purse; made once per window and order.

    Parameters
    ----------
    window : Window
        Its payments; accounts of ``window.hubs`` have no purse, because a trail ends at them.
    order : {"booked", "credits-first", "credits-last"}
        What comes first where the times do not tell.

    Raises
    ------
    InputError
        If the amounts are too large to be laid on one axis.

    Notes
    -----
    Linear in the payments, but for one sort under the orders other than ``booked``.
    """
    return window.memo(("trace_steps", order), lambda: _laid(window, order))


def _laid(window: Window, order: Order) -> Steps:
    graph = temporal_graph(window)
    payments = window.payments
    got = payments["received_minor"]
    paid = graph.amount
    received = pc.coalesce(got, payments["amount_minor"]).to_numpy()
    if float(paid.astype(np.float64).sum()) + float(received.astype(np.float64).sum()) > LARGEST / 2:
        raise InputError(
            "the amounts of this ledger are too large to be traced together",
            where="sum of all payments in minor units",
            try_="trace a shorter span, or check the unit of the amounts",
        )
    unit_in, unit_out, currencies = _units(payments)
    purse, node_of_purse, unit_of_purse = _purses(window, unit_out, unit_in, len(currencies))
    amount = np.ascontiguousarray(np.column_stack([paid, received]).reshape(-1))
    told, balance = _balances(payments)
    booked = _rows(purse, np.arange(purse.size), node_of_purse.size)
    opening, known, reported, differing = kernel.openings(*booked, amount, balance, told)
    early, late = _times(payments)
    start, legs = booked if order == "booked" else _rows(purse, _sorted(order, early, late), node_of_purse.size)
    sequence, looped = _sequence(start, legs, purse, booked=order == "booked")
    first, kind, leg, moved, after, step_of_leg, _ = kernel.laid_out(start, legs, amount, opening, known)
    return Steps(
        names=graph.names,
        currencies=currencies,
        payer=graph.payer,
        payee=graph.payee,
        paid=paid,
        received=received,
        exchanged=(unit_in != unit_out) | (received > paid),
        purse=purse,
        node_of_purse=node_of_purse,
        unit_of_purse=unit_of_purse,
        known=known,
        first=first,
        kind=kind,
        leg=leg,
        moved=moved,
        after=after,
        step_of_leg=step_of_leg,
        sequence=sequence,
        looped=looped,
        unclear=kernel.unclear(*booked, early, late),
        reported=int(reported),
        differing=int(differing),
    )


def _units(payments: pa.Table) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Give the currency numbers of what payees received and of what payers paid, and the codes."""
    paid = payments["currency"].combine_chunks()
    received = pc.coalesce(payments["received_currency"].combine_chunks(), paid)
    both = pa.concat_arrays([received, paid]).dictionary_encode()
    numbers = both.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers[: len(paid)], numbers[len(paid) :], tuple(both.dictionary.to_pylist())


def _purses(window: Window, unit_out: Ints, unit_in: Ints, units: int) -> tuple[Ints, Ints, Ints]:
    """Give the purse of each leg, and the account and currency of each purse."""
    graph = temporal_graph(window)
    own = (node_classes(window) == 0) & ~graph.hub
    key = np.empty(2 * graph.edges, np.int64)
    key[0::2] = np.where(own[graph.payer], graph.payer * np.int64(units) + unit_out, -1)
    key[1::2] = np.where(own[graph.payee], graph.payee * np.int64(units) + unit_in, -1)
    to_itself = np.repeat((key[0::2] == key[1::2]) & (key[0::2] >= 0), 2)
    key[to_itself] = -1
    used = np.zeros(graph.nodes * units + 1, np.bool_)
    used[key] = True
    used[-1] = False
    keys = np.flatnonzero(used)
    number = np.full(used.size, -1, np.int64)
    number[keys] = np.arange(keys.size)
    return number[key], keys // max(units, 1), keys % max(units, 1)


def _balances(payments: pa.Table) -> tuple[Flags, Ints]:
    """Give, by leg, whether the bank reported a balance after it, and that balance."""
    told = np.empty(2 * payments.num_rows, np.bool_)
    balance = np.empty(2 * payments.num_rows, np.int64)
    for side, name in enumerate(("payer_balance_after_minor", "payee_balance_after_minor")):
        told[side::2] = pc.is_valid(payments[name]).to_numpy()
        balance[side::2] = pc.fill_null(payments[name], 0).to_numpy()
    return told, balance


def _times(payments: pa.Table) -> tuple[Ints, Ints]:
    """Give the earliest and the latest moment at which each payment may have happened."""
    at = payments["at"].cast(pa.int64()).to_numpy()
    date_only = pc.equal(payments["ts_quality"], "date_only").to_numpy(zero_copy_only=False)
    return np.where(date_only, at - at % DAY, at), np.where(date_only, at - at % DAY + DAY - 1, at)


def _sorted(order: Order, early: Ints, late: Ints) -> Ints:
    """Give all legs by time, with those that may come first or last put there."""
    credits_first = order == "credits-first"
    time = np.empty(2 * early.size, np.int64)
    time[0::2] = late if credits_first else early
    time[1::2] = early if credits_first else late
    side = np.tile([1, 0] if credits_first else [0, 1], early.size)
    return np.lexsort((np.arange(time.size), side, time))


def _rows(purse: Ints, legs: Ints, purses: int) -> tuple[Ints, Ints]:
    """Group legs by purse, keeping their order."""
    inside = legs[purse[legs] >= 0]
    start, order = grouped(purse[inside].astype(np.int32), purses)
    return start, inside[order]


def _sequence(start: Ints, legs: Ints, purse: Ints, *, booked: bool) -> tuple[Ints, Flags]:
    """Put every cause before its effect; name the payments that lie in a circle of causes."""
    looped = np.zeros(purse.size // 2, np.bool_)
    if booked:
        # One row is one moment: a payment leaves and arrives between its neighbours, so no circle can arise.
        return np.arange(purse.size), looped
    sequence, count = kernel.scheduled(start, legs, purse, looped)
    if count < purse.size:
        looped = _circles(start, legs, purse, sequence)
        sequence, _ = kernel.scheduled(start, legs, purse, looped)
    return sequence, looped


def _circles(start: Ints, legs: Ints, purse: Ints, sequence: Ints) -> Flags:
    """Find the payments whose arrival is among the causes of their own departure."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    stuck = np.ones(purse.size, np.bool_)
    stuck[sequence] = False
    follows = np.ones(legs.size, np.bool_)
    follows[start[:-1][start[:-1] < legs.size]] = False
    before = np.flatnonzero(follows) - 1
    into_purse = (legs[before], legs[before + 1])
    leaves = np.arange(0, purse.size, 2)
    cause = np.concatenate([into_purse[0], leaves])
    effect = np.concatenate([into_purse[1], leaves + 1])
    kept = stuck[cause] & stuck[effect]
    links = csr_matrix((np.ones(kept.sum(), np.int8), (cause[kept], effect[kept])), shape=(purse.size, purse.size))
    component: Any = connected_components(links, directed=True, connection="strong")[1]
    found: Flags = component[0::2] == component[1::2]
    return found
