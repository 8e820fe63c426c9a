"""The page of a trace says what was asked, keeps to its caps and says so, and looking backward speaks of sources."""

from __future__ import annotations

from datetime import date

import pytest

from flows.arrows import payments_from_arrows
from flows.plugins import Shelf
from flows.window import whole
from graphs.trace import trace, trace_account
from graphs.trace_assumptions import CONVENTIONS
from reports import network
from reports import trace_page as page_module
from reports.blocks import Fold, Network, Table, Timeline, Whereabouts
from reports.trace_page import Asked, trace_page

TRAIL = """
day 0 09:00  ext:x -> anna    90 EUR
day 1 09:00  anna -> ben      60 EUR
day 2 09:00  ben -> cash:atm  40 EUR
day 3 09:00  anna -> power    30 EUR
"""


def asked(**more) -> Asked:
    given = {"direction": "forward", "rules": tuple(CONVENTIONS), "ledger_version": 3, "as_of": date(2026, 2, 1)}
    return Asked(**{**given, **more})


def found(direction="forward", start="p1"):
    return trace(whole(payments_from_arrows(TRAIL), hubs=["power"]), [start], direction=direction)


def blocks(page, kind):
    for part in page.parts:
        waiting = list(part.blocks)
        while waiting:
            block = waiting.pop(0)
            if isinstance(block, Fold):
                waiting = [*block.blocks, *waiting]
            elif isinstance(block, kind):
                yield block


def test_every_table_is_as_wide_as_its_head_and_every_rule_has_its_picture():
    page = trace_page([found()], asked())
    for table in blocks(page, Table):
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert [len(list(blocks(page, kind))) for kind in (Network, Whereabouts, Timeline)] == [5, 5, 5]


def test_a_picture_shows_what_stays_where_and_what_ends_the_trail():
    picture = next(blocks(trace_page([found()], asked()), Network))
    roles = {node.name: (node.role, node.look) for node in picture.nodes}
    assert roles["ext:x"] == ("the trail begins here", "lead")
    assert roles["ben"] == ("20.00 EUR stays", "account")
    assert roles["power"][1] == "hub"
    assert {(arrow.payer, arrow.payee): arrow.amount for arrow in picture.arrows}["ben", "cash:atm"] == "40.00 EUR"
    assert picture.note.startswith("first in, first out")


def test_backward_speaks_of_sources():
    page = trace_page([found("backward", "p3")], asked(direction="backward"))
    assert [part.title for part in page.parts if part.id == "endpoints"] == ["Where it began"]
    assert not [part for part in page.parts if part.id == "questions"]
    assert "come from" in page.subtitle


@pytest.mark.parametrize(
    ("direction", "question"),
    [
        ("forward", "Where did the money go that left anna since 2 January 2026?"),
        ("backward", "Where did the money come from that reached anna since 2 January 2026?"),
    ],
)
def test_an_account_is_asked_about_by_name_and_day(direction, question):
    assert asked(direction=direction, account="anna", since=date(2026, 1, 2)).question == question


def test_what_is_left_out_of_a_page_is_counted(monkeypatch):
    monkeypatch.setattr(page_module, "MOST_ROWS", 1)
    monkeypatch.setattr(network, "MOST_ARROWS", 1)
    monkeypatch.setattr(page_module, "MOST_DOTS", 1)
    page = trace_page([found()], asked())
    picture = next(blocks(page, Network))
    assert "Still picture: 1 of 4 arrows" in picture.note
    assert "Showing 1 of 4" in next(blocks(page, Timeline)).note
    notes = [table.note for table in blocks(page, Table)]
    assert sum("Showing 1 of" in note for note in notes) >= 3


def test_a_trace_of_poison_alone_is_a_page_without_amounts():
    page = trace_page([trace(whole(payments_from_arrows(TRAIL)), ["p1"], rules=["poison"])], asked(rules=("poison",)))
    assert not list(blocks(page, Network))
    assert any(part.id == "touched" for part in page.parts)


def test_everything_that_can_have_been_touched_is_named(monkeypatch):
    def touched():
        (part,) = (part for part in trace_page([found()], asked()).parts if part.id == "touched")
        return {fold.title: fold.blocks[0].items for fold in part.blocks if isinstance(fold, Fold)}

    assert touched() == {"Nodes": ("anna", "ben", "cash:atm", "power"), "Payments": ("p1", "p2", "p3", "p4")}
    monkeypatch.setattr(page_module, "MOST_NAMED", 3)
    assert touched()["Payments: 3 of 4, by name; the files beside this page have all"] == ("p1", "p2", "p3")


def test_both_media_render_a_trace():
    traces = trace_account(whole(payments_from_arrows(TRAIL)), "anna", 0)
    page = trace_page(traces, asked(account="anna"))
    renderers = Shelf("reports.renderers")
    for medium in ("html", "text"):
        assert b"anna" in renderers.load(medium)().render(page)


def test_a_piece_in_a_notebook_names_no_file(monkeypatch):
    for cap in ("MOST_ROWS", "MOST_NAMED", "MOST_DOTS"):
        monkeypatch.setattr(page_module, cap, 1)
    said = repr(page_module.trace_blocks(found()))
    assert "by amount; the trace itself has all." in said
    assert "trace.json" not in said
    assert "the files" not in said
