"""`moneytrail detectors` prints the list and the pages."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from detectors.catalogue import every_detector
from moneytrail.commands.detectors import detectors


def test_the_list_has_a_line_for_each_detector():
    printed = CliRunner().invoke(detectors).output
    assert [line.split()[0] for line in printed.splitlines()] == [entry.id for entry in every_detector()]


@pytest.mark.parametrize("entry", every_detector(), ids=lambda entry: entry.id)
def test_a_page_gives_question_parameters_innocent_stories_and_sources(entry):
    printed = CliRunner().invoke(detectors, [entry.id]).output
    assert entry.about.question in printed
    for story in entry.about.innocent:
        assert story in printed
    assert "Sources" in printed


def test_an_unknown_id_is_refused_with_the_list():
    result = CliRunner().invoke(detectors, ["fan-inn"])
    assert result.exit_code == 2
    assert "fan-in" in result.output
