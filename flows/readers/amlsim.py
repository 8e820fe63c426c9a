"""IBM AMLSim: the CSV files of both its writers, and the Parquet file of a port of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.errors import InputError
from flows.reading import RawBatch, Sample, Table
from flows.translation import rounded, text_rows, translate, without_rejects

# The simulation counts days from here; IBM's own converter begins its dates here as well.
_DAY_ZERO = "2017-01-01"


def _day(column: str) -> str:
    step = f"cast(date '{_DAY_ZERO}' + cast({column} as integer) as varchar)"
    return f"case when regexp_full_match({column}, '[0-9]{{1,6}}') then {step} else left({column}, 10) end"


def _truth(column: str) -> str:
    return f"case when lower({column}) in ('true', '1') then 'planted' else 'look_alike' end"


_CHANNEL = "case when upper({}) = 'TRANSFER' then 'sct' when upper({}) like 'CASH%' then 'cash_branch' else 'other' end"


@dataclass(frozen=True)
class _File:
    """One kind of file: the columns that tell it, and what each table of the contract takes from it."""

    columns: tuple[str, ...]
    tables: dict[Table, dict[str, str]]
    where: dict[Table, str] = field(default_factory=dict)


_FILES = (
    _File(
        ("TX_ID", "SENDER_ACCOUNT_ID", "RECEIVER_ACCOUNT_ID", "TX_TYPE", "TX_AMOUNT", "TIMESTAMP", "ALERT_TYPE"),
        {
            "labels": {
                "subject": "unnest([SENDER_ACCOUNT_ID, RECEIVER_ACCOUNT_ID])",
                "typology": "lower(ALERT_TYPE)",
                "case_id": "ALERT_ID",
                "outcome": _truth("IS_FRAUD"),
            }
        },
    ),
    _File(
        ("TX_ID", "SENDER_ACCOUNT_ID", "RECEIVER_ACCOUNT_ID", "TX_TYPE", "TX_AMOUNT", "TIMESTAMP", "IS_FRAUD"),
        {
            "payments": {
                "payment_id": "TX_ID",
                "payer": "SENDER_ACCOUNT_ID",
                "payee": "RECEIVER_ACCOUNT_ID",
                "amount": rounded("TX_AMOUNT"),
                "currency": "'USD'",
                "booked_on": _day('"TIMESTAMP"'),
                "channel": _CHANNEL.format("TX_TYPE", "TX_TYPE"),
            }
        },
    ),
    _File(
        ("ACCOUNT_ID", "CUSTOMER_ID", "INIT_BALANCE", "COUNTRY", "ACCOUNT_TYPE", "TX_BEHAVIOR_ID"),
        {
            "accounts": {"account_id": "ACCOUNT_ID", "customer_id": "CUSTOMER_ID"},
            "customers": {
                "customer_id": "CUSTOMER_ID",
                "kind": "case ACCOUNT_TYPE when 'I' then 'person' when 'O' then 'firm' end",
                "home_country": "COUNTRY",
            },
        },
    ),
    _File(
        ("alert_id", "alert_type", "is_sar", "tran_id", "orig_acct", "bene_acct"),
        {
            "labels": {
                "subject": "unnest([orig_acct, bene_acct])",
                "typology": "lower(alert_type)",
                "case_id": "alert_id",
                "outcome": _truth("is_sar"),
            }
        },
    ),
    _File(
        ("tran_id", "orig_acct", "bene_acct", "tx_type", "base_amt", "tran_timestamp"),
        {
            "payments": {
                "payment_id": "tran_id",
                "payer": "orig_acct",
                "payee": "bene_acct",
                "amount": rounded("base_amt"),
                "currency": "'USD'",
                "booked_on": _day("tran_timestamp"),
                "channel": _CHANNEL.format("tx_type", "tx_type"),
            }
        },
    ),
    _File(
        ("alert_id", "alert_type", "acct_id", "is_sar"),
        {
            "labels": {
                "subject": "acct_id",
                "typology": "lower(alert_type)",
                "case_id": "alert_id",
                "outcome": _truth("is_sar"),
            }
        },
    ),
    # Names, sex, birth dates and addresses of the simulated holders are left where they are.
    _File(
        ("acct_id", "type", "acct_rptng_crncy", "open_dt", "close_dt", "tx_behavior_id"),
        {"accounts": {"account_id": "acct_id", "currency": "acct_rptng_crncy"}},
    ),
    _File(
        ("txn_id", "timestamp", "src", "dst", "amount", "type", "is_illicit", "case_id", "typology"),
        {
            "payments": {
                "payment_id": "txn_id",
                "payer": "src",
                "payee": "dst",
                "amount": rounded("amount"),
                "currency": "'USD'",
                "booked_on": 'left("timestamp", 10)',
                "channel": _CHANNEL.format("type", "type"),
            },
            "labels": {
                "subject": "unnest([src, dst])",
                "typology": "typology",
                "case_id": "case_id",
                "outcome": _truth("is_illicit"),
            },
        },
        {"labels": "case_id is not null"},
    ),
)


class Amlsim:
    """Read AMLSim's transactions, accounts and alerts.

    The simulator knows whole days only, so payments carry a booking date and no time; currency is taken as US dollar.
    Labels come from the alert files (and from the Parquet file): the accounts of planted cases as ``planted``, those
    of the shapes that are not suspicious as ``look_alike``.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        kind = _kind(sample.columns)
        # AMLGentex began as a fork and writes the banks beside the same columns.
        return 0.0 if kind is None or "src_bank" in sample.columns else 1.0

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file mainly holds."""
        kind = _kind(sample.columns)
        return next(iter(kind.tables)) if kind else None

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size."""
        for chunk in text_rows(path):
            kind = _kind(tuple(chunk.rows.column_names))
            if kind is None:
                raise InputError(
                    "not in the format amlsim: the columns are those of none of its files",
                    where=f"{path.name}, header",
                    try_="run `moneytrail check` on the file; it names the format, or proposes a mapping",
                )
            for number, (table, expressions) in enumerate(kind.tables.items()):
                where = kind.where.get(table, "true")
                batch = translate(chunk, table, expressions, where=where, distinct=table == "labels")
                yield batch if number == 0 else without_rejects(batch)


def _kind(columns: tuple[str, ...]) -> _File | None:
    return next((kind for kind in _FILES if set(kind.columns) <= set(columns)), None)
