"""The canonical columns: what a payment, an account, a customer, a link and a reject are.

One payment is one arrow from payer to payee. Amounts are int64 minor units; times are UTC with microseconds. The
column names are those of the outside contract, with the unit in the name where the contract's text column became a
number (`amount` -> `amount_minor`).

Not columns, by design: nationality, birthplace, religion, sex, names of persons.
"""

from __future__ import annotations

from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

UTC: Final = pa.timestamp("us", tz="UTC")

PAYMENTS: Final = pa.schema(
    [
        pa.field("payment_id", pa.string(), nullable=False),
        pa.field("payer", pa.string(), nullable=False),
        pa.field("payee", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("booked_on", pa.date32(), nullable=False),
        # The instant used for order in time: sent_at where it is known, else midnight UTC of booked_on.
        pa.field("at", UTC, nullable=False),
        pa.field("sent_at", UTC),
        pa.field("utc_offset_min", pa.int16()),
        pa.field("ts_quality", pa.string(), nullable=False),
        pa.field("channel", pa.string(), nullable=False),
        pa.field("payer_country", pa.string()),
        pa.field("payee_country", pa.string()),
        pa.field("mcc", pa.string()),
        pa.field("merchant_name", pa.string()),
        pa.field("terminal_id", pa.string()),
        pa.field("city", pa.string()),
        pa.field("country", pa.string()),
        pa.field("purpose_code", pa.string()),
        pa.field("narrative", pa.string()),
        pa.field("payer_balance_after_minor", pa.int64()),
        pa.field("payee_balance_after_minor", pa.int64()),
        pa.field("card_id", pa.string()),
        pa.field("device_id", pa.string()),
        pa.field("depositor_id", pa.string()),
        pa.field("employee_ref", pa.string()),
        pa.field("claimant_ref", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("reversal_of", pa.string()),
        # What the payee received where the bank exchanged the money; both null otherwise.
        pa.field("received_minor", pa.int64()),
        pa.field("received_currency", pa.string()),
        # Where the row came from: content hash of its file (sha256, hex) and the line (CSV) or row number in it.
        pa.field("source_file", pa.string(), nullable=False),
        pa.field("source_line", pa.int64(), nullable=False),
    ]
)
"""One row per payment, as kept in the ledger."""

ACCOUNTS: Final = pa.schema(
    [
        pa.field("account_id", pa.string(), nullable=False),
        pa.field("customer_id", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("opened_on", pa.date32()),
        pa.field("closed_on", pa.date32()),
        pa.field("branch_id", pa.string()),
        pa.field("opening_device_id", pa.string()),
        pa.field("introducer_id", pa.string()),
        pa.field("currency", pa.string()),
        pa.field("licensed_intermediary", pa.bool_()),
        # Whose reporting rules hold for the account, where the institution has chosen.
        pa.field("jurisdiction", pa.string()),
    ]
)

CUSTOMERS: Final = pa.schema(
    [
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("kind", pa.string()),
        pa.field("age_band", pa.string()),
        pa.field("occupation_group", pa.string()),
        pa.field("sector", pa.string()),
        pa.field("declared_income", pa.decimal128(18, 2)),
        pa.field("declared_turnover", pa.decimal128(18, 2)),
        pa.field("headcount", pa.int64()),
        pa.field("opening_hours", pa.string()),
        pa.field("home_city", pa.string()),
        pa.field("home_country", pa.string()),
        pa.field("household_id", pa.string()),
    ]
)

LINKS: Final = pa.schema(
    [
        pa.field("customer_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value_hash", pa.string(), nullable=False),
        pa.field("valid_from", pa.date32()),
        pa.field("valid_to", pa.date32()),
    ]
)

LABELS: Final = pa.schema(
    [
        pa.field("subject", pa.string(), nullable=False),
        pa.field("typology", pa.string()),
        pa.field("case_id", pa.string()),
        pa.field("role", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("labelled_on", pa.date32()),
    ]
)

SIDE_TABLES: Final = {"accounts": ACCOUNTS, "customers": CUSTOMERS, "links": LINKS, "labels": LABELS}
"""The tables beside the payments, by name."""

SIDE_KEYS: Final = {
    "accounts": ("account_id",),
    "customers": ("customer_id",),
    "links": ("customer_id", "kind", "value_hash", "valid_from"),
    "labels": ("subject", "typology", "case_id"),
}
"""The columns that name a row of each side table; a later file replaces a row of the same name."""

REJECTS: Final = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),  # name without its folder
        pa.field("line", pa.int64(), nullable=False),  # CSV: line in the file, header is 1; Parquet: row, from 1
        pa.field("column", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),  # a key of `flows.check.REASONS`
        pa.field("row", pa.string(), nullable=False),  # the row as read, as JSON
        pa.field("amount_minor", pa.int64()),  # where the amount itself could be read
        pa.field("currency", pa.string()),
    ]
)
"""One row per rejected row; the first reason found decides."""

CHANNELS: Final = [
    "cash_branch",
    "cash_adm",
    "atm_wd",
    "card_pos",
    "card_cnp",
    "p2p",
    "e_transfer",
    "instant",
    "sct",
    "wire",
    "direct_debit",
    "cheque",
    "msb",
    "prepaid_load",
    "crypto",
    "payroll_file",
    "benefit",
    "fee",
    "internal",
    "other",
]

PAID_REGULARLY: Final = ("SALA", "PAYR", "PENS", "BENE", "SSBE", "BONU")
"""ISO 20022 purpose codes of wages, pensions and benefits: money that many are paid by one, lawfully."""

TS_QUALITIES: Final = ("event", "batch", "date_only")

STATUSES: Final = ("booked", "pending", "reversed", "attempted")

OUTSIDE_PREFIXES: Final = ("ext:", "cash:", "mer:", "fee:", "msb:", "vasp:", "gov:")
"""Node ids with these prefixes are not accounts of the bank."""


Whose = Literal["own", "persons", "all"]
"""Accounts of whom: the bank's own; also those elsewhere behind which somebody may stand; machines, shops, fees too."""

NOT_MEANT: Final[dict[Whose, tuple[str, ...]]] = {
    "own": OUTSIDE_PREFIXES,
    "persons": tuple(prefix for prefix in OUTSIDE_PREFIXES if prefix != "ext:"),
    "all": (),
}
"""How the ids of nodes begin that are not meant."""


def node_class(node: str) -> str:
    """Give the class of a node id: its prefix without the colon, or ``"account"`` for the bank's own.

    Examples
    --------
    >>> node_class("cash:atm-7"), node_class("FR76-1")
    ('cash', 'account')
    """
    for prefix in OUTSIDE_PREFIXES:
        if node.startswith(prefix):
            return prefix[:-1]
    return "account"


def with_values(name: str, table: pa.Table) -> frozenset[str]:
    """Say which columns of a table of the contract hold any value, as ``table.column``.

    ``payments.sent_at`` is there if the time of some event is; the hour of a batch says nothing. A purpose is known if
    some payment has a code for it, or came by payroll file or as a benefit, which says as much.
    """
    here = {f"{name}.{column}" for column in table.column_names if table[column].null_count < table.num_rows}
    if name == "payments":
        if not pc.any(pc.equal(table["ts_quality"], "event")).as_py():
            here.discard("payments.sent_at")
        if pc.any(pc.is_in(table["channel"], value_set=pa.array(["payroll_file", "benefit"]))).as_py():
            here.add("payments.purpose_code")
    return frozenset(here)
