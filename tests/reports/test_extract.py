"""An extract holds each payment once, with exact amounts, the nodes it touches, and what was followed through it."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from flows.arrows import payments_from_arrows
from flows.errors import InputError
from flows.window import whole
from graphs.trace import trace
from reports.extract import Extract, of_traces
from reports.trace_page import Asked

TRAIL = """
day 0 09:00  ext:x -> anna       100 EUR
day 1 09:00  ext:own -> anna     300 EUR
day 2 09:00  anna -> ben         200.05 EUR
day 3 09:00  ben -> cash:atm      50 EUR atm_wd  terminal_id=T7
day 4 09:00  eve -> kim           10 EUR
"""


def extract(rules=("fifo", "libr", "poison")):
    window = whole(payments_from_arrows(TRAIL))
    found = trace(window, ["p1"], rules=rules)
    asked = Asked(direction="forward", rules=tuple(rules), ledger_version=1, as_of=date(2026, 1, 5))
    return of_traces([found], window.payments, asked, hubs=["ben"])


def test_the_payments_of_a_trace_bear_what_each_rule_says_they_carried():
    rows = {row["payment_id"]: row for row in extract().rows}
    assert {name: (row["fifo_eur_minor"], row["libr_eur_minor"]) for name, row in rows.items()} == {
        "p1": (10000, 10000),
        "p3": (10000, None),
        "p4": (5000, None),
    }


def test_what_is_only_touched_is_handed_on_only_if_nothing_else_was_asked():
    assert [row["payment_id"] for row in extract(["poison"]).rows] == ["p1", "p3", "p4"]
    assert extract(["poison"]).carried == ()


def test_amounts_are_whole_numbers_and_decimal_text_and_never_floats():
    made = extract()
    (paid,) = (row for row in made.rows if row["payment_id"] == "p3")
    assert (paid["amount"], paid["amount_minor"]) == ("200.05", 20005)
    assert not any(isinstance(value, float) for row in (*made.rows, *made.nodes) for value in row.values())


def test_columns_that_hold_nothing_are_left_out_and_the_source_of_each_row_never():
    columns = extract().columns
    assert "terminal_id" in columns
    assert "mcc" not in columns
    assert {"source_file", "source_line"} <= columns.keys()


def test_nodes_say_what_they_are_and_how_many_payments_touch_them():
    nodes = {node["node"]: node for node in extract().nodes}
    assert set(nodes) == {"anna", "ben", "cash:atm", "ext:x"}
    assert (nodes["ben"]["payments_in"], nodes["ben"]["payments_out"], nodes["ben"]["hub"]) == (1, 1, True)
    assert nodes["cash:atm"]["what"] == "Cash point"
    assert nodes["anna"]["first_at"] == "2026-01-01T09:00:00Z"


def test_the_facts_state_version_date_conventions_and_what_was_taken_for_granted():
    facts = extract().facts
    assert ("Version of the ledger", "1") in facts
    assert ("Nothing booked after", "2026-01-05") in facts
    assert {what for what, _ in facts} >= {"Rule fifo", "Rule libr", "Rule poison", "Taken for granted"}


def test_a_payment_given_twice_is_refused():
    payments = payments_from_arrows(TRAIL)
    with pytest.raises(InputError, match="twice"):
        Extract("twice", pa.concat_tables([payments, payments.slice(0, 1)]))
