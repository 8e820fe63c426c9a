"""What is usual for the accounts of an alert, as a table: before, in the time of the alert, and for their peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flows.language import figures, say
from flows.money import spoken
from flows.plural import told
from graphs.habits import Course, Habit
from reports.alert import Alert
from reports.blocks import Block, Cell, Column, Fold, Paragraph, Table
from reports.usual import AMOUNTS, DIFFERENT, MONTH_DAYS, SHARES, Alike, Usual, asked_of

A_MONTH: Final = {"in_amount": "in_minor", "out_amount": "out_minor", "payments": "payments"}
"""Figures that are told by the month, and where a month of the past has them."""
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "night": ("at_night", "hours_known"),
    "cash": ("in_cash", "payments"),
    "cross_border": ("across", "borders_known"),
}
"""Of which payments each of `SHARES` is a share, as the fields of `graphs.habits.Course`."""
TITLES: Final = {
    "in_amount": "Came in, a month",
    "out_amount": "Went out, a month",
    "payments": "Payments, a month",
    "payers": "Different payers",
    "payees": "Different payees",
    "night": "At night (22 to 6 o'clock)",
    "cash": "In cash",
    "cross_border": "To or from another country",
}
"""The rows, in their order."""


def blocks(usual: Usual, alert: Alert) -> tuple[Block, ...]:
    """Tell what is usual for the accounts an alert is about: the first in full, the others folded."""
    asked = asked_of(alert)
    if not asked:
        return (
            Paragraph(
                say(
                    "It is about accounts of other institutions: what is usual for them is not known here.",
                ),
                "quiet",
            ),
        )
    tables = [
        _table(one.account, usual.habits[one], usual.alike.get(one.account)) for one in asked if one in usual.habits
    ]
    if len(tables) < 2:
        return tuple(tables)
    rest = say("What is usual for the others it is about")
    return (tables[0], Fold(rest, tuple(tables[1:])))


def _table(account: str, habit: Habit, peers: Alike | None) -> Table:
    before, during = habit.before, habit.during
    columns = [Column("")]
    if before is not None:
        columns.append(Column(say("Before: {days}", days=_days(before.days)), "number"))
    columns.append(Column(say("In the time of the alert: {days}", days=_days(during.days)), "number"))
    if peers is not None:
        columns.append(Column(say("Peers, over {days}", days=_days(peers.days)), "number"))
    rows = []
    for name, title in TITLES.items():
        cells = [Cell(say(title))]
        if before is not None:
            cells.append(
                Cell(_typical(name, habit) if name in A_MONTH and habit.months else _said(name, before, habit))
            )
        cells.append(Cell(_said(name, during, habit)))
        if peers is not None:
            cells.append(Cell(_between(name, peers, habit.currency)))
        if any(cell.text for cell in cells[1:]):
            rows.append(tuple(cells))
    empty = (Cell(""),) if peers is not None else ()
    new = say("{count} of {all}", count=str(habit.newcomers), all=str(during.payers + during.payees))
    if before is not None:
        rows.append((Cell(say("Counterparties that were not there before")), Cell(""), Cell(new), *empty))
    channels = [Cell(_channels(course)) for course in (before, during) if course is not None]
    rows.append((Cell(say("Channels")), *channels, *empty))
    title = say("What is usual for {account}", account=account)
    return Table(title, tuple(columns), tuple(rows), _note(habit, peers))


def _note(habit: Habit, peers: Alike | None) -> str:
    said = []
    if habit.before is None:
        said.append(say("The account has no payment before those of the alert: it has no past to be held against."))
    elif habit.months:
        said.append(
            told(
                "Before: the only whole month there was.",
                "Before: the month in the middle of the last {count}, in brackets the largest.",
                len(habit.months),
            )
        )
    else:
        said.append(say("Its past is shorter than a month, so its sums are given in all."))
    if peers is None:
        said.append(say("No peers are known for it."))
    else:
        said.append(
            told(
                "Peers: {count} account ({group}); what the middle half of them does.",
                "Peers: {count} accounts ({group}); what the middle half of them does.",
                peers.accounts,
                group=_group(peers.group),
            )
        )
    said.append(say("A month has 30 days. Payments count whether they are part of the alert or not."))
    return " ".join(said)


def _days(days: float) -> str:
    return told("{count} day", "{count} days", max(1, round(days)))


def _group(name: str) -> str:
    """Say the name of a group of peers, which is made of a word for each trait."""
    return ", ".join(say(word) for word in name.split(", "))


def _typical(name: str, habit: Habit) -> str:
    """Say the month in the middle of the past, and the largest."""
    values = [getattr(month, A_MONTH[name]) for month in habit.months]
    middle = sorted(values)[(len(values) - 1) // 2]
    said = _figure(name, middle, habit.currency)
    return said if len(values) < 2 else f"{said} ({_figure(name, max(values), habit.currency)})"


def _said(name: str, course: Course, habit: Habit) -> str:
    if name in SHARES:
        part, whole = PARTS[name]
        return _share(getattr(course, part), getattr(course, whole))
    if name in DIFFERENT:
        return figures(f"{getattr(course, name):,}")
    value = getattr(course, A_MONTH[name])
    if course.days <= MONTH_DAYS:
        return say("{figure} in all", figure=_figure(name, value, habit.currency))
    return _figure(name, round(value * MONTH_DAYS / course.days), habit.currency)


def _between(name: str, peers: Alike, currency: str) -> str:
    if name not in peers.ranges:
        return ""
    low, high = peers.ranges[name]
    if name in SHARES:
        ends = [_percent(end) for end in (low, high)]
    else:
        ends = [_figure(name, round(end), currency) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else say("{least} to {most}", least=ends[0], most=ends[1])


def _figure(name: str, value: int, currency: str) -> str:
    return figures(spoken(value, currency) if name in AMOUNTS else f"{value:,}")


def _share(part: int, whole: int) -> str:
    return _percent(part / whole) if whole else ""


def _percent(share: float) -> str:
    return say("{count} %", count=f"{100 * share:.0f}")


def _channels(course: Course) -> str:
    return ", ".join(
        f"{channel.replace('_', ' ')} {_share(payments, course.payments)}" for channel, payments in course.channels
    )
