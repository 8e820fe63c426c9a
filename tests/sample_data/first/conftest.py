"""One bank of the committed sample's size, built once for the tests that look at it."""

import json
from pathlib import Path

import pytest

from sample_data.first.bank import Bank, build

SMALL = Path(__file__).parents[3] / "sample_data" / "small"


@pytest.fixture(scope="session")
def small_truth() -> dict:
    return json.loads((SMALL / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def bank(small_truth) -> Bank:
    return build(small_truth["customers"], small_truth["days"], small_truth["seed"])
