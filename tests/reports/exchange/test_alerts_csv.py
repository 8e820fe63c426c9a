from __future__ import annotations

import csv
import io
from dataclasses import replace

from reports.alert_table import ALERT_COLUMNS
from reports.exchange.alerts_csv import AlertsCsv
from tests.reports.made_nights import with_night


def rows(facts):
    return list(csv.DictReader(io.StringIO(AlertsCsv().write(facts).decode(), newline="")))


def test_each_alert_is_a_row_in_reading_order_with_the_banks_own_references(night):
    read = rows(night)
    assert [row["alert_id"] for row in read] == [alert.alert_id for alert in night.alerts]
    assert read[0].keys() == set(ALERT_COLUMNS)
    assert read[0]["payment_ids"].split("; ") == list(night.alerts[0].payments)
    assert all(row["restricted"].startswith("Restricted.") for row in read)


def test_a_night_says_what_became_of_each_and_what_was_said(night):
    read = rows(with_night(night))
    assert [row["since_last_night"] for row in read[:2]] == ["grown", "new"]
    assert read[0]["judged"] == "2026-03-02 unsure"


def test_what_lies_below_the_line_says_so(night):
    assert [row["above_the_line"] for row in rows(replace(night, capacity=1))] == ["true", "false", "false", "false"]


def test_a_cell_that_begins_like_a_formula_stays_text(night):
    [first, *_] = rows(replace(night, alerts=(replace(night.alerts[0], title="=HYPERLINK(1)"),)))
    assert first["title"] == "'=HYPERLINK(1)"
