"""A night killed at any instant and run again: no alert lost or doubled, no judgement lost, everything verifies."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.ledger import Ledger
from moneytrail.night_folder import past_nights
from moneytrail.verifying import verify_ledger, verify_nights, verify_store
from reports.store import Store
from tests.moneytrail.nights import Bank, Row, bank, by_day

ROOT = Path(__file__).parents[2]
# Kills on each kind of database; hundreds where somebody asks for them.
KILLS = int(os.environ.get("MONEYTRAIL_KILLS", "6"))
EACH = min(10, max(2, KILLS // 3))
"""Kills of one night at most, so that the nights after it, with late and undone payments, have theirs."""


class Nights:
    """The process that runs nights and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.moneytrail.killed_nights"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def run(self, settings: Path, seconds: float = 0) -> str:
        """Give ``done SECONDS`` or ``killed``."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{settings} {seconds:.4f}\n")
        self._process.stdin.flush()
        answer = self._answer()
        assert answer.startswith(("done", "killed")), answer
        return answer

    def end(self) -> None:
        """End it."""
        self._process.communicate()


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    """Give the process."""
    made = Nights()
    yield made
    made.end()


def files() -> list[dict[str, list[Row]]]:
    """Give the files of three nights: a week, another with late payments and an undone one, and a week sent again."""
    days = by_day(bank())
    first, second = [day for day in days if day < min(days) + timedelta(days=8)], list(days)[8:16]
    late = [row for row in days[first[5]] if row.payee.startswith("mer:")]
    undone = next(row for row in days[first[3]] if row.channel == "instant")
    return [
        {str(day): [row for row in days[day] if row not in late] for day in first},
        {**{str(day): days[day] for day in second}, "late": late},
        {"undone": [undone.undone_at(days[second[-1]][-1].at)], "again": [row for day in first for row in days[day]]},
    ]


def judged(made: Bank, where: str) -> str:
    """Let somebody judge an alert after the first night; give its id."""
    with Store.open(where) as store:
        alert = store.alerts()[0]
        if not alert.judgements:
            store.desk("analyst", datetime(2027, 1, 1, tzinfo=UTC)).judge(alert.alert_id, "unsure", "more_information")
        return alert.alert_id


def outcome(made: Bank, where: str) -> dict[str, object]:
    """Give all that a reader of the nights gets to see."""
    with Store.open(where) as store:
        ledger = Ledger.open(made.folder / "ledger")
        verified = verify_store(store) + verify_ledger(ledger, store) + verify_nights(made.nights, store)
        assert not verified.wrong, verified.wrong
        return {
            "alerts": store.present(),
            "states": [store.delta(run.run_id).as_json()["changes"] for run in store.runs()],
            "judgements": [len(alert.judgements) for alert in store.alerts(gone=True)],
            "payments": ledger.payments().drop_columns(["source_line"]).to_pylist(),
            "sources": sorted(row["source_file"] for row in ledger.sources().to_pylist()),
            "told": [
                (night.path.name, json.loads((night.path / "alerts.json").read_text()), night.night["changes"])
                for night in past_nights(made.nights)
            ],
        }


def lived(folder: Path, where: str, nights: Nights, kills: Iterator[float]) -> tuple[dict[str, object], int]:
    """Live through the nights, killed after these times one after the other; give the outcome and how many kills."""
    made, killed = Bank(folder, store=where), 0
    for number, tonight in enumerate(files()):
        for name, rows in tonight.items():
            made.send(name, rows)
        for _ in range(EACH):
            if nights.run(made.settings, next(kills, 0.0)) != "killed":
                break
            killed += 1
        else:
            nights.run(made.settings)
        if number == 0:
            judged(made, where)
    return outcome(made, where), killed


@pytest.fixture(scope="module")
def expected(nights: Nights, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Give the outcome of nights that nobody killed."""
    folder = tmp_path_factory.mktemp("nobody")
    whole, _ = lived(folder / "bank", str(folder / "alerts.db"), nights, iter(()))
    assert whole["alerts"]
    assert max(whole["judgements"]) == 1
    return whole


def test_nights_killed_at_any_instant_end_as_nights_that_were_not(expected, nights, new_database, tmp_path):
    # Another number of kills is another series of instants, so that hundreds can be tried in pieces.
    chance = random.Random(f"20261122 {KILLS}")
    again = Bank(tmp_path / "timed")
    again.send("all", [row for tonight in files()[:1] for rows in tonight.values() for row in rows])
    took = float(nights.run(again.settings).split()[1])
    killed = lives = 0
    while killed < KILLS:
        # Nine times out of ten the night is killed before it is over, wherever it is by then.
        times = (chance.uniform(0.0, 1.1 * took) for _ in range(KILLS - killed))
        lives += 1
        seen, now = lived(tmp_path / f"killed-{lives}", new_database(), nights, times)
        killed += now
        for what, value in expected.items():
            assert seen[what] == value, what
        print(f"{killed} kills in {lives} lives of three nights, {took:.2f} s a night", flush=True)
