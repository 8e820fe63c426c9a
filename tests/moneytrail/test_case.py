"""`moneytrail case` replays a case file, writes its dossier whole or not at all, and stops where numbers differ."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from flows.errors import BalanceError, InputError, StoreError
from graphs.case import Case, Step
from moneytrail.casework import load, save, write_case
from moneytrail.commands.case import case as command


@pytest.fixture
def saved(ledger, tmp_path):
    """Give a case file on the small bank."""
    made = Case(ledger, title="The funnel", who="an analyst")
    made.open("funnel", hops=1, days=90)
    made.trace(payments=["p6"], rules=["fifo"])
    save(made, tmp_path / "work" / "funnel.case.json")
    return tmp_path / "work" / "funnel.case.json"


def run(*words):
    return CliRunner().invoke(command, list(map(str, words)), catch_exceptions=False)


def test_it_says_every_step_and_that_the_numbers_are_identical(saved, ledger):
    done = run(saved, "--ledger", ledger.path)
    assert done.exit_code == 0
    assert "opened funnel, 1 hop" in done.output
    assert "2 steps were taken again and gave identical numbers." in done.output


def test_it_writes_the_dossier_and_the_exports_asked_for(saved, ledger, tmp_path):
    out = tmp_path / "out"
    done = run(saved, "--ledger", ledger.path, "--out", out, "--format", "gexf", "--format", "i2")
    assert done.exit_code == 0
    assert {path.name for path in out.iterdir()} == {
        *("case.json", "dossier.html", "SHA256SUMS", "payments.gexf"),
        *("i2_entities.csv", "i2_links.csv", "i2_columns.md"),
    }
    assert (out / "case.json").read_bytes() == saved.read_bytes()


def test_a_case_is_saved_over_an_earlier_state_of_itself_and_over_nothing_else(saved, ledger, tmp_path):
    mine, theirs = (load(saved, ledger, who=who) for who in ("me", "a colleague"))
    theirs.note("Asked for the film of the machine.")
    save(theirs, saved)
    kept = saved.read_bytes()
    mine.note("Nothing more to be done.")
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear colleague")
    for case, path in ((mine, saved), (mine, letter), (Case(ledger, title="The funnel", who="me"), saved)):
        with pytest.raises(InputError, match="no earlier state of this case"):
            save(case, path)
    assert saved.read_bytes() == kept
    assert letter.read_text() == "Dear colleague"


def test_formats_without_a_folder_are_refused(saved, ledger):
    assert run(saved, "--ledger", ledger.path, "--format", "gexf").exit_code == 2


def test_a_case_that_gives_other_numbers_writes_nothing(saved, ledger, tmp_path):
    told = json.loads(saved.read_bytes())
    forged = Case(ledger, title=told["title"], who="w")
    step = Step(**told["steps"][0])
    told["steps"] = [
        vars(Step(step.at, step.who, step.did, {**step.asked, "days": 1}, step.found).marked(forged._mark))
    ]
    saved.write_text(json.dumps(told))
    with pytest.raises((BalanceError, InputError)):
        run(saved, "--ledger", ledger.path, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_half_written_when_the_disk_fails(saved, ledger, tmp_path, monkeypatch):
    made = load(saved, ledger, who="w")
    write_case(made, tmp_path / "out", ["gexf"])
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    made.note("Later.")
    written = []

    def full(handle):
        written.append(handle)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("moneytrail.folder.os.fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        write_case(made, tmp_path / "out", ["gexf", "graphml"])
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_file_that_is_not_there_is_told_without_a_stack(ledger, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        run(tmp_path / "absent.json", "--ledger", ledger.path)
