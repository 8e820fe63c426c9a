"""`moneytrail detectors` prints the list of everything that is asked."""

from __future__ import annotations

from click.testing import CliRunner

from detectors.catalogue import SHELVES, every_detector
from moneytrail.commands.detectors import detectors


def test_the_list_has_a_line_for_each_detector_under_the_name_of_its_shelf():
    lines = CliRunner().invoke(detectors).output.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [entry.name for entry in every_detector()]
    assert [line for line in lines if not line.startswith("  ")] == list(SHELVES.values())


def test_each_line_gives_status_and_sources():
    lines = [line for line in CliRunner().invoke(detectors).output.splitlines() if line.startswith("  ")]
    for entry, line in zip(every_detector(), lines, strict=True):
        assert entry.about.status in line
        assert line.endswith(f"[{', '.join(entry.sources)}]")
