"""`moneytrail demo` runs the whole main job on the bundled bank."""

from __future__ import annotations

import json

from click.testing import CliRunner

from moneytrail.commands.demo import demo


def test_the_demo_ends_with_the_path_of_the_report_and_changes_nothing_when_run_again(tmp_path):
    first = CliRunner().invoke(demo, ["--out", str(tmp_path / "demo"), "--quiet"], catch_exceptions=False)
    assert first.exit_code == 0
    report = tmp_path / "demo" / "report.html"
    assert first.output.rstrip().splitlines()[-1].endswith(str(report))
    page = report.read_bytes()
    sheet = json.loads((tmp_path / "demo" / "run.json").read_text())
    assert sheet["ledger"]["rows"] == sum(source["kept"] for source in sheet["inputs"] if source["table"] == "payments")

    again = CliRunner().invoke(demo, ["--out", str(tmp_path / "demo"), "--quiet"], catch_exceptions=False)
    assert again.output == first.output
    assert report.read_bytes() == page
