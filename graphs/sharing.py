"""Holders joined by what they share: a device, an e-mail address, a phone, an address, an introducer.

Identifiers are keyed hashes; nothing here can be read back. Two holders are joined if what they share weighs enough
together: one device or e-mail address, or two of the lesser kinds. An identifier that very many customers hold (a hall
of residence, a branch kiosk, a shelter) joins nobody: it is dropped and listed (`Sharing.crowded`).

Sources: the primitive ``link`` and indicator LAB-07 of the catalogue, sections 1 and 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from flows.window import Window
from graphs.holders import holder_labels
from graphs.temporal import temporal_graph

WEIGHTS = {"device": 10, "email": 10, "phone": 8, "address": 5, "introducer": 5, "ip": 5}
"""Weight of a shared identifier by its kind, in tenths: LAB-07. ``ip`` is ours, like an address: households, halls and
offices share one. An employer is no such tie: colleagues have one in common by nature."""

ENOUGH = 10
"""Tenths from which on two holders are joined: one identifier of weight 1.0 or two kinds (LAB-07)."""

CROWDED = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value_hash", pa.string(), nullable=False),
        pa.field("customers", pa.int64(), nullable=False),
    ]
)
"""One row per identifier that is held by too many to join anybody."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sharing:
    """Groups of holders, and what they share.

    Parameters
    ----------
    labels : pyarrow.Array of string
        Holders in any group, as `graphs.holders.holder_labels` names them, group after group.
    group : ndarray of int64, shape (labels,)
        Number of the group of each, ascending from 0.
    shared : tuple of (tuple of str)
        Per group, the kinds of the identifiers that at least two of its holders hold, one entry per identifier, sorted.
    crowded : pyarrow.Table
        Rows of `CROWDED`, sorted.
    crowd : frozenset of str
        Labels of the holders of a crowded identifier.
    """

    labels: pa.Array
    group: Ints
    shared: tuple[tuple[str, ...], ...]
    crowded: pa.Table
    crowd: frozenset[str]


def sharing(links: pa.Table, customers: pa.Table | None, *, most_customers: int) -> Sharing:
    """Join the holders who share enough.

    Two customers share an identifier if they held it at the same time: a phone number that was given to somebody else
    years later is not shared. Members of one household are one holder.

    Parameters
    ----------
    links : pyarrow.Table
        Rows of `flows.payments.LINKS`.
    customers : pyarrow.Table or None
        Rows of `flows.payments.CUSTOMERS`, for the households.
    most_customers : int
        An identifier held by more customers than this is dropped.

    Returns
    -------
    Sharing
        Groups are connected components: a member need not share with every other.

    Notes
    -----
    Pairs are made within an identifier only, so at most ``most_customers / 2`` per link.

    Examples
    --------
    >>> from flows.payments import LINKS
    >>> rows = [{"customer_id": name, "kind": "device", "value_hash": "d1"} for name in ("c1", "c2")]
    >>> sharing(pa.Table.from_pylist(rows, schema=LINKS), None, most_customers=25).labels.to_pylist()
    ['customer c1', 'customer c2']
    """
    rows = _periods(links)
    ident = _codes(pc.binary_join_element_wise(rows["kind"], rows["value_hash"], " "))
    label = holder_labels(customers, rows["customer_id"]).dictionary_encode()
    names: pa.Array = label.dictionary
    holder = label.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    held_by = np.bincount(ident, minlength=1)
    crowd = held_by[ident] > most_customers
    kind = rows["kind"].to_numpy(zero_copy_only=False)
    pairs = _pairs(ident[~crowd], holder[~crowd], kind[~crowd], *(rows[name].to_numpy()[~crowd] for name in PERIOD))
    group = _groups(pairs, len(names))
    order = np.argsort(group, kind="stable")[np.count_nonzero(group < 0) :]
    inside = ~crowd & (group[holder] >= 0)
    return Sharing(
        labels=names.take(pa.array(order)),
        group=group[order],
        shared=_shared(group[holder][inside], holder[inside], ident[inside], kind[inside]),
        crowded=_listed(rows, crowd),
        crowd=frozenset(names.take(pa.array(np.unique(holder[crowd]))).to_pylist()),
    )


PERIOD = ("since", "until")
BEFORE, AFTER = (date.min - date(1970, 1, 1)).days, (date.max - date(1970, 1, 1)).days


def _periods(links: pa.Table) -> pa.Table:
    """Give one row per customer and identifier of a kind that counts: from its first day to its last."""
    counts = links.filter(pc.is_in(links["kind"], value_set=pa.array(sorted(WEIGHTS))))
    table = pa.table(
        {
            "customer_id": counts["customer_id"],
            "kind": counts["kind"],
            "value_hash": counts["value_hash"],
            "since": pc.fill_null(counts["valid_from"].cast(pa.int32()), BEFORE),
            "until": pc.fill_null(counts["valid_to"].cast(pa.int32()), AFTER),
        }
    )
    one = table.group_by(["customer_id", "kind", "value_hash"]).aggregate([("since", "min"), ("until", "max")])
    one = one.rename_columns(["customer_id", "kind", "value_hash", *PERIOD])
    return one.sort_by([(name, "ascending") for name in ("kind", "value_hash", "customer_id")]).combine_chunks()


def _codes(values: pa.ChunkedArray) -> Ints:
    indices = values.combine_chunks().dictionary_encode().indices
    codes: Ints = indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _pairs(ident: Ints, holder: Ints, kind: NDArray[np.object_], since: Ints, until: Ints) -> Ints:
    """Give the pairs of holders who share enough; rows come sorted by identifier."""
    kinds = sorted(WEIGHTS)
    number = np.searchsorted(kinds, kind.astype(str)) if kind.size else np.empty(0, np.int64)
    found = [np.empty((0, 3), np.int64)]
    step = 1
    while step < ident.size:
        same = ident[step:] == ident[:-step]
        if not same.any():
            break
        low, high = np.minimum(holder[step:], holder[:-step]), np.maximum(holder[step:], holder[:-step])
        together = np.maximum(since[step:], since[:-step]) <= np.minimum(until[step:], until[:-step])
        keep = same & together & (low < high)
        found.append(np.column_stack((low, high, number[step:]))[keep])
        step += 1
    by_kind = np.unique(np.concatenate(found), axis=0)
    pairs, at = np.unique(by_kind[:, :2], axis=0, return_inverse=True)
    weight = np.zeros(len(pairs), np.int64)
    np.add.at(weight, at.ravel(), np.array([WEIGHTS[name] for name in kinds])[by_kind[:, 2]])
    enough: Ints = pairs[weight >= ENOUGH]
    return enough


def _groups(pairs: Ints, holders: int) -> Ints:
    """Give each holder the number of its connected component; -1 for whoever is in no pair."""
    edges = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(holders, holders))
    _, part = connected_components(edges, directed=False)
    group = np.full(holders, -1, np.int64)
    paired = np.unique(pairs)
    _, group[paired] = np.unique(part[paired], return_inverse=True)
    return group


def _shared(group: Ints, holder: Ints, ident: Ints, kind: NDArray[np.object_]) -> tuple[tuple[str, ...], ...]:
    """Give, per group, the kinds of the identifiers that two of its holders hold."""
    kinds: dict[int, list[str]] = {}
    _, one = np.unique(np.column_stack((group, ident, holder)), axis=0, return_index=True)
    both, first, count = np.unique(
        np.column_stack((group[one], ident[one])), axis=0, return_index=True, return_counts=True
    )
    for number, row in zip(both[count > 1, 0].tolist(), one[first[count > 1]].tolist(), strict=True):
        kinds.setdefault(number, []).append(str(kind[row]))
    return tuple(tuple(sorted(kinds[number])) for number in sorted(kinds))


def _listed(rows: pa.Table, crowd: NDArray[np.bool_]) -> pa.Table:
    kept = rows.filter(pa.array(crowd))
    listed = kept.group_by(["kind", "value_hash"]).aggregate([("customer_id", "count")])
    listed = listed.rename_columns(["kind", "value_hash", "customers"]).cast(CROWDED)
    return listed.sort_by([("kind", "ascending"), ("value_hash", "ascending")])


def ties(window: Window, nodes: NDArray[np.int32]) -> dict[int, frozenset[str]]:
    """Give all that the customers behind some accounts hold: identifiers of any kind, crowded or not, and employers.

    Parameters
    ----------
    nodes : ndarray of int32
        Nodes of the window's temporal graph.

    Returns
    -------
    dict of int to frozenset of str
        For the nodes whose customer is known and holds something; nothing without the tables of accounts and links.

    Examples
    --------
    >>> from flows.arrows import payments_from_arrows
    >>> from flows.payments import ACCOUNTS, LINKS
    >>> from flows.window import SideTables, whole
    >>> accounts = pa.Table.from_pylist([{"account_id": "ana", "customer_id": "c1"}], schema=ACCOUNTS)
    >>> row = {"customer_id": "c1", "kind": "employer", "value_hash": "e1"}
    >>> side = SideTables(accounts, None, pa.Table.from_pylist([row], schema=LINKS))
    >>> ties(whole(payments_from_arrows("day 0 ana -> bo 5 EUR"), side=side), np.array([0, 1], np.int32))
    {0: frozenset({'employer e1'})}
    """
    accounts, links = window.side.accounts, window.side.links
    if accounts is None or links is None:
        return {}
    number = {temporal_graph(window).names[int(node)].as_py(): int(node) for node in nodes}
    mine = accounts.filter(pc.is_in(accounts["account_id"], value_set=pa.array(sorted(number), pa.string())))
    of_customer: dict[str, set[str]] = {}
    theirs = links.filter(pc.is_in(links["customer_id"], value_set=mine["customer_id"].combine_chunks()))
    for customer, kind, value in zip(
        *(theirs[name].to_pylist() for name in ("customer_id", "kind", "value_hash")), strict=True
    ):
        of_customer.setdefault(customer, set()).add(f"{kind} {value}")
    pairs = zip(mine["account_id"].to_pylist(), mine["customer_id"].to_pylist(), strict=True)
    return {number[name]: frozenset(of_customer[customer]) for name, customer in pairs if customer in of_customer}
