"""What people do to alerts: judge with reasons, close in twos where it matters, hide for a time and never forget."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from flows.errors import SettingsError
from flows.payments import LABELS
from reports.store import Store
from tests.reports.made_alerts import evening, made, record


@pytest.fixture
def store(database):
    with Store.open(database) as opened:
        record(opened, 1, made("A-a", "abc"), made("A-p", "pqr", tier="priority", subjects=("acc-1", "acc-2")))
        yield opened


def test_one_person_closes_an_ordinary_alert(store):
    assert store.desk("ann", evening(1)).judge("A-a", "not_useful", "ordinary_story").status == "closed"
    assert store.alert("A-a").judgements[0].who == "ann"


def test_unsure_closes_nothing(store):
    assert store.desk("ann", evening(1)).judge("A-a", "unsure", "more_information").status == "open"


def test_a_priority_alert_is_closed_by_a_second_person_and_not_by_the_same_again(store):
    ann, ben = store.desk("ann", evening(1)), store.desk("ben", evening(2))
    assert ann.judge("A-p", "useful", "reported").status == "to_confirm"
    with pytest.raises(SettingsError, match="waits for a second person"):
        ann.judge("A-p", "useful", "passed_on")
    with pytest.raises(SettingsError, match="waits for a second person"):
        store.desk(" Ann", evening(1)).judge("A-p", "useful", "passed_on")
    assert ben.judge("A-p", "not_useful", "duplicate").status == "to_confirm"
    assert ann.judge("A-p", "not_useful", "duplicate").status == "closed"


def test_an_escalated_alert_takes_two(store):
    desk = store.desk("ann", evening(1))
    assert desk.escalate("A-a", facts_on=date(2026, 2, 27)).facts_on == date(2026, 2, 27)
    assert desk.judge("A-a", "useful", "reported").status == "to_confirm"


def test_an_alert_that_grows_after_it_was_closed_is_open_again(store):
    store.desk("ann", evening(1)).judge("A-a", "not_useful", "ordinary_story")
    record(store, 2, made("A-a", "abc", score=0.6))
    assert store.alert("A-a").status == "closed"
    record(store, 3, made("A-a", "abcd"))
    assert store.alert("A-a").status == "open"
    assert len(store.alert("A-a").judgements) == 1


@pytest.mark.parametrize(("outcome", "reason"), [("maybe", "duplicate"), ("useful", "duplicate"), ("unsure", "")])
def test_only_reasons_on_the_list_are_taken(store, outcome, reason):
    with pytest.raises(SettingsError, match="one of:"):
        store.desk("ann", evening(1)).judge("A-a", outcome, reason)


def test_facts_cannot_be_detected_tomorrow_and_nobody_is_no_person(store):
    with pytest.raises(SettingsError, match="future"):
        store.desk("ann", evening(1)).escalate("A-a", facts_on=date(2026, 3, 2))
    with pytest.raises(SettingsError, match="nobody"):
        store.desk(" ", evening(1))
    with pytest.raises(SettingsError, match="zone"):
        store.desk("ann", datetime(2026, 3, 1))  # noqa: DTZ001 - the zone that is missing is the point
    assert store.alert("A-a").escalated_by == ""


def test_everything_that_was_done_is_in_the_history(store):
    desk = store.desk("ann", evening(2))
    desk.assign("A-a", "ben")
    desk.note("A-a", "rang the branch")
    desk.judge("A-a", "useful", "watched", note="see the note")
    assert [event.what for event in store.history("A-a")] == ["new", "assigned", "noted", "judged", "noted"]
    assert store.alert("A-a").assignee == "ben"
    assert [one.text for one in store.notes("A-a")] == ["rang the branch", "see the note"]
    # What somebody wrote is not in the log, which keeps everything for ever.
    assert not any("branch" in str(entry.detail) for entry in store.log())


def test_a_dry_run_says_what_would_be_and_keeps_nothing(store):
    before = store.log()
    assert store.desk("ann", evening(1), dry_run=True).judge("A-a", "useful", "watched").status == "closed"
    assert store.alert("A-a").status == "open"
    assert store.log() == before


@pytest.mark.parametrize("scope", [{"account_id": "acc-1"}, {"typology": "Gathering"}, {"alert_id": "A-a"}])
def test_a_suppression_hides_what_it_covers_until_it_ends_and_what_it_hid_is_reported(store, scope):
    made_ = store.desk("ann", evening(1)).suppress(reason="payroll of the shelter", expires=date(2026, 3, 3), **scope)
    record(store, 2, made("A-a", "abcd"))
    assert store.alert("A-a").suppressed_by == (made_.number,)
    record(store, 4, made("A-a", "abcde"))
    assert store.alert("A-a").suppressed_by == ()
    [hiding] = store.hidden()
    first = store.runs()[1].run_id
    assert hiding.alerts == {"A-a": (first, first)}


def test_a_suppression_of_an_account_does_not_hide_an_alert_about_others_too(store):
    store.desk("ann", evening(1)).suppress(reason="known", expires=date(2026, 3, 3), account_id="acc-1")
    assert [one.alert_id for one in store.alerts() if one.suppressed_by] == ["A-a"]


def test_an_escalated_alert_is_never_hidden_and_a_suppression_can_be_lifted(store):
    desk = store.desk("ann", evening(1))
    number = desk.suppress(reason="known", expires=date(2026, 3, 3), typology="Gathering").number
    desk.escalate("A-p")
    assert {one.alert_id: bool(one.suppressed_by) for one in store.alerts()} == {"A-a": True, "A-p": False}
    assert desk.lift(number).lifted_by == "ann"
    assert not any(one.suppressed_by for one in store.alerts())
    with pytest.raises(SettingsError, match="no such suppression"):
        desk.lift(number)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reason": "x", "expires": date(2026, 3, 9)}, "everything"),
        ({"reason": " ", "expires": date(2026, 3, 9), "account_id": "a"}, "without a reason"),
        ({"reason": "x", "expires": date(2026, 2, 9), "account_id": "a"}, "past already"),
        ({"reason": "x", "expires": date(2028, 2, 9), "account_id": "a"}, "over a year"),
    ],
)
def test_a_suppression_has_a_scope_a_reason_and_an_end(store, given, says):
    with pytest.raises(SettingsError, match=says):
        store.desk("ann", evening(1)).suppress(**given)


def test_judgements_are_labels_for_learning(store):
    store.desk("ann", evening(1)).judge("A-a", "unsure", "more_information")
    store.desk("ben", evening(3)).judge("A-a", "useful", "watched")
    table = store.judgements()
    assert table.schema == LABELS
    assert table.to_pylist() == [
        {
            "subject": "acc-1",
            "typology": "Gathering",
            "case_id": "A-a",
            "role": "collects",
            "outcome": "useful",
            "labelled_on": date(2026, 3, 3),
        }
    ]


def test_what_is_old_and_gone_can_be_erased_and_the_log_says_so(store):
    store.desk("ann", evening(1)).judge("A-a", "useful", "watched", note="acc-1 rang")
    record(store, 2, made("A-p", "pqr", tier="priority", subjects=("acc-1", "acc-2")))
    assert store.desk("purge", evening(3)).erase(evening(3)) == ("A-a",)
    assert store.wrong() == ()
    assert store.judgements().num_rows == 0
    assert [entry.subject for entry in store.log() if entry.action == "erased"] == ["A-a"]
    assert [one.alert_id for one in store.alerts(gone=True)] == ["A-p"]
    # The same payments on a later night are a new alert.
    assert record(store, 4, made("A-a", "abc")).names["A-a"] != "A-a"
    assert store.wrong() == ()
