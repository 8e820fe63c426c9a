"""The page on pictures: its examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

from flows.arrows import payments_from_arrows
from flows.ledger import Ledger

PAGE = Path(__file__).parents[2] / "docs" / "pictures.md"

STORY = """
day 0 09:00  ext:x -> anna   300 EUR
day 1 09:00  anna -> ben     200 EUR
day 2 09:00  ben -> cash:atm 150 EUR
"""


def test_the_examples_of_the_page_run(tmp_path):
    payments = payments_from_arrows(STORY)
    with Ledger.for_writing(tmp_path / "ledger") as opened:
        opened.commit(payments.to_reader(), rows=payments.num_rows, source_hashes=["a"], side={})
    results = doctest.testfile(str(PAGE), module_relative=False, globs={"folder": tmp_path / "ledger"})
    assert results.attempted
    assert not results.failed
