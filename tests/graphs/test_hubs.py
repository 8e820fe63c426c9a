"""Hubs: who is labelled as serving the public, and who must stay in sight."""

import duckdb
import pyarrow as pa
import pytest

from flows import duck
from flows.arrows import payments_from_arrows
from flows.errors import StoreError
from flows.window import in_order, no_payments
from graphs.hubs import HUBS, HubRule, hubs, hubs_in, labels

SMALL = HubRule(least_public=3, least_counterparties=5, times_ordinary=2, ordinary_share=0.5)


def ledger(*lines):
    return payments_from_arrows("\n".join(lines))


def monthly(account, customers, months=3, arrow="{customer} -> {account}"):
    """Everybody deals with one account in every month."""
    return [
        f"day {30 * month}  {arrow.format(customer=f'c{customer}', account=account)}  40 EUR sct"
        for month in range(months)
        for customer in range(customers)
    ]


def friends(count):
    """Ordinary accounts, so that there is something to be far above."""
    return [f"day {day}  f{day} -> g{day}  10 EUR p2p" for day in range(count)]


def test_a_utility_that_customers_pay_every_month_is_a_hub():
    [row] = hubs(ledger(*monthly("ext:power", 6), *friends(9)), SMALL).to_pylist()
    assert (row["account"], row["rule"], row["counterparties"], row["payments"]) == ("ext:power", "many pay it", 6, 18)
    assert "6 counterparties" in row["reason"]


def test_an_employer_that_pays_the_same_people_every_month_is_a_hub():
    found = hubs(ledger(*monthly("works", 6, arrow="{account} -> {customer}"), *friends(9)), SMALL)
    assert found.select(["account", "rule"]).to_pylist() == [{"account": "works", "rule": "it pays many"}]


def test_an_account_of_the_bank_with_sixty_payers_in_a_month_stays_in_sight():
    lines = [f"day {payer % 30}  ext:p{payer} -> anna  60 EUR p2p" for payer in range(60)]
    assert not hubs(ledger(*lines, *friends(40)), HubRule(least_counterparties=20)).num_rows


def test_a_collecting_account_whose_payers_do_not_return_stays_in_sight_however_long_it_runs():
    lines = [f"day {payer}  ext:p{payer} -> anna  60 EUR p2p" for payer in range(120)]
    assert not hubs(ledger(*lines, *friends(40)), SMALL).num_rows


def test_an_account_that_collects_from_many_and_pays_many_stays_in_sight():
    lines = monthly("anna", 6) + monthly("anna", 6, arrow="{account} -> x{customer}")
    assert not hubs(ledger(*lines, *friends(9)), SMALL).num_rows


def test_the_busiest_of_a_ledger_where_all_are_busy_is_no_hub():
    lines = [line for account in range(9) for line in monthly(f"a{account}", 6)]
    assert not hubs(ledger(*lines), SMALL).num_rows


@pytest.mark.parametrize("node", ["mer:shop", "gov:tax", "fee:bank", "cash:atm-1", "msb:kiosk", "vasp:coins"])
def test_a_node_of_a_public_class_is_a_hub_once_enough_people_meet_there(node):
    two = [f"day {day}  c{day} -> {node}  5 EUR" for day in range(2)]
    assert not hubs(ledger(*two), SMALL).num_rows
    assert labels(hubs(ledger(*two, f"day 2  c9 -> {node}  5 EUR"), SMALL)) == {node}


def test_payments_to_oneself_make_nobody_busy():
    lines = [f"day {day}  mer:shop -> mer:shop  5 EUR" for day in range(50)]
    assert not hubs(ledger(*lines), SMALL).num_rows


def test_the_order_of_payments_changes_nothing():
    payments = ledger(*monthly("ext:power", 6), *monthly("mer:shop", 6), *friends(9))
    backwards = payments.take(pa.array(range(payments.num_rows - 1, -1, -1)))
    assert hubs(backwards, SMALL) == hubs(in_order(backwards), SMALL) == hubs(payments, SMALL)


class ShortOfMemory:
    """A database that can group the pairs of accounts only in so many parts."""

    def __init__(self, opened, least_parts):
        self.opened, self.least_parts, self.tried = opened, least_parts, []

    def execute(self, query, values=None):
        if values and "parts" in values:
            self.tried.append((values["parts"], values["part"]))
            # It gives up in the midst of the turns, so that what the first ones made is there already.
            if values["parts"] < self.least_parts and values["part"] == values["parts"] // 2:
                raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate data")
        return self.opened.execute(query, values)

    def sql(self, query, params):
        return self.opened.sql(query, params=params)


def test_pairs_that_memory_cannot_hold_at_once_are_counted_in_parts_with_the_same_hubs():
    payments = ledger(*monthly("ext:power", 6), *monthly("works", 6, arrow="{account} -> {customer}"), *friends(9))
    with duck.connection() as opened:
        opened.register("counted", payments)
        short = ShortOfMemory(opened, least_parts=16)
        assert hubs_in(short, SMALL) == hubs(payments, SMALL)
    assert short.tried == [(1, 0), *((4, part) for part in range(3)), *((16, part) for part in range(16))]


def test_memory_that_does_not_suffice_for_any_part_is_said():
    def found():
        with duck.connection() as opened:
            opened.register("counted", ledger(*friends(9)))
            hubs_in(ShortOfMemory(opened, least_parts=10_000))

    with pytest.raises(StoreError, match="needs more than"):
        found()


def test_an_empty_ledger_has_no_hubs():
    assert hubs(no_payments()) == HUBS.empty_table()
