from __future__ import annotations

from pathlib import Path

from reports.renderers.text import WIDTH, Text
from reports.report import page

GOLDEN = Path(__file__).parent.parent / "golden" / "night.txt"


def test_the_night_reads_as_in_the_golden_file(night, tmp_path):
    made = Text().render(page(night))
    new = tmp_path / "night.txt"
    new.write_bytes(made)
    assert made.decode() == GOLDEN.read_text(encoding="utf-8"), (
        f"read {new}; if it is right, copy it over {GOLDEN.name}"
    )


def test_only_the_three_strongest_alerts_are_told_and_the_rest_counted(night):
    text = Text().render(page(night)).decode()
    assert "3. Gathering from many" in text
    assert "4. " not in text
    assert "The report has 1 more." in text


def test_lines_fit_a_terminal(night):
    assert max(len(line) for line in Text().render(page(night)).decode().splitlines()) <= WIDTH
