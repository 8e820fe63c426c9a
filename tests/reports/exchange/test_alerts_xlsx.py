from __future__ import annotations

import io
from dataclasses import replace

import openpyxl

from detectors.unusual_payments import Oddity, UnusualPayment
from reports.exchange.alerts_xlsx import AlertsXlsx


def opened(facts):
    return openpyxl.load_workbook(io.BytesIO(AlertsXlsx().write(facts)))


def test_all_alerts_are_in_one_sheet_and_beside_it_what_those_above_the_line_rest_on(night):
    facts = replace(night, capacity=1)
    book = opened(facts)
    assert book.sheetnames == ["About", "Alerts", "Accounts", "Reasons", "Payments"]
    assert book["Alerts"].max_row == 1 + len(facts.alerts)
    payments = {row[1].value: row[8].value for row in book["Payments"].iter_rows(min_row=2)}
    assert payments.keys() == set(facts.alerts[0].payments)
    assert sum(payments.values()) == sum(facts.evidence(facts.alerts[0])["amount_minor"].to_pylist())


def test_a_payment_that_is_unusual_says_why_and_the_others_say_nothing(night):
    odd = night.alerts[0].payments[0]
    facts = replace(night, unusual={odd: UnusualPayment(0.8, (Oddity("channel", 40),))})
    head, *rows = opened(facts)["Payments"].iter_rows(values_only=True)
    told = {row[1]: (row[head.index("unusual_score")], row[head.index("unusual")]) for row in rows}
    score, why = told.pop(odd)
    assert score == "0.800"
    assert why.startswith("First payment of this payer by ")
    assert set(told.values()) == {(None, None)}


def test_no_cell_is_a_formula(night):
    facts = replace(night, alerts=(replace(night.alerts[0], title="=1+1", why="@x"),))
    kinds = {cell.data_type for sheet in opened(facts) for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}


def test_the_same_facts_give_the_same_bytes(night):
    assert AlertsXlsx().write(night) == AlertsXlsx().write(night)
