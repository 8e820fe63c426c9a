from __future__ import annotations

import pyarrow as pa

from flows.payments import ACCOUNTS, CUSTOMERS
from flows.window import SideTables
from reports.known import known
from reports.mitigation import mitigations


def side(accounts, customers=None):
    return SideTables(
        accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS),
        customers=None if customers is None else pa.Table.from_pylist(customers, schema=CUSTOMERS),
    )


def test_a_licence_speaks_for_an_intermediary():
    found = mitigations("a", ["a"], known(side([{"account_id": "a", "licensed_intermediary": True}]), ["a"]))
    assert [one.id for one in found.found] == ["MIT-03"]
    assert "no customers table" in found.not_computable[0]


def test_accounts_of_one_household_are_related():
    accounts = [{"account_id": name, "customer_id": f"C{name}"} for name in "abc"]
    customers = [
        {"customer_id": "Ca", "kind": "person", "household_id": "H"},
        {"customer_id": "Cb", "kind": "person", "household_id": "H"},
        {"customer_id": "Cc", "kind": "person"},
    ]
    found = mitigations("a", ["a", "b", "c", "ext:x"], known(side(accounts, customers), ["a", "b", "c", "ext:x"]))
    assert found.found[0].id == "MIT-05"
    assert found.found[0].sentence.startswith("1 of the other account")


def test_two_accounts_of_one_holder_are_related():
    accounts = [{"account_id": name, "customer_id": "C"} for name in "ab"]
    found = mitigations("a", ["a", "b"], known(side(accounts, [{"customer_id": "C", "kind": "person"}]), ["a", "b"]))
    assert [one.id for one in found.found] == ["MIT-05"]


def test_an_account_nobody_knows_has_nothing_to_say_for_it():
    assert mitigations("ext:x", ["ext:x"], known(side([], []), ["ext:x"])).found == ()
