from __future__ import annotations

from dataclasses import replace

from reports.sections.questions import Questions


def test_every_detector_is_listed_with_its_question_and_findings(night):
    [table] = Questions().blocks(night)
    rows = {row[4].text.split(",")[0]: [cell.text for cell in row] for row in table.rows}
    assert rows["fan-in"][1] == "Do many payers feed one account within two days?"
    assert rows["fan-in"][3] == "3"
    assert rows["fan-out"][3] == "failed"
    assert table.note == "8 of 8 findings are part of an alert."


def test_a_scan_that_asked_nothing_says_so(night):
    [only] = Questions().blocks(replace(night, about_of={}))
    assert only.text.startswith("No question was asked")
