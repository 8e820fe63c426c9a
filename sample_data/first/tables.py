"""Write the bank as the tables of the contract, the ground truth and the labels."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sample_data.first.journal import CARD_CHANNELS, PHONE_CHANNELS
from sample_data.first.places import COUNTRY

if TYPE_CHECKING:
    from sample_data.first.bank import Bank, Told

CURRENCY = "EUR"
MONEY = pa.decimal128(18, 2)
PAYMENTS = pa.schema(
    [
        ("payment_id", pa.string()),
        ("payer", pa.string()),
        ("payee", pa.string()),
        ("amount", MONEY),
        ("currency", pa.string()),
        ("booked_on", pa.date32()),
        ("sent_at", pa.timestamp("us", tz="UTC")),
        ("utc_offset_min", pa.int32()),
        ("ts_quality", pa.string()),
        ("channel", pa.string()),
        ("payer_country", pa.string()),
        ("payee_country", pa.string()),
        ("mcc", pa.string()),
        ("merchant_name", pa.string()),
        ("terminal_id", pa.string()),
        ("city", pa.string()),
        ("country", pa.string()),
        ("purpose_code", pa.string()),
        ("narrative", pa.string()),
        ("payer_balance_after", MONEY),
        ("payee_balance_after", MONEY),
        ("card_id", pa.string()),
        ("device_id", pa.string()),
        ("depositor_id", pa.string()),
        ("employee_ref", pa.string()),
        ("claimant_ref", pa.string()),
        ("status", pa.string()),
        ("reversal_of", pa.string()),
    ]
)
ACCOUNTS = (
    "account_id",
    "customer_id",
    "kind",
    "opened_on",
    "closed_on",
    "branch_id",
    "opening_device_id",
    "introducer_id",
    "currency",
    "licensed_intermediary",
)
CUSTOMERS = (
    "customer_id",
    "kind",
    "age_band",
    "occupation_group",
    "sector",
    "declared_income",
    "declared_turnover",
    "headcount",
    "opening_hours",
    "home_city",
    "home_country",
    "household_id",
)
LINKS = ("customer_id", "kind", "value_hash", "valid_from", "valid_to")
LABELS = ("subject", "typology", "case_id", "role", "outcome", "labelled_on")


def write(bank: Bank, out: Path, payments_format: str = "parquet") -> None:
    """Write all tables into a folder, made if missing; the same bank gives the same bytes."""
    out.mkdir(parents=True, exist_ok=True)
    table = payments_table(bank)
    if payments_format == "parquet":
        # Columns whose values hardly repeat are smaller without a dictionary; moments in order are small as steps.
        lone = {"payment_id", "amount", "sent_at", "payer_balance_after", "payee_balance_after"}
        pq.write_table(
            table,
            out / "payments.parquet",
            compression="zstd",
            compression_level=19,
            use_dictionary=[name for name in table.column_names if name not in lone],
            column_encoding={"sent_at": "DELTA_BINARY_PACKED"},
            store_decimal_as_integer=True,
            row_group_size=1 << 20,
        )
    else:
        _write_csv(out / "payments.csv", table.column_names, (_as_text(row) for row in table.to_pylist()))
    _write_csv(out / "accounts.csv", ACCOUNTS, account_rows(bank))
    _write_csv(out / "customers.csv", CUSTOMERS, customer_rows(bank))
    _write_csv(out / "links.csv", LINKS, link_rows(bank))
    _write_csv(out / "labels.csv", LABELS, label_rows(bank))
    text = json.dumps(truth(bank), indent=1, ensure_ascii=False)
    (out / "truth.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def payments_table(bank: Bank) -> pa.Table:
    """Give the payments in time order as an Arrow table of the contract's columns."""
    by_account = {account.account_id: holder for holder, account in bank.population.accounts}
    columns: dict[str, list] = {name: [] for name in PAYMENTS.names}
    for entry in bank.entries:
        place, known = entry.place, entry.ts_quality != "date_only"
        payer = by_account.get(entry.payer)
        row = {
            "payment_id": entry.payment_id,
            "payer": entry.payer,
            "payee": entry.payee,
            "amount": _major(entry.amount_minor),
            "currency": CURRENCY,
            "booked_on": bank.clock.local_date(entry.at),
            "sent_at": entry.at * 1_000_000 if known else None,
            "utc_offset_min": bank.clock.offset_minutes(entry.at) if known else None,
            "ts_quality": entry.ts_quality,
            "channel": entry.channel,
            "payer_country": bank.population.country_of.get(entry.payer, COUNTRY),
            "payee_country": _country_of_payee(bank, entry),
            "mcc": place and place.mcc,
            "merchant_name": place and place.name,
            "terminal_id": place and place.terminal,
            "city": place and place.city,
            "country": place and place.city and place.country,
            "purpose_code": entry.purpose,
            "narrative": entry.narrative,
            "payer_balance_after": _major(entry.payer_after),
            "payee_balance_after": _major(entry.payee_after),
            "card_id": payer.card if payer and entry.channel in CARD_CHANNELS else None,
            "device_id": f"V{payer.device}" if payer and entry.channel in PHONE_CHANNELS else None,
            "depositor_id": entry.depositor,
            "employee_ref": entry.employee,
            "claimant_ref": entry.claimant,
            "status": entry.status,
            "reversal_of": entry.reverses.payment_id if entry.reverses else None,
        }
        for name, value in row.items():
            columns[name].append(value)
    return pa.table(columns, schema=PAYMENTS)


def account_rows(bank: Bank) -> Iterator[tuple]:
    """Give the accounts in the order of their numbers, which says nothing."""
    for holder, account in sorted(bank.population.accounts, key=lambda pair: pair[1].account_id):
        yield (
            account.account_id,
            holder.customer_id,
            account.kind,
            account.opened_on,
            None,
            account.branch_id,
            account.opening_device,
            account.introducer,
            CURRENCY,
            "true" if account.licensed else "false",
        )


def customer_rows(bank: Bank) -> Iterator[tuple]:
    """Give the customers in the order of their numbers."""
    for holder in sorted(bank.population.holders, key=lambda holder: holder.customer_id):
        yield (
            holder.customer_id,
            holder.kind,
            holder.age_band,
            holder.occupation_group,
            holder.sector,
            holder.declared_income,
            holder.declared_turnover,
            holder.headcount,
            holder.opening_hours,
            holder.town,
            COUNTRY,
            holder.household_id,
        )


def link_rows(bank: Bank) -> Iterator[tuple]:
    """Give phone, e-mail, address, device and employer of each customer as keyed hashes."""
    key = f"sample bank {bank.seed}".encode()

    def hashed(kind: str, value: str) -> str:
        return hashlib.blake2b(f"{kind} {value}".encode(), key=key, digest_size=6).hexdigest()

    for holder in sorted(bank.population.holders, key=lambda holder: holder.customer_id):
        links = [
            ("phone", holder.phone),
            ("email", holder.token),
            ("address", holder.address),
            ("device", holder.device),
        ]
        if holder.employer is not None and holder.income == "wage":
            employer = holder.employer if isinstance(holder.employer, str) else holder.employer.node
            links.append(("employer", employer))
        if holder.account.introducer is not None:
            links.append(("introducer", holder.account.introducer))
        for kind, value in links:
            yield holder.customer_id, kind, hashed(kind, value), holder.account.opened_on, None


def label_rows(bank: Bank) -> Iterator[tuple]:
    """Give one row per account in a planted case; look-alikes carry no label, as in life."""
    rows = [
        (subject, told.plot.typology, case_id(bank, told), role, "planted", bank.clock.end)
        for told in bank.told
        if told.case
        for subject, role in told.story.roles.items()
    ]
    yield from sorted(rows)


def case_id(bank: Bank, told: Told) -> str:
    """Name a planted case."""
    return f"case-{told.story.number + 1:02d}"


def truth(bank: Bank) -> dict:
    """Give the ground truth: what was planted where, with roles and payments, and who only looks alike."""
    paid: dict[int, list[str]] = {}
    for entry in bank.entries:
        if entry.story >= 0:
            paid.setdefault(entry.story, []).append(entry.payment_id)
    cases, innocents = [], []
    for told in bank.told:
        story = told.story
        accounts = [{"account_id": account, "role": role} for account, role in sorted(story.roles.items())]
        payments = paid.get(story.number, [])
        if told.case:
            about = {"case_id": case_id(bank, told), "kind": told.plot.code, "name": story.name}
            about |= {
                "typology": told.plot.typology,
                "variant": story.variant,
                "evading": story.variant != "plain",
            }
            cases.append({**about, "accounts": accounts, "payments": payments})
        else:
            about = {"archetype": told.plot.code, "name": story.name, "variant": story.variant}
            innocents.append({**about, "accounts": accounts})
    return {
        "invented": True,
        "seed": bank.seed,
        "customers": len(bank.population.holders),
        "start": bank.clock.start.isoformat(),
        "days": bank.clock.days,
        "cases": cases,
        "innocents": innocents,
    }


def _country_of_payee(bank: Bank, entry) -> str:
    """Give the payee's country; merchants are where they trade."""
    if entry.place is not None and entry.place.node == entry.payee:
        return entry.place.country
    return bank.population.country_of.get(entry.payee, COUNTRY)


def _major(minor: int | None) -> Decimal | None:
    """Give cents as an exact amount in euros."""
    return None if minor is None else Decimal(minor).scaleb(-2)


def _as_text(row: dict) -> list:
    """Give a payment as CSV cells, with the moment in ISO 8601 UTC."""
    if row["sent_at"] is not None:
        row["sent_at"] = row["sent_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return list(row.values())


def _write_csv(path: Path, names, rows) -> None:
    """Write a CSV file in UTF-8 with plain line ends on every system."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
