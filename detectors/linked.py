"""Who gives the same device, phone or address as whom: the edge ``link`` of the catalogue, for all accounts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.sight import Sight
from flows.payments import LINKS
from graphs.holders import holder_labels
from graphs.legs import Flags, Ints, Legs, legs_of
from graphs.sharing import sharing

MOST_HOLDERS: Final = 25
"""Identifiers of more customers than this join nobody; catalogue, section 1."""
LEAST_HOLDERS: Final = 2


@dataclass(frozen=True, eq=False)
class Linked:
    """Groups of holders who share enough (`graphs.sharing`).

    Parameters
    ----------
    group : ndarray of int64, shape (nodes,)
        The group of each node's customer, -1 where nobody of another household shares anything.
    people, kinds : ndarray of int64, shape (groups,)
        Households in each group, and identifiers that its customers have in common.
    """

    group: Ints
    people: Ints
    kinds: Ints


def linked(sight: Sight, most: int = MOST_HOLDERS) -> Linked:
    """Join customers by what they share; made once. Where there are no links at all, nobody is joined.

    Identifiers on the institution's list of exemptions join nobody: halls, shelters and hostels look exactly like this.
    """
    return sight.once(("linked", most), lambda: _linked(sight, most))


def contacts(sight: Sight, *kinds: str) -> pa.Table:
    """Give the identifiers of some kinds that customers gave, but those on the list of exemptions; maybe none."""
    links = sight.window.side.links
    if links is None:
        return LINKS.empty_table()
    exempt = pa.array(sight.given.lists.get("exempt", ()), pa.string())
    links = links.filter(pc.invert(pc.is_in(pc.utf8_lower(links["value_hash"]), value_set=exempt)))
    return links.filter(pc.is_in(links["kind"], value_set=pa.array(kinds, pa.string()))) if kinds else links


def on_shared_device(sight: Sight) -> Flags:
    """Say which own accounts pay from a device from which other households pay too; made once.

    Devices of very many households (a branch, a help desk) and exempt ones join nobody.
    """

    def found() -> Flags:
        device = np.where(sight.listed("exempt", "device_id"), -1, sight.codes("device_id"))
        row = np.flatnonzero((device >= 0) & sight.own[sight.payer])
        used = legs_of(device[row], row, sight.payee[row], sight.payer[row])
        people = used.distinct(sight.household[used.own])[used.group]
        shared = np.zeros(sight.graph.nodes, np.bool_)
        shared[used.own[(people >= 2) & (people <= MOST_HOLDERS)]] = True
        return shared

    return sight.once("on a shared device", found)


def numbered(values: pa.Array) -> Ints:
    """Give each different value a number, -1 for null."""
    indices = values.dictionary_encode().indices.fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False)).astype(np.int64)


def most_shared(sight: Sight, legs: Legs, *kinds: str) -> Ints:
    """Give, per group, the most holders at the subject's end who gave one and the same identifier of some kinds."""
    links = contacts(sight, *kinds)
    value = numbered(pc.binary_join_element_wise(links["kind"], links["value_hash"], " ").combine_chunks())
    holders = links["customer_id"].combine_chunks()
    names, place = np.unique(numbered(holders), return_inverse=True)
    start = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=names.size))])
    given = value[np.argsort(place, kind="stable")]
    # Each member of a group once for each identifier.
    member, group = legs.first_of(legs.own)
    of = pc.index_in(sight.account_text("customer_id"), value_set=holders.dictionary_encode().dictionary)
    of = pc.if_else(pc.is_valid(sight.account_text("customer_id")), of, None).fill_null(-1)
    holder = of.to_numpy(zero_copy_only=False).astype(np.int64)[legs.own[member]]
    member, group, holder = member[holder >= 0], group[holder >= 0], holder[holder >= 0]
    count = start[holder + 1] - start[holder]
    again = np.repeat(np.arange(member.size), count)
    nth = np.arange(again.size) - np.repeat(np.cumsum(count) - count, count)
    by = legs_of((group[again] << 31) + given[start[holder][again] + nth], again, again, legs.own[member][again])
    most = np.zeros(legs.groups, np.int64)
    np.maximum.at(most, by.subject >> 31, by.distinct(sight.household[by.own]))
    return most


def _linked(sight: Sight, most: int) -> Linked:
    # Customer by customer: a household counts as one, but joins nobody. Who moved out of it, to a shelter or to where
    # an employer put her up, would else join everybody there with everybody her family shares something with.
    shared = sharing(contacts(sight), None, most_customers=most)
    customer = sight.account_text("customer_id")
    place = pc.index_in(holder_labels(None, customer), value_set=shared.labels).fill_null(-1).to_numpy()
    # A node whose holder shares nothing is in no group: -1, the last of the table.
    group = np.append(shared.group, -1)[place].astype(np.int64)
    pairs = np.unique(np.column_stack([group, sight.household])[group >= 0], axis=0)
    people = np.bincount(pairs[:, 0], minlength=len(shared.shared)).astype(np.int64)
    return Linked(
        group=np.where(people[group] >= LEAST_HOLDERS, group, -1) if people.size else group,
        people=people,
        kinds=np.array([len(kinds) for kinds in shared.shared], np.int64),
    )
