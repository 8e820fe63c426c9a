"""The bank behind the demo is what the simulator writes for its plan, small, and has something of everything."""

from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest

from sample_data import bundle


def files_of(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def stories() -> list[dict[str, str]]:
    with (bundle.SMALL / "truth" / "stories.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_committed_bank_is_what_is_written_for_its_plan_to_the_byte(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "of_yesterday.csv").touch()
    bundle.write(tmp_path / "out")
    written, committed = files_of(tmp_path / "out"), files_of(bundle.SMALL)
    assert written.keys() == committed.keys()
    assert [name for name in written if written[name] != committed[name]] == []


def test_it_is_small_enough_to_be_committed_and_copied():
    assert sum(len(content) for content in files_of(bundle.SMALL).values()) < 3_000_000


def test_its_months_are_the_whole_of_its_payments_in_order():
    months = sorted(bundle.SMALL.glob("payments-*.parquet"))
    days = [day for month in months for day in pq.read_table(month, columns=["booked_on"])["booked_on"].to_pylist()]
    asked = json.loads((bundle.SMALL / "simulation.json").read_text())
    assert len(days) == asked["payments"]
    assert (asked["customers"], asked["days"], asked["seed"]) == (bundle.CUSTOMERS, bundle.DAYS, bundle.SEED)
    assert [month.stem for month in months] == sorted({f"payments-{day:%Y-%m}" for day in days})


def test_there_are_cases_that_evade_or_are_seen_in_part_many_look_alikes_and_a_trail_across_banks(stories):
    cases = [story for story in stories if story["shelf"] == "cases"]
    assert len({story["typology"] for story in cases}) >= 10
    assert {story["variant"] for story in cases} == {"plain", "evading", "partial"}
    assert len({story["kind"] for story in stories if story["shelf"] == "innocent"}) >= 15
    assert "layering-chain" in {story["kind"] for story in cases}
