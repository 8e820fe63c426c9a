from __future__ import annotations

import re
from dataclasses import replace

from flows.plugins import Shelf
from reports.report import BANNER, PROMISE, page, render

VERDICTS = re.compile(r"\b(criminals?|traffick\w*|victims?|guilty|suspects?)\b", re.IGNORECASE)


def test_sections_come_in_order_of_their_rank(night):
    parts = [part.id for part in page(night).parts]
    assert parts == ["summary", "left-out", "alerts", "quality", "questions", "words", "run-sheet"]


def test_every_section_says_its_rank_and_title():
    shelf = Shelf("reports.sections")
    ranks = [shelf.load(id_).rank for id_ in shelf.ids()]
    assert len(set(ranks)) == len(ranks)
    assert all(shelf.load(id_).title for id_ in shelf.ids())


def test_banner_and_promise_are_in_every_medium(night):
    # A PDF packs its text; the template has the banner in the heading of every page.
    for medium in set(Shelf("reports.renderers").ids()) - {"pdf"}:
        text = " ".join(render(page(night), medium).decode().split())
        assert BANNER in text
        assert PROMISE in text


def test_the_report_gives_no_verdict_and_no_advice_against_a_person(night):
    text = render(page(night), "text").decode()
    assert not VERDICTS.search(text)
    html = re.sub(r"<(style|script).*?</\1>", "", render(page(night)).decode(), flags=re.DOTALL)
    # Titles of publications are quoted as they are.
    sources = re.compile(r"Who published that this matters.*?</ul>", re.DOTALL)
    said = sources.sub("", html)
    assert not VERDICTS.search(said)
    assert not re.search(r"\b(close|block|freeze|exit) (the|this|an) account|contact the customer", said, re.IGNORECASE)


def test_the_same_facts_give_the_same_page(night):
    assert render(page(night)) == render(page(replace(night, findings=night.findings[::-1])))
