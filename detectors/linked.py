"""Who gives the same device, phone or address as whom: the edge ``link`` of the catalogue, for all accounts at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.sight import Sight
from detectors.survey import Survey
from flows.payments import LINKS
from graphs.holders import holder_labels
from graphs.legs import Flags, Ints, Legs, legs_of
from graphs.sharing import Sharing, sharing

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
    # Asked first: who is in the ledger at all is not known from the accounts of one window.
    members = sight.everybody(Survey(f"linked, at most {most}", partial(_members, most=most)))
    return sight.once(("linked", most), lambda: _linked(sight, most, members))


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
    people = households_on(sight)

    def found() -> Flags:
        device = devices(sight)
        row = np.flatnonzero(device >= 0)
        several = (people[device[row]] >= LEAST_HOLDERS) & (people[device[row]] <= MOST_HOLDERS)
        shared = np.zeros(sight.graph.nodes, np.bool_)
        shared[sight.payer[row[several]]] = True
        return shared

    return sight.once("on a shared device", found)


def devices(sight: Sight) -> Ints:
    """Give each payment by one of the bank's accounts the number of its device; -1 for others and exempt devices."""
    known = sight.own[sight.payer] & ~sight.listed("exempt", "device_id")
    return np.where(known, sight.codes("device_id"), -1)


def households_on(sight: Sight) -> Ints:
    """Give how many households pay from each device, by its number; made once."""
    users = sight.everybody(Survey("households on devices", _users))

    def found() -> Ints:
        once = users.group_by(["device", "household"]).aggregate([])["device"].value_counts()
        place = pc.index_in(pa.array(sight.values("device_id"), pa.string()), value_set=once.field("values"))
        return np.asarray(pc.fill_null(once.field("counts").take(place), 0).to_numpy(zero_copy_only=False))

    return sight.once("households on devices, counted", found)


def _users(sight: Sight) -> pa.Table:
    row = np.flatnonzero(devices(sight) >= 0)
    names = sight.household_name.take(pa.array(sight.payer[row]))
    device = sight.window.payments["device_id"].take(pa.array(row))
    told = pa.table({"of": sight.payer[row], "device": device, "household": names})
    return told.group_by(told.column_names).aggregate([])


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


def _members(sight: Sight, most: int) -> pa.Table:
    """Say for each account in a group of those who share enough which household it belongs to."""
    group = _groups(sight, most)[0]
    some = np.flatnonzero(group >= 0)
    names = sight.household_name.take(pa.array(some))
    return pa.table({"of": some, "group": group[some], "household": names})


def _groups(sight: Sight, most: int) -> tuple[Ints, Sharing]:
    return sight.once(("groups of linked", most), lambda: _found(sight, most))


def _found(sight: Sight, most: int) -> tuple[Ints, Sharing]:
    """Give each node the number of its group, the same in every window, and the groups."""
    # Customer by customer: a household counts as one, but joins nobody. Who moved out of it, to a shelter or to where
    # an employer put her up, would else join everybody there with everybody her family shares something with.
    shared = sharing(contacts(sight), None, most_customers=most)
    customer = sight.account_text("customer_id")
    place = pc.index_in(holder_labels(None, customer), value_set=shared.labels).fill_null(-1).to_numpy()
    # A node whose holder shares nothing is in no group: -1, the last of the table.
    return np.append(shared.group, -1)[place].astype(np.int64), shared


def _linked(sight: Sight, most: int, members: pa.Table) -> Linked:
    group, shared = _groups(sight, most)
    # Portions of the accounts answered apart, so that a household may be there twice.
    once = members.group_by(["group", "household"]).aggregate([])
    people = np.bincount(once["group"].to_numpy(), minlength=len(shared.shared)).astype(np.int64)
    return Linked(
        group=np.where(people[group] >= LEAST_HOLDERS, group, -1) if people.size else group,
        people=people,
        kinds=np.array([len(kinds) for kinds in shared.shared], np.int64),
    )
