"""One small bank with every kind of story, written once for the tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sample_data.simulation import simulate

CUSTOMERS, DAYS, SEED = 1_500, 75, 7


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> Path:
    """Give the folder of a bank with every kind at its usual rate."""
    out = tmp_path_factory.mktemp("simulated")
    simulate(out, customers=CUSTOMERS, days=DAYS, seed=SEED)
    return out
