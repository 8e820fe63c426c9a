"""What in the data speaks for an ordinary story: the mitigating features of the catalogue, 3.10, account by account.

Looked for with the same care as what speaks against it, over all accounts at once. A feature that could not be looked
for is absent and said to be unknown by `unknown`; it is never taken for absent by whoever reads an alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from detectors.indicating import Measured, available, end_of, lacks, last_day
from detectors.indicator import Level
from detectors.sight import RENT, Given, Sight
from flows.window import SideTables, Window
from graphs.holders import holder_labels
from graphs.legs import Flags, Ints, Legs, legs_of

NEEDS: Final = {
    "MIT-02": ("payments.mcc",),
    "MIT-03": ("customers.kind|accounts.kind",),
    "MIT-05": ("customers.household_id|accounts.customer_id",),
    "MIT-07": ("customers.kind",),
    "MIT-08": ("list.exempt", "links.value_hash|payments.device_id"),
    "MIT-09": ("payments.purpose_code",),
}
"""Columns and lists without which a feature cannot be looked for."""

MONTHS: Final = 6
ESSENTIALS: Final = ("groceries", "meals", "telecom", "transport", "utilities", "pharmacy", "rent")
TAXES: Final = ("TAXS", "VATX", "SSBE", "GVEA", "WHLD", "INTX", "COLL")
KEPT: Final = 0.3
"""LAB-02 from which on a wage is not spent normally; MIT-01."""


def unknown(window: Window, lists: Mapping[str, tuple[str, ...]] | None = None) -> tuple[str, ...]:
    """Give the mitigating features that cannot be looked for in this ledger."""
    columns = available(window, (), lists or {})
    return tuple(feature for feature, needs in sorted(NEEDS.items()) if lacks(needs, columns))


def mitigating(
    window: Window, measured: Measured, lists: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, frozenset[str]]:
    """Give the mitigating features of each account that an indicator says something of.

    Parameters
    ----------
    window : Window
        The payments, and the tables beside them.
    measured : Measured
        The scores: of whom, and of whom else they speak.
    lists : mapping of str to tuple of str, optional
        The institution's own lists.
    """
    own_lists = {name: tuple(part.casefold() for part in parts) for name, parts in (lists or {}).items()}
    given = Given(columns=available(window, (), own_lists), end=end_of(last_day(window)), lists=own_lists)
    sight = Sight(window, given)
    by_feature = {
        "MIT-01": _stable_income(sight) & ~_nodes(sight, _swept(measured)),
        "MIT-02": _ordinary_life(sight),
        "MIT-03": _registered_trade(sight),
        "MIT-04": _known_remittance(sight),
        "MIT-05": _nodes(sight, _of_one_household(window.side, measured)),
        "MIT-06": _savings_club(sight),
        "MIT-07": sight.is_kind("npo"),
        "MIT-08": _institution(sight),
        "MIT-09": _travel_explained(sight),
    }
    wanted = np.flatnonzero(_nodes(sight, {score.centre for score in measured.scores}))
    found: dict[str, set[str]] = defaultdict(set)
    names = sight.graph.names.take(pa.array(wanted)).to_pylist()
    for feature, flags in by_feature.items():
        for name, here in zip(names, flags[wanted].tolist(), strict=True):
            if here:
                found[name].add(feature)
    return {name: frozenset(features) for name, features in found.items()}


def _stable_income(sight: Sight) -> Flags:
    """MIT-01: wages or pensions of one payer in six different months."""
    paid = sight.credits("customer").where(sight.wages | sight.benefits)
    return _of_subjects(sight, "customer", paid, _months_with_one(sight, paid) >= MONTHS)


def _ordinary_life(sight: Sight) -> Flags:
    """MIT-02: at least four kinds of living costs."""
    spent = sight.debits("customer")
    kinds = [spent.where(sight.merchants(name)).count() > 0 for name in ESSENTIALS if name != "rent"]
    kinds.append(spent.where(sight.merchants("rent") | sight.purpose(*RENT)).count() > 0)
    return _of_subjects(sight, "customer", spent, np.sum(kinds, axis=0) >= 4)


def _registered_trade(sight: Sight) -> Flags:
    """MIT-03: a business that shows two of taxes, wages paid and payments to several firms; or a licence."""
    spent = sight.debits("customer")
    firms = spent.keep((sight.is_kind("firm", "sole_trader") | sight.account_is("kind", "business"))[spent.other])
    taxes = spent.where(sight.purpose(*TAXES) | sight.of_class("gov")[sight.payee])
    shown = np.sum(
        [taxes.count() >= 2, spent.where(sight.wages).count() >= 2, firms.distinct(firms.other) >= 3], axis=0
    )
    business = sight.is_kind("firm", "sole_trader", "npo") | sight.account_is("kind", "business", "client")
    return (_of_subjects(sight, "customer", spent, shown >= 2) & business) | sight.licensed


def _known_remittance(sight: Sight) -> Flags:
    """MIT-04: one to three receivers abroad or through a remitter, monthly for six months, with own living costs."""
    sent = sight.debits("customer").where(sight.abroad | sight.to_remitter)
    regular = sent.where(sight.regular)
    few = (sent.distinct(sent.other) <= 3) & (regular.distinct(regular.other) > 0)
    few &= regular.count() >= 0.8 * sent.count()
    spent = sight.debits("customer").where(sight.merchants("groceries", "utilities", "telecom") | sight.purpose(*RENT))
    return _of_subjects(sight, "customer", sent, few) & _of_subjects(sight, "customer", spent, spent.count() > 0)


def _of_one_household(side: SideTables, measured: Measured) -> set[str]:
    """MIT-05: accounts of whom and of whose counterpart an indicator speaks, where both are one household."""
    together = [score for score in measured.scores if score.others]
    names = pa.array(sorted({name for score in together for name in (score.centre, *score.others)}), pa.string())
    alone = pc.binary_join_element_wise("account", names, " ")
    if side.accounts is not None:
        place = pc.index_in(names, value_set=side.accounts["account_id"].combine_chunks())
        customer = side.accounts["customer_id"].combine_chunks().take(place)
        alone = pc.coalesce(holder_labels(side.customers, customer), alone)
    home = dict(zip(names.to_pylist(), alone.to_pylist(), strict=True))
    return {score.centre for score in together if all(home[other] == home[score.centre] for other in score.others)}


def _savings_club(sight: Sight) -> Flags:
    """MIT-06: at least three members pay the same, are paid in turn, and what comes in goes out again."""
    into, out = sight.credits(), sight.debits()
    mutual = into.where(sight.mutual)
    members = mutual.distinct(mutual.other)
    amounts = mutual.distinct(np.minimum(sight.cents[mutual.row], 2**31 - 1))
    back = out.where(sight.mutual)
    came, went = mutual.total(sight.amount), np.zeros(into.groups)
    place = np.searchsorted(into.subject, out.subject)
    there = (
        np.flatnonzero(into.subject[np.minimum(place, into.groups - 1)] == out.subject) if into.groups else place[:0]
    )
    went[place[there]] = back.total(sight.amount)[there]
    conserved = (np.abs(came - went) <= 0.1 * np.maximum(came, went)) & (came > 0)
    closed = mutual.count() >= 0.8 * into.count()
    return _of_subjects(sight, "account", into, (members >= 3) & (amounts == 1) & conserved & closed)


def _institution(sight: Sight) -> Flags:
    """MIT-08: an address, phone or device on the list of exemptions."""
    parts = sight.given.lists.get("exempt", ())
    flags = np.zeros(sight.graph.nodes, np.bool_)
    links = sight.window.side.links
    if links is not None and parts:
        exempt = pc.is_in(pc.utf8_lower(links["value_hash"]), value_set=pa.array(parts, pa.string()))
        holders = links.filter(exempt)["customer_id"]
        flags |= pc.is_in(sight.account_text("customer_id"), value_set=holders.combine_chunks()).to_numpy(
            zero_copy_only=False
        )
    flags[sight.payer[sight.listed("exempt", "device_id")]] = True
    return flags


def _travel_explained(sight: Sight) -> Flags:
    """MIT-09: who pays the wage pays something else besides, twice or more: expenses, per diems."""
    paid = sight.credits("customer")
    wage = paid.where(sight.wages)
    employer = np.unique((wage.group << 31) + wage.other)
    besides = paid.where(~sight.wages & ~sight.benefits)
    by_employer = besides.keep(np.isin((besides.group << 31) + besides.other, employer))
    return _of_subjects(sight, "customer", paid, by_employer.count() >= 2)


def _months_with_one(sight: Sight, legs: Legs) -> Ints:
    """Give, per group, the most different months in which one counterparty pays."""
    booked = sight.window.payments["booked_on"]
    month = (pc.year(booked).to_numpy() * 12 + pc.month(booked).to_numpy()).astype(np.int64)
    # One leg for each month of each pair, then the counterparty with most of them.
    pair = legs_of(legs.group * sight.graph.nodes + legs.other, legs.row, legs.other, legs.own)
    months = pair.distinct(month[pair.row])
    most = np.zeros(legs.groups, np.int64)
    np.maximum.at(most, pair.subject // sight.graph.nodes, months)
    return most


def _swept(measured: Measured) -> set[str]:
    return {score.centre for score in measured.scores if score.indicator == "LAB-02" and score.score >= KEPT}


def _nodes(sight: Sight, names: set[str]) -> Flags:
    wanted = pa.array(sorted(names), pa.string())
    return np.asarray(pc.is_in(sight.graph.names, value_set=wanted).to_numpy(zero_copy_only=False))


def _of_subjects(sight: Sight, by: Level, legs: Legs, flags: Flags) -> Flags:
    """Give each of the bank's accounts the flag of its subject: of the account, or of the customer."""
    table = np.zeros(sight.graph.nodes, np.bool_)
    table[legs.subject[flags]] = True
    return np.asarray(table[sight.subject(by)] & sight.own)
