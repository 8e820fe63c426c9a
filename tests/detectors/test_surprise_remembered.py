"""What was measured of a finding is remembered as long as nothing around it changes."""

from dataclasses import replace

import pyarrow as pa
import pytest

from detectors.motifs.fan_in import FanIn
from detectors.surprise import with_surprise
from flows.arrows import payments_from_arrows
from flows.memory import Memory
from flows.payments import ACCOUNTS
from flows.window import SideTables, whole

DETECTORS = {"fan-in": FanIn()}
BANK = "\n".join(
    [
        *(
            f"day {40 + number // 8} {9 + number % 8:02d}:00  ext:p{number} -> centre  80.00 EUR p2p"
            for number in range(16)
        ),
        *(f"day {5 * number} 12:00  a{number} -> centre  20.00 EUR p2p" for number in range(14)),
        "day 3 12:00  far -> away  5.00 EUR p2p",
    ]
)


class Counted:
    """Counts the shuffles."""

    def __init__(self):
        self.shuffles = 0

    def advance(self, count):
        self.shuffles += count


@pytest.fixture
def measured():
    memory = Memory()

    def measure(text, **changed):
        window = replace(whole(payments_from_arrows(text)), **changed)
        findings, stage = tuple(DETECTORS["fan-in"].find(window)), Counted()
        with_memory = with_surprise(findings, window, DETECTORS, shuffles=60, stage=stage, memory=memory)
        assert with_memory == with_surprise(findings, window, DETECTORS, shuffles=60)
        assert with_memory
        return stage.shuffles

    return measure


def test_a_finding_is_shuffled_once_while_nothing_around_it_changes(measured):
    assert measured(BANK) > 0
    assert measured(BANK) == 0
    assert measured(BANK + "\nday 50 12:00  far -> away  9.00 EUR p2p") == 0


def test_whatever_changes_around_it_has_it_shuffled_again(measured):
    assert measured(BANK) > 0
    assert measured(BANK + "\nday 50 12:00  other -> centre  9.00 EUR p2p") > 0
    assert measured(BANK, hubs=frozenset({"a3"})) > 0
    accounts = pa.Table.from_pylist([{"account_id": "a3", "customer_id": "c1"}], schema=ACCOUNTS)
    assert measured(BANK, side=SideTables(accounts=accounts)) > 0
    assert measured(BANK) == 0


def test_how_many_other_findings_there_are_has_nothing_shuffled_twice(measured, monkeypatch):
    # One who pays every fifth day: sixteen others within two days are no matter of chance.
    bank = BANK + "\n".join(["", *(f"day {2 + 5 * number} 15:00  a0 -> centre  20.00 EUR p2p" for number in range(40))])
    for most, shuffled in ((25, 25), (60, 40), (40, 0), (60, 0)):
        # A finding's share of all shuffles; around this one are 70 payments.
        monkeypatch.setattr("detectors.surprise.PAYMENTS", 70 * most)
        assert measured(bank) == shuffled
