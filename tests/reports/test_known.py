from __future__ import annotations

import pyarrow as pa

from flows.payments import ACCOUNTS, CUSTOMERS
from flows.window import SideTables
from reports.known import known


def test_a_table_that_was_not_given_is_not_an_empty_one():
    assert known(SideTables(), ["a"]).accounts is None
    given = known(SideTables(accounts=ACCOUNTS.empty_table()), ["a"])
    assert given.accounts == {}
    assert given.customers is None


def test_accounts_and_their_holders_are_looked_up_and_no_others():
    accounts = [{"account_id": name, "customer_id": f"C{name}"} for name in "abc"] + [{"account_id": "d"}]
    side = SideTables(
        accounts=pa.Table.from_pylist(accounts, schema=ACCOUNTS),
        customers=pa.Table.from_pylist([{"customer_id": f"C{name}"} for name in "abc"], schema=CUSTOMERS),
    )
    found = known(side, ["a", "d", "ext:x"])
    assert set(found.accounts) == {"a", "d"}
    assert set(found.customers) == {"Ca"}
