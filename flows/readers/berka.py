"""The Czech bank of PKDD'99 (Berka): bookings of one bank's own accounts, 1993 to 1998."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from flows.delimited import Chunk, header_of, read_delimited
from flows.errors import InputError
from flows.expressions import query
from flows.reading import RawBatch, Sample, Table
from flows.translation import age_band, expecting, translate

_TRANS = ("trans_id", "account_id", "date", "type", "operation", "amount", "balance", "k_symbol", "bank", "account")
_ACCOUNT = ("account_id", "district_id", "frequency", "date")
_CLIENT = ("client_id", "birth_number", "district_id")
_DISP = ("disp_id", "client_id", "account_id", "type")

# Tables of the set that hold nothing the contract has a place for.
_WITHOUT = {
    "disp": _DISP,
    "order": ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol"),
    "loan": ("loan_id", "account_id", "date", "amount", "duration", "payments", "status"),
    "card": ("card_id", "disp_id", "type", "issued"),
    "district": tuple(f"A{number}" for number in range(1, 17)),
}

_CREDIT = "type = 'PRIJEM'"

# The bank itself pays interest, and takes fees and penalty interest; such rows are booked as cash or as nothing.
_BANK = "k_symbol in ('UROK', 'SLUZBY', 'SANKC. UROK')"

_OTHER_SIDE = f"""case
    when {_BANK} then 'fee:bank'
    when operation in ('PREVOD Z UCTU', 'PREVOD NA UCET') then 'ext:' || coalesce(
        nullif(bank, '') || '-' || nullif(account, ''), 'unnamed')
    when operation = 'VYBER KARTOU' then 'cash:atm'
    when operation in ('VKLAD', 'VYBER') then 'cash:branch'
    else 'ext:unnamed' end"""

# What the bank noted, as ISO 20022 purpose codes where there is one.
_PURPOSES = """case trim(k_symbol)
    when 'SIPO' then 'UBIL' when 'UVER' then 'LOAR' when 'POJISTNE' then 'INSU' when 'DUCHOD' then 'PENS'
    when 'UROK' then 'INTE' when 'SANKC. UROK' then 'INTE' when 'SLUZBY' then 'BKFE' end"""

_WORDS = """case trim(k_symbol)
    when 'SIPO' then 'household' when 'UVER' then 'loan' when 'POJISTNE' then 'insurance'
    when 'DUCHOD' then 'pension' when 'UROK' then 'interest' when 'SANKC. UROK' then 'penalty interest'
    when 'SLUZBY' then 'fee for statements' when '' then null else trim(k_symbol) end"""


def _day(column: str) -> str:
    parts = f"'19' || {column}[1:2] || '-' || {column}[3:4] || '-' || {column}[5:6]"
    return f"case when regexp_full_match({column}, '[0-9]{{6}}') then {parts} else {column} end"


_PAYMENTS = {
    "payment_id": "trans_id",
    "payer": f"case when {_CREDIT} then {_OTHER_SIDE} else account_id end",
    "payee": f"case when {_CREDIT} then account_id else {_OTHER_SIDE} end",
    "amount": "amount",
    "currency": "'CZK'",
    "booked_on": _day("date"),
    "channel": f"""case
        when {_BANK} then 'fee'
        when k_symbol = 'DUCHOD' then 'benefit'
        when operation in ('PREVOD Z UCTU', 'PREVOD NA UCET') then 'sct'
        when operation = 'VYBER KARTOU' then 'atm_wd'
        when operation in ('VKLAD', 'VYBER') then 'cash_branch'
        else 'other' end""",
    "purpose_code": _PURPOSES,
    "narrative": _WORDS,
    "payer_balance_after": f"case when not {_CREDIT} then balance end",
    "payee_balance_after": f"case when {_CREDIT} then balance end",
}

# The middle digits of a birth number give the month, with 50 added for women; only the year is used here. The set ends
# with 1998, and an age is meaningful then.
_CUSTOMERS = {
    "customer_id": "client_id",
    "kind": "'person'",
    "age_band": age_band("98 - try_cast(left(birth_number, 2) as integer)"),
    "home_city": "'district ' || district_id",
    "home_country": "'CZ'",
}


class Berka:
    """Read ``trans``, ``account`` and ``client`` of the Berka set.

    Each booking is one side only: the other is the partner's bank and account (``ext:BANK-ACCOUNT``), cash
    (``cash:branch``, ``cash:atm``) or the bank itself (``fee:bank`` for interest and fees). Sex, which the birth number
    tells, and birth dates are not read. An account gets its owner as customer if `disp.asc` lies beside `account.asc`.
    The other tables are recognised and hold nothing to read.
    """

    def recognises(self, sample: Sample) -> float:
        """Say how surely a file is of this format: 0 no, 1 certainly."""
        return float(_table_name(header_of(sample.head, ";")) != "")

    def table(self, sample: Sample) -> Table | None:
        """Say which table of the contract a file holds."""
        tables: dict[str, Table] = {"trans": "payments", "account": "accounts", "client": "customers"}
        return tables.get(_table_name(header_of(sample.head, ";")))

    def read(self, path: Path) -> Iterator[RawBatch]:
        """Read a file in batches of bounded size."""
        for chunk in read_delimited(path, delimiter=";"):
            name = _table_name(tuple(chunk.rows.column_names[:-1]))
            if name == "account":
                yield _accounts(chunk, _owners(path.with_name("disp.asc")))
            elif name == "client":
                yield translate(chunk, "customers", _CUSTOMERS)
            elif name in _WITHOUT:
                raise InputError(
                    f"the {name} table of the Berka set holds no payments, accounts or customers",
                    where=path.name,
                    try_="leave it out; trans, account and client are read",
                )
            else:
                for known in expecting(_TRANS, iter([chunk]), path, "berka"):
                    yield translate(known, "payments", _PAYMENTS)


def _table_name(columns: tuple[str, ...]) -> str:
    kinds = {"trans": _TRANS, "account": _ACCOUNT, "client": _CLIENT, **_WITHOUT}
    return next((name for name, expected in kinds.items() if columns == expected), "")


def _owners(path: Path) -> pa.Table:
    """Give the owner of each account, where the table that says so lies beside."""
    nobody = pa.table({"account_id": pa.array([], pa.string()), "client_id": pa.array([], pa.string())})
    if not path.is_file():
        return nobody
    chunks = expecting(_DISP, read_delimited(path, delimiter=";"), path, "berka")
    rows = pa.concat_tables([chunk.rows for chunk in chunks])
    return query("select account_id, min(client_id) as client_id from rows where type = 'OWNER' group by 1", rows=rows)


def _accounts(chunk: Chunk, owners: pa.Table) -> RawBatch:
    rows = query(
        "select rows.*, client_id from rows left join owners using (account_id) order by line",
        rows=chunk.rows,
        owners=owners,
    )
    expressions = {
        "account_id": "account_id",
        "customer_id": "client_id",
        "kind": "'current'",
        "opened_on": _day("date"),
        "branch_id": "'district ' || district_id",
        "currency": "'CZK'",
    }
    return translate(Chunk(rows, chunk.rejects), "accounts", expressions)
