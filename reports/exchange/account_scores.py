"""The ranking of all accounts as Parquet."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa

from reports.facts import ScanFacts
from reports.parquet import parquet_bytes

NO_SCORES = pa.schema([("account_id", pa.string()), ("rank_score", pa.float64())])


class AccountScores:
    """Write `account_scores.parquet`: one row per account, the highest rank first."""

    file_name: ClassVar[str] = "account_scores.parquet"

    def write(self, facts: ScanFacts) -> bytes:
        """Give the bytes of the file; the same facts give the same bytes."""
        return parquet_bytes(NO_SCORES.empty_table() if facts.account_scores is None else facts.account_scores)
