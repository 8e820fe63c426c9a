"""What no detector may look at or say: the binding constraints of the catalogue (section 5), as tests."""

from __future__ import annotations

import dataclasses
import re
from itertools import cycle

import pyarrow as pa
import pytest

from detectors.indicator import NOT_SUSPECTED
from flows.payments import ACCOUNTS, CUSTOMERS, LABELS, LINKS, PAYMENTS, node_class
from flows.plugins import Shelf
from tests.detectors.indicators.conftest import indicator_cases
from tests.detectors.typologies.conftest import typology_cases

BANNED = re.compile(
    "nation|citizen|birth|born|ethnic|race|religio|language|immigra|visa|sex|gender|orientation|disab|politic|name"
)
NAMES = {"payer_country", "payee_country", "country"}
CORRIDOR = {f"payments.{name}" for name in NAMES} | {"customers.home_country"}
CODES = ("FR", "PH", "RO", "US", "NG", "CH", "BR")

INDICATORS = Shelf("detectors.indicators")
WHOLE = ("t-01", "t-03", "t-05", "t-06")
"""Typologies of several kinds, whose first positive case is asked of everything."""


def test_no_table_has_a_place_for_nationality_sex_birthplace_or_a_persons_name():
    every = [field.name for schema in (PAYMENTS, ACCOUNTS, CUSTOMERS, LINKS, LABELS) for field in schema]
    assert [name for name in every if BANNED.search(name)] == ["merchant_name"]


def declared(indicator_id):
    about = INDICATORS.load(indicator_id).about
    return {part for need in (*about.needs, *about.reduced) for part in need.split("|")} & CORRIDOR


def with_column(table, name, values):
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), pa.array(values, pa.string()))


def at_home_in(case, shift):
    """Give the case with its customers and their accounts living in countries dealt out from `shift` on."""
    deal = cycle(CODES[shift:] + CODES[:shift])
    side = case.side
    if side.customers is not None:
        dealt = [next(deal) for _ in range(side.customers.num_rows)]
        side = dataclasses.replace(side, customers=with_column(side.customers, "home_country", dealt))
    payments, of_account = case.payments, {}
    for party in ("payer", "payee"):
        names, said = payments[party].to_pylist(), payments[f"{party}_country"].to_pylist()
        for name in names:
            if node_class(name) == "account" and name not in of_account:
                of_account[name] = next(deal)
        moved = [of_account.get(name, old) for name, old in zip(names, said, strict=True)]
        payments = with_column(payments, f"{party}_country", moved)
    return dataclasses.replace(case, payments=payments, side=side)


def swapped(case):
    """Give the case with every country called by another's code, everywhere alike."""
    codes = {
        code
        for name in NAMES
        for code in case.payments[name].to_pylist()
    } - {None}  # fmt: skip
    ordered = sorted(codes)
    other = {**dict(zip(ordered, ordered[1:] + ordered[:1], strict=True)), None: None}
    if len(ordered) == 1:
        other[ordered[0]] = "ZZ"
    payments = case.payments
    for name in NAMES:
        payments = with_column(payments, name, [other[code] for code in payments[name].to_pylist()])
    side = case.side
    if side.customers is not None:
        homes = [other.get(code, code) for code in side.customers["home_country"].to_pylist()]
        side = dataclasses.replace(side, customers=with_column(side.customers, "home_country", homes))
    return dataclasses.replace(case, payments=payments, side=side, country=other.get(case.country, case.country))


def scores(case):
    measured = case.as_written
    assert not measured.failures
    return measured.scores


def under_levels(indicator_id):
    """Whether a country's reporting level is what it measures against: the law of the place, not whose home it is."""
    return "own_thresholds" in {field.name for field in dataclasses.fields(INDICATORS.load(indicator_id))}


@pytest.mark.parametrize(
    "indicator_id", [id_ for id_ in INDICATORS.ids() if not declared(id_) and not under_levels(id_)]
)
def test_where_a_customer_lives_changes_no_score_unless_a_corridor_is_declared(indicator_id):
    for case in indicator_cases(indicator_id):
        if case.scores or case.side.customers is not None:
            assert scores(at_home_in(case, 0)) == scores(at_home_in(case, 3)) == scores(case), case.name


@pytest.mark.parametrize("indicator_id", [id_ for id_ in INDICATORS.ids() if declared(id_)])
def test_no_country_counts_more_than_another(indicator_id):
    for case in indicator_cases(indicator_id):
        assert scores(swapped(case)) == scores(case), case.name


def renamed(case):
    """Give the case with every account and customer of the bank called otherwise, in another alphabetical order."""

    def new(name):
        return name if name is None or node_class(name) != "account" else f"x{name[::-1]}"

    payments, side = case.payments, case.side
    for party in ("payer", "payee"):
        payments = with_column(payments, party, map(new, payments[party].to_pylist()))
    tables = {}
    for name in ("accounts", "customers", "links"):
        table = getattr(side, name)
        for column in {"account_id", "customer_id"} & set(() if table is None else table.column_names):
            table = with_column(table, column, map(new, table[column].to_pylist()))
        tables[name] = table
    hubs = frozenset(map(new, case.hubs))
    moved = dataclasses.replace(side, **tables)
    return dataclasses.replace(case, payments=payments, side=moved, hubs=hubs), new


@pytest.mark.parametrize("typology_id", WHOLE)
def test_neither_names_nor_homes_change_a_story(typology_id):
    case = next(case for case in typology_cases(typology_id) if case.kind == "positive")
    told = case.found
    assert told
    bank, new = renamed(case.bank)
    again = dataclasses.replace(case, bank=bank).found
    assert sorted((hit.tier, hit.score, sorted((new(name), role) for name, role in hit.accounts)) for hit in told) == (
        sorted((hit.tier, hit.score, sorted(hit.accounts)) for hit in again)
    )
    homes = [dataclasses.replace(case, bank=at_home_in(case.bank, shift)).found for shift in (0, 3)]
    assert homes[0] == homes[1]


def test_who_may_be_exploited_is_in_no_other_role_of_a_story():
    for typology_id in WHOLE:
        for case in (case for case in typology_cases(typology_id) if case.kind == "positive"):
            for hit in case.found:
                exploited = {account for score in hit.scores for account, role in score.roles if role in NOT_SUSPECTED}
                roles = dict(hit.accounts)
                assert {roles[account] for account in exploited & roles.keys()} <= NOT_SUSPECTED, (case.name, roles)
