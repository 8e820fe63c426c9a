from __future__ import annotations

from dataclasses import replace

from reports.facts import Scanned
from reports.sections.run_sheet import RunSheet


def test_files_and_every_entry_of_the_run_are_listed(night):
    files, fold = RunSheet().blocks(night)
    assert [cell.text for cell in files.rows[0]][:5] == ["payments_2026-03-04.csv", "98,114", "98,007", "3", "104"]
    entries = {row[0].text: row[1].text for row in fold.blocks[0].rows}
    assert entries["versions.moneytrail"] == "0.1.0"
    assert entries["steps[0].rows_in"] == "184220"


def test_a_run_without_a_sheet_has_no_section(night):
    bare = replace(night, run={}, scanned=Scanned(0, 0, 0, None, None, {}))
    assert RunSheet().blocks(bare) == ()


def test_of_thousands_of_files_the_last_are_listed_and_all_are_counted(night):
    many = tuple(replace(night.scanned.files[0], name=f"{number}.csv") for number in range(1_200))
    run = {"inputs": [{"file_name": file.name} for file in many]}
    files, fold = RunSheet().blocks(replace(night, run=run, scanned=replace(night.scanned, files=many)))
    assert [row[0].text for row in files.rows] == [f"{number}.csv" for number in range(1_100, 1_200)]
    assert files.note.startswith("The last 100 of 1,200 files")
    assert [row[0].text for row in fold.blocks[0].rows] == [f"inputs[{n}].file_name" for n in range(1_100, 1_200)]
