"""AMLGentex: transactions in Parquet, accounts in CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.reading import RawBatch, Sample, Table
from flows.translation import age_band, expecting, found, rounded, text_rows, translate, without_rejects

_PAYMENT_COLUMNS = (
    "txn_id",
    "timestamp",
    "src",
    "dst",
    "src_bank",
    "dst_bank",
    "amount",
    "type",
    "is_illicit",
    "case_id",
    "typology",
)
_ACCOUNT_COLUMNS = ("ACCOUNT_ID", "CUSTOMER_ID", "INIT_BALANCE", "SALARY", "AGE", "CITY", "IS_SAR", "BANK_ID")

_NODE = "case {0} when 'INCOME_SOURCE' then 'ext:INCOME_SOURCE' when 'SPEND_SINK' then {1} else {0} end"

_PAYMENTS = {
    "payment_id": "txn_id",
    "payer": _NODE.format("src", "'mer:SPEND_SINK'"),
    # Spending in cash leaves as cash; the rest of the sink stands for every shop.
    "payee": _NODE.format("dst", "case when type = 'CASH' then 'cash:SPEND_SINK' else 'mer:SPEND_SINK' end"),
    "amount": rounded("amount"),
    "currency": "'SEK'",
    "booked_on": 'left("timestamp", 10)',
    "channel": "case when type = 'CASH' then 'atm_wd' when type = 'TRANSFER' then 'sct' else 'other' end",
}

_CASES = {
    "subject": "unnest([src, dst])",
    "typology": "typology",
    "case_id": "case_id",
    "outcome": "case is_illicit when '1' then 'planted' else 'look_alike' end",
}

_SALARY = "try_cast(SALARY as decimal(18, 2))"


class Amlgentex:
    """Read AMLGentex.

    The simulator knows whole days only, so payments carry a booking date and no time. It writes amounts with all the
    digits of a floating number; they are rounded to the öre, and what is then nothing is rejected by the check. The
    salary of a month is kept as an income of twelve. `IS_SAR` becomes a label and is no column of a customer.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        return max(found(sample, _PAYMENT_COLUMNS), found(sample, _ACCOUNT_COLUMNS))

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file mainly holds."""
        return "accounts" if found(sample, _ACCOUNT_COLUMNS) else "payments"

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size."""
        for chunk in text_rows(path):
            if set(_ACCOUNT_COLUMNS) <= set(chunk.rows.column_names):
                yield translate(chunk, "accounts", {"account_id": "ACCOUNT_ID", "customer_id": "CUSTOMER_ID"})
                yield without_rejects(translate(chunk, "customers", _CUSTOMERS))
                sars = {"subject": "ACCOUNT_ID", "outcome": "'planted'"}
                yield without_rejects(translate(chunk, "labels", sars, where="lower(IS_SAR) = 'true'"))
                continue
            for known in expecting(_PAYMENT_COLUMNS, iter([chunk]), path, "amlgentex"):
                yield translate(known, "payments", _PAYMENTS)
                yield without_rejects(translate(known, "labels", _CASES, where="case_id is not null", distinct=True))


_CUSTOMERS = {
    "customer_id": "CUSTOMER_ID",
    "kind": "'person'",
    "age_band": age_band("try_cast(AGE as integer)"),
    "declared_income": f"coalesce(cast(12 * {_SALARY} as varchar), SALARY)",
    "home_city": "CITY",
}
