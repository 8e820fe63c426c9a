"""One scan of a small bank, made once for all tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.arrows import payments_from_arrows
from flows.ledger import Ledger

# A ring of five, a funnel that passes everything on, and ordinary shopping.
BANK = "\n".join(
    [
        *(f"day 3 {9 + i:02d}:00  {a} -> {b}  {1000 - 10 * i}.00 EUR instant" for i, (a, b) in enumerate(
            [("r1", "r2"), ("r2", "r3"), ("r3", "r4"), ("r4", "r5"), ("r5", "r1")])),
        *(f"day {5 + i // 6} {10 + i % 6}:15  ext:p{i} -> funnel  {80 + i}.00 EUR p2p" for i in range(24)),
        *(f"day {5 + i} 18:30  funnel -> ext:away  {500 + i}.00 EUR instant" for i in range(4)),
        *(f"day {i % 28} 12:{i % 60:02d}  c{i % 17} -> mer:shop{i % 5}  {5 + i % 40}.{i % 100:02d} EUR card_pos"
          for i in range(300)),
    ]
)  # fmt: skip


@pytest.fixture(scope="session")
def ledger(tmp_path_factory) -> Ledger:
    """Give a ledger with the small bank in it."""
    empty = Ledger.create(tmp_path_factory.mktemp("bank") / "ledger")
    payments = payments_from_arrows(BANK)
    return empty.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["arrows"], side={})


@pytest.fixture(scope="session")
def scanned(ledger, tmp_path_factory) -> Path:
    """Give the folder of results of one scan of it."""
    from moneytrail.scan import run_scan

    out = tmp_path_factory.mktemp("scan") / "out"
    run_scan(ledger, out)
    return out
