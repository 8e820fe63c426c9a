"""What is usual for the accounts of an alert: their past and their peers, in the units of the bank."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.peers import peer_groups
from flows import duck
from flows.arrows import payments_from_arrows
from flows.window import whole
from graphs.features import account_features
from graphs.habits import habits_in
from reports.blocks import Fold, Paragraph
from reports.masking import for_people
from reports.report import page, render
from reports.usual import Usual, alike, asked_of
from reports.usual_table import blocks
from tests.reports.made_alerts import made

WAGES = "\n".join(
    f"day {day} 09:00  works -> {name}  {900 + day}.00 EUR sct"
    for name in ("ACC-40117", "ACC-40893", "anna")
    for day in (0, 30)
)
"""Wages of two months before the alert of the example night."""


def usual_of(payments, *alerts):
    """Measure what is usual as a scan does."""
    features = account_features(whole(payments))
    asked = [stretch for alert in alerts for stretch in asked_of(alert)]
    with duck.connection() as opened:
        opened.register("counted", payments)
        habits = habits_in(opened, asked)
    return Usual(habits, alike([one.account for one in asked], features, peer_groups(features)))


@pytest.fixture(scope="module")
def known(night, example):
    """The example night with what is usual for the accounts of its first alert."""
    return replace(night, usual=usual_of(payments_from_arrows(f"{WAGES}\n{example.arrows}"), night.alerts[0]))


def told(table, title):
    """Give what a row of a table says beside its title."""
    [row] = [row for row in table.rows if row[0].text == title]
    return [cell.text for cell in row[1:]]


def alert_of(payments, account):
    """Make an alert of the last payment."""
    at = int(payments["at"].to_pylist()[-1].timestamp()) * 1_000_000
    return replace(made("A-1", ["p1"], subjects=(account,)), first_at=at, last_at=at)


def test_an_alert_is_held_against_the_past_of_its_account_and_against_its_peers(known):
    table, *others = blocks(known.usual, known.alerts[0])
    assert [column.title.partition(":")[0] for column in table.columns[1:]] == [
        "Before",
        "In the time of the alert",
        "Peers, over 64 days",
    ]
    before, during, peers = told(table, "Came in, a month")
    assert before.endswith(" EUR (930.00 EUR)")
    assert during == "1,210.00 EUR in all"
    assert " EUR to " in peers
    assert told(table, "Counterparties that were not there before")[1] == "9 of 9"
    assert [type(block) for block in others] == [Fold]


def test_a_month_of_the_past_is_the_one_in_the_middle():
    lines = [f"day {day}  works -> acc-1  {amount}.00 EUR sct" for day, amount in ((0, 100), (30, 700), (60, 200))]
    payments = payments_from_arrows("\n".join([*lines, "day 90  ext:x -> acc-1  50.00 EUR p2p"]))
    alert = alert_of(payments, "acc-1")
    [table] = blocks(usual_of(payments, alert), alert)
    assert told(table, "Came in, a month")[0] == "200.00 EUR (700.00 EUR)"
    assert "the month in the middle of the last 3" in table.note


def test_where_there_is_no_past_it_is_said():
    payments = payments_from_arrows("day 0  ext:x -> acc-1  50.00 EUR p2p")
    alert = alert_of(payments, "acc-1")
    [table] = blocks(usual_of(payments, alert), alert)
    assert "it has no past to be held against" in table.note
    assert not [column for column in table.columns if column.title.startswith("Before")]


def test_of_accounts_elsewhere_nothing_usual_is_known():
    alert = made("A-1", ["p1"], subjects=("ext:far",))
    [only] = blocks(Usual(), alert)
    assert isinstance(only, Paragraph)


def test_masks_hide_the_accounts_of_habits_and_lose_none(known):
    shown = for_people(replace(known, masked=True))
    assert len(shown.usual.habits) == len(known.usual.habits) > 0
    text = render(page(replace(known, masked=True))).decode()
    assert "What is usual for" in text
    assert "ACC-40117" not in text
