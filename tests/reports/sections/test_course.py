from __future__ import annotations

from dataclasses import replace

from reports.blocks import Bullets, Paragraph, Plot
from reports.sections.course import Course
from tests.reports.made_nights import with_night


def test_a_scan_by_itself_has_no_course(night):
    assert Course().blocks(night) == ()


def test_one_night_is_no_course(night):
    facts = with_night(night)
    [said] = Course().blocks(with_night(night, course=facts.night.course[:1]))
    assert isinstance(said, Paragraph)


def test_figures_are_plotted_and_the_useful_share_only_where_somebody_judged(night):
    facts = with_night(night)
    plots = {block.title: block for block in Course().blocks(facts) if isinstance(block, Plot)}
    assert list(plots) == ["Alerts", "Useful share", "Waiting", "Payments"]
    shares = plots["Useful share"].series[0].values
    judged = [one.judged for one in facts.night.course]
    assert [share is None for share in shares] == [count == 0 for count in judged]
    assert {share for share in shares if share is not None} <= {0.0, 50.0, 100.0}


def test_a_night_unlike_all_before_it_is_said(night):
    *before, tonight = with_night(night).night.course
    assert not [block for block in Course().blocks(with_night(night)) if isinstance(block, Bullets)]
    lacking = with_night(night, course=(*before, replace(tonight, payments=90_000)))
    [said] = [block for block in Course().blocks(lacking) if isinstance(block, Bullets)]
    assert said.items == ("Payments looked at: 90,000 tonight, between 180,000 and 180,000 in the 31 nights before.",)
