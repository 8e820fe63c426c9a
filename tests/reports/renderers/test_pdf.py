from __future__ import annotations

from dataclasses import replace

import pytest

from reports.blocks import Bullets, Cell, Column, Page, Paragraph, Part, Table
from reports.renderers.pdf import MOST_CARDS, MOST_NIGHTS, MOST_ROWS, Pdf, _shown, _told
from reports.report import page
from tests.reports.made_nights import with_night


@pytest.fixture(scope="module")
def printed(night):
    return Pdf().render(page(with_night(replace(night, masked=True))))


def test_the_same_page_gives_the_same_bytes(night, printed):
    assert printed.startswith(b"%PDF")
    assert Pdf().render(page(with_night(replace(night, masked=True)))) == printed


def test_text_that_looks_like_markup_is_text():
    hostile = ("#panic()", "*bold*", '"] #eval("1+1")', "$ x $", "= heading", "\\", "@ref", "<label>", "a" * 400)
    parts = (Part("x", hostile[0], (*map(Paragraph, hostile), Bullets(hostile, hostile[2]))),)
    assert Pdf().render(Page(hostile[0], hostile[1], hostile[2], hostile[3], parts)).startswith(b"%PDF")


def test_a_long_table_is_cut_and_says_so():
    table = Table("t", (Column("n", "number"),), tuple((Cell(str(n)),) for n in range(100)), "Times are UTC.")
    [made] = _told((table,))
    assert len(made["rows"]) == MOST_ROWS
    assert made["note"] == "The first 20 of 100 rows. Times are UTC."


def test_what_is_told_over_time_is_one_table_on_paper(night):
    course = next(part for part in page(with_night(night)).parts if part.id == "course")
    tables = [block for block in _told(course.blocks) if block["kind"] == "table"]
    assert len(tables) == 1
    assert len(tables[0]["head"]) == 7
    assert len(tables[0]["rows"]) == MOST_NIGHTS
    assert tables[0]["note"] == "The last 14 of 32 nights."


def test_beyond_what_is_read_on_paper_an_alert_is_one_line(night):
    many = replace(night, alerts=night.alerts * 15, findings=night.findings)
    told = _told(next(part for part in page(many).parts if part.id == "alerts").blocks)
    assert sum(block["kind"] == "card" for block in told) == MOST_CARDS
    assert len(told[-1]["rows"]) == 60 - MOST_CARDS


def test_further_pieces_of_a_group_are_a_line_each_behind_the_first(night):
    pieces = replace(night, alerts=tuple(replace(alert, split_group=1) for alert in night.alerts))
    told = _told(next(part for part in page(pieces).parts if part.id == "alerts").blocks)
    assert [block["kind"] for block in told] == ["card", "table"]
    assert [row[1] for row in told[1]["rows"]] == [alert.alert_id for alert in night.alerts[1:]]


def test_long_words_may_be_broken_and_hidden_characters_are_shown():
    assert _shown(["plain words", "x" * 30]) == ["plain words", "\u200b".join(["x" * 12, "x" * 12, "x" * 6])]
    assert "U+202E" in _shown("a\u202eb").replace("\u200b", "")
