"""Hashes of what a scan can make again to the byte: `moneytrail verify` does, and compares.

Of the files for programs, under the ids that the scan gives alone: pages and lasting ids depend on what people and
earlier nights made of alerts.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from flows.plugins import Shelf
from reports.facts import ScanFacts

REPRODUCED: Final = ("account-scores", "alerts-json", "findings-parquet")
"""Ids of the exchange formats."""


def reproduced(facts: ScanFacts) -> dict[str, str]:
    """Give the SHA-256 of each file by name.

    Parameters
    ----------
    facts : ScanFacts
        As the scan gave them.
    """
    writers = [Shelf("reports.exchange").load(id_)() for id_ in REPRODUCED]
    return {writer.file_name: sha256(writer.write(facts)).hexdigest() for writer in writers}
