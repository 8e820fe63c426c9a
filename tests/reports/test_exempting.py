"""Exemptions hide alerts whose subjects are all on the list, until they expire, and what they hid is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reports.exempting import Exemption, exempted

TODAY = date(2026, 3, 31)
HOLDER = {"a1": "C-1", "a2": "C-1", "b1": "C-2"}


def exemption(id_, expires=TODAY):
    return Exemption(id_, "safeguarding lead", "shelter", expires)


@pytest.fixture
def alerts(night):
    """Three alerts: of a1, of a1 and b1, of nobody of the bank; the first two name each other."""
    one, other = replace(night.alerts[0], alert_id="A-1"), replace(night.alerts[0], alert_id="A-2")
    return (
        replace(one, subjects=("a1",), related=("A-2",)),
        replace(other, subjects=("a1", "b1"), related=("A-1",)),
        replace(one, alert_id="A-3", subjects=()),
    )


def told(result):
    return [alert.alert_id for alert in result.alerts]


@pytest.mark.parametrize("id_", ["a1", "C-1"])
def test_an_account_or_its_customer_can_be_exempt(alerts, id_):
    result = exempted(alerts, [exemption(id_)], HOLDER, TODAY)
    assert told(result) == ["A-2", "A-3"]
    assert [one.alert.alert_id for one in result.hidden] == ["A-1"]


def test_an_alert_is_told_as_long_as_one_subject_is_not_exempt(alerts):
    assert told(exempted(alerts, [exemption("b1")], HOLDER, TODAY)) == ["A-1", "A-2", "A-3"]
    assert told(exempted(alerts, [exemption("a1"), exemption("C-2")], HOLDER, TODAY)) == ["A-3"]


def test_an_alert_that_is_told_does_not_name_one_that_is_hidden(alerts):
    [left, _] = exempted(alerts, [exemption("a1")], HOLDER, TODAY).alerts
    assert left.related == ()


def test_what_was_hidden_is_counted_and_named_by_alert_and_owner_but_not_who_is_exempt(alerts):
    result = exempted(alerts, [exemption("a1")], HOLDER, TODAY)
    [note] = result.notes
    assert (note.kind, note.count) == ("excluded", 1)
    assert note.sentence == "1 alert is hidden by exemptions of safeguarding lead: A-1."
    said = result.hidden[0].as_json()
    assert said["alert_id"] == "A-1"
    assert said["until"] == "2026-03-31"
    assert not {"a1", "C-1", "shelter"} & {str(value) for value in said.values()}


def test_an_expired_exemption_hides_nothing_and_is_said(alerts):
    result = exempted(alerts, [exemption("a1", date(2026, 3, 30))], HOLDER, TODAY)
    assert told(result) == ["A-1", "A-2", "A-3"]
    assert not result.hidden
    assert [(note.kind, note.count) for note in result.notes] == [("skipped", 1)]
