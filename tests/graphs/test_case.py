"""A case keeps its steps and their numbers, gives them again on the frozen ledger, and notices when it cannot."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from flows.arrows import payments_from_arrows
from flows.errors import BalanceError, InputError, StoreError
from flows.ledger import Ledger
from graphs import case_steps
from graphs.case import Case
from graphs.neighbourhood import neighbourhood
from graphs.trace import trace

STORY = """
day 0 09:00   ext:own -> anna   100 EUR
day 1 09:00   ext:x -> anna     300 EUR
day 2 09:00   anna -> ben       200 EUR
day 2 09:30   anna -> ben         5 SEK
day 3 09:00   ben -> cash:atm   150 EUR atm_wd
day 3 10:00   ben -> cara        40 EUR p2p
day 4 09:00   cara -> ext:y      40 EUR
"""


def ledger_of(path, arrows, source="one"):
    payments = payments_from_arrows(arrows)
    return Ledger.create(path).commit(payments.to_reader(), rows=payments.num_rows, source_hashes=[source], side={})


@pytest.fixture
def ledger(tmp_path):
    return ledger_of(tmp_path / "ledger", STORY)


def clock():
    ticks = count()
    return lambda: datetime(2026, 3, 3, 9, tzinfo=UTC) + timedelta(minutes=next(ticks))


def worked(ledger, **more):
    case = Case(ledger, title="The 300", who="an analyst", clock=clock(), **more)
    case.open("anna", hops=1)
    case.expand("ben")
    case.filter(currency="EUR", least_minor=5000)
    case.trace(payments=["p2"])
    case.note("Half of it was taken out at one machine.")
    return case


def test_open_expand_and_filter_change_what_is_in_view(ledger):
    case = Case(ledger, title="t", who="w")
    assert sorted(key for *_, key in case.open("anna", hops=1).edges(keys=True)) == ["p1", "p2", "p3", "p4"]
    assert sorted(key for *_, key in case.expand("ben").edges(keys=True)) == ["p1", "p2", "p3", "p4", "p5", "p6"]
    assert sorted(key for *_, key in case.filter(channels=["p2p", "atm_wd"]).edges(keys=True)) == ["p5", "p6"]
    assert sorted(key for *_, key in case.open(payments=["p7", "p1"]).edges(keys=True)) == ["p1", "p7"]


def test_filters_hold_all_together_and_days_are_inclusive(ledger):
    case = Case(ledger, title="t", who="w")
    case.open("anna", hops=2)
    view = case.filter(
        since=date(2026, 1, 3), until=date(2026, 1, 4), currency="EUR", least_minor=4000, without=["cara"]
    )
    assert sorted(key for *_, key in view.edges(keys=True)) == ["p3", "p5"]


def test_the_view_may_be_changed_without_changing_the_case(ledger):
    case = Case(ledger, title="t", who="w")
    case.open("anna", hops=1).remove_node("anna")
    assert "anna" in case.view
    assert case.view.graph["account"] == "anna"


def test_a_trace_follows_money_beyond_the_view_and_leaves_the_view_alone(ledger):
    case = Case(ledger, title="t", who="w")
    case.open("anna", hops=1)
    (found,) = case.trace("anna", date(2026, 1, 3), rules=["fifo"])[:1]
    assert found.amounts("fifo")["cash:atm", "cash"] == 15000
    assert "cash:atm" not in case.view
    assert list(case.traces) == [2]


def test_steps_say_who_when_what_was_asked_and_what_it_gave(ledger):
    steps = worked(ledger).steps
    assert [step.did for step in steps] == ["open", "expand", "filter", "trace", "note"]
    assert (steps[0].at, steps[0].who) == ("2026-03-03T09:00:00Z", "an analyst")
    assert steps[0].asked == {"account": "anna", "hops": 1, "days": 60}
    assert steps[0].found["accounts"] == 4
    assert steps[0].found["amount_minor"] == {"EUR": 60000, "SEK": 500}
    (traced,) = steps[3].found["traces"]
    assert traced["by_rule"]["fifo"] == {"balance": 21000, "cash": 5000, "external": 4000}


def test_a_case_replays_to_identical_numbers_while_the_ledger_moves_on(ledger):
    case = worked(ledger)
    payments = payments_from_arrows("day 1 08:00  ext:late -> anna  999 EUR payment_id=late")
    ledger.commit(payments.to_reader(), rows=1, source_hashes=["two"], side={})
    again = Case.replayed(case.as_bytes(), ledger.newest(), who="a colleague", clock=clock())
    assert again.steps == case.steps
    assert again.ledger.version == 1
    assert again.as_bytes() == case.as_bytes()
    assert dict(again.view.edges) == dict(case.view.edges)
    again.note("Taken further.")
    assert again.steps[-1].who == "a colleague"


def test_a_copy_of_the_ledger_made_from_the_same_files_will_do(ledger, tmp_path):
    case = worked(ledger)
    assert Case.replayed(case.as_bytes(), ledger_of(tmp_path / "copy", STORY), who="w").steps == case.steps


def test_another_ledger_is_refused(ledger, tmp_path):
    case = worked(ledger)
    other = ledger_of(tmp_path / "other", STORY + "day 9 ext:x -> anna 1 EUR")
    with pytest.raises(InputError, match="another ledger"):
        Case.replayed(case.as_bytes(), other, who="w")
    empty = Ledger.create(tmp_path / "empty")
    with pytest.raises(StoreError, match="no version 1"):
        Case.replayed(case.as_bytes(), empty, who="w")


def test_two_ledgers_with_as_many_rows_a_day_do_not_pass_for_each_other(ledger, tmp_path):
    """Without sources only rows are counted; the hash of what was seen still tells them apart."""
    case = worked(ledger)
    other = ledger_of(tmp_path / "other", STORY.replace("150 EUR", "151 EUR"))
    with pytest.raises(BalanceError, match=r"step 2 \(expand\) gives other numbers"):
        Case.replayed(case.as_bytes(), other, who="w")


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["steps"].pop(1),
        lambda told: told["steps"][0].update(who="somebody else"),
        lambda told: told["steps"][4]["asked"].update(text="Nothing to see."),
        lambda told: told["steps"][2]["found"].update(payments=1),
        lambda told: told.update(title="Another title"),
        lambda told: told["steps"].reverse(),
    ],
)
def test_a_step_that_was_changed_afterwards_shows(ledger, change):
    told = json.loads(worked(ledger).as_bytes())
    change(told)
    with pytest.raises(InputError, match="was changed"):
        Case.replayed(json.dumps(told).encode(), ledger, who="w")


def test_a_tool_that_counts_otherwise_is_noticed_at_the_step_where_it_does(ledger, monkeypatch):
    content = worked(ledger).as_bytes()
    whole = case_steps.trace
    monkeypatch.setattr(case_steps, "trace", lambda window, start, **more: whole(window, {start[0]: 29999}, **more))
    with pytest.raises(BalanceError, match=r"step 4 \(trace\)"):
        Case.replayed(content, ledger, who="w")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"moneytrail_case": 1}', b'{"moneytrail_case": 2}'])
def test_what_is_no_case_file_is_refused(ledger, content):
    with pytest.raises(InputError):
        Case.replayed(content, ledger, who="w")


@pytest.mark.parametrize(
    "step",
    [
        lambda case: case.open("nobody"),
        lambda case: case.open(payments=["p1", "p99"]),
        lambda case: case.open(),
        lambda case: case.open("anna", payments=["p1"]),
        lambda case: case.expand("cara"),
        lambda case: case.filter(),
        lambda case: case.filter(least_minor=1),
        lambda case: case.filter(channels=["pigeon"]),
        lambda case: case.filter(currency="USD"),
        lambda case: case.trace("anna"),
        lambda case: case.trace(payments=["p99"]),
        lambda case: case.note(" "),
    ],
)
def test_what_cannot_be_answered_is_refused_and_leaves_no_step(ledger, step):
    case = Case(ledger, title="t", who="w")
    case.open("anna", hops=1)
    with pytest.raises(InputError) as raised:
        step(case)
    assert len(case.steps) == 1
    assert not {"anna", "cara", "nobody"} & set(str(raised.value).replace("'", " ").split())


def test_a_case_as_of_a_day_knows_nothing_booked_later(ledger):
    case = Case(ledger, title="t", who="w", as_of=date(2026, 1, 3))
    assert sorted(key for *_, key in case.open("anna", hops=9).edges(keys=True)) == ["p1", "p2", "p3", "p4"]
    (found,) = case.trace(payments=["p2"], rules=["fifo"])
    assert found.amounts("fifo") == {("ben", "balance"): 10000, ("anna", "balance"): 20000}
    again = Case.replayed(case.as_bytes(), ledger, who="w")
    assert again.as_of == date(2026, 1, 3)


def test_a_case_file_holds_no_payment_that_was_not_named(ledger):
    case = Case(ledger, title="t", who="w")
    case.open("anna", hops=2)
    told = case.as_bytes().decode()
    assert "cara" not in told
    assert '"p5"' not in told


def test_texts_where_days_or_lists_belong_and_days_the_wrong_way_round_are_refused_in_words(ledger):
    with pytest.raises(InputError, match="as_of is not a day but a str"):
        Case(ledger, title="t", who="w", as_of="2026-01-03")
    with pytest.raises(InputError, match="as_of is not a day but a datetime"):
        neighbourhood(ledger, "anna", as_of=datetime(2026, 1, 3, tzinfo=UTC))
    case = Case(ledger, title="t", who="w")
    case.open("anna", hops=1)
    refused = {
        "since is not a day": lambda: case.trace("anna", "2026-01-01"),
        "payments is one text": lambda: case.trace(payments="p1"),
        "channels is one text": lambda: case.filter(channels="sct"),
        "first day is after the last": lambda: case.filter(since=date(2026, 1, 3), until=date(2026, 1, 1)),
        "no such direction: 'back'": lambda: case.trace(payments=["p1"], direction="back"),
        "rules is one text": lambda: case.trace(payments=["p1"], rules="fifo"),
        "start is one text": lambda: trace(case.window, "p1"),
    }
    for message, ask in refused.items():
        with pytest.raises(InputError, match=message):
            ask()
    assert len(case.steps) == 1


def test_there_is_no_case_without_payments(tmp_path):
    with pytest.raises(InputError, match="no payments"):
        Case(Ledger.create(tmp_path / "empty"), title="t", who="w")
